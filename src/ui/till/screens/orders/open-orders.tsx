/** What is parked: by this till or another, with who has it in hand at the moment. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Badge } from '../../../parts/badge.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { ageText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import type { ParkedOrder } from '../../contract.ts'
import { TillIcon } from '../../parts/icons.tsx'
import { moneyText } from '../../parts/money.ts'

export function OpenOrders(): JSX.Element {
  const { clock, sales, screen, shelf } = useTill()
  const { attempt } = useActions()
  const text = useSignal('')
  const shop = shelf.shop.value
  const wanted = text.value.trim().toLowerCase()
  const nameOf = ({ label, table, tracking }: ParkedOrder) =>
    label ??
    (table === null
      ? say('orders.tracking', { number: tracking ?? '?' })
      : say('sell.table', { name: shelf.get('table', table)?.name ?? table }))
  const shown = sales.parked.value.filter(
    (order) =>
      wanted === '' ||
      nameOf(order).toLowerCase().includes(wanted) ||
      String(order.tracking) === wanted ||
      order.employee.toLowerCase().includes(wanted),
  )
  const take = async (id: string) => {
    const taken = await attempt(async () => {
      await sales.take(id)
      return true
    })
    if (taken) screen.value = 'sell'
  }
  if (sales.parked.value.length === 0)
    return (
      <div class="empty">
        <TillIcon name="orders" size={44} />
        <h2>{say('orders.open.none')}</h2>
        <p>{say('orders.open.none.todo')}</p>
      </div>
    )
  return (
    <>
      <SearchField
        label={say('orders.search.open')}
        placeholder={say('orders.search.open')}
        value={text.value}
        onInput={(typed) => {
          text.value = typed
        }}
      />
      <ul class="order-list">
        {shown.map((order) => (
          <li key={order.id}>
            <button type="button" class="order-row" onClick={() => void take(order.id)}>
              <span class="order-name">
                <strong>{nameOf(order)}</strong>
                <small>
                  {order.tracking !== null && `#${order.tracking} · `}
                  {order.employee} · {ageText(clock.now.value - Date.parse(order.at))}
                </small>
              </span>
              {order.heldBy !== null && (
                <Badge tone="wait" icon="lock">
                  {order.heldBy}
                </Badge>
              )}
              {order.here && <Badge tone="off">{say('orders.here')}</Badge>}
              <b class="amount">{moneyText(order.total, shop)}</b>
              <Icon name="chevron" />
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
