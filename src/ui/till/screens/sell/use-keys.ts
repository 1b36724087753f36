/** The selling screen by keyboard alone. */

import { newId } from '../../../../protocol/client-core.ts'
import { useActions, useTill } from '../../context.ts'
import type { KeyCommand } from '../../keys.ts'
import { useCommands } from '../../use-commands.ts'
import { cashMethod, exactCash, payWith } from '../pay/quick.ts'
import type { Selling } from './asking.ts'

export function useSellingKeys(selling: Selling): void {
  const till = useTill()
  const { attempt } = useActions()
  const { cart, desk, screen, shelf } = till
  const payable = () => !cart.empty.value && cart.worked.value.problem === null
  /** The line above or below the chosen one. */
  const step = (by: 1 | -1) => {
    const { lines } = cart.state.value
    const at = lines.findIndex(({ id }) => id === cart.selected.value)
    const to = lines[at < 0 ? lines.length - 1 : Math.min(lines.length - 1, Math.max(0, at + by))]
    cart.select(to?.id ?? null)
  }
  const byCard = async () => {
    const register = desk.register.value
    const card = register && shelf.methodsAt(register).find(({ kind }) => kind === 'card')
    if (card === undefined || cashMethod(till)?.id === card.id) return
    const payment = { id: newId(), method: card.id, amount: cart.worked.value.due }
    // The number of the slip is typed on the paying screen.
    if (!card.needsReference) return void (await payWith(till, [payment]))
    till.sales.payments.value = [payment]
    screen.value = 'pay'
  }
  const acts: Partial<Record<Exclude<KeyCommand['act'], 'press'>, () => unknown>> = {
    help: () => selling.ask({ what: 'keys' }),
    search: () => {
      selling.searching.value++
    },
    customer: () => selling.ask({ what: 'customer' }),
    discount: () => desk.may('cashier') && cart.setMode('discount'),
    note: () => !cart.empty.value && selling.ask({ what: 'note' }),
    price: () => desk.may(desk.register.value?.priceControl ? 'manager' : 'cashier') && cart.setMode('price'),
    orders: () => {
      screen.value = 'orders'
    },
    refund: () => {
      screen.value = 'orders'
    },
    cash: () => {
      screen.value = 'cash'
    },
    lock: () => desk.lock(),
    exact: () => payable() && attempt(async () => exactCash(till)?.()),
    card: () => payable() && attempt(byCard),
    pay: () => {
      if (payable()) screen.value = 'pay'
    },
    multiply: () => cart.multiply(),
    positive: () => {
      const line = cart.state.value.lines.find(({ id }) => id === cart.selected.value)
      if (line?.quantity.startsWith('-')) cart.press('sign')
    },
    up: () => step(-1),
    down: () => step(1),
    remove: () => cart.selected.value !== null && cart.removeLine(cart.selected.value),
    undo: () => cart.undo(),
    escape: () => {
      selling.text.value = ''
      cart.select(null)
    },
  }
  useCommands((command, inText) => {
    if (command.act === 'press') {
      cart.press(command.key)
      return true
    }
    if (command.act === 'escape' && inText) (document.activeElement as HTMLElement | null)?.blur()
    void acts[command.act]?.()
    return true
  })
}
