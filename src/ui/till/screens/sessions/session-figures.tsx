/** The figures of a session, X or Z, to be read on a screen: sales, taxes, payments, cash, differences. */
import type { ComponentChildren, JSX } from 'preact'
import { newId } from '../../../../protocol/client-core.ts'
import type { SessionReport } from '../../../../protocol/till/session.ts'
import { Button } from '../../../parts/button.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { moneyText } from '../../parts/money.ts'

export function SessionFigures({ report }: { report: SessionReport }): JSX.Element {
  const { desk, link, shelf } = useTill()
  const { call } = useActions()
  const shop = shelf.shop.value
  const { cashExpected, cashMoves, closing, late, methods, session, taxes } = report
  const money = (amount: number) => moneyText(amount, shop)
  const print = () => {
    return call(
      'till.session.print',
      { ...desk.by(), session: session.id, job: newId() },
      say('reports.printing'),
    )
  }
  return (
    <div class="figures">
      <p class="hint">
        {say('reports.opened', { time: dateTimeText(session.openedAt), name: session.openedBy })}
        {session.closedAt !== null &&
          ` · ${say('reports.closed', { time: dateTimeText(session.closedAt), name: session.closedBy ?? '' })}`}
      </p>
      <Figures title={say('reports.sales')}>
        <Row name={say('reports.orders')} value={String(report.orders)} />
        {report.refunds > 0 && <Row name={say('reports.refunds')} value={String(report.refunds)} />}
        {report.cancelled > 0 && <Row name={say('reports.cancelled')} value={String(report.cancelled)} />}
        {late !== undefined && (
          <Row name={say('reports.late', { count: late.orders })} value={money(late.total)} />
        )}
        {report.discounts !== 0 && <Row name={say('reports.discounts')} value={money(report.discounts)} />}
        {report.tips !== 0 && <Row name={say('reports.tips')} value={money(report.tips)} />}
        {report.rounding !== 0 && <Row name={say('reports.rounding')} value={money(report.rounding)} />}
        <Row name={say('reports.total')} value={money(report.total)} strong />
      </Figures>
      <Figures title={say('reports.taxes')}>
        {taxes.map(({ amount, base, name, tax }) => (
          <Row key={tax} name={`${name} · ${money(base)}`} value={money(amount)} />
        ))}
      </Figures>
      {methods.length > 0 && (
        <Figures title={say('reports.methods')}>
          {methods.map(({ amount, method, name, payments }) => (
            <Row key={method} name={`${name} (${payments})`} value={money(amount)} />
          ))}
        </Figures>
      )}
      <Figures title={say('reports.cash')}>
        <Row name={say('reports.cash.opening')} value={money(session.openingCounted)} />
        {cashMoves.map(({ amount, id, reason }) => (
          <Row key={id} name={reason} value={money(amount)} />
        ))}
        {cashExpected !== null && <Row name={say('cash.expected')} value={money(cashExpected)} strong />}
        {closing?.counts.map(({ counted, difference, expected, method }) => (
          <Row
            key={method}
            name={`${shelf.get('paymentMethod', method)?.name ?? method}: ${money(expected)} → ${money(counted)}`}
            value={difference === 0 ? '✓' : money(difference)}
          />
        ))}
        {closing?.approvedBy != null && <Row name={say('reports.approved')} value={closing.approvedBy} />}
        {closing?.note != null && <Row name={say('start.open.note')} value={closing.note} />}
      </Figures>
      <p class="hint">
        {say('reports.grand', { amount: money(report.grandTotal) })}
        {report.firstOrder !== null && ` · ${report.firstOrder} – ${report.lastOrder ?? ''}`}
      </p>
      <Button size="big" icon="printer" disabled={link.stage.value !== 'online'} onPress={print}>
        {session.state === 'closed' ? say('reports.print.z') : say('reports.print.x')}
      </Button>
    </div>
  )
}

function Figures({ children, title }: { children: ComponentChildren; title: string }): JSX.Element {
  return (
    <section>
      <h3>{title}</h3>
      <dl class="figure-rows">{children}</dl>
    </section>
  )
}

function Row({ name, strong, value }: { name: string; value: string; strong?: boolean }): JSX.Element {
  return (
    <div class={strong ? 'is-strong' : undefined}>
      <dt>{name}</dt>
      <dd class="amount">{value}</dd>
    </div>
  )
}
