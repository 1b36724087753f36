/** Paid orders, newest first: found by receipt number, customer or amount; the chosen one stands beside the list. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { OrderSummary } from '../../../../protocol/till/order.ts'
import { Badge } from '../../../parts/badge.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { tellError, useTill } from '../../context.ts'
import { minorOf, moneyText } from '../../parts/money.ts'
import { PaidOrderCard } from './paid-order-card.tsx'

export const paidLimits = {
  page: 30,
  /** A search waits so long for the next key, in ms. */
  typingMs: 150,
} as const

export function PaidOrders(): JSX.Element {
  const till = useTill()
  const { clock, link, sales, shelf } = till
  const shop = shelf.shop.value
  const text = useSignal('')
  const found = useSignal<{ orders: readonly OrderSummary[]; next: string | undefined } | undefined>(
    undefined,
  )
  const online = link.stage.value === 'online'
  const asked = text.value.trim()
  const fetchPage = async (before?: string) => {
    // An amount is looked for as one: `12,50` is no name.
    const total = /[.,]/.test(asked) ? minorOf(asked, shop.currencyDigits) : undefined
    const { next, orders } = await link.call('till.order.list', {
      state: 'paid',
      limit: paidLimits.page,
      ...(asked !== '' && (total === undefined ? { text: asked } : { total })),
      ...(before !== undefined && { before }),
    })
    return { orders, next }
  }
  useEffect(() => {
    if (!online) return
    let wanted = true
    const ask = () =>
      fetchPage().then(
        (page) => {
          if (wanted) found.value = page
        },
        (error: unknown) => {
          if (wanted) tellError(till, error)
        },
      )
    const cancel = clock.after(asked === '' ? 0 : paidLimits.typingMs, () => void ask())
    const leave = link.subscribe(['till.order.changed'], (event) => {
      if (event.data.state === 'paid' && asked === '') void ask()
    })
    return () => {
      wanted = false
      cancel()
      leave()
    }
  }, [asked, online, link, clock, found, till])
  if (!online)
    return (
      <div class="empty">
        <h2>{say('till.needs_hub')}</h2>
        <p>{say('till.state.hub.away')}</p>
      </div>
    )
  const chosen = sales.shown.value
  const customer = (id: string | null) => (id === null ? '' : ` · ${id}`)
  return (
    <div class={`paid-columns${chosen === null ? '' : ' has-chosen'}`}>
      <section class="paid-list" aria-label={say('orders.paid')}>
        <SearchField
          label={say('orders.search.paid')}
          placeholder={say('orders.search.paid')}
          value={text.value}
          onInput={(typed) => {
            text.value = typed
          }}
        />
        {found.value?.orders.length === 0 && <p class="hint">{say('orders.paid.none')}</p>}
        <ul class="order-list">
          {found.value?.orders.map((order) => (
            <li key={order.id}>
              <button
                type="button"
                class="order-row"
                aria-current={order.id === chosen || undefined}
                onClick={() => {
                  sales.shown.value = order.id
                }}
              >
                <span class="order-name">
                  <strong>{order.reference}</strong>
                  <small>
                    {dateTimeText(order.at)} · {order.employee}
                    {customer(order.label)}
                  </small>
                </span>
                {order.refund && <Badge tone="wait">{say('sell.refund')}</Badge>}
                <b class="amount">{moneyText(order.total, shop)}</b>
              </button>
            </li>
          ))}
        </ul>
        {found.value?.next !== undefined && (
          <button
            type="button"
            class="tiles-more"
            onClick={() => {
              const before = found.value
              fetchPage(before?.next).then(
                (page) => {
                  found.value = { ...page, orders: [...(before?.orders ?? []), ...page.orders] }
                },
                (error: unknown) => tellError(till, error),
              )
            }}
          >
            {say('common.show_more')}
          </button>
        )}
      </section>
      {chosen !== null && <PaidOrderCard key={chosen} id={chosen} />}
    </div>
  )
}
