/** The reports of HID scales as values: by descriptor and without one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decimal,
  scaleLayout,
  scaleStates,
  scaleUnits,
} from '../../../src/drivers/scales/usb-hid-scale/codec.ts'
import { usbHidScaleLimits } from '../../../src/drivers/scales/usb-hid-scale/settings.ts'
import { createUsbHidScaleTwin } from '../../../src/drivers/scales/usb-hid-scale/twin.ts'
import { TestClock } from '../../support/clock.ts'

const none: Uint8Array = new Uint8Array(0)
const fixed = scaleLayout(none, 'auto')
const descriptorOf = (descriptor: 'selectors' | 'plain', zero: 'output' | 'feature' | 'none' = 'output') =>
  createUsbHidScaleTwin({ clock: new TestClock(), descriptor, zero }).faces.hid?.descriptor ?? none
const read = (...bytes: number[]) => fixed.read(Uint8Array.from(bytes))
const reading = (state: string, weight: string, unit: string) => ({
  kind: 'reading',
  reading: { state, shown: { weight, unit } },
})

describe('reports of scales', () => {
  it('[UHS1] captured reports of DYMO scales read as their displays did', () => {
    expect(fixed.from).toBe('fixed')
    expect(read(0x03, 0x04, 0x0b, 0xff, 0x2a, 0x00)).toEqual(reading('stable', '4.2', 'oz'))
    expect(read(0x03, 0x04, 0x02, 0x00, 0xf4, 0x01)).toEqual(reading('stable', '500', 'g'))
    expect(read(0x03, 0x02, 0x0b, 0xff, 0x00, 0x00)).toEqual(reading('zero', '0.0', 'oz'))
    expect(read(0x03, 0x04, 0x0b, 0xff, 0x34, 0x19)).toEqual(reading('stable', '645.2', 'oz'))
    expect(read(0x03, 0x04, 0x02, 0x00, 0x14, 0x00)).toEqual(reading('stable', '20', 'g'))
    expect(read(0x03, 0x04, 0x0c, 0xfe, 0x10, 0x27)).toEqual(reading('stable', '100.00', 'lb'))
  })

  it.each(['selectors', 'plain'] as const)('[UHS1] a descriptor with %s reads the same', (kind) => {
    const layout = scaleLayout(descriptorOf(kind), 'auto')
    expect(layout.from).toBe('descriptor')
    let readings = 0
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 5, maxLength: 5 }),
        fc.integer({ min: 0, max: 9 }),
        (rest, status) => {
          const report = Uint8Array.of(3, status, ...rest.subarray(1))
          report[2] = 1 + ((rest[0] ?? 0) % 12)
          report[3] = (rest[1] ?? 0) < 250 ? 0xfe : (rest[1] ?? 0)
          const byDescriptor = layout.read(report)
          expect(byDescriptor.kind === 'invalid' ? 'invalid' : byDescriptor).toEqual(
            fixed.read(report).kind === 'invalid' ? 'invalid' : fixed.read(report),
          )
          if (byDescriptor.kind === 'reading') readings++
        },
      ),
    )
    expect(readings).toBeGreaterThan(20)
    expect(scaleLayout(descriptorOf(kind), 'fixed').from).toBe('fixed')
  })

  it('[UHS1] other places, other report: a descriptor that has the weight first', () => {
    const layout = scaleLayout(
      Uint8Array.from([
        ...[0x05, 0x8d, 0x09, 0x20, 0xa1, 0x01, 0x85, 0x09, 0x75, 0x08, 0x95, 0x01],
        ...[0x09, 0x40, 0x15, 0x00, 0x27, 0xff, 0xff, 0xff, 0x00, 0x75, 0x18, 0x81, 0x02],
        ...[0x09, 0x41, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x81, 0x02],
        ...[0x19, 0x71, 0x29, 0x78, 0x25, 0x07, 0x75, 0x04, 0x81, 0x00],
        ...[0x19, 0x51, 0x29, 0x5c, 0x25, 0x0b, 0x81, 0x00, 0xc0],
      ]),
      'auto',
    )
    expect(layout.from).toBe('descriptor')
    // Selectors that count from 0, an exponent declared without a sign, and a weight of three bytes.
    expect(layout.read(Uint8Array.of(9, 0x40, 0xe2, 0x01, 0xfd, 0x23))).toEqual(
      reading('stable', '123.456', 'kg'),
    )
    expect(layout.read(Uint8Array.of(9, 0x40, 0xe2))).toMatchObject({ kind: 'invalid' })
    expect(layout.read(Uint8Array.of(3, 4, 2, 0, 1, 0))).toMatchObject({ kind: 'invalid' })
  })

  it('[UHS1] a descriptor without all four fields, or none that can be read, falls back to report 3', () => {
    const lacking = [
      0x05, 0x8d, 0x09, 0x20, 0xa1, 0x01, 0x85, 3, 0x75, 8, 0x95, 1, 0x09, 0x40, 0x81, 0x02, 0xc0,
    ]
    expect(scaleLayout(Uint8Array.from(lacking), 'auto').from).toBe('fixed')
    expect(scaleLayout(Uint8Array.of(0xff, 0xc0, 0x26), 'auto').from).toBe('fixed')
  })

  it('[UHS2] a weight is exact, at every power of ten', () => {
    expect([0, 1, 5, 10, 65_535].map((raw) => decimal(raw, -2))).toEqual([
      '0.00',
      '0.01',
      '0.05',
      '0.10',
      '655.35',
    ])
    expect([decimal(0, 2), decimal(7, 3), decimal(12, 0)]).toEqual(['0', '7000', '12'])
    const { exponentMin, exponentMax } = usbHidScaleLimits
    fc.assert(
      fc.property(
        fc.nat({ max: 2 ** 32 - 1 }),
        fc.integer({ min: exponentMin, max: exponentMax }),
        fc.boolean(),
        (raw, exponent, negative) => {
          const text = decimal(raw, exponent, negative)
          expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?$/)
          expect(text.split('.')[1]?.length ?? 0).toBe(Math.max(0, -exponent))
          const scaled = BigInt(text.replace('.', '')) / (exponent > 0 ? 10n ** BigInt(exponent) : 1n)
          expect(scaled).toBe(BigInt(negative ? -raw : raw))
        },
      ),
    )
  })

  it('[UHS3] four units are told; the others, and absurd exponents, have a reason', () => {
    const told = scaleUnits.map((_, index) => read(3, 4, index + 1, 0, 1, 0))
    const units = told.map((report) =>
      report.kind === 'reading' && 'unit' in report.reading.shown ? report.reading.shown.unit : undefined,
    )
    expect(units.filter(Boolean)).toEqual(['g', 'kg', 'oz', 'lb'])
    expect(read(3, 4, 4, 0, 1, 0)).toMatchObject({
      reading: { shown: { reason: expect.stringContaining('carat') } },
    })
    expect(read(3, 4, 99, 0, 1, 0)).toMatchObject({
      reading: { shown: { reason: expect.stringContaining('unit 99') } },
    })
    const exponents = [usbHidScaleLimits.exponentMin, usbHidScaleLimits.exponentMax].flatMap((edge) => [
      edge,
      edge + Math.sign(edge),
    ])
    expect(
      exponents.map((exponent) => JSON.stringify(read(3, 4, 2, exponent & 0xff, 1, 0)).includes('reason')),
    ).toEqual([false, true, false, true])
  })

  it('[UHS7] every status has its state, and others are no report', () => {
    expect(scaleStates.map((_, index) => read(3, index + 1, 2, 0, 0, 0))).toEqual(
      scaleStates.map((state) => reading(state, '0', 'g')),
    )
    expect([read(3, 0, 2, 0, 0, 0).kind, read(3, 9, 2, 0, 0, 0).kind]).toEqual(['invalid', 'invalid'])
  })

  it('[UHS8] below zero the sign comes from the status, and zero has none', () => {
    expect(read(3, 5, 11, 0xff, 42, 0)).toEqual(reading('under', '-4.2', 'oz'))
    expect(read(3, 5, 11, 0xff, 0, 0)).toEqual(reading('under', '0.0', 'oz'))
  })

  it('[UHS10] the accuracy class is read where the descriptor has it', () => {
    const layout = scaleLayout(descriptorOf('selectors'), 'auto')
    expect(layout.accuracy?.reportId).toBe(1)
    expect([1, 3, 9, 0, 10].map((value) => layout.accuracy?.read(Uint8Array.of(1, value)))).toEqual([
      'I metric',
      'III metric',
      'generic',
      undefined,
      undefined,
    ])
    expect(layout.accuracy?.read(Uint8Array.of(1))).toBeUndefined()
    expect(fixed.accuracy).toBeUndefined()
  })

  it('[UHS12] the zero report is made of the descriptor', () => {
    expect(scaleLayout(descriptorOf('selectors'), 'auto').zero).toEqual({
      by: 'output',
      report: Uint8Array.of(2, 1),
    })
    expect(scaleLayout(descriptorOf('selectors', 'feature'), 'auto').zero?.by).toBe('feature')
    expect(scaleLayout(descriptorOf('selectors', 'none'), 'auto').zero).toBeUndefined()
  })

  it('[UHS15] any report gives an answer; other reports of the scale are passed over', () => {
    const layouts = [
      fixed,
      scaleLayout(descriptorOf('selectors'), 'auto'),
      scaleLayout(descriptorOf('plain'), 'auto'),
    ]
    const kinds = new Set<string>()
    const report = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.uint8Array({ minLength: 5, maxLength: 8 }).map((bytes) => Uint8Array.of(3, ...bytes)),
    )
    fc.assert(
      fc.property(report, (bytes) => {
        for (const layout of layouts) kinds.add(layout.read(bytes).kind)
      }),
      { numRuns: 2_000 },
    )
    expect([...kinds].sort()).toEqual(['invalid', 'other', 'reading'])
    expect(read(5, 1, 2).kind).toBe('other')
    expect(read().kind).toBe('invalid')
    expect(read(7, 1).kind).toBe('invalid')
  })

  it('[UHS15] any descriptor gives a layout', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 10 }),
        (descriptor, report) => {
          const layout = scaleLayout(descriptor, 'auto')
          expect(['invalid', 'other', 'reading']).toContain(layout.read(report).kind)
        },
      ),
    )
  })
})
