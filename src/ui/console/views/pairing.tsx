/** The first screen of a browser that the hub does not know: one field for the code. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type HubError, toHubError } from '../../../protocol/errors.ts'
import { hintFor, sentenceOf } from '../../parts/error-words.ts'
import { Icon } from '../../parts/icon.tsx'
import { bareCode } from '../../parts/pairing.ts'
import { ThemeToggle } from '../../parts/theme.tsx'
import { useConsole } from '../context.ts'

const noDevices = new Map()

export function PairingView({ code: given }: { code: string | undefined }): JSX.Element {
  const { session, theme } = useConsole()
  const code = useSignal(given ?? '')
  const error = useSignal<HubError | undefined>(session.refusal.value)
  const working = useSignal(false)
  const field = useRef<HTMLInputElement>(null)
  const pair = async () => {
    if (working.value || bareCode(code.value) === '') return
    working.value = true
    error.value = undefined
    try {
      await session.pair(bareCode(code.value))
    } catch (thrown) {
      error.value = toHubError(thrown)
      field.current?.select()
    } finally {
      working.value = false
    }
  }
  useEffect(() => {
    field.current?.focus()
    if (given !== undefined) void pair()
    // Only once: a code from the address is tried as the page opens.
  }, [])
  return (
    <main class="pairing">
      <div class="pairing-theme">
        <ThemeToggle theme={theme} />
      </div>
      <form
        class="card pairing-card"
        onSubmit={(event) => {
          event.preventDefault()
          void pair()
        }}
      >
        <span class="mark mark-big">
          <Icon name="bridge" size={40} />
        </span>
        <h1>Pair this browser</h1>
        <p class="lead">
          Type the code that the hub prints or shows at its start, or that another console made under Clients.
        </p>
        <label class="hidden-text" for="pair-code">
          Pairing code
        </label>
        <input
          ref={field}
          id="pair-code"
          class="code-input"
          type="text"
          inputMode="numeric"
          autocomplete="one-time-code"
          maxLength={32}
          placeholder="000 000"
          value={code.value}
          aria-invalid={error.value !== undefined}
          aria-describedby="pair-error"
          onInput={(event) => {
            code.value = event.currentTarget.value
          }}
        />
        <div id="pair-error" role="alert">
          {error.value !== undefined && (
            <p class="form-error">
              {sentenceOf(error.value, noDevices)} {hintFor(error.value.code, error.value.who)}{' '}
              <code>{error.value.code}</code>
            </p>
          )}
        </div>
        <button
          type="submit"
          class="button look-main size-big"
          aria-busy={working.value || undefined}
          disabled={bareCode(code.value) === ''}
        >
          {working.value ? 'Pairing …' : 'Pair'}
        </button>
      </form>
    </main>
  )
}
