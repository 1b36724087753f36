/** What the first screen of every page has, when the hub does not know it: the code, its exchange, and why it was refused. */
import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type HubError, toHubError } from '../../protocol/errors.ts'
import { say } from '../words/say.ts'
import { hintFor, sentenceOf } from './error-words.ts'
import { bareCode } from './pairing.ts'

const noDevices = new Map()

/** What pairing needs of the session of a page. */
export interface PairingSession {
  /** Why the hub refused the token that the page had. */
  readonly refusal: ReadonlySignal<HubError | undefined>
  /** Codes that this page has sent: the one of its address is tried by itself only once. */
  readonly sentCodes: Set<string>
  /** Exchanges a code for a token. Throws HubError. */
  pair(code: string): Promise<void>
}

export interface PairingForm {
  readonly code: Signal<string>
  readonly error: ReadonlySignal<HubError | undefined>
  readonly working: ReadonlySignal<boolean>
  readonly field: RefObject<HTMLInputElement | null>
  pair(): Promise<void>
  submit(event: Event): void
}

/** `given`: a code from the address, tried as the page opens. `refused` is called after a code that the hub did not take. */
export function usePairing(
  session: PairingSession,
  given: string | undefined,
  refused: (form: Pick<PairingForm, 'code' | 'field'>) => void,
): PairingForm {
  const fresh = given !== undefined && !session.sentCodes.has(bareCode(given))
  const code = useSignal(fresh ? given : '')
  const error = useSignal<HubError | undefined>(session.refusal.value)
  const working = useSignal(false)
  const field = useRef<HTMLInputElement>(null)
  const pair = async () => {
    if (working.value || bareCode(code.value) === '') return
    working.value = true
    error.value = undefined
    session.sentCodes.add(bareCode(code.value))
    try {
      await session.pair(bareCode(code.value))
    } catch (thrown) {
      error.value = toHubError(thrown)
      refused({ code, field })
    } finally {
      working.value = false
    }
  }
  const submit = (event: Event) => {
    event.preventDefault()
    void pair()
  }
  useEffect(() => {
    field.current?.focus()
    if (fresh) void pair()
    // Only once: a code from the address is tried as the page opens.
  }, [])
  return { code, error, working, field, pair, submit }
}

interface CodeFieldProps {
  form: PairingForm
  look: string
  /** `none`: the page has keys of its own. */
  inputMode: 'none' | 'numeric'
  /** Id of the refusal that belongs to the field. */
  refusalId?: string
  onWrite: (text: string) => void
}

export function CodeField({ form, look, inputMode, refusalId, onWrite }: CodeFieldProps): JSX.Element {
  return (
    <>
      <label class="hidden-text" for="pair-code">
        {say('common.pair.code')}
      </label>
      <input
        ref={form.field}
        id="pair-code"
        class={look}
        type="text"
        inputMode={inputMode}
        autocomplete="one-time-code"
        maxLength={32}
        placeholder="000 000"
        value={form.code.value}
        aria-invalid={refusalId === undefined ? undefined : form.error.value !== undefined}
        aria-describedby={refusalId}
        onInput={(event) => onWrite(event.currentTarget.value)}
      />
    </>
  )
}

/** Says why, to whoever looks and to whoever listens. */
export function Refusal({ form, id, look }: { form: PairingForm; id?: string; look: string }): JSX.Element {
  const error = form.error.value
  return (
    <div id={id} role="alert">
      {error !== undefined && (
        <p class={look}>
          {sentenceOf(error, noDevices)} {hintFor(error.code, error.who)} <code>{error.code}</code>
        </p>
      )}
    </div>
  )
}
