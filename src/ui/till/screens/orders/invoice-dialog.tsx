/** For whom the invoice is: once it was asked for, it is for this customer. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Customer } from '../../../../protocol/till/catalogue.ts'
import type { SoldOrder } from '../../../../protocol/till/order.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { say } from '../../../words/say.ts'
import { tellError, useActions, useTill } from '../../context.ts'

interface InvoiceProps {
  order: SoldOrder
  onClose: () => void
  onAsked: (order: SoldOrder) => void
}

const shownMax = 30

export function InvoiceDialog({ order, onClose, onAsked }: InvoiceProps): JSX.Element {
  const till = useTill()
  const { desk, shelf } = till
  const { call } = useActions()
  const text = useSignal('')
  const found = useSignal<readonly Customer[]>([])
  const asked = text.value.trim()
  useEffect(() => {
    let wanted = true
    shelf.searchCustomers(asked, shownMax).then(
      (customers) => {
        if (wanted) found.value = customers
      },
      (error: unknown) => {
        if (wanted) tellError(till, error)
      },
    )
    return () => {
      wanted = false
    }
  }, [asked, found, shelf, till])
  const choose = async (customer: string) => {
    const login = desk.login.value
    const changed = await call('till.order.invoice', {
      ...(login !== undefined && { login }),
      id: order.id,
      customer,
    })
    if (changed !== undefined) onAsked(changed)
  }
  return (
    <Dialog title={say('orders.invoice.for', { number: order.reference })} onClose={onClose}>
      <SearchField
        label={say('sell.customer.search')}
        placeholder={say('sell.customer.search')}
        value={text.value}
        onInput={(typed) => {
          text.value = typed
        }}
      />
      <ul class="choices">
        {found.value.map((customer) => (
          <li key={customer.id}>
            <button type="button" class="choice" onClick={() => void choose(customer.id)}>
              <span>{customer.name}</span>
              <small>{[customer.vat, customer.city].filter((part) => part !== undefined).join(' · ')}</small>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
