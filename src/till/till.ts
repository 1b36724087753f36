/** The till of the hub: its parts put together, and the methods of the protocol on them. */
import { errorText } from '../protocol/errors.ts'
import type { EventLog } from '../store/store.ts'
import { Catalogue } from './catalogue/catalogue.ts'
import { CatalogueChanges } from './catalogue/changes.ts'
import { CatalogueImport } from './catalogue/import.ts'
import { CatalogueLookUps } from './catalogue/look-ups.ts'
import { announceUnheard, keepLostNumbers } from './catch-up.ts'
import { Orders } from './orders/orders.ts'
import { Papers } from './papers/papers.ts'
import type { TillCaller, TillMethod, TillParams, TillResult, TillTools } from './parts.ts'
import { People } from './people/people.ts'
import { Reports } from './reports/reports.ts'
import { Sessions } from './sessions/sessions.ts'
import { type UpstreamSettings, upstreamOf } from './sync/connectors.ts'
import { Outbox } from './sync/outbox.ts'
import type { Upstream } from './sync/upstream.ts'

export type { TillMethod, TillParams, TillResult } from './parts.ts'
export type { UpstreamSettings } from './sync/connectors.ts'

export interface TillParts extends TillTools {
  /** What was announced by the run before; undefined when events are kept in memory only. */
  eventLog: Pick<EventLog, 'newest'> | undefined
  /** Read at the start; what it throws leaves the till without upstreams, and the hub degraded. */
  upstreams(): readonly UpstreamSettings[]
}

type Calls = {
  readonly [M in TillMethod]: (
    params: TillParams<M>,
    caller: TillCaller,
  ) => TillResult<M> | Promise<TillResult<M>>
}

/** A service of the hub. */
export class Till {
  readonly name = 'till'
  readonly #parts: TillParts
  readonly #catalogue: Catalogue
  readonly #people: People
  readonly #outbox: Outbox
  readonly #calls: Calls
  readonly #problem: string | undefined

  constructor(parts: TillParts) {
    this.#parts = parts
    const { upstreams, problem } = upstreamsOf(parts)
    this.#problem = problem
    const outbox = new Outbox(parts, upstreams)
    const tools: TillTools = {
      ...parts,
      publish: (topic, data) => {
        parts.publish(topic, data)
        // What is announced is in the ledger, and the upstreams may want it.
        if (topic !== 'till.outbox.changed') outbox.wake()
      },
    }
    const catalogue = new Catalogue(tools)
    const people = new People(tools, catalogue)
    const papers = new Papers(tools, catalogue, people)
    const sessions = new Sessions({ tools, catalogue, people, papers })
    const orders = new Orders({ tools, catalogue, people, papers, sessions })
    const reports = new Reports({ tools, catalogue, people, outbox })
    this.#catalogue = catalogue
    this.#people = people
    this.#outbox = outbox
    this.#calls = {
      ...catalogueCalls(tools, catalogue, people),
      ...peopleCalls(people),
      ...sessionCalls(sessions),
      ...orderCalls(orders),
      ...reportCalls(reports),
    }
  }

  async start(): Promise<void> {
    if (this.#problem !== undefined) this.#parts.health.report('till.upstreams', this.#problem)
    await this.#catalogue.start()
    await this.#people.start()
    const { eventLog } = this.#parts
    if (eventLog !== undefined) {
      await keepLostNumbers(this.#parts, eventLog)
      await announceUnheard(this.#parts, eventLog)
    }
    this.#outbox.start()
  }

  stop(): Promise<void> {
    return this.#outbox.stop()
  }

  call<M extends TillMethod>(
    method: M,
    params: TillParams<M>,
    caller: TillCaller,
  ): TillResult<M> | Promise<TillResult<M>> {
    return this.#calls[method](params, caller)
  }

  /** A client was revoked: its log-ins end. */
  clientGone(client: string): void {
    this.#people.clientGone(client).catch((error: unknown) => {
      this.#parts.log.warn({ client, reason: errorText(error) }, 'the log-ins of a client were not ended')
    })
  }
}

/** A mistake in the configuration of an upstream keeps no shop from selling. */
function upstreamsOf(parts: TillParts): { upstreams: Upstream[]; problem?: string } {
  try {
    return { upstreams: parts.upstreams().map((settings) => upstreamOf(settings, parts)) }
  } catch (error) {
    return { upstreams: [], problem: `Nothing is sent to upstreams: ${errorText(error)}` }
  }
}

function catalogueCalls(tools: TillTools, catalogue: Catalogue, people: People) {
  const changes = new CatalogueChanges(tools, catalogue, () => people)
  const imports = new CatalogueImport(tools, catalogue, () => people)
  const lookUps = new CatalogueLookUps(tools, catalogue)
  return {
    'till.shop': () => catalogue.shop,
    'till.shop.put': (params, caller) => changes.putShop(params, caller),
    'till.catalogue': (params) => lookUps.page(params),
    'till.catalogue.put': (params, caller) => changes.put(params, caller),
    'till.catalogue.remove': (params, caller) => changes.remove(params, caller),
    'till.catalogue.import': (params, caller) => imports.run(params, caller),
    'till.product.search': (params) => lookUps.searchProducts(params),
    'till.product.get': (params) => lookUps.priced(params),
    'till.customer.search': (params) => lookUps.searchCustomers(params),
    'till.customer.get': (params) => lookUps.customers(params),
    'till.scan': (params) => lookUps.scan(params),
  } satisfies Partial<Calls>
}

function peopleCalls(people: People) {
  return {
    'till.employee.list': () => people.list(),
    'till.employee.put': (params, caller) => people.put(params, caller),
    'till.employee.remove': (params, caller) => people.remove(params, caller),
    'till.login': (params, caller) => people.login(params, caller),
    'till.logout': (params, caller) => people.logout(params, caller),
  } satisfies Partial<Calls>
}

function sessionCalls(sessions: Sessions) {
  return {
    'till.session.open': (params, caller) => sessions.open(params, caller),
    'till.session.get': (params) => sessions.get(params),
    'till.session.list': (params) => sessions.list(params),
    'till.session.report': (params, caller) => sessions.report(params, caller),
    'till.session.print': (params, caller) => sessions.print(params, caller),
    'till.session.close': (params, caller) => sessions.close(params, caller),
    'till.cash.move': (params, caller) => sessions.moveCash(params, caller),
    'till.drawer.open': (params, caller) => sessions.openDrawer(params, caller),
  } satisfies Partial<Calls>
}

function orderCalls(orders: Orders) {
  return {
    'till.order.save': (params, caller) => orders.save(params, caller),
    'till.order.compute': (params, caller) => orders.compute(params, caller),
    'till.order.get': (params) => orders.get(params),
    'till.order.list': (params) => orders.list(params),
    'till.order.hold': (params, caller) => orders.hold(params, caller),
    'till.order.release': (params, caller) => orders.release(params, caller),
    'till.order.cancel': (params, caller) => orders.cancel(params, caller),
    'till.order.pay': (params, caller) => orders.pay(params, caller),
    'till.order.refund': (params, caller) => orders.refund(params, caller),
    'till.order.invoice': (params, caller) => orders.invoice(params, caller),
    'till.order.print': (params, caller) => orders.print(params, caller),
    'till.weigh': (params, caller) => orders.weigh(params, caller),
    'till.number.reserve': (params, caller) => orders.reserve(params, caller),
    'till.order.split': (params, caller) => orders.split(params, caller),
    'till.order.merge': (params, caller) => orders.merge(params, caller),
    'till.order.transfer': (params, caller) => orders.transfer(params, caller),
    'till.order.kitchen': (params, caller) => orders.kitchen(params, caller),
  } satisfies Partial<Calls>
}

function reportCalls(reports: Reports) {
  return {
    'till.stock': (params) => reports.stock(params),
    'till.stock.put': (params, caller) => reports.putStock(params, caller),
    'till.report': (params, caller) => reports.report(params, caller),
    'till.ledger.verify': () => reports.verifyLedger(),
    'till.outbox.status': () => reports.outboxStatus(),
    'till.outbox.list': (params) => reports.outboxList(params),
    'till.outbox.retry': (params, caller) => reports.outboxRetry(params, caller),
  } satisfies Partial<Calls>
}
