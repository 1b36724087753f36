/** One paid order: its lines with what has come back, and what can be done with it: refund, copy, gift receipt, invoice. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { newId } from '../../../../protocol/client-core.ts'
import type { SoldOrder } from '../../../../protocol/till/order.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { tellError, useActions, useTill } from '../../context.ts'
import { decimalText, moneyText } from '../../parts/money.ts'
import { InvoiceDialog } from './invoice-dialog.tsx'
import { leftOf, RefundLines } from './refund-lines.tsx'

export function PaidOrderCard({ id }: { id: string }): JSX.Element {
  const till = useTill()
  const { desk, link, sales, screen, shelf } = till
  const { attempt, call } = useActions()
  const order = useSignal<SoldOrder | null>(null)
  /** Line to how much of it comes back. */
  const back = useSignal<ReadonlyMap<string, string>>(new Map())
  const invoicing = useSignal(false)
  const online = link.stage.value === 'online'
  useEffect(() => {
    if (!online) return
    link.call('till.order.get', { id }).then(
      ({ sold }) => {
        order.value = sold ?? null
      },
      (error: unknown) => tellError(till, error),
    )
  }, [id, link, online, order, till])
  const sold = order.value
  const close = () => {
    sales.shown.value = null
  }
  if (sold === null) return <section class="paid-card card" aria-busy="true" />
  const shop = shelf.shop.value
  const print = async (what: 'receipt' | 'gift') => {
    const answer = await call(
      'till.order.print',
      { ...desk.by(), id, what, job: newId() },
      say('orders.printing'),
    )
    if (answer !== undefined) order.value = { ...sold, prints: answer.prints }
  }
  const refund = async () => {
    const lines = [...back.value].map(([line, quantity]) => ({ line, quantity }))
    const done = await attempt(async () => {
      await sales.refund(id, lines.length === 0 ? undefined : lines)
      return true
    })
    if (done) {
      close()
      screen.value = 'pay'
    }
  }
  const anyLeft = sold.lines.some((line) => line.kind === 'item' && leftOf(sold, line) > 0)
  const right = desk.may('cashier')
    ? undefined
    : say('till.needs_right', { right: say('till.right.cashier') })
  return (
    <section class="paid-card card" aria-label={sold.reference}>
      <header class="paid-head">
        <div>
          <h2>{sold.reference}</h2>
          <p class="hint">
            {dateTimeText(sold.paidAt)} · {sold.employee} · {sold.till}
          </p>
        </div>
        <Button look="quiet" icon="close" label={say('common.close')} onPress={close} />
      </header>
      <p class="paid-marks">
        {sold.refund && <Badge tone="wait">{say('sell.refund')}</Badge>}
        {sold.invoice && <Badge tone="busy">{say('pay.invoice')}</Badge>}
        {sold.prints > 1 && <Badge tone="off">{say('orders.copies', { count: sold.prints - 1 })}</Badge>}
        {Object.entries(sold.sync).map(([upstream, state]) => (
          <Badge key={upstream} tone={state === 'parked' ? 'bad' : state === 'verified' ? 'good' : 'off'}>
            {upstream}: {say(`orders.sync.${state}`)}
          </Badge>
        ))}
      </p>
      <RefundLines sold={sold} back={back} />
      <dl class="paid-sums">
        <dt>{say('done.total')}</dt>
        <dd class="amount">{moneyText(sold.totals.total, shop)}</dd>
        {sold.payments.map(({ amount, change, id: key, method }) => (
          <>
            <dt key={`${key}t`}>
              {change ? say('pay.change') : (shelf.get('paymentMethod', method)?.name ?? method)}
            </dt>
            <dd key={key} class="amount">
              {moneyText(change ? -amount : amount, shop)}
            </dd>
          </>
        ))}
      </dl>
      {right !== undefined && <p class="hint">{right}</p>}
      <div class="actions grow">
        <Button size="big" onPress={() => print('receipt')}>
          {sold.prints > 0 ? say('done.print.again') : say('done.print')}
        </Button>
        <Button size="big" onPress={() => print('gift')}>
          {say('done.print.gift')}
        </Button>
        {!sold.refund && !sold.invoice && (
          <Button
            size="big"
            onPress={() => {
              invoicing.value = true
            }}
          >
            {say('pay.invoice')}
          </Button>
        )}
        <Button
          size="big"
          look="main"
          disabled={!anyLeft || sold.refund || right !== undefined}
          onPress={refund}
        >
          {back.value.size === 0
            ? say('orders.refund.all')
            : say('orders.refund.some', {
                count: decimalText(
                  String([...back.value.values()].reduce((sum, quantity) => sum + Number(quantity), 0)),
                ),
              })}
        </Button>
      </div>
      {invoicing.value && (
        <InvoiceDialog
          order={sold}
          onClose={() => {
            invoicing.value = false
          }}
          onAsked={(changed) => {
            order.value = changed
            invoicing.value = false
          }}
        />
      )}
    </section>
  )
}
