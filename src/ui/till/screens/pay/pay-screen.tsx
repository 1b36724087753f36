/** Paying: what is due in very large type, the methods, the keys, and one button that ends it. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { toHubError } from '../../../../protocol/errors.ts'
import type { PaymentMethod } from '../../../../protocol/till/catalogue.ts'
import type { Approval, Right } from '../../../../protocol/till/people.ts'
import { Confirm } from '../../../parts/dialog.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { say } from '../../../words/say.ts'
import { tellError, useTill } from '../../context.ts'
import { ApprovalDialog } from '../../parts/approval.tsx'
import { TillIcon } from '../../parts/icons.tsx'
import { Keypad } from '../../parts/keypad.tsx'
import { moneyText } from '../../parts/money.ts'
import { PaymentRows } from './payment-rows.tsx'
import { type Tender, tenderOf } from './tender.ts'
import { TipDialog } from './tip-dialog.tsx'
import { usePayKeys } from './use-keys.ts'

const methodIcons = { cash: 'cash', card: 'card', bank: 'bank', account: 'account' } as const

export function PayScreen(): JSX.Element {
  const till = useTill()
  const { cart, screen, shelf } = till
  const tender = useMemo(() => tenderOf(till), [till])
  const invoice = useSignal(false)
  const working = useSignal(false)
  const asking = useSignal<'suspicious' | 'tip' | { right: Right } | null>(null)
  const shop = shelf.shop.value
  const { customer } = cart.state.value
  const validate = async (approval?: Approval) => {
    if (working.value) return
    if (approval === undefined && tender.suspicious.value !== undefined && asking.value === null) {
      asking.value = 'suspicious'
      return
    }
    asking.value = null
    working.value = true
    try {
      await till.sales.pay({
        invoice: invoice.value && customer !== null,
        ...(approval !== undefined && { approval }),
      })
      screen.value = 'done'
    } catch (thrown) {
      const error = toHubError(thrown)
      if (error.code === 'right_missing') asking.value = { right: error.context.right as Right }
      else tellError(till, error)
    } finally {
      working.value = false
    }
  }
  // Nothing can be paid of an order that is gone: a reload in the middle, or another tab.
  const gone = cart.empty.value && !working.value
  useEffect(() => {
    if (gone) screen.value = 'sell'
  }, [gone, screen])
  const settled = tender.settled.value
  const ready = 'ok' in settled
  usePayKeys(tender, {
    validate: () => {
      if (ready) void validate()
    },
    back: () => {
      screen.value = 'sell'
    },
  })
  const { due } = tender
  const change = 'ok' in settled ? settled.ok.change : 0
  const missing = 'ok' in settled ? 0 : settled.missing
  const problem = 'ok' in settled || missing > 0 || tender.payments.value.length === 0 ? null : settled.error
  return (
    <main class="pay-screen">
      <h1 class="hidden-text">{say('pay.title')}</h1>
      <Methods tender={tender}>
        <button
          type="button"
          class="pay-option"
          aria-pressed={invoice.value}
          disabled={customer === null}
          title={customer === null ? say('pay.invoice.customer') : undefined}
          onClick={() => {
            invoice.value = !invoice.value
          }}
        >
          <TillIcon name="orders" />
          <span>{say('pay.invoice')}</span>
        </button>
        <button
          type="button"
          class="pay-option"
          disabled={cart.state.value.refund}
          onClick={() => {
            asking.value = 'tip'
          }}
        >
          <TillIcon name="tip" />
          <span>
            {cart.state.value.tip === 0
              ? say('pay.tip')
              : say('pay.tip.of', { amount: moneyText(cart.state.value.tip, shop) })}
          </span>
        </button>
      </Methods>
      <section class="pay-middle" aria-label={say('pay.due')}>
        <p class="pay-due">
          <span>{due.value < 0 ? say('pay.due.back') : say('pay.due')}</span>
          <strong class="amount">{moneyText(Math.abs(due.value), shop)}</strong>
        </p>
        <PaymentRows tender={tender} />
        <p class={`pay-rest${ready ? ' is-ready' : ''}`} role="status">
          {problem !== null ? (
            <span>{String(problem.context.reason ?? problem.message)}</span>
          ) : ready ? (
            <>
              <span>{say('pay.change')}</span>
              <strong class="amount">{moneyText(change, shop)}</strong>
            </>
          ) : (
            <>
              <span>{say('pay.missing')}</span>
              <strong class="amount">{moneyText(missing, shop)}</strong>
            </>
          )}
        </p>
      </section>
      <section class="pay-keys" aria-label={say('pay.keys')}>
        <Keypad
          label={say('pay.keys')}
          corner="decimal"
          onKey={(key) => tender.press(key)}
          side={quickKeys(tender, (amount) => moneyText(amount, shop))}
        />
        <div class="pay-end">
          <button
            type="button"
            class="pay-back"
            onClick={() => {
              screen.value = 'sell'
            }}
          >
            <Icon name="chevron" size={24} />
            <span>{say('pay.back')}</span>
          </button>
          <button
            type="button"
            class="pay-validate"
            disabled={!ready || working.value}
            aria-busy={working.value || undefined}
            onClick={() => void validate()}
          >
            {say('pay.validate')}
          </button>
        </div>
      </section>
      {asking.value === 'suspicious' && (
        <Confirm
          title={say('pay.suspicious')}
          text={say('pay.suspicious.text', {
            amount: moneyText(tender.suspicious.value?.amount ?? 0, shop),
            due: moneyText(due.value, shop),
          })}
          doIt={say('pay.suspicious.do')}
          onClose={() => {
            if (asking.value === 'suspicious') asking.value = null
          }}
          onConfirm={() => validate({})}
        />
      )}
      {asking.value === 'tip' && (
        <TipDialog
          change={change}
          onClose={() => {
            asking.value = null
          }}
        />
      )}
      {asking.value !== null && typeof asking.value === 'object' && (
        <ApprovalDialog
          right={asking.value.right}
          onClose={() => {
            asking.value = null
          }}
          onApproval={(approval) => validate(approval)}
        />
      )}
    </main>
  )
}

function Methods({ tender, children }: { tender: Tender; children: JSX.Element[] }): JSX.Element {
  const used = (method: PaymentMethod) =>
    tender.payments.value.some((payment) => payment.method === method.id)
  return (
    <section class="pay-methods" aria-label={say('pay.methods')}>
      {tender.methods.value.map((method) => (
        <button
          key={method.id}
          type="button"
          class="pay-method"
          aria-pressed={used(method)}
          onClick={() => tender.add(method)}
        >
          <TillIcon name={methodIcons[method.kind]} />
          <span>{method.name}</span>
        </button>
      ))}
      {tender.methods.value.length === 0 && <p class="hint">{say('pay.methods.none')}</p>}
      <div class="pay-options">{children}</div>
    </section>
  )
}

/** The round sums that people hand over, one tap each; the first of them is the exact one. */
function quickKeys(tender: Tender, text: (amount: number) => string): JSX.Element[] {
  return tender.quick.value.map((amount) => (
    <button key={amount} type="button" class="key key-word amount" onClick={() => tender.hand(amount)}>
      {text(amount)}
    </button>
  ))
}
