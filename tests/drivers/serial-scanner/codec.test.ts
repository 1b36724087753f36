/** The scanner codec: prefixes, marks, symbologies, character sets, GS1. */
import bwipjs from 'bwip-js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guessSymbology, isUpcE, symbologies } from '../../../src/drivers/framing/symbologies.ts'
import { decodeScan } from '../../../src/drivers/scanners/serial-scanner/codec.ts'
import { serialScannerSettings } from '../../../src/drivers/scanners/serial-scanner/settings.ts'
import { scanSchema } from '../../../src/protocol/device.ts'

const gs = '\x1d'
const gtin = '09521234543213'

function scan(text: string | Uint8Array, settings: Record<string, unknown> = {}) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return decodeScan(bytes, serialScannerSettings.parse(settings))
}

function takesUpcE(digits: string): boolean {
  try {
    bwipjs.raw({ bcid: 'upce', text: digits })
    return true
  } catch {
    return false
  }
}

describe('AIM identifiers', () => {
  it.each([
    [']E04006381333931', '4006381333931', 'ean13'],
    [']E0036000291452', '036000291452', 'upca'],
    [']E004252614', '04252614', 'upce'],
    [']E496385074', '96385074', 'ean8'],
    [']E3400638133393112', '400638133393112', 'ean13-addon2'],
    [']E3400638133393112345', '400638133393112345', 'ean13-addon5'],
    [']E112', '12', 'ean-addon2'],
    [']E212345', '12345', 'ean-addon5'],
    [']C0ABC', 'ABC', 'code128'],
    [']A0ABC', 'ABC', 'code39'],
    [']F0A123B', 'A123B', 'codabar'],
    [']G0ABC', 'ABC', 'code93'],
    [']I012345670', '12345670', 'itf'],
    [']I112345670', '12345670', 'itf'],
    [']L0ABC', 'ABC', 'pdf417'],
    [']U0ABC', 'ABC', 'maxicode'],
    [']Q1ABC', 'ABC', 'qr'],
    [']d1ABC', 'ABC', 'datamatrix'],
    [']z0ABC', 'ABC', 'aztec'],
    [']h0ABC', 'ABC', 'hanxin'],
    [']J0ABC', 'ABC', 'dotcode'],
    [']S0123', '123', 'code25'],
    [']X94006381333931', '4006381333931', 'ean13'],
  ] as const)('[SCAN3] %s is %s, %s', (text, code, symbology) => {
    expect(scan(text)).toEqual({ code, symbology })
  })

  it.each([
    [']C1', 'gs1-128'],
    [']e0', 'gs1-databar'],
    [']d2', 'gs1-datamatrix'],
    [']Q3', 'gs1-qr'],
    [']J1', 'gs1-dotcode'],
    [']z1', 'gs1-aztec'],
  ])('[SCAN4] %s promises GS1 data', (aim, symbology) => {
    const code = `01${gtin}3103001750`
    expect(scan(aim + code)).toEqual({ code, symbology, gs1: { '01': gtin, '3103': '001750' } })
  })

  it('[SCAN4] GS1 data that is malformed is left out, and the scan is told all the same', () => {
    for (const code of [`01${gtin.slice(0, -1)}9`, '01', `10X${gs}10Y`, 'no GS1 at all', gs]) {
      expect(scan(`]C1${code}`)).toEqual({ code, symbology: 'gs1-128' })
    }
  })

  it('[SCAN4] other symbologies have no element strings, whatever their text looks like', () => {
    expect(scan(`]C001${gtin}`)).toEqual({ code: `01${gtin}`, symbology: 'code128' })
  })

  it('[SCAN3] what is no identifier stays in the code', () => {
    expect(scan(']E')).toEqual({ code: ']E' })
    expect(scan(']5ABC')).toEqual({ code: ']5ABC' })
    expect(scan(']y0ABC')).toEqual({ code: ']y0ABC' })
    expect(scan(']E04006381333931', { aim: 'off' })).toEqual({ code: ']E04006381333931' })
    expect(scan(']X0ABC')).toEqual({ code: 'ABC' })
  })
})

describe('codes without a mark', () => {
  it.each([
    ['4006381333931', 'ean13'],
    ['036000291452', 'upca'],
    ['96385074', 'ean8'],
    ['4006381333932', undefined],
    ['400638133393', undefined],
    ['12345670123456', undefined],
    ['ABC', undefined],
  ])('[SCAN5] %s is %s', (code, symbology) => {
    expect(scan(code)).toEqual(symbology === undefined ? { code } : { code, symbology })
  })

  it('[SCAN5] eight digits that may be UPC-E as well are not guessed', () => {
    expect(isUpcE('04252614')).toBe(true)
    expect(isUpcE('01234565')).toBe(true)
    expect(isUpcE('01234566')).toBe(false)
    let both = 0
    let ean8 = 0
    for (let number = 0; number < 2_000_000; number += 7) {
      const digits = String(number).padStart(8, '0')
      const guess = guessSymbology(digits)
      if (guess === 'ean8') ean8++
      else if (isUpcE(digits)) both++
      expect(guess === 'ean8' && isUpcE(digits)).toBe(false)
    }
    expect(both).toBeGreaterThan(1_000)
    expect(ean8).toBeGreaterThan(1_000)
  })

  it('[SCAN5] the check digit of UPC-E agrees with bwip-js', () => {
    let right = 0
    for (let number = 0; number < 20_000_000; number += 9_973) {
      const digits = String(number).padStart(8, '0')
      const agrees = takesUpcE(digits)
      expect(isUpcE(digits), digits).toBe(agrees)
      if (agrees) right++
    }
    expect(right).toBeGreaterThan(150)
  })

  it('[SCAN6] a GS between element strings shows GS1 data; without one only the setting looks for it', () => {
    const code = `01${gtin}10ABC${gs}17261231`
    expect(scan(code)).toEqual({ code, gs1: { '01': gtin, '10': 'ABC', '17': '261231' } })
    expect(scan(`01${gtin}`)).toEqual({ code: `01${gtin}` })
    expect(scan(`01${gtin}`, { gs1Guess: true })).toEqual({ code: `01${gtin}`, gs1: { '01': gtin } })
  })

  it('[SCAN6] what is an EAN or UPC is never guessed to be GS1 data: labels of scales begin like identifiers', () => {
    const settings = { gs1Guess: true }
    for (const code of ['2112345003450', '4012345678901', '210123456787', '10123454', '21012341'])
      expect(scan(code, settings), code).not.toHaveProperty('gs1')
    expect(scan('2112345003450', settings)).toEqual({ code: '2112345003450', symbology: 'ean13' })
    expect(scan('2112345003451', settings)).toHaveProperty('gs1')
  })

  it('[SCAN6] a GS shows GS1 data behind a mark of the maker too, who marks GS1-128 as Code 128, but not behind AIM', () => {
    const code = `10ABC${gs}21X`
    const gs1 = { '10': 'ABC', '21': 'X' }
    expect(scan(`j${code}`, { codeIds: { j: 'code128' } })).toEqual({ code, symbology: 'code128', gs1 })
    expect(scan(`]C0${code}`)).toEqual({ code, symbology: 'code128' })
  })

  it('[SCAN6] a Digital Link is GS1 data in any symbology', () => {
    const code = `https://example.com/01/${gtin}/10/ABC`
    expect(scan(`]Q1${code}`)).toEqual({ code, symbology: 'qr', gs1: { '01': gtin, '10': 'ABC' } })
    expect(scan(code)).toEqual({ code, gs1: { '01': gtin, '10': 'ABC' } })
    expect(scan(']Q1https://example.com/menu')).toEqual({ code: 'https://example.com/menu', symbology: 'qr' })
  })
})

describe('what scanners are programmed to send', () => {
  it('[SCAN2] prefixes are taken off, each once, in any order', () => {
    expect(scan('\x02]E04006381333931')).toEqual({ code: '4006381333931', symbology: 'ean13' })
    expect(scan('S08ABC', { prefixes: ['STX', 'S08'] })?.code).toBe('ABC')
    expect(scan('\x02S08S08', { prefixes: ['S08', 'STX'] })?.code).toBe('S08')
    expect(scan('S08ABC')?.code).toBe('S08ABC')
    expect(scan('valueOfABC', { prefixes: ['valueOf'] })?.code).toBe('ABC')
  })

  it('[SCAN2] a frame of nothing but prefixes and marks is no scan', () => {
    expect(scan('\x02')).toBeUndefined()
    expect(scan(']C1')).toBeUndefined()
  })

  it('[SCAN7] marks of the maker say the symbology, the longest first', () => {
    const codeIds = { d: 'ean13', I: 'gs1-128', F: 'ean13', FF: 'ean8' }
    expect(scan('d4006381333931', { codeIds })).toEqual({ code: '4006381333931', symbology: 'ean13' })
    expect(scan('FF96385074', { codeIds })).toEqual({ code: '96385074', symbology: 'ean8' })
    expect(scan(`I01${gtin}`, { codeIds })).toMatchObject({ symbology: 'gs1-128', gs1: { '01': gtin } })
    expect(scan('4006381333931', { codeIds })).toEqual({ code: '4006381333931', symbology: 'ean13' })
    expect(scan(']E04006381333931', { codeIds })).toEqual({ code: '4006381333931', symbology: 'ean13' })
    expect(scan('d400638133393112', { codeIds })?.symbology).toBe('ean13-addon2')
    expect(scan('d400638133393112345', { codeIds })?.symbology).toBe('ean13-addon5')
    expect(scan('d12345', { codeIds })).toEqual({ code: '12345' })
  })

  it('[SCAN8] characters in place of GS become GS in GS1 data, and stay in other codes', () => {
    const gsCharacters = ['~', '<GS>']
    const code = `10ABC${gs}21X${gs}22Y`
    expect(scan(']d210ABC~21X<GS>22Y', { gsCharacters })).toEqual({
      code,
      symbology: 'gs1-datamatrix',
      gs1: { '10': 'ABC', '21': 'X', '22': 'Y' },
    })
    expect(scan('10ABC~21X<GS>22Y', { gsCharacters })).toMatchObject({ code })
    expect(scan(']Q1a~b', { gsCharacters })).toEqual({ code: 'a~b', symbology: 'qr' })
    expect(scan('a~b', { gsCharacters })).toEqual({ code: 'a~b' })
  })

  it('[SCAN9] UTF-8 is read, and what is not UTF-8 is one byte a character', () => {
    expect(scan(new TextEncoder().encode('Žižkov 日本 €'))?.code).toBe('Žižkov 日本 €')
    expect(scan(Uint8Array.of(0x63, 0x61, 0x66, 0xe9))?.code).toBe('café')
    expect(scan(new TextEncoder().encode('é'), { encoding: 'latin1' })?.code).toBe('Ã©')
    for (const mark of ['', ']Q1']) expect(scan(`${mark}\ufeffmenu`)?.code).toBe('\ufeffmenu')
  })

  it('[SCAN1] whatever comes in is told: nothing is thrown, and every scan keeps to its schema', () => {
    const settings = { prefixes: [], codeIds: { d: 'ean13' }, gsCharacters: ['~'], gs1Guess: true }
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        fc.constantFrom('', ']C1', ']E0', ']Q3', 'd'),
        (bytes, mark) => {
          const frame = Uint8Array.from([...new TextEncoder().encode(mark), ...bytes])
          const told = scan(frame, settings)
          if (told === undefined) return
          expect(scanSchema.safeParse(told).success).toBe(true)
          expect(told.code).not.toBe('')
          if (told.symbology !== undefined) expect(symbologies).toContain(told.symbology)
        },
      ),
      { numRuns: 5_000 },
    )
    expect(scan(Uint8Array.of(0))).toEqual({ code: '\0' })
  })
})

describe('settings', () => {
  it('have a default each, and limits at their edge', () => {
    expect(serialScannerSettings.parse({})).toMatchObject({
      idleGapMs: 50,
      aim: 'auto',
      duplicateMs: 0,
      codeBytesMax: 8_192,
    })
    const ok = (settings: object) => serialScannerSettings.safeParse(settings).success
    expect([ok({ codeBytesMax: 7 }), ok({ codeBytesMax: 8 })]).toEqual([false, true])
    expect([ok({ idleGapMs: 5_000 }), ok({ idleGapMs: 5_001 })]).toEqual([true, false])
    expect([
      ok({ suffixes: ['CRLF', '~', '**'] }),
      ok({ suffixes: ['***'] }),
      ok({ suffixes: ['é'] }),
    ]).toEqual([true, false, false])
    expect([ok({ suffixes: [] }), ok({ idleGapMs: 0 }), ok({ suffixes: [], idleGapMs: 0 })]).toEqual([
      true,
      true,
      false,
    ])
    expect([ok({ codeIds: { d: 'ean13' } }), ok({ codeIds: { d: 'ean14' } })]).toEqual([true, false])
  })
})
