/** A question before what cannot be taken back: the button works once the name of the hub has been typed. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { TextField } from '../../../parts/field.tsx'
import { say } from '../../../words/say.ts'

interface TypedConfirmProps {
  title: string
  /** What has to be typed. */
  word: string
  doIt: string
  children: ComponentChildren
  onConfirm: () => unknown
  onClose: () => void
}

export function TypedConfirm(props: TypedConfirmProps): JSX.Element {
  const { title, word, doIt, children, onConfirm, onClose } = props
  const typed = useSignal('')
  const right = typed.value.trim().toLowerCase() === word.trim().toLowerCase()
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <TextField
        label={say('box.typeName', { name: word })}
        value={typed.value}
        onInput={(value) => {
          typed.value = value
        }}
      />
      <div class="actions end">
        <Button onPress={onClose}>{say('common.cancel')}</Button>
        <Button
          look="danger"
          disabled={!right}
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
