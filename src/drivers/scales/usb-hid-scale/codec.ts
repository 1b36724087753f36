/**
 * The reports of HID scales (usage page 8D) as values. Pure; any bytes give an answer.
 * Source: HID Point of Sale Usage Tables 1.02 and HID Usage Tables 1.4, section 18 (Scales); report 3 as DYMO, Fairbanks,
 * Stamps.com and Mettler Toledo scales send it.
 */
import { type HidDescriptor, type HidField, parseHidDescriptor } from '../../framing/hid-descriptor.ts'
import {
  buildReport,
  findSelector,
  findUsage,
  type HidPlace,
  readBits,
  readValue,
  selectedUsage,
  splitReport,
} from '../../framing/hid-report.ts'
import { usbHidScaleLimits } from './settings.ts'

export const scalePage = 0x8d
const usages = {
  classFirst: 0x22,
  classLast: 0x2a,
  dataWeight: 0x40,
  dataScaling: 0x41,
  unit: 0x50,
  unitFirst: 0x51,
  unitLast: 0x5c,
  status: 0x70,
  statusFirst: 0x71,
  statusLast: 0x78,
  zeroScale: 0x80,
} as const

/** Report 3 after its id: status, unit, exponent, weight with its low byte first. */
const fixed = { reportId: 3, statusAt: 0, unitAt: 1, exponentAt: 2, weightAt: 3, bytes: 5 } as const
/** Output report 2: zero in bit 0, enforced zero return in bit 1. */
export const zeroReport2 = Uint8Array.of(0x02, 0x01)

/** The selectors 71 to 78 of the usage tables, in their order. */
export const scaleStates = [
  'fault',
  'zero',
  'motion',
  'stable',
  'under',
  'over',
  'calibration',
  'rezero',
] as const
export type ScaleState = (typeof scaleStates)[number]

/** The selectors 51 to 5C, in their order. */
export const scaleUnits = [
  'mg',
  'g',
  'kg',
  'carat',
  'tael',
  'grain',
  'pennyweight',
  'metric ton',
  'avoirdupois ton',
  'troy ounce',
  'oz',
  'lb',
] as const
const weighUnits = ['g', 'kg', 'oz', 'lb'] as const
export type WeighUnit = (typeof weighUnits)[number]

/** Classes of accuracy: selectors 22 to 2A. */
const scaleClasses = [
  'I metric',
  'II metric',
  'III metric',
  'IIIL metric',
  'IV metric',
  'III English',
  'IIIL English',
  'IV English',
  'generic',
] as const

export interface ScaleReading {
  state: ScaleState
  /** The weight shown, or why there is none that the hub can tell. Negative when the state is `under`. */
  shown: { weight: string; unit: WeighUnit } | { reason: string }
}

/** What came in: a reading, a report that is about something else, or no report of a scale. */
export type ScaleReport =
  | { kind: 'reading'; reading: ScaleReading }
  | { kind: 'other' }
  | { kind: 'invalid'; reason: string }

const invalid = (reason: string): ScaleReport => ({ kind: 'invalid', reason })

/** A report of zero, and by which way it goes. */
export interface ZeroCommand {
  by: 'output' | 'feature'
  report: Uint8Array
}

/** Where a scale's reports have what. */
export interface ScaleLayout {
  /** `descriptor`: found by usages. `fixed`: report 3. */
  readonly from: 'descriptor' | 'fixed'
  read(bytes: Uint8Array): ScaleReport
  readonly zero: ZeroCommand | undefined
  /** Id and field of the accuracy class among the feature reports. */
  readonly accuracy: { reportId: number; read(report: Uint8Array): string | undefined } | undefined
}

/** The layout that a descriptor tells. Without a descriptor that has the fields of a weight it is report 3. */
export function scaleLayout(descriptorBytes: Uint8Array, want: 'auto' | 'fixed'): ScaleLayout {
  const descriptor = parseHidDescriptor(want === 'auto' ? descriptorBytes : new Uint8Array(0))
  const weight = findUsage(descriptor, 'input', scalePage, usages.dataWeight)
  const places = weight === undefined ? undefined : findPlaces(descriptor, weight)
  return {
    from: places === undefined ? 'fixed' : 'descriptor',
    read: places === undefined ? readFixed : (bytes) => readByPlaces(descriptor, places, bytes),
    zero: findZero(descriptor),
    accuracy: findAccuracy(descriptor),
  }
}

interface Places {
  reportId: number
  weight: HidPlace
  scaling: HidPlace
  unit: HidPlace
  status: HidPlace
}

/** The other fields of the report that has the weight; undefined when one is missing. */
function findPlaces(descriptor: HidDescriptor, weight: HidPlace): Places | undefined {
  const { reportId } = weight.field
  const selector = (single: number, first: number, last: number) =>
    findSelector(descriptor, 'input', scalePage, first, last, reportId) ??
    findUsage(descriptor, 'input', scalePage, single, reportId)
  const scaling = findUsage(descriptor, 'input', scalePage, usages.dataScaling, reportId)
  const unit = selector(usages.unit, usages.unitFirst, usages.unitLast)
  const status = selector(usages.status, usages.statusFirst, usages.statusLast)
  if (scaling === undefined || unit === undefined || status === undefined) return undefined
  return { reportId, weight, scaling, unit, status }
}

function readByPlaces(descriptor: HidDescriptor, places: Places, bytes: Uint8Array): ScaleReport {
  const report = splitReport(descriptor, bytes)
  if (report === undefined) return invalid('an empty report')
  const { id, body } = report
  if (id !== places.reportId)
    return descriptor.reports.some((known) => known.kind === 'input' && known.id === id)
      ? { kind: 'other' }
      : invalid(`report ${id} is not in the descriptor`)
  const [raw, scaling, unit, status] = [places.weight, places.scaling, places.unit, places.status].map(
    (place) => readValue(body, place),
  )
  if (raw === undefined || scaling === undefined || unit === undefined || status === undefined)
    return invalid('the report is too short')
  return readingOf({
    raw,
    // Some descriptors declare the exponent without a sign.
    exponent: places.scaling.field.bitSize === 8 && scaling > 127 ? scaling - 256 : scaling,
    unit: selectorNumber(places.unit.field, unit, usages.unitFirst),
    status: selectorNumber(places.status.field, status, usages.statusFirst),
  })
}

/** 1 for the first usage of a list of selectors. A field that is no list holds the number itself. */
function selectorNumber(field: HidField, value: number, first: number): number {
  if (field.variable) return value
  const selected = selectedUsage(field, value)
  return selected === undefined || selected.page !== scalePage ? 0 : selected.usage - first + 1
}

function readFixed(bytes: Uint8Array): ScaleReport {
  if (bytes.length === 0) return invalid('an empty report')
  if (bytes[0] !== fixed.reportId)
    return (bytes[0] ?? 0) >= 1 && (bytes[0] ?? 0) <= 6
      ? { kind: 'other' }
      : invalid(`report ${bytes[0]} is none of a scale`)
  const body = bytes.subarray(1)
  const value = (at: number, bits: number, signed = false) => readBits(body, at * 8, bits, signed)
  const [status, unit] = [value(fixed.statusAt, 8), value(fixed.unitAt, 8)]
  const [exponent, raw] = [value(fixed.exponentAt, 8, true), value(fixed.weightAt, 16)]
  if (status === undefined || unit === undefined || exponent === undefined || raw === undefined)
    return invalid('the report is too short')
  return readingOf({ raw, exponent, unit, status })
}

function readingOf(values: { raw: number; exponent: number; unit: number; status: number }): ScaleReport {
  const { raw, exponent, unit, status } = values
  const state = scaleStates[status - 1]
  if (state === undefined) return invalid(`${status} is not a status`)
  const unitName = scaleUnits[unit - 1]
  const weighUnit = weighUnits.find((known) => known === unitName)
  const { exponentMin, exponentMax } = usbHidScaleLimits
  const reason =
    weighUnit === undefined
      ? `it weighs in ${unitName ?? `unit ${unit}`}; set it to g, kg, oz or lb`
      : exponent < exponentMin || exponent > exponentMax
        ? `10 to the power of ${exponent} is no scaling of a weight`
        : undefined
  if (reason !== undefined || weighUnit === undefined)
    return { kind: 'reading', reading: { state, shown: { reason: reason ?? '' } } }
  // Below zero the language has no sign of its own: the status says it. A signed field has both.
  const negative = state === 'under' || raw < 0
  const weight = decimal(Math.abs(raw), exponent, negative)
  return { kind: 'reading', reading: { state, shown: { weight, unit: weighUnit } } }
}

/** `raw` times ten to the power of `exponent`, exactly, with the decimals that the scale shows: 42, -1 is `4.2`. */
export function decimal(raw: number, exponent: number, negative = false): string {
  const sign = negative && raw !== 0 ? '-' : ''
  if (exponent >= 0) return sign + (raw === 0 ? '0' : `${raw}${'0'.repeat(exponent)}`)
  const digits = String(raw).padStart(1 - exponent, '0')
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`
}

/** `0`, `0.000`. */
export const isZero = (weight: string): boolean => /^-?[0.]+$/.test(weight)

function findZero(descriptor: HidDescriptor): ZeroCommand | undefined {
  for (const by of ['output', 'feature'] as const) {
    const place = findUsage(descriptor, by, scalePage, usages.zeroScale)
    if (place !== undefined) return { by, report: buildReport(descriptor, place, 1) }
  }
  return undefined
}

function findAccuracy(descriptor: HidDescriptor): ScaleLayout['accuracy'] {
  const place = findSelector(descriptor, 'feature', scalePage, usages.classFirst, usages.classLast)
  if (place === undefined) return undefined
  const { field } = place
  return {
    reportId: field.reportId,
    read(report) {
      const value = readValue(report.subarray(1), place)
      const usage = value === undefined ? undefined : selectedUsage(field, value)?.usage
      return usage === undefined ? undefined : scaleClasses[usage - usages.classFirst]
    },
  }
}
