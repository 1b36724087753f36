/** What all operations on orders share: reading and putting drafts, telling the tills, answering a repeated request alike. */
import { HubError } from '../../protocol/errors.ts'
import type { Draft, OrderSummary, ParsedOrderInput, SoldOrder } from '../../protocol/till/order.ts'
import type { DraftChange, EntryInput } from '../../store/store.ts'
import { toE6 } from '../engine/millionths.ts'
import { Pricer } from '../engine/price.ts'
import type { Actor, TillCaller } from '../parts.ts'
import {
  type DraftNotes,
  draftRow,
  draftSummary,
  iso,
  type KeptDraft,
  keptDraft,
  soldOrder,
} from './documents.ts'
import { codeOf, noOrder } from './errors.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { OrderParts } from './parts.ts'
import { type PricedOrder, priceOrder } from './pricing.ts'
import { Weighings } from './weighings.ts'

/** A draft that is put, and the version that it had; 0 when it is new. */
export interface Put {
  kept: KeptDraft
  version: number
}

export class Desk {
  readonly parts: OrderParts
  readonly pricer = new Pricer()
  readonly weighings = new Weighings()

  constructor(parts: OrderParts) {
    this.parts = parts
  }

  get now(): number {
    return this.parts.tools.clock.now()
  }

  get orders() {
    return this.parts.tools.store.till.orders
  }

  /** Whoever may sell. Throws `login_required`. */
  seller(caller: TillCaller, login: string | undefined, act: string): Promise<Actor> {
    return this.parts.people.authorise(caller, login, 'minimal', act)
  }

  cashier(caller: TillCaller, login: string | undefined, act: string): Promise<Actor> {
    return this.parts.people.authorise(caller, login, 'cashier', act)
  }

  async kept(id: string): Promise<KeptDraft | undefined> {
    const row = await this.orders.draft(id)
    return row && keptDraft(row, this.now)
  }

  /** Throws `till_unknown`, or `order_ended` for one that was paid. */
  async mustKeep(id: string): Promise<KeptDraft> {
    const kept = await this.kept(id)
    if (kept !== undefined) return kept
    if ((await this.orders.sold(id)) !== undefined) throw new HubError('order_ended', { state: 'paid' })
    throw noOrder(id)
  }

  /** Throws `till_unknown`. */
  async sold(id: string): Promise<SoldOrder> {
    const row = await this.orders.sold(id)
    if (row === undefined) throw noOrder(id)
    return soldOrder(row)
  }

  /** At the prices of `at`, in ms since 1970; absent: of now. */
  price(input: ParsedOrderInput, before: Draft | undefined, at = this.now): Promise<PricedOrder> {
    const { catalogue, tools } = this.parts
    const { pricer, weighings } = this
    return priceOrder(input, before, at, { catalogue, store: tools.store, pricer, weighings })
  }

  /** The draft as the order makes it. Whoever puts a line in, or more of one, owns it from then on. */
  draftOf(
    priced: PricedOrder,
    before: KeptDraft | undefined,
    session: string,
    actor: Actor,
    caller: TillCaller,
    last: string,
  ): KeptDraft {
    const { input, items, rules, lines, totals } = priced
    const now = iso(this.now)
    const old = before?.draft
    const draft: Draft = {
      id: input.id,
      state: 'draft',
      version: old?.version ?? 0,
      tracking: old?.tracking ?? 0,
      register: input.register,
      session,
      table: input.table,
      guests: input.guests,
      customer: input.customer,
      ...(input.label !== undefined && { label: input.label }),
      ...(input.note !== undefined && { note: input.note }),
      ...(input.internalNote !== undefined && { internalNote: input.internalNote }),
      discount: input.discount,
      rules,
      lines,
      totals,
      createdAt: old?.createdAt ?? now,
      updatedAt: now,
      employee: old === undefined || putsIn(old, items) ? actor.id : old.employee,
      till: caller.name,
      held: old?.held ?? null,
      kitchen: old?.kitchen ?? { sentAt: null, sent: {}, fired: [] },
      bills: old?.bills ?? 0,
    }
    const goods = [...priced.products.values()].filter(({ kind }) => kind === 'goods').map(({ id }) => id)
    return {
      draft,
      notes: { ...(before?.notes ?? newNotes()), goods, chosen: priced.choice, last, jobs: [] },
    }
  }

  /** Puts drafts and removes others in one step, then tells the tills. Rejects as `OrderStore.change` does. */
  async change(
    puts: readonly Put[],
    caller: TillCaller,
    removes: readonly Draft[] = [],
    entries: readonly EntryInput[] = [],
  ): Promise<KeptDraft[]> {
    const { now } = this
    const expect = (version: number) => ({ version, client: caller.client, now })
    const changes: DraftChange[] = [
      ...puts.map(({ kept, version }) => ({ put: draftRow(kept), expect: expect(version) })),
      ...removes.map(({ id, version }) => ({ remove: id, expect: expect(version) })),
    ]
    const rows = await this.orders.change(changes, entries)
    const kept = rows.map((row) => keptDraft(row, now))
    for (const { draft } of kept) this.tell(draftSummary(draft))
    for (const draft of removes) this.tell(draftSummary(draft, 'cancelled'))
    return kept
  }

  /** After the fact, so it cannot undo it: what goes wrong is written to the log. */
  tell(order: OrderSummary): void {
    const { log, publish } = this.parts.tools
    try {
      publish('till.order.changed', order)
    } catch (error) {
      log.warn({ order: order.id, error: String(error) }, 'The tills were not told of an order')
    }
  }
}

/** Fingerprint of a request; who asks, with which secret, does not count. */
export function requestOf(method: string, params: object): string {
  const { login: _login, approval: _approval, ...rest } = params as Record<string, unknown>
  return fingerprintOf(method, rest)
}

/** The draft, when its version came of the same request: the answer was lost, and it is asked again. */
export function repeated(
  kept: KeptDraft | undefined,
  version: number,
  request: string,
): KeptDraft | undefined {
  return kept?.draft.version === version + 1 && kept.notes.last === request ? kept : undefined
}

/** Throws `order_changed`. */
export function refuseOther({ draft }: KeptDraft, version: number): void {
  if (draft.version !== version) throw new HubError('order_changed', { version: draft.version })
}

export const newNotes = (): DraftNotes => ({
  goods: [],
  chosen: { pricelist: false, fiscalPosition: false },
  last: '',
  jobs: [],
  merged: [],
  told: {},
})

/** True when the lock was lost to another till while this one read: it may try again. */
export const lostRace = (error: unknown): boolean => codeOf(error) === 'order_changed'

function putsIn(before: Draft, items: PricedOrder['items']): boolean {
  const was = new Map(before.lines.map((line) => [line.id, toE6(line.quantity)]))
  return (
    !before.lines.some(({ kind }) => kind === 'item') ||
    items.some(({ id, quantity }) => Math.abs(toE6(quantity)) > Math.abs(was.get(id) ?? 0))
  )
}
