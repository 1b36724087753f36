/** Closing control: the cash is counted, each method stands beside what is expected, a difference is told and accepted or counted again. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { toHubError } from '../../../../protocol/errors.ts'
import type { Approval, Right } from '../../../../protocol/till/people.ts'
import type { SessionReport } from '../../../../protocol/till/session.ts'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/dialog.tsx'
import { TextField } from '../../../parts/field.tsx'
import { say, sayCount } from '../../../words/say.ts'
import { tellError, useTill } from '../../context.ts'
import { AmountField } from '../../parts/amount-field.tsx'
import { ApprovalDialog } from '../../parts/approval.tsx'
import { CashCount, type Counted } from '../../parts/cash-count.tsx'
import { moneyText } from '../../parts/money.ts'
import { SessionFigures } from '../sessions/session-figures.tsx'

export function ClosingScreen(): JSX.Element {
  const till = useTill()
  const { desk, link, queue, screen, shelf } = till
  const report = useSignal<SessionReport | undefined>(undefined)
  const z = useSignal<SessionReport | undefined>(undefined)
  const cash = useSignal<Counted>({ sum: undefined })
  const others = useSignal<ReadonlyMap<string, number | undefined>>(new Map())
  const note = useSignal('')
  const asking = useSignal<'difference' | { right: Right } | null>(null)
  const told = useSignal<string>('')
  const accepted = useSignal(false)
  const working = useSignal(false)
  const shop = shelf.shop.value
  const online = link.stage.value === 'online'
  const waiting = queue.calls.value.length
  const session = desk.session.value?.id
  useEffect(() => {
    if (!online || session === undefined || z.value !== undefined) return
    const look = () =>
      desk.report(session).then(
        (found) => {
          report.value = found
        },
        (error: unknown) => tellError(till, error),
      )
    void look()
    return link.subscribe(['till.order.changed', 'till.cash.moved'], () => void look())
  }, [online, session, desk, link, report, till, z])
  const methods = report.value?.methods ?? []
  const register = desk.register.value
  const cashMethod = register && shelf.methodsAt(register).find(({ kind }) => kind === 'cash')
  const { coins, sum: counted } = cash.value
  const close = async (more: { accept?: boolean; approval?: Approval } = {}) => {
    if (counted === undefined || cashMethod === undefined) return
    accepted.value ||= more.accept === true
    asking.value = null
    working.value = true
    try {
      z.value = await desk.close({
        counts: [
          { method: cashMethod.id, counted },
          ...[...others.value].flatMap(([method, amount]) =>
            amount === undefined ? [] : [{ method, counted: amount }],
          ),
        ],
        ...(coins !== undefined && { coins }),
        ...(note.value.trim() !== '' && { note: note.value.trim() }),
        acceptDifference: accepted.value,
        ...(more.approval !== undefined && { approval: more.approval }),
      })
    } catch (thrown) {
      const error = toHubError(thrown)
      if (error.code === 'difference_found') {
        told.value = String(error.context.differenceText ?? '')
        asking.value = 'difference'
      } else if (error.code === 'right_missing' && more.approval === undefined)
        asking.value = { right: error.context.right as Right }
      else if (error.code === 'session_drafts') {
        tellError(till, error)
        screen.value = 'orders'
      } else tellError(till, error)
    } finally {
      working.value = false
    }
  }
  // Closed by another till meanwhile: there is nothing to be counted here any more.
  const gone = session === undefined && z.value === undefined && !working.value
  useEffect(() => {
    if (gone) screen.value = 'sell'
  }, [gone, screen])
  if (z.value !== undefined) return <Closed z={z.value} />
  if (!online || report.value === undefined || cashMethod === undefined)
    return (
      <main class="screen">
        <h1>{say('till.menu.closing')}</h1>
        <p>{online ? say('common.loading') : say('till.needs_hub')}</p>
      </main>
    )
  const { cashExpected, orders, total } = report.value
  const blind = cashExpected === null
  return (
    <main class="screen closing-screen">
      <h1>{say('cash.closing', { name: register?.name ?? '' })}</h1>
      {waiting > 0 && <p class="closing-waits">{sayCount('cash.closing.waits', waiting)}</p>}
      <div class="closing-columns">
        <form
          class="card stack"
          onSubmit={(event) => {
            event.preventDefault()
            void close()
          }}
        >
          <h2>{cashMethod.name}</h2>
          {blind ? (
            <p class="hint">{say('cash.blind')}</p>
          ) : (
            <p class="closing-expected">
              <span>{say('cash.expected')}</span>
              <b class="amount">{moneyText(cashExpected, shop)}</b>
            </p>
          )}
          <CashCount
            label={say('cash.counted')}
            initial={undefined}
            onCount={(next) => {
              cash.value = next
            }}
          />
          {!blind && counted !== undefined && <Difference amount={counted - cashExpected} />}
          {methods
            .filter(({ kind, method }) => (kind === 'card' || kind === 'bank') && method !== cashMethod.id)
            .map(({ amount, method, name }) => (
              <AmountField
                key={method}
                label={name}
                initial={blind ? undefined : amount}
                hint={say('cash.other.hint')}
                onAmount={(minor) => {
                  others.value = new Map([...others.value, [method, minor]])
                }}
              />
            ))}
          <TextField
            label={say('start.open.note')}
            value={note.value}
            maxLength={200}
            onInput={(text) => {
              note.value = text
            }}
          />
          <Button
            size="big"
            look="main"
            disabled={counted === undefined || waiting > 0}
            onPress={() => close()}
          >
            {say('cash.close')}
          </Button>
        </form>
        <section class="card stack">
          <h2>{say('cash.today')}</h2>
          <p class="closing-expected">
            <span>{sayCount('cash.orders', orders)}</span>
            <b class="amount">{moneyText(total, shop)}</b>
          </p>
          <SessionFigures report={report.value} />
        </section>
      </div>
      {asking.value === 'difference' && (
        <Confirm
          title={say('cash.difference')}
          text={blind ? say('cash.difference.blind') : say('cash.difference.text', { amount: told.value })}
          doIt={say('cash.difference.accept')}
          onClose={() => {
            if (asking.value === 'difference') asking.value = null
          }}
          onConfirm={() => close({ accept: true })}
        />
      )}
      {asking.value !== null && typeof asking.value === 'object' && (
        <ApprovalDialog
          right={asking.value.right}
          onClose={() => {
            asking.value = null
          }}
          onApproval={(approval) => close({ approval })}
        />
      )}
    </main>
  )
}

function Difference({ amount }: { amount: number }): JSX.Element {
  const { shelf } = useTill()
  const tone = amount === 0 ? 'good' : 'wait'
  const text = amount === 0 ? say('cash.even') : amount > 0 ? say('cash.over') : say('cash.short')
  return (
    <p class={`closing-difference tone-${tone}`} role="status">
      <span>{text}</span>
      <b class="amount">{moneyText(amount, shelf.shop.value)}</b>
    </p>
  )
}

function Closed({ z }: { z: SessionReport }): JSX.Element {
  const { desk, screen } = useTill()
  return (
    <main class="screen closing-screen">
      <h1>{say('cash.closed', { number: z.session.number })}</h1>
      <section class="card stack closing-done">
        <SessionFigures report={z} />
        <Button
          size="big"
          look="main"
          onPress={() => {
            screen.value = 'sell'
            return desk.logOut()
          }}
        >
          {say('floor.edit.done')}
        </Button>
      </section>
    </main>
  )
}
