/** Printing on demand: counted on the disk before it prints, and the same job never counts or prints twice. */
import { HubError } from '../../protocol/errors.ts'
import { mustHaveDevice } from '../devices.ts'
import type { TillCaller, TillParams, TillResult } from '../parts.ts'
import { type Desk, lostRace, requestOf } from './desk.ts'
import { iso, soldOrder } from './documents.ts'
import { invalid, noOrder } from './errors.ts'
import { orderLimits } from './parts.ts'

type Params = TillParams<'till.order.print'>
type Printed = TillResult<'till.order.print'>

/** Jobs that are on their way into the store: asked for twice at once, they count once. */
export class Printing {
  readonly #desk: Desk
  readonly #underWay = new Map<string, { request: string; printed: Promise<Printed> }>()

  constructor(desk: Desk) {
    this.#desk = desk
  }

  async print(params: Params, caller: TillCaller): Promise<Printed> {
    const { job, login } = params
    await this.#desk.seller(caller, login, 'print')
    const request = requestOf('till.order.print', params)
    const known = this.#underWay.get(job)
    if (known !== undefined && known.request !== request)
      throw new HubError('till_conflict', { kind: 'job', id: job })
    if (known !== undefined) return known.printed
    const printed = this.#print(params, caller)
    this.#underWay.set(job, { request, printed })
    try {
      return await printed
    } finally {
      this.#underWay.delete(job)
    }
  }

  #print(params: Params, caller: TillCaller): Promise<Printed> {
    return params.what === 'bill'
      ? printBill(this.#desk, params, caller)
      : printSold(this.#desk, params, caller)
  }
}

async function printSold(desk: Desk, params: Params, caller: TillCaller): Promise<Printed> {
  const { id, job, login, printer, what } = params
  const { papers, tools } = desk.parts
  const [row, before] = await Promise.all([desk.orders.sold(id), tools.store.jobs.get(job)])
  if (row === undefined) {
    if ((await desk.kept(id)) === undefined) throw noOrder(id)
    throw invalid('what', 'is of a paid order, and this one is not paid; print its bill')
  }
  const order = soldOrder(row)
  if (before !== undefined) return { job, prints: order.prints }
  mustHavePrinter(desk, order.register, printer)
  if (what === 'gift') {
    await papers.gift(order, job, caller, printer)
    return { job, prints: order.prints }
  }
  const actor = await desk.seller(caller, login, 'print')
  const body = { order: id, reference: order.reference, job, by: actor.id, till: caller.name }
  const prints = await desk.orders.printed(id, { kind: 'receipt.duplicate', body, at: desk.now })
  await papers.receipt({ ...order, prints }, prints, job, caller, printer)
  return { job, prints }
}

/** A bill makes a new version of the draft: what is on paper may be taken away with a right only. */
async function printBill(desk: Desk, params: Params, caller: TillCaller): Promise<Printed> {
  const { id, job, printer } = params
  const request = requestOf('till.order.print', params)
  for (let tries = 1; ; tries++) {
    const kept = await desk.kept(id)
    if (kept === undefined && (await desk.orders.sold(id)) !== undefined)
      throw invalid('what', 'is of an order that is not paid yet, and this one is; print its receipt')
    const { draft, notes } = kept ?? (await desk.mustKeep(id))
    if ((await desk.parts.tools.store.jobs.get(job)) !== undefined) return { job, prints: draft.bills }
    if (draft.lines.length === 0) throw invalid('id', 'is an order with nothing in it')
    mustHavePrinter(desk, draft.register, printer)
    const put = {
      draft: { ...draft, bills: draft.bills + 1, updatedAt: iso(desk.now) },
      notes: { ...notes, last: request },
    }
    try {
      const [saved] = await desk.change([{ kept: put, version: draft.version }], caller)
      await desk.parts.papers.bill(saved!.draft, job, caller, printer)
      return { job, prints: saved!.draft.bills }
    } catch (error) {
      if (!lostRace(error) || tries >= orderLimits.triesMax) throw error
    }
  }
}

/** Throws `till_invalid`, `device_unknown`, `capability_missing`: who asks for paper is told when there can be none. */
function mustHavePrinter(desk: Desk, id: string, printer: string | undefined): void {
  const { catalogue, tools } = desk.parts
  const register = catalogue.get('register', id)
  const device = printer ?? register?.printer
  if (device === undefined)
    throw invalid(
      'printer',
      `the register ${register?.name ?? id} has none; name one, or set it at the register`,
    )
  mustHaveDevice(tools, device, 'printing', 'printer')
}
