/** The lines of a paid order with how much of each may still come back, and the choice of what does. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { OrderLine, SoldOrder } from '../../../../protocol/till/order.ts'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { Group } from '../../parts/group.tsx'
import { decimalText, moneyText } from '../../parts/money.ts'

/** In millionths, so that 0.1 + 0.2 is 0.3 here too. */
const e6 = (quantity: string): number => Math.round(Number(quantity) * 1e6)

/** What has not come back yet, in millionths; 0 for what came back itself. */
export function leftOf({ refunded }: SoldOrder, { id, quantity }: OrderLine): number {
  return Math.max(0, e6(quantity) - e6(refunded[id] ?? '0'))
}

const textOf = (millionths: number): string => String(millionths / 1e6)

interface RefundLinesProps {
  sold: SoldOrder
  back: Signal<ReadonlyMap<string, string>>
}

export function RefundLines({ sold, back }: RefundLinesProps): JSX.Element {
  const { desk, shelf } = useTill()
  const shop = shelf.shop.value
  const set = (line: string, millionths: number) => {
    const next = new Map(back.value)
    if (millionths <= 0) next.delete(line)
    else next.set(line, textOf(millionths))
    back.value = next
  }
  return (
    <ul class="refund-lines">
      {sold.lines.map((line) => {
        const { discount, gross, id, kind, name, price, quantity, unit } = line
        const left = leftOf(sold, line)
        const chosen = e6(back.value.get(id) ?? '0')
        const returned = e6(sold.refunded[id] ?? '0')
        const whole = (shelf.get('unit', unit)?.rounding ?? '1') === '1'
        const step = whole ? 1e6 : left
        return (
          <li key={id}>
            <span class="refund-name">
              {name}
              <small>
                {kind === 'item' && `${decimalText(quantity)} × ${decimalText(price, shop.currencyDigits)}`}
                {Number(discount) !== 0 && ` −${decimalText(discount)} %`}
                {returned > 0 && ` · ${say('orders.returned', { count: decimalText(textOf(returned)) })}`}
              </small>
            </span>
            <b class="amount">{moneyText(gross, shop)}</b>
            {kind === 'item' && left > 0 && !sold.refund && desk.may('cashier') && (
              <Group class="refund-stepper" label={say('orders.refund.of', { name })}>
                <button
                  type="button"
                  class="key"
                  aria-label={say('orders.refund.fewer', { name })}
                  disabled={chosen === 0}
                  onClick={() => set(id, chosen - Math.min(step, chosen))}
                >
                  −
                </button>
                <output class="amount">{decimalText(textOf(chosen))}</output>
                <button
                  type="button"
                  class="key"
                  aria-label={say('orders.refund.more', { name })}
                  disabled={chosen >= left}
                  onClick={() => set(id, Math.min(left, chosen + step))}
                >
                  +
                </button>
              </Group>
            )}
          </li>
        )
      })}
    </ul>
  )
}
