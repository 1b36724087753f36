/** All sessions of this register, newest first, and the X or Z of the chosen one. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Session, SessionReport } from '../../../../protocol/till/session.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { tellError, useTill } from '../../context.ts'
import { SessionFigures } from './session-figures.tsx'

const pageSize = 30

export function SessionsScreen(): JSX.Element {
  const till = useTill()
  const { desk, link } = till
  const found = useSignal<{ sessions: readonly Session[]; next: string | undefined } | undefined>(undefined)
  const chosen = useSignal<SessionReport | undefined>(undefined)
  const online = link.stage.value === 'online'
  const register = desk.register.value?.id
  const fetchPage = async (before?: string) => {
    const { next, sessions } = await link.call('till.session.list', {
      limit: pageSize,
      ...(register !== undefined && { register }),
      ...(before !== undefined && { before }),
    })
    return { sessions, next }
  }
  useEffect(() => {
    if (!online) return
    const look = () =>
      fetchPage().then(
        (page) => {
          found.value = page
        },
        (error: unknown) => tellError(till, error),
      )
    void look()
    return link.subscribe(['till.session.changed'], () => void look())
  }, [online, register, link, found, till])
  if (!online)
    return (
      <main class="screen">
        <h1>{say('till.menu.sessions')}</h1>
        <p>{say('till.needs_hub')}</p>
      </main>
    )
  const open = (session: string) =>
    desk.report(session).then(
      (report) => {
        chosen.value = report
      },
      (error: unknown) => tellError(till, error),
    )
  return (
    <main class="screen sessions-screen">
      <h1>{say('till.menu.sessions')}</h1>
      <div class={`paid-columns${chosen.value === undefined ? '' : ' has-chosen'}`}>
        <section class="paid-list" aria-label={say('till.menu.sessions')}>
          <ul class="order-list">
            {found.value?.sessions.map((session) => (
              <li key={session.id}>
                <button
                  type="button"
                  class="order-row"
                  aria-current={session.id === chosen.value?.session.id || undefined}
                  onClick={() => void open(session.id)}
                >
                  <span class="order-name">
                    <strong>{say('reports.session', { number: session.number })}</strong>
                    <small>
                      {dateTimeText(session.openedAt)} · {session.openedBy}
                      {session.closedAt !== null &&
                        ` – ${dateTimeText(session.closedAt)} · ${session.closedBy}`}
                    </small>
                  </span>
                  <Badge tone={session.state === 'open' ? 'good' : 'off'}>
                    {session.state === 'open' ? say('start.register.open') : say('start.register.closed')}
                  </Badge>
                </button>
              </li>
            ))}
          </ul>
          {found.value?.next !== undefined && (
            <button
              type="button"
              class="tiles-more"
              onClick={() => {
                const before = found.value
                fetchPage(before?.next).then(
                  (page) => {
                    found.value = { ...page, sessions: [...(before?.sessions ?? []), ...page.sessions] }
                  },
                  (error: unknown) => tellError(till, error),
                )
              }}
            >
              {say('common.show_more')}
            </button>
          )}
        </section>
        {chosen.value !== undefined && (
          <section class="paid-card card">
            <header class="paid-head">
              <h2>
                {chosen.value.session.state === 'open' ? 'X' : 'Z'} {chosen.value.session.number}
              </h2>
              <Button
                look="quiet"
                icon="close"
                label={say('common.close')}
                onPress={() => {
                  chosen.value = undefined
                }}
              />
            </header>
            <SessionFigures report={chosen.value} />
          </section>
        )}
      </div>
    </main>
  )
}
