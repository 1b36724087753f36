/** What scanners share: a text and its mark to a scan, however the mark came. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readScan, scanOf } from '../../../src/drivers/framing/scan.ts'
import { settle } from '../../support/clock.ts'
import { openScanner } from './bench.ts'

const gtin = '09521234543213'
const none = { prefixes: [], aim: 'auto', codeIds: {}, gsCharacters: [], gs1Guess: false } as const

describe('a mark apart from the code', () => {
  it.each([
    [{ aim: ']E0' }, '4006381333931', { symbology: 'ean13' }],
    [{ aim: ']E4' }, '96385074', { symbology: 'ean8' }],
    [{ aim: ']C1' }, `01${gtin}`, { symbology: 'gs1-128', gs1: { '01': gtin } }],
    [{ symbology: 'gs1-128' }, `01${gtin}`, { symbology: 'gs1-128', gs1: { '01': gtin } }],
    [{ aim: ']X0', symbology: 'code128' }, 'ABC', { symbology: 'code128' }],
    [{ aim: ']X0' }, '4006381333931', {}],
    [{ aim: ']y9' }, '4006381333931', { symbology: 'ean13' }],
    [{}, '4006381333931', { symbology: 'ean13' }],
    [{ aim: ']C0' }, ']E04006381333931', { symbology: 'code128' }],
    [{ aim: '' }, ']E04006381333931', {}],
  ] as const)('[SCAN17] %j with %s', (mark, code, told) => {
    expect(scanOf(code, mark)).toEqual({ code, ...told })
  })

  it('[SCAN17] is read as one in front of it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(']E0', ']C0', ']C1', ']Q3', ']d2', ']X0', ']A0', ']e0'),
        fc.string({ unit: fc.constantFrom('0', '1', '7', 'A', '\x1d', 'é', ']'), maxLength: 20 }),
        (aim, code) => {
          expect(scanOf(code, { aim })).toEqual(readScan(aim + code, none))
        },
      ),
    )
  })
})

describe('a bad line', () => {
  it.each(['garble', 'half_answer', 'slow'] as const)(
    '[SCAN18] with the fault %s the scans on it suffer, and none after',
    async (fault) => {
      const bench = await openScanner()
      bench.twin.order({ order: 'fault', fault })
      bench.twin.order({ order: 'scan', code: '4006381333931', aim: ']E0' })
      await settle()
      expect(bench.codes()).not.toContain('4006381333931')
      await bench.clock.advance(10_000)
      bench.twin.order({ order: 'fault', fault: 'none' })
      bench.twin.order({ order: 'scan', code: '96385074', aim: ']E4' })
      await settle()
      expect(bench.scans.at(-1)).toEqual({ code: '96385074', symbology: 'ean8' })
    },
  )
})
