/** Orders, sessions and a shop for the tests of the till's papers, and paper as a printer lays it out. */

import { drawSymbol } from '../../src/drivers/imaging/draw-symbol.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { EscposEncoder } from '../../src/drivers/printers/escpos/codec.ts'
import { escposSettingsSchema } from '../../src/drivers/printers/escpos/settings.ts'
import { createEscposTwin, type EscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { type Block, type Receipt, receiptSchema } from '../../src/protocol/receipt.ts'
import {
  type Customer,
  catalogueSchemas,
  type Shop,
  shopSchema,
  type Tax,
} from '../../src/protocol/till/catalogue.ts'
import {
  type Draft,
  draftSchema,
  type OrderLine,
  type SoldOrder,
  soldOrderSchema,
  type Totals,
} from '../../src/protocol/till/order.ts'
import type { SessionReport } from '../../src/protocol/till/session.ts'
import type { Desk } from '../../src/till/papers/desk.ts'
import { Formats } from '../../src/till/papers/format.ts'
import { wordsOf } from '../../src/till/papers/words/words.ts'
import { TestClock } from '../support/clock.ts'
import { MemoryWire } from '../support/twin-memory.ts'

export const languages = ['en', 'de', 'fr', 'es', 'nl'] as const
export const paidAt = '2026-11-23T22:30:00.000Z'

export const taxes: Tax[] = [
  catalogueSchemas.tax.parse({
    id: 't19',
    name: 'USt. 19 %',
    kind: 'percent',
    amount: '19',
    included: true,
    label: 'A',
  }),
  catalogueSchemas.tax.parse({
    id: 't7',
    name: 'USt. 7 %',
    kind: 'percent',
    amount: '7',
    included: true,
    label: 'B',
  }),
]
export const excludedTax: Tax = catalogueSchemas.tax.parse({
  id: 'x10',
  name: 'Sales tax',
  kind: 'percent',
  amount: '10',
})

export function shopWith(shop: Partial<Shop> = {}): Shop {
  return shopSchema.parse({
    name: 'Feinkost Müller & Söhne',
    address: ['Lange Straße 12', '10115 Berlin'],
    vat: 'DE123456789',
    phone: '+49 30 123456',
    language: 'de',
    timeZone: 'Europe/Berlin',
    box: 'K7',
    ...shop,
  })
}

export function deskWith(shop: Partial<Shop> = {}, register: Record<string, unknown> = {}): Desk {
  const whole = shopWith(shop)
  const units = [
    catalogueSchemas.unit.parse({ id: 'piece', name: 'Piece' }),
    catalogueSchemas.unit.parse({ id: 'kg', name: 'kg', category: 'weight', rounding: '0.001' }),
  ]
  const names: Record<string, string> = { cash: 'Bar', card: 'Karte', anna: 'Anna', t4: '4' }
  return {
    shop: whole,
    register: catalogueSchemas.register.parse({ id: 'r1', name: 'Front', number: 1, ...register }),
    words: wordsOf[whole.language],
    format: new Formats(whole),
    nameOf: (id) => names[id] ?? id,
    unit: (id) => units.find((unit) => unit.id === id),
    method: (id) => names[id] ?? id,
    table: (id) => names[id] ?? id,
  }
}

export interface LineSpec extends Partial<OrderLine> {
  /** In minor units, as shown to the customer when taxes are included, else without them. */
  amount: number
}

/** Lines whose taxes are worked out one by one: enough for paper. `all`: every tax that there is. */
export function linesOf(specs: readonly LineSpec[], all: readonly Tax[]): OrderLine[] {
  return specs.map(({ amount, ...spec }, index) => {
    const ids = spec.taxes ?? [all[0]!.id]
    const tax = all.find(({ id }) => id === ids[0])
    const rate = tax === undefined ? 0 : Number(tax.amount)
    const share = tax?.included
      ? Math.round((amount * rate) / (100 + rate))
      : Math.round((amount * rate) / 100)
    const net = tax?.included ? amount - share : amount
    return {
      id: `l${index}`,
      kind: 'item',
      product: `p${index}`,
      name: `Product ${index}`,
      category: null,
      unit: 'piece',
      quantity: '1',
      price: (amount / 100).toFixed(2),
      priceKind: 'list',
      listPrice: spec.price ?? (amount / 100).toFixed(2),
      discount: '0',
      lots: [],
      ...spec,
      taxes: ids,
      net,
      tax: share,
      gross: net + share,
    }
  })
}

export function totalsOf(lines: readonly OrderLine[], all: readonly Tax[]): Totals {
  const sum = (pick: (line: OrderLine) => number, of = lines) =>
    of.reduce((total, line) => total + pick(line), 0)
  return {
    net: sum(({ net }) => net),
    tax: sum(({ tax }) => tax),
    total: sum(({ gross }) => gross),
    rounding: 0,
    taxes: all
      .filter(({ id }) => lines.some((line) => line.taxes.includes(id)))
      .map(({ id, name, label }) => {
        const own = lines.filter((line) => line.taxes.includes(id))
        return {
          tax: id,
          name,
          ...(label === undefined ? {} : { label }),
          base: sum(({ net }) => net, own),
          amount: sum(({ tax }) => tax, own),
        }
      }),
    discounts: 0,
    tip: sum(
      ({ gross }) => gross,
      lines.filter(({ kind }) => kind === 'tip'),
    ),
  }
}

export function orderOf(
  specs: readonly LineSpec[],
  more: Partial<SoldOrder> = {},
  all: readonly Tax[] = taxes,
): SoldOrder {
  const lines = linesOf(specs, all)
  const totals = { ...totalsOf(lines, all), ...more.totals }
  const due = more.paid ?? totals.total + totals.rounding
  return soldOrderSchema.parse({
    id: 'o-1',
    register: 'r1',
    session: 's1',
    table: null,
    guests: 0,
    customer: null,
    discount: '0',
    rules: {
      currency: 'EUR',
      currencyDigits: 2,
      taxRounding: 'per-tax',
      pricelist: null,
      fiscalPosition: null,
      taxes: all,
    },
    lines,
    createdAt: paidAt,
    employee: 'anna',
    till: 'till 1',
    state: 'paid',
    number: 123,
    reference: 'K7-1-000123',
    refund: false,
    payments: [{ id: 'y1', method: 'cash', amount: due, change: false }],
    paid: due,
    change: 0,
    cashRounding: due - totals.total,
    paidAt,
    invoice: false,
    ledger: { seq: 4711, hash: 'a1b2c3d4e5f60718293a4b5c6d7e8f90' },
    prints: 1,
    refunded: {},
    sync: {},
    ...more,
    totals,
  })
}

export function draftOf(specs: readonly LineSpec[], more: Partial<Draft> = {}): Draft {
  const { id, register, session, rules, lines, totals, employee, till } = orderOf(specs)
  return draftSchema.parse({
    id,
    register,
    session,
    rules,
    lines,
    totals,
    employee,
    till,
    table: 't4',
    guests: 3,
    customer: null,
    discount: '0',
    createdAt: paidAt,
    state: 'draft',
    version: 3,
    tracking: 42,
    updatedAt: paidAt,
    held: null,
    kitchen: { sentAt: null, sent: {}, fired: [] },
    bills: 1,
    ...more,
  })
}

export const customer: Customer = catalogueSchemas.customer.parse({
  id: 'c1',
  name: 'Erika Mustermann GmbH',
  street: 'Hauptstraße 1',
  zip: '80331',
  city: 'München',
  country: 'Deutschland',
  vat: 'DE987654321',
})

export function reportOf(more: Partial<SessionReport> = {}): SessionReport {
  return {
    session: {
      id: 's1',
      register: 'r1',
      number: 17,
      state: 'closed',
      openedAt: '2026-11-23T07:00:00.000Z',
      openedBy: 'anna',
      openingExpected: 20_000,
      openingCounted: 19_950,
      openingNote: 'Fünfzig Cent fehlen',
      closedAt: '2026-11-23T19:05:00.000Z',
      closedBy: 'anna',
    },
    at: '2026-11-23T19:05:00.000Z',
    orders: 143,
    refunds: 4,
    cancelled: 2,
    total: 345_678,
    net: 301_234,
    taxes: [
      { tax: 't19', name: 'USt. 19 %', base: 200_000, amount: 38_000 },
      { tax: 't7', name: 'USt. 7 %', base: 101_234, amount: 6_444 },
    ],
    discounts: 1_234,
    tips: 555,
    rounding: -3,
    methods: [
      { method: 'cash', name: 'Bar', kind: 'cash', payments: 80, amount: 145_675 },
      { method: 'card', name: 'Karte', kind: 'card', payments: 63, amount: 200_000 },
    ],
    cashMoves: [
      {
        id: 'm1',
        session: 's1',
        amount: -5_000,
        reason: 'Blumen',
        at: '2026-11-23T10:00:00.000Z',
        by: 'anna',
      },
      {
        id: 'm2',
        session: 's1',
        amount: 10_000,
        reason: 'Wechselgeld',
        at: '2026-11-23T11:00:00.000Z',
        by: 'anna',
      },
    ],
    cashExpected: 170_625,
    duplicates: 1,
    grandTotal: 123_456_789,
    firstOrder: 'K7-1-000001',
    lastOrder: 'K7-1-000143',
    closing: {
      counts: [
        { method: 'cash', expected: 170_625, counted: 170_600, difference: -25 },
        { method: 'card', expected: 200_000, counted: 200_000, difference: 0 },
      ],
      coins: { '5000': 34, '500': 1, '50': 2 },
      note: 'Alles gut',
      approvedBy: 'anna',
    },
    ...more,
  }
}

export interface Paper {
  columns: number
  widthDots: number
}
/** 58 mm, an 80 mm printer of 42 columns, 80 mm. */
export const papersOf: readonly Paper[] = [
  { columns: 32, widthDots: 384 },
  { columns: 42, widthDots: 504 },
  { columns: 48, widthDots: 576 },
]

/** What a printer of that width has on its paper, line by line, checked against the receipt's schema before. */
export async function printed(
  blocks: readonly Block[],
  { columns, widthDots }: Paper,
): Promise<{ lines: string[]; twin: EscposTwin }> {
  const receipt: Receipt = receiptSchema.parse({ blocks })
  const imaging = new Imaging({ clock: new TestClock() })
  try {
    const settings = escposSettingsSchema.parse({
      widthDots,
      columnsA: columns,
      columnsB: Math.floor((columns * 4) / 3),
    })
    const encoded = await new EscposEncoder(settings, imaging).prepare({ receipt })
    const twin = createEscposTwin({ clock: new TestClock(), drawSymbol, columns, widthDots })
    const wire = new MemoryWire()
    twin.attach(wire)
    for (const copy of encoded.copies) wire.send(copy)
    return { lines: twin.tickets.flat(), twin }
  } finally {
    await imaging.stop()
  }
}

/** The texts of all blocks that have one. */
export function textOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    if (block.type === 'text') return [block.text]
    return block.type === 'row' ? block.columns.map(({ text }) => text) : []
  })
}

/** The texts of rows, column by column. */
export function rowsOf(blocks: readonly Block[]): string[][] {
  return blocks.flatMap((block) => (block.type === 'row' ? [block.columns.map(({ text }) => text)] : []))
}
