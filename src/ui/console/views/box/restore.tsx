/** Restoring a backup: which file, its passphrase, what will happen, a typed yes, and the wait until the hub is back. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useId } from 'preact/hooks'
import { type HubError, toHubError } from '../../../../protocol/errors.ts'
import { Button } from '../../../parts/button.tsx'
import { hintFor, sentenceOf } from '../../../parts/error-words.ts'
import { FieldError } from '../../../parts/field.tsx'
import { PasswordField } from '../../../parts/password-field.tsx'
import { say } from '../../../words/say.ts'
import { useConsole } from '../../context.ts'
import { bytesText, Card } from './bits.tsx'
import { sendBackup } from './files.ts'
import { TypedConfirm } from './typed-confirm.tsx'

type Step =
  | { at: 'choosing' }
  | { at: 'sending'; part: number }
  | { at: 'waiting'; since: string }
  | { at: 'back' }

export function RestoreCard(): JSX.Element {
  const { session, state } = useConsole()
  const id = useId()
  const file = useSignal<File | undefined>(undefined)
  const passphrase = useSignal('')
  const asking = useSignal(false)
  const step = useSignal<Step>({ at: 'choosing' })
  const error = useSignal<HubError | undefined>(undefined)
  const startedAt = state.hub.value?.startedAt ?? ''
  const now = step.value
  // The hub that comes back has started later than the one that took the file.
  useEffect(() => {
    if (now.at === 'waiting' && startedAt !== now.since) step.value = { at: 'back' }
  }, [startedAt, now])
  const restore = async () => {
    const chosen = file.value
    if (chosen === undefined) return
    error.value = undefined
    step.value = { at: 'sending', part: 0 }
    try {
      await sendBackup(session, chosen, passphrase.value, (part) => {
        step.value = { at: 'sending', part }
      })
      step.value = { at: 'waiting', since: startedAt }
      passphrase.value = ''
    } catch (thrown) {
      error.value = toHubError(thrown)
      step.value = { at: 'choosing' }
    }
  }
  const wrong = error.value
  const about = wrong?.code === 'backup_passphrase' ? 'passphrase' : 'file'
  const said = wrong === undefined ? undefined : sentenceOf(wrong, state.devices.peek())
  return (
    <Card title={say('box.restore.title')} name="restore">
      <p>{say('box.restore.text')}</p>
      <div class="field">
        <label for={id}>{say('box.restore.file')}</label>
        <input
          id={id}
          type="file"
          accept=".tbk"
          aria-invalid={(wrong !== undefined && about === 'file') || undefined}
          aria-describedby={`${id}-error`}
          onChange={(event) => {
            file.value = event.currentTarget.files?.[0]
            error.value = undefined
          }}
        />
        <FieldError
          id={`${id}-error`}
          error={
            wrong !== undefined && about === 'file' ? `${said} ${hintFor(wrong.code, wrong.who)}` : undefined
          }
        />
        {file.value !== undefined && <p class="hint">{bytesText(file.value.size)}</p>}
      </div>
      <PasswordField
        label={say('box.restore.passphrase')}
        kind="current"
        value={passphrase.value}
        error={about === 'passphrase' ? said : undefined}
        onInput={(value) => {
          passphrase.value = value
          error.value = undefined
        }}
      />
      <div class="actions">
        <Button
          look="danger"
          disabled={
            file.value === undefined ||
            passphrase.value === '' ||
            now.at === 'sending' ||
            now.at === 'waiting'
          }
          onPress={() => {
            asking.value = true
          }}
        >
          {say('box.restore.doIt')}
        </Button>
      </div>
      <div role="status">
        {now.at === 'sending' && (
          <p class="box-working">
            <progress aria-label={say('box.restore.sending')} max={1} value={now.part} />{' '}
            {say(now.part < 1 ? 'box.restore.sending' : 'box.restore.checking')}
          </p>
        )}
        {now.at === 'waiting' && (
          <p class="box-working">
            <progress aria-label={say('box.restore.waiting')} /> {say('box.restore.waiting')}
          </p>
        )}
        {now.at === 'back' && <p class="box-note good">{say('box.restore.back')}</p>}
      </div>
      {asking.value && (
        <TypedConfirm
          title={say('box.restore.confirm')}
          word={state.hub.value?.name ?? 'Tillbridge'}
          doIt={say('box.restore.doIt')}
          onConfirm={() => void restore()}
          onClose={() => {
            asking.value = false
          }}
        >
          <p>{say('box.restore.what')}</p>
          <ul class="box-steps">
            <li>{say('box.restore.what1')}</li>
            <li>{say('box.restore.what2')}</li>
            <li>{say('box.restore.what3')}</li>
          </ul>
        </TypedConfirm>
      )}
    </Card>
  )
}
