/** The backup page: make one, restore one, what was made lately, and the bundle for whoever helps from elsewhere. */
import { type ReadonlySignal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { AuditEntry } from '../../../../protocol/access.ts'
import { Button } from '../../../parts/button.tsx'
import { PasswordField } from '../../../parts/password-field.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useActions, useAsked, useConsole } from '../../context.ts'
import '../../styles/box.css'
import { bytesText, Card, saveAs, Unasked } from './bits.tsx'
import { type FetchedFile, fetchFile } from './files.ts'
import { RestoreCard } from './restore.tsx'

/** As the hub has it; importing the schema would bring the validator into the page. */
const passphraseCharsMin = 10
const lastMax = 20

export function BackupView(): JSX.Element {
  const { session } = useConsole()
  const owner = session.role.value === 'owner'
  const asked = useAsked('audit.list', { text: 'backup', limit: lastMax })
  return (
    <div class="box-cards">
      {owner ? (
        <>
          <MakeCard onMade={asked.ask} />
          <RestoreCard />
        </>
      ) : (
        <p class="box-note wait">{say('box.backup.ownerOnly')}</p>
      )}
      <BundleCard />
      <Card title={say('box.backup.last')} name="last">
        <Unasked of={[asked]} />
        <LastBackups entries={asked.answer.value?.entries ?? []} />
      </Card>
    </div>
  )
}

interface Fetched {
  /** Bytes so far; undefined while nothing is under way. */
  bytes: ReadonlySignal<number | undefined>
  /** Fetches a file and gives it to the browser; undefined when it failed, which a message says. */
  fetchIt(path: string, body: unknown): Promise<FetchedFile | undefined>
}

function useFetched(): Fetched {
  const { clock, session } = useConsole()
  const { attempt } = useActions()
  const bytes = useSignal<number | undefined>(undefined)
  const fetchIt = async (path: string, body: unknown) => {
    bytes.value = 0
    const told = (sofar: number) => {
      bytes.value = sofar
    }
    const made = await attempt(() => fetchFile(session, path, body, told))
    bytes.value = undefined
    if (made !== undefined) saveAs(clock, made.content, made.name)
    return made
  }
  return { bytes, fetchIt }
}

function MakeCard({ onMade }: { onMade: () => Promise<void> }): JSX.Element {
  const { toasts } = useConsole()
  const { bytes, fetchIt } = useFetched()
  const first = useSignal('')
  const second = useSignal('')
  const pressed = useSignal(false)
  const short = [...first.value].length < passphraseCharsMin
  const other = first.value !== second.value
  const make = async () => {
    pressed.value = true
    if (short || other || bytes.value !== undefined) return
    const made = await fetchIt('api/v1/backup', { passphrase: first.value })
    if (made === undefined) return
    toasts.show({
      tone: 'good',
      text: say('box.backup.made', { name: made.name, size: bytesText(made.content.size) }),
    })
    first.value = ''
    second.value = ''
    pressed.value = false
    await onMade()
  }
  return (
    <Card title={say('box.backup.make')} name="make">
      <p>{say('box.backup.makeText')}</p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <PasswordField
          label={say('box.backup.passphrase')}
          kind="new"
          value={first.value}
          error={pressed.value && short ? say('box.backup.short', { min: passphraseCharsMin }) : undefined}
          onInput={(value) => {
            first.value = value
          }}
        />
        <PasswordField
          label={say('box.backup.again')}
          kind="repeat"
          value={second.value}
          hint={say('box.backup.hint')}
          error={pressed.value && !short && other ? say('box.backup.differ') : undefined}
          onInput={(value) => {
            second.value = value
          }}
        />
        <div class="actions">
          <button
            type="submit"
            class="button look-main size-big"
            aria-busy={bytes.value !== undefined || undefined}
          >
            {say('box.backup.makeIt')}
          </button>
        </div>
        <Progress bytes={bytes.value} />
      </form>
    </Card>
  )
}

function Progress({ bytes }: { bytes: number | undefined }): JSX.Element {
  return (
    <div role="status">
      {bytes !== undefined && (
        <p class="box-working">
          <progress aria-label={say('box.backup.working')} />{' '}
          {bytes === 0 ? say('box.backup.working') : say('box.backup.bytes', { size: bytesText(bytes) })}
        </p>
      )}
    </div>
  )
}

function BundleCard(): JSX.Element {
  const { state, toasts } = useConsole()
  const { bytes, fetchIt } = useFetched()
  const bundle = async () => {
    const made = await fetchIt('api/v1/support-bundle', {})
    if (made !== undefined) toasts.show({ tone: 'good', text: say('box.bundle.made', { name: made.name }) })
  }
  return (
    <Card title={say('box.bundle.title')} name="bundle">
      <p>{say('box.bundle.text', { name: state.hub.value?.name ?? 'Tillbridge' })}</p>
      <dl class="facts">
        <dt>{say('box.bundle.in')}</dt>
        <dd>{say('box.bundle.inText')}</dd>
        <dt>{say('box.bundle.out')}</dt>
        <dd>{say('box.bundle.outText')}</dd>
      </dl>
      <div class="actions">
        <Button onPress={bundle}>{say('box.bundle.get')}</Button>
      </div>
      <Progress bytes={bytes.value} />
    </Card>
  )
}

function LastBackups({ entries }: { entries: readonly AuditEntry[] }): JSX.Element {
  const made = entries.filter(({ act }) => act === 'backup')
  if (made.length === 0) return <p class="box-empty">{say('box.backup.none')}</p>
  return (
    <ul class="box-list">
      {made.map(({ at, id, result, who }) => (
        <li key={id}>
          <time dateTime={at}>{dateTimeText(at)}</time> {who ?? ''}
          {result !== 'done' && result !== null && (
            <strong class="bad">{say('box.backup.failed', { code: result })}</strong>
          )}
        </li>
      ))}
    </ul>
  )
}
