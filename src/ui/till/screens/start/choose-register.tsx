/** Which register this browser is, with whether it is open already: a session goes on wherever it was begun. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Session } from '../../../../protocol/till/session.ts'
import { Badge } from '../../../parts/badge.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'

export function ChooseRegister(): JSX.Element {
  const { desk, link, settings, shelf } = useTill()
  const { attempt } = useActions()
  const sessions = useSignal<ReadonlyMap<string, Session | null>>(new Map())
  const registers = shelf.all('register').filter(({ active }) => active)
  const online = link.stage.value === 'online'
  const ids = registers.map(({ id }) => id).join(' ')
  useEffect(() => {
    if (!online) return
    for (const register of ids.split(' ').filter(Boolean))
      link.call('till.session.get', { register }).then(
        ({ session }) => {
          sessions.value = new Map([...sessions.value, [register, session]])
        },
        () => undefined,
      )
  }, [ids, link, online, sessions])
  // One that was chosen before, and whose session is only not known yet, is no choice.
  if (settings.register.value !== null && desk.register.value !== undefined)
    return <p class="start-waits">{say('till.status.connecting')}</p>
  if (registers.length === 0)
    return (
      <div class="empty">
        <h1>{say('start.register.none')}</h1>
        <p>{say('start.register.none.todo')}</p>
      </div>
    )
  return (
    <>
      <h1>{say('start.register')}</h1>
      <ul class="registers">
        {registers.map(({ id, name, number }) => {
          const session = sessions.value.get(id)
          return (
            <li key={id}>
              <button type="button" class="register-card" onClick={() => void attempt(() => desk.choose(id))}>
                <span class="register-number">{number}</span>
                <strong>{name}</strong>
                {session ? (
                  <>
                    <Badge tone="good">{say('start.register.open')}</Badge>
                    <small>
                      {say('start.register.since', {
                        time: dateTimeText(session.openedAt),
                        name: session.openedBy,
                      })}
                    </small>
                  </>
                ) : (
                  <Badge tone="off">{say('start.register.closed')}</Badge>
                )}
              </button>
            </li>
          )
        })}
      </ul>
    </>
  )
}
