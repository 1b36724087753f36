/** Reports of the shop, stock, the proof of the ledger, and how far the upstreams are. */

import { HubError } from '../../protocol/errors.ts'
import type { Product } from '../../protocol/till/catalogue.ts'
import type { ReportStore } from '../../store/store.ts'
import { fromE6, toE6 } from '../engine/millionths.ts'
import type { CatalogueApi, PeopleApi, TillCaller, TillParams, TillResult, TillTools } from '../parts.ts'
import type { Outbox } from '../sync/outbox.ts'

type Report = TillResult<'till.report'>
type Dimension = TillParams<'till.report'>['by']
type SumsRow = Awaited<ReturnType<ReportStore['report']>>['rows'][number]

/** Sums of these hold no quantity that means anything: different goods, or none at all. */
const withQuantity: ReadonlySet<Dimension> = new Set(['product', 'category'])

interface ReportParts {
  tools: Pick<TillTools, 'store' | 'clock'>
  people: Pick<PeopleApi, 'authorise' | 'nameOf'>
  catalogue: Pick<CatalogueApi, 'get' | 'all'>
  outbox: Pick<Outbox, 'status' | 'list' | 'retry'>
}

export class Reports {
  readonly #parts: ReportParts

  constructor(parts: ReportParts) {
    this.#parts = parts
  }

  /** Throws `login_required`, `right_missing`, and `params_invalid` when `until` is before `from`. */
  async report(
    { login, by, from, until, register, limit }: TillParams<'till.report'>,
    caller: TillCaller,
  ): Promise<Report> {
    const { people } = this.#parts
    if (by === 'method' && this.#isBlind(register))
      await people.authorise(caller, login, 'manager', 'see payments before the cash is counted')
    // Whoever looks on at the console may see figures, but is nobody's manager.
    else
      await people.authorise(caller, login, caller.role === 'monitor' ? 'minimal' : 'cashier', 'see reports')
    if (until < from)
      throw new HubError('params_invalid', { path: 'until', reason: `is before from, which is ${from}` })
    const found = await this.#parts.tools.store.till.reports.report({ by, from, until, register, limit })
    const names = await this.#namesOf(by, found.rows)
    const { orders, net, tax, total } = found.total
    return {
      rows: found.rows.map(({ key, orders, quantityE6, net, tax, total }) => ({
        key,
        name: names(key),
        orders,
        quantity: withQuantity.has(by) ? fromE6(quantityE6) : null,
        net,
        tax,
        total,
      })),
      total: { orders, net, tax, total },
    }
  }

  async stock({ products }: TillParams<'till.stock'>): Promise<TillResult<'till.stock'>> {
    const { catalogue, reports } = this.#parts.tools.store.till
    const known = new Set((await catalogue.products(products)).map(({ id }) => id))
    for (const [index, id] of products.entries())
      if (!known.has(id))
        throw new HubError('till_unknown', { kind: 'product', id, path: `products.${index}` })
    const rows = await reports.stock(products)
    return {
      stock: rows.map(({ product, onHandE6, movedE6, syncedAt }) => ({
        product,
        onHand: onHandE6 === null ? null : fromE6(onHandE6),
        moved: fromE6(movedE6),
        syncedAt: syncedAt === null ? null : new Date(syncedAt).toISOString(),
      })),
    }
  }

  /** Throws `till_unknown` for a product that is not in the catalogue; nothing is set then. */
  async putStock(
    { stock, login }: TillParams<'till.stock.put'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.stock.put'>> {
    const { people, tools } = this.#parts
    await people.authorise(caller, login, 'manager', 'say what is on hand')
    const ids = stock.map(({ product }) => product)
    const known = new Set((await tools.store.till.catalogue.products(ids)).map(({ id }) => id))
    const missing = ids.findIndex((id) => !known.has(id))
    if (missing >= 0) {
      const path = `stock[${missing}].product`
      throw new HubError('till_unknown', { kind: 'product', id: ids[missing] ?? '', path })
    }
    const rows = stock.map(({ product, onHand }) => ({ product, onHandE6: toE6(onHand) }))
    await tools.store.till.reports.putStock(rows, tools.clock.now())
    return {}
  }

  async verifyLedger(): Promise<TillResult<'till.ledger.verify'>> {
    const { entries, head, broken, keys } = await this.#parts.tools.store.ledger.verify()
    return { entries, head, broken: broken?.seq ?? null, reason: broken?.reason ?? null, keys }
  }

  outboxStatus(): Promise<TillResult<'till.outbox.status'>> {
    return this.#parts.outbox.status()
  }

  outboxList(params: TillParams<'till.outbox.list'>): Promise<TillResult<'till.outbox.list'>> {
    return this.#parts.outbox.list(params)
  }

  async outboxRetry(
    { upstream, seq, login }: TillParams<'till.outbox.retry'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.outbox.retry'>> {
    const { people, outbox } = this.#parts
    await people.authorise(caller, login, 'manager', 'send parked entries again')
    return { retried: await outbox.retry(upstream, seq) }
  }

  /** Cash by day would tell what a blind count shall find. */
  #isBlind(register: string | undefined): boolean {
    const registers = this.#parts.catalogue.all('register')
    return registers.some(({ id, blindCount }) => blindCount && (register === undefined || id === register))
  }

  /** What was removed since is called by its id. */
  async #namesOf(by: Dimension, rows: readonly SumsRow[]): Promise<(key: string) => string> {
    const { people, catalogue, tools } = this.#parts
    switch (by) {
      case 'hour':
      case 'day':
        return (key) => key
      case 'product': {
        const products = await tools.store.till.catalogue.products(rows.map(({ key }) => key))
        const names = new Map(products.map(({ id, name }: Product) => [id, name]))
        return (key) => names.get(key) ?? key
      }
      case 'employee':
        return (key) => people.nameOf(key)
      case 'method':
        return (key) => catalogue.get('paymentMethod', key)?.name ?? key
      case 'category':
      case 'tax':
      case 'register':
        return (key) => catalogue.get(by, key)?.name ?? key
    }
  }
}
