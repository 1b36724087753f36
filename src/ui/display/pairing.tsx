/** The first screen of a display that the hub does not know: a code, typed on keys that a finger hits. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type HubError, toHubError } from '../../protocol/errors.ts'
import { hintFor, sentenceOf } from '../parts/error-words.ts'
import { Icon } from '../parts/icon.tsx'
import { bareCode } from '../parts/pairing.ts'
import type { DisplaySession } from './session.ts'

const codeDigits = 6
const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const
const noDevices = new Map()

interface PairingProps {
  session: DisplaySession
  code: string | undefined
}

export function Pairing({ session, code: given }: PairingProps): JSX.Element {
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
      code.value = ''
    } finally {
      working.value = false
    }
  }
  const write = (text: string) => {
    if (working.value) return
    code.value = text
    if (bareCode(text).length === codeDigits) void pair()
  }
  useEffect(() => {
    field.current?.focus()
    if (given !== undefined) void pair()
    // Only once: a code from the address is tried as the page opens.
  }, [])
  return (
    <main class="setup setup-pairing">
      <div class="setup-text">
        <span class="mark">
          <Icon name="bridge" size={32} />
        </span>
        <h1>Customer display</h1>
        <p>
          Type the code that a technician makes in the console: Clients, Pair a new client, Monitor. This
          screen then shows what the till says.
        </p>
        <div role="alert">
          {error.value !== undefined && (
            <p class="setup-error">
              {sentenceOf(error.value, noDevices)} {hintFor(error.value.code, error.value.who)}{' '}
              <code>{error.value.code}</code>
            </p>
          )}
        </div>
      </div>
      <form
        class="pad"
        onSubmit={(event) => {
          event.preventDefault()
          void pair()
        }}
      >
        <label class="hidden-text" for="pair-code">
          Pairing code
        </label>
        <input
          ref={field}
          id="pair-code"
          class="pad-code"
          type="text"
          inputMode="none"
          autocomplete="one-time-code"
          maxLength={32}
          placeholder="000 000"
          value={code.value}
          onInput={(event) => write(event.currentTarget.value)}
        />
        {digits.map((digit) => (
          <PadKey key={digit} word={digit} onPress={() => write(code.value + digit)} />
        ))}
        <PadKey word="Delete" onPress={() => write(code.value.slice(0, -1))} />
        <PadKey word="0" onPress={() => write(`${code.value}0`)} />
        <button type="submit" class="pad-key pad-go" aria-busy={working.value || undefined}>
          {working.value ? '…' : 'Pair'}
        </button>
      </form>
    </main>
  )
}

function PadKey({ word, onPress }: { word: string; onPress: () => void }): JSX.Element {
  return (
    <button type="button" class={word.length > 1 ? 'pad-key pad-word' : 'pad-key'} onClick={onPress}>
      {word}
    </button>
  )
}
