/** Digits of a PIN on large keys; the keyboard does the same. What was typed is never to be read. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { say } from '../../words/say.ts'
import { digitOf } from '../keys.ts'
import { Keypad } from './keypad.tsx'

const pinDigits = { least: 4, most: 12 } as const

interface PinPadProps {
  label: string
  onPin: (pin: string) => Promise<void>
  /** Seconds for which the hub takes no more PINs. */
  lockedFor?: number
}

export function PinPad({ label, lockedFor = 0, onPin }: PinPadProps): JSX.Element {
  const pin = useSignal('')
  const working = useSignal(false)
  const send = async () => {
    if (pin.value.length < pinDigits.least || working.value) return
    working.value = true
    try {
      await onPin(pin.value)
    } finally {
      working.value = false
      pin.value = ''
    }
  }
  const press = (key: string) => {
    if (key === 'back') pin.value = pin.value.slice(0, -1)
    else if (/^\d$/.test(key) && pin.value.length < pinDigits.most) pin.value += key
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const digit = digitOf(event)
      if (digit !== undefined) press(digit)
      else if (event.key === 'Backspace') press('back')
      else if (event.key === 'Enter') void send()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
  return (
    <div class="pin-pad">
      <p class="pin-dots" role="status" aria-label={say('start.pin.typed', { count: pin.value.length })}>
        {Array.from({ length: Math.max(pinDigits.least, pin.value.length) }, (_, at) => (
          <span key={at} class={at < pin.value.length ? 'is-typed' : ''} />
        ))}
      </p>
      <Keypad label={`${say('start.pin')}: ${label}`} corner="none" disabled={lockedFor > 0} onKey={press} />
      <Button
        size="big"
        look="main"
        disabled={pin.value.length < pinDigits.least || lockedFor > 0 || working.value}
        onPress={send}
      >
        {lockedFor > 0 ? say('start.locked_out', { seconds: lockedFor }) : say('start.log_in')}
      </Button>
    </div>
  )
}
