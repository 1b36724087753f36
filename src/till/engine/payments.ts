/** Which methods an order may be paid with, and by which terms: on the hub, and in a browser that is alone. */
import { HubError } from '../../protocol/errors.ts'
import type { Customer, PaymentMethod, Register, Shop } from '../../protocol/till/catalogue.ts'
import type { PaymentInput } from '../../protocol/till/order.ts'
import type { SettleTerms } from './contract.ts'
import { badPayment } from './troubles.ts'

export interface Bill {
  order: string
  register: Register
  customer: Customer | null
  /** total + rounding of the order, in minor units. */
  due: number
  payments: readonly PaymentInput[]
}

/** Of all methods the active ones of the register, in its order; all where it names none. */
export function offeredAt(register: Register, all: readonly PaymentMethod[]): PaymentMethod[] {
  const active = all.filter((method) => method.active)
  if (register.paymentMethods.length === 0) return active
  return register.paymentMethods.flatMap((id) => active.find((method) => method.id === id) ?? [])
}

/** The methods of the payments, by id. Throws `payment_invalid`, `till_unknown` with the path of the payment. */
export function methodsOf(
  { customer, payments, register }: Bill,
  all: readonly PaymentMethod[],
): Map<string, PaymentMethod> {
  const offered = offeredAt(register, all)
  const seen = new Set<string>()
  const methods = new Map<string, PaymentMethod>()
  for (const [index, { id, method: wanted, reference }] of payments.entries()) {
    const path = `payments.${index}`
    if (seen.has(id)) throw badPayment(`${path}.id`, 'is the id of another payment too')
    seen.add(id)
    const method = all.find((each) => each.id === wanted)
    if (method === undefined)
      throw new HubError('till_unknown', { kind: 'paymentMethod', id: wanted, path: `${path}.method` })
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

/** What `settle` goes by. `methods`: of `methodsOf`; `all`: all there are. */
export function termsOf(
  { due, order, register }: Pick<Bill, 'due' | 'order' | 'register'>,
  methods: ReadonlyMap<string, PaymentMethod>,
  all: readonly PaymentMethod[],
  { currency, currencyDigits }: Shop,
): SettleTerms {
  return {
    ...{ due, methods, currency, currencyDigits },
    cashRounding: register.cashRounding,
    changeMethod: offeredAt(register, all).find(({ kind }) => kind === 'cash'),
    changeId: `${order}.change`.slice(-64),
  }
}
