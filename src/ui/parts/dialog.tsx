/** A modal dialog on the browser's own <dialog>: focus is held and given back, Escape and the backdrop close it. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { say } from '../words/say.ts'
import { Button } from './button.tsx'

interface DialogProps {
  title: string
  onClose: () => void
  children: ComponentChildren
}

export function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    return () => {
      // Taken away by its owner, not closed: the browser gives no focus back then. Once the page behind it can have it again.
      queueMicrotask(() => {
        if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus()
      })
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the backdrop's key already
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close()
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <Button
            look="quiet"
            icon="close"
            label={say('common.close')}
            onPress={() => dialog.current?.close()}
          />
        </header>
        {children}
      </div>
    </dialog>
  )
}

interface ConfirmProps {
  title: string
  text: string
  /** The word on the button that does it. */
  doIt: string
  onConfirm: () => unknown
  onClose: () => void
}

export function Confirm({ title, text, doIt, onConfirm, onClose }: ConfirmProps): JSX.Element {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <div class="actions end">
        <Button onPress={onClose}>{say('common.keep')}</Button>
        <Button
          look="danger"
          onPress={async () => {
            await onConfirm()
            onClose()
          }}
        >
          {doIt}
        </Button>
      </div>
    </Dialog>
  )
}
