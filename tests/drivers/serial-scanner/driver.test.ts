/** Scans from the twin to the hub: none lost, none merged, none made up. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle } from '../../support/clock.ts'
import { expectSameCodeTwice } from '../../support/same-code-twice.ts'
import { openScanner } from './bench.ts'

const hundred = Array.from({ length: 100 }, (_, index) => `CODE-${index}`)

describe('scans', () => {
  it('[SCAN1] an order of the demo becomes an event, AIM identifier read and taken off', async () => {
    const { twin, scans } = await openScanner()
    twin.order({ order: 'scan', code: '4006381333931', aim: ']E0' })
    await settle()
    expect(scans).toEqual([{ code: '4006381333931', symbology: 'ean13' }])
  })

  it('[SCAN4] GS1 data comes with its elements', async () => {
    const { twin, scans } = await openScanner()
    twin.order({ order: 'scan', code: '010952123454321310ABC\x1d17261231', aim: ']C1' })
    await settle()
    expect(scans[0]).toMatchObject({
      symbology: 'gs1-128',
      gs1: { '01': '09521234543213', '10': 'ABC', '17': '261231' },
    })
  })

  it.each(['\r', '\n', '\r\n', '\t', '\x03'])('[SCAN10] the suffix %j ends a scan', async (suffix) => {
    const bench = await openScanner({ idleGapMs: 0 }, { twin: { suffix } })
    for (const code of ['first', 'second']) bench.twin.scan(code)
    await settle()
    expect(bench.codes()).toEqual(['first', 'second'])
    expect(bench.clock.pending).toBe(0)
  })

  it('[SCAN10] with one suffix set, the other control characters belong to the code', async () => {
    const bench = await openScanner({ suffixes: ['CRLF'] }, { twin: { suffix: '\r\n' } })
    const card = 'BEGIN:VCARD\nN:Novák\nEND:VCARD'
    bench.twin.scan(card, ']Q1')
    await settle()
    expect(bench.codes()).toEqual([card])
  })

  it('[SCAN11] a scanner without a suffix is told after a pause of idleGapMs, at its edge', async () => {
    const bench = await openScanner({ idleGapMs: 50 })
    bench.twin.fault({ kind: 'no_suffix', on: true })
    bench.twin.scan('first')
    await bench.clock.advance(49)
    expect(bench.codes()).toEqual([])
    await bench.clock.advance(1)
    expect(bench.codes()).toEqual(['first'])
    bench.twin.scan('second')
    await bench.clock.advance(50)
    expect(bench.codes()).toEqual(['first', 'second'])
    expect(bench.clock.pending).toBe(0)
  })

  it('[SCAN11] with idleGapMs 0 only a suffix ends a scan', async () => {
    const bench = await openScanner({ idleGapMs: 0 })
    await bench.send('fir')
    await bench.clock.advance(60_000)
    await bench.send('st\r')
    expect(bench.codes()).toEqual(['first'])
  })

  it('[SCAN12] a slow line that dribbles bytes faster than the gap does not cut a code', async () => {
    const bench = await openScanner({ idleGapMs: 50 })
    bench.twin.fault({ kind: 'split', bytes: 1, everyMs: 40 })
    bench.twin.scan('4006381333931', ']E0')
    bench.twin.scan('96385074', ']E4')
    await bench.clock.advance(5_000)
    expect(bench.scans).toEqual([
      { code: '4006381333931', symbology: 'ean13' },
      { code: '96385074', symbology: 'ean8' },
    ])
  })

  it('[SCAN12] a burst of 100 scans is 100 scans, in order', async () => {
    for (const chunkBytesMax of [1, 3, 64, 1_000_000]) {
      const bench = await openScanner({}, { chunkBytesMax })
      bench.twin.burst(hundred)
      await bench.clock.advance(0)
      while (bench.scans.length < 100) {
        const before = bench.scans.length
        await settle()
        if (bench.scans.length === before) break
      }
      expect(bench.codes(), `pieces of ${chunkBytesMax}`).toEqual(hundred)
    }
  })

  it('[SCAN12] any chunking gives the same scans', async () => {
    const code = fc.string({
      unit: fc.constantFrom('0', '7', 'A', 'é', '\x1d', ']', 'E', '日'),
      minLength: 1,
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(code, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        async (codes, chunkBytesMax) => {
          const results: unknown[] = []
          for (const size of [chunkBytesMax, 1_000_000]) {
            const bench = await openScanner({}, { chunkBytesMax: size })
            bench.twin.burst(codes)
            await bench.clock.advance(0)
            await settle()
            await settle()
            results.push(bench.scans)
            await bench.device.stop()
          }
          expect(results[0]).toEqual(results[1])
          expect(results[0]).toHaveLength(
            codes.filter((text) => !/^\][A-Za-z][0-9A-Za-z]$/.test(text)).length,
          )
        },
      ),
      { numRuns: 100 },
    )
  })

  it('[SCAN1] the same code twice is two scans; duplicateMs drops the second within its time, at the edge', async () => {
    await expectSameCodeTwice(openScanner)
  })

  it('[SCAN13] a scan over codeBytesMax is dropped whole and logged, and the next is whole', async () => {
    const bench = await openScanner({ codeBytesMax: 20 })
    bench.twin.scan('x'.repeat(20))
    bench.twin.scan('x'.repeat(21))
    bench.twin.scan('next')
    await settle()
    expect(bench.codes()).toEqual(['x'.repeat(20), 'next'])
    expect(bench.warnings).toEqual([{ device: 'scanner-1', bytesMax: 20 }])
  })

  it('[SCAN9] a spoilt byte costs no scan but its own', async () => {
    const bench = await openScanner()
    bench.twin.fault({ kind: 'garble', scans: 1 })
    bench.twin.scan('first')
    bench.twin.scan('second')
    await settle()
    expect(bench.codes()).toHaveLength(2)
    expect(bench.codes()[1]).toBe('second')
  })
})

describe('the device', () => {
  it('[SCAN14] stopped, it tells nothing and leaves no timer; a cut code is not told', async () => {
    const bench = await openScanner()
    await bench.send('begun')
    await bench.device.stop()
    await bench.device.stop()
    await bench.send('rest\rnext\r')
    await bench.clock.advance(1_000)
    expect(bench.codes()).toEqual([])
    expect(bench.clock.pending).toBe(0)
  })

  it('[SCAN14] pulled out in the middle of a code, it tells no half of it', async () => {
    const bench = await openScanner()
    bench.twin.scan('whole')
    await settle()
    await bench.send('40063')
    bench.twin.order({ order: 'plug', on: false })
    await bench.clock.advance(1_000)
    expect(bench.codes()).toEqual(['whole'])
    expect(bench.twin.plugged).toBe(false)
  })

  it('[SCAN15] the twin obeys the orders of a scanner and refuses others', async () => {
    const bench = await openScanner()
    bench.twin.order({ order: 'silent', on: true })
    bench.twin.order({ order: 'scan', code: 'unheard' })
    bench.twin.order({ order: 'silent', on: false })
    bench.twin.order({ order: 'scan', code: 'heard' })
    await settle()
    expect(bench.codes()).toEqual(['heard'])
    expect(() => bench.twin.order({ order: 'load', grams: 1 })).toThrowError(/params_invalid/)
  })
})
