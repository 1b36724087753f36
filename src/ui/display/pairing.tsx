/** The first screen of a display that the hub does not know: a code, typed on keys that a finger hits. */
import type { JSX } from 'preact'
import { Icon } from '../parts/icon.tsx'
import { bareCode } from '../parts/pairing.ts'
import { CodeField, Refusal, usePairing } from '../parts/pairing-form.tsx'
import { say } from '../words/say.ts'
import type { DisplaySession } from './session.ts'

const codeDigits = 6
const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

interface PairingProps {
  session: DisplaySession
  code: string | undefined
}

export function Pairing({ session, code: given }: PairingProps): JSX.Element {
  const form = usePairing(session, given, ({ code }) => {
    code.value = ''
  })
  const { code, working, pair } = form
  const write = (text: string) => {
    if (working.value) return
    code.value = text
    if (bareCode(text).length === codeDigits) void pair()
  }
  return (
    <main class="setup setup-pairing">
      <div class="setup-text">
        <span class="mark">
          <Icon name="bridge" size={32} />
        </span>
        <h1>{say('display.title')}</h1>
        <p>{say('display.pair.lead')}</p>
        <Refusal form={form} look="setup-error" />
      </div>
      <form class="pad" onSubmit={form.submit}>
        <CodeField form={form} look="pad-code" inputMode="none" onWrite={write} />
        {digits.map((digit) => (
          <PadKey key={digit} word={digit} onPress={() => write(code.value + digit)} />
        ))}
        <PadKey word={say('display.pair.delete')} onPress={() => write(code.value.slice(0, -1))} />
        <PadKey word="0" onPress={() => write(`${code.value}0`)} />
        <button type="submit" class="pad-key pad-go" aria-busy={working.value || undefined}>
          {working.value ? '…' : say('display.pair.do')}
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
