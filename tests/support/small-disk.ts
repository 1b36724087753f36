/** A disk that can be filled to the last byte. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A small disk of its own, so that filling it hurts nobody. Mounting needs root, which the gate has. */
export function smallDisk(megabytes = 4): {
  dir: string
  fill: () => void
  free: () => void
  remove: () => void
} {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tillbridge-test', dir])
  const ballast = join(dir, 'ballast')
  return {
    dir,
    fill() {
      // The hub writes meanwhile: what is left is asked for until nothing is.
      for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
        const { bavail, bsize } = statfsSync(dir)
        left = bavail * bsize
        try {
          writeFileSync(ballast, Buffer.alloc(left), { flag: 'a' })
        } catch {
          left = 0
        }
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      execFileSync('umount', ['-l', dir])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
