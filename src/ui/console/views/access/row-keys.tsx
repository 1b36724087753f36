/** What can be done to who stands in a list: changed, or taken out of it after a question. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/dialog.tsx'
import { say } from '../../../words/say.ts'

interface RowKeysProps {
  name: string
  /** Words of taking it out: of the key, of the key read aloud, of the question, and what comes of it. */
  remove: { word: string; label: string; ask: string; text: string }
  onRemove: () => unknown
  /** The dialog that changes it. */
  children: (onClose: () => void) => JSX.Element
}

export function RowKeys({ name, remove, onRemove, children }: RowKeysProps): JSX.Element {
  const open = useSignal<'change' | 'remove' | undefined>(undefined)
  const show = (what: typeof open.value) => () => {
    open.value = what
  }
  const close = show(undefined)
  return (
    <>
      <div class="actions">
        <Button icon="pencil" label={say('access.change_of', { name })} onPress={show('change')}>
          {say('common.change')}
        </Button>
        <Button icon="trash" label={remove.label} onPress={show('remove')}>
          {remove.word}
        </Button>
      </div>
      {open.value === 'change' && children(close)}
      {open.value === 'remove' && (
        <Confirm
          title={remove.ask}
          text={remove.text}
          doIt={remove.word}
          onConfirm={onRemove}
          onClose={close}
        />
      )}
    </>
  )
}
