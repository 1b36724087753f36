/** The reports of HID POS scanners as codes: by descriptor and without one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CodeAssembler,
  decodeCode,
  type LayoutSettings,
  type Piece,
  scannerLayout,
} from '../../../src/drivers/scanners/hid-pos-scanner/codec.ts'
import { hidPosScannerSettings } from '../../../src/drivers/scanners/hid-pos-scanner/settings.ts'
import {
  createHidPosScannerTwin,
  type HidPosScannerTwinOptions,
} from '../../../src/drivers/scanners/hid-pos-scanner/twin.ts'
import { TestClock } from '../../support/clock.ts'

const defaults = hidPosScannerSettings.parse({})
const none: Uint8Array = new Uint8Array(0)
const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const twinOf = (options: Partial<HidPosScannerTwinOptions> = {}) =>
  createHidPosScannerTwin({ clock: new TestClock(), ...options })
const descriptor = twinOf().faces.hid?.descriptor ?? none

function piece(bytes: Uint8Array, settings: Partial<LayoutSettings> = {}, descriptorBytes = none): Piece {
  const report = scannerLayout(descriptorBytes, { ...defaults, ...settings }).read(bytes)
  if (report.kind !== 'piece') expect.fail(JSON.stringify(report))
  return report.piece
}

/** Report 2 as hidraw gives it. */
function report2(parts: {
  count: number
  at1: string
  at4?: string
  vendor?: number
  continued?: number
}): Uint8Array {
  const bytes = new Uint8Array(64)
  bytes[0] = 2
  bytes[1] = parts.count
  bytes.set(bytesOf(parts.at1), 2)
  bytes.set(bytesOf(parts.at4 ?? ''), 5)
  bytes[61] = parts.vendor ?? 0
  bytes[63] = parts.continued ?? 0
  return bytes
}

describe('reports of scanners', () => {
  it.each([
    ['without a descriptor', none, 'fixed'],
    ['by its descriptor', descriptor, 'descriptor'],
  ] as const)('[HPS1] report 2 is read %s', (_, descriptorBytes, from) => {
    expect(scannerLayout(descriptorBytes, defaults).from).toBe(from)
    const bytes = report2({ count: 13, at1: ']E0', at4: '4006381333931rest', vendor: 0x64, continued: 1 })
    const { data, ...rest } = piece(bytes, {}, descriptorBytes)
    expect(textOf(data)).toBe('4006381333931')
    expect(rest).toEqual({ aim: ']E0', vendorId: 0x64, continued: true })
  })

  it('[HPS1] other places: code first, no ids, no length, a list of bytes', () => {
    const other = Uint8Array.from([
      ...[0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08],
      ...[0x09, 0xfe, 0x95, 0x0a, 0x81, 0x00, 0x19, 0xfb, 0x29, 0xfd, 0x95, 0x03, 0x81, 0x02, 0xc0],
    ])
    const bytes = Uint8Array.of(...bytesOf('12345'), 0, 0, 0, 0, 0, ...bytesOf(']C0'))
    expect(piece(bytes, {}, other)).toEqual({
      data: bytesOf('12345'),
      aim: ']C0',
      vendorId: undefined,
      continued: false,
    })
  })

  it('[HPS1] identifier and code in one field, the code where its usage stands', () => {
    const one = Uint8Array.from([
      ...[0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08],
      ...[0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x09, 0xfe, 0x95, 0x0d, 0x81, 0x02, 0xc0],
    ])
    const bytes = Uint8Array.of(...bytesOf(']C012345'), 0, 0, 0, 0, 0)
    expect(piece(bytes, {}, one)).toMatchObject({ data: bytesOf('12345'), aim: ']C0' })
  })

  it('[HPS1] layout fixed does not look at the descriptor; a descriptor without a code is none', () => {
    expect(scannerLayout(descriptor, { ...defaults, layout: 'fixed' }).from).toBe('fixed')
    expect(scannerLayout(Uint8Array.of(0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0xc0), defaults).from).toBe(
      'fixed',
    )
  })

  it.each([none, descriptor])(
    '[HPS2] one byte more before the identifier is noticed, or told',
    (descriptorBytes) => {
      const shifted = report2({ count: 4, at1: '\0]C0', at4: '0ABCD' })
      shifted.set(bytesOf('ABCD'), 6)
      expect(piece(shifted, {}, descriptorBytes)).toMatchObject({ aim: ']C0', data: bytesOf('ABCD') })
      const nameless = report2({ count: 4, at1: '\0\0\0', at4: '\0ABCD' })
      expect(textOf(piece(nameless, { shift: '1' }, descriptorBytes).data)).toBe('ABCD')
      expect(textOf(piece(nameless, {}, descriptorBytes).data)).toBe('\0ABC')
      const second = report2({ count: 0, at1: '\x04]C0' })
      second.set(bytesOf('ABCD'), 6)
      expect(textOf(piece(second, {}, descriptorBytes).data)).toBe('ABCD')
      expect(piece(second, { shift: '0' }, descriptorBytes).data).toHaveLength(0)
    },
  )

  it('[HPS2] a report without identifier stands as the one before it did', () => {
    const layout = scannerLayout(none, defaults)
    const shifted = report2({ count: 4, at1: '\0]C0', at4: '0ABCD', continued: 1 })
    shifted.set(bytesOf('ABCD'), 6)
    expect(layout.read(shifted)).toMatchObject({ kind: 'piece', piece: { data: bytesOf('ABCD') } })
    const rest = report2({ count: 4, at1: '\0\0\0', at4: '\0EFGH' })
    expect(layout.read(rest)).toMatchObject({ kind: 'piece', piece: { data: bytesOf('EFGH') } })
    expect(layout.read(report2({ count: 4, at1: ']C0', at4: 'IJKL' }))).toMatchObject({
      piece: { data: bytesOf('IJKL') },
    })
    expect(layout.read(report2({ count: 4, at1: '\0\0\0', at4: 'MNOP' }))).toMatchObject({
      piece: { data: bytesOf('MNOP') },
    })
  })

  it('[HPS10] a length that does not fit makes a report invalid, at its edge', () => {
    const read = (count: number, settings: Partial<LayoutSettings> = {}, length = 64) =>
      scannerLayout(none, { ...defaults, ...settings }).read(
        report2({ count, at1: ']E0', at4: 'x'.repeat(56) }).subarray(0, length),
      ).kind
    expect([read(56), read(57), read(255)]).toEqual(['piece', 'invalid', 'invalid'])
    expect([read(57, { countExtra: 1 }), read(58, { countExtra: 1 })]).toEqual(['piece', 'invalid'])
    expect([read(3, {}, 8), read(4, {}, 8), read(0, {}, 1)]).toEqual(['piece', 'invalid', 'invalid'])
    expect(textOf(piece(report2({ count: 4, at1: ']E0', at4: 'ABCD' }), { countExtra: 1 }).data)).toBe('ABC')
  })

  it('[HPS10] any report and any descriptor give an answer', () => {
    const kinds = new Set<string>()
    const report = fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc
        .uint8Array({ minLength: 60, maxLength: 66 })
        .map((bytes) => Uint8Array.of(2, (bytes[0] ?? 0) % 64, ...bytes)),
    )
    const shape = fc.constantFrom('auto', '0', '1')
    fc.assert(
      fc.property(
        report,
        fc.oneof(fc.constant(descriptor), fc.uint8Array({ maxLength: 99 })),
        shape,
        (bytes, from, shift) => {
          const answer = scannerLayout(from, { ...defaults, shift }).read(bytes)
          kinds.add(answer.kind)
          if (answer.kind === 'piece') decodeCode(answer.piece, defaults)
        },
      ),
      { numRuns: 2_000 },
    )
    expect([...kinds].sort()).toEqual(['invalid', 'other', 'piece'])
  })
})

describe('codes', () => {
  it('[HPS3] what a scanner cuts comes back whole, by descriptor and without, shifted and not', () => {
    let many = 0
    const code = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 400, size: 'max' })
    fc.assert(
      fc.property(code, fc.boolean(), fc.boolean(), (text, shifted, known) => {
        const layout = scannerLayout(known ? descriptor : none, defaults)
        const assembler = new CodeAssembler(8_192)
        const reports = twinOf({ shifted }).reports(text, ']C0')
        if (reports.length > 1) many++
        const wholes = reports.map((bytes) => {
          const report = layout.read(bytes)
          return report.kind === 'piece' ? assembler.push(report.piece) : undefined
        })
        const whole = wholes.pop()
        expect(wholes.every((each) => each === undefined)).toBe(true)
        expect(whole && textOf(whole.data)).toBe(text)
        expect(whole?.aim).toBe(']C0')
        expect(assembler.pending).toBe(false)
      }),
    )
    expect(many).toBeGreaterThan(20)
  })

  it('[HPS3] the identifier is that of the last report', () => {
    const assembler = new CodeAssembler(100)
    const part = (aim: string, continued: boolean) => ({
      data: bytesOf('x'),
      aim,
      vendorId: undefined,
      continued,
    })
    expect(assembler.push(part(']Q1', true))).toBeUndefined()
    expect(assembler.push(part(']Q3', false))).toMatchObject({ data: bytesOf('xx'), aim: ']Q3' })
    assembler.push(part(']Q1', true))
    expect(assembler.push({ ...part('', false), aim: undefined })).toMatchObject({ aim: ']Q1' })
    expect(assembler.push({ ...part('', false), aim: undefined })).toMatchObject({ aim: undefined })
  })

  it('[HPS4] a code at the limit passes, one byte more is dropped whole, and the next is whole', () => {
    const assembler = new CodeAssembler(100)
    const part = (count: number, continued: boolean) => ({
      data: new Uint8Array(count),
      aim: undefined,
      vendorId: undefined,
      continued,
    })
    assembler.push(part(60, true))
    expect(assembler.push(part(40, false))?.data).toHaveLength(100)
    assembler.push(part(60, true))
    for (let more = 0; more < 1_000; more++) expect(assembler.push(part(56, true))).toBeUndefined()
    expect(assembler.push(part(1, false))).toBeUndefined()
    expect(assembler.overflows).toBe(1)
    expect(assembler.push(part(5, false))?.data).toHaveLength(5)
  })

  const decode = (text: string, aim?: string, settings: Record<string, unknown> = {}, vendorId?: number) =>
    decodeCode({ data: bytesOf(text), aim, vendorId }, hidPosScannerSettings.parse(settings))

  it('[HPS6] the identifier gives symbology and GS1 data, and what looks like one in the code stays', () => {
    expect(decode('4006381333931', ']E0')).toEqual({ code: '4006381333931', symbology: 'ean13' })
    expect(decode('01040063813339311012\x1d', ']C1')).toMatchObject({
      symbology: 'gs1-128',
      gs1: { '01': '04006381333931', 10: '12' },
    })
    expect(decode(']C0123', ']Q1')).toEqual({ code: ']C0123', symbology: 'qr' })
    expect(decode('4006381333931', ']C0', { aim: 'off' })?.symbology).toBe('ean13')
  })

  it('[HPS6] prefixes are taken off beside an identifier as well', () => {
    expect(decode('\x02123', ']C0')).toEqual({ code: '123', symbology: 'code128' })
    expect(decode('S08123', ']C0', { prefixes: ['S08'] })?.code).toBe('123')
    expect(decode('\x02', ']C0')).toBeUndefined()
  })

  it('[HPS7] without an identifier the maker’s byte, or prefixes, marks and check digits', () => {
    const honeywell = { vendorSymbology: 'honeywell' }
    expect(decode('123', undefined, honeywell, 0x72)).toEqual({ code: '123', symbology: 'pdf417' })
    expect(decode('123', ']C0', honeywell, 0x72)?.symbology).toBe('code128')
    expect(decode('4006381333931', undefined, honeywell, 0)?.symbology).toBe('ean13')
    expect(decode('123', undefined, {}, 0x72)).toEqual({ code: '123' })
    expect(decode('\x02]C0123')).toEqual({ code: '123', symbology: 'code128' })
  })

  it('[HPS7] the Honeywell bytes that are known', () => {
    const samples: Record<number, string> = { 100: '4006381333931', 99: '036000291452', 68: '96385074' }
    const told = Object.fromEntries(
      [0x64, 0x63, 0x44, 0x45, 0x49, 0x7c, 0x6a, 0x73, 0x77, 0x72, 0x79, 0x7b, 0x7d].map((id) => [
        id.toString(16),
        decode(samples[id] ?? 'x', undefined, { vendorSymbology: 'honeywell' }, id)?.symbology,
      ]),
    )
    expect(told).toEqual({
      64: 'ean13',
      63: 'upca',
      44: 'ean8',
      45: 'upce',
      49: 'gs1-128',
      '7c': 'gs1-128',
      '6a': 'code128',
      73: 'qr',
      77: 'datamatrix',
      72: 'pdf417',
      79: 'gs1-databar',
      '7b': 'gs1-databar',
      '7d': 'gs1-databar',
    })
  })

  it('[HPS8] a suffix at the end is taken off, unless it is wanted', () => {
    expect(['123\r', '123\n', '123\r\n', '123\t', '1\r23'].map((text) => decode(text, ']C0')?.code)).toEqual([
      '123',
      '123',
      '123',
      '123',
      '1\r23',
    ])
    expect(decode('123\r', ']C0', { trimSuffix: false })?.code).toBe('123\r')
    expect(decode('\r', ']C0')).toBeUndefined()
  })
})
