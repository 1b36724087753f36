/** GS1 data: examples of the General Specifications, every identifier against an independent table, and total on any input. */
import bwipjs from 'bwip-js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkDigit,
  gs1Currency,
  gs1Decimal,
  gs1Limits,
  hasCheckDigit,
  parseDigitalLink,
  parseElementStrings,
  parseGs1,
} from '../../../src/drivers/framing/gs1.ts'
import { gs1Table, predefinedChars } from '../../../src/drivers/framing/gs1-table.ts'

const gs = '\x1d'
const gtin = '09521234543213'

describe('check digits', () => {
  it.each([
    ['629104150021', '3'],
    ['0952123454321', '3'],
    ['37610425002123456', '9'],
    ['7351353', '7'],
    ['03600029145', '2'],
  ])('[GS1-1] of %s is %s', (digits, digit) => {
    expect(checkDigit(digits)).toBe(digit)
    expect(hasCheckDigit(digits + digit)).toBe(true)
    for (let wrong = 0; wrong < 10; wrong++) {
      if (String(wrong) !== digit) expect(hasCheckDigit(digits + wrong)).toBe(false)
    }
  })
})

describe('element strings', () => {
  it.each<[string, Record<string, string>]>([
    [`01${gtin}`, { '01': gtin }],
    [`01${gtin}3103001750`, { '01': gtin, '3103': '001750' }],
    [
      `01${gtin}3103001750392299${gs}15261231`,
      { '01': gtin, '3103': '001750', '3922': '99', '15': '261231' },
    ],
    [`01${gtin}10ABC123${gs}17261231`, { '01': gtin, '10': 'ABC123', '17': '261231' }],
    [`${gs}01${gtin}10ABC123`, { '01': gtin, '10': 'ABC123' }],
    [`01${gtin}${gs}17261231${gs}`, { '01': gtin, '17': '261231' }],
    [`10LOT${gs}`, { '10': 'LOT' }],
    ['00106141412345678908', { '00': '106141412345678908' }],
    [`8020REF${gs}4150614141999996`, { '8020': 'REF', '415': '0614141999996' }],
    [`3932978012345${gs}01${gtin}`, { '3932': '978012345', '01': gtin }],
    [`21a!"%&'()*+,-./0${gs}22Z_z`, { '21': `a!"%&'()*+,-./0`, '22': 'Z_z' }],
    [`253${'4012345000009'}DOC1`, { '253': '4012345000009DOC1' }],
    [`4330000400-`, { '4330': '000400-' }],
    [`10X${gs}10X`, { '10': 'X' }],
  ])('[GS1-2] %j', (data, elements) => {
    expect(parseElementStrings(data)).toEqual({ ok: true, elements })
  })

  it.each([
    ['', 'empty'],
    [gs, 'empty'],
    [`01${gtin.slice(0, -1)}4`, 'check digit'],
    ['010952', 'too short'],
    [`01${gtin}55X`, 'not an application identifier'],
    [`26${gtin}`, 'not an application identifier'],
    [`10${'A'.repeat(21)}`, 'too long'],
    [`10${gs}21X`, 'too short'],
    [`21caf\u00e9`, 'not allowed'],
    [`21A B`, 'not allowed'],
    [`310300175A`, 'not allowed'],
    [`42212${gs}`, 'too short'],
    [`422123410X`, 'too long'],
    [`10X${gs}10Y`, 'twice'],
    [`10X${gs}${gs}21Y`, 'not an application identifier'],
    ['4231234', 'too short'],
  ])('[GS1-3] malformed: %j (%s)', (data, reason) => {
    const result = parseElementStrings(data)
    expect(result.ok ? 'ok' : result.reason).toContain(reason)
  })

  it('[GS1-3] an EAN-13 may look like an element string, which is why the symbology decides', () => {
    expect(parseElementStrings('4012345678901')).toEqual({ ok: true, elements: { '401': '2345678901' } })
  })

  it('[GS1-4] the longest address costs next to no time, whatever is in it', () => {
    const parts = ['/x', '/01/x', '/01', '/']
    const links = parts.map((part) => `https://a.b${part.repeat(7_900 / part.length)}x`)
    const before = performance.now()
    for (let round = 0; round < 20; round++) for (const link of links) parseDigitalLink(link)
    // Eighty of them. Looking at every part of each would take 100 ms an address.
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it('[GS1-4] the limit of the text is held, at its edge', () => {
    const filler = (chars: number) => `${'90X\x1d'.repeat(chars)}`.slice(0, chars)
    expect(parseElementStrings(filler(gs1Limits.textCharsMax)).ok).toBe(true)
    expect(parseElementStrings(`${filler(gs1Limits.textCharsMax)}X`)).toEqual({
      ok: false,
      reason: 'it is too long',
    })
  })

  it('[GS1-5] whatever comes in, an answer comes out and nothing is thrown', () => {
    const ais = fc.constantFrom(...gs1Table.keys())
    const near = fc.array(
      fc.oneof(ais, fc.constantFrom(gs, gtin, '26', '%', '/', '?', '='), fc.string({ maxLength: 5 })),
      { maxLength: 8 },
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      near.map((parts) => parts.join('')),
      near.map((parts) => `https://a.b/${parts.join('/')}`),
    )
    fc.assert(
      fc.property(text, (data) => {
        for (const result of [parseGs1(data), parseElementStrings(data), parseDigitalLink(data)]) {
          expect(typeof result.ok).toBe('boolean')
          if (result.ok) expect(Object.keys(result.elements).length).toBeGreaterThan(0)
        }
        for (const ai of gs1Table.keys()) gs1Decimal(ai, data)
      }),
      { numRuns: 1_000 },
    )
    for (const odd of ['__proto__', 'https://a.b/__proto__/x', 'https://a.b/constructor/x?__proto__=1']) {
      expect(parseGs1(odd).ok).toBe(false)
    }
  })

  it('[GS1-6] what is written comes back, in any order', () => {
    const element = fc
      .constantFrom(...gs1Table.entries())
      .chain(([ai, parts]) =>
        fc.tuple(
          fc.constant(ai),
          ...parts.map((part) => anyValue(part.set, part.charsMin, part.charsMax, part.checked)),
        ),
      )
    fc.assert(
      fc.property(fc.uniqueArray(element, { minLength: 1, maxLength: 6, selector: ([ai]) => ai }), (list) => {
        const pairs = list.map(([ai, ...parts]) => [ai, parts.join('')] as const)
        const data = pairs.map(
          ([ai, value]) => `${ai}${value}${predefinedChars[ai.slice(0, 2)] === undefined ? gs : ''}`,
        )
        expect(parseElementStrings(data.join(''))).toEqual({ ok: true, elements: Object.fromEntries(pairs) })
      }),
      { numRuns: 2_000 },
    )
  })
})

function anyValue(set: string, charsMin: number, charsMax: number, checked: boolean): fc.Arbitrary<string> {
  const letters =
    { n: '0123456789', x: '0123456789ABCxyz!"%&()*+,-./:;<=>?_', y: '0123456789ABC#-/', z: '0189AZaz-_' }[
      set
    ] ?? ''
  const characters = fc.string({
    unit: fc.constantFrom(...letters),
    minLength: charsMin,
    maxLength: charsMax,
  })
  return checked
    ? characters.map((digits) => digits.slice(0, -1) + checkDigit(digits.slice(0, -1)))
    : characters
}

/** What bwip-js says of an element: ok, or the name of its error. It checks against a table of its own. */
function witness(ai: string, value: string): string {
  try {
    bwipjs.raw({ bcid: 'gs1datamatrix', text: `(${ai})${value}` })
    return 'ok'
  } catch (error) {
    return /GS1(\w+)/.exec(String(error))?.[1] ?? String(error)
  }
}

describe('against the table of bwip-js', () => {
  it('[GS1-7] the same identifiers exist: all of two, three and four digits', () => {
    let covered = 0
    let known = 0
    for (const digits of [2, 3, 4]) {
      for (let number = 0; number < 10 ** digits; number++) {
        const ai = String(number).padStart(digits, '0')
        const isKnown = witness(ai, '1') !== 'unknownAI'
        expect(gs1Table.has(ai), ai).toBe(isKnown)
        covered++
        if (isKnown) known++
      }
    }
    expect([covered, known]).toEqual([11_100, 541])
  })

  it('[GS1-7] each takes values of the same lengths, and letters in the same places', () => {
    // bwip-js looks inside coupon codes and the IBAN, and wants two characters of keys and check character pairs.
    const lookedInto = new Set(['8110', '8112', '8007'])
    const twoMin = new Set(['401', '7023', '8004', '8010', '8013', '8014'])
    const isLengthError = (reason: string) => /too ?(short|long)/i.test(reason)
    let covered = 0
    for (const [ai, parts] of gs1Table) {
      if (lookedInto.has(ai)) continue
      const charsMax = parts.reduce((sum, part) => sum + part.charsMax, 0)
      const fixed = predefinedChars[ai.slice(0, 2)] !== undefined
      for (let chars = twoMin.has(ai) ? 2 : 1; chars <= charsMax + (fixed ? 0 : 1); chars++) {
        const ours = parseElementStrings(ai + '1'.repeat(chars))
        if (isLengthError(witness(ai, '1'.repeat(chars)))) expect(ours.ok, `(${ai}) ${chars}`).toBe(false)
        else expect(ours.ok ? '' : ours.reason, `(${ai}) ${chars}`).not.toMatch(/too (short|long)/)
        covered++
      }
      const letters = parseElementStrings(ai + 'A'.repeat(charsMax))
      expect(!letters.ok && letters.reason.includes('not allowed'), ai).toBe(
        witness(ai, 'A'.repeat(charsMax)) === 'notNumeric',
      )
      covered++
    }
    expect(covered).toBeGreaterThan(5_000)
  })

  it('[GS1-7] the same check digits are right', () => {
    let covered = 0
    for (const [ai, parts] of gs1Table) {
      const first = parts[0]
      if (first?.checked !== true || parts.some((part) => part.charsMax === 4)) continue
      for (let last = 0; last < 10; last++) {
        const value = `${'95212345678901234'.slice(0, first.charsMax - 1)}${last}`
        const full = ai === '8003' ? `0${value.slice(0, 12)}${last}` : value
        const ours = parseElementStrings(ai + full)
        expect(ours.ok, `(${ai})${full}`).toBe(witness(ai, full) !== 'badChecksum')
        covered++
      }
    }
    expect(covered).toBe(180)
  })
})

describe('decimals', () => {
  it.each([
    ['3103', '001750', '1.750'],
    ['3100', '000012', '12'],
    ['3105', '000012', '0.00012'],
    ['3202', '012345', '123.45'],
    ['3922', '99', '0.99'],
    ['3920', '0099', '99'],
    ['3932', '978012345', '123.45'],
    ['3909', '1', '0.000000001'],
    ['3941', '0125', '12.5'],
    ['3952', '000199', '1.99'],
  ])('[GS1-8] (%s)%s is %s', (ai, value, decimal) => {
    expect(gs1Decimal(ai, value)).toBe(decimal)
  })

  it('[GS1-8] what is not decimal has no number', () => {
    expect(gs1Decimal('01', gtin)).toBeUndefined()
    expect(gs1Decimal('3103', '1750')).toBeUndefined()
    expect(gs1Decimal('3106', '001750')).toBeUndefined()
    expect(gs1Decimal('8005', '000365')).toBeUndefined()
    expect(gs1Currency('3932', '978012345')).toBe('978')
    expect(gs1Currency('3922', '99')).toBeUndefined()
  })
})

describe('Digital Link', () => {
  it.each<[string, Record<string, string>]>([
    [`https://id.gs1.org/01/${gtin}`, { '01': gtin }],
    [
      `https://example.com/some/path/01/${gtin}/22/2A/10/ABC%2F1/21/1234?17=261231&3103=000195&linkType=gs1:pip`,
      { '01': gtin, '22': '2A', '10': 'ABC/1', '21': '1234', '17': '261231', '3103': '000195' },
    ],
    [`HTTP://EXAMPLE.COM/01/${gtin}/`, { '01': gtin }],
    [`https://example.com/01/${gtin}?10=A;21=B#top`, { '01': gtin, '10': 'A', '21': 'B' }],
    [`https://example.com/gtin/${gtin}/lot/ABC/ser/1`, { '01': gtin, '10': 'ABC', '21': '1' }],
    ['https://example.com/01/9521234543213', { '01': gtin }],
    ['https://example.com/01/036000291452', { '01': '00036000291452' }],
    ['https://example.com/00/106141412345678908', { '00': '106141412345678908' }],
    ['https://example.com/414/9521321000018/254/32a%2Fb', { '414': '9521321000018', '254': '32a/b' }],
    [`https://example.com/21/x/01/${gtin}/21/y`, { '01': gtin, '21': 'y' }],
  ])('[GS1-9] %s', (link, elements) => {
    expect(parseDigitalLink(link)).toEqual({ ok: true, elements })
    expect(parseGs1(link)).toEqual({ ok: true, elements })
  })

  it.each([
    'https://example.com/',
    'https://example.com',
    'https://example.com/01',
    'https://example.com/shop/12345678',
    `https://example.com/01/${gtin.slice(0, -1)}4`,
    `https://example.com/01/${gtin}/21/A/10/B`,
    `https://example.com/01/${gtin}/17/261231`,
    `https://example.com/01/${gtin}/10`,
    `https://example.com/01/${gtin}/10/%E0%A4%A`,
    `https://example.com/01/${gtin}?17=2612`,
    `https://example.com/01/${gtin}/10/A?10=B`,
    `ftp://example.com/01/${gtin}`,
    `see https://example.com/01/${gtin}`,
  ])('[GS1-9] none: %s', (link) => {
    expect(parseDigitalLink(link).ok).toBe(false)
  })
})
