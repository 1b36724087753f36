/** Report descriptors of HID devices: what is in them, and values in reports. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type HidDescriptor,
  hidDescriptorLimits,
  parseHidDescriptor,
} from '../../../src/drivers/framing/hid-descriptor.ts'
import {
  buildReport,
  findReport,
  findSelector,
  findUsage,
  readBits,
  readBytes,
  readValue,
  selectedUsage,
  splitReport,
  valueBitsMax,
  writeBits,
} from '../../../src/drivers/framing/hid-report.ts'

const parse = (...bytes: number[]): HidDescriptor => parseHidDescriptor(Uint8Array.from(bytes))
const application = (...items: number[]) => [0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, ...items, 0xc0]
const oneByte = [0x75, 0x08, 0x95, 0x01]

/** HID 1.11, appendix E.6: the boot keyboard. */
const keyboard = [
  ...[0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01],
  ...[0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x05, 0x75, 0x01],
  ...[0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x91, 0x02, 0x95, 0x01, 0x75, 0x03, 0x91, 0x01, 0x95, 0x06],
  ...[0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xc0],
]
/** HID 1.11, appendix E.10: the boot mouse. */
const mouse = [
  ...[0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x01, 0xa1, 0x00, 0x05, 0x09, 0x19, 0x01, 0x29, 0x03],
  ...[0x15, 0x00, 0x25, 0x01, 0x95, 0x03, 0x75, 0x01, 0x81, 0x02, 0x95, 0x01, 0x75, 0x05, 0x81, 0x01],
  ...[0x05, 0x01, 0x09, 0x30, 0x09, 0x31, 0x15, 0x81, 0x25, 0x7f, 0x75, 0x08, 0x95, 0x02, 0x81, 0x06],
  ...[0xc0, 0xc0],
]

describe('report descriptors', () => {
  it('[HIDD1] global items hold, local ones end with the main item, push and pop bring back', () => {
    const { reports, problem } = parse(
      ...application(
        ...[0x15, 0x00, 0x25, 0x0a, ...oneByte, 0x09, 0x30, 0x81, 0x02],
        ...[0xa4, 0x75, 0x04, 0x05, 0x8d, 0x09, 0x40, 0x81, 0x02, 0xb4],
        0x81,
        0x02,
      ),
    )
    expect(problem).toBeUndefined()
    expect(
      reports[0]?.fields.map(({ bitSize, usages, logicalMax }) => [bitSize, usages, logicalMax]),
    ).toEqual([
      [8, [{ page: 1, usage: 0x30, last: 0x30 }], 10],
      [4, [{ page: 0x8d, usage: 0x40, last: 0x40 }], 10],
      [8, [], 10],
    ])
  })

  it('[HIDD1] long items are passed over, and of a delimited set the first usage counts', () => {
    const { reports } = parse(
      ...application(
        0xfe,
        0x03,
        0xf0,
        1,
        2,
        3,
        0xa9,
        0x01,
        0x09,
        0x30,
        0x09,
        0x31,
        0xa9,
        0x00,
        ...oneByte,
        0x81,
        0x02,
      ),
    )
    expect(reports[0]?.fields[0]?.usages).toEqual([{ page: 1, usage: 0x30, last: 0x30 }])
  })

  it('[HIDD1] unit and exponent are kept', () => {
    const { reports } = parse(
      ...application(0x66, 0x01, 0x01, 0x55, 0x0d, ...oneByte, 0x09, 0x40, 0x81, 0x02),
    )
    expect(reports[0]?.fields[0]).toMatchObject({ unit: 0x101, unitExponent: -3 })
  })

  it('[HIDD2] collections: top ones, the path of a field, pages of usages of four bytes', () => {
    const { collections, reports } = parse(
      ...[0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x12, 0xa1, 0x02, ...oneByte],
      ...[0x0b, 0xfe, 0x00, 0x8d, 0x00, 0x81, 0x02, 0xc0, 0xc0],
      ...[0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0xc0],
    )
    expect(collections).toEqual([
      { page: 0x8c, usage: 2, type: 1 },
      { page: 0xff00, usage: 1, type: 1 },
    ])
    const field = reports[0]?.fields[0]
    expect(field?.path.map(({ usage }) => usage)).toEqual([2, 0x12])
    expect(field?.usages).toEqual([{ page: 0x8d, usage: 0xfe, last: 0xfe }])
  })

  it('[HIDD3] each report of a kind and id counts its own bits', () => {
    const field = [0x09, 0x30, 0x81, 0x02]
    const descriptor = parse(
      ...application(
        ...[
          0x85,
          1,
          0x75,
          3,
          0x95,
          2,
          ...field,
          0x85,
          2,
          ...oneByte,
          ...field,
          0x91,
          0x02,
          0x85,
          1,
          ...field,
        ],
      ),
    )
    expect(descriptor.hasIds).toBe(true)
    expect(findReport(descriptor, 'input', 1)).toMatchObject({ bytes: 2 })
    expect(findReport(descriptor, 'input', 1)?.fields.map(({ bitOffset }) => bitOffset)).toEqual([0, 6])
    expect(findReport(descriptor, 'input', 2)).toMatchObject({ bytes: 1 })
    expect(findReport(descriptor, 'output', 2)).toMatchObject({ bytes: 1 })
    expect(findReport(descriptor, 'feature', 2)).toBeUndefined()
  })

  it('[HIDD4] a maximum has a sign only below a negative minimum', () => {
    const limits = (...items: number[]) => {
      const field = parse(...application(...items, ...oneByte, 0x09, 0x30, 0x81, 0x02)).reports[0]?.fields[0]
      return [field?.logicalMin, field?.logicalMax]
    }
    expect(limits(0x15, 0x00, 0x25, 0xff)).toEqual([0, 255])
    expect(limits(0x15, 0x00, 0x26, 0xff, 0xff)).toEqual([0, 65_535])
    expect(limits(0x15, 0x80, 0x25, 0x7f)).toEqual([-128, 127])
    expect(limits(0x15, 0x80, 0x25, 0xff)).toEqual([-128, -1])
    expect(limits(0x17, 0, 0, 0, 0x80, 0x27, 0xff, 0xff, 0xff, 0x7f)).toEqual([-(2 ** 31), 2 ** 31 - 1])
  })

  it('[HIDD5] what came before a mistake stands, and the mistake has a name', () => {
    const good = [...application(...oneByte, 0x09, 0x30, 0x81, 0x02)]
    const broken: [number[], RegExp][] = [
      [[...good, 0x26, 0xff], /cut off/],
      [[...good, 0xfe, 0x05, 0x00], /cut off/],
      [[...good, 0xa1, 0x01], /no end/],
      [[...good, 0xc0], /not begun/],
      [[...good, 0xb4], /not pushed/],
      [[...good, 0x85, 0x00], /1 to 255/],
      [[...good, 0x86, 0x00, 0x01], /1 to 255/],
      [[...good, 0x29, 0x05], /no beginning/],
      [[...good, 0x19, 0x05, 0x29, 0x04], /no beginning/],
      [[...good, 0x77, 0xff, 0xff, 0xff, 0xff, 0x81, 0x02], /too long/],
    ]
    for (const [bytes, reason] of broken) {
      const { problem, reports } = parse(...bytes)
      expect(problem).toMatch(reason)
      expect(reports).toHaveLength(1)
    }
  })

  it('[HIDD5] limits hold at their edges', () => {
    const { descriptorBytesMax, itemsMax, depthMax, fieldsMax, usagesMax, reportBitsMax, collectionsMax } =
      hidDescriptorLimits
    const many = (count: number, ...bytes: number[]) => Array.from({ length: count }, () => bytes).flat()
    const edges: [(count: number) => number[], number, RegExp][] = [
      [(count) => many(count, 0x04), itemsMax, /items/],
      [(count) => [...many(count, 0xa0), ...many(count, 0xc0)], depthMax, /too deep/],
      [(count) => many(count, 0xa4), depthMax, /pushed too deep/],
      [(count) => [0x75, 1, 0x95, 1, ...many(count, 0x80)], fieldsMax, /fields/],
      [(count) => many(count, 0x08), usagesMax, /usages/],
      [(count) => many(count, 0xa0, 0xc0), collectionsMax, /collections/],
      [(count) => [0x75, 1, 0x97, ...bytesOf(count), 0x81, 0x02], reportBitsMax, /too long/],
    ]
    for (const [make, max, reason] of edges) {
      expect(parse(...make(max)).problem).toBeUndefined()
      expect(parse(...make(max + 1)).problem).toMatch(reason)
    }
    const longItems = many(descriptorBytesMax / 256, 0xfe, 253, ...many(254, 0))
    expect(longItems).toHaveLength(descriptorBytesMax)
    expect(parse(...longItems).problem).toBeUndefined()
    expect(parse(...longItems, 0x04).problem).toMatch(/longer than 4096/)
  })

  it('[HIDD6] any bytes give an answer, and its places can be read', () => {
    let fields = 0
    const byte = fc.integer({ min: 0, max: 255 })
    const prefixes = [0x05, 0x09, 0x19, 0x29, 0x15, 0x25, 0x75, 0x95, 0x85, 0xa1, 0x81, 0x91, 0xb1]
    const item = fc.oneof(
      {
        weight: 20,
        arbitrary: fc.tuple(fc.constantFrom(...prefixes), fc.oneof(fc.integer({ min: 1, max: 9 }), byte)),
      },
      { weight: 2, arbitrary: fc.constantFrom([0xc0], [0xa4], [0xb4], keyboard, mouse) },
      { weight: 1, arbitrary: fc.array(byte, { maxLength: 6 }) },
    )
    fc.assert(
      fc.property(fc.array(item, { maxLength: 60 }), fc.uint8Array({ maxLength: 80 }), (items, body) => {
        const descriptor = parse(...items.flat())
        for (const report of descriptor.reports)
          for (const field of report.fields) {
            fields++
            expect(field.bitOffset + field.bitSize * field.count).toBeLessThanOrEqual(report.bytes * 8)
            readValue(body, { field, index: field.count - 1 })
            readBytes(body, field)
            selectedUsage(field, body[0] ?? 0)
            buildReport(descriptor, { field, index: 0 }, 1)
          }
        findUsage(descriptor, 'input', 1, 0x30)
        findSelector(descriptor, 'input', 7, 0, 0x65)
        splitReport(descriptor, body)
      }),
      { numRuns: 4_000 },
    )
    expect(fields).toBeGreaterThan(1_000)
  })
})

describe('values in reports', () => {
  it('[HIDD7] what is written at any bits comes back, and nothing beside it changes', () => {
    const place = fc.record({
      bitOffset: fc.integer({ min: 0, max: 60 }),
      bitSize: fc.integer({ min: 1, max: valueBitsMax }),
      signed: fc.boolean(),
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      body: fc.uint8Array({ minLength: 12, maxLength: 12 }),
    })
    fc.assert(
      fc.property(place, ({ bitOffset, bitSize, signed, seed, body }) => {
        const unsigned = seed % 2 ** bitSize
        const value = signed && unsigned >= 2 ** (bitSize - 1) ? unsigned - 2 ** bitSize : unsigned
        const before = body.slice()
        expect(writeBits(body, bitOffset, bitSize, value)).toBe(true)
        expect(readBits(body, bitOffset, bitSize, signed)).toBe(value)
        for (let bit = 0; bit < body.length * 8; bit++)
          if (bit < bitOffset || bit >= bitOffset + bitSize)
            expect(readBits(body, bit, 1)).toBe(readBits(before, bit, 1))
      }),
    )
  })

  it('[HIDD7] outside of a report there is no value', () => {
    const body = Uint8Array.of(0xff, 0xff)
    expect(readBits(body, 8, 8)).toBe(255)
    expect(readBits(body, 9, 8)).toBeUndefined()
    expect(readBits(body, 0, 0)).toBeUndefined()
    expect(readBits(new Uint8Array(8), 0, valueBitsMax)).toBe(0)
    expect(readBits(new Uint8Array(8), 0, valueBitsMax + 1)).toBeUndefined()
    expect(writeBits(body, 9, 8, 1)).toBe(false)
    expect(writeBits(body, -1, 8, 1)).toBe(false)
    expect(body).toEqual(Uint8Array.of(0xff, 0xff))
  })

  it('[HIDD7] an id is taken off where the device has ids', () => {
    expect(splitReport({ hasIds: true }, Uint8Array.of(3, 4))).toEqual({ id: 3, body: Uint8Array.of(4) })
    expect(splitReport({ hasIds: false }, Uint8Array.of(3, 4))).toEqual({ id: 0, body: Uint8Array.of(3, 4) })
    expect(splitReport({ hasIds: true }, new Uint8Array(0))).toBeUndefined()
  })

  it('[HIDD7] a report is built with its id, its length and one value', () => {
    const descriptor = parse(
      ...application(
        0x85,
        7,
        0x75,
        1,
        0x95,
        2,
        0x09,
        0x80,
        0x09,
        0x81,
        0x91,
        0x02,
        0x75,
        14,
        0x95,
        1,
        0x91,
        0x03,
      ),
    )
    const place = findUsage(descriptor, 'output', 1, 0x81)
    expect(place).toBeDefined()
    if (place !== undefined) expect(buildReport(descriptor, place, 1)).toEqual(Uint8Array.of(7, 2, 0))
  })

  it('[HIDD8] an array field selects a usage by its value, over several ranges', () => {
    const descriptor = parse(
      ...application(
        ...[
          0x15,
          0x01,
          0x25,
          0x05,
          ...oneByte,
          0x19,
          0x10,
          0x29,
          0x12,
          0x0b,
          0x01,
          0x00,
          0x8d,
          0x00,
          0x09,
          0x20,
        ],
        ...[0x81, 0x00],
      ),
    )
    const place = findSelector(descriptor, 'input', 1, 0x10, 0x12)
    expect(place).toBeDefined()
    expect(findSelector(descriptor, 'input', 1, 0x13, 0x1f)).toBeUndefined()
    if (place === undefined) return
    expect([0, 1, 3, 4, 5, 6].map((value) => selectedUsage(place.field, value))).toEqual([
      undefined,
      { page: 1, usage: 0x10 },
      { page: 1, usage: 0x12 },
      { page: 0x8d, usage: 1 },
      { page: 1, usage: 0x20 },
      undefined,
    ])
  })

  it('[HIDD9] the keyboard of the standard: 8 modifiers, a byte of padding, 6 keys; 5 lamps', () => {
    const descriptor = parse(...keyboard)
    expect(descriptor).toMatchObject({ hasIds: false, collections: [{ page: 1, usage: 6, type: 1 }] })
    expect(findReport(descriptor, 'input', 0)).toMatchObject({
      bytes: 8,
      fields: [
        {
          bitOffset: 0,
          bitSize: 1,
          count: 8,
          variable: true,
          usages: [{ page: 7, usage: 0xe0, last: 0xe7 }],
        },
        { bitOffset: 8, bitSize: 8, count: 1, constant: true },
        { bitOffset: 16, bitSize: 8, count: 6, variable: false, logicalMax: 0x65 },
      ],
    })
    expect(findReport(descriptor, 'output', 0)?.bytes).toBe(1)
    const shift = findUsage(descriptor, 'input', 7, 0xe1)
    expect(shift && readValue(Uint8Array.of(2, 0, 4, 0, 0, 0, 0, 0), shift)).toBe(1)
  })

  it('[HIDD9] the mouse of the standard: 3 buttons, 5 bits of padding, X and Y with a sign', () => {
    const descriptor = parse(...mouse)
    expect(findReport(descriptor, 'input', 0)?.bytes).toBe(3)
    const y = findUsage(descriptor, 'input', 1, 0x31)
    expect(y).toMatchObject({ index: 1, field: { bitOffset: 8, relative: true, logicalMin: -127 } })
    expect(y && readValue(Uint8Array.of(0, 5, 0xfe), y)).toBe(-2)
    expect(y && readBytes(Uint8Array.of(0, 5, 0xfe), y.field)).toEqual(Uint8Array.of(5, 0xfe))
  })
})

function bytesOf(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff]
}
