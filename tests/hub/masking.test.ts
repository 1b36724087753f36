/** What a trace may not show: card data in bytes and secrets in settings. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskCardData, maskTexts, PieceMask, withoutSecrets } from '../../src/hub/devices/masking.ts'

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

  /** Bytes as a trace keeps them when they come cut at these places. */
  const inPieces = (whole: Uint8Array, cuts: readonly number[]): Uint8Array => {
    const mask = new PieceMask()
    const ends = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b)
    const pieces = [...ends, whole.length].map((end, index) => whole.subarray(ends[index - 1] ?? 0, end))
    return Uint8Array.from(pieces.flatMap((piece) => [...mask.push(piece)]))
  }
  const anyCuts = fc.array(fc.nat(200), { maxLength: 6 })

  it('[MSK7] a card number or a track that is cut into pieces shows no more than one that is whole', () => {
    fc.assert(
      fc.property(cardNumbers, anyCuts, (number, cuts) => {
        const shown = String.fromCharCode(...inPieces(bytes(`a1b${number}c\r\n`), cuts))
        expect(shown).toHaveLength(number.length + 6)
        expect(shown.slice(3 + 6, 3 + number.length - 4)).toBe('*'.repeat(number.length - 10))
        for (const track of [`;${number}=2512101999?`, `%B${number}^DOE/J^2512101?`]) {
          const cut = String.fromCharCode(...inPieces(bytes(`ab${track}c`), cuts))
          expect(cut.replace(/[^\d]/g, '').length).toBeLessThanOrEqual(7)
          expect(cut).not.toContain('DOE')
        }
      }),
    )
  })

  it('[MSK7] and so does a packed one', () => {
    const packed = Uint8Array.from([0x22, 0xf0, 0xf8, 0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0d])
    fc.assert(
      fc.property(anyCuts, (cuts) => {
        const shown = Buffer.from(inPieces(packed, cuts)).toString('hex')
        expect(shown).toMatch(/^22f0f8411111(ee|2a){3}..../)
        expect(shown).toHaveLength(24)
      }),
    )
  })

  it('[MSK7] what is no card number loses only what stands at the end of a piece behind six digits', () => {
    const mask = new PieceMask()
    const push = (text: string) => String.fromCharCode(...mask.push(bytes(text)))
    expect(['4006381333931\r', 'S123456', '789\r', 'x12345678', '9\r', 'ok;', '%', 'a'].map(push)).toEqual([
      '4006381333931\r',
      'S123456',
      '789\r',
      'x123456**',
      '9\r',
      'ok;',
      '%',
      'a',
    ])
    expect(push('1'.repeat(25))).toBe('1'.repeat(25))
    expect(push('4111111111111111x')).toBe('4111111111111111x')
  })

  it('[MSK7] any bytes in any pieces keep their number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), anyCuts, (any, cuts) => {
        expect(inPieces(any, cuts)).toHaveLength(any.length)
      }),
    )
  })

  it('[MSK5] a picture of nothing but sentinels takes no longer than any other', () => {
    const began = performance.now()
    const raster = new Uint8Array(2 * 1024 * 1024)
    for (let index = 0; index < raster.length; index++) raster[index] = index % 2 === 0 ? 0x3b : 0x31
    expect(maskCardData(raster)).toHaveLength(raster.length)
    expect(performance.now() - began).toBeLessThan(5_000)
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
        wifiPassword: 'a',
        accessToken: 'b',
        clientSecret: 'c',
        keyboard: 'de',
      }),
    ).toEqual({
      baud: 9600,
      password: '***',
      nested: [{ apiKey: '***', polynomialSecret: '***', monkey: 1 }],
      wifiPassword: '***',
      accessToken: '***',
      clientSecret: '***',
      keyboard: 'de',
    })
  })
})
