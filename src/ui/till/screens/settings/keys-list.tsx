/** The keys of a keyboard and what they do, as the till has them. */
import type { JSX } from 'preact'
import { say } from '../../../words/say.ts'
import { chordsOf, type KeyAct } from '../../keys.ts'

const told = [
  'help',
  'search',
  'customer',
  'discount',
  'note',
  'price',
  'orders',
  'cash',
  'lock',
  'exact',
  'card',
  'pay',
  'up',
  'remove',
  'undo',
  'escape',
] as const satisfies readonly KeyAct[]

export function KeysList(): JSX.Element {
  return (
    <dl class="keys-list">
      {told.map((act) => (
        <>
          <dt key={`${act}k`} dir="ltr">
            {chordsOf(act).map((chord) => (
              <kbd key={chord}>{chord}</kbd>
            ))}
          </dt>
          <dd key={act}>{say(`till.keys.${act}`)}</dd>
        </>
      ))}
      <dt dir="ltr">
        <kbd>3 *</kbd>
      </dt>
      <dd>{say('till.keys.multiply')}</dd>
    </dl>
  )
}
