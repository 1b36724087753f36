/** Short messages at the edge of the screen: what went wrong, its code, and what to do. */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { say } from '../words/say.ts'
import { Button } from './button.tsx'
import type { UiClock } from './time.ts'

export interface ToastContent {
  tone: 'bad' | 'good'
  text: string
  code?: string
  todo?: string
}

interface Toast extends ToastContent {
  id: number
}

export const toastLimits = { shownMax: 4, goodMs: 4_000, badMs: 12_000 } as const

export class Toasts {
  readonly #shown = signal<readonly Toast[]>([])
  readonly #clock: UiClock
  #next = 1

  constructor(clock: UiClock) {
    this.#clock = clock
  }

  get shown(): ReadonlySignal<readonly Toast[]> {
    return this.#shown
  }

  /** Shows a message for a while. The same text twice is shown once. */
  show(content: ToastContent): void {
    const id = this.#next++
    const others = this.#shown.value.filter((toast) => toast.text !== content.text)
    this.#shown.value = [...others, { ...content, id }].slice(-toastLimits.shownMax)
    const ms = content.tone === 'bad' ? toastLimits.badMs : toastLimits.goodMs
    this.#clock.after(ms, () => this.drop(id))
  }

  drop(id: number): void {
    this.#shown.value = this.#shown.value.filter((toast) => toast.id !== id)
  }
}

export function ToastStack({ toasts }: { toasts: Toasts }): JSX.Element {
  return (
    <section class="toasts" aria-live="assertive" aria-label={say('common.messages')}>
      {toasts.shown.value.map((toast) => (
        <div key={toast.id} class={`toast toast-${toast.tone}`}>
          <div>
            <p class="toast-text">{toast.text}</p>
            {(toast.todo !== undefined || toast.code !== undefined) && (
              <p class="toast-todo">
                {toast.todo} {toast.code !== undefined && <code>{toast.code}</code>}
              </p>
            )}
          </div>
          <Button
            look="quiet"
            icon="close"
            label={say('common.dismiss')}
            onPress={() => toasts.drop(toast.id)}
          />
        </div>
      ))}
    </section>
  )
}
