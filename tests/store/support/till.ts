/** Rows of a till, as little as a test needs. */
import { onTestFinished } from 'vitest'
import { openStore } from '../../../src/store/open.ts'
import type { DraftChange, PayRow, Store } from '../../../src/store/store.ts'

export const day = '2026-01-02'

export async function memoryBooks(): Promise<Store> {
  const store = await openStore({ dir: ':memory:', inline: true })
  onTestFinished(() => store.close())
  return store
}

export const openSession = (store: Store, id = 's1', register = 'r1', at = 1_000) =>
  store.till.sessions.open(
    {
      id,
      register,
      state: 'open',
      openedAt: new Date(at).toISOString(),
      openedBy: 'ann',
      openingCounted: 100,
      closedAt: null,
      closedBy: null,
    },
    `open ${id}`,
    at,
  )

/** With a body that an export can read. */
export function payRow(id: string, more: Partial<PayRow> = {}): PayRow {
  const { register = 'r1', session = 's1', total = 500, at = 2_000, employee = 'ann' } = more
  const body = {
    id,
    register,
    session,
    table: more.table ?? null,
    guests: 0,
    customer: more.customer ?? null,
    discount: '0',
    rules: {
      currency: 'EUR',
      currencyDigits: 2,
      taxRounding: 'per-tax',
      pricelist: null,
      fiscalPosition: null,
      taxes: [],
    },
    lines: [
      {
        id: 'l1',
        kind: 'item',
        product: 'milk',
        name: 'Milk, "whole"',
        category: null,
        unit: 'unit',
        quantity: '1',
        price: '5',
        priceKind: 'list',
        listPrice: '5',
        discount: '0',
        taxes: ['v25'],
        net: total - 100,
        tax: 100,
        gross: total,
        lots: [],
      },
    ],
    totals: {
      net: total - 100,
      tax: 100,
      total,
      rounding: 0,
      taxes: [{ tax: 'v25', name: '25 %', base: total - 100, amount: 100 }],
      discounts: 0,
      tip: 0,
    },
    createdAt: new Date(at).toISOString(),
    employee,
    till: 'Till 1',
    state: 'paid',
    refund: false,
    payments: [{ id: 'p1', method: 'cash', amount: total, change: false }],
    paid: total,
    change: 0,
    cashRounding: 0,
    paidAt: new Date(at).toISOString(),
    invoice: false,
  }
  const sum = { day, register, session, orders: 1, quantityE6: 1_000_000, net: total - 100, tax: 100, total }
  return {
    id,
    register,
    session,
    prefix: `B-${register}-`,
    body: JSON.stringify(body),
    fingerprint: `f ${id}`,
    refunds: [],
    sums: [
      { ...sum, dimension: 'total', key: '' },
      { ...sum, dimension: 'product', key: 'milk' },
      { ...sum, dimension: 'method', key: 'cash', net: 0, tax: 0 },
    ],
    stock: [{ product: 'milk', movedE6: -1_000_000 }],
    table: null,
    customer: null,
    label: null,
    tracking: null,
    employee,
    total,
    refund: false,
    invoice: false,
    at,
    ...more,
  }
}

/** A draft to be put at this version by this client. */
export function draftChange(
  id: string,
  version: number,
  client = 'c1',
  more: Partial<NonNullable<DraftChange['put']>> = {},
): DraftChange {
  return {
    put: {
      id,
      register: 'r1',
      session: 's1',
      table: null,
      customer: null,
      label: null,
      tracking: 0,
      version,
      total: 500,
      employee: 'ann',
      createdAt: 1_500,
      updatedAt: 1_500,
      doc: '{}',
      ...more,
    },
    expect: { version, client, now: 1_500 },
  }
}
