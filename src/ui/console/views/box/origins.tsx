/** Web pages that may use the hub, and those that wanted to: allowed with one press, taken back with two. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { type ErrorCode, toHubError } from '../../../../protocol/errors.ts'
import type { Result } from '../../../../protocol/methods.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/dialog.tsx'
import { FieldError } from '../../../parts/field.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say, sayCount, sayError } from '../../../words/say.ts'
import { useActions, useConsole } from '../../context.ts'
import { Card } from './bits.tsx'

export type OriginRecord = Result<'origin.list'>['origins'][number]

interface OriginsCardProps {
  origins: readonly OriginRecord[]
  onChanged: () => Promise<void>
}

/** Those that wait for an answer first. */
const order = { seen: 0, allowed: 1, configured: 2 } as const

export function OriginsCard({ origins, onChanged }: OriginsCardProps): JSX.Element {
  const sorted = [...origins].sort(
    (a, b) => order[a.state] - order[b.state] || a.origin.localeCompare(b.origin),
  )
  return (
    <Card title={say('box.origins.title')} name="origins">
      <p class="hint">{say('box.origins.hint')}</p>
      {sorted.length === 0 ? (
        <p class="box-empty">{say('box.origins.none')}</p>
      ) : (
        <ul class="box-origins">
          {sorted.map((record) => (
            <OriginRow key={record.origin} record={record} onChanged={onChanged} />
          ))}
        </ul>
      )}
      <AddOrigin onChanged={onChanged} />
    </Card>
  )
}

function OriginRow({ record, onChanged }: { record: OriginRecord; onChanged: () => Promise<void> }) {
  const { call } = useActions()
  const asking = useSignal(false)
  const { origin, state } = record
  const allow = async () => {
    await call('origin.allow', { origin }, say('box.origins.allowedNow', { origin }))
    await onChanged()
  }
  const remove = async () => {
    await call('origin.remove', { origin })
    await onChanged()
  }
  return (
    <li class="box-origin" data-origin={origin}>
      <div class="row-text">
        <p>
          <code>{origin}</code>
        </p>
        <p class="row-sub">
          <OriginState state={state} /> <span>{seenText(record)}</span>
        </p>
      </div>
      <div class="actions">
        {state === 'seen' && (
          <Button look="main" label={say('box.origins.allowWhat', { origin })} onPress={allow}>
            {say('box.origins.allow')}
          </Button>
        )}
        {state === 'seen' && (
          <Button look="quiet" label={say('box.origins.forgetWhat', { origin })} onPress={remove}>
            {say('box.origins.forget')}
          </Button>
        )}
        {state === 'allowed' && (
          <Button
            label={say('box.origins.removeWhat', { origin })}
            onPress={() => {
              asking.value = true
            }}
          >
            {say('box.origins.remove')}
          </Button>
        )}
        {state === 'configured' && <a href="#/config">{say('box.origins.inConfig')}</a>}
      </div>
      {asking.value && (
        <Confirm
          title={say('box.origins.removeTitle', { origin })}
          text={say('box.origins.removeText')}
          doIt={say('box.origins.remove')}
          onConfirm={remove}
          onClose={() => {
            asking.value = false
          }}
        />
      )}
    </li>
  )
}

function OriginState({ state }: { state: OriginRecord['state'] }): JSX.Element {
  if (state === 'seen')
    return (
      <Badge tone="wait" icon="waiting">
        {say('box.origins.state.seen')}
      </Badge>
    )
  return (
    <Badge tone="good" icon="ready">
      {say(state === 'allowed' ? 'box.origins.state.allowed' : 'box.origins.state.configured')}
    </Badge>
  )
}

function seenText({ lastSeenAt, lastSeenFrom, refused }: OriginRecord): string {
  const seen =
    lastSeenAt === null
      ? say('box.origins.neverSeen')
      : say('box.origins.lastSeen', { when: dateTimeText(lastSeenAt), from: lastSeenFrom ?? '?' })
  return refused === 0 ? seen : `${seen} ${sayCount('box.origins.refused', refused)}`
}

/** What was typed as the origin that browsers would write, or undefined: people paste whole addresses. */
export function originOf(text: string): string | undefined {
  const trimmed = text.trim()
  if (trimmed === '' || /[\s@]/.test(trimmed)) return undefined
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`)
    return ['http:', 'https:'].includes(url.protocol) ? url.origin : undefined
  } catch {
    return undefined
  }
}

function AddOrigin({ onChanged }: { onChanged: () => Promise<void> }): JSX.Element {
  const { session, toasts } = useConsole()
  const id = useId()
  const text = useSignal('')
  const error = useSignal<string | undefined>(undefined)
  const add = async () => {
    const origin = originOf(text.value)
    if (origin === undefined) {
      error.value = say('box.origins.notOne')
      return
    }
    try {
      await session.call('origin.allow', { origin })
      toasts.show({ tone: 'good', text: say('box.origins.allowedNow', { origin }) })
      text.value = ''
      error.value = undefined
      await onChanged()
    } catch (thrown) {
      const { code, context } = toHubError(thrown)
      error.value = sayError(code as ErrorCode, context)
    }
  }
  return (
    <form
      class="box-line"
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <div class="field">
        <label for={id}>{say('box.origins.add')}</label>
        <input
          id={id}
          class="code"
          type="text"
          inputMode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={300}
          placeholder="https://pos.example.com"
          value={text.value}
          aria-invalid={error.value !== undefined || undefined}
          aria-describedby={`${id}-error`}
          onInput={(event) => {
            text.value = event.currentTarget.value
            error.value = undefined
          }}
        />
        <FieldError id={`${id}-error`} error={error.value} />
      </div>
      <button type="submit" class="button look-plain size-normal">
        {say('box.origins.addIt')}
      </button>
    </form>
  )
}
