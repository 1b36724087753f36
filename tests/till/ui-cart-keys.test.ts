/** The keyboard map of the till, and how a scanner that acts as a keyboard is told from a person. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chordsOf, commandOf, digitOf, type KeyLike, remapped, usualKeys } from '../../src/ui/till/keys.ts'
import { Wedge, type WedgeKey, wedgeLimits } from '../../src/ui/till/scanner/wedge.ts'

const noModifiers = { ctrlKey: false, altKey: false, metaKey: false, shiftKey: false }
const key = (name: string, more: Partial<KeyLike> = {}): KeyLike => ({
  ...{ key: name, code: '', ...noModifiers, repeat: false, isComposing: false },
  ...more,
})
const act = (event: KeyLike, options?: Parameters<typeof commandOf>[1]) => {
  const command = commandOf(event, options)
  return command?.act === 'press' ? command.key : command?.act
}

describe('the keyboard', () => {
  it('[TUC16] function keys, arrows and chords have their acts', () => {
    const row = Array.from({ length: 12 }, (_, at) => act(key(`F${at + 1}`)))
    expect(row).toEqual([
      ...['help', 'search', 'customer', 'discount', 'note', 'price'],
      ...['orders', 'refund', 'cash', 'lock', 'exact', 'card'],
    ])
    expect(act(key('End'))).toBe('pay')
    expect(act(key('Enter', { ctrlKey: true }))).toBe('pay')
    expect(act(key('Enter', { metaKey: true }))).toBe('pay')
    expect(act(key('z', { ctrlKey: true }))).toBe('undo')
    expect(['Escape', 'ArrowUp', 'ArrowDown', 'Delete'].map((name) => act(key(name)))).toEqual([
      ...['escape', 'up', 'down', 'remove'],
    ])
  })

  it('[TUC16] digits, both decimal signs, sign, back and * are the keys of the pad', () => {
    expect([...'0123456789,.-*+'].map((name) => act(key(name)))).toEqual([
      ...['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      ...['decimal', 'decimal', 'sign', 'multiply', 'positive'],
    ])
    expect(act(key('Backspace'))).toBe('back')
    expect(act(key('a'))).toBeUndefined()
  })

  it('[TUC17] Enter and Tab alone are nobody’s: scanners send them', () => {
    for (const name of ['Enter', 'Tab']) {
      expect(act(key(name))).toBeUndefined()
      expect(act(key(name, { code: 'NumpadEnter' }))).toBeUndefined()
      expect(
        act(key(name), { table: remapped({ [name]: 'pay', F2: name === 'Tab' ? null : 'pay' }) }),
      ).toBeUndefined()
    }
  })

  it('[TUC18] digits above (AZERTY) count with Shift and without; AltGr and Ctrl make no digits', () => {
    const azerty = [...'&é"\'(-è_ç'].map((name, at) => digitOf(key(name, { code: `Digit${at + 1}` })))
    expect(azerty).toEqual([...'123456789'])
    expect(act(key('à', { code: 'Digit0' }))).toBe('0')
    expect(act(key('7', { code: 'Digit7', shiftKey: true }))).toBe('7')
    expect(act(key('Dead', { code: 'Digit2' }))).toBe('2')
    // On QWERTY these are what stands on the key.
    expect(act(key('*', { code: 'Digit8', shiftKey: true }))).toBe('multiply')
    expect(act(key('&', { code: 'Digit7', shiftKey: true }))).toBeUndefined()
    expect(act(key('~', { code: 'Digit2', ctrlKey: true, altKey: true }))).toBeUndefined()
    expect(act(key('1', { code: 'Digit1', ctrlKey: true }))).toBeUndefined()
    expect(act(key('1', { code: 'Digit1', isComposing: true }))).toBeUndefined()
  })

  it('[TUC18] the number pad without NumLock types digits, and does not pay', () => {
    expect(act(key('End', { code: 'Numpad1' }))).toBe('1')
    expect(act(key('Delete', { code: 'NumpadDecimal' }))).toBe('decimal')
    expect(act(key('ArrowUp', { code: 'Numpad8' }))).toBe('8')
    expect(act(key('*', { code: 'NumpadMultiply' }))).toBe('multiply')
    expect(act(key('-', { code: 'NumpadSubtract' }))).toBe('sign')
  })

  it('[TUC19] a text field keeps what belongs to texts', () => {
    const inText = (name: string, more?: Partial<KeyLike>) => act(key(name, more), { inText: true })
    for (const name of ['1', ',', '*', 'Backspace', 'Delete', 'End', 'ArrowUp'])
      expect(inText(name, { code: 'Digit1' })).toBeUndefined()
    expect(inText('z', { ctrlKey: true })).toBeUndefined()
    expect([inText('F3'), inText('Escape'), inText('Enter', { ctrlKey: true })]).toEqual([
      ...['customer', 'escape', 'pay'],
    ])
  })

  it('[TUC19] a key that is held down pays once and moves on', () => {
    expect(act(key('F11', { repeat: true }))).toBeUndefined()
    expect(act(key('End', { repeat: true }))).toBeUndefined()
    expect(act(key('ArrowDown', { repeat: true }))).toBe('down')
    expect(act(key('2', { repeat: true }))).toBe('2')
  })

  it('[TUC20] keys can be mapped otherwise, but not onto what scanners and digits need', () => {
    const table = remapped({ F2: 'lock', F5: null, 'Alt+P': 'pay', '7': 'pay', a: 'pay', Backspace: 'pay' })
    expect(act(key('F2'), { table })).toBe('lock')
    expect(act(key('F5'), { table })).toBeUndefined()
    expect(act(key('p', { altKey: true }), { table })).toBe('pay')
    expect(['7', 'a', 'Backspace'].map((name) => act(key(name), { table }))).toEqual(['7', undefined, 'back'])
    expect(chordsOf('pay', table)).toEqual(['Ctrl+Enter', 'End', 'Alt+P'])
    expect(chordsOf('note', table)).toEqual([])
    expect(chordsOf('search', usualKeys)).toEqual(['F2'])
  })
})

const wedgeKey = (name: string, more: Partial<WedgeKey> = {}): WedgeKey => ({
  ...{ key: name, code: '', ...noModifiers },
  ...more,
})

interface Played {
  scans: string[]
  /** What a person typed, in its order. */
  typed: string[]
  /** The codes of those keys, as numbers. */
  places: number[]
}

/** Keys with the pause before each, in ms; at the end nobody types any more. */
function play(keys: readonly { key: WedgeKey; pause: number }[]): Played {
  const wedge = new Wedge<WedgeKey>()
  const played: Played = { scans: [], typed: [], places: [] }
  const type = (list: readonly WedgeKey[]) => {
    played.typed.push(...list.map(({ key }) => key))
    played.places.push(...list.map(({ code }) => Number(code)))
  }
  let at = 1_000
  for (const { key, pause } of keys) {
    at += pause
    // As whoever feeds it would: when nothing came in time, what is held is given back.
    if (wedge.until !== null && wedge.until < at) type(wedge.expire(wedge.until + 1))
    const { back, held, scan } = wedge.feed(key, at)
    type(back)
    if (scan !== undefined) played.scans.push(scan)
    if (!held) type([key])
  }
  type(wedge.expire(at + wedgeLimits.keyMsMax + 1))
  expect(wedge.until).toBeNull()
  return played
}

const fast = (text: string, end = 'Enter', pause = 10) =>
  [...text, end].map((name) => ({ key: wedgeKey(name), pause }))
const slow = (text: string) => [...text].map((name) => ({ key: wedgeKey(name), pause: 120 }))
const enter = { key: wedgeKey('Enter'), pause: 120 }

describe('a scanner that is a keyboard', () => {
  it('[TUC21] fast keys with Enter or Tab behind are one code, and nothing of it is typed', () => {
    expect(play(fast('4006381333931'))).toMatchObject({ scans: ['4006381333931'], typed: [] })
    expect(play(fast('AB-12', 'Tab', wedgeLimits.keyMsMax))).toMatchObject({ scans: ['AB-12'], typed: [] })
    expect(play([...fast('12345678'), ...fast('12345678')]).scans).toHaveLength(2)
  })

  it('[TUC22] what a person types comes back whole and in its order, Enter too', () => {
    expect(play([...slow('1234'), enter])).toMatchObject({ scans: [], typed: ['1', '2', '3', '4', 'Enter'] })
    expect(play(fast('123'))).toMatchObject({ scans: [], typed: ['1', '2', '3', 'Enter'] })
    expect(play(fast('12345', 'Enter', wedgeLimits.keyMsMax + 1)).scans).toEqual([])
    expect(play(fast('12', 'ArrowUp')).typed).toEqual(['1', '2', 'ArrowUp'])
    expect(play(fast('1'.repeat(201))).scans).toEqual([])
  })

  it('[TUC22] a person’s digit just before a scan is the person’s', () => {
    expect(
      play([...slow('3'), { key: wedgeKey('*'), pause: 90 }, ...fast('12345678').map(late)]),
    ).toMatchObject({
      scans: ['12345678'],
      typed: ['3', '*'],
    })
  })

  it('[TUC22] whatever is typed in whatever rhythm: nothing is lost, nothing comes twice', () => {
    const names = fc.constantFrom('1', '2', 'a', 'Enter', 'Tab', 'ArrowUp', 'Shift')
    const hand = fc.record({ name: names, pause: fc.constantFrom(1, 20, 35, 36, 200) })
    const code = fc.stringMatching(/^[0-9]{4,8}$/).map((text) => [...text, 'Enter'])
    const part = fc.oneof(
      fc.array(hand, { maxLength: 8 }),
      code.map((list) => list.map((name) => ({ name, pause: 9 }))),
    )
    let scans = 0
    const anything = fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const all = parts
        .flat()
        .map(({ name, pause }, at) => ({ key: wedgeKey(name, { code: `${at}` }), pause }))
      const { scans: found, places } = play(all)
      scans += found.length
      // Each scan takes its characters and its end; all else is typed. Shift has no place of its own.
      expect(places.length + found.join('').length + found.length).toBe(all.length)
      const rest = places.filter((at) => all[at]?.key.key !== 'Shift')
      expect(rest).toEqual([...rest].sort((one, two) => one - two))
      expect(new Set(places).size).toBe(places.length)
    })
    fc.assert(anything, { numRuns: 500 })
    expect(scans).toBeGreaterThan(100)
  })

  it('[TUC23] capitals, the separator of GS1, and a layout that the scanner does not know', () => {
    const shifted = [...'AbCd'].flatMap((name) => [
      { key: wedgeKey('Shift', { shiftKey: true }), pause: 5 },
      { key: wedgeKey(name, { shiftKey: true }), pause: 5 },
    ])
    expect(play([...shifted, ...fast('')]).scans).toEqual(['AbCd'])
    const separator = { key: wedgeKey(']', { ctrlKey: true }), pause: 5 }
    expect(play([...fast('0101').slice(0, 4), separator, ...fast('21A')]).scans).toEqual(['0101\x1d21A'])
    const places = [...'é&"à'].map((name, at) => ({
      key: wedgeKey(name, { code: `Digit${[2, 1, 3, 0][at]}` }),
      pause: 5,
    }))
    expect(play([...places, ...fast('')]).scans).toEqual(['2130'])
    // A scanner that knows sends digits with Shift; its hyphen stays one.
    const known = [...'12-34'].map((name) => ({
      key: wedgeKey(name, name === '-' ? { code: 'Digit6' } : { code: `Digit${name}`, shiftKey: true }),
      pause: 5,
    }))
    expect(play([...known, ...fast('')]).scans).toEqual(['12-34'])
  })
})

function late(each: { key: WedgeKey; pause: number }, at: number) {
  return at === 0 ? { ...each, pause: 60 } : each
}
