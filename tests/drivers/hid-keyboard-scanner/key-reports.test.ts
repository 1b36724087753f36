/** Reports of keyboards: boot layout, report ids, bitmaps, and what is none of these. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScanReader } from '../../../src/drivers/scanners/hid-keyboard-scanner/codec.ts'
import { keyReader } from '../../../src/drivers/scanners/hid-keyboard-scanner/key-reports.ts'
import { hidKeyboardScannerSettings } from '../../../src/drivers/scanners/hid-keyboard-scanner/settings.ts'
import { bootKeyboardDescriptor } from '../../../src/drivers/scanners/hid-keyboard-scanner/twin.ts'
import { openScanner } from './bench.ts'

const none = new Uint8Array(0)
const modifiers = [0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0, 0x25, 1, 0x75, 1, 0x95, 8, 0x81, 2]
const sixKeys = [0x95, 6, 0x75, 8, 0x15, 0, 0x26, 0xff, 0, 0x05, 7, 0x19, 0, 0x2a, 0xff, 0, 0x81, 0]
const bitmap = [0x05, 7, 0x19, 0, 0x29, 0x77, 0x15, 0, 0x25, 1, 0x75, 1, 0x95, 0x78, 0x81, 2]
const keyboard = (...items: number[][]) => Uint8Array.from([0x05, 1, 0x09, 6, 0xa1, 1, ...items.flat(), 0xc0])
const id = (number: number) => [0x85, number]
const consumer = [
  0x05, 0x0c, 0x09, 1, 0xa1, 1, 0x85, 3, 0x15, 0, 0x26, 0xff, 3, 0x19, 0, 0x2a, 0xff, 3, 0x75, 16, 0x95, 1,
  0x81, 0, 0xc0,
]

describe('boot reports', () => {
  it.each([
    ['without a descriptor', none],
    ['with the boot descriptor', bootKeyboardDescriptor],
    ['with a descriptor of something else', Uint8Array.from(consumer)],
  ])('[HKS2] %s', (_, descriptor) => {
    const read = keyReader(descriptor)
    expect(read(Uint8Array.of(0x22, 0, 4, 5, 0, 0, 0, 0))).toEqual({ modifiers: 0x22, keys: [4, 5] })
    expect(read(new Uint8Array(8))).toEqual({ modifiers: 0, keys: [] })
    expect(read(new Uint8Array(4))).toBeUndefined()
    expect(read(none)).toBeUndefined()
  })

  it('[HKS2] a report of too many keys changes nothing', async () => {
    const bench = await openScanner()
    const tooMany = [0, 0, 1, 1, 1, 1, 1, 1]
    await bench.send([0, 0, 4, 0, 0, 0, 0, 0], tooMany, [0, 0, 4, 0, 0, 0, 0, 0], new Array(8).fill(0))
    await bench.send([0, 0, 0x28, 0, 0, 0, 0, 0])
    expect(bench.codes()).toEqual(['a'])
  })
})

describe('reports by descriptor', () => {
  it('[HKS3] ids come first in the report; other reports say nothing of keys', () => {
    const descriptor = Uint8Array.from([
      ...keyboard(id(1), modifiers, [0x75, 8, 0x95, 1, 0x81, 1], sixKeys),
      ...consumer,
    ])
    const read = keyReader(descriptor)
    expect(read(Uint8Array.of(1, 2, 0, 4, 0, 0, 0, 0, 0))).toEqual({ modifiers: 2, keys: [4] })
    expect(read(Uint8Array.of(3, 0xe9, 0))).toBeUndefined()
    expect(read(Uint8Array.of(1, 2, 0, 4))).toBeUndefined()
  })

  it('[HKS3] bitmaps have a bit a key', async () => {
    const descriptor = keyboard(id(1), modifiers, bitmap)
    const read = keyReader(descriptor)
    const report = new Uint8Array(17)
    report[0] = 1
    report[1] = 0x02
    for (const usage of [0x04, 0x1d, 0x28, 0x77])
      report[2 + (usage >> 3)] = (report[2 + (usage >> 3)] ?? 0) | (1 << (usage & 7))
    expect(read(report)).toEqual({ modifiers: 2, keys: [0x04, 0x1d, 0x28, 0x77] })
    expect(read(report.subarray(0, 16))).toBeUndefined()
    const bench = await openScanner({}, { descriptor })
    const bits = (...usages: number[]) => {
      const bytes = new Array<number>(17).fill(0)
      bytes[0] = 1
      for (const usage of usages)
        bytes[2 + (usage >> 3)] = (bytes[2 + (usage >> 3)] ?? 0) | (1 << (usage & 7))
      return bytes
    }
    await bench.send(bits(0x1f), bits(0x1f, 0x04), bits(0x04), bits(), bits(0x04), bits(0x28), bits())
    expect(bench.codes()).toEqual(['2aa'])
  })

  it('[HKS3] keys spread over two reports are down together', () => {
    const read = keyReader(
      Uint8Array.from([...keyboard(id(1), modifiers, sixKeys), ...keyboard(id(2), bitmap)]),
    )
    expect(read(Uint8Array.of(1, 2, 4, 0, 0, 0, 0, 0))).toEqual({ modifiers: 2, keys: [4] })
    const second = new Uint8Array(16)
    second.set([2, 0b0010_0000])
    expect(read(second)).toEqual({ modifiers: 2, keys: [4, 5] })
    expect(read(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0))).toEqual({ modifiers: 0, keys: [5] })
  })
})

describe('any bytes', () => {
  it('[HKS1] are read without a throw, and no more is kept than the limit', () => {
    const settings = hidKeyboardScannerSettings.parse({ codeCharsMax: 50, ends: [], gsKeys: ['F8'] })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constantFrom(none, bootKeyboardDescriptor, keyboard(id(1), modifiers, bitmap)),
          fc.uint8Array({ maxLength: 80 }),
        ),
        fc.constantFrom('us' as const, 'de' as const, 'fr' as const),
        fc.array(fc.oneof(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.uint8Array({ maxLength: 20 })), {
          maxLength: 100,
        }),
        (descriptor, layout, reports) => {
          const reader = new ScanReader(descriptor, { ...settings, layout })
          for (const report of reports) expect(reader.take(report)).toEqual([])
          expect((reader.flush() ?? '').length).toBeLessThanOrEqual(50)
          expect(reader.pending).toBe(false)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
