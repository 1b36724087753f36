/** The two notes that an order and a line have: for the customer, and for the shop. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { TextField } from '../../../parts/field.tsx'
import { say } from '../../../words/say.ts'

const noteCharsMax = 200

interface NoteFieldsProps {
  note: Signal<string>
  internal: Signal<string>
  autofocus?: boolean
}

export function NoteFields({ note, internal, autofocus = false }: NoteFieldsProps): JSX.Element {
  return (
    <>
      <TextField
        label={say('sell.note.customer')}
        value={note.value}
        maxLength={noteCharsMax}
        autofocus={autofocus}
        onInput={(text) => {
          note.value = text
        }}
      />
      <TextField
        label={say('sell.note.internal')}
        value={internal.value}
        maxLength={noteCharsMax}
        onInput={(text) => {
          internal.value = text
        }}
      />
    </>
  )
}
