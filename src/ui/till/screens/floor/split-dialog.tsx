/** A bill that is shared: lines, or parts of them, become an order of their own, which is paid first. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { newId } from '../../../../protocol/client-core.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { Group } from '../../parts/group.tsx'
import { decimalText, moneyText } from '../../parts/money.ts'

export function SplitDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const { cart, desk, link, sales, screen, shelf } = useTill()
  const { attempt } = useActions()
  /** Line to how many of it. */
  const taken = useSignal<ReadonlyMap<string, number>>(new Map())
  const shop = shelf.shop.value
  const lines = cart.worked.value.lines.filter(({ kind }) => kind === 'item')
  const set = (line: string, count: number) => {
    const next = new Map(taken.value)
    if (count <= 0) next.delete(line)
    else next.set(line, count)
    taken.value = next
  }
  const share = lines.reduce((sum, { gross, id, quantity }) => {
    const part = taken.value.get(id) ?? 0
    return sum + Math.round((gross * part) / (Number(quantity) || 1))
  }, 0)
  const split = async () => {
    const done = await attempt(async () => {
      const { id, version } = await sales.save()
      const into = newId()
      const { left, taken: own } = await link.call('till.order.split', {
        ...desk.by(),
        id,
        version,
        into,
        lines: [...taken.value].map(([line, count]) => ({ line, quantity: String(count) })),
      })
      await sales.adopt(left)
      await sales.park(left.label)
      await sales.take(own.id)
      return true
    })
    if (!done) return
    onClose()
    screen.value = 'pay'
  }
  return (
    <Dialog title={say('floor.split')} onClose={onClose}>
      <ul class="refund-lines split-lines">
        {lines.map(({ gross, id, name, quantity }) => {
          const all = Number(quantity)
          const count = taken.value.get(id) ?? 0
          // A weighed line goes as a whole.
          const step = Number.isInteger(all) ? 1 : all
          return (
            <li key={id}>
              <span class="refund-name">
                {name}
                <small>{decimalText(quantity)} ×</small>
              </span>
              <b class="amount">{moneyText(gross, shop)}</b>
              <Group class="refund-stepper" label={name}>
                <button
                  type="button"
                  class="key"
                  aria-label={say('orders.refund.fewer', { name })}
                  disabled={count === 0}
                  onClick={() => set(id, count - step)}
                >
                  −
                </button>
                <output class="amount">{decimalText(String(count))}</output>
                <button
                  type="button"
                  class="key"
                  aria-label={say('orders.refund.more', { name })}
                  disabled={count >= all}
                  onClick={() => set(id, Math.min(all, count + step))}
                >
                  +
                </button>
              </Group>
            </li>
          )
        })}
      </ul>
      <Button size="big" look="main" disabled={taken.value.size === 0} onPress={split}>
        {say('floor.split.pay', { amount: moneyText(share, shop) })}
      </Button>
    </Dialog>
  )
}
