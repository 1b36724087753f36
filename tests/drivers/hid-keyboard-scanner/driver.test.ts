/** Typed scans from the twin to the hub: none lost, none merged, on every keyboard. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hidKeyboardScanner } from '../../../src/drivers/scanners/hid-keyboard-scanner/driver.ts'
import { type LayoutId, layoutIds } from '../../../src/drivers/scanners/hid-keyboard-scanner/layouts.ts'
import { settle } from '../../support/clock.ts'
import { expectSameCodeTwice } from '../../support/same-code-twice.ts'
import { openScanner } from './bench.ts'
import { keysOn } from './xkb.ts'

const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join('')
/** Letters that shops of these countries put into their QR codes. */
const accented: Readonly<Record<LayoutId, string>> = {
  us: '',
  gb: '£',
  de: 'äöüÄÖÜß€éèêÉ',
  'ch-de': 'äöüéèàçâêîôûñ',
  'ch-fr': 'äöüéèàçâêîôûñ',
  fr: 'éèàçùâêîôûäëïöü€',
  be: 'éèàçùâêîôûäëïöü€',
  es: 'ñÑçáéíóúüÁÉÍÓÚ¿¡€',
  it: 'àèéìòù€',
  se: 'åäöÅÄÖéÉ',
  fi: 'åäöÅÄÖéÉ',
  dk: 'æøåÆØÅéÉ',
  no: 'æøåÆØÅéÉ',
}
const styles = ['each', 'rolling', 'together'] as const

describe('scans', () => {
  it('[HKS1] an order of the demo becomes an event, AIM identifier read and taken off', async () => {
    const { twin, scans, details } = await openScanner()
    twin.order({ order: 'scan', code: '4006381333931', aim: ']E0' })
    await settle()
    expect(scans).toEqual([{ code: '4006381333931', symbology: 'ean13' }])
    expect(details).toEqual([{ maker: 'Tillbridge', model: 'Simulated keyboard scanner' }])
  })

  it.each(layoutIds)(
    '[HKS4] a scanner programmed for %s types all of ASCII and the letters of the country',
    async (layout) => {
      for (const style of styles) {
        const bench = await openScanner({ layout, aim: 'off' }, { twin: { keys: keysOn(layout), style } })
        const codes = [ascii, [...ascii].reverse().join(''), accented[layout], 'ean 4006381333931'].filter(
          Boolean,
        )
        for (const code of codes) bench.twin.scan(code)
        await settle()
        expect(bench.codes(), style).toEqual(codes)
      }
    },
  )

  it.each(layoutIds)('[HKS8] ALT codes fit the layout %s as every other', async (layout) => {
    const bench = await openScanner({ layout, aim: 'off' }, { twin: { layout: 'alt' } })
    const code = `${ascii}äöüßéñø€ Ж日`
    bench.twin.scan(code)
    await settle()
    expect(bench.codes()).toEqual([code])
  })

  it.each(['control', 'alt', 'f8'] as const)('[HKS9] GS typed as %s is GS', async (gs) => {
    const code = '010952123454321310ABC\x1d17261231'
    const gs1 = { '01': '09521234543213', '10': 'ABC', '17': '261231' }
    for (const layout of ['us', 'de', 'fr'] as const) {
      const bench = await openScanner({ layout, gsKeys: ['F8'] }, { twin: { gs, keys: keysOn(layout) } })
      bench.twin.scan(code, ']C1')
      await settle()
      expect(bench.scans, layout).toEqual([{ code, symbology: 'gs1-128', gs1 }])
    }
    const unset = await openScanner({}, { twin: { gs } })
    unset.twin.scan(code, ']C1')
    await settle()
    expect(unset.codes()).toEqual([gs === 'f8' ? code.replace('\x1d', '') : code])
  })

  it('[HKS2] thousands of reports in a second lose nothing, however the keys roll over', async () => {
    const codes = Array.from({ length: 20 }, (_, index) => `${index}1122ee3344AAbbCC5566-/${index}`)
    for (const style of styles) {
      const bench = await openScanner({}, { twin: { style } })
      for (let second = 0; second < 10; second++) {
        for (const code of codes) bench.twin.scan(code)
        await bench.clock.advance(1_000)
      }
      expect(bench.codes(), style).toEqual(Array.from({ length: 10 }, () => codes).flat())
    }
  })

  it('[HKS2] whatever the code and the style, what is typed is what was scanned', async () => {
    const code = fc.string({ unit: fc.constantFrom(...'0123aabzZ-/;\x1d€ é^'), minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(code, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...styles),
        fc.constantFrom<'us' | 'de' | 'fr'>('us', 'de', 'fr'),
        async (codes, style, layout) => {
          const bench = await openScanner({ layout, aim: 'off' }, { twin: { style, keys: keysOn(layout) } })
          for (const each of codes) bench.twin.scan(each)
          await settle()
          expect(bench.codes()).toEqual(codes)
          await bench.device.stop()
        },
      ),
      { numRuns: 150 },
    )
  })

  it('[HKS3] the same code twice is two scans; duplicateMs drops the second within its time', async () => {
    await expectSameCodeTwice(openScanner)
  })
})

describe('the end of a scan', () => {
  it.each(['enter', 'tab'] as const)(
    '[HKS10] %s ends it where it is set, and is part of the code where not',
    async (suffix) => {
      const bench = await openScanner({ idleGapMs: 0 }, { twin: { suffix } })
      for (const code of ['first', 'second']) bench.twin.scan(code)
      await settle()
      expect(bench.codes()).toEqual(['first', 'second'])
      expect(bench.clock.pending).toBe(0)
      const without = await openScanner({ ends: [] }, { twin: { suffix } })
      for (const code of ['first', 'second']) without.twin.scan(code)
      await without.clock.advance(80)
      const end = suffix === 'enter' ? '\r' : '\t'
      expect(without.codes()).toEqual([`first${end}second${end}`])
    },
  )

  it('[HKS10] Enter of the keypad, Ctrl M, Ctrl J and ALT 013 end it as well', async () => {
    const bench = await openScanner({ idleGapMs: 0 }, { twin: { suffix: 'none' } })
    const alt = (...keys: number[]) => [
      ...keys.map((key) => [4, 0, key, 0, 0, 0, 0, 0]),
      new Array(8).fill(0),
    ]
    const a = [
      [0, 0, 4, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    const up = [0, 0, 0, 0, 0, 0, 0, 0]
    await bench.send(...a, [0, 0, 0x58, 0, 0, 0, 0, 0], up)
    await bench.send(...a, [1, 0, 0x10, 0, 0, 0, 0, 0], up, [1, 0, 0x0d, 0, 0, 0, 0, 0], up)
    await bench.send(
      ...a,
      ...alt(0x62, 0x59, 0x5b).flatMap((report, index) =>
        index < 3 ? [report, [4, 0, 0, 0, 0, 0, 0, 0]] : [report],
      ),
    )
    expect(bench.codes()).toEqual(['a', 'a', 'a'])
  })

  it('[HKS11] a scanner that types no end is told after a pause of idleGapMs, at its edge', async () => {
    const bench = await openScanner({ idleGapMs: 80 }, { twin: { suffix: 'none' } })
    bench.twin.scan('first')
    await bench.clock.advance(79)
    expect(bench.codes()).toEqual([])
    await bench.clock.advance(1)
    bench.twin.scan('second')
    await bench.clock.advance(80)
    expect(bench.codes()).toEqual(['first', 'second'])
    expect(bench.clock.pending).toBe(0)
  })

  it('[HKS11] keys slower than a scanner but faster than the gap make one code', async () => {
    const bench = await openScanner({ idleGapMs: 80 }, { twin: { suffix: 'none', everyMs: 60 } })
    bench.twin.scan('slow')
    await bench.clock.advance(5_000)
    expect(bench.codes()).toEqual(['slow'])
  })

  it('[HKS11] a scan that stops inside an ALT code is cut off: it is not told, and spoils no other', async () => {
    const bench = await openScanner({}, { twin: { layout: 'alt' } })
    const up = new Array<number>(8).fill(0)
    const alt = [4, 0, 0, 0, 0, 0, 0, 0]
    const press = (key: number) => [[4, 0, key, 0, 0, 0, 0, 0], alt]
    for (const begun of [[], [0x04, 0x05, 0x06].flatMap((key) => [[0, 0, key, 0, 0, 0, 0, 0], up])]) {
      await bench.send(...begun, ...press(0x62), ...press(0x5c))
      await bench.clock.advance(80)
      expect(bench.codes()).toEqual([])
      expect(bench.clock.pending).toBe(0)
    }
    // Its first report has ALT down again, or still.
    bench.twin.scan('A1b')
    await settle()
    expect(bench.codes()).toEqual(['A1b'])
  })

  it('[HKS18] what a person types is no scan: a pause ends nothing shorter than gapCharsMin', async () => {
    const bench = await openScanner()
    for (const key of [0x0b, 0x08, 0x0f, 0x0f, 0x12, 0x28]) {
      bench.twin.press({ key })
      await bench.clock.advance(120)
    }
    // Two keys at once, as fast typists have them.
    bench.twin.press({ key: 0x0b }, { key: 0x08 })
    await bench.clock.advance(120)
    expect(bench.scans).toEqual([])
    expect(bench.warnings).toEqual([])
    const edge = await openScanner({ gapCharsMin: 5 }, { twin: { suffix: 'none' } })
    for (const code of ['1234', '12345']) {
      edge.twin.scan(code)
      await edge.clock.advance(80)
    }
    expect(edge.codes()).toEqual(['12345'])
    const ended = await openScanner()
    ended.twin.scan('7')
    await settle()
    expect(ended.codes()).toEqual(['7'])
  })

  it('[HKS7] a dead key with nothing after it is its accent', async () => {
    const bench = await openScanner({ layout: 'de' }, { twin: { suffix: 'none' } })
    bench.twin.press({ key: 0x04 }, { key: 0x05 }, { key: 0x2e })
    await bench.clock.advance(80)
    expect(bench.codes()).toEqual(['ab´'])
  })

  it('[HKS12] a scan over codeCharsMax is dropped whole and logged, and the next is whole', async () => {
    const bench = await openScanner({ codeCharsMax: 20 })
    for (const code of ['x'.repeat(20), 'x'.repeat(21), 'next']) bench.twin.scan(code)
    await settle()
    expect(bench.codes()).toEqual(['x'.repeat(20), 'next'])
    expect(bench.warnings).toEqual([{ device: 'scanner-1', charsMax: 20 }])
    const silent = await openScanner({ codeCharsMax: 20 }, { twin: { suffix: 'none' } })
    silent.twin.scan('x'.repeat(60))
    await silent.clock.advance(80)
    silent.twin.scan('next')
    await silent.clock.advance(80)
    expect(silent.codes()).toEqual(['next'])
  })
})

describe('the device', () => {
  it('[HKS13] stopped or pulled out in the middle of a code, it tells no half of it and leaves no timer', async () => {
    const bench = await openScanner({}, { twin: { suffix: 'none' } })
    bench.twin.scan('begun')
    await settle()
    await bench.device.stop()
    await bench.clock.advance(1_000)
    expect(bench.codes()).toEqual([])
    expect(bench.clock.pending).toBe(0)
    const pulled = await openScanner({}, { twin: { everyMs: 4 } })
    pulled.twin.scan('whole')
    await pulled.clock.advance(100)
    pulled.twin.scan('40063')
    await pulled.clock.advance(20)
    pulled.twin.order({ order: 'plug', on: false })
    await pulled.clock.advance(1_000)
    expect(pulled.codes()).toEqual(['whole'])
    expect(pulled.twin.plugged).toBe(false)
  })

  it('[HKS14] it is opened for itself alone, and no keyboard is taken for a scanner by what it is', () => {
    expect(hidKeyboardScanner.portDefaults).toEqual({ exclusive: 'yes' })
    expect(hidKeyboardScanner.match).toBeUndefined()
    expect(hidKeyboardScanner.probe).toBeUndefined()
  })

  it('[HKS15] the twin obeys the orders of a scanner and refuses others', async () => {
    const bench = await openScanner()
    bench.twin.order({ order: 'silent', on: true })
    bench.twin.order({ order: 'scan', code: 'unheard' })
    bench.twin.order({ order: 'silent', on: false })
    bench.twin.order({ order: 'scan', code: 'heard' })
    await settle()
    expect(bench.codes()).toEqual(['heard'])
    expect(() => bench.twin.order({ order: 'load', grams: 1 })).toThrowError(/params_invalid/)
  })

  it.each(['garble', 'half_answer', 'slow'] as const)(
    '[HKS15] with the fault %s the scans on the wire suffer, and none after',
    async (fault) => {
      const bench = await openScanner()
      bench.twin.order({ order: 'fault', fault })
      bench.twin.order({ order: 'scan', code: '4006381333931' })
      await settle()
      expect(bench.codes()).not.toContain('4006381333931')
      await bench.clock.advance(10_000)
      bench.twin.order({ order: 'fault', fault: 'none' })
      bench.twin.press({ key: 0x28 })
      bench.twin.order({ order: 'scan', code: '96385074', aim: ']E4' })
      await settle()
      expect(bench.scans.at(-1)).toEqual({ code: '96385074', symbology: 'ean8' })
    },
  )

  it('[HKS16] twenty codes in a second, eight reports a character, cost next to nothing', async () => {
    const bench = await openScanner()
    const reports = Array.from({ length: 20 * 20 * 8 }, (_, index) => {
      const report = new Uint8Array(8)
      if (index % 8 === 0) report[2] = index % 160 === 152 ? 0x28 : 4 + ((index / 8) % 26)
      return report
    })
    const scan = () => {
      for (const report of reports) bench.wire.write(report)
    }
    scan()
    await settle()
    const before = process.cpuUsage()
    scan()
    await settle()
    const { user, system } = process.cpuUsage(before)
    expect(bench.scans).toHaveLength(40)
    // A second has 1 000 000 of these; a busy machine gets some slack.
    expect(user + system).toBeLessThan(200_000)
  })
})

describe('settings', () => {
  it('have a default each, and limits at their edge', () => {
    const { settings } = hidKeyboardScanner
    expect(settings.parse({})).toMatchObject({
      layout: 'us',
      idleGapMs: 80,
      ends: ['enter', 'tab'],
      capsLock: 'off',
    })
    const ok = (value: object) => settings.safeParse(value).success
    expect([ok({ idleGapMs: 5_000 }), ok({ idleGapMs: 5_001 })]).toEqual([true, false])
    expect([ok({ ends: [] }), ok({ idleGapMs: 0 }), ok({ ends: [], idleGapMs: 0 })]).toEqual([
      true,
      true,
      false,
    ])
    expect([ok({ gapCharsMin: 0 }), ok({ gapCharsMin: 1 }), ok({ gapCharsMin: 21 })]).toEqual([
      false,
      true,
      false,
    ])
    expect([ok({ codeCharsMax: 7 }), ok({ codeCharsMax: 8 })]).toEqual([false, true])
    expect([ok({ layout: 'ch-fr' }), ok({ layout: 'fr-ch' })]).toEqual([true, false])
    expect([ok({ gsKeys: ['F12'] }), ok({ gsKeys: ['F13'] })]).toEqual([true, false])
  })
})
