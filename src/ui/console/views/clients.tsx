/** Who is paired with the hub, codes for new ones, and taking a pairing back. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Result, Role } from '../../../protocol/methods.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm, Dialog } from '../../parts/dialog.tsx'
import { SelectField, TextField } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { ageText, countdownText } from '../../parts/time.ts'
import { useActions, useConsole } from '../context.ts'
import type { PairedClient } from '../state.ts'
import { roleWords } from '../words.ts'

const roles = Object.keys(roleWords) as Role[]
const clientNameCharsMax = 80
const listMs = 10_000

export function ClientsView(): JSX.Element {
  const { state, session, clock } = useConsole()
  const { call } = useActions()
  const pairing = useSignal(false)
  const online = session.link.value === 'online'
  // A pairing has no event of its own: the list is asked for now and then while it is looked at.
  const turn = Math.floor(clock.now.value / listMs)
  useEffect(() => {
    if (!online) return
    void call('token.list', {}).then((answer) => {
      if (answer !== undefined) state.clients.value = answer.tokens
    })
  }, [online, pairing.value, turn])
  return (
    <>
      <div class="toolbar">
        <p class="summary">Every till and every console needs a pairing of its own.</p>
        <Button
          size="big"
          look="main"
          icon="add"
          onPress={() => {
            pairing.value = true
          }}
        >
          Pair a new client
        </Button>
      </div>
      {state.clients.value.length === 0 ? (
        <p class="empty">Nobody is paired.</p>
      ) : (
        <ul class="rows">
          {state.clients.value.map((client) => (
            <ClientRow key={client.id} client={client} />
          ))}
        </ul>
      )}
      {pairing.value && (
        <PairDialog
          onClose={() => {
            pairing.value = false
          }}
        />
      )}
    </>
  )
}

function ClientRow({ client }: { client: PairedClient }): JSX.Element {
  const { state, clock } = useConsole()
  const { call } = useActions()
  const asking = useSignal(false)
  const age = (iso: string) => ageText(clock.now.value - Date.parse(iso))
  const revoke = async () => {
    const gone = await call('token.revoke', { id: client.id }, `${client.name} has to pair again.`)
    if (gone !== undefined)
      state.clients.value = state.clients.value.filter((other) => other.id !== client.id)
  }
  return (
    <li class="row">
      <Icon name="clients" size={26} />
      <div class="row-text">
        <p>
          <strong>{client.name}</strong>
        </p>
        <p class="row-sub">
          {roleWords[client.role]}. Paired {age(client.createdAt)},{' '}
          {client.lastUsedAt === null ? 'never used' : `last seen ${age(client.lastUsedAt)}`}
        </p>
      </div>
      <Button
        onPress={() => {
          asking.value = true
        }}
      >
        Revoke
      </Button>
      {asking.value && (
        <Confirm
          title={`Revoke ${client.name}?`}
          text="Its connection closes at once, and it needs a new code to come back."
          doIt="Revoke"
          onConfirm={revoke}
          onClose={() => {
            asking.value = false
          }}
        />
      )}
    </li>
  )
}

function PairDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const { call } = useActions()
  const role = useSignal<Role>('cashier')
  const name = useSignal('')
  const made = useSignal<Result<'pair.code'> | undefined>(undefined)
  const make = async () => {
    const trimmed = name.value.trim()
    made.value = await call('pair.code', { role: role.value, ...(trimmed === '' ? {} : { name: trimmed }) })
  }
  if (made.value !== undefined) return <CodeDialog made={made.value} onAgain={make} onClose={onClose} />
  return (
    <Dialog title="Pair a new client" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <SelectField
          label="Role"
          value={role.value}
          choices={roles.map((candidate) => ({ value: candidate, text: roleWords[candidate] }))}
          onChange={(value) => {
            role.value = roles.find((candidate) => candidate === value) ?? 'cashier'
          }}
        />
        <TextField
          label="Name"
          maxLength={clientNameCharsMax}
          placeholder="Till by the door"
          hint="Left empty, the client names itself."
          value={name.value}
          onInput={(value) => {
            name.value = value
          }}
        />
        <div class="actions end">
          <button type="submit" class="button look-main size-big">
            Make a code
          </button>
        </div>
      </form>
    </Dialog>
  )
}

interface CodeDialogProps {
  made: Result<'pair.code'>
  onAgain: () => unknown
  onClose: () => void
}

function CodeDialog({ made, onAgain, onClose }: CodeDialogProps): JSX.Element {
  const { clock } = useConsole()
  const left = Date.parse(made.expiresAt) - clock.now.value
  const expired = left <= 0
  const address = new URL(`#code=${made.code}`, location.origin + location.pathname).href
  return (
    <Dialog title="Type this code on the new client" onClose={onClose}>
      <p class={`pair-code${expired ? ' expired' : ''}`} data-code={made.code}>
        {spaced(made.code)}
      </p>
      <p class="pair-left" role="timer">
        {expired ? 'The code has expired.' : `Valid once, for ${countdownText(left)}`}
      </p>
      {expired ? (
        <Button size="big" look="main" onPress={onAgain}>
          Make a new code
        </Button>
      ) : (
        <p class="hint">
          Or open <code class="address">{address}</code> there.
        </p>
      )}
    </Dialog>
  )
}

/** `123 456`, `1234 5678`: halves are read aloud more easily. */
function spaced(code: string): string {
  const half = Math.ceil(code.length / 2)
  return `${code.slice(0, half)} ${code.slice(half)}`
}
