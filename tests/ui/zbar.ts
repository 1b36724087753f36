/** Somebody else's reader of codes on what a page shows: zbarimg on a screenshot. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The codes in a PNG file's bytes, in the reader's order. Empty when it sees none. */
export function readCodes(png: Uint8Array, symbology: 'qrcode' | 'code128'): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-zbar-'))
  const path = join(dir, 'screen.png')
  try {
    writeFileSync(path, png)
    const enable = `-S${symbology}.enable`
    const text = execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', enable, path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return text.split('\n').filter((line) => line !== '')
  } catch {
    // It ends with 4 when there is no code.
    return []
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
