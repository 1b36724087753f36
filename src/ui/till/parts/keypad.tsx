/** A pad of number keys, 64 px and more: what it writes to is the affair of its screen. */
import type { ComponentChildren, JSX } from 'preact'
import { say } from '../../words/say.ts'
import type { KeypadKey } from '../contract.ts'
import { Group } from './group.tsx'
import { TillIcon } from './icons.tsx'
import { decimalSign } from './money.ts'

const rows = [
  ['7', '8', '9'],
  ['4', '5', '6'],
  ['1', '2', '3'],
] as const satisfies readonly (readonly KeypadKey[])[]

interface KeypadProps {
  /** What it is for, for a screen reader. */
  label: string
  onKey: (key: KeypadKey) => void
  /** Beside the digits, one for each row: modes, quick amounts. */
  side?: readonly ComponentChildren[]
  /** What stands left of the 0; `sign` when left out. */
  corner?: 'sign' | 'decimal' | 'none'
  disabled?: boolean
}

export function Keypad({ label, onKey, side, corner = 'sign', disabled = false }: KeypadProps): JSX.Element {
  const key = (name: KeypadKey, shown: ComponentChildren, spoken?: string) => (
    <button
      key={name}
      type="button"
      class={`key key-${name}`}
      disabled={disabled}
      aria-label={spoken}
      // The key is down when it is touched: a finger that leaves it late still meant it.
      onPointerDown={(event) => {
        if (event.button !== 0 || disabled) return
        event.preventDefault()
        onKey(name)
      }}
      // Of a keyboard or a screen reader: fingers have been heard above.
      onClick={(event) => {
        if (event.detail === 0) onKey(name)
      }}
    >
      {shown}
    </button>
  )
  const last = (
    <>
      {corner === 'none' ? (
        <span />
      ) : corner === 'sign' ? (
        key('sign', '+/−', say('till.key.sign'))
      ) : (
        key('decimal', decimalSign(), say('till.key.decimal'))
      )}
      {key('0', '0')}
      {corner === 'sign'
        ? key('decimal', decimalSign(), say('till.key.decimal'))
        : key('back', <TillIcon name="back" />, say('till.key.back'))}
    </>
  )
  return (
    <Group class={`keypad${side === undefined ? '' : ' with-side'}`} label={label} dir="ltr">
      {rows.map((row, index) => (
        <>
          {row.map((digit) => key(digit, digit))}
          {side?.[index]}
        </>
      ))}
      {last}
      {side?.[3] ?? null}
    </Group>
  )
}
