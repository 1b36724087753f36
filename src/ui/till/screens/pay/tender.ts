/** The money on the table: which payments there are, what is still due, and what the keys write. Pure signals, no hub. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { newId } from '../../../../protocol/client-core.ts'
import { HubError, toHubError } from '../../../../protocol/errors.ts'
import type { PaymentMethod } from '../../../../protocol/till/catalogue.ts'
import type { PaymentInput } from '../../../../protocol/till/order.ts'
import { cashDue } from '../../../../till/engine/cash-rounding.ts'
import { denominations, quickAmounts } from '../../../../till/engine/coins.ts'
import type { Settled } from '../../../../till/engine/contract.ts'
import { termsOf } from '../../../../till/engine/payments.ts'
import { settle } from '../../../../till/engine/settle.ts'
import type { KeypadKey, Till } from '../../contract.ts'
import { minorOf, typedAmount } from '../../parts/money.ts'

export const tenderLimits = {
  /** Quick amounts beside the keys. */
  quick: 4,
  /** In whole units of the currency. */
  leastNote: 5,
  /** Asked once more: this many times what is due, when it is also more than `suspicious` minor units. */
  suspiciousTimes: 10,
  suspicious: 20_000,
  amountMax: 99_999_999_99,
} as const

export interface Tender {
  readonly methods: ReadonlySignal<readonly PaymentMethod[]>
  readonly due: ReadonlySignal<number>
  readonly payments: ReadonlySignal<readonly PaymentInput[]>
  readonly selected: ReadonlySignal<string | null>
  /** What the hub will make of it, or why not yet. */
  readonly settled: ReadonlySignal<{ ok: Settled } | { error: HubError; missing: number }>
  readonly quick: ReadonlySignal<readonly number[]>
  /** What a finger that slipped would have typed. */
  readonly suspicious: ReadonlySignal<PaymentInput | undefined>
  add(method: PaymentMethod): void
  remove(payment: string): void
  select(payment: string): void
  setReference(payment: string, reference: string): void
  press(key: KeypadKey): void
  /** `amount` in cash, on the payment in cash that is there, or a new one. */
  hand(amount: number): void
}

export function tenderOf({
  cart,
  desk,
  sales,
  shelf,
}: Pick<Till, 'cart' | 'desk' | 'sales' | 'shelf'>): Tender {
  const selected = signal<string | null>(sales.payments.peek().at(-1)?.id ?? null)
  /** What was typed of the chosen payment, in major units; null while the next key begins anew. */
  const typed = signal<string | null>(null)
  const payments: Signal<readonly PaymentInput[]> = sales.payments
  const rounding = () => desk.register.value?.cashRounding ?? null
  const methods = computed(() => {
    const register = desk.register.value
    return register === undefined ? [] : shelf.methodsAt(register)
  })
  const methodOf = (id: string) => methods.value.find((method) => method.id === id)
  const cash = computed(() => methods.value.find(({ kind }) => kind === 'cash'))
  const due = computed(() => cart.worked.value.due)
  const sum = computed(() => payments.value.reduce((all, { amount }) => all + amount, 0))
  const settled = computed((): { ok: Settled } | { error: HubError; missing: number } => {
    try {
      const register = desk.register.value
      if (register === undefined) throw new HubError('till_unknown', { kind: 'register', id: '' })
      const bill = { order: cart.state.value.id, register, due: due.value }
      const known = new Map(methods.value.map((method) => [method.id, method]))
      return { ok: settle(payments.value, termsOf(bill, known, methods.value, shelf.shop.value)) }
    } catch (thrown) {
      const error = toHubError(thrown)
      const { missing } = error.context
      return { error, missing: typeof missing === 'number' ? missing : 0 }
    }
  })
  const put = (id: string, change: Partial<PaymentInput>) => {
    payments.value = payments.value.map((payment) =>
      payment.id === id ? { ...payment, ...change } : payment,
    )
  }
  const choose = (id: string | null) => {
    selected.value = id
    typed.value = null
  }
  /** What this method would have to bring. */
  const restFor = (method: PaymentMethod) => {
    const rest = due.value - sum.value
    return method.kind === 'cash' ? cashDue(rest, rounding()) : rest
  }
  const add = (method: PaymentMethod) => {
    const there = payments.value.find((payment) => payment.method === method.id)
    if (there !== undefined && method.kind === 'cash') return choose(there.id)
    const payment = { id: newId(), method: method.id, amount: restFor(method) }
    payments.value = [...payments.value, payment]
    choose(payment.id)
  }
  const remove = (id: string) => {
    payments.value = payments.value.filter((payment) => payment.id !== id)
    choose(payments.value.at(-1)?.id ?? null)
  }
  const chosen = () => payments.value.find(({ id }) => id === selected.value)
  return {
    methods,
    due,
    payments,
    selected,
    settled,
    quick: computed(() => {
      const { currency, currencyDigits } = shelf.shop.value
      const rest = cash.value === undefined ? 0 : cashDue(due.value, rounding())
      // Coins beyond the exact sum are not what people hand over: the next sums of whole notes are.
      const least = tenderLimits.leastNote * 10 ** currencyDigits
      const notes = denominations(currency, currencyDigits).filter((value) => value >= least)
      return quickAmounts(rest, notes, tenderLimits.quick)
    }),
    suspicious: computed(() =>
      payments.value.find(
        ({ amount }) =>
          Math.abs(amount) > tenderLimits.suspiciousTimes * Math.abs(due.value) &&
          Math.abs(amount) > tenderLimits.suspicious,
      ),
    ),
    add,
    remove,
    select: choose,
    setReference: (id, reference) => put(id, { reference }),
    press(key) {
      // Typing with nothing chosen is cash: the method that is meant when nobody says otherwise.
      if (chosen() === undefined && cash.value !== undefined && key !== 'back') {
        const there = payments.value.find(({ method }) => method === cash.value?.id)
        if (there === undefined)
          payments.value = [...payments.value, { id: newId(), method: cash.value.id, amount: 0 }]
        choose(there?.id ?? payments.value.at(-1)?.id ?? null)
      }
      const payment = chosen()
      if (payment === undefined || methodOf(payment.method) === undefined) return
      const { amount, id } = payment
      const digits = shelf.shop.value.currencyDigits
      if (key === 'sign') return put(id, { amount: 0 - amount })
      if (key === 'back' && (amount === 0 || typed.value === null)) return remove(id)
      const text = typedAmount(typed.value ?? '', key, digits)
      const minor = minorOf(text === '' ? '0' : text, digits)
      if (minor === undefined || minor > tenderLimits.amountMax) return
      typed.value = text
      put(id, { amount: due.value < 0 ? 0 - minor : minor })
    },
    hand(amount) {
      const method = cash.value
      if (method === undefined) return
      const there = payments.value.find((payment) => payment.method === method.id)
      if (there === undefined)
        payments.value = [...payments.value, { id: newId(), method: method.id, amount }]
      else put(there.id, { amount })
      choose(payments.value.find((payment) => payment.method === method.id)?.id ?? null)
    },
  }
}
