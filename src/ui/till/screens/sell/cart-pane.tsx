/** The order in hand: who buys, its lines, what it comes to, the keys, and paying. */
import type { JSX } from 'preact'
import { Icon } from '../../../parts/icon.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import type { KeypadMode } from '../../contract.ts'
import { TillIcon, type TillIconName } from '../../parts/icons.tsx'
import { Keypad } from '../../parts/keypad.tsx'
import { moneyText } from '../../parts/money.ts'
import { exactCash } from '../pay/quick.ts'
import type { Selling } from './asking.ts'
import { CartLines } from './cart-lines.tsx'

export function CartPane({ selling }: { selling: Selling }): JSX.Element {
  const { cart, shelf } = useTill()
  const { due, problem, totals } = cart.worked.value
  const shop = shelf.shop.value
  return (
    <section class="cart-pane" aria-label={say('sell.pane.cart', { count: cart.state.value.lines.length })}>
      <CartHead selling={selling} />
      <CartLines selling={selling} />
      <div class="cart-total" aria-live="polite">
        <button
          type="button"
          class="cart-tool"
          disabled={!cart.canUndo.value}
          aria-label={say('sell.undo')}
          title={say('sell.undo')}
          onClick={() => cart.undo()}
        >
          <TillIcon name="undo" />
        </button>
        {cart.prefix.value !== null && <b class="cart-prefix amount">{cart.prefix.value} ×</b>}
        <span class="cart-total-tax">
          {problem === null ? say('sell.tax', { amount: moneyText(totals.tax, shop) }) : problem.text}
        </span>
        <strong class="amount">{moneyText(due, shop)}</strong>
      </div>
      <CartKeys />
      <PayRow />
    </section>
  )
}

function CartHead({ selling }: { selling: Selling }): JSX.Element {
  const { cart, shelf } = useTill()
  const { customer, guests, label, refund, table, tracking } = cart.state.value
  const where = table === null ? undefined : shelf.get('table', table)?.name
  const about = [
    refund ? say('sell.refund') : '',
    where === undefined ? '' : say('sell.table', { name: where }),
    guests > 0 ? say('sell.guests', { count: guests }) : '',
    label ?? '',
    tracking === null ? '' : `#${tracking}`,
  ].filter((text) => text !== '')
  return (
    <header class="cart-head">
      <button type="button" class="cart-customer" onClick={() => selling.ask({ what: 'customer' })}>
        <TillIcon name="customer" />
        <span>{customer?.name ?? say('sell.customer.none')}</span>
      </button>
      <CartActions selling={selling} />
      {about.length > 0 && <p class="cart-about">{about.join(' · ')}</p>}
    </header>
  )
}

function CartActions({ selling }: { selling: Selling }): JSX.Element {
  const { cart, desk, screen } = useTill()
  const empty = cart.empty.value
  const fixed = cart.state.value.refund
  const action = (
    icon: TillIconName,
    text: string,
    act: () => unknown,
    disabled = false,
    reason?: string,
  ) => (
    <button
      key={text}
      type="button"
      class="cart-action"
      disabled={disabled || reason !== undefined}
      title={reason}
      onClick={() => void act()}
    >
      <TillIcon name={icon} />
      <span>{text}</span>
    </button>
  )
  const right = desk.may('cashier')
    ? undefined
    : say('till.needs_right', { right: say('till.right.cashier') })
  return (
    <div class="cart-actions">
      {action(
        'percent',
        say('sell.action.discount'),
        () => selling.ask({ what: 'discount' }),
        empty || fixed,
        right,
      )}
      {action('note', say('sell.action.note'), () => selling.ask({ what: 'note' }), empty)}
      {desk.register.value?.restaurant === true && cart.state.value.table !== null
        ? action('table', say('sell.action.tables'), () => {
            screen.value = 'floor'
          })
        : action('park', say('sell.action.park'), () => selling.ask({ what: 'park' }), empty)}
      <button type="button" class="cart-action" onClick={() => selling.ask({ what: 'order' })}>
        <Icon name="more" size={24} />
        <span>{say('sell.action.more')}</span>
      </button>
    </div>
  )
}

function CartKeys(): JSX.Element {
  const { cart, desk } = useTill()
  const mode = cart.mode.value
  const may: Readonly<Record<KeypadMode, boolean>> = {
    quantity: true,
    discount: desk.may('cashier'),
    price: desk.may(desk.register.value?.priceControl ? 'manager' : 'cashier'),
  }
  const fixed = cart.selected.value === null || cart.state.value.refund
  const sides = (['quantity', 'discount', 'price'] as const).map((each) => (
    <button
      key={each}
      type="button"
      class="key key-word"
      aria-pressed={mode === each}
      disabled={!may[each] || fixed}
      onClick={() => cart.setMode(each)}
    >
      {say(`sell.mode.${each}`)}
    </button>
  ))
  const prefix = cart.prefix.value
  return (
    <Keypad
      label={say('sell.keys')}
      disabled={fixed && prefix === null && cart.empty.value}
      onKey={(key) => cart.press(key)}
      side={[
        ...sides,
        <button
          key="back"
          type="button"
          class="key"
          aria-label={say('till.key.back')}
          disabled={fixed}
          onClick={() => cart.press('back')}
        >
          <TillIcon name="back" />
        </button>,
      ]}
    />
  )
}

function PayRow(): JSX.Element {
  const till = useTill()
  const { attempt } = useActions()
  const { cart, screen, shelf } = till
  const { due, problem } = cart.worked.value
  const cannot = cart.empty.value || problem !== null
  const quick = exactCash(till)
  return (
    <div class="pay-row">
      <button
        type="button"
        class="pay-exact"
        disabled={cannot || quick === undefined}
        onClick={() => void attempt(async () => quick?.())}
      >
        <TillIcon name="cash" />
        <span>{say('sell.pay.exact')}</span>
      </button>
      <button
        type="button"
        class="pay-go"
        disabled={cannot}
        onClick={() => {
          screen.value = 'pay'
        }}
      >
        <span>{say('sell.pay')}</span>
        <b class="amount">{moneyText(due, shelf.shop.value)}</b>
      </button>
    </div>
  )
}
