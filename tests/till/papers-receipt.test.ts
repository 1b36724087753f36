/** Receipts, duplicates, gift receipts and bills: what stands on the paper is what the order says. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Block } from '../../src/protocol/receipt.ts'
import type { SoldOrder } from '../../src/protocol/till/order.ts'
import { billPaper } from '../../src/till/papers/bill.ts'
import { giftPaper } from '../../src/till/papers/gift.ts'
import { type ReceiptFacts, receiptPaper } from '../../src/till/papers/receipt.ts'
import { wordsOf } from '../../src/till/papers/words/words.ts'
import {
  customer,
  deskWith,
  draftOf,
  excludedTax,
  languages,
  orderOf,
  paidAt,
  papersOf,
  printed,
  rowsOf,
  taxes,
  textOf,
} from './papers-support.ts'

const plain: ReceiptFacts = { customer: undefined, refundOf: [], duplicate: undefined }
const receipt = (order: SoldOrder, facts: Partial<ReceiptFacts> = {}, desk = deskWith()) =>
  receiptPaper(order, { ...plain, ...facts }, desk)
const wide = papersOf[2]!

it('[PAP4] head and foot: the shop, the reference in large type, the hour of the shop', async () => {
  const desk = deskWith(
    { website: 'https://shop.example.com', logo: 'aGVsbG8=' },
    { header: 'Willkommen!\r\nTäglich frisch', footer: 'Auf Wiedersehen\x07' },
  )
  const order = orderOf([{ amount: 320 }], { table: 't4', guests: 2, label: 'Geburtstag' })
  const blocks = receipt(order, {}, desk)
  expect(blocks[0]).toMatchObject({ type: 'image', png: 'aGVsbG8=' })
  const { lines } = await printed(blocks.slice(1), wide)
  const expected = [
    'Feinkost Müller & Söhne',
    'Lange Straße 12',
    '10115 Berlin',
    'Tel. +49 30 123456',
    'https://shop.example.com',
    'USt-IdNr. DE123456789',
    'Willkommen!',
    'Täglich frisch',
    'Kassenbon',
    'K7-1-000123',
    '23.11.2026, 23:30',
    'Kasse Front',
    'Es bediente Sie Anna',
    'Tisch 4',
    'Gäste 2',
    'Bestellung Geburtstag',
  ]
  expect(
    lines
      .map((line) => line.trim().replace(/ +/g, ' '))
      .filter((line) => line !== '')
      .slice(0, expected.length),
  ).toEqual(expected)
  expect(textOf(blocks).at(-1)).toBe('Auf Wiedersehen')
  expect(blocks.find((block) => block.type === 'text' && block.text === 'K7-1-000123')).toMatchObject({
    size: 2,
  })
  expect(blocks.at(-1)).toEqual({ type: 'cut' })
})

it('[PAP4] a refund is called one, and figures keep their sign', () => {
  const order = orderOf([{ amount: -790, quantity: '-1', price: '7.90' }], { refund: true })
  const text = textOf(receipt(order)).join('\n')
  expect(text).toContain('Rückgabe')
  expect(text).not.toContain('Kassenbon')
  expect(rowsOf(receipt(order))).toContainEqual(['GESAMT', '-7,90 €'])
})

it('[PAP5] the customer, and for an invoice the address and VAT number', () => {
  const without = textOf(receipt(orderOf([{ amount: 100 }]), { customer })).join('\n')
  expect(without).toContain('Erika Mustermann GmbH')
  expect(without).not.toContain('Hauptstraße')
  const invoiced = textOf(receipt(orderOf([{ amount: 100 }], { invoice: true }), { customer })).join('\n')
  for (const part of ['Hauptstraße 1', '80331 München', 'Deutschland', 'USt-IdNr. DE987654321']) {
    expect(invoiced).toContain(part)
  }
  expect(invoiced).toContain(wordsOf.de.invoiceAsked)
})

it('[PAP6] what explains a line', () => {
  const order = orderOf([
    { name: 'Kaffee', amount: 320 },
    { name: 'Brötchen', amount: 180, quantity: '4', price: '0.45' },
    { name: 'Bergkäse', amount: 445, quantity: '0.345', price: '12.90', unit: 'kg' },
    { name: 'Öl', amount: 1161, price: '12.90', discount: '10' },
    { name: 'Wein', amount: 790, price: '7.90', listPrice: '8.90', note: 'kalt\nbitte' },
    { name: 'Telefon', amount: 100, lots: ['SN-1', 'SN-2'] },
    { name: 'Retour', amount: -1161, quantity: '-1', price: '12.90', discount: '10' },
  ])
  const rows = rowsOf(receipt(order)).slice(2, 9)
  expect(rows).toEqual([
    ['Kaffee', '3,20', 'A'],
    ['Brötchen\n  4 x 0,45', '1,80', 'A'],
    ['Bergkäse\n  0,345\u00a0kg x 12,90\u00a0€/kg', '4,45', 'A'],
    ['Öl\n  Rabatt 10\u00a0% (-1,29)', '11,61', 'A'],
    ['Wein\n  statt 8,90\n  kalt\n  bitte', '7,90', 'A'],
    ['Telefon\n  Charge SN-1, SN-2', '1,00', 'A'],
    ['Retour\n  -1 x 12,90\n  Rabatt 10\u00a0% (1,29)', '-11,61', 'A'],
  ])
  expect(textOf(receipt({ ...order, note: 'Für Oma' }))).toContain('Für Oma')
})

it('[PAP7] prices without their taxes: lines are net, subtotal and tax lead to the total', () => {
  const order = orderOf([{ name: 'Bagel', amount: 300, quantity: '2', price: '1.50', taxes: ['x10'] }], {}, [
    excludedTax,
  ])
  const rows = rowsOf(receipt(order, {}, deskWith({ language: 'en', currency: 'USD', timeZone: 'UTC' })))
  expect(rows).toContainEqual(['Bagel\n  2 x 1.50', '3.00', 'A'])
  expect(rows).toContainEqual(['Subtotal', '3.00'])
  expect(rows).toContainEqual(['VAT', '0.30'])
  expect(rows).toContainEqual(['TOTAL', '$3.30'])
})

it('[PAP7] where only some prices hold their taxes, the others say that they are net', () => {
  const order = orderOf(
    [
      { name: 'Brot', amount: 200, taxes: ['t7'] },
      { name: 'Bagel', amount: 300, quantity: '2', price: '1.50', taxes: ['x10'] },
    ],
    {},
    [...taxes, excludedTax],
  )
  const rows = rowsOf(receipt(order))
  expect(rows).toContainEqual(['Bagel\n  2 x 1,50 netto', '3,30', 'B'])
  expect(rows).toContainEqual(['GESAMT', '5,30 €'])
})

it('[PAP7] a price that leads to neither amount claims nothing', () => {
  const order = orderOf([{ name: 'Brot', amount: 200, price: '9.99', listPrice: '9.99', discount: '50' }])
  expect(rowsOf(receipt(order))).toContainEqual(['Brot\n  1 x 9,99\n  Rabatt 50\u00a0%', '2,00', 'A'])
})

it('[PAP8] discount and tip are lines, after a subtotal of the items', () => {
  const order = orderOf([
    { name: 'Wein', amount: 1000 },
    { name: 'Rabatt 5 %', kind: 'discount', amount: -50, quantity: '1' },
    { name: 'Trinkgeld', kind: 'tip', amount: 300 },
  ])
  const rows = rowsOf(receipt(order))
  expect(rows).toContainEqual(['Rabatt 5 %', '-0,50', 'A'])
  expect(rows).toContainEqual(['Trinkgeld', '3,00', 'A'])
  expect(rows).toContainEqual(['Zwischensumme', '10,00'])
  expect(rows).toContainEqual(['GESAMT', '12,50 €'])
  expect(rows).toContainEqual(['Davon Trinkgeld', '3,00'])
  expect(rowsOf(receipt(orderOf([{ amount: 1000 }]))).flat()).not.toContain('Zwischensumme')
})

it('[PAP9] total, rounding and to pay agree, whatever was rounded', () => {
  const order = orderOf([{ amount: 1651 }], { paid: 1650 })
  const rows = rowsOf(receipt(order))
  const at = rows.findIndex(([label]) => label === 'GESAMT')
  expect(rows.slice(at, at + 4)).toEqual([
    ['GESAMT', '16,51 €'],
    ['Rundung', '-0,01'],
    ['Zu zahlen', '16,50 €'],
    ['Bar', '16,50'],
  ])
  expect(rowsOf(receipt(orderOf([{ amount: 1651 }]))).flat()).not.toContain('Rundung')
})

it('[PAP10] payments with their references, change, and what was saved', () => {
  const first = orderOf([{ amount: 2500 }])
  const order = orderOf([{ amount: 2500 }], {
    totals: { ...first.totals, discounts: 329 },
    payments: [
      { id: 'a', method: 'card', amount: 2000, change: false, reference: '4711' },
      { id: 'b', method: 'cash', amount: 1000, change: false },
      { id: 'c', method: 'cash', amount: -500, change: true },
    ],
    change: 500,
  })
  const blocks = receipt(order)
  const rows = rowsOf(blocks)
  expect(rows).toContainEqual(['Karte', '20,00'])
  expect(rows).toContainEqual(['Bar', '10,00'])
  expect(rows).toContainEqual(['Rückgeld', '5,00'])
  expect(rows).toContainEqual(['Sie sparen', '3,29'])
  expect(rows.filter(([label]) => label === 'Bar').length).toBe(1)
  expect(textOf(blocks)).toContain('  Beleg 4711')
})

/** The rows of the tax table: name, base, tax. */
function taxTable(blocks: readonly Block[]): string[][] {
  const rows = rowsOf(blocks)
  const head = rows.findIndex(([first]) => first === 'Satz')
  return rows.slice(head + 1).filter(({ length }) => length === 3)
}

const cents = (text: string) => Number(text.replaceAll('.', '').replace(',', ''))

it('[PAP11] the table of taxes sums to the tax of the order, and lines lead to it', () => {
  const specs = fc.array(
    fc.record({
      amount: fc.integer({ min: -99_999, max: 99_999 }),
      taxes: fc.constantFrom('t19', 't7').map((tax) => [tax]),
    }),
    { minLength: 1, maxLength: 30 },
  )
  fc.assert(
    fc.property(specs, (lines) => {
      const order = orderOf(lines)
      const table = taxTable(receipt(order))
      const own = table.filter(([name]) => name !== 'Summe')
      expect(own.map(([name]) => name)).toEqual(
        order.totals.taxes.map(({ label, name }) => `${label} ${name}`),
      )
      expect(own.reduce((sum, [, , tax]) => sum + cents(tax!), 0)).toBe(order.totals.tax)
      expect(own.reduce((sum, [, base]) => sum + cents(base!), 0)).toBe(order.totals.net)
      const sum = table.find(([name]) => name === 'Summe')
      expect(sum === undefined ? undefined : cents(sum[2]!)).toBe(
        order.totals.taxes.length > 1 ? order.totals.tax : undefined,
      )
    }),
    { numRuns: 100 },
  )
})

it('[PAP11] marks: short labels as they are, letters when one is missing or longer than 4 characters', () => {
  const marksOf = (labels: readonly (string | undefined)[]) => {
    const all = taxes.map(({ label: _, ...tax }, index) => {
      const label = labels[index]
      return label === undefined ? tax : { ...tax, label }
    })
    const order = orderOf(
      [{ amount: 100 }, { amount: 200, taxes: ['t7'] }, { amount: 300, taxes: [] }],
      {},
      all,
    )
    return rowsOf(receipt(order))
      .slice(2, 5)
      .map(([, , mark]) => mark)
  }
  expect(marksOf(['1', '22 %'])).toEqual(['1', '22 %', ''])
  expect(marksOf(['1', '5.5 %'])).toEqual(['A', 'B', ''])
  expect(marksOf(['1', undefined])).toEqual(['A', 'B', ''])
})

it('[PAP12] entry of the ledger and codes to scan', () => {
  const order = orderOf([{ amount: 100 }])
  const bare = receipt(order)
  expect(textOf(bare)).toContain('Journal 4711 a1b2c3d4e5f6')
  expect(bare.filter(({ type }) => type === 'qr')).toMatchObject([{ data: 'K7-1-000123' }])
  expect(bare.some(({ type }) => type === 'barcode')).toBe(false)
  const desk = deskWith({ invoiceUrl: 'https://example.com/i/{id}?o={id}' })
  const linked = receipt(order, {}, desk)
  expect(linked.filter(({ type }) => type === 'qr')).toMatchObject([
    { data: 'https://example.com/i/o-1?o=o-1' },
  ])
  expect(linked.filter(({ type }) => type === 'barcode')).toMatchObject([{ data: 'K7-1-000123' }])
  const long = receipt({ ...order, reference: 'KASSE7-123-000123' }, {}, desk)
  expect(long.some(({ type }) => type === 'barcode')).toBe(false)
})

it('[PAP12] the longest reference that goes as a barcode, and the longest address, fit 58 mm', async () => {
  const order = orderOf([{ amount: 100 }], { id: 'i'.repeat(64), reference: 'KASS7-123-000123' })
  expect(order.reference.length).toBe(16)
  const desk = deskWith({ invoiceUrl: `https://example.com/${'a'.repeat(276)}{id}` })
  const { twin } = await printed(receipt(order, {}, desk), papersOf[0]!)
  expect(twin.violations).toEqual([])
  expect(twin.tickets.length).toBe(1)
})

it('[PAP14] a duplicate is marked at top and bottom with its number and its own hour', () => {
  const order = orderOf([{ amount: 100 }])
  for (const language of languages) {
    const desk = deskWith({ language })
    const first = receipt(order, {}, desk)
    const blocks = receipt(order, { duplicate: { number: 2, at: Date.parse(paidAt) + 3_600_000 } }, desk)
    const marks = blocks.flatMap((block, index) =>
      block.type === 'text' && block.invert ? [{ block, index }] : [],
    )
    expect(marks.map(({ block }) => block)).toMatchObject(
      [0, 1].map(() => ({ text: ` ${wordsOf[language].duplicate} 2 `, size: 2, invert: true })),
    )
    expect(marks[0]!.index).toBe(0)
    expect(marks[1]!.index).toBe(blocks.length - 3)
    const hour = desk.format.time(Date.parse(paidAt) + 3_600_000)
    expect(textOf(blocks).filter((text) => text.includes(hour)).length).toBe(2)
    // In between it is the first one.
    expect(blocks.slice(3, -4)).toEqual(first.slice(0, -1))
  }
})

it('[PAP13] a refund names what it refunds', () => {
  const order = orderOf([{ amount: -100 }], { refund: true })
  expect(textOf(receipt(order, { refundOf: ['K7-1-000001', 'K7-2-000007'] }))).toContain(
    'Rückgabe zu K7-1-000001, K7-2-000007',
  )
  expect(textOf(receipt(order)).join('\n')).not.toContain('Rückgabe zu')
})

it('[PAP15] a gift receipt has no amount of money', () => {
  const order = orderOf([
    { name: 'Wein', amount: 1234, quantity: '2', price: '6.17', discount: '5', lots: ['L9'], note: 'Prost' },
    { name: 'Käse', amount: 777, quantity: '0.345', unit: 'kg', price: '22.52' },
    { name: 'Rabatt', kind: 'discount', amount: -99 },
  ])
  const blocks = giftPaper(order, deskWith())
  expect(rowsOf(blocks)).toEqual([
    ['2 x', 'Wein\n  Charge L9\n  Prost'],
    ['0,345 kg', 'Käse'],
  ])
  expect(textOf(blocks)).toContain('K7-1-000123')
  const everything = JSON.stringify(blocks)
  for (const amount of ['12,34', '6,17', '7,77', '0,99', '19,12', '€', 'EUR'])
    expect(everything).not.toContain(amount)
})

it('[PAP16] a bill says twice that it is no receipt, and has the figures of the draft', () => {
  const draft = draftOf(
    [
      { name: 'Suppe', amount: 590, taxes: ['t7'] },
      { name: 'Wein', amount: 790 },
    ],
    { bills: 2 },
  )
  draft.totals.rounding = -5
  const blocks = billPaper(draft, customer, Date.parse(paidAt), deskWith())
  expect(blocks.filter((block) => block.type === 'text' && block.invert)).toMatchObject([
    { text: ' KEIN KASSENBON ', size: 2 },
    { text: ' KEIN KASSENBON ', size: 2 },
  ])
  expect(textOf(blocks)).toEqual(expect.arrayContaining(['Zwischenrechnung 42', 'Ausdruck 2']))
  const rows = rowsOf(blocks)
  for (const row of [
    ['Suppe', '5,90', 'B'],
    ['GESAMT', '13,80 €'],
    ['Rundung', '-0,05'],
    ['Zu zahlen', '13,75 €'],
    ['Tisch', '4'],
  ]) {
    expect(rows).toContainEqual(row)
  }
  const firstBill = billPaper({ ...draft, bills: 1 }, undefined, 0, deskWith())
  expect(textOf(firstBill).join('\n')).not.toContain('Ausdruck')
})
