/** The Toledo 8217 codec, held to the byte strings of the manuals. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeWeight,
  parseAnswer,
  parseStatus,
  presetTareDigits,
  presetTareRequest,
  requests,
  tareRequest,
} from '../../../src/drivers/scales/toledo-8217/codec.ts'
import { toledo8217Settings } from '../../../src/drivers/scales/toledo-8217/settings.ts'

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const answer = (text: string) => parseAnswer(bytes(text), true)
const format = { unit: 'auto', decimals: 'auto', hiRes: false } as const

function weightOf(text: string, change: Partial<Parameters<typeof decodeWeight>[1]> = {}) {
  const parsed = answer(text)
  return parsed.kind === 'weight' ? decodeWeight(parsed, { ...format, ...change }) : parsed
}

/** The even parity of a 7-bit line on bit 7. */
const evenParity = (byte: number) =>
  byte.toString(2).replaceAll('0', '').length % 2 === 1 ? byte | 0x80 : byte

describe('requests', () => {
  it('[TOL1] are single upper-case letters, a tare with CR, a known tare with five digits', () => {
    expect([...requests.weight]).toEqual([0x57])
    expect([...requests.zero]).toEqual([0x5a])
    expect([...requests.clearTare]).toEqual([0x43])
    expect([...requests.highResolution]).toEqual([0x48])
    expect([...tareRequest('cr')]).toEqual([0x54, 0x0d])
    expect([...tareRequest('none')]).toEqual([0x54])
    expect([...presetTareRequest('00250')]).toEqual([0x54, 0x30, 0x30, 0x32, 0x35, 0x30, 0x0d])
  })

  it.each([
    ['0.250', 'WW.WWW', '00250'],
    ['0.25', 'WW.WWW', '00250'],
    ['1', 'WW.WWW', '01000'],
    ['99.999', 'WW.WWW', '99999'],
    ['100', 'WW.WWW', undefined],
    ['0.25', 'WWW.WW', '00025'],
    ['0.250', 'WWW.WW', '00025'],
    ['0.255', 'WWW.WW', undefined],
    ['999.99', 'WWW.WW', '99999'],
  ] as const)('[TOL12] write the tare %s as %s: %s', (weight, form, digits) => {
    expect(presetTareDigits(weight, form)).toBe(digits)
  })
})

describe('answers', () => {
  it.each([
    ['01.235', { weight: '1.235', unit: 'kg' }],
    ['00.000', { weight: '0.000', unit: 'kg' }],
    ['12.345N', { weight: '12.345', unit: 'kg' }],
    ['02.72', { weight: '2.72', unit: 'lb' }],
    ['002.72', { weight: '2.72', unit: 'lb' }],
    ['002.72N', { weight: '2.72', unit: 'lb' }],
    ['01.235kg', { weight: '1.235', unit: 'kg' }],
  ])('[TOL2] %s is a weight with the decimals of the scale', (text, weight) => {
    expect(weightOf(text)).toEqual(weight)
  })

  it('[TOL3] an N after the weight means that a tare is taken off', () => {
    expect(answer('01.235N')).toMatchObject({ kind: 'weight', net: true })
    expect(answer('01.235')).toMatchObject({ kind: 'weight', net: false })
  })

  it('[TOL4] a setting decides the unit, and an answer that contradicts it is no weight', () => {
    expect(weightOf('01.235', { unit: 'lb' })).toEqual({ weight: '1.235', unit: 'lb' })
    expect(weightOf('01.235kg', { unit: 'lb' })).toHaveProperty('reason')
    expect(weightOf('01.2')).toHaveProperty('reason')
    expect(weightOf('01.235', { decimals: 2 })).toHaveProperty('reason')
    expect(weightOf('01.2350', { hiRes: true })).toEqual({ weight: '1.2350', unit: 'kg' })
    expect(weightOf('02.723', { hiRes: true })).toEqual({ weight: '2.723', unit: 'lb' })
  })

  it('[TOL4] a weight without a point needs the setting decimals', () => {
    expect(weightOf('01235')).toHaveProperty('reason')
    expect(weightOf('01235', { decimals: 3 })).toEqual({ weight: '1.235', unit: 'kg' })
    expect(weightOf('235', { decimals: 3 })).toHaveProperty('reason')
  })

  it('[TOL5] reads every status byte by its bits', () => {
    const names = ['motion', 'over', 'under', 'outsideZeroCapture', 'centreOfZero', 'net'] as const
    let covered = 0
    for (let byte = 0x40; byte <= 0x7f; byte++) {
      const status = parseStatus(byte)
      names.forEach((name, bit) => {
        expect(status[name]).toBe((byte & (1 << bit)) !== 0)
      })
      expect(answer(`?${String.fromCharCode(byte)}`)).toEqual({ kind: 'status', status })
      covered++
    }
    expect(covered).toBe(64)
  })

  it('[TOL5] a status byte without bit 6 is none', () => {
    expect(answer('?1').kind).toBe('invalid')
    expect(answer('?').kind).toBe('invalid')
    expect(answer('?@@').kind).toBe('invalid')
  })

  it('[TOL6] strips the parity of a 7-bit line, and refuses a frame in which one byte has another parity', () => {
    const wire = bytes('01.235').map(evenParity)
    expect(wire.some((byte) => byte > 0x7f)).toBe(true)
    expect(parseAnswer(wire, true)).toMatchObject({ kind: 'weight', decimals: '235' })
    expect(parseAnswer(wire, false).kind).toBe('invalid')
    for (let bit = 0; bit < 8; bit++) {
      const noisy = wire.map((byte, index) => (index === 5 ? byte ^ (1 << bit) : byte))
      expect(parseAnswer(noisy, true).kind, `bit ${bit}`).toBe('invalid')
    }
  })

  it('[TOL7] whatever comes in, an answer comes out and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), fc.boolean(), (frame, strip) => {
        const parsed = parseAnswer(frame, strip)
        if (parsed.kind !== 'weight') return
        const decoded = decodeWeight(parsed, format)
        if ('weight' in decoded) expect(decoded.weight).toMatch(/^(0|[1-9]\d*)(\.\d+)?$/)
      }),
      { numRuns: 5_000 },
    )
    expect(answer('hello').kind).toBe('invalid')
  })
})

describe('settings', () => {
  it('have a default each, and edges', () => {
    expect(toledo8217Settings.parse({})).toMatchObject({
      unit: 'auto',
      readMsMax: 500,
      motionMsMax: 2_000,
      watchMs: 200,
    })
    expect(toledo8217Settings.safeParse({ watchMs: 149 }).success).toBe(false)
    expect(toledo8217Settings.safeParse({ watchMs: 150 }).success).toBe(true)
    expect(toledo8217Settings.safeParse({ readMsMax: 99 }).success).toBe(false)
    expect(toledo8217Settings.safeParse({ readMsMax: 10_001 }).success).toBe(false)
    expect(toledo8217Settings.safeParse({ colour: 'red' }).success).toBe(false)
  })
})
