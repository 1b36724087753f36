/** The data of a print of QZ Tray as payloads of print jobs: raw commands with pictures between, or documents of dots and pages. */
import type { PrintPayload } from '../../../protocol/job.ts'
import { receiptLimits } from '../../../protocol/receipt.ts'
import { encodeText } from './charsets.ts'
import { qzLimits } from './qz-limits.ts'
import { wrong } from './refusal.ts'

/** One part of the data, with everything that the client leaves to defaults. */
interface Part {
  type: string
  format: string
  flavor: string
  data: string
  options: Record<string, unknown>
  path: string
}

const word = (value: unknown, otherwise: string): string =>
  typeof value === 'string' && value !== '' ? value.toLowerCase() : otherwise

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `dpi`: of the printer, for sizes in inches or millimetres. Throws `params_invalid`. */
export function readPrint(params: Record<string, unknown>, dpi: number): PrintPayload[] {
  const options = isObject(params.options) ? params.options : {}
  const { data } = params
  if (!Array.isArray(data) || data.length === 0) throw wrong('data', 'has nothing to print')
  if (data.length > qzLimits.partsMax) throw wrong('data', `has more than ${qzLimits.partsMax} parts`)
  const parts = data.map(readPart)
  const copies = copiesOf(options)
  const kind = parts[0]?.type
  const odd = parts.find(({ type }) => type !== kind)
  if (odd !== undefined)
    throw wrong(odd.path, 'mixes raw and pixel in one print; print them one after the other')
  const more = copies === 1 ? {} : { copies }
  if (kind === 'raw') return [{ ...rawOf(parts, options), ...more }]
  return pixelOf(parts, options, dpi).map((payload) => ({ ...payload, ...more }))
}

function copiesOf({ copies = 1 }: Record<string, unknown>): number {
  const most = receiptLimits.copiesMax
  if (typeof copies === 'number' && Number.isInteger(copies) && copies >= 1 && copies <= most) return copies
  throw wrong('options.copies', `is not a number from 1 to ${most}`)
}

function readPart(given: unknown, index: number): Part {
  const path = `data.${index}`
  if (typeof given === 'string')
    return { type: 'raw', format: 'command', flavor: 'plain', data: given, options: {}, path }
  if (!isObject(given) || typeof given.data !== 'string') throw wrong(path, 'is neither text nor has data')
  const type = word(given.type, 'raw')
  if (type !== 'raw' && type !== 'pixel') throw wrong(`${path}.type`, 'is neither raw nor pixel')
  const format = word(given.format, type === 'raw' ? 'command' : 'image')
  const flavor = word(given.flavor, format === 'command' ? 'plain' : 'file')
  const options = isObject(given.options) ? given.options : {}
  return inline({ type, format, flavor, data: given.data, options, path })
}

/** A data URL needs nobody to fetch it; everything else that is a file stays where it is. */
function inline(part: Part): Part {
  if (part.flavor !== 'file') return part
  const found = /^data:[^,]{0,200};base64,/.exec(part.data)
  if (found !== null) return { ...part, flavor: 'base64', data: part.data.slice(found[0].length) }
  throw wrong(
    `${part.path}.flavor`,
    'is file: the hub fetches nothing for a page; send the content as base64',
  )
}

function rawOf(parts: readonly Part[], options: Record<string, unknown>): PrintPayload {
  const charset = charsetOf(options)
  const chunks: Uint8Array[] = []
  const pictures: NonNullable<PrintPayload['pictures']> = []
  let at = 0
  for (const part of parts) {
    if (part.format === 'image') {
      const dither = word(part.options.quantization, '') === 'dither' ? 'floyd-steinberg' : 'threshold'
      pictures.push({ at, image: base64Of(part), dither })
    } else if (part.format === 'command') {
      const chunk = bytesOf(part, charset)
      chunks.push(chunk)
      at += chunk.length
    } else throw notDrawn(part)
  }
  // A payload holds at least one byte; LF is what a picture ends with anyway on paper that feeds by lines.
  const bytes = at === 0 && pictures.length > 0 ? Buffer.from('\n') : Buffer.concat(chunks)
  if (bytes.length === 0) throw wrong('data', 'has nothing to print')
  return { raw: bytes.toString('base64'), ...(pictures.length > 0 ? { pictures } : {}) }
}

function charsetOf({ encoding }: Record<string, unknown>): string | undefined {
  if (typeof encoding === 'string') return encoding
  return isObject(encoding) && typeof encoding.to === 'string' ? encoding.to : undefined
}

function bytesOf({ data, flavor, path }: Part, charset: string | undefined): Uint8Array {
  if (flavor === 'plain') return encodeText(data, charset)
  if (flavor === 'base64') return Buffer.from(checkedBase64(data, path), 'base64')
  if (flavor === 'hex') return hexBytes(data, path)
  throw wrong(`${path}.flavor`, `is ${flavor.slice(0, 20)}: the hub takes plain, base64 and hex`)
}

/** `1B40`, `1b 40`, `x1Bx40`, `0x1B,0x40`. */
function hexBytes(text: string, path: string): Uint8Array {
  const digits = text.replace(/\\?0?x|[\s,]/gi, '')
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) throw wrong(`${path}.data`, 'is not hex')
  return Buffer.from(digits, 'hex')
}

function checkedBase64(text: string, path: string): string {
  const plain = text.replaceAll(/\s/g, '')
  if (plain.length % 4 === 1 || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain))
    throw wrong(`${path}.data`, 'is not base64')
  return plain
}

function base64Of({ data, flavor, path }: Part): string {
  if (flavor !== 'base64') throw wrong(`${path}.flavor`, 'has to be base64')
  return checkedBase64(data, path)
}

/** Pictures of one print are one job, cut after each; each PDF is one. */
function pixelOf(parts: readonly Part[], options: Record<string, unknown>, dpi: number): PrintPayload[] {
  const payloads: PrintPayload[] = []
  const width = widthOf(options, dpi)
  let pictures: NonNullable<PrintPayload['receipt']>['blocks'] | undefined
  for (const part of parts) {
    if (part.format === 'image') {
      if (pictures === undefined) {
        pictures = []
        payloads.push({ receipt: { blocks: pictures } })
      }
      pictures.push({ type: 'image', png: base64Of(part), align: 'center', ...width }, { type: 'cut' })
    } else if (part.format === 'pdf') {
      if (part.options.pageRanges !== undefined)
        throw wrong(`${part.path}.options.pageRanges`, 'is not for the hub: it prints whole documents')
      pictures = undefined
      payloads.push({ pdf: base64Of(part) })
    } else throw notDrawn(part)
  }
  if (payloads.length > qzLimits.documentsMax)
    throw wrong('data', `has more than ${qzLimits.documentsMax} documents`)
  return payloads
}

/** Of a picture in dots: QZ Tray scales to the page unless it is told not to. */
function widthOf(options: Record<string, unknown>, dpi: number): { width?: number } {
  if (options.scaleContent === false) return {}
  const size = isObject(options.size) ? options.size.width : undefined
  if (typeof size !== 'number' || !(size > 0)) return { width: pictureDotsMax }
  const inches = { mm: 25.4, cm: 2.54 }[word(options.units, 'in')] ?? 1
  return { width: Math.max(pictureDotsMin, Math.min(pictureDotsMax, Math.round((size / inches) * dpi))) }
}

/** Of the image block of a receipt; wider than the paper becomes as wide as it. */
const pictureDotsMin = 8
const pictureDotsMax = 2_000

const notDrawn = ({ format, path, type }: Part) =>
  format === 'html'
    ? wrong(`${path}.format`, 'is html: the hub draws no web pages; send raw commands or an image')
    : wrong(`${path}.format`, `is ${format.slice(0, 20)}, which a ${type} print cannot hold here`)
