/** Orders: those that are open on all tills, and those that were paid, with search, reprint, refund and invoice. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { Group } from '../../parts/group.tsx'
import { OpenOrders } from './open-orders.tsx'
import { PaidOrders } from './paid-orders.tsx'

type Tab = 'open' | 'paid'

export function OrdersScreen(): JSX.Element {
  const { sales, scanner, shelf } = useTill()
  const tab = useSignal<Tab>(sales.shown.peek() === null ? 'open' : 'paid')
  useEffect(
    () =>
      scanner.onScan((code) => {
        // A receipt is opened; whatever else is scanned here is looked for by its text.
        void shelf.scan(code).then(
          (found) => {
            tab.value = 'paid'
            if (found.kind === 'receipt') sales.shown.value = found.order
          },
          () => undefined,
        )
      }),
    [sales, scanner, shelf, tab],
  )
  return (
    <main class="screen orders-screen">
      <h1 class="hidden-text">{say('till.nav.orders')}</h1>
      <Group class="orders-tabs" label={say('till.nav.orders')}>
        {(['open', 'paid'] as const).map((each) => (
          <button
            key={each}
            type="button"
            class="chip"
            aria-pressed={tab.value === each}
            onClick={() => {
              tab.value = each
            }}
          >
            {say(`orders.${each}`)}
            {each === 'open' && <b>{sales.parked.value.length}</b>}
          </button>
        ))}
      </Group>
      {tab.value === 'open' ? <OpenOrders /> : <PaidOrders />}
    </main>
  )
}
