/** Documents on a display of letters: what stands where. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Letters } from '../../../src/drivers/displays/common/letters.ts'
import { linesOf, type Screen } from '../../../src/drivers/displays/common/lines.ts'
import { displayShowPayloadSchema } from '../../../src/protocol/job.ts'

const screen: Screen = { columns: 20, rows: 2, letters: new Letters('cp437'), totalLabel: 'Total' }
const wide: Screen = { ...screen, rows: 4 }

describe('lines', () => {
  it('[POLE1] lines as given: the first ones, cut at the edge, padded with blanks', () => {
    expect(linesOf({ lines: ['Welcome', 'to the shop around the corner', 'third'] }, screen)).toEqual([
      'Welcome             ',
      'to the shop around t',
    ])
    expect(linesOf({ lines: ['one'] }, screen)).toEqual(['one                 ', ' '.repeat(20)])
    // A letter that takes two cells pushes what follows, and the cut comes after that.
    expect(linesOf({ lines: ['€€€€€€€€'] }, screen)?.[0]).toBe('EUREUREUREUREUREUREU')
  })

  it('[POLE2] without lines: the last item and the total, amounts whole and at the right edge', () => {
    const items = [
      { text: 'Bread', amount: '2.10' },
      { text: 'Espresso macchiato grande', quantity: '2', amount: '5.00' },
    ]
    expect(linesOf({ items, total: { amount: '7.10 €' } }, screen)).toEqual([
      '2 x Espresso ma 5.00',
      'Total       7.10 EUR',
    ])
    expect(linesOf({ items, total: { label: 'Zu zahlen', amount: '7.10' } }, screen)?.[1]).toBe(
      'Zu zahlen       7.10',
    )
    expect(linesOf({ items }, screen)).toEqual(['Bread           2.10', '2 x Espresso ma 5.00'])
    expect(linesOf({ items: [{ text: 'Milk', quantity: '1' }] }, screen)).toEqual([
      ' '.repeat(20),
      'Milk                ',
    ])
    expect(linesOf({ items, total: { amount: '7.10' } }, wide)).toEqual([
      ' '.repeat(20),
      'Bread           2.10',
      '2 x Espresso ma 5.00',
      'Total           7.10',
    ])
    expect(linesOf({ items, total: { amount: '7.10' } }, { ...screen, rows: 1 })).toEqual([
      'Total           7.10',
    ])
  })

  it('[POLE2] an amount that no line holds is stars and never a part of it', () => {
    const amount = '123456789012345678901'
    expect(linesOf({ total: { amount } }, screen)?.[1]).toBe('*'.repeat(20))
    expect(linesOf({ total: { amount: amount.slice(1) } }, screen)?.[1]).toBe(amount.slice(1))
  })

  it('[POLE3] a message is wrapped at its words; above a total it keeps to the rows left', () => {
    expect(linesOf({ message: 'Thank you and see you soon again' }, screen)).toEqual([
      'Thank you and see   ',
      'you soon again      ',
    ])
    expect(linesOf({ message: 'Donaudampfschifffahrtskapitän' }, screen)).toEqual([
      'Donaudampfschifffahr',
      'tskapitän           ',
    ])
    expect(linesOf({ message: 'Please insert your card', total: { amount: '7.10' } }, screen)).toEqual([
      'Please insert your  ',
      'Total           7.10',
    ])
    expect(linesOf({ qr: { data: 'x', caption: 'Scan to pay' } }, screen)?.[0]).toBe('Scan to pay         ')
    expect(linesOf({ qr: { data: 'x' } }, screen)).toBeUndefined()
    expect(linesOf({ items: [] }, screen)).toBeUndefined()
  })

  it('[POLE1] whatever the document, every line fills the display exactly', () => {
    const text = (maxLength: number) => fc.string({ unit: 'binary', minLength: 1, maxLength })
    const document = fc
      .record(
        {
          lines: fc.array(text(80), { minLength: 1, maxLength: 8 }),
          items: fc.array(
            fc.record({ text: text(60), quantity: text(8), amount: text(30) }, { requiredKeys: ['text'] }),
            { maxLength: 6 },
          ),
          total: fc.record({ label: text(40), amount: text(30) }, { requiredKeys: ['amount'] }),
          message: text(200),
          qr: fc.record({ data: text(20), caption: text(60) }, { requiredKeys: ['data'] }),
        },
        { requiredKeys: [] },
      )
      .filter((value) => displayShowPayloadSchema.safeParse(value).success)
    fc.assert(
      fc.property(
        document,
        fc.integer({ min: 8, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (value, columns, rows) => {
          const lines = linesOf(displayShowPayloadSchema.parse(value), { ...screen, columns, rows })
          if (lines === undefined) {
            expect(value.lines ?? value.total ?? value.message ?? value.qr?.caption).toBeUndefined()
            return
          }
          expect(lines.map((line) => line.length)).toEqual(Array.from({ length: rows }, () => columns))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
