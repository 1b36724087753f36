/** For whom the invoice is: once it was asked for, it is for this customer. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { SoldOrder } from '../../../../protocol/till/order.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { useCustomers } from '../../parts/use-customers.ts'

interface InvoiceProps {
  order: SoldOrder
  onClose: () => void
  onAsked: (order: SoldOrder) => void
}

export function InvoiceDialog({ order, onClose, onAsked }: InvoiceProps): JSX.Element {
  const { desk } = useTill()
  const { call } = useActions()
  const text = useSignal('')
  const found = useCustomers(text.value.trim())
  const choose = async (customer: string) => {
    const changed = await call('till.order.invoice', {
      ...desk.by(),
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
        {found.value?.map((customer) => (
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
