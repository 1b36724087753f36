/** Administrative acts and refusals, newest first: who did what, from where, and what came of it. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { AuditEntry } from '../../../../protocol/access.ts'
import { type ErrorCode, errorTable, type HubError, toHubError } from '../../../../protocol/errors.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say, sayCount } from '../../../words/say.ts'
import { roleWord } from '../../../words/things.ts'
import { useConsole } from '../../context.ts'
import { actWord } from './acts.ts'
import { Waiting } from './waiting.tsx'

const pageRows = 100
/** Whom the hub names for what is done at the box itself. */
const commandLine = 'command line of this box'
/** After the last key, before the hub is asked, in ms. */
const typedMs = 300

interface Page {
  entries: readonly AuditEntry[]
  next: number | undefined
}

export function AuditView(): JSX.Element {
  const { session, clock } = useConsole()
  const filter = useSignal('')
  const page = useSignal<Page | undefined>(undefined)
  const error = useSignal<HubError | undefined>(undefined)
  const online = session.link.value === 'online'
  const load = async (before?: number) => {
    const text = filter.peek().trim()
    try {
      const answer = await session.call('audit.list', {
        limit: pageRows,
        ...(text === '' ? {} : { text }),
        ...(before === undefined ? {} : { before }),
      })
      // Somebody typed on meanwhile: another answer is on its way.
      if (filter.peek().trim() !== text) return
      const earlier = before === undefined ? [] : (page.peek()?.entries ?? [])
      page.value = { entries: [...earlier, ...answer.entries], next: answer.next }
      error.value = undefined
    } catch (thrown) {
      error.value = toHubError(thrown)
    }
  }
  useEffect(() => {
    return online ? clock.after(page.peek() === undefined ? 0 : typedMs, () => void load()) : undefined
  }, [online, filter.value])
  const shown = page.value
  return (
    <>
      <div class="toolbar">
        <SearchField
          label={say('access.audit.filter')}
          placeholder={say('access.audit.filter')}
          value={filter.value}
          onInput={(value) => {
            filter.value = value
          }}
        />
        <Button icon="restart" onPress={() => load()}>
          {say('access.audit.again')}
        </Button>
      </div>
      {shown === undefined ? (
        <Waiting error={error.value} onAgain={() => load()} />
      ) : shown.entries.length === 0 ? (
        <div class="empty">
          <Icon name="audit" size={48} />
          <h2>{say(filter.value === '' ? 'access.audit.none' : 'access.no_match')}</h2>
          {filter.value === '' && <p>{say('access.audit.none.text')}</p>}
        </div>
      ) : (
        <>
          <ol class="rows audit">
            {shown.entries.map((entry) => (
              <AuditRow key={entry.id} entry={entry} />
            ))}
          </ol>
          {shown.next !== undefined && (
            <div class="more">
              <Button size="big" onPress={() => load(shown.next)}>
                {say('access.audit.more')}
              </Button>
            </div>
          )}
        </>
      )}
    </>
  )
}

function AuditRow({ entry }: { entry: AuditEntry }): JSX.Element {
  const detail = Object.entries(entry.detail)
  const who =
    entry.who === commandLine ? say('access.audit.command_line') : (entry.who ?? say('access.audit.somebody'))
  const role = entry.role === null ? undefined : roleWord(entry.role)
  return (
    <li class="audit-row" data-act={entry.act}>
      <time dateTime={entry.at}>{dateTimeText(entry.at)}</time>
      <div class="audit-what">
        <p>
          <strong>{actWord(entry.act)}</strong>
          {entry.count > 1 && <span class="hint"> {sayCount('access.audit.times', entry.count)}</span>}
        </p>
        <p class="row-sub">
          {role === undefined ? who : `${who} (${role})`}
          {', '}
          {entry.from === null ? say('access.audit.box') : entry.from}
        </p>
        {detail.length > 0 && (
          <p class="audit-detail">
            {detail.map(([key, value]) => (
              <code key={key}>
                {key}: {typeof value === 'string' ? value : JSON.stringify(value)}
              </code>
            ))}
          </p>
        )}
      </div>
      <ResultBadge result={entry.result} />
    </li>
  )
}

function ResultBadge({ result }: { result: string | null }): JSX.Element {
  if (result === 'done')
    return (
      <Badge tone="good" icon="ready">
        {say('access.audit.done')}
      </Badge>
    )
  if (result === null)
    return (
      <Badge tone="doubt" icon="unknown">
        {say('access.audit.open')}
      </Badge>
    )
  const known = Object.hasOwn(errorTable, result)
  return (
    <span title={known ? errorTable[result as ErrorCode].text : undefined}>
      <Badge tone="bad" icon="close">
        {say('access.audit.refused')} <code>{result}</code>
      </Badge>
    </span>
  )
}
