/** Whether udev is done with a device: before that its lasting names and rights are not there. */
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * How long after a change a list is looked through once more: udev tells the file system of its links, and of the end of its work
 * only its own listeners.
 */
export const udevSecondLookMs = 2_000

/**
 * udev keeps a file on each device it is done with (the `initialized` of libudev). `deviceFolder`: the device's folder in sysfs, which
 * has its number in `dev`. True where there is no udev, or no number to look for.
 */
export async function isSetUp(runFolder: string, deviceFolder: string): Promise<boolean> {
  const number = (await readFile(join(deviceFolder, 'dev'), 'utf8').catch(() => '')).trim()
  if (number === '' || !(await exists(join(runFolder, 'udev/control')))) return true
  return exists(join(runFolder, `udev/data/c${number}`))
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
