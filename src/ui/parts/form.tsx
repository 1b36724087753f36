/** A form that is sent by Enter or its one main button, busy while the hub is asked and never sent twice for once. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface FormProps {
  /** Errors are the caller's own affair. */
  onSend: () => unknown
  /** The word on the button. */
  send: string
  disabled?: boolean
  children: ComponentChildren
}

export function Form({ onSend, send, disabled = false, children }: FormProps): JSX.Element {
  const working = useSignal(false)
  const sent = useSignal(0)
  const form = useRef<HTMLFormElement>(null)
  const submit = async () => {
    if (working.value || disabled) return
    working.value = true
    try {
      await onSend()
    } finally {
      working.value = false
      sent.value++
    }
  }
  useEffect(() => {
    // What is wrong first, which may be far above the button.
    if (sent.value > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [sent.value])
  return (
    // The page says itself what is missing, in its own language.
    <form
      ref={form}
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {children}
      <button
        type="submit"
        class="button look-main size-big"
        disabled={disabled}
        aria-busy={working.value || undefined}
      >
        <span>{send}</span>
      </button>
    </form>
  )
}
