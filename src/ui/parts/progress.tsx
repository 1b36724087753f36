/** Says that something is under way, for how long it has been, and for how long at most. */
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { say } from '../words/say.ts'
import type { UiClock } from './time.ts'

interface ProgressProps {
  clock: UiClock
  /** `Asking what is there`. */
  text: string
  /** The longest it takes. */
  msMax: number
}

export function Progress({ clock, text, msMax }: ProgressProps): JSX.Element {
  const begun = useMemo(() => clock.read(), [clock])
  const seconds = useComputed(() => Math.max(0, Math.floor((clock.now.value - begun) / 1_000))).value
  const secondsMax = Math.ceil(msMax / 1_000)
  return (
    <div class="progress">
      <p role="status">{text} …</p>
      <div class="progress-line">
        <progress aria-label={text} max={secondsMax} value={Math.min(seconds, secondsMax)} />
        <span aria-hidden="true">{say('common.progress', { seconds, max: secondsMax })}</span>
      </div>
    </div>
  )
}
