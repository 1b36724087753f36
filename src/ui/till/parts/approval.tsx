/** Somebody with more rights agrees on the spot: a name and a PIN, or a badge. Nobody logs in or out by it. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Approval, Right } from '../../../protocol/till/people.ts'
import { covers } from '../../../protocol/till/rights.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { say } from '../../words/say.ts'
import { useTill } from '../context.ts'
import { PinPad } from './pin-pad.tsx'

interface ApprovalProps {
  right: Right
  onClose: () => void
  onApproval: (approval: Approval) => unknown
}

export function ApprovalDialog({ right, onClose, onApproval }: ApprovalProps): JSX.Element {
  const { desk, scanner } = useTill()
  const chosen = useSignal<string | undefined>(undefined)
  const able = desk.employees.value.filter((employee) => covers(employee.right, right))
  useEffect(
    () =>
      scanner.onScan((badge) => {
        void onApproval({ badge })
      }),
    [scanner, onApproval],
  )
  const employee = able.find(({ id }) => id === chosen.value)
  return (
    <Dialog title={say('start.approval')} onClose={onClose}>
      <p>{say('start.approval.text', { right: say(`till.right.${right}`) })}</p>
      {employee === undefined ? (
        <ul class="people">
          {able.map(({ hasPin, id, name }) => (
            <li key={id}>
              <button
                type="button"
                class="person"
                disabled={!hasPin}
                onClick={() => {
                  chosen.value = id
                }}
              >
                <strong>{name}</strong>
                {!hasPin && <small>{say('start.badge.only')}</small>}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <PinPad
          label={employee.name}
          onPin={async (pin) => {
            await onApproval({ employee: employee.id, pin })
          }}
        />
      )}
      {able.length === 0 && <p class="hint">{say('start.approval.nobody')}</p>}
    </Dialog>
  )
}
