/** Cash in and out of the drawer, with the reason, and what was moved in this session. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { toHubError } from '../../../../protocol/errors.ts'
import type { Approval, Right } from '../../../../protocol/till/people.ts'
import type { CashMove } from '../../../../protocol/till/session.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { clockText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { tellError, useTill } from '../../context.ts'
import { ApprovalDialog } from '../../parts/approval.tsx'
import { Keypad } from '../../parts/keypad.tsx'
import { decimalSign, minorOf, moneyText, typedAmount } from '../../parts/money.ts'

const reasonKeys = {
  out: ['bank', 'supplier', 'expense'],
  in: ['change', 'bank'],
} as const

export function CashScreen(): JSX.Element {
  const till = useTill()
  const { desk, link, queue, shelf, toasts } = till
  const way = useSignal<'out' | 'in'>('out')
  const typed = useSignal('')
  const reason = useSignal('')
  const moves = useSignal<readonly CashMove[] | undefined>(undefined)
  const asking = useSignal<Right | null>(null)
  const working = useSignal(false)
  const shop = shelf.shop.value
  const online = link.stage.value === 'online'
  const session = desk.session.value?.id
  const minor = minorOf(typed.value || '0', shop.currencyDigits) ?? 0
  const waiting = queue.calls.value.filter(({ method }) => method === 'till.cash.move')
  const look = () => {
    if (!online || session === undefined || !desk.may('cashier')) return
    desk.report().then(
      ({ cashMoves }) => {
        moves.value = [...cashMoves].reverse()
      },
      () => undefined,
    )
  }
  useEffect(() => {
    look()
    return link.subscribe(['till.cash.moved'], look)
  }, [online, session, link])
  const may = desk.may('cashier') && session !== undefined
  const ready = may && minor > 0 && reason.value.trim() !== '' && !working.value
  const move = async (approval?: Approval) => {
    if (!ready) return
    asking.value = null
    working.value = true
    try {
      const moved = await desk.moveCash(way.value === 'out' ? -minor : minor, reason.value.trim(), approval)
      toasts.show({
        tone: 'good',
        text:
          moved === undefined
            ? say('cash.kept')
            : say('cash.moved', { amount: moneyText(moved.amount, shop) }),
      })
      typed.value = ''
      reason.value = ''
    } catch (thrown) {
      const error = toHubError(thrown)
      if (error.code === 'right_missing' && approval === undefined)
        asking.value = error.context.right as Right
      else tellError(till, error)
    } finally {
      working.value = false
    }
  }
  return (
    <main class="screen cash-screen">
      <h1>{say('till.menu.cash')}</h1>
      <form
        class="card stack"
        onSubmit={(event) => {
          event.preventDefault()
          void move()
        }}
      >
        <div class="cash-top">
          <Segments
            label={say('cash.way')}
            value={way.value}
            choices={(['out', 'in'] as const).map((value) => ({ value, text: say(`cash.${value}`) }))}
            onChoose={(value) => {
              way.value = value
            }}
          />
          <output class="big-number amount">
            {typed.value === '' ? moneyText(0, shop) : typed.value.replace('.', decimalSign())}
          </output>
        </div>
        <Keypad
          label={say('cash.amount')}
          corner="decimal"
          onKey={(key) => {
            typed.value = typedAmount(typed.value, key, shop.currencyDigits)
          }}
        />
        <div class="chips">
          {reasonKeys[way.value].map((key) => (
            <button
              key={key}
              type="button"
              class="chip"
              onClick={() => {
                reason.value = say(`cash.reason.${key}`)
              }}
            >
              {say(`cash.reason.${key}`)}
            </button>
          ))}
        </div>
        <TextField
          label={say('cash.reason')}
          value={reason.value}
          maxLength={200}
          onInput={(text) => {
            reason.value = text
          }}
        />
        {!may && <p class="field-error">{say('till.needs_right', { right: say('till.right.cashier') })}</p>}
        <Button size="big" look="main" disabled={!ready} onPress={() => move()}>
          {say(`cash.${way.value}.do`)}
        </Button>
      </form>
      <section class="card">
        <h2>{say('cash.moves')}</h2>
        <ul class="cash-moves">
          {waiting.map(({ amount, key, label }) => (
            <li key={key}>
              <span>{label}</span>
              <Badge tone="wait">{say('till.queue.waiting')}</Badge>
              <b class="amount">{moneyText(amount ?? 0, shop)}</b>
            </li>
          ))}
          {moves.value?.map(({ amount, at, by, id, reason: why }) => (
            <li key={id}>
              <span>
                {why}
                <small>
                  {clockText(at).slice(0, 5)} · {by}
                </small>
              </span>
              <b class="amount">{moneyText(amount, shop)}</b>
            </li>
          ))}
        </ul>
        {moves.value?.length === 0 && waiting.length === 0 && <p class="hint">{say('cash.moves.none')}</p>}
        {moves.value === undefined && !online && <p class="hint">{say('till.needs_hub')}</p>}
      </section>
      {asking.value !== null && (
        <ApprovalDialog
          right={asking.value}
          onClose={() => {
            asking.value = null
          }}
          onApproval={move}
        />
      )}
    </main>
  )
}
