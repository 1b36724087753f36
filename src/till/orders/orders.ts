/** The orders of the shop: drafts that all tills share, paying, refunds, tables and kitchens, as the methods of the wire. */
import type { TillCaller, TillMethod, TillParams, TillResult } from '../parts.ts'
import { Desk } from './desk.ts'
import { cancelDraft, computeDraft, holdDraft, releaseDraft, saveDraft } from './drafts.ts'
import { tellKitchen } from './kitchen.ts'
import { getOrder, listOrders } from './lists.ts'
import type { OrderParts } from './parts.ts'
import { payOrder } from './pay.ts'
import { Printing } from './printing.ts'
import { mergeDrafts, splitDraft, transferDraft } from './restaurant.ts'
import { ShopTime } from './shop-time.ts'
import { beginRefund, reserveNumbers, wantInvoice } from './sold.ts'
import { weigh } from './weigh.ts'

type Done<M extends TillMethod> = Promise<TillResult<M>>

/** Rules: docs/till-orders.md. Each method rejects with the codes told there, and with those of the store. */
export class Orders {
  readonly #desk: Desk
  readonly #printing: Printing
  readonly #time = new ShopTime()

  constructor(parts: OrderParts) {
    this.#desk = new Desk(parts)
    this.#printing = new Printing(this.#desk)
  }

  save(params: TillParams<'till.order.save'>, caller: TillCaller): Done<'till.order.save'> {
    return saveDraft(this.#desk, params, caller)
  }

  compute(params: TillParams<'till.order.compute'>, caller: TillCaller): Done<'till.order.compute'> {
    return computeDraft(this.#desk, params, caller)
  }

  get(params: TillParams<'till.order.get'>): Done<'till.order.get'> {
    return getOrder(this.#desk, params)
  }

  list(params: TillParams<'till.order.list'>): Done<'till.order.list'> {
    return listOrders(this.#desk, params)
  }

  hold(params: TillParams<'till.order.hold'>, caller: TillCaller): Done<'till.order.hold'> {
    return holdDraft(this.#desk, params, caller)
  }

  release(params: TillParams<'till.order.release'>, caller: TillCaller): Done<'till.order.release'> {
    return releaseDraft(this.#desk, params, caller)
  }

  cancel(params: TillParams<'till.order.cancel'>, caller: TillCaller): Done<'till.order.cancel'> {
    return cancelDraft(this.#desk, params, caller)
  }

  pay(params: TillParams<'till.order.pay'>, caller: TillCaller): Done<'till.order.pay'> {
    return payOrder(this.#desk, this.#time, params, caller)
  }

  refund(params: TillParams<'till.order.refund'>, caller: TillCaller): Done<'till.order.refund'> {
    return beginRefund(this.#desk, params, caller)
  }

  invoice(params: TillParams<'till.order.invoice'>, caller: TillCaller): Done<'till.order.invoice'> {
    return wantInvoice(this.#desk, params, caller)
  }

  print(params: TillParams<'till.order.print'>, caller: TillCaller): Done<'till.order.print'> {
    return this.#printing.print(params, caller)
  }

  weigh(params: TillParams<'till.weigh'>, caller: TillCaller): Done<'till.weigh'> {
    return weigh(this.#desk, params, caller)
  }

  reserve(params: TillParams<'till.number.reserve'>, caller: TillCaller): Done<'till.number.reserve'> {
    return reserveNumbers(this.#desk, params, caller)
  }

  split(params: TillParams<'till.order.split'>, caller: TillCaller): Done<'till.order.split'> {
    return splitDraft(this.#desk, params, caller)
  }

  merge(params: TillParams<'till.order.merge'>, caller: TillCaller): Done<'till.order.merge'> {
    return mergeDrafts(this.#desk, params, caller)
  }

  transfer(params: TillParams<'till.order.transfer'>, caller: TillCaller): Done<'till.order.transfer'> {
    return transferDraft(this.#desk, params, caller)
  }

  kitchen(params: TillParams<'till.order.kitchen'>, caller: TillCaller): Done<'till.order.kitchen'> {
    return tellKitchen(this.#desk, params, caller)
  }
}
