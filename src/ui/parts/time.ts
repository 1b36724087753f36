/** The browser's clock as signals, so that ages and countdowns on the screen move by themselves. */
import { type ReadonlySignal, signal } from '@preact/signals'

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

/** `4 s`, `12 min`, `3 h`, `5 days`: coarse on purpose, so that long lists stand still. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 5) return 'just now'
  if (seconds < 60) return `${seconds - (seconds % 5)} s ago`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ago`
  return `${Math.floor(hours / 24)} days ago`
}

/** `12:03:05` in the browser's own time zone. */
export function clockText(iso: string): string {
  const time = new Date(iso)
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleTimeString([], { hour12: false })
}

/** `4:59`. */
export function countdownText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
