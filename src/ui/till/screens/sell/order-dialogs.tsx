/** What concerns the whole order: discount, note, a name to park it under, pricelist, taxes, guests, cancelling. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { Confirm, Dialog } from '../../../parts/dialog.tsx'
import { SelectField, TextField } from '../../../parts/field.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { Group } from '../../parts/group.tsx'
import { Keypad } from '../../parts/keypad.tsx'
import { decimalText, typedAmount } from '../../parts/money.ts'
import { TableActions } from '../floor/table-actions.tsx'
import type { Selling } from './asking.ts'
import { NoteFields } from './note-fields.tsx'

type Props = { selling: Selling }

const quickDiscounts = ['0', '5', '10', '20', '50'] as const

export function DiscountDialog({ selling }: Props): JSX.Element {
  const { cart } = useTill()
  const typed = useSignal(cart.state.value.discount === '0' ? '' : cart.state.value.discount)
  const percent = Number(typed.value || '0')
  const right = percent >= 0 && percent <= 100
  const save = () => {
    if (!right) return
    cart.change({ discount: String(percent) })
    selling.done()
  }
  return (
    <Dialog title={say('sell.discount')} onClose={selling.done}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <div class="chips">
          {quickDiscounts.map((each) => (
            <button
              key={each}
              type="button"
              class="chip"
              aria-pressed={percent === Number(each)}
              onClick={() => {
                typed.value = each
              }}
            >
              {each} %
            </button>
          ))}
        </div>
        <output class="big-number amount">{decimalText(String(percent))} %</output>
        {!right && (
          <p class="field-error" role="alert">
            {say('sell.discount.range')}
          </p>
        )}
        <Keypad
          label={say('sell.keys')}
          corner="decimal"
          onKey={(key) => {
            typed.value = typedAmount(typed.value, key, 2)
          }}
        />
        <Button size="big" look="main" disabled={!right} onPress={save}>
          {say('common.save')}
        </Button>
      </form>
    </Dialog>
  )
}

export function NoteDialog({ selling }: Props): JSX.Element {
  const { cart } = useTill()
  const note = useSignal(cart.state.value.note ?? '')
  const internal = useSignal(cart.state.value.internalNote ?? '')
  const save = () => {
    cart.change({ note: note.value.trim() || undefined, internalNote: internal.value.trim() || undefined })
    selling.done()
  }
  return (
    <Dialog title={say('sell.note')} onClose={selling.done}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <NoteFields note={note} internal={internal} autofocus />
        <Button size="big" look="main" onPress={save}>
          {say('common.save')}
        </Button>
      </form>
    </Dialog>
  )
}

export function ParkDialog({ selling }: Props): JSX.Element {
  const { cart, sales } = useTill()
  const { attempt } = useActions()
  const label = useSignal(cart.state.value.label ?? '')
  const park = async () => {
    const done = await attempt(async () => {
      await sales.park(label.value.trim() || undefined)
      return true
    })
    if (done) selling.done()
  }
  return (
    <Dialog title={say('sell.park')} onClose={selling.done}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void park()
        }}
      >
        <TextField
          label={say('sell.park.label')}
          hint={say('sell.park.hint')}
          value={label.value}
          maxLength={60}
          autofocus
          onInput={(text) => {
            label.value = text
          }}
        />
        <Button size="big" look="main" onPress={park}>
          {say('sell.park')}
        </Button>
      </form>
    </Dialog>
  )
}

const usual = '·usual'
const none = '·none'

export function OrderDialog({ selling }: Props): JSX.Element {
  const { cart, desk, sales, shelf } = useTill()
  const { attempt } = useActions()
  const cancelling = useSignal(false)
  const register = desk.register.value
  const state = cart.state.value
  const choice = (value: string | null | undefined) => (value === undefined ? usual : (value ?? none))
  const value = (chosen: string) => (chosen === usual ? undefined : chosen === none ? null : chosen)
  const listed = (kind: 'pricelist' | 'fiscalPosition', ids: readonly string[]) => [
    { value: usual, text: say('sell.order.usual') },
    { value: none, text: say(`sell.order.${kind}.none`) },
    ...ids.map((id) => ({ value: id, text: shelf.get(kind, id)?.name ?? id })),
  ]
  const may = desk.may('cashier') && !state.refund
  if (cancelling.value)
    return (
      <Confirm
        title={say('sell.order.cancel')}
        text={say('sell.order.cancel.text')}
        doIt={say('sell.order.cancel')}
        onClose={selling.done}
        onConfirm={() => attempt(() => sales.cancel())}
      />
    )
  return (
    <Dialog title={say('sell.order')} onClose={selling.done}>
      <div class="stack">
        {may && (register?.pricelists.length ?? 0) > 0 && (
          <SelectField
            label={say('sell.order.pricelist')}
            value={choice(state.pricelist)}
            choices={listed('pricelist', register?.pricelists ?? [])}
            onChange={(chosen) => cart.change({ pricelist: value(chosen) })}
          />
        )}
        {may && (register?.fiscalPositions.length ?? 0) > 0 && (
          <SelectField
            label={say('sell.order.fiscalPosition')}
            value={choice(state.fiscalPosition)}
            choices={listed('fiscalPosition', register?.fiscalPositions ?? [])}
            onChange={(chosen) => cart.change({ fiscalPosition: value(chosen) })}
          />
        )}
        {register?.restaurant === true && <TableActions onDone={selling.done} />}
        {register?.restaurant === true && (
          <Group class="stepper" label={say('sell.order.guests')}>
            <span class="label">{say('sell.order.guests')}</span>
            <Button
              size="big"
              label={say('sell.order.fewer')}
              disabled={state.guests === 0}
              onPress={() => cart.change({ guests: Math.max(0, state.guests - 1) })}
            >
              −
            </Button>
            <output class="amount">{state.guests}</output>
            <Button
              size="big"
              label={say('sell.order.more_guests')}
              onPress={() => cart.change({ guests: state.guests + 1 })}
            >
              +
            </Button>
          </Group>
        )}
        <Button size="big" onPress={() => selling.ask({ what: 'keys' })}>
          {say('till.settings.keys')}
        </Button>
        {state.version > 0 && (
          <Button size="big" onPress={() => selling.ask({ what: 'park' })}>
            {say('sell.park')}
          </Button>
        )}
        <Button
          size="big"
          look="danger"
          disabled={cart.empty.value && state.version === 0}
          onPress={() => {
            cancelling.value = true
          }}
        >
          {say('sell.order.cancel')}
        </Button>
      </div>
    </Dialog>
  )
}
