/** After a sale: the change in very large type, the receipt, and the next customer in one tap. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { newId } from '../../../../protocol/client-core.ts'
import { Icon } from '../../../parts/icon.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import type { Paid } from '../../contract.ts'
import { TillIcon } from '../../parts/icons.tsx'
import { moneyText } from '../../parts/money.ts'
import { useDoneKeys } from '../pay/use-keys.ts'
import { ReceiptView } from './receipt-view.tsx'

const of = (paid: Paid) => (paid.kind === 'filed' ? paid.sold : paid.sale)

export function DoneScreen(): JSX.Element {
  const till = useTill()
  const { desk, link, sales, screen, shelf } = till
  const { attempt, call } = useActions()
  const paid = sales.last.value
  const next = () => {
    sales.next()
    screen.value = desk.register.value?.restaurant && till.settings.startOnFloor.value ? 'floor' : 'sell'
  }
  const gone = paid === null
  useEffect(() => {
    if (gone) screen.value = 'sell'
  }, [gone, screen])
  useDoneKeys(next)
  const prints = useSignal(paid?.kind === 'filed' ? paid.sold.prints : 0)
  // A scan belongs to the next customer already.
  useEffect(
    () =>
      till.scanner.onScan((code) => {
        next()
        till.clock.after(0, () => till.scanner.feed(code))
      }),
    [till],
  )
  if (paid === null) return <main class="done-screen" />
  const shop = shelf.shop.value
  const { change, reference, totals } = of(paid)
  const filed = paid.kind === 'filed'
  const online = link.stage.value === 'online'
  const print = (what: 'receipt' | 'gift') =>
    attempt(async () => {
      if (paid.kind !== 'filed') return
      const answer = await call('till.order.print', {
        ...desk.by(),
        id: paid.sold.id,
        what,
        job: newId(),
      })
      if (answer !== undefined) prints.value = answer.prints
    })
  const reason = filed ? (online ? undefined : say('till.needs_hub')) : say('done.print.later')
  return (
    <main class="done-screen">
      <section class="done-main">
        <h1>
          {paid.kind === 'training' ? say('done.training') : filed ? say('done.paid') : say('done.kept')}
        </h1>
        <p class="done-total amount">{moneyText(totals.total + totals.rounding, shop)}</p>
        <p class="done-change" role="status">
          <span>{totals.total < 0 ? say('done.back') : say('pay.change')}</span>
          <strong class="amount">{moneyText(totals.total < 0 ? -totals.total : change, shop)}</strong>
        </p>
        <p class="done-number">{reference ?? say('done.number.later')}</p>
        {!filed && paid.kind === 'kept' && <p class="hint">{say('done.kept.text')}</p>}
        <div class="done-actions">
          <button
            type="button"
            class="pay-option"
            disabled={reason !== undefined}
            title={reason}
            onClick={() => void print('receipt')}
          >
            <Icon name="printer" size={24} />
            <span>{prints.value > 0 ? say('done.print.again') : say('done.print')}</span>
          </button>
          <button
            type="button"
            class="pay-option"
            disabled={reason !== undefined}
            title={reason}
            onClick={() => void print('gift')}
          >
            <TillIcon name="gift" />
            <span>{say('done.print.gift')}</span>
          </button>
        </div>
        {reason !== undefined && <p class="hint">{reason}</p>}
        <button type="button" class="pay-validate done-next" onClick={next}>
          {say('done.next')}
        </button>
      </section>
      <ReceiptView paid={paid} />
    </main>
  )
}
