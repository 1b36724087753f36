/** What a key of the pad does to the number that is being typed, and to the line that it is for. */
import type { CartLine, KeypadKey, KeypadMode, LineChange } from '../contract.ts'
import {
  clampedDiscount,
  decimalsOf,
  isNegative,
  isZero,
  minus,
  numberOf,
  plus,
  turned,
  typed,
} from './numbers.ts'

export interface Typing {
  buffer: string
  /** What the line had before its product came once more: digits count for what came last. */
  base: string
  /** The number was cleared: once more, and the line goes. */
  cleared: boolean
  /** It has its step to be undone already. */
  noted: boolean
}

export const untyped: Typing = { buffer: '', base: '0', cleared: false, noted: false }

interface Pressed {
  typing: Typing
  /** Of the line; undefined for no change. */
  change?: LineChange | 'remove'
}

/** `line` is undefined where none is chosen: digits are kept, as they may become a prefix. */
export function pressed(
  key: KeypadKey,
  typing: Typing,
  { line, mode, priceDigits }: { line: CartLine | undefined; mode: KeypadMode; priceDigits: number },
): Pressed {
  if (key === 'back') return line === undefined ? { typing: untyped } : back(typing, mode)
  if (key === 'sign') return line === undefined || mode === 'discount' ? { typing } : sign(typing, mode, line)
  const buffer = typed(typing.buffer, key, decimalsOf(mode, priceDigits))
  if (buffer === typing.buffer) return { typing }
  if (line === undefined) return { typing: { ...typing, buffer } }
  return written({ ...typing, buffer, cleared: false }, mode)
}

function written(typing: Typing, mode: KeypadMode): Pressed {
  const { base, buffer } = typing
  const number = numberOf(buffer)
  if (mode === 'quantity') return { typing, change: { quantity: plus(base, number) } }
  if (mode === 'price') return { typing, change: { price: number } }
  const discount = clampedDiscount(number)
  // What is not taken is not shown either: 150 becomes 100.
  return { typing: discount === number ? typing : { ...typing, buffer: discount }, change: { discount } }
}

function back(typing: Typing, mode: KeypadMode): Pressed {
  if (mode === 'quantity' && typing.cleared) return { typing: untyped, change: 'remove' }
  const cleared = { ...typing, buffer: '', cleared: true }
  if (mode === 'quantity') return { typing: cleared, change: { quantity: typing.base } }
  return { typing: cleared, change: mode === 'price' ? { price: undefined } : { discount: '0' } }
}

/** A number that is typed is turned round; where there is none, what the line has is, and digits after that keep the sign. */
function sign(typing: Typing, mode: 'quantity' | 'price', line: CartLine): Pressed {
  if (/\d/.test(typing.buffer) && isZero(typing.base))
    return written({ ...typing, buffer: turned(typing.buffer), cleared: false }, mode)
  const value = minus(mode === 'quantity' ? line.quantity : (line.price ?? line.product.price))
  const negative = isZero(value) ? !typing.buffer.startsWith('-') : isNegative(value)
  const next = { ...typing, buffer: negative ? '-' : '', base: '0', cleared: false }
  return { typing: next, change: mode === 'quantity' ? { quantity: value } : { price: value } }
}
