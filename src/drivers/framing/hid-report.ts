/** Values in HID reports: takes them out by what they mean and puts them in. Pure; reads nothing outside of a report. */
import type { HidDescriptor, HidField, HidReport, HidReportKind, HidUsageRange } from './hid-descriptor.ts'

/** Longest value, in bits. Longer fields are read byte by byte. */
export const valueBitsMax = 32

/** One value of a field: the field, and which of its values. */
export interface HidPlace {
  readonly field: HidField
  readonly index: number
}

/** A report as it came, its id taken off. */
export interface ReportBody {
  readonly id: number
  readonly body: Uint8Array
}

/** Takes the id off a report; undefined when there is nothing to take it off. */
export function splitReport(
  descriptor: Pick<HidDescriptor, 'hasIds'>,
  bytes: Uint8Array,
): ReportBody | undefined {
  if (!descriptor.hasIds) return { id: 0, body: bytes }
  const id = bytes[0]
  return id === undefined ? undefined : { id, body: bytes.subarray(1) }
}

export function findReport(
  descriptor: HidDescriptor,
  kind: HidReportKind,
  id: number,
): HidReport | undefined {
  return descriptor.reports.find((report) => report.kind === kind && report.id === id)
}

/**
 * Where a usage is told by a place of its own (a variable field). The last usage of a field stands for all values after it.
 * `reportId` keeps to one report.
 */
export function findUsage(
  descriptor: HidDescriptor,
  kind: HidReportKind,
  page: number,
  usage: number,
  reportId?: number,
): HidPlace | undefined {
  for (const field of fieldsOf(descriptor, kind, reportId)) {
    if (!field.variable) continue
    const index = indexOfUsage(field.usages, page, usage)
    if (index !== undefined && index < field.count) return { field, index }
  }
  return undefined
}

/** The array field whose values say which of the usages `first` to `last` is on. */
export function findSelector(
  descriptor: HidDescriptor,
  kind: HidReportKind,
  page: number,
  first: number,
  last: number,
  reportId?: number,
): HidPlace | undefined {
  const field = fieldsOf(descriptor, kind, reportId).find(
    (candidate) =>
      !candidate.variable &&
      candidate.usages.some((range) => range.page === page && range.usage <= last && range.last >= first),
  )
  return field === undefined ? undefined : { field, index: 0 }
}

/** The usage that an array field selects with this value; undefined for none. */
export function selectedUsage(field: HidField, value: number): { page: number; usage: number } | undefined {
  let left = value - field.logicalMin
  if (left < 0) return undefined
  for (const { page, usage, last } of field.usages) {
    const size = last - usage + 1
    if (left < size) return { page, usage: usage + left }
    left -= size
  }
  return undefined
}

/** The value in a body, with a sign where the field's minimum is below zero; undefined when the body is too short for it. */
export function readValue(body: Uint8Array, { field, index }: HidPlace): number | undefined {
  if (index < 0 || index >= field.count) return undefined
  return readBits(body, field.bitOffset + index * field.bitSize, field.bitSize, field.logicalMin < 0)
}

/** All values of a field of whole bytes, as far as the body reaches; undefined for one that has none of 8 bits. */
export function readBytes(body: Uint8Array, field: HidField): Uint8Array | undefined {
  if (field.bitSize !== 8 || field.bitOffset % 8 !== 0) return undefined
  const start = field.bitOffset / 8
  return body.subarray(start, start + field.count)
}

/** Up to 32 bits, the lowest bit first as HID has them (section 8.1); undefined outside of the body. */
export function readBits(
  body: Uint8Array,
  bitOffset: number,
  bitSize: number,
  signed = false,
): number | undefined {
  if (bitSize < 1 || bitSize > valueBitsMax || bitOffset < 0 || bitOffset + bitSize > body.length * 8)
    return undefined
  let value = 0
  for (let bit = bitSize - 1; bit >= 0; bit--) {
    const at = bitOffset + bit
    value = value * 2 + (((body[at >> 3] ?? 0) >> (at & 7)) & 1)
  }
  return signed && value >= 2 ** (bitSize - 1) ? value - 2 ** bitSize : value
}

/** Writes a value; its lower bits where it has more than the field. False when the place is outside of the body. */
export function writeBits(body: Uint8Array, bitOffset: number, bitSize: number, value: number): boolean {
  if (bitSize < 1 || bitSize > valueBitsMax || bitOffset < 0 || bitOffset + bitSize > body.length * 8)
    return false
  let left = value < 0 ? value + 2 ** bitSize : value
  for (let bit = 0; bit < bitSize; bit++) {
    const at = bitOffset + bit
    const mask = 1 << (at & 7)
    const old = body[at >> 3] ?? 0
    body[at >> 3] = left % 2 === 1 ? old | mask : old & ~mask
    left = Math.floor(left / 2)
  }
  return true
}

/**
 * A report that says one thing and leaves everything else zero, with its id in the first byte (0 on a device without ids), as
 * a transport wants it.
 */
export function buildReport(
  descriptor: HidDescriptor,
  { field, index }: HidPlace,
  value: number,
): Uint8Array {
  const report = findReport(descriptor, field.kind, field.reportId)
  const bytes = new Uint8Array(1 + (report?.bytes ?? 0))
  bytes[0] = field.reportId
  writeBits(bytes.subarray(1), field.bitOffset + index * field.bitSize, field.bitSize, value)
  return bytes
}

function fieldsOf(descriptor: HidDescriptor, kind: HidReportKind, reportId: number | undefined): HidField[] {
  return descriptor.reports
    .filter((report) => report.kind === kind && (reportId === undefined || report.id === reportId))
    .flatMap((report) => report.fields.filter((field) => !field.constant))
}

function indexOfUsage(ranges: readonly HidUsageRange[], page: number, usage: number): number | undefined {
  let index = 0
  for (const range of ranges) {
    if (range.page === page && usage >= range.usage && usage <= range.last) return index + usage - range.usage
    index += range.last - range.usage + 1
  }
  return undefined
}
