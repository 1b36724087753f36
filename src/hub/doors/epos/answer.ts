/** What a till is told: the response of an ePOS printer with its code and the bits of its status, from what the hub knows of it. */
import type { Device } from '../../../protocol/device.ts'

/** Bits of the status word: the four bytes of ESC/POS's automatic status, the lowest two bits used anew (Epson ePOS SDK). */
export const statusBits = {
  noResponse: 0x1,
  printSuccess: 0x2,
  drawerKick: 0x4,
  offline: 0x8,
  coverOpen: 0x20,
  mechanical: 0x400,
  cutter: 0x800,
  autoRecover: 0x4000,
  paperNearEnd: 0x20000,
  paperEnd: 0x80000,
} as const

/** What is always set: a printer that is well says 251658262, with its drawer's pin high and success. */
const statusBase = 0x0f000010

export interface EposAnswer {
  success: boolean
  /** Empty for success. */
  code: string
  status: number
  printJobId: string | undefined
}

/** Codes of faults and errors of the hub in Epson's words. */
const codes: Readonly<Record<string, string>> = {
  paper_out: 'EPTR_REC_EMPTY',
  cover_open: 'EPTR_COVER_OPEN',
  cutter_jam: 'EPTR_CUTTER',
  overheated: 'EPTR_AUTOMATICAL',
  printer_error: 'EPTR_MECHANICAL',
  media_jam: 'EPTR_MECHANICAL',
  offline: 'EX_BADPORT',
  not_responding: 'EX_BADPORT',
  port_unavailable: 'EX_BADPORT',
  device_absent: 'EX_BADPORT',
  device_disabled: 'DeviceNotFound',
  device_unknown: 'DeviceNotFound',
  bad_request: 'SchemaError',
  params_invalid: 'SchemaError',
  payload_unsupported: 'SchemaError',
  image_invalid: 'SchemaError',
  image_too_large: 'SchemaError',
  base64_invalid: 'SchemaError',
  barcode_invalid: 'SchemaError',
  receipt_too_long: 'SchemaError',
  text_unprintable: 'SchemaError',
  message_too_large: 'RequestEntityTooLarge',
  rate_limited: 'TooManyRequests',
  queue_full: 'EX_SPOOLER',
  job_expired: 'EX_TIMEOUT',
  job_outcome_unknown: 'EX_TIMEOUT',
}

export const eposCode = (code: string): string => codes[code] ?? 'PrintSystemError'

/** The fault that keeps a printer from printing, as a code of the hub; undefined while it can. */
export function blockedBy({ faults, state }: Device): string | undefined {
  if (state === 'absent' || state === 'connecting') return 'device_absent'
  if (state === 'disabled') return 'device_disabled'
  return faults.find(({ blocking }) => blocking)?.code
}

/** undefined: there is no such printer. */
export function statusOf(device: Device | undefined, success: boolean): number {
  const bits = statusBits
  if (device === undefined) return bits.noResponse
  const { details, faults, state } = device
  if (state === 'absent' || state === 'connecting' || state === 'disabled') return bits.noResponse
  const has = (code: string) => faults.some((fault) => fault.code === code)
  const bit = (on: boolean, value: number) => (on ? value : 0)
  return (
    statusBase |
    bit(success, bits.printSuccess) |
    // Of most drawers the pin is high while they are shut.
    bit(details.drawer_open !== true, bits.drawerKick) |
    bit(
      faults.some(({ blocking }) => blocking),
      bits.offline,
    ) |
    bit(has('cover_open'), bits.coverOpen) |
    bit(has('printer_error') || has('media_jam'), bits.mechanical) |
    bit(has('cutter_jam'), bits.cutter) |
    bit(has('overheated'), bits.autoRecover) |
    bit(has('paper_low') || has('paper_out'), bits.paperNearEnd) |
    bit(has('paper_out'), bits.paperEnd)
  )
}

export function answerXml({ code, printJobId, status, success }: EposAnswer): string {
  const header =
    printJobId === undefined
      ? ''
      : `<soapenv:Header><parameter xmlns="${namespace}"><devid/><printjobid>${escaped(printJobId)}</printjobid></parameter></soapenv:Header>`
  // Unsigned: the highest bit is one of the status.
  const facts = `success="${success}" code="${escaped(code)}" status="${status >>> 0}" battery="0"`
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">${header}<soapenv:Body><response ${facts} xmlns="${namespace}"/></soapenv:Body></soapenv:Envelope>`
}

const namespace = 'http://www.epson-pos.com/schemas/2011/03/epos-print'

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`).replace(/[\x00-\x1f]/g, ' ')
