/** Who buys: found as one types, taken away again, or entered anew, also when the hub is gone. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { newId } from '../../../../protocol/client-core.ts'
import type { Customer } from '../../../../protocol/till/catalogue.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { TextField } from '../../../parts/field.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { useCustomers } from '../../parts/use-customers.ts'
import type { Selling } from './asking.ts'

export function CustomerDialog({ selling }: { selling: Selling }): JSX.Element {
  const { cart, desk } = useTill()
  const text = useSignal('')
  const making = useSignal(false)
  const asked = text.value.trim()
  const found = useCustomers(asked)
  const take = (customer: Customer | null) => {
    cart.change({ customer })
    selling.done()
  }
  const current = cart.state.value.customer
  if (making.value) return <NewCustomer selling={selling} name={asked} onDone={take} />
  return (
    <Dialog title={say('sell.customer')} onClose={selling.done}>
      <SearchField
        label={say('sell.customer.search')}
        placeholder={say('sell.customer.search')}
        value={text.value}
        onInput={(typed) => {
          text.value = typed
        }}
      />
      <ul class="choices customers">
        {current !== null && (
          <li>
            <button type="button" class="choice" onClick={() => take(null)}>
              <span>{say('sell.customer.off', { name: current.name })}</span>
            </button>
          </li>
        )}
        {found.value?.map((customer) => (
          <li key={customer.id}>
            <button
              type="button"
              class="choice"
              aria-pressed={customer.id === current?.id}
              onClick={() => take(customer)}
            >
              <span>{customer.name}</span>
              <small>
                {[customer.phone, customer.email, customer.city]
                  .filter((part) => part !== undefined)
                  .join(' · ')}
              </small>
            </button>
          </li>
        ))}
      </ul>
      {found.value?.length === 0 && <p class="hint">{say('sell.customer.nobody')}</p>}
      {desk.may('cashier') && (
        <Button
          size="big"
          icon="add"
          onPress={() => {
            making.value = true
          }}
        >
          {say('sell.customer.new')}
        </Button>
      )}
    </Dialog>
  )
}

const fields = ['name', 'phone', 'email', 'street', 'zip', 'city', 'vat'] as const
type Fields = Record<(typeof fields)[number], string>

function NewCustomer({
  name,
  onDone,
  selling,
}: {
  name: string
  onDone: (customer: Customer) => void
  selling: Selling
}): JSX.Element {
  const { desk, queue } = useTill()
  const { attempt } = useActions()
  const values = useSignal<Fields>({ name, phone: '', email: '', street: '', zip: '', city: '', vat: '' })
  const company = useSignal(false)
  const save = async () => {
    const given = Object.fromEntries(
      Object.entries(values.value)
        .map(([field, value]) => [field, value.trim()] as const)
        .filter(([, value]) => value !== ''),
    )
    if (given.name === undefined) return
    const customer: Customer = {
      ...given,
      id: newId(),
      name: given.name,
      company: company.value,
      pricelist: null,
      fiscalPosition: null,
      active: true,
    }
    // Training leaves nothing behind, not even a name.
    if (!desk.training.value) {
      const kept = await attempt(async () => {
        await queue.add({
          method: 'till.catalogue.put',
          params: { ...desk.by(), thing: { customer } },
          label: customer.name,
          amount: null,
        })
        return true
      })
      if (!kept) return
    }
    onDone(customer)
  }
  return (
    <Dialog title={say('sell.customer.new')} onClose={selling.done}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {fields.map((field) => (
          <TextField
            key={field}
            label={say(`sell.customer.${field}`)}
            value={values.value[field]}
            maxLength={field === 'phone' ? 60 : 100}
            autofocus={field === 'name'}
            required={field === 'name'}
            onInput={(text) => {
              values.value = { ...values.value, [field]: text }
            }}
          />
        ))}
        <label class="check">
          <input
            type="checkbox"
            checked={company.value}
            onChange={() => {
              company.value = !company.value
            }}
          />
          {say('sell.customer.company')}
        </label>
        <Button size="big" look="main" disabled={values.value.name.trim() === ''} onPress={save}>
          {say('common.save')}
        </Button>
      </form>
    </Dialog>
  )
}
