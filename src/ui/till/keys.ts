/**
 * The keyboard of the till: which key means what, as a table that can be changed. Pure; screens ask `commandOf` for each `keydown`.
 * Plain Enter and Tab never mean anything here: scanners that act as keyboards end a code with them.
 */
import type { KeypadKey } from './contract.ts'

/** What a key asks for, beside the keys of the pad. `nothing`: swallowed, so that the browser does not have it either. */
export type KeyAct =
  | 'help'
  | 'search'
  | 'customer'
  | 'discount'
  | 'note'
  | 'price'
  | 'orders'
  | 'refund'
  | 'cash'
  | 'lock'
  | 'exact'
  | 'card'
  | 'pay'
  | 'multiply'
  /** `+`: the sign of what is negative goes. */
  | 'positive'
  | 'up'
  | 'down'
  | 'remove'
  | 'undo'
  | 'escape'
  | 'nothing'
export type KeyCommand = { act: KeyAct } | { act: 'press'; key: KeypadKey }

/** What is read of a `KeyboardEvent`. */
export interface KeyLike {
  key: string
  code: string
  ctrlKey: boolean
  altKey: boolean
  metaKey: boolean
  shiftKey: boolean
  repeat: boolean
  isComposing: boolean
}

/** From a chord such as `F2`, `Ctrl+Enter` or `Delete` to what it means. */
export type KeyTable = Readonly<Record<string, KeyAct>>

export const usualKeys: KeyTable = {
  F1: 'help',
  F2: 'search',
  F3: 'customer',
  F4: 'discount',
  F5: 'note',
  F6: 'price',
  F7: 'orders',
  F8: 'refund',
  F9: 'cash',
  F10: 'lock',
  F11: 'exact',
  F12: 'card',
  'Ctrl+Enter': 'pay',
  End: 'pay',
  Escape: 'escape',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Delete: 'remove',
  'Ctrl+Z': 'undo',
}

/** Held down, these go on; all others are meant once. */
const repeatable: ReadonlySet<KeyAct | 'press'> = new Set(['press', 'up', 'down'])
const characters: Readonly<Record<string, KeyCommand>> = {
  ',': { act: 'press', key: 'decimal' },
  '.': { act: 'press', key: 'decimal' },
  '-': { act: 'press', key: 'sign' },
  '+': { act: 'positive' },
  '*': { act: 'multiply' },
}
/** By their place: with NumLock off they would be End and Delete. */
const pad: Readonly<Record<string, KeyCommand>> = {
  NumpadDecimal: { act: 'press', key: 'decimal' },
  NumpadComma: { act: 'press', key: 'decimal' },
  NumpadSubtract: { act: 'press', key: 'sign' },
  NumpadAdd: { act: 'positive' },
  NumpadMultiply: { act: 'multiply' },
}

/**
 * What a key means; undefined when it is no affair of the till. `inText`: a text field has the focus, and keeps what belongs to
 * texts.
 */
export function commandOf(
  event: KeyLike,
  { inText = false, table = usualKeys }: { inText?: boolean; table?: KeyTable } = {},
): KeyCommand | undefined {
  if (event.isComposing) return undefined
  const command = inText
    ? whileTyping(event, table)
    : (ofPad(event) ?? ofTable(event, table) ?? ofCharacter(event))
  return command === undefined || (event.repeat && !repeatable.has(command.act)) ? undefined : command
}

/** A digit however it is typed: with Shift or without on layouts that have it above (AZERTY), and on the pad without NumLock. */
export function digitOf({ altKey, code, ctrlKey, key, metaKey, shiftKey }: KeyLike): string | undefined {
  if (ctrlKey || altKey || metaKey) return undefined
  const onPad = /^Numpad(\d)$/.exec(code)?.[1]
  if (onPad !== undefined) return onPad
  if (/^\d$/.test(key)) return key
  return shiftKey ? undefined : /^Digit(\d)$/.exec(code)?.[1]
}

/** `Ctrl+Z`: letters large, Command of a Mac as Ctrl. */
function chordOf({ altKey, ctrlKey, key, metaKey, shiftKey }: KeyLike): string {
  const named = key.length === 1 ? key.toUpperCase() : key
  const shift = shiftKey && key.length > 1
  return `${ctrlKey || metaKey ? 'Ctrl+' : ''}${altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${named}`
}

/** Changes of the table; null takes a key away. What scanners send and digits are made of stays as it is. */
export function remapped(changes: Readonly<Record<string, KeyAct | null>>, table = usualKeys): KeyTable {
  const wanted = Object.entries(changes).filter(([chord]) => mayMap(chord))
  const taken = new Set(wanted.filter(([, act]) => act === null).map(([chord]) => chord))
  const given = wanted.flatMap(([chord, act]) => (act === null ? [] : [[chord, act] as const]))
  const kept = Object.entries(table).filter(([chord]) => !taken.has(chord))
  return Object.fromEntries([...kept, ...given])
}

const mayMap = (chord: string): boolean => !/^(Shift\+)?(.|Enter|Tab|Backspace|Shift)$/.test(chord)

/** The keys of an act in the order of the table, for the legend. */
export function chordsOf(act: KeyAct, table = usualKeys): string[] {
  return Object.keys(table).filter((chord) => table[chord] === act)
}

function ofPad(event: KeyLike): KeyCommand | undefined {
  const digit = digitOf(event)
  if (digit !== undefined) return { act: 'press', key: digit as KeypadKey }
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined
  return Object.hasOwn(pad, event.code) ? pad[event.code] : undefined
}

function ofTable(event: KeyLike, table: KeyTable): KeyCommand | undefined {
  const chord = chordOf(event)
  const act = mayMap(chord) && Object.hasOwn(table, chord) ? table[chord] : undefined
  return act && { act }
}

function ofCharacter(event: KeyLike): KeyCommand | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined
  if (event.key === 'Backspace') return { act: 'press', key: 'back' }
  return Object.hasOwn(characters, event.key) ? characters[event.key] : undefined
}

/** Function keys, Escape, and chords that no text field has a use for. */
function whileTyping(event: KeyLike, table: KeyTable): KeyCommand | undefined {
  const free =
    /^(F\d+|Escape)$/.test(event.key) || ((event.ctrlKey || event.metaKey) && event.key === 'Enter')
  return free ? ofTable(event, table) : undefined
}
