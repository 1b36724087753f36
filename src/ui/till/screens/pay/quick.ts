/** Paying in one tap. */
import { newId } from '../../../../protocol/client-core.ts'
import type { PaymentMethod } from '../../../../protocol/till/catalogue.ts'
import { cashDue } from '../../../../till/engine/cash-rounding.ts'
import type { Paid, Till } from '../../contract.ts'

type Parts = Pick<Till, 'cart' | 'desk' | 'sales' | 'screen' | 'shelf'>

/** The first method in cash that the register offers. */
export function cashMethod({ desk, shelf }: Pick<Till, 'desk' | 'shelf'>): PaymentMethod | undefined {
  const register = desk.register.value
  return register === undefined ? undefined : shelf.methodsAt(register).find(({ kind }) => kind === 'cash')
}

/** Pays the whole order with the exact money in cash; undefined where the register takes none. */
export function exactCash(till: Parts): (() => Promise<void>) | undefined {
  const method = cashMethod(till)
  if (method === undefined) return undefined
  return async () => {
    const { cart, desk } = till
    const amount = cashDue(cart.worked.value.due, desk.register.value?.cashRounding ?? null)
    await payWith(till, [{ id: newId(), method: method.id, amount }])
  }
}

/** What was handed over stays as it was when it cannot be paid like this. */
export async function payWith(
  { sales, screen }: Pick<Till, 'sales' | 'screen'>,
  payments: Till['sales']['payments']['value'],
): Promise<Paid> {
  const before = sales.payments.value
  sales.payments.value = payments
  try {
    const paid = await sales.pay()
    screen.value = 'done'
    return paid
  } catch (error) {
    sales.payments.value = before
    throw error
  }
}
