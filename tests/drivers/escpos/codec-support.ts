/** What the codec's tests share: an encoder, a reader of the bytes it makes, and code pages as glibc knows them. */
import { execFileSync } from 'node:child_process'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import type { CodePageName } from '../../../src/drivers/printers/common/layout/code-pages.ts'
import type { EncodedPrint } from '../../../src/drivers/printers/common/layout/encoder.ts'
import { EscposEncoder } from '../../../src/drivers/printers/escpos/codec.ts'
import { type EscposSettings, escposSettingsSchema } from '../../../src/drivers/printers/escpos/settings.ts'
import type { Block } from '../../../src/protocol/receipt.ts'
import { TestClock } from '../../support/clock.ts'

export function settingsWith(settings: Partial<EscposSettings> = {}): EscposSettings {
  return escposSettingsSchema.parse(settings)
}

export function newImaging(): Imaging {
  return new Imaging({ clock: new TestClock() })
}

export function encoderWith(
  settings: Partial<EscposSettings> = {},
  imaging: Imaging = newImaging(),
): EscposEncoder {
  return new EscposEncoder(settingsWith(settings), imaging)
}

/** Encodes what must not need the worker. */
export function encodeNow(encoder: EscposEncoder, blocks: Block[]): EncodedPrint {
  const encoded = encoder.prepare({ receipt: { blocks } })
  if (encoded instanceof Promise) throw new Error('it needs the worker')
  return encoded
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').replace(/../g, '$& ').trim()
}

/** What every copy begins with: ESC @, ESC R 0, FS . */
export const preamble = '1b 40 1b 52 00 1c 2e'

/** The bytes of blocks between the beginning and the end of a copy, as hex. */
export function bodyHex(blocks: Block[], settings: Partial<EscposSettings> = {}): string {
  const whole = hex(encodeNow(encoderWith(settings), blocks).copies[0]!)
  if (!whole.startsWith(preamble)) throw new Error(`does not begin with ${preamble}`)
  return whole.slice(preamble.length).trim()
}

/** glibc's names of the pages it knows. */
export const glibcNames: Readonly<Partial<Record<CodePageName, string>>> = {
  ...Object.fromEntries(
    [437, 737, 775, 850, 851, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 1125].map((n) => [
      `cp${n}`,
      `CP${n}`,
    ]),
  ),
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => [`windows-125${n}`, `CP125${n}`])),
  'iso-8859-2': 'ISO-8859-2',
  'iso-8859-7': 'ISO-8859-7',
  'iso-8859-15': 'ISO-8859-15',
}

/** Characters of bytes 80h to FFh as `iconv` decodes them; an empty string where it cannot. */
export function iconvTable(name: string): string[] {
  // A byte a line: iconv -c leaves out what it cannot decode, and the line tells which it was.
  const input = Buffer.concat(Array.from({ length: 128 }, (_, index) => Buffer.from([128 + index, 0x0a])))
  let output: Buffer
  try {
    output = execFileSync('iconv', ['-c', '-f', name, '-t', 'UTF-8'], {
      input,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  } catch (error) {
    // It exits with 1 when it has left something out.
    output = (error as { stdout: Buffer }).stdout
  }
  return output.toString('utf8').split('\n').slice(0, 128)
}

export type Part =
  | { text: string }
  | { raster: { widthBytes: number; rows: number; data: Uint8Array } }
  | { command: string }

/**
 * Reads what the encoder makes, knowing nothing of how it was made: text by the page that is selected, pictures, and all
 * other commands by their name in hex. `tables`: characters of 80h to FFh by ESC t number.
 */
export function readBack(
  bytes: Uint8Array,
  tables: ReadonlyMap<number, readonly string[]> = new Map(),
): Part[] {
  const parts: Part[] = []
  let table: readonly string[] | undefined
  let twoByte = false
  const say = (text: string) => {
    const last = parts.at(-1)
    if (last !== undefined && 'text' in last) last.text += text
    else parts.push({ text })
  }
  const word = (at: number) => bytes[at]! | (bytes[at + 1]! << 8)
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!
    const two = `${byte.toString(16)} ${bytes[at + 1]?.toString(16)}`
    if (byte !== 0x1b && byte !== 0x1c && byte !== 0x1d) {
      if (byte < 0x80) say(String.fromCharCode(byte))
      else if (twoByte) say(new TextDecoder('shift_jis').decode(bytes.subarray(at, at + 2)))
      else say(table?.[byte - 128] || '\ufffd')
      at += twoByte && byte >= 0x80 ? 2 : 1
    } else if (two === '1b 74') {
      table = tables.get(bytes[at + 2]!)
      at += 3
    } else if (two === '1c 43') {
      twoByte = bytes[at + 2] === 1
      at += 3
    } else if (two === '1c 26' || two === '1c 2e') {
      at += 2
    } else if (two === '1d 76') {
      const length = word(at + 4) * word(at + 6)
      parts.push({
        raster: { widthBytes: word(at + 4), rows: word(at + 6), data: bytes.slice(at + 8, at + 8 + length) },
      })
      at += 8 + length
    } else {
      const length = lengthOf(bytes, at, two)
      parts.push({ command: hex(bytes.subarray(at, at + length)) })
      at += length
    }
  }
  return parts
}

function lengthOf(bytes: Uint8Array, at: number, two: string): number {
  if (two === '1d 28') return 5 + (bytes[at + 3]! | (bytes[at + 4]! << 8))
  if (two === '1d 6b') return 4 + bytes[at + 3]!
  const fixed: Readonly<Record<string, number>> = {
    '1b 40': 2,
    '1b 70': 5,
    '1b 52': 3,
    '1b 61': 3,
    '1b 45': 3,
    '1b 2d': 3,
    '1c 2d': 3,
    '1b 4d': 3,
    '1b 64': 3,
    '1d 21': 3,
    '1d 42': 3,
    '1d 56': 3,
    '1d 68': 3,
    '1d 77': 3,
    '1d 48': 3,
  }
  const length = fixed[two]
  if (length === undefined) throw new Error(`unknown command ${two}`)
  return length
}

/** All text that was written, pictures left out. */
export function textOf(bytes: Uint8Array, tables: ReadonlyMap<number, readonly string[]>): string {
  return readBack(bytes, tables)
    .map((part) => ('text' in part ? part.text : ''))
    .join('')
}
