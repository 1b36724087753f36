/** The browser's clock as signals, so that ages and countdowns on the screen move by themselves. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { locale, say } from '../words/say.ts'

const tickMs = 1_000

export interface UiClock {
  /** Wall time in ms since 1970, moved on once a second. */
  readonly now: ReadonlySignal<number>
  /** Wall time at this very moment, in ms since 1970. */
  read(): number
  /** Calls back after `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void
  stop(): void
}

export function startClock(): UiClock {
  const now = signal(Date.now())
  const ticking = setInterval(() => {
    now.value = Date.now()
  }, tickMs)
  return {
    now,
    read: () => Date.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
    stop: () => clearInterval(ticking),
  }
}

/** Making a formatter takes longer than drawing a row, and a list has hundreds of times: one of each kind for the locale in use. */
const formatters = new Map<string, Intl.RelativeTimeFormat | Intl.DateTimeFormat>()

function kept<F extends Intl.RelativeTimeFormat | Intl.DateTimeFormat>(kind: string, make: () => F): F {
  const key = `${locale.value} ${kind}`
  const found = (formatters.get(key) as F | undefined) ?? make()
  formatters.set(key, found)
  return found
}

/** `just now`, `12 min ago`, `3 hr ago`, `5 days ago`: coarse on purpose, so that long lists stand still. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 5) return say('common.just_now')
  const words = kept('age', () => new Intl.RelativeTimeFormat(locale.value, { style: 'short' }))
  if (seconds < 60) return words.format((seconds % 5) - seconds, 'second')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return words.format(-minutes, 'minute')
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return words.format(-hours, 'hour')
  return words.format(-Math.floor(hours / 24), 'day')
}

/** `12:03:05` in the browser's own time zone. */
export function clockText(iso: string): string {
  return written(iso, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })
}

/** `23 Nov 2026, 12:03` in the browser's own time zone. */
export function dateTimeText(iso: string): string {
  return written(iso, { dateStyle: 'medium', timeStyle: 'short' })
}

/** `23 Nov 2026` in the browser's own time zone. */
export function dateText(iso: string): string {
  return written(iso, { dateStyle: 'medium' })
}

function written(iso: string, how: Intl.DateTimeFormatOptions): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  return kept(JSON.stringify(how), () => new Intl.DateTimeFormat(locale.value, how)).format(time)
}

/** `1,234` as the language writes it. */
export function numberText(value: number): string {
  return value.toLocaleString(locale.value)
}

/** `4:59`. */
export function countdownText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
