/** Sales that this browser still has to hand to the hub, and what a person can do about those that were refused. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/dialog.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import type { QueuedCall } from '../../contract.ts'
import { moneyText } from '../../parts/money.ts'

const tones = { waiting: 'wait', sending: 'busy', doubt: 'doubt', parked: 'bad' } as const

/** Hands the text to the browser as a file. */
function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  anchor.click()
  URL.revokeObjectURL(address)
}

export function QueueList(): JSX.Element {
  const { desk, queue, shelf } = useTill()
  const { attempt } = useActions()
  const dropping = useSignal<QueuedCall | null>(null)
  const calls = queue.calls.value
  const shop = shelf.shop.value
  const file = () => save(queue.exported(), 'tillbridge-sales.json')
  return (
    <section class="card queue-list">
      <h2>{say('till.queue')}</h2>
      {calls.length === 0 && <p>{say('till.queue.none')}</p>}
      <ul>
        {calls.map((call) => (
          <li key={call.key}>
            <span class="queue-what">
              <strong>{call.label}</strong>
              <small>{dateTimeText(new Date(call.at).toISOString())}</small>
            </span>
            {call.amount !== null && <span class="queue-amount">{moneyText(call.amount, shop)}</span>}
            <Badge tone={tones[call.state]}>{say(`till.queue.${call.state}`)}</Badge>
            {call.problem !== null && (
              <p class="queue-problem">
                {call.problem.text} <code>{call.problem.code}</code>
              </p>
            )}
            {call.state === 'parked' && (
              <div class="actions">
                <Button onPress={() => attempt(() => queue.retry(call.key))}>
                  {say('till.queue.retry')}
                </Button>
                {call.problem?.code === 'total_differs' && (
                  <Button onPress={() => attempt(() => queue.retry(call.key, { atChargedPrices: true }))}>
                    {say('till.queue.charged')}
                  </Button>
                )}
                {call.problem?.code === 'order_ended' && 'order' in call.params && (
                  <Button onPress={() => attempt(() => queue.retry(call.key, { asItsOwn: true }))}>
                    {say('till.queue.own')}
                  </Button>
                )}
                {desk.may('manager') && (
                  <Button
                    look="quiet"
                    onPress={() => {
                      dropping.value = call
                    }}
                  >
                    {say('till.queue.drop')}
                  </Button>
                )}
              </div>
            )}
          </li>
        ))}
      </ul>
      {calls.length > 0 && <Button onPress={file}>{say('till.queue.export')}</Button>}
      {dropping.value !== null && (
        <Confirm
          title={dropping.value.label}
          text={say('till.queue.drop.text')}
          doIt={say('till.queue.drop')}
          onClose={() => {
            dropping.value = null
          }}
          onConfirm={async () => {
            const call = dropping.value
            file()
            if (call !== null) await attempt(() => queue.drop(call.key))
          }}
        />
      )}
    </section>
  )
}
