/** Keys to characters: Caps Lock, dead keys, Ctrl, ALT codes. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { altCharacter } from '../../../src/drivers/scanners/hid-keyboard-scanner/code-pages.ts'
import { type LayoutId, layoutOf } from '../../../src/drivers/scanners/hid-keyboard-scanner/layouts.ts'
import { Strokes } from '../../../src/drivers/scanners/hid-keyboard-scanner/strokes.ts'
import { Typing, type TypingOptions } from '../../../src/drivers/scanners/hid-keyboard-scanner/typing.ts'

type Press = number | [key: number, modifiers: number]
const [ctrl, shift, leftAlt, rightAlt, gui, capsLock] = [0x01, 0x02, 0x04, 0x40, 0x08, 0x39]

/** Presses one key after the other. */
function typed(layout: LayoutId, presses: readonly Press[], options: Partial<TypingOptions> = {}): string {
  const typing = new Typing(layoutOf(layout), {
    capsLock: 'off',
    capsLockKeys: 'letters',
    deadKeys: 'compose',
    altPage: 'cp437',
    gsKeys: [],
    ...options,
  })
  const strokes = new Strokes()
  const reports = presses.flatMap((press) => {
    const [key, modifiers] = typeof press === 'number' ? [press, 0] : press
    return [
      { modifiers, keys: [key] },
      { modifiers, keys: [] },
    ]
  })
  const text = [...reports, { modifiers: 0, keys: [] }]
    .flatMap((state) => strokes.take(state))
    .map((stroke) => typing.type(stroke))
  return text.join('') + typing.flush()
}

describe('levels', () => {
  it('[HKS4] AltGr is the right Alt, or Ctrl and the left Alt', () => {
    expect(
      typed('de', [
        [0x14, rightAlt],
        [0x14, ctrl | leftAlt],
        [0x24, rightAlt],
      ]),
    ).toBe('@@{')
  })

  it('[HKS4] the keypad is digits whatever Num Lock is, and its decimal key is that of the country', () => {
    const keypad = [0x59, 0x5d, 0x61, 0x62, 0x63, 0x54, 0x55, 0x56, 0x57, 0x67]
    expect(typed('us', keypad)).toBe('1590./*-+=')
    expect(typed('de', keypad)).toBe('1590,/*-+=')
  })

  it('[HKS4] keys with the GUI key, and ALT with letters, type nothing', () => {
    expect(typed('us', [[0x04, gui], [0x04, leftAlt], 0x05])).toBe('b')
  })
})

describe('Caps Lock', () => {
  it('[HKS6] turns letters round, digits and signs not; its key switches it', () => {
    const keys: Press[] = [0x04, [0x04, shift], 0x1e, [0x1e, shift], 0x2f]
    expect(typed('us', keys, { capsLock: 'on' })).toBe('Aa1![')
    expect(typed('de', keys, { capsLock: 'on' })).toBe('Aa1!Ü')
    expect(typed('us', [0x04, capsLock, 0x04, capsLock, 0x04])).toBe('aAa')
  })

  it('[HKS6] makes capitals where shift means another letter, and lets ß be', () => {
    expect(typed('ch-de', [0x2f, [0x2f, shift]], { capsLock: 'on' })).toBe('ÜÈ')
    expect(typed('de', [0x2d], { capsLock: 'on' })).toBe('ß')
  })

  it('[HKS6] as a shift lock turns every key round', () => {
    const options = { capsLock: 'on', capsLockKeys: 'all' } as const
    expect(typed('fr', [0x1e, 0x1f, 0x14, [0x1e, shift]], options)).toBe('12A&')
  })
})

describe('dead keys', () => {
  it.each<[LayoutId, Press[], string]>([
    ['de', [0x2e, 0x08], 'é'],
    ['de', [[0x2e, shift], 0x04], 'à'],
    ['de', [0x35, 0x2c], '^'],
    ['de', [0x35, 0x05], '^b'],
    ['de', [0x35, 0x35], '^^'],
    ['de', [0x2e, [0x08, shift]], 'É'],
    ['fr', [0x2f, 0x08], 'ê'],
    ['fr', [[0x1f, rightAlt], 0x2c], '~'],
    ['fr', [[0x1f, rightAlt], 0x11], 'ñ'],
    ['es', [0x34, 0x18], 'ú'],
    ['se', [[0x30, rightAlt], 0x2c], '~'],
    ['ch-fr', [0x30, 0x12], 'ö'],
    ['de', [0x2e, 0x28], '´\r'],
  ])('[HKS7] %s %j is %j', (layout, presses, text) => {
    expect(typed(layout, presses)).toBe(text)
  })

  it('[HKS7] taken literally they wait for nothing', () => {
    expect(typed('de', [0x35, 0x04, 0x2e, 0x08], { deadKeys: 'literal' })).toBe('^a´e')
  })
})

describe('Ctrl', () => {
  it('[HKS9] makes control characters of letters by the layout and of signs by the key', () => {
    expect(
      typed('us', [
        [0x30, ctrl],
        [0x31, ctrl],
        [0x2f, ctrl],
        [0x10, ctrl],
      ]),
    ).toBe('\x1d\x1c\x1b\r')
    expect(
      typed('us', [
        [0x23, ctrl | shift],
        [0x2d, ctrl | shift],
        [0x1f, ctrl | shift],
      ]),
    ).toBe('\x1e\x1f\0')
    expect(
      typed('de', [
        [0x30, ctrl],
        [0x1c, ctrl],
      ]),
    ).toBe('\x1d\x1a')
    expect(
      typed('fr', [
        [0x30, ctrl],
        [0x14, ctrl],
      ]),
    ).toBe('\x1d\x01')
    expect(typed('us', [[0x1e, ctrl]])).toBe('')
  })
})

describe('ALT codes', () => {
  it.each(['cp437', 'cp850', 'cp1252'])('[HKS8] are those of Python for %s', (page) => {
    const script = `print(",".join(str(ord(bytes([i]).decode("${page}", "replace"))) for i in range(32, 256)))`
    const expected = execFileSync('python3', ['-c', script], { encoding: 'utf8' })
      .trim()
      .split(',')
      .map(Number)
    const replaced = 0xfffd
    for (let code = 32; code < 256; code++) {
      const wanted = expected[code - 32]
      if (wanted === replaced) continue
      const digits = page === 'cp1252' ? `0${code}` : String(code)
      expect(altCharacter(digits, page === 'cp850' ? 'cp850' : 'cp437').codePointAt(0), digits).toBe(wanted)
    }
  })

  it('[HKS8] below 32 are control characters, above 255 those of Unicode, and nothing else anything', () => {
    expect(altCharacter('029', 'cp437')).toBe('\x1d')
    expect(altCharacter('29', 'cp850')).toBe('\x1d')
    expect(altCharacter('8364', 'cp437')).toBe('€')
    expect(['', '55296', '99999', '1x'].map((digits) => altCharacter(digits, 'cp437'))).toEqual([
      '',
      '',
      '',
      '',
    ])
  })

  it('[HKS8] are told when ALT is let go, five digits at most', () => {
    const strokes = new Strokes()
    const digits = [0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e]
    const during = digits.flatMap((key) => [
      ...strokes.take({ modifiers: leftAlt, keys: [key] }),
      ...strokes.take({ modifiers: leftAlt, keys: [] }),
    ])
    expect(during).toEqual([])
    expect(strokes.take({ modifiers: 0, keys: [] })).toEqual([{ code: '12345' }])
    expect(strokes.take({ modifiers: 0, keys: [] })).toEqual([])
  })
})

describe('rollover', () => {
  it('[HKS2] only keys that are new since the last report are pressed, in their order', () => {
    const strokes = new Strokes()
    const keys = (...down: number[]) =>
      strokes.take({ modifiers: 0, keys: down }).map((stroke) => ('key' in stroke ? stroke.key : -1))
    expect(keys(6, 4)).toEqual([6, 4])
    expect(keys(6, 4, 5)).toEqual([5])
    expect(keys(4, 5)).toEqual([])
    expect(keys(4, 6, 7)).toEqual([6, 7])
    expect(keys(7, 7)).toEqual([])
    expect(keys()).toEqual([])
    expect(keys(7, 7)).toEqual([7])
  })
})
