/**
 * The reports of HID POS scanners (usage page 8C) as pieces of codes, and those as scans. Pure; any bytes give an answer.
 * Source: HID Point of Sale Usage Tables 1.02 (usages FB to FF, Byte Count 01:3B); report 2 as Honeywell scanners send it.
 */
import type { Scan } from '../../../protocol/device.ts'
import { type HidDescriptor, type HidField, parseHidDescriptor } from '../../framing/hid-descriptor.ts'
import { findUsage, type HidPlace, readBits, readValue, splitReport } from '../../framing/hid-report.ts'
import { readScan, scanOf, withoutPrefixes } from '../../framing/scan.ts'
import type { Symbology } from '../../framing/symbologies.ts'
import { decodeText } from '../../framing/text.ts'
import type { HidPosScannerSettings } from './settings.ts'

export const scannerPage = 0x8c
const desktopPage = 0x01
const vendorPageFirst = 0xff00
const usages = { byteCount: 0x3b, aimFirst: 0xfb, decodedData: 0xfe, continued: 0xff } as const
const bracket = 0x5d

/** Report 2 after its id. */
const fixed = {
  reportId: 2,
  countAt: 0,
  aimAt: 1,
  dataAt: 4,
  dataBytes: 56,
  vendorAt: 60,
  continuedAt: 62,
  bytes: 63,
} as const

/** A piece of a code. */
export interface Piece {
  data: Uint8Array
  /** `]E0`, when the report has one. */
  aim: string | undefined
  /** The maker's byte for the symbology. */
  vendorId: number | undefined
  /** More of the same code follows in the next report. */
  continued: boolean
}

/** A piece, a report about something else, or none of a scanner. */
export type ScannerReport =
  | { kind: 'piece'; piece: Piece }
  | { kind: 'other' }
  | { kind: 'invalid'; reason: string; continued: boolean }

export type LayoutSettings = Pick<HidPosScannerSettings, 'layout' | 'shift' | 'countExtra'>

export interface ScannerLayout {
  /** `descriptor`: found by usages. `fixed`: report 2. */
  readonly from: 'descriptor' | 'fixed'
  /** Remembers where the last AIM identifier stood: of a model that has it one byte later not every report need have one. */
  read(bytes: Uint8Array): ScannerReport
}

/** Places in the body of the report that has the code, in bytes; what a model does not have is undefined. */
interface Places {
  reportId: number
  dataAt: number
  dataBytes: number
  count: ((body: Uint8Array) => number | undefined) | undefined
  countAt: number | undefined
  aimAt: number | undefined
  vendorId: (body: Uint8Array) => number | undefined
  continued: (body: Uint8Array) => boolean
}

/** The layout that a descriptor tells. Without a descriptor that has decoded data it is report 2. */
export function scannerLayout(descriptorBytes: Uint8Array, settings: LayoutSettings): ScannerLayout {
  const descriptor = parseHidDescriptor(settings.layout === 'auto' ? descriptorBytes : new Uint8Array(0))
  const found = findPlaces(descriptor)
  const places = found ?? fixedPlaces
  const hasIds = found === undefined || descriptor.hasIds
  let shift: 0 | 1 = settings.shift === '1' ? 1 : 0
  return {
    from: found === undefined ? 'fixed' : 'descriptor',
    read(bytes) {
      const report = splitReport({ hasIds }, bytes)
      if (report === undefined) return { kind: 'invalid', reason: 'an empty report', continued: false }
      if (report.id !== places.reportId) return { kind: 'other' }
      if (settings.shift === 'auto') shift = shiftOf(report.body, places) ?? shift
      return readPiece(report.body, places, shift, settings)
    },
  }
}

const fixedPlaces: Places = {
  reportId: fixed.reportId,
  dataAt: fixed.dataAt,
  dataBytes: fixed.dataBytes,
  count: (body) => body[fixed.countAt],
  countAt: fixed.countAt,
  aimAt: fixed.aimAt,
  vendorId: (body) => body[fixed.vendorAt],
  continued: (body) => ((body[fixed.continuedAt] ?? 0) & 1) === 1,
}

function findPlaces(descriptor: HidDescriptor): Places | undefined {
  const inputs = descriptor.reports.filter(({ kind }) => kind === 'input')
  const report = inputs.find(({ fields }) => fields.some(hasDecodedData))
  const data = report?.fields.find(hasDecodedData)
  if (report === undefined || data === undefined) return undefined
  const place = (page: number, usage: number) => findUsage(descriptor, 'input', page, usage, report.id)
  // A field may have the identifier and the code in one; in a list of bytes every place is code.
  const before = data.variable ? (place(scannerPage, usages.decodedData)?.index ?? 0) : 0
  const count = place(desktopPage, usages.byteCount)
  const continued = place(scannerPage, usages.continued)
  const vendor = report.fields.find(
    ({ usages: [first], constant, bitSize }) =>
      !constant && bitSize === 8 && (first?.page ?? 0) >= vendorPageFirst,
  )
  return {
    reportId: report.id,
    dataAt: data.bitOffset / 8 + before,
    dataBytes: data.count - before,
    count: count === undefined ? undefined : (body) => readValue(body, count),
    countAt: byteAt(count),
    aimAt: byteAt(place(scannerPage, usages.aimFirst)),
    vendorId: (body) => (vendor === undefined ? undefined : readBits(body, vendor.bitOffset, vendor.bitSize)),
    continued: (body) => continued !== undefined && readValue(body, continued) === 1,
  }
}

/** Bytes, however the field is declared: as values of their own or as a list. */
function hasDecodedData({ usages: ranges, constant, bitSize, bitOffset }: HidField): boolean {
  if (constant || bitSize !== 8 || bitOffset % 8 !== 0) return false
  return ranges.some(
    ({ page, usage, last }) =>
      page === scannerPage && usage <= usages.decodedData && last >= usages.decodedData,
  )
}

/** The byte where a value of 8 bits stands. */
function byteAt(place: HidPlace | undefined): number | undefined {
  if (place === undefined || place.field.bitSize !== 8) return undefined
  const bit = place.field.bitOffset + place.index * 8
  return bit % 8 === 0 ? bit / 8 : undefined
}

function readPiece(
  body: Uint8Array,
  places: Places,
  shift: 0 | 1,
  { countExtra }: LayoutSettings,
): ScannerReport {
  const continued = places.continued(body)
  const dataAt = places.dataAt + shift
  const counted = places.count?.(body)
  // A model with one byte more has its length in the first of the two, or, when that is zero, in the second.
  const count =
    shift === 1 && counted === 0 && places.countAt !== undefined ? body[places.countAt + 1] : counted
  if (places.count !== undefined && count === undefined)
    return { kind: 'invalid', reason: 'the report is too short', continued }
  const length = count === undefined ? undefined : Math.max(0, count - countExtra)
  if (length !== undefined && (length > places.dataBytes || dataAt + length > body.length))
    return { kind: 'invalid', reason: `it has no ${length} bytes of code`, continued }
  // Without a length the code ends at the padding.
  const data =
    length === undefined
      ? withoutPadding(body.subarray(dataAt, dataAt + places.dataBytes))
      : body.subarray(dataAt, dataAt + length)
  return {
    kind: 'piece',
    piece: {
      data: data.slice(),
      aim: places.aimAt === undefined ? undefined : readAimBytes(body, places.aimAt + shift),
      vendorId: places.vendorId(body),
      continued,
    },
  }
}

/** undefined: it has no AIM identifier that would tell. */
function shiftOf(body: Uint8Array, { aimAt }: Places): 0 | 1 | undefined {
  if (aimAt === undefined) return undefined
  if (body[aimAt] === bracket) return 0
  return body[aimAt + 1] === bracket ? 1 : undefined
}

function readAimBytes(body: Uint8Array, at: number): string | undefined {
  const text = String.fromCharCode(...body.subarray(at, at + 3))
  return /^\][A-Za-z][0-9A-Za-z]$/.test(text) ? text : undefined
}

function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return bytes.subarray(0, end)
}

/** A code over all its reports. */
export interface WholeCode {
  data: Uint8Array
  aim: string | undefined
  vendorId: number | undefined
}

/** Puts codes together that come in several reports. A code that is too long is dropped whole. */
export class CodeAssembler {
  readonly #bytesMax: number
  #pieces: Uint8Array[] = []
  #bytes = 0
  #aim: string | undefined
  /** What is wrong with the code: too long, or a piece is missing. It is dropped up to its end. */
  #dropping = false
  #pending = false
  /** Codes dropped for their length. */
  overflows = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** True while a code has begun and not ended. */
  get pending(): boolean {
    return this.#pending
  }

  /** The whole code, once its last piece is there. */
  push({ data, aim, vendorId, continued }: Piece): WholeCode | undefined {
    this.#bytes += data.length
    if (!this.#dropping && this.#bytes > this.#bytesMax) {
      this.overflows++
      this.#drop()
    }
    if (!this.#dropping && data.length > 0) this.#pieces.push(data)
    this.#aim = aim ?? this.#aim
    this.#pending = continued
    if (continued) return undefined
    const whole = this.#dropping ? undefined : { data: concat(this.#pieces), aim: this.#aim, vendorId }
    this.reset()
    return whole
  }

  /** A piece could not be read: its code is dropped, with what of it follows when the piece says that more does. */
  spoil(continued: boolean): void {
    this.reset()
    if (!continued) return
    this.#pending = true
    this.#drop()
  }

  #drop(): void {
    this.#dropping = true
    this.#pieces = []
  }

  /** Forgets what has begun. */
  reset(): void {
    this.#pieces = []
    this.#bytes = 0
    this.#aim = undefined
    this.#dropping = false
    this.#pending = false
  }
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/**
 * Honeywell code ids (a letter each), as far as there is a name for the symbology.
 * Source: Honeywell user guides, symbology charts; WebHidBarcodeScanner reads the same byte.
 */
const honeywellIds: Readonly<Record<string, Symbology>> = {
  a: 'codabar',
  b: 'code39',
  c: 'upca',
  d: 'ean13',
  D: 'ean8',
  e: 'itf',
  E: 'upce',
  f: 'code25',
  g: 'msi',
  h: 'code11',
  H: 'hanxin',
  i: 'code93',
  I: 'gs1-128',
  j: 'code128',
  q: 'codablock',
  r: 'pdf417',
  s: 'qr',
  w: 'datamatrix',
  x: 'maxicode',
  y: 'gs1-databar',
  z: 'aztec',
  '{': 'gs1-databar',
  '|': 'gs1-128',
  '}': 'gs1-databar',
}

export type ReadingSettings = Pick<
  HidPosScannerSettings,
  'prefixes' | 'aim' | 'codeIds' | 'gsCharacters' | 'gs1Guess' | 'trimSuffix' | 'vendorSymbology' | 'encoding'
>

/** The scan in a whole code, or undefined when there is nothing in it. */
export function decodeCode({ data, aim, vendorId }: WholeCode, settings: ReadingSettings): Scan | undefined {
  const decoded = decodeText(data, settings.encoding)
  const text = settings.trimSuffix ? decoded.replace(/[\r\n\t]{1,2}$/, '') : decoded
  const told = settings.aim === 'auto' ? aim : undefined
  const symbology =
    settings.vendorSymbology === 'honeywell' && vendorId !== undefined
      ? honeywellIds[String.fromCharCode(vendorId)]
      : undefined
  // What marks the code stands apart from it: what looks like a mark in front is then part of the code. A prefix is not.
  if (told !== undefined || symbology !== undefined)
    return scanOf(withoutPrefixes(text, settings.prefixes), { ...settings, aim: told, symbology })
  return readScan(text, settings)
}
