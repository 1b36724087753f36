/** Adding a till: what it may do, then the code and its QR picture, until it has paired or nobody wants it any more. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { isLoopback } from '../../../../protocol/client-urls.ts'
import type { Result, Role } from '../../../../protocol/methods.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { SelectField, TextField } from '../../../parts/field.tsx'
import { Form } from '../../../parts/form.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { countdownText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { roleText, roleWord } from '../../../words/things.ts'
import { accessChanged, useActions, useConsole } from '../../context.ts'
import { QrPicture } from '../../qr-picture.tsx'
import { DeviceChoice } from './device-choice.tsx'
import type { Till } from './tills.tsx'

export const clientNameCharsMax = 80
const roles = ['cashier', 'monitor', 'technician'] as const satisfies readonly Role[]

interface Offer {
  made: Result<'pair.code'>
  /** Ids of who was paired before: the new one is not among them. */
  before: ReadonlySet<string>
}

export function AddTillDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const { session } = useConsole()
  const { call, attempt } = useActions()
  const role = useSignal<(typeof roles)[number]>('cashier')
  const name = useSignal('')
  const devices = useSignal<readonly string[] | null>(null)
  const tried = useSignal(false)
  const offer = useSignal<Offer | undefined>(undefined)
  const limited = role.value === 'technician' ? null : devices.value
  const nothing = limited !== null && limited.length === 0
  const make = async () => {
    tried.value = true
    if (nothing) return
    const trimmed = name.value.trim()
    offer.value = await attempt(async () => {
      const { tokens } = await session.call('token.list', {})
      const made = await session.call('pair.code', {
        role: role.value,
        ...(trimmed === '' ? {} : { name: trimmed }),
        ...(limited === null ? {} : { devices: [...limited] }),
      })
      return { made, before: new Set(tokens.map(({ id }) => id)) }
    })
  }
  const cancel = () => void call('pair.cancel', {})
  if (offer.value !== undefined)
    return <CodeDialog key="code" offer={offer.value} onAgain={make} onCancel={cancel} onClose={onClose} />
  return (
    <Dialog key="form" title={say('access.till.add')} onClose={onClose}>
      <Form send={say('access.till.make')} onSend={make}>
        <SelectField
          label={say('common.role')}
          value={role.value}
          choices={roles.map((candidate) => ({ value: candidate, text: roleText(candidate) }))}
          onChange={(value) => {
            role.value = roles.find((candidate) => candidate === value) ?? 'cashier'
          }}
        />
        <TextField
          label={say('common.name')}
          maxLength={clientNameCharsMax}
          placeholder={say('access.till.example')}
          hint={say('access.till.name_hint')}
          value={name.value}
          onInput={(value) => {
            name.value = value
          }}
        />
        {role.value !== 'technician' && (
          <DeviceChoice
            value={devices.value}
            error={tried.value && nothing ? say('access.devices.least') : undefined}
            onChange={(value) => {
              devices.value = value
            }}
          />
        )}
      </Form>
    </Dialog>
  )
}

interface CodeDialogProps {
  offer: Offer
  onAgain: () => unknown
  onCancel: () => void
  onClose: () => void
}

function CodeDialog({ offer, onAgain, onCancel, onClose }: CodeDialogProps): JSX.Element {
  const { clock, state, session } = useConsole()
  const paired = useSignal<Till | undefined>(undefined)
  const { made, before } = offer
  const left = Date.parse(made.expiresAt) - clock.now.value
  useEffect(() => {
    const changed = accessChanged('tokens')
    return state.onEvent((event) => {
      if (!changed(event)) return
      session.call('token.list', {}).then(
        ({ tokens }) => {
          paired.value ??= tokens.find(({ id }) => !before.has(id))
        },
        // The next event asks again.
        () => undefined,
      )
    })
  }, [before])
  if (paired.value !== undefined) return <PairedDialog till={paired.value} onClose={onClose} />
  const expired = left <= 0
  const close = () => {
    // A code that nobody looks at any more must not lie about.
    if (paired.peek() === undefined && !expired) onCancel()
    onClose()
  }
  return (
    <Dialog title={say('access.code.title')} onClose={close}>
      <div class="code-offer">
        {!expired && <QrPicture svg={made.svg} text={say('access.code.title')} />}
        <div class="code-words">
          <p class={`pair-code${expired ? ' expired' : ''}`} data-code={made.code}>
            {spaced(made.code)}
          </p>
          <p class="pair-left" role="timer">
            {expired ? say('access.code.expired') : say('access.code.left', { left: countdownText(left) })}
          </p>
        </div>
      </div>
      {expired ? (
        <Button size="big" look="main" onPress={onAgain}>
          {say('access.code.again')}
        </Button>
      ) : (
        <>
          <p>{say('access.code.how')}</p>
          <p class="hint">
            {say('access.code.or')} <code class="address">{made.url}</code>
          </p>
          {isLoopback(new URL(made.url).hostname) && <p class="hint">{say('shell.addresses.alone')}</p>}
          <div class="code-foot">
            <p class="code-wait" role="status">
              <Icon name="waiting" />
              <span>{say('access.code.waiting')}</span>
            </p>
            <Button onPress={close}>{say('common.cancel')}</Button>
          </div>
        </>
      )}
    </Dialog>
  )
}

function PairedDialog({ till, onClose }: { till: Till; onClose: () => void }): JSX.Element {
  return (
    <Dialog key="paired" title={say('access.paired.title')} onClose={onClose}>
      <div class="done" role="status">
        <span class="done-sign">
          <Icon name="ready" size={36} />
        </span>
        <p class="done-name">{till.name}</p>
        <p class="hint">{roleWord(till.role)}</p>
      </div>
      <Button size="big" look="main" onPress={onClose}>
        {say('access.paired.done')}
      </Button>
    </Dialog>
  )
}

/** `123 456`, `1234 5678`: halves are read aloud more easily. */
function spaced(code: string): string {
  const half = Math.ceil(code.length / 2)
  return `${code.slice(0, half)} ${code.slice(half)}`
}
