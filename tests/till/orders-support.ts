/** A shop that sells, with real books, catalogue, people, sessions and papers, for the tests of orders. */
import { onTestFinished } from 'vitest'
import { HubError } from '../../src/protocol/errors.ts'
import { methods as wire } from '../../src/protocol/methods.ts'
import {
  type CatalogueKind,
  catalogueSchemas,
  type Shop,
  shopSchema,
} from '../../src/protocol/till/catalogue.ts'
import { openStore } from '../../src/store/open.ts'
import { Catalogue } from '../../src/till/catalogue/catalogue.ts'
import { Orders } from '../../src/till/orders/orders.ts'
import { Papers } from '../../src/till/papers/papers.ts'
import type { TillCaller, TillMethod, TillParams, TillResult, TillTools } from '../../src/till/parts.ts'
import { People } from '../../src/till/people/people.ts'
import { Sessions } from '../../src/till/sessions/sessions.ts'
import { settle, TestClock } from '../support/clock.ts'
import { type Counter, deviceNamed, till } from './counter-support.ts'

export { staff, technician, till } from './counter-support.ts'

type Things = { [K in CatalogueKind]?: readonly object[] }

const things: Things = {
  unit: [
    { id: 'piece', name: 'Piece' },
    { id: 'kg', name: 'kg', rounding: '0.001', category: 'weight' },
    { id: 'box', name: 'Box', rounding: '0.5', category: 'weight', factor: '0.5' },
  ],
  tax: [
    { id: 't21', name: 'VAT 21 %', kind: 'percent', amount: '21', included: true },
    { id: 't9', name: 'VAT 9 %', kind: 'percent', amount: '9', included: true },
    { id: 't0', name: 'VAT 0 %', kind: 'percent', amount: '0', included: true },
    { id: 'top', name: 'Sales tax 8 %', kind: 'percent', amount: '8' },
  ],
  category: [
    { id: 'food', name: 'Food' },
    { id: 'hot', name: 'Hot', parent: 'food' },
    { id: 'drinks', name: 'Drinks' },
  ],
  product: [
    { id: 'bread', name: 'Bread', price: '2.50', taxes: ['t9'], category: 'food' },
    { id: 'soup', name: 'Soup', price: '6.40', taxes: ['t9'], category: 'hot' },
    { id: 'wine', name: 'Wine', price: '19.99', taxes: ['t21'], category: 'drinks' },
    { id: 'shirt', name: 'Shirt', price: '25', taxes: ['t21'], attributes: [{ name: 'Size', value: 'M' }] },
    { id: 'apples', name: 'Apples', price: '2.99', taxes: ['t9'], unit: 'kg', toWeigh: true },
    { id: 'crate', name: 'Crate of apples', price: '1.20', taxes: ['t9'], unit: 'box' },
    { id: 'phone', name: 'Phone', price: '199', taxes: ['t21'], tracking: 'serial' },
    { id: 'milk', name: 'Milk', price: '1.10', taxes: ['t9'], tracking: 'lot' },
    { id: 'misc', name: 'Something', openPrice: true, taxes: ['t21'] },
    { id: 'repair', name: 'Repair', price: '40', taxes: ['top'], kind: 'service' },
    { id: 'old', name: 'Old one', price: '1', active: false },
    { id: 'discount', name: 'Off', kind: 'discount' },
    { id: 'tip', name: 'Gratuity', kind: 'tip', taxes: ['t0'] },
  ],
  pricelist: [
    { id: 'happy', name: 'Happy hour', rules: [{ id: 'half', kind: 'percent', percent: '50' }] },
    {
      id: 'many',
      name: 'Quantities',
      rules: [{ id: 'ten', kind: 'fixed', price: '2', product: 'bread', minQuantity: '10' }],
    },
  ],
  fiscalPosition: [{ id: 'export', name: 'Export', taxes: [{ from: 't21', to: ['t0'] }] }],
  paymentMethod: [
    { id: 'cash', name: 'Cash', kind: 'cash', sequence: 1 },
    { id: 'card', name: 'Card', kind: 'card', sequence: 2 },
    { id: 'meal', name: 'Vouchers', kind: 'bank', sequence: 3, needsReference: true, opensDrawer: true },
    { id: 'account', name: 'On account', kind: 'account', sequence: 4 },
    { id: 'gone', name: 'Cheque', kind: 'bank', sequence: 5, active: false },
  ],
  customer: [
    { id: 'ines', name: 'Ines Vermeer', creditLimit: 5_000 },
    { id: 'joe', name: 'Joe Example', pricelist: 'happy', fiscalPosition: 'export' },
    { id: 'ex', name: 'Former One', active: false },
  ],
  floor: [{ id: 'f1', name: 'Ground floor' }],
  table: [
    { id: 'tab1', name: '1', floor: 'f1' },
    { id: 'tab2', name: '2', floor: 'f1' },
    { id: 'tab0', name: '0', floor: 'f1', active: false },
  ],
  kitchen: [
    { id: 'stove', name: 'Kitchen', printer: 'printer-k', categories: ['food'] },
    { id: 'bar', name: 'Bar', printer: 'printer-b', categories: ['drinks'] },
  ],
}

export interface ShopBench extends Counter {
  orders: Orders
  tools: TillTools
  /** What the scale answers, or fails with; `reads` counts. */
  scale: { weight: string; unit: string; fails?: HubError; reads: number }
  /** Devices whose jobs are refused. */
  broken: Set<string>
}

interface BenchOptions {
  dir?: string
  shop?: Partial<Shop>
  register?: object
  /** Registers r1 and r2 are opened with 100.00 each, unless false. */
  open?: boolean
  more?: Things
}

export async function openShop(options: BenchOptions = {}): Promise<ShopBench> {
  const store = await openStore({ dir: options.dir ?? ':memory:', inline: true })
  onTestFinished(() => store.close())
  const clock = new TestClock(Date.UTC(2026, 10, 23, 8))
  const bench = {
    store,
    clock,
    published: [] as Counter['published'],
    jobs: new Map() as Counter['jobs'],
    warnings: [] as string[],
    warned: [],
    scale: { weight: '0.500', unit: 'kg', reads: 0 } as ShopBench['scale'],
    broken: new Set<string>(),
  }
  let ids = 0
  /** As the hub keeps jobs: on the disk, and the same id again is nothing new. */
  const submit = async (id: string, device: string, kind: 'print' | 'drawer', payload: string) => {
    if (bench.broken.has(device)) throw new HubError('device_unknown', { device })
    if (bench.jobs.has(id)) return
    bench.jobs.set(id, { device, kind, receipt: payload })
    await store.jobs.insert({
      ...{ id, device, payload, fingerprint: id, state: 'pending', attempts: 0, client: 'till' },
      ...{ kind: kind === 'print' ? 'print' : 'drawer.open', createdAt: clock.now(), expiresAt: clock.now() },
    })
  }
  const tools: TillTools = {
    store,
    clock,
    newId: () => `id-${++ids}`,
    random: () => 0.5,
    log: { info: () => {}, warn: (_, text) => bench.warnings.push(text) },
    publish: (topic, data) => bench.published.push({ topic, data }),
    print: ({ id, device, payload }) => submit(id, device, 'print', JSON.stringify(payload)),
    openDrawer: ({ id, device }) => submit(id, device, 'drawer', ''),
    device: deviceNamed,
    async readScale() {
      bench.scale.reads++
      if (bench.scale.fails !== undefined) throw bench.scale.fails
      return { weight: bench.scale.weight, unit: bench.scale.unit }
    },
    health: { report: () => {}, mended: () => {} },
    hub: 'hub-1',
    demo: false,
  }
  const registers = ['r1', 'r2'].map((id, index) => ({
    ...{ id, name: id, number: index + 1, printer: 'printer-1', drawer: 'drawer-1', scale: 'scale-1' },
    ...{ pricelists: ['happy', 'many'], fiscalPositions: ['export'] },
    ...options.register,
  }))
  const all: Things = { ...things, register: registers }
  for (const [kind, more] of Object.entries(options.more ?? {}) as [CatalogueKind, object[]][])
    all[kind] = [...(all[kind] ?? []), ...more]
  const shop = { name: 'Corner', box: 'K7', ...options.shop }
  await store.till.catalogue.put([
    { kind: 'shop', thing: { id: 'shop', ...shopSchema.parse(shop) } },
    ...(Object.entries(all) as [CatalogueKind, object[]][]).flatMap(([kind, list]) =>
      list.map((thing) => ({ kind, thing: catalogueSchemas[kind].parse(thing) })),
    ),
  ])
  const catalogue = new Catalogue(tools)
  await catalogue.start()
  const people = new People(tools, catalogue)
  await people.start()
  const papers = new Papers(tools, catalogue, people)
  const sessions = new Sessions({ tools, catalogue, people, papers })
  const orders = new Orders({ tools, catalogue, people, papers, sessions })
  if (options.open !== false)
    for (const register of ['r1', 'r2'])
      await sessions.open({ id: `s-${register}`, register, counted: 10_000 }, till())
  return { ...bench, catalogue, people, sessions, orders, tools }
}

type Call = 'save' | 'compute' | 'get' | 'list' | 'hold' | 'release' | 'cancel' | 'pay' | 'refund' | 'invoice'
type Name<K extends string> = K extends 'weigh'
  ? 'till.weigh'
  : K extends 'reserve'
    ? 'till.number.reserve'
    : `till.order.${K}`
export type OrderCall = Call | 'print' | 'weigh' | 'reserve' | 'split' | 'merge' | 'transfer' | 'kitchen'

/** Calls as the wire would: the params are parsed by their schema, and so is the answer. */
export async function call<K extends OrderCall, M extends Name<K> & TillMethod>(
  { orders }: Pick<ShopBench, 'orders'>,
  what: K,
  params: object,
  caller: TillCaller = till(),
): Promise<TillResult<M>> {
  const name = (
    what === 'weigh' ? 'till.weigh' : what === 'reserve' ? 'till.number.reserve' : `till.order.${what}`
  ) as M
  const method = orders[what].bind(orders) as (params: TillParams<M>, caller: TillCaller) => Promise<unknown>
  const answer = await method(wire[name].params.parse(params) as TillParams<M>, caller)
  return wire[name].result.parse(answer) as TillResult<M>
}

let made = 0
export const line = (product: string, quantity = '1', more: object = {}) => ({
  ...{ id: `l${++made}`, product, quantity },
  ...more,
})

export const order = (id: string, lines: readonly object[], more: object = {}) => ({
  ...{ id, register: 'r1', lines },
  ...more,
})

/** Saves an order anew. */
export const save = (
  bench: ShopBench,
  id: string,
  lines: readonly object[],
  more: object = {},
  caller = till(),
) => call(bench, 'save', { version: 0, order: order(id, lines, more) }, caller)

export const cash = (amount: number, id = 'p1') => ({ id, method: 'cash', amount })
export const card = (amount: number, id = 'p2') => ({ id, method: 'card', amount })

/** Pays lines in cash, to the cent, without a draft before. */
export async function sellNow(
  bench: ShopBench,
  id: string,
  lines: readonly object[],
  more: object = {},
  rest: object = {},
) {
  const input = order(id, lines, more)
  const { totals } = await call(bench, 'compute', { order: input })
  const due = totals.total + totals.rounding
  const sold = await call(bench, 'pay', {
    ...{ id, order: input, expectedTotal: totals.total, payments: due === 0 ? [] : [cash(due)] },
    ...rest,
  })
  await settle()
  return sold
}

/** The error that a call fails with: code, and what of its context matters. */
export async function failure(promise: Promise<unknown>): Promise<{ code: string; path?: unknown }> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof HubError)) throw error ?? new HubError('internal', { reason: 'it did not fail' })
  return { code: error.code, ...(error.context.path !== undefined && { path: error.context.path }) }
}
