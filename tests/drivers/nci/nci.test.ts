/** NCI scales: the codec held to the byte strings of the manuals, and the driver against its twin. */
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import { AnswerFramer } from '../../../src/drivers/scales/common/framer.ts'
import {
  answerBytesMax,
  parseAnswer,
  recogniseAnswer,
  requests,
  sevenBits,
} from '../../../src/drivers/scales/nci/codec.ts'
import { nci } from '../../../src/drivers/scales/nci/driver.ts'
import { createNciTwin, type NciTwinOptions } from '../../../src/drivers/scales/nci/twin.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import { codeOf, newAttempt, openDriver, settled } from '../../support/driver-bench.ts'
import { bytes, onABench } from '../../support/scale-on-a-bench.ts'
import { ttyTwin } from '../../support/twin-pty.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const open = (
  settings: Record<string, unknown> = {},
  twin: Partial<NciTwinOptions> = {},
  chunkBytesMax?: number,
) => onABench(nci, (clock) => createNciTwin({ clock, ...twin }), settings, { chunkBytesMax })

const parse = (text: string, dialect: 'scp-01' | 'scp-02' = 'scp-01') => parseAnswer(bytes(text), dialect)

describe('the codec', () => {
  it('[NCI1] has requests of a capital and CR', () => {
    for (const request of Object.values(requests))
      expect(String.fromCharCode(...request)).toMatch(/^[A-Z?]\r$/)
  })

  it.each([
    ['\n0001.25lb\r\n00\r\x03', '1.25', 'lb'],
    ['\n  0.500kg\r\n000\r\x03', '0.500', 'kg'],
    ['\n 1250  g\r\n00\r\x03', '1250', 'g'],
    ['\n-00.005KG\r\nS00\r\x03', '-0.005', 'kg'],
    ['\n00.000LB\r\nS20\r\x03', '0.000', 'lb'],
  ])('[NCI2] %j is %s %s', (text, weight, unit) => {
    expect(parse(text)).toMatchObject({ kind: 'weight', weight, unit })
  })

  it.each(['\n 1.25t\r\n00\r\x03', '\n12345pcs\r\n00\r\x03', '\n1.2.3kg\r\n00\r\x03'])(
    '[NCI2] %j is no weight',
    (text) => {
      expect(parse(text).kind).toBe('status')
    },
  )

  it('[NCI3] makes ounces of pounds and ounces', () => {
    expect(parse('\n 2lb 05.3oz\r\n00\r\x03')).toMatchObject({ kind: 'weight', weight: '37.3', unit: 'oz' })
  })

  it('[NCI4] reads every status bit', () => {
    const statusOf = (first: number, second: number, third: number) => {
      const text = String.fromCharCode(0x30 | first, 0x70 | second, 0x30 | third)
      const answer = parse(`\n${text}\r\x03`)
      return answer.kind === 'status' ? answer.status : expect.unreachable(answer.kind)
    }
    const none = {
      motion: false,
      zero: false,
      under: false,
      over: false,
      net: false,
      initialZeroError: false,
      trouble: undefined,
    }
    expect(statusOf(0, 0, 0)).toEqual(none)
    expect(statusOf(1, 0, 0)).toEqual({ ...none, motion: true })
    expect(statusOf(2, 0, 0)).toEqual({ ...none, zero: true })
    expect(statusOf(0, 1, 0)).toEqual({ ...none, under: true })
    expect(statusOf(0, 2, 0)).toEqual({ ...none, over: true })
    expect(statusOf(0, 0, 4)).toEqual({ ...none, net: true })
    expect(statusOf(0, 0, 8)).toEqual({ ...none, initialZeroError: true })
    expect(statusOf(4, 0, 0).trouble).toContain('RAM')
    expect(statusOf(8, 0, 0).trouble).toContain('EEPROM')
    expect(statusOf(0, 4, 0).trouble).toContain('ROM')
    expect(statusOf(0, 8, 0).trouble).toContain('calibration')
  })

  it('[NCI4] does not know of a tare from two bytes', () => {
    expect(parse('\n00\r\x03')).toMatchObject({ status: { net: undefined } })
  })

  it('[NCI7] holds SCP-02 to its form', () => {
    expect(parse('\n01.235KG\r\nS00\r\x03', 'scp-02')).toMatchObject({ kind: 'weight', weight: '1.235' })
    for (const text of ['\n01.235KG\r\n00\r\x03', '\n1.235KG\r\nS00\r\x03', '\n01.235kg\r\nS00\r\x03'])
      expect(parse(text, 'scp-02').kind).toBe('invalid')
  })

  it('[NCI13] any bytes give an answer or none', () => {
    const soup = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(...'\n\r\x030S?.1kglboz '), maxLength: 80 }).map(bytes),
    )
    fc.assert(
      fc.property(soup, fc.constantFrom('scp-01' as const, 'scp-02' as const), (data, dialect) => {
        const framer = new AnswerFramer({
          recognise: recogniseAnswer,
          frameBytesMax: answerBytesMax,
          mask: sevenBits,
        })
        for (const frame of framer.push(data)) {
          expect(frame.length).toBeLessThanOrEqual(answerBytesMax)
          expect(['weight', 'status', 'unknown', 'invalid']).toContain(parseAnswer(frame, dialect).kind)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('reading', () => {
  it('[NCI2] what lies on it, in both dialects and every unit, however the bytes are cut', async () => {
    const cases = [
      ['scp-01', 'kg', '1.235'],
      ['scp-01', 'g', '1235'],
      ['scp-01', 'lb', '2.72'],
      ['scp-01', 'oz', '43.6'],
      ['scp-01', 'lb-oz', '43.6'],
      ['scp-02', 'kg', '1.235'],
      ['scp-02', 'lb', '2.72'],
    ] as const
    for (const [dialect, unit, weight] of cases) {
      for (const chunk of [1, 5, 100]) {
        const { twin, weighing, device } = open({ dialect }, { dialect, unit }, chunk)
        await device.start()
        twin.order({ order: 'load', grams: 1_235 })
        expect(await weighing.read()).toMatchObject({
          weight,
          unit: unit === 'lb-oz' ? 'oz' : unit,
          tare: false,
        })
        await device.stop()
      }
    }
  })

  it('[NCI2] only the unit that is set', async () => {
    const { clock, weighing, device, twin } = open({ unit: 'kg' }, { unit: 'lb' })
    expect(await codeOf(settled(clock, device.start()))).toBe('answer_invalid')
    expect(twin.received.length).toBeGreaterThan(0)
    expect(weighing).toBeDefined()
  })

  it('[NCI4] motion, over and under are errors of their own; at zero it says so', async () => {
    for (const dialect of ['scp-01', 'scp-02'] as const) {
      const { clock, twin, weighing, device } = open({ dialect, motionMsMax: 0 }, { dialect })
      await device.start()
      expect(await weighing.read()).toMatchObject({ zero: true })
      twin.order({ order: 'motion', on: true })
      expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_motion')
      twin.order({ order: 'motion', on: false })
      twin.order({ order: 'load', grams: 15_001 })
      expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_over')
      twin.order({ order: 'load', grams: -20 })
      expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_under')
    }
  })

  it('[NCI5] a broken memory is a fault by name, and no weight', async () => {
    const { twin, weighing, device, faults } = open()
    await device.start()
    twin.ramError = true
    expect(await codeOf(weighing.read())).toBe('answer_invalid')
    expect(faults.at(-1)).toMatchObject([{ code: 'scale_error', message: expect.stringContaining('RAM') }])
    twin.ramError = false
    await weighing.read()
    expect(faults.at(-1)).toEqual([])
  })

  it('[NCI6] a status without a reason is no answer', async () => {
    const { clock, wire, device } = onABench(nci, () => undefined)
    wire.onBytes(() => wire.write(bytes('\n------\r\n000\r\x03')))
    expect(await codeOf(settled(clock, device.start()))).toBe('answer_invalid')
  })

  it('[NCI8] works with parity on bit 7', async () => {
    const { twin, weighing, device } = open({}, { parityBit: true })
    await device.start()
    twin.order({ order: 'load', grams: 2_345 })
    expect((await weighing.read()).weight).toBe('2.345')
  })

  it('[NCI9] proves a lost answer gone with an unknown command', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    twin.order({ order: 'silent', on: true })
    expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_timeout')
    twin.order({ order: 'silent', on: false })
    twin.order({ order: 'load', grams: 500 })
    expect((await weighing.read()).weight).toBe('0.500')
    expect(twin.received.slice(-2)).toEqual(['?', 'W'])
  })
})

describe('zero and tare', () => {
  it('[NCI10] zero is done when the scale shows it', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    twin.order({ order: 'load', grams: 50 })
    const attempt = newAttempt()
    expect(await settled(clock, weighing.zero(attempt))).toEqual({
      state: 'done',
      outcome: { confirmed: true },
    })
    expect(attempt.sent).toBe(1)
    twin.order({ order: 'load', grams: 2_000 })
    expect(await settled(clock, weighing.zero(newAttempt()))).toMatchObject({
      state: 'failed',
      error: { code: 'scale_not_zeroed' },
    })
  })

  it.each([
    [3, true],
    [2, false],
  ] as const)(
    '[NCI11] a tare of the load, with %s status bytes, is confirmed: %s',
    async (statusBytes, confirmed) => {
      const { clock, twin, weighing, device } = open({}, { statusBytes })
      await device.start()
      twin.order({ order: 'load', grams: 500 })
      expect(await settled(clock, weighing.tare({}, newAttempt()))).toEqual({
        state: 'done',
        outcome: { confirmed },
      })
      twin.order({ order: 'load', grams: 1_500 })
      expect(await weighing.read()).toMatchObject({ weight: '1.000', tare: confirmed })
    },
  )

  it('[NCI11] a scale that does not know T refuses; a known tare and clearing are not sent', async () => {
    const { clock, twin, weighing, device } = open({}, { tareCommand: false })
    await device.start()
    twin.order({ order: 'load', grams: 500 })
    expect(await settled(clock, weighing.tare({}, newAttempt()))).toMatchObject({
      state: 'failed',
      error: { code: 'tare_refused' },
    })
    const asked = twin.received.length
    for (const weight of ['0.250', '0']) {
      const attempt = newAttempt()
      expect(await weighing.tare({ weight }, attempt)).toMatchObject({
        state: 'failed',
        error: { code: 'payload_unsupported' },
      })
      expect(attempt.sent).toBe(0)
    }
    expect(twin.received).toHaveLength(asked)
  })
})

describe('finding it', () => {
  it.each([true, false])(
    '[NCI12] the probe finds it behind what another probe left (answers unknown: %s)',
    async (answersUnknown) => {
      const { clock, twin, transport } = open({}, { answersUnknown })
      await transport.write(bytes('EhelloF'))
      const probe = nci.probe?.(transport, { clock, answerMsMax: 300 }) ?? expect.unreachable()
      expect(await settled(clock, probe)).toEqual({ certain: true })
      expect(twin.received).toEqual(['EhelloF', 'W'])
    },
  )

  it('[NCI12] the probe does not take another language for it', async () => {
    for (const other of ['\x0201.000\r', '\x06', 'S S      1.000 kg\r\n', 'ES\r\n']) {
      const { clock, transport, wire } = onABench(nci, () => undefined)
      wire.onBytes(() => wire.write(bytes(other)))
      const probe = nci.probe?.(transport, { clock, answerMsMax: 300 }) ?? expect.unreachable()
      expect(await settled(clock, probe)).toBeUndefined()
    }
  })

  it('[NCI14] over a tty: found, weighs and zeroes', async () => {
    const twin = createNciTwin({ clock: systemClock })
    undo.push(() => twin.stop())
    const tty = await ttyTwin(twin)
    undo.push(() => tty.stop())
    const transport = await createOpenTransport(systemClock, new MemoryPorts(systemClock))(
      parsePortUrl(`serial:${tty.path}`),
      nci.portDefaults,
    )
    undo.push(() => transport.close())
    expect(await nci.probe?.(transport, { clock: systemClock, answerMsMax: 1_000 })).toEqual({
      certain: true,
    })
    const device = openDriver(nci, transport, systemClock)
    undo.push(() => device.stop())
    await device.start()
    twin.order({ order: 'load', grams: 50 })
    expect((await device.weighing?.read())?.weight).toBe('0.050')
    expect(await device.weighing?.zero(newAttempt())).toMatchObject({ state: 'done' })
    expect((await device.weighing?.read())?.weight).toBe('0.000')
  })

  it('its twin refuses orders that are not for a scale, and every profile is read', () => {
    expect(() => open().twin.order({ order: 'scan', code: '1' })).toThrowError(/params_invalid/)
    const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
    const { profiles, problems } = loadProfiles(folder, [nci])
    expect(problems.filter((problem) => problem.includes('/nci/'))).toEqual([])
    expect(profiles.filter(({ driver }) => driver === 'nci')).toHaveLength(8)
  })
})
