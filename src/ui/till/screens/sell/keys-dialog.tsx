/** The legend of the keyboard. */
import type { JSX } from 'preact'
import { Dialog } from '../../../parts/dialog.tsx'
import { say } from '../../../words/say.ts'
import { KeysList } from '../settings/keys-list.tsx'
import type { Selling } from './asking.ts'

export function KeysDialog({ selling }: { selling: Selling }): JSX.Element {
  return (
    <Dialog title={say('till.settings.keys')} onClose={selling.done}>
      <KeysList />
    </Dialog>
  )
}
