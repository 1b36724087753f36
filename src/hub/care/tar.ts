/** Writes and reads archives in the ustar format (POSIX.1-2024, pax, "ustar Interchange Format"): plain files only, piece by piece. */
import { HubError } from '../../protocol/errors.ts'

export interface TarEntry {
  /** Path with `/`, relative. */
  name: string
  /** In bytes. */
  size: number
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export const tarLimits = {
  /** What the field of twelve octal digits holds. */
  fileBytesMax: 8 * 1024 ** 3 - 1,
  /** Of a name, and of the folder before it, in bytes. */
  nameBytesMax: 100,
  prefixBytesMax: 155,
} as const

const blockBytes = 512
const magic = 'ustar\u000000'
const fileTypes: ReadonlySet<string> = new Set(['0', '\0'])

/** Splits a path as the header holds it; undefined for one that does not fit. */
export function tarName(path: string): { prefix: string; name: string } | undefined {
  const fits = (text: string, max: number) => Buffer.byteLength(text) <= max
  if (fits(path, tarLimits.nameBytesMax)) return { prefix: '', name: path }
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (fits(name, tarLimits.nameBytesMax) && fits(prefix, tarLimits.prefixBytesMax)) return { prefix, name }
  }
  return undefined
}

/** `at`: time of the files in ms since 1970. Throws when a content is not as long as it was said to be. */
export async function* writeTar(
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
  at: number,
): AsyncGenerator<Uint8Array> {
  for await (const { name, size, content } of entries) {
    yield header(name, size, at)
    let written = 0
    for await (const piece of content) {
      written += piece.length
      yield piece
    }
    if (written !== size)
      throw new HubError('internal', { reason: `${name} has ${written} bytes, not ${size}` })
    yield new Uint8Array(padding(size))
  }
  yield new Uint8Array(2 * blockBytes)
}

/** The content of an entry has to be read, or is passed over, before the next one. Throws `backup_invalid` for another format. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new PieceReader(source)
  for (;;) {
    const block = await reader.exactly(blockBytes)
    if (block.every((byte) => byte === 0)) break
    const { name, size } = readHeader(block)
    const content = reader.pieces(size)
    yield { name, size, content }
    for await (const _rest of content);
    await reader.exactly(padding(size))
  }
  for await (const _rest of reader.pieces(Number.POSITIVE_INFINITY));
}

const padding = (size: number): number => (blockBytes - (size % blockBytes)) % blockBytes

function header(path: string, size: number, at: number): Uint8Array {
  const split = tarName(path)
  if (split === undefined || size > tarLimits.fileBytesMax)
    throw new HubError('internal', { reason: `${path} does not fit into an archive` })
  const block = Buffer.alloc(blockBytes)
  const octal = (value: number, offset: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, '0')}\0`, offset, 'latin1')
  block.write(split.name, 0)
  octal(0o600, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(Math.floor(at / 1000), 136, 11)
  block.write('0', 156, 'latin1')
  block.write(magic, 257, 'latin1')
  block.write(split.prefix, 345)
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

/** The sum of all bytes, with the field of the sum itself taken for blanks. */
function checksum(block: Uint8Array): number {
  let sum = 8 * 0x20
  for (const [at, byte] of block.entries()) if (at < 148 || at >= 156) sum += byte
  return sum
}

function readHeader(bytes: Uint8Array): { name: string; size: number } {
  const block = Buffer.from(bytes)
  const text = (from: number, length: number) => {
    const field = block.subarray(from, from + length)
    const end = field.indexOf(0)
    return field.subarray(0, end < 0 ? length : end).toString('utf8')
  }
  const octal = (from: number, length: number) => Number.parseInt(text(from, length).trim(), 8)
  const [prefix, name, size] = [text(345, 155), text(0, 100), octal(124, 12)]
  const type = String.fromCharCode(block[156] ?? 0)
  const sound = octal(148, 8) === checksum(block) && text(257, 5) === 'ustar' && fileTypes.has(type)
  if (!sound || !Number.isSafeInteger(size) || size < 0)
    throw new HubError('backup_invalid', { reason: 'what is in it is no archive of files' })
  return { name: prefix === '' ? name : `${prefix}/${name}`, size }
}

/** Pieces as they come, asked for by length. */
class PieceReader {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async exactly(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const piece of this.pieces(length)) parts.push(piece)
    return Buffer.concat(parts)
  }

  /** Exactly so many bytes, or with an infinite length all that are left. */
  async *pieces(length: number): AsyncGenerator<Uint8Array> {
    let left = length
    while (left > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#source.next()
        if (next.done === true) {
          if (left === Number.POSITIVE_INFINITY) return
          throw new HubError('backup_invalid', { reason: 'its archive is cut off' })
        }
        this.#rest = next.value
        continue
      }
      const piece = this.#rest.subarray(0, Math.min(left, this.#rest.length))
      this.#rest = this.#rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }
}
