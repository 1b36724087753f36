/** Who may log in on the console, and the sessions that are open. For owners only. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Result } from '../../../../protocol/methods.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { ageText, dateText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { roleText } from '../../../words/things.ts'
import { accessChanged, useActions, useAsked, useConsole } from '../../context.ts'
import { RowKeys } from './row-keys.tsx'
import { UserDialog } from './user-dialog.tsx'
import { Waiting } from './waiting.tsx'

export type User = Result<'user.list'>['users'][number]
type OpenSession = Result<'session.list'>['sessions'][number]

export function UsersView(): JSX.Element {
  const { answer, error, ask } = useAsked('user.list', {}, accessChanged('users', 'sessions'))
  const adding = useSignal(false)
  const users = answer.value?.users
  return (
    <>
      <div class="toolbar">
        <p class="summary">{say('access.user.each')}</p>
        <Button
          size="big"
          look="main"
          icon="add"
          onPress={() => {
            adding.value = true
          }}
        >
          {say('access.user.add')}
        </Button>
      </div>
      {users === undefined ? (
        <Waiting error={error.value} onAgain={ask} />
      ) : (
        <ul class="rows">
          {users.map((user) => (
            <UserRow key={user.id} user={user} onChanged={ask} />
          ))}
        </ul>
      )}
      <Sessions />
      {adding.value && (
        <UserDialog
          user={undefined}
          onDone={ask}
          onClose={() => {
            adding.value = false
          }}
        />
      )}
    </>
  )
}

function UserRow({ user, onChanged }: { user: User; onChanged: () => Promise<void> }): JSX.Element {
  const { clock, session } = useConsole()
  const { call } = useActions()
  const own = session.person.value?.user === user.id
  const remove = async () => {
    await call('user.remove', { id: user.id }, say('access.user.removed', { name: user.name }))
    await onChanged()
  }
  return (
    <li class="row" data-user={user.name}>
      <Icon name="person" size={26} />
      <div class="row-text">
        <p class="row-title">
          <strong>{user.name}</strong>
          {own && <Badge tone="busy">{say('access.user.you')}</Badge>}
        </p>
        <p class="row-sub">{roleText(user.role)}</p>
        <p class="row-sub">
          {user.lastLoginAt === null
            ? say('access.user.unused', { date: dateText(user.createdAt) })
            : say('access.user.used', {
                age: ageText(clock.now.value - Date.parse(user.lastLoginAt)),
                address: user.lastLoginFrom ?? say('common.not_known'),
              })}
        </p>
      </div>
      <RowKeys
        name={user.name}
        remove={{
          word: say('common.remove'),
          label: say('access.remove_of', { name: user.name }),
          ask: say('access.user.remove_ask', { name: user.name }),
          text: say('access.user.remove_text'),
        }}
        onRemove={remove}
      >
        {(close) => <UserDialog user={user} onDone={onChanged} onClose={close} />}
      </RowKeys>
    </li>
  )
}

function Sessions(): JSX.Element {
  const { answer, ask } = useAsked('session.list', {}, accessChanged('sessions', 'users'))
  const sessions = answer.value?.sessions ?? []
  return (
    <section class="section" aria-labelledby="sessions">
      <h2 id="sessions">{say('access.session.title')}</h2>
      {sessions.length === 0 ? (
        <p class="hint">{say('access.session.none')}</p>
      ) : (
        <ul class="rows">
          {sessions.map((one) => (
            <SessionRow key={one.id} open={one} onEnded={ask} />
          ))}
        </ul>
      )}
    </section>
  )
}

function SessionRow({ open, onEnded }: { open: OpenSession; onEnded: () => Promise<void> }): JSX.Element {
  const { clock } = useConsole()
  const { call } = useActions()
  const end = async () => {
    await call('session.end', { id: open.id })
    await onEnded()
  }
  return (
    <li class="row">
      <Icon name="display" size={26} />
      <div class="row-text">
        <p class="row-title">
          <strong>{open.name}</strong>
          {open.own && <Badge tone="busy">{say('access.session.own')}</Badge>}
        </p>
        <p class="row-sub" title={open.agent}>
          {say('access.session.of', {
            browser: browserOf(open.agent),
            address: open.from,
            age: ageText(clock.now.value - Date.parse(open.lastUsedAt)),
          })}
        </p>
      </div>
      {!open.own && (
        <Button
          icon="leave"
          label={say('access.session.end_of', { name: open.name, browser: browserOf(open.agent) })}
          onPress={end}
        >
          {say('access.session.end')}
        </Button>
      )}
    </li>
  )
}

/** `Firefox, Android`: as much of a user agent as a person needs. */
function browserOf(agent: string): string {
  const browser = /Edg|Firefox|Chrome|Safari/.exec(agent)?.[0]?.replace('Edg', 'Edge')
  const system = /Android|iPhone|iPad|CrOS|Windows|Mac OS|Linux/.exec(agent)?.[0]?.replace('CrOS', 'ChromeOS')
  const known = [browser, system].filter((part) => part !== undefined).join(', ')
  return known === '' ? agent.slice(0, 40) : known
}
