/** What was sold: by hour, day, product, category, employee, tax or method, live, as bars and as the figures beside them. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Result } from '../../../../protocol/methods.ts'
import { Segments } from '../../../parts/segments.tsx'
import { numberText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { tellError, useTill } from '../../context.ts'
import { decimalText, moneyText } from '../../parts/money.ts'

const dimensions = ['hour', 'day', 'product', 'category', 'employee', 'tax', 'method'] as const
const ranges = { today: 0, week: 6, month: 29 } as const
export const reportTimes = {
  /** Sales that come in crowds are one question more, in ms. */
  gatherMs: 2_000,
} as const

/** `2026-11-24` where the shop is. */
function dayText(ms: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return parts.format(ms)
}

export function ReportsScreen(): JSX.Element {
  const till = useTill()
  const { clock, desk, link, shelf } = till
  const by = useSignal<(typeof dimensions)[number]>('hour')
  const range = useSignal<keyof typeof ranges>('today')
  const found = useSignal<Result<'till.report'> | undefined>(undefined)
  const online = link.stage.value === 'online'
  const shop = shelf.shop.value
  const dimension = by.value
  const days = ranges[range.value]
  useEffect(() => {
    if (!online) return
    let wanted = true
    let waiting = false
    const look = () => {
      const now = clock.read()
      link
        .call('till.report', {
          ...desk.by(),
          by: dimension,
          from: dayText(now - days * 86_400_000, shop.timeZone),
          until: dayText(now, shop.timeZone),
        })
        .then(
          (result) => {
            if (wanted) found.value = result
          },
          (error: unknown) => {
            if (wanted) tellError(till, error)
          },
        )
    }
    look()
    const leave = link.subscribe(['till.order.changed'], ({ data }) => {
      if (waiting || data.state !== 'paid') return
      waiting = true
      clock.after(reportTimes.gatherMs, () => {
        waiting = false
        if (wanted) look()
      })
    })
    return () => {
      wanted = false
      leave()
    }
  }, [online, dimension, days, shop.timeZone, clock, desk, found, link, till])
  const rows = found.value?.rows ?? []
  const most = Math.max(1, ...rows.map(({ total }) => Math.abs(total)))
  const total = found.value?.total
  return (
    <main class="screen reports-screen">
      <h1>{say('till.menu.reports')}</h1>
      <div class="report-choices">
        <Segments
          label={say('reports.when')}
          value={range.value}
          choices={(Object.keys(ranges) as (keyof typeof ranges)[]).map((value) => ({
            value,
            text: say(`reports.range.${value}`),
          }))}
          onChoose={(value) => {
            range.value = value
          }}
        />
        <div class="chips">
          {dimensions.map((each) => (
            <button
              key={each}
              type="button"
              class="chip"
              aria-pressed={by.value === each}
              onClick={() => {
                found.value = undefined
                by.value = each
              }}
            >
              {say(`reports.by.${each}`)}
            </button>
          ))}
        </div>
      </div>
      {!online && <p>{say('till.needs_hub')}</p>}
      {total !== undefined && (
        <p class="report-total">
          <span>{say('reports.count', { count: numberText(total.orders) })}</span>
          <strong class="amount">{moneyText(total.total, shop)}</strong>
        </p>
      )}
      {found.value !== undefined && rows.length === 0 && <p class="hint">{say('reports.none')}</p>}
      {rows.length > 0 && (
        <table class="report-table">
          <thead>
            <tr>
              <th scope="col">{say(`reports.by.${dimension}`)}</th>
              <th scope="col">
                <span class="hidden-text">{say('reports.bar')}</span>
              </th>
              <th scope="col">{say('reports.orders')}</th>
              <th scope="col">{say('reports.total')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">
                  {row.name || say('reports.unnamed')}
                  {row.quantity !== null && <small> × {decimalText(row.quantity)}</small>}
                </th>
                <td class="report-bar-cell" aria-hidden="true">
                  <span
                    class={`report-bar${row.total < 0 ? ' is-negative' : ''}`}
                    style={{ width: `${(Math.abs(row.total) / most) * 100}%` }}
                  />
                </td>
                <td class="amount">{numberText(row.orders)}</td>
                <td class="amount">{moneyText(row.total, shop)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </main>
  )
}
