/**
 * What a start finds between books and events: facts that were recorded and never announced, because the hub ended in between;
 * and facts that were announced and are not in the books, because the disk lost what it had promised to keep.
 */
import type { OrderSummary } from '../protocol/till/order.ts'
import type { CashMove, Session } from '../protocol/till/session.ts'
import type { EventLog } from '../store/store.ts'
import type { TillTools } from './parts.ts'

export const catchUpLimits = {
  /** Events of each topic, and orders, that are looked at. */
  eventsMax: 2_000,
  ordersMax: 200,
  /** Changes older than this were announced by a hub that went on working. */
  ms: 10 * 60_000,
} as const

type Announced = Pick<EventLog, 'newest'>

/** Tells all tills what they have not heard. */
export async function announceUnheard(tools: TillTools, log: Announced): Promise<void> {
  const heard = new Map<string, OrderSummary>()
  for (const { data } of await log.newest('till.order.changed', catchUpLimits.eventsMax)) {
    const summary = JSON.parse(data) as OrderSummary
    if (!heard.has(summary.id)) heard.set(summary.id, summary)
  }
  const since = tools.clock.now() - catchUpLimits.ms
  for (const state of ['draft', 'paid'] as const) {
    const { orders } = await tools.store.till.orders.list({ state, limit: catchUpLimits.ordersMax })
    for (const order of orders.toReversed()) {
      const known = heard.get(order.id)
      if (Date.parse(order.at) < since) continue
      if (known?.state !== order.state || known.version < order.version)
        tools.publish('till.order.changed', order)
    }
  }
}

/** An order, opening or cash move that all tills were told of and the books do not hold. */
interface Lost {
  /** For a person: the receipt number and the amount, or what it was. */
  text: string
  order?: { register: string; number: number }
}

/**
 * Tells of what was announced and is gone, and takes care that a receipt number which stands on somebody's paper is never given
 * again. Nothing is found in good times: an announcement comes after the disk.
 */
export async function keepLostNumbers(tools: TillTools, log: Announced): Promise<void> {
  const lost = await findLost(tools, log)
  if (lost.length === 0) return
  const last = new Map<string, number>()
  for (const { order } of lost)
    if (order !== undefined) last.set(order.register, Math.max(order.number, last.get(order.register) ?? 0))
  for (const [register, number] of last) await skipNumbers(tools, register, number)
  const texts = lost.map(({ text }) => text).join(', ')
  tools.log.warn({ lost: texts }, 'the disk has lost what it had acknowledged')
  tools.health.report(
    'till.lost',
    `The disk has lost what was sold and acknowledged: ${texts}. Enter it again.`,
  )
}

/** Numbers up to this one are used, whatever the books say. */
async function skipNumbers({ store, clock }: TillTools, register: string, number: number): Promise<void> {
  const entry = { kind: 'numbers.lost', at: clock.now() }
  const skip = (id: string, count: number) =>
    store.till.orders.reserve({ id, register, count, client: '', at: clock.now() }, entry)
  const { from } = await skip(`lost.${register}.${number}`, 1)
  if (from < number) await skip(`lost.${register}.${number}.rest`, number - from)
}

async function findLost({ store }: TillTools, log: Announced): Promise<Lost[]> {
  const lost: Lost[] = []
  for (const { id, state, reference, register, total } of await announced<OrderSummary>(
    log,
    'till.order.changed',
  )) {
    if (state !== 'paid' || reference === null || (await store.till.orders.sold(id)) !== undefined) continue
    const number = Number(reference.split('-').at(-1))
    lost.push({ text: `receipt ${reference} (${total})`, order: { register, number } })
  }
  for (const { id, register, number } of await announced<Session>(log, 'till.session.changed'))
    if ((await store.till.sessions.get(id)) === undefined)
      lost.push({ text: `session ${number} of register ${register}` })
  const moves = new Map<string, ReadonlySet<string>>()
  for (const { id, session, amount, reason } of await announced<CashMove>(log, 'till.cash.moved')) {
    let known = moves.get(session)
    if (known === undefined) {
      const figures = await store.till.sessions.figures(session)
      known = new Set(figures?.cashMoves.map((move) => move.id))
      moves.set(session, known)
    }
    if (!known.has(id)) lost.push({ text: `cash move of ${amount} (${reason})` })
  }
  return lost
}

/** The last word on each thing, newest first. */
async function announced<T extends { id: string }>(log: Announced, topic: string): Promise<T[]> {
  const things = new Map<string, T>()
  for (const { data } of await log.newest(topic, catchUpLimits.eventsMax)) {
    const thing = JSON.parse(data) as T
    if (!things.has(thing.id)) things.set(thing.id, thing)
  }
  return [...things.values()]
}
