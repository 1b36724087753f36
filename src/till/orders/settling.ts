/** Whether an order may be paid in this way: methods, customers, references, limits, and a finger that slipped. */
import type { PaymentMethod, Shop } from '../../protocol/till/catalogue.ts'
import type { Approval } from '../../protocol/till/people.ts'
import { covers } from '../../protocol/till/rights.ts'
import type { Settled } from '../engine/contract.ts'
import { moneyText } from '../engine/money-text.ts'
import { type Bill, methodsOf, termsOf } from '../engine/payments.ts'
import { settle } from '../engine/settle.ts'
import type { Actor, CatalogueApi, PeopleApi, TillCaller } from '../parts.ts'
import { badPayment } from './errors.ts'
import { allowNeeds } from './rights.ts'

interface Desk {
  catalogue: CatalogueApi
  people: PeopleApi
}

/** With who approved it, where somebody had to. Throws `payment_invalid` with the path of the payment, `right_missing`. */
export async function settleBill(
  bill: Bill,
  actor: Actor,
  approval: Approval | undefined,
  caller: TillCaller,
  { catalogue, people }: Desk,
): Promise<Settled & { approvedBy?: string }> {
  const all = catalogue.all('paymentMethod')
  const methods = methodsOf(bill, all)
  const account = await checkAccount(bill, methods, { actor, approval, caller, people }, catalogue.shop)
  const finger = await checkFinger(bill, catalogue.shop.overpayFactor, { approval, caller, people })
  const settled = settle(bill.payments, termsOf(bill, methods, all, catalogue.shop))
  const approver = account ?? finger
  return { ...settled, ...(approver !== null && { approvedBy: approver.id }) }
}

interface Asked {
  actor: Actor
  approval: Approval | undefined
  caller: TillCaller
  people: PeopleApi
}

/** The hub knows what this order puts on account, and not what was open before: the limit holds for each order by itself. */
async function checkAccount(
  { customer, payments }: Bill,
  methods: ReadonlyMap<string, PaymentMethod>,
  { actor, approval, caller, people }: Asked,
  shop: Shop,
): Promise<Actor | null> {
  const index = payments.findIndex(({ method }) => methods.get(method)?.kind === 'account')
  if (index < 0) return null
  const path = `payments.${index}`
  const need = { right: 'cashier', act: 'sell on account', path } as const
  const cashier = await allowNeeds(people, caller, actor, [need], approval)
  const open = payments
    .filter(({ method }) => methods.get(method)?.kind === 'account')
    .reduce((sum, { amount }) => sum + amount, 0)
  const limit = customer?.creditLimit
  if (limit === undefined || open <= limit || covers(actor.right, 'manager')) return cashier
  if (approval === undefined)
    throw badPayment(
      `${path}.amount`,
      `is more than ${moneyText(limit, shop)}, the limit of the customer; ask a manager`,
    )
  return people.approve(caller, approval, 'manager', 'sell beyond the limit of a customer')
}

/** The limit is a multiple of the total; of nothing it would be nothing, so it is at least that of one minor unit. */
async function checkFinger(
  { due, payments }: Bill,
  factor: number,
  { approval, caller, people }: Omit<Asked, 'actor'>,
): Promise<Actor | null> {
  const most = factor * Math.max(1, Math.abs(due))
  const index = payments.findIndex(({ amount }) => Math.abs(amount) > most)
  if (index < 0) return null
  if (approval === undefined)
    throw badPayment(
      `payments.${index}.amount`,
      `is more than ${factor} times what is due; correct it, or send it with an approval`,
    )
  // Without employees nobody can prove who agrees: that it was asked twice has to do.
  return people.hasEmployees ? people.approve(caller, approval, 'cashier', 'take such a payment') : null
}
