/** What a trace may not show: card data in bytes and secrets in settings. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskCardData, maskTexts, withoutSecrets } from '../../src/hub/masking.ts'

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const masked = (text: string) => String.fromCharCode(...maskCardData(bytes(text)))

/** A card number of `length` digits that passes the Luhn check, computed here on its own. */
const cardNumbers = fc
  .tuple(
    fc.integer({ min: 13, max: 19 }),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 18, maxLength: 18 }),
  )
  .map(([length, digits]) => {
    const body = digits.slice(0, length - 1)
    const sum = body
      .toReversed()
      .map((digit, index) => (index % 2 === 0 ? ([0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] ?? 0) : digit))
      .reduce((total, digit) => total + digit, 0)
    return [...body, (10 - (sum % 10)) % 10].join('')
  })

describe('card data', () => {
  it('[MSK1] of a card number the first six and the last four digits are left, its length stays', () => {
    expect(masked('PAN 4111111111111111 ok')).toBe('PAN 411111******1111 ok')
    fc.assert(
      fc.property(cardNumbers, (number) => {
        const shown = masked(`x${number}y`)
        expect(shown).toHaveLength(number.length + 2)
        expect(shown).toBe(`x${number.slice(0, 6)}${'*'.repeat(number.length - 10)}${number.slice(-4)}y`)
      }),
    )
  })

  it('[MSK2] digits that are no card number stay: other lengths, and those that fail the Luhn check', () => {
    for (const text of ['4111111111111112', '12345', '41111111111111111111', 'S1144012345'])
      expect(masked(text)).toBe(text)
  })

  it('[MSK3] magnetic tracks go whole, whatever their number', () => {
    expect(masked(';1234567890123=2512101?')).toBe(`;${'*'.repeat(21)}?`)
    expect(masked('a%B1234567890123^DOE/J^2512?b')).toMatch(/^a%\*+\?b$/)
    expect(masked('%Blank?')).toBe('%Blank?')
  })

  it('[MSK4] a packed number behind its length (ZVT, BMP 22) is struck out', () => {
    const packed = Uint8Array.from([0x22, 0xf0, 0xf8, 0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0d])
    expect(Buffer.from(maskCardData(packed)).toString('hex')).toBe('22f0f8411111eeeeee11110d')
  })

  it('[MSK1] the same holds for the texts of what a driver told', () => {
    const told = { code: '4111111111111111', gs1: { '21': 'x;1234567890123=25?' }, list: ['ok', 5, null] }
    expect(maskTexts(told)).toEqual({
      code: '411111******1111',
      gs1: { '21': `x;${'*'.repeat(16)}?` },
      list: ['ok', 5, null],
    })
  })

  it('[MSK5] any bytes keep their number, and what is masked once is not masked further', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (any) => {
        const once = maskCardData(any)
        expect(once).toHaveLength(any.length)
        expect(maskCardData(once)).toEqual(once)
      }),
    )
  })
})

describe('settings', () => {
  it('[MSK6] what is named as a secret is struck out at any depth, everything else stays', () => {
    expect(
      withoutSecrets({
        baud: 9600,
        password: '1234',
        nested: [{ apiKey: 'x', polynomialSecret: 5, monkey: 1 }],
        keyboard: 'de',
      }),
    ).toEqual({
      baud: 9600,
      password: '***',
      nested: [{ apiKey: '***', polynomialSecret: '***', monkey: 1 }],
      keyboard: 'de',
    })
  })
})
