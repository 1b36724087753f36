/** The payments so far: each with its amount, what the card terminal printed, and a way to take it back. */
import type { JSX } from 'preact'
import { Icon } from '../../../parts/icon.tsx'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { moneyText } from '../../parts/money.ts'
import type { Tender } from './tender.ts'

const referenceCharsMax = 100

export function PaymentRows({ tender }: { tender: Tender }): JSX.Element {
  const { shelf } = useTill()
  const shop = shelf.shop.value
  const rows = tender.payments.value
  if (rows.length === 0) return <p class="pay-hint">{say('pay.hint')}</p>
  return (
    <ul class="pay-rows">
      {rows.map((payment) => {
        const method = tender.methods.value.find(({ id }) => id === payment.method)
        const alone = method?.kind === 'card' || method?.needsReference === true
        const chosen = payment.id === tender.selected.value
        return (
          <li key={payment.id} class="pay-line" aria-current={chosen || undefined}>
            <button type="button" class="pay-line-main" onClick={() => tender.select(payment.id)}>
              <span>{method?.name ?? payment.method}</span>
              <b class="amount">{moneyText(payment.amount, shop)}</b>
            </button>
            <button
              type="button"
              class="pay-line-off"
              aria-label={say('pay.remove', { name: method?.name ?? payment.method })}
              onClick={() => tender.remove(payment.id)}
            >
              <Icon name="close" />
            </button>
            {alone && (
              <label class="pay-reference">
                <span>
                  {method.kind === 'card' ? say('pay.card.alone') : ''}{' '}
                  {method.needsReference ? say('pay.reference.needed') : say('pay.reference')}
                </span>
                <input
                  type="text"
                  class="code"
                  autocomplete="off"
                  maxLength={referenceCharsMax}
                  value={payment.reference ?? ''}
                  onInput={(event) => tender.setReference(payment.id, event.currentTarget.value)}
                />
              </label>
            )}
          </li>
        )
      })}
    </ul>
  )
}
