/** Measures whether a million orders on file make a till slower: pay, list, search, X report and closing, before and after. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { atMost, median, type Row } from './rows.ts'
import { payRow, sessionOf } from './till-rows.ts'

const few = 10_000
/** `ORDERS=200000 npm run bench -- till-scale` for a quicker look. */
const many = Number(process.env.ORDERS ?? 1_000_000)
const sessionOrders = 500
const groupSize = 500
const samples = 60
const timesMax = 2

type Figures = Record<
  | 'pay'
  | 'newest page'
  | 'page of a customer'
  | 'by number'
  | 'by amount'
  | 'by reference'
  | 'X report'
  | 'closing',
  number
>

export async function run(): Promise<Row[]> {
  const dir = await mkdtemp(`${tmpdir()}/bench-till-`)
  const store = await openStore({ dir })
  try {
    await sell(store, 0, few)
    const small = await figures(store, few)
    await sell(store, few + sessionOrders, many)
    const large = await figures(store, many)
    return (Object.keys(small) as (keyof Figures)[]).map((name) =>
      // Below a tenth of a millisecond the clock and the thread decide.
      atMost(
        `${name} with ${many} orders`,
        large[name],
        'ms',
        Math.max(small[name], 0.1) * timesMax,
        `with ${few}: ${small[name].toFixed(3)} ms, ${(large[name] / small[name]).toFixed(2)} times`,
      ),
    )
  } finally {
    await store.close()
    await rm(dir, { recursive: true })
  }
}

/** Files the orders of these numbers, session by session. */
async function sell(store: Store, from: number, until: number): Promise<void> {
  for (let index = from; index < until; index += sessionOrders) {
    const session = `s-${index}`
    await open(store, session, index)
    for (let at = index; at < index + sessionOrders; at += groupSize)
      await Promise.all(
        Array.from({ length: groupSize }, (_, offset) => store.till.orders.pay(payRow(at + offset, session))),
      )
    await close(store, session)
  }
}

async function figures(store: Store, count: number): Promise<Figures> {
  const session = `figures-${count}`
  await open(store, session, count)
  const pays: number[] = []
  for (let index = 0; index < sessionOrders; index++)
    pays.push(await timed(() => store.till.orders.pay(payRow(count + index, session))))
  const list = (filter: object) =>
    repeated(() => store.till.orders.list({ state: 'paid', limit: 50, ...filter }))
  const newest = await store.till.orders.list({ state: 'paid', limit: 1 })
  const number = newest.orders[0]?.reference?.split('-').at(-1) ?? ''
  const result = {
    pay: median(pays),
    'newest page': await list({}),
    'page of a customer': await list({ customer: 'customer-8' }),
    'by number': await list({ text: number }),
    'by amount': await list({ total: 600 }),
    'by reference': await list({ text: newest.orders[0]?.reference ?? '' }),
    'X report': await repeated(() => store.till.sessions.figures(session)),
    closing: 0,
  }
  result.closing = await timed(() => close(store, session))
  return result
}

async function open(store: Store, id: string, index: number): Promise<void> {
  await store.till.sessions.open(sessionOf(id, index), id, index)
}

async function close(store: Store, id: string): Promise<void> {
  const known = await store.till.sessions.figures(id)
  if (known === undefined) throw new Error(`no session ${id}`)
  const { session, lastSeq } = known
  const at = Date.parse(session.openedAt) + 1
  const closed = {
    ...session,
    state: 'closed' as const,
    closedAt: new Date(at).toISOString(),
    closedBy: 'ada',
  }
  const report = {
    session: closed,
    at: closed.closedAt,
    orders: sessionOrders,
    refunds: 0,
    cancelled: 0,
    total: 0,
    net: 0,
    taxes: [],
    discounts: 0,
    tips: 0,
    rounding: 0,
    methods: [],
    cashMoves: [],
    cashExpected: 0,
    duplicates: 0,
    grandTotal: 0,
    firstOrder: null,
    lastOrder: null,
    closing: { counts: [], coins: null, note: null, approvedBy: null },
  }
  if (!(await store.till.sessions.close(id, { lastSeq, counted: 0, session: closed, report, at })))
    throw new Error(`${id} did not close`)
}

async function repeated(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let sample = 0; sample < samples; sample++) times.push(await timed(work))
  return median(times)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}
