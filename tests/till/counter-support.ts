/** A shop with real books for the tests of people and sessions: who calls, what is announced, which jobs are asked for. */
import { expect, onTestFinished } from 'vitest'
import type { Role } from '../../src/protocol/access.ts'
import type { Capability } from '../../src/protocol/device.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { catalogueSchemas, type Register, type Shop, shopSchema } from '../../src/protocol/till/catalogue.ts'
import type { PaidOrder } from '../../src/protocol/till/order.ts'
import type { Right } from '../../src/protocol/till/people.ts'
import { openStore } from '../../src/store/open.ts'
import type { SoldRow, Store } from '../../src/store/store.ts'
import { Catalogue } from '../../src/till/catalogue/catalogue.ts'
import { sumsOf } from '../../src/till/orders/sums.ts'
import { Papers } from '../../src/till/papers/papers.ts'
import type { TillCaller, TillTools } from '../../src/till/parts.ts'
import { People } from '../../src/till/people/people.ts'
import { Sessions } from '../../src/till/sessions/sessions.ts'
import { TestClock } from '../support/clock.ts'

export interface Counter {
  store: Store
  clock: TestClock
  catalogue: Catalogue
  people: People
  sessions: Sessions
  published: { topic: string; data: unknown }[]
  /** Jobs by id, as the hub's job store would hold them. */
  jobs: Map<string, { device: string; kind: 'print' | 'drawer'; receipt?: string }>
  warnings: string[]
  /** What the warnings told besides their text. */
  warned: object[]
}

export const till = (client = 'till-1', role: Role = 'cashier'): TillCaller => ({
  client,
  name: client,
  role,
})
export const technician = till('workshop', 'technician')

const capabilitiesOf: Readonly<Record<string, readonly Capability[]>> = {
  printer: ['printing', 'drawer'],
  drawer: ['drawer'],
  scale: ['weighing'],
  display: ['displaying'],
  terminal: ['paying'],
}

/** Devices of the hub by their names: `printer-1` prints, `scale-1` weighs; any other name is no device. */
export function deviceNamed(id: string): { capabilities: readonly Capability[] } | undefined {
  const capabilities = capabilitiesOf[/^(.+)-./.exec(id)?.[1] ?? '']
  return capabilities && { capabilities }
}

interface CounterOptions {
  dir?: string
  shop?: Partial<Shop>
  register?: Partial<Register>
  clock?: TestClock
  /** The books in a thread of their own, as on a box; needs `dir`. */
  worker?: boolean
  /** Happens after the figures of a session were read, and before anything is done with them. */
  afterFigures?: () => Promise<void>
}

export const methods = [
  { id: 'cash', name: 'Cash', kind: 'cash' as const, sequence: 1 },
  { id: 'foreign', name: 'Foreign cash', kind: 'cash' as const, sequence: 2 },
  { id: 'card', name: 'Card', kind: 'card' as const, sequence: 3 },
  { id: 'bank', name: 'Bank', kind: 'bank' as const, sequence: 4 },
  { id: 'account', name: 'On account', kind: 'account' as const, sequence: 5 },
]

/** Opens the books at `dir`, or in memory, and starts what stands on them. */
export async function openCounter(options: CounterOptions = {}): Promise<Counter> {
  const books = await openStore({ dir: options.dir ?? ':memory:', inline: options.worker !== true })
  onTestFinished(() => books.close())
  const store = slowed(books, options.afterFigures)
  const clock = options.clock ?? new TestClock(Date.UTC(2026, 10, 23, 8))
  const counter = {
    store,
    clock,
    published: [] as Counter['published'],
    jobs: new Map() as Counter['jobs'],
    warnings: [] as string[],
    warned: [] as object[],
  }
  let ids = 0
  const tools: TillTools = {
    store,
    clock,
    newId: () => `id-${++ids}`,
    random: () => 0.5,
    log: {
      info: () => {},
      warn(context, text) {
        counter.warned.push(context)
        counter.warnings.push(text)
      },
    },
    publish: (topic, data) => counter.published.push({ topic, data }),
    async print({ id, device, payload }) {
      counter.jobs.set(id, { device, kind: 'print', receipt: JSON.stringify(payload) })
    },
    async openDrawer({ id, device }) {
      if (device === 'broken') throw new HubError('device_unknown', { device })
      counter.jobs.set(id, { device, kind: 'drawer' })
    },
    device: deviceNamed,
    readScale: async () => ({ weight: '0', unit: 'kg' }),
    health: { report: () => {}, mended: () => {} },
    hub: 'hub-1',
    demo: false,
  }
  await store.till.catalogue.put([
    {
      kind: 'shop',
      thing: { id: 'shop', ...shopSchema.parse({ name: 'Corner', box: 'K7', ...options.shop }) },
    },
    ...['r1', 'r2'].map((id, index) => ({
      kind: 'register' as const,
      thing: catalogueSchemas.register.parse({
        id,
        name: id,
        number: index + 1,
        printer: 'printer-1',
        drawer: 'drawer-1',
        ...options.register,
      }),
    })),
    ...methods.map((method) => ({
      kind: 'paymentMethod' as const,
      thing: catalogueSchemas.paymentMethod.parse(method),
    })),
    {
      kind: 'tax',
      thing: catalogueSchemas.tax.parse({ id: 't21', name: 'VAT 21 %', kind: 'percent', amount: '21' }),
    },
  ])
  const catalogue = new Catalogue(tools)
  await catalogue.start()
  const people = new People(tools, catalogue)
  await people.start()
  const papers = new Papers(tools, catalogue, people)
  const sessions = new Sessions({ tools, catalogue, people, papers })
  return { ...counter, catalogue, people, sessions }
}

/** The same books, with something that happens at the worst moment. */
function slowed(books: Store, afterFigures: CounterOptions['afterFigures']): Store {
  if (afterFigures === undefined) return books
  const { sessions } = books.till
  const figures = async (id: string) => {
    const found = await sessions.figures(id)
    await afterFigures()
    return found
  }
  return { ...books, till: { ...books.till, sessions: { ...sessions, figures } } }
}

/** Makes an employee as a technician would; the PIN of `anna` is 1111 unless another is given. */
export async function hire(
  { people }: Counter,
  id: string,
  right: Right,
  more: { pin?: string | null; badge?: string | null; active?: boolean } = { pin: '1111' },
) {
  return people.put(
    { employee: { id, name: id[0]?.toUpperCase() + id.slice(1), right, active: true, ...more } },
    technician,
  )
}

export async function logIn({ people }: Counter, employee: string, caller = till(), pin = '1111') {
  return (await people.login({ register: 'r1', employee, pin }, caller)).login
}

/** A manager, a cashier and one who only sells, with badges `B-mia`, `B-carl` and `B-milo`; answers their log-ins at till-1. */
export async function staff(counter: Counter): Promise<Record<Right, string>> {
  const enter = async (id: string, right: Right) => {
    await hire(counter, id, right, { badge: `B-${id}` })
    return (await counter.people.login({ register: 'r1', badge: `B-${id}` }, till())).login
  }
  return {
    manager: await enter('mia', 'manager'),
    cashier: await enter('carl', 'cashier'),
    minimal: await enter('milo', 'minimal'),
  }
}

/** The same three with the PIN 1111 and no badge: slower, since PINs are hashed slowly. */
export async function staffWithPins(counter: Counter): Promise<Record<Right, string>> {
  const enter = async (id: string, right: Right) => {
    await hire(counter, id, right)
    return logIn(counter, id)
  }
  return {
    manager: await enter('mia', 'manager'),
    cashier: await enter('carl', 'cashier'),
    minimal: await enter('milo', 'minimal'),
  }
}

export async function open({ sessions }: Counter, id: string, counted: number, more: object = {}) {
  return sessions.open({ id, register: 'r1', counted, ...more }, technician)
}

let sold = 0

/** Files a paid order: `payments` as method to amounts, a negative one in cash is change. Taxes are 21 % within. */
export async function sell(
  { store, clock }: Counter,
  session: string,
  payments: readonly (readonly [method: string, amount: number])[],
  more: { id?: string; register?: string; tip?: number; discounts?: number; total?: number } = {},
): Promise<SoldRow & { repeated: boolean }> {
  const id = more.id ?? `order-${++sold}`
  const paid = payments.reduce((sum, [, amount]) => sum + amount, 0)
  const total = more.total ?? paid
  const net = Math.round(total / 1.21)
  const at = clock.now()
  const order = {
    id,
    register: more.register ?? 'r1',
    session,
    employee: 'milo',
    refund: total < 0,
    lines: [],
    totals: {
      net,
      tax: total - net,
      total,
      tip: more.tip ?? 0,
      discounts: more.discounts ?? 0,
      rounding: 0,
      taxes: [{ tax: 't21', name: 'VAT 21 %', base: net, amount: total - net }],
    },
    payments: payments.map(([method, amount], index) => ({
      id: `p${index}`,
      method,
      amount,
      change: index > 0 && amount < 0,
    })),
    paid,
    paidAt: new Date(at).toISOString(),
  }
  const day = new Date(at).toISOString().slice(0, 10)
  return store.till.orders.pay({
    id,
    register: order.register,
    session,
    prefix: 'K7-1-',
    body: JSON.stringify(order),
    fingerprint: id,
    refunds: [],
    sums: sumsOf(order as unknown as PaidOrder, { day, hour: '08' }),
    stock: [],
    table: null,
    customer: null,
    label: null,
    tracking: null,
    employee: 'milo',
    total,
    refund: total < 0,
    invoice: false,
    at,
  })
}

/** Opening 100.00; 250.00 sold, 270.00 handed over; 50.00 out; 12.50 back in cash: 287.50 should be there. */
export async function workedExample(options: CounterOptions = {}) {
  const counter = await openCounter(options)
  await open(counter, 's1', 10_000)
  await sell(counter, 's1', [
    ['cash', 27_000],
    ['cash', -2_000],
  ])
  await counter.sessions.moveCash(
    { id: 'm1', session: 's1', amount: -5_000, reason: 'to the bank', print: false },
    technician,
  )
  await sell(counter, 's1', [['cash', -1_250]])
  return counter
}

/** Puts a draft into a session. */
export async function park({ store, clock }: Counter, session: string, id: string): Promise<void> {
  const at = clock.now()
  const row = {
    id,
    register: 'r1',
    session,
    table: null,
    customer: null,
    label: null,
    tracking: 0,
    version: 0,
  }
  await store.till.orders.change([
    {
      put: { ...row, total: 100, employee: 'milo', createdAt: at, updatedAt: at, doc: '{}' },
      expect: { version: 0, client: 'till-1', now: at },
    },
  ])
}

/** The bodies of the ledger of one kind. */
export async function ledgerOf({ store }: Counter, kind: string): Promise<Record<string, unknown>[]> {
  const entries = await store.ledger.after(0, 1_000)
  return entries.filter((entry) => entry.kind === kind).map(({ body }) => JSON.parse(body))
}

/** What `till.session.close` is asked with. */
export const closeAsked = (session: string, cash: number, more: object = {}) => ({
  session,
  counts: [{ method: 'cash', counted: cash }],
  acceptDifference: false,
  ...more,
})

/** An error with this code and at least this context. */
export const errorWith = (code: string, context: object = {}) =>
  expect.objectContaining({ code, context: expect.objectContaining(context) })
