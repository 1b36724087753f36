/** Words, figures, widths and limits of all papers. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Block, receiptLimits, receiptSchema } from '../../src/protocol/receipt.ts'
import { catalogueSchemas } from '../../src/protocol/till/catalogue.ts'
import type { SoldOrder } from '../../src/protocol/till/order.ts'
import { billPaper } from '../../src/till/papers/bill.ts'
import { cleanLines, paperLimits } from '../../src/till/papers/blocks.ts'
import { cashSlip } from '../../src/till/papers/cash-slip.ts'
import type { Desk } from '../../src/till/papers/desk.ts'
import { Formats } from '../../src/till/papers/format.ts'
import { giftPaper } from '../../src/till/papers/gift.ts'
import { kitchenPaper } from '../../src/till/papers/kitchen-ticket.ts'
import { receiptPaper } from '../../src/till/papers/receipt.ts'
import { reportPaper } from '../../src/till/papers/report.ts'
import { wordsOf } from '../../src/till/papers/words/words.ts'
import {
  customer,
  deskWith,
  draftOf,
  type LineSpec,
  languages,
  orderOf,
  paidAt,
  papersOf,
  printed,
  reportOf,
  rowsOf,
  shopWith,
  textOf,
} from './papers-support.ts'

const at = Date.parse(paidAt)
const kitchen = catalogueSchemas.kitchen.parse({ id: 'k', name: 'Küche', printer: 'p', categories: [] })

/** One of each. */
function allPapers(
  specs: readonly LineSpec[],
  desk: Desk,
  more: Partial<SoldOrder> = {},
): Record<string, Block[]> {
  const order = orderOf(specs, more)
  const draft = draftOf(specs, { bills: 2 })
  const changes = specs.map(({ name = 'x', quantity = '1', note }) => ({
    name,
    quantity,
    ...(note === undefined ? {} : { note }),
  }))
  return {
    receipt: receiptPaper(order, { customer, refundOf: [], duplicate: undefined }, desk),
    refund: receiptPaper(
      { ...order, refund: true, invoice: true },
      { customer, refundOf: ['K7-1-000001'], duplicate: { number: 12, at } },
      desk,
    ),
    gift: giftPaper(order, desk),
    bill: billPaper(draft, customer, at, desk),
    cash: cashSlip(reportOf().cashMoves[0]!, desk),
    x: reportPaper(reportOf({ closing: null, cashExpected: null }), desk),
    z: reportPaper(reportOf(), desk),
    kitchen: kitchenPaper({ kitchen, draft, changes, fire: 2, by: 'anna' }, at, desk),
  }
}

it('[PAP21] every language has a word for everything, and none is empty', () => {
  const keys = Object.keys(wordsOf.en).sort()
  expect(keys.length).toBeGreaterThan(50)
  for (const language of languages) {
    expect(Object.keys(wordsOf[language]).sort()).toEqual(keys)
    for (const word of Object.values(wordsOf[language])) expect(word.trim()).toMatch(/\S/)
  }
  expect(languages.map((language) => wordsOf[language].duplicate)).toEqual([
    'DUPLICATE',
    'DUPLIKAT',
    'DUPLICATA',
    'DUPLICADO',
    'DUPLICAAT',
  ])
})

it('[PAP21] every paper is printed in every language, at every width, and nothing of it has to be drawn', async () => {
  let papers = 0
  for (const language of languages) {
    const desk = deskWith({ language, invoiceUrl: 'https://example.com/{id}' })
    for (const blocks of Object.values(allPapers([{ name: 'Brot', amount: 320, quantity: '2' }], desk))) {
      for (const paper of papersOf) {
        const { twin } = await printed(blocks, paper)
        expect(twin.violations).toEqual([])
        expect(twin.images).toBe(0)
        expect(twin.tickets.length).toBe(1)
        papers++
      }
    }
  }
  expect(papers).toBe(5 * 8 * 3)
})

it('[PAP22] figures as they are written in each language', () => {
  const money = languages.map((language) => {
    const format = new Formats(shopWith({ language }))
    return [
      format.money(-123_456_789),
      format.amount(123_456_789),
      format.decimal('-1234.5'),
      format.price('0.0125'),
    ]
  })
  expect(money).toEqual([
    ['-€1,234,567.89', '1,234,567.89', '-1,234.5', '0.0125'],
    ['-1.234.567,89 €', '1.234.567,89', '-1.234,5', '0,0125'],
    ['-1 234 567,89 €', '1 234 567,89', '-1 234,5', '0,0125'],
    ['-1.234.567,89 €', '1.234.567,89', '-1234,5', '0,0125'],
    ['€ -1.234.567,89', '1.234.567,89', '-1.234,5', '0,0125'],
  ])
})

it('[PAP22] digits of the currency, exact to the last of them', () => {
  const amountOf = (currency: string, currencyDigits: number, minor: number) =>
    new Formats(shopWith({ language: 'en', currency, currencyDigits })).amount(minor)
  expect(amountOf('JPY', 0, 1234)).toBe('1,234')
  expect(amountOf('KWD', 3, -5)).toBe('-0.005')
  expect(amountOf('EUR', 2, 999_999_999_999)).toBe('9,999,999,999.99')
  expect(amountOf('EUR', 2, Number.MAX_SAFE_INTEGER)).toBe('90,071,992,547,409.91')
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 4 }), (minor, digits) => {
      const text = amountOf('EUR', digits, minor)
      expect(Number(text.replace(/[,.]/g, ''))).toBe(minor)
      expect(text.split('.')[1]?.length ?? 0).toBe(digits)
    }),
  )
})

it('[PAP22] no blank or sign that printers lack, for any currency', () => {
  for (const language of languages) {
    for (const currency of Intl.supportedValuesOf('currency')) {
      const format = new Formats(shopWith({ language, currency }))
      const text = [format.money(-123_456_789), format.unitPrice('-1234.5'), format.time(at)].join()
      expect(text).not.toMatch(/[\u00a0\u2000-\u200f\u202f\u2212]/)
    }
  }
})

it('[PAP22] days and hours of the shop; of an unknown zone UTC, and said so', () => {
  const time = (language: 'en' | 'de', timeZone: string, currency = 'EUR') =>
    new Formats(shopWith({ language, timeZone, currency })).time(paidAt)
  expect(time('de', 'Europe/Berlin')).toBe('23.11.2026, 23:30')
  expect(time('de', 'Asia/Tokyo')).toBe('24.11.2026, 07:30')
  expect(time('en', 'Europe/London')).toBe('23 Nov 2026, 22:30')
  expect(time('en', 'America/New_York', 'USD')).toBe('Nov 23, 2026, 05:30 PM')
  expect(time('de', 'Mars/Olympus')).toBe('23.11.2026, 22:30 UTC')
})

const longName = 'Olivenöl nativ extra aus erster Kaltpressung von den Hängen der Toskana'

it('[PAP23] amounts of up to 12 digits stand whole in a line, with their marks, at every width', async () => {
  const amounts = [1, 999, 123_456, 99_999_999, 999_999_999_999, -999_999_999_999]
  for (const language of languages) {
    const desk = deskWith({ language })
    for (const amount of amounts) {
      const specs = [
        { name: longName, amount, price: '1', quantity: '1234567.5', discount: '10' },
        { name: 'Brot', amount: 0, taxes: ['t7'] },
      ]
      const order = orderOf(specs)
      const { totals } = order
      const whole = [amount, totals.tax, totals.net].map((value) => desk.format.amount(value))
      whole.push(desk.format.money(totals.total), `${desk.format.amount(amount)} A`)
      whole.push(desk.format.decimal('1234567.5'))
      const blocks = receiptPaper(order, { customer: undefined, refundOf: [], duplicate: undefined }, desk)
      for (const paper of papersOf) {
        const { lines } = await printed(blocks, paper)
        for (const figure of whole) expect(lines.join('\n')).toContain(figure)
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(paper.columns)
      }
    }
  }
})

it('[PAP23] every amount in a row is at least as wide as its column, on the narrowest paper', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 100 }), (seed, scale) => {
      const amount = Math.trunc(seed % 10 ** Math.min(12, 1 + (scale % 13)))
      const report = reportOf({
        total: amount,
        grandTotal: amount,
        cashExpected: amount,
        methods: reportOf().methods.map((method) => ({ ...method, amount, payments: 999_999 })),
        taxes: reportOf().taxes.map((tax) => ({ ...tax, base: amount, amount })),
      })
      for (const block of reportPaper(report, deskWith())) {
        if (block.type !== 'row') continue
        const scaled = block.size ?? 1
        let used = block.columns.length - 1
        for (const { text, width } of block.columns) {
          if (width === undefined) continue
          expect(text.length).toBeLessThanOrEqual(Math.floor(width / scaled))
          used += Math.floor(width / scaled)
        }
        expect(Math.floor(32 / scaled) - used).toBeGreaterThanOrEqual(4)
      }
    }),
  )
})

it('[PAP24] an order of 1,000 lines with the longest names, notes and lots is a valid document, and is printed', async () => {
  const specs: LineSpec[] = Array.from({ length: 1_000 }, (_, index) => ({
    name: 'N'.repeat(200),
    amount: 100 + index,
    quantity: '999999999.999999',
    price: '-999999999.999999',
    listPrice: '0.000001',
    discount: '99.9999',
    unit: 'kg',
    note: 'Ü'.repeat(2_000),
    internalNote: 'x'.repeat(2_000),
    lots: Array.from({ length: 500 }, () => 'L'.repeat(60)),
  }))
  const desk = deskWith({}, { header: 'h'.repeat(1_000), footer: 'f'.repeat(1_000) })
  const payments = Array.from({ length: 50 }, (_, index) => ({
    id: `y${index}`,
    method: 'card',
    amount: 1,
    change: false,
    reference: 'r'.repeat(100),
  }))
  for (const blocks of Object.values(allPapers(specs, desk, { payments, note: 'x'.repeat(2_000) }))) {
    expect(receiptSchema.safeParse({ blocks }).error).toBeUndefined()
    expect(blocks.length).toBeLessThanOrEqual(receiptLimits.blocksMax)
  }
  const short = specs.map(({ note: _, lots: __, ...spec }) => spec)
  const order = orderOf(short)
  const { twin } = await printed(
    receiptPaper(order, { customer, refundOf: [], duplicate: undefined }, desk),
    papersOf[0]!,
  )
  expect(twin.violations).toEqual([])
})

it('[PAP24] notes end at 1,000 characters, lots at 40, and never within a character', () => {
  expect(paperLimits).toMatchObject({ noteCharsMax: 1_000, lotsMax: 40 })
  expect(cleanLines('a'.repeat(1_000))).toBe('a'.repeat(1_000))
  expect(cleanLines('a'.repeat(1_001))).toBe(`${'a'.repeat(997)}...`)
  expect(cleanLines(`${'a'.repeat(996)}😀😀😀`)).toBe(`${'a'.repeat(996)}...`)
  const lots = (count: number) => {
    const order = orderOf([{ amount: 100, lots: Array.from({ length: count }, (_, index) => `S${index}`) }])
    return rowsOf(giftPaper(order, deskWith()))[0]![1]!
  }
  expect(lots(40)).toMatch(/S39$/)
  expect(lots(42)).toMatch(/S39 \+ 2 weitere$/)
})

it('[PAP25] names of any script pass as they are; control characters become blanks', async () => {
  const names = ['緑茶 有機', 'حمص بالطحينة', 'שוקולד', 'Žluťoučký kůň', 'Ψωμί', 'Хлеб']
  const desk = deskWith()
  const specs = names.map((name) => ({ name, amount: 100 }))
  for (const blocks of Object.values(allPapers(specs, desk))) {
    for (const paper of papersOf) expect((await printed(blocks, paper)).twin.violations).toEqual([])
  }
  const text = textOf(allPapers(specs, desk).receipt!)
  for (const name of names) expect(text).toContain(name)
  const nasty = allPapers(
    [{ name: 'a\tb\x1b@c\nd', amount: 100, note: 'x\x00y\r\nz', lots: ['1\x1d2'] }],
    desk,
  )
  for (const blocks of Object.values(nasty)) {
    expect(receiptSchema.safeParse({ blocks }).error).toBeUndefined()
  }
  expect(textOf(nasty.receipt!)).toContain('a b @c d\n  Charge 1 2\n  x y\n  z')
})
