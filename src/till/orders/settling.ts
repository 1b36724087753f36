/** Whether an order may be paid in this way: methods, customers, references, limits, and a finger that slipped. */
import type { Customer, PaymentMethod, Register } from '../../protocol/till/catalogue.ts'
import type { PaymentInput } from '../../protocol/till/order.ts'
import type { Approval } from '../../protocol/till/people.ts'
import type { Settled } from '../engine/contract.ts'
import { settle } from '../engine/settle.ts'
import type { Actor, CatalogueApi, PeopleApi, TillCaller } from '../parts.ts'
import { covers } from '../people/rights.ts'
import { atPath, badPayment } from './errors.ts'
import { allowNeeds } from './rights.ts'

export interface Bill {
  order: string
  register: Register
  customer: Customer | null
  /** total + rounding of the order, in minor units. */
  due: number
  payments: readonly PaymentInput[]
}

interface Desk {
  catalogue: CatalogueApi
  people: PeopleApi
}

/** Throws `payment_invalid` with the path of the payment, `right_missing`. */
export async function settleBill(
  bill: Bill,
  actor: Actor,
  approval: Approval | undefined,
  caller: TillCaller,
  { catalogue, people }: Desk,
): Promise<Settled> {
  const methods = methodsOf(bill, catalogue)
  await checkAccount(bill, methods, { actor, approval, caller, people })
  await checkFinger(bill, catalogue.shop.overpayFactor, { approval, caller, people })
  return settle(bill.payments, {
    due: bill.due,
    cashRounding: bill.register.cashRounding,
    currencyDigits: catalogue.shop.currencyDigits,
    methods,
    changeMethod: offeredAt(bill.register, catalogue).find(({ kind }) => kind === 'cash'),
    changeId: `${bill.order}.change`.slice(-64),
  })
}

/** Active ones of the register, in its order; all where it names none. */
export function offeredAt(register: Register, catalogue: CatalogueApi): PaymentMethod[] {
  const all = catalogue.all('paymentMethod').filter(({ active }) => active)
  if (register.paymentMethods.length === 0) return all
  return register.paymentMethods.flatMap((id) => all.find((method) => method.id === id) ?? [])
}

function methodsOf(
  { customer, payments, register }: Bill,
  catalogue: CatalogueApi,
): Map<string, PaymentMethod> {
  const offered = offeredAt(register, catalogue)
  const seen = new Set<string>()
  const methods = new Map<string, PaymentMethod>()
  for (const [index, { id, method: wanted, reference }] of payments.entries()) {
    const path = `payments.${index}`
    if (seen.has(id)) throw badPayment(`${path}.id`, 'is the id of another payment too')
    seen.add(id)
    const method = atPath(`${path}.method`, () => catalogue.must('paymentMethod', wanted))
    if (!offered.includes(method))
      throw badPayment(`${path}.method`, `${method.name} is not offered at the register ${register.name}`)
    if (customer === null && (method.needsCustomer || method.kind === 'account'))
      throw badPayment(`${path}.method`, `${method.name} needs a customer: set one on the order`)
    if (method.needsReference && (reference ?? '').trim() === '')
      throw badPayment(`${path}.reference`, `type in the number that the terminal printed`)
    methods.set(wanted, method)
  }
  return methods
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
): Promise<void> {
  const index = payments.findIndex(({ method }) => methods.get(method)?.kind === 'account')
  if (index < 0) return
  const path = `payments.${index}`
  await allowNeeds(people, caller, actor, [{ right: 'cashier', act: 'sell on account', path }], approval)
  const open = payments
    .filter(({ method }) => methods.get(method)?.kind === 'account')
    .reduce((sum, { amount }) => sum + amount, 0)
  const limit = customer?.creditLimit
  if (limit === undefined || open <= limit || covers(actor.right, 'manager')) return
  if (approval === undefined)
    throw badPayment(`${path}.amount`, `is more than ${limit}, the limit of the customer; ask a manager`)
  await people.approve(caller, approval, 'manager', 'sell beyond the limit of a customer')
}

/** The limit is a multiple of the total; of nothing it would be nothing, so it is at least that of one minor unit. */
async function checkFinger(
  { due, payments }: Bill,
  factor: number,
  { approval, caller, people }: Omit<Asked, 'actor'>,
): Promise<void> {
  const most = factor * Math.max(1, Math.abs(due))
  const index = payments.findIndex(({ amount }) => Math.abs(amount) > most)
  if (index < 0) return
  if (approval === undefined)
    throw badPayment(
      `payments.${index}.amount`,
      `is more than ${factor} times what is due; correct it, or send it with an approval`,
    )
  // Without employees nobody can prove who agrees: that it was asked twice has to do.
  if (people.hasEmployees) await people.approve(caller, approval, 'cashier', 'take such a payment')
}
