/** Scale and scanner on one cable: weights asked for while labels come in, in memory and over a tty. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { magellan } from '../../../src/drivers/scales/magellan/driver.ts'
import { magellanLimits } from '../../../src/drivers/scales/magellan/settings.ts'
import {
  createMagellanTwin,
  type MagellanTwin,
  type MagellanTwinOptions,
} from '../../../src/drivers/scales/magellan/twin.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import type { Weight } from '../../../src/protocol/device.ts'
import { TestClock } from '../../support/clock.ts'
import { newAttempt, newTold, openDriver, refusalOf, settled } from '../../support/driver-bench.ts'
import { expectNoLateWeight, onABench, type ScaleBench } from '../../support/scale-on-a-bench.ts'
import { ttyTwin } from '../../support/twin-pty.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

async function started(
  settings: Record<string, unknown> = {},
  options: Partial<MagellanTwinOptions> = {},
  wire: { chunkBytesMax?: number } = {},
): Promise<ScaleBench<MagellanTwin>> {
  const bench = onABench(magellan, (clock) => createMagellanTwin({ clock, ...options }), settings, wire)
  await settled(bench.clock, bench.device.start())
  return bench
}

describe('the scale', () => {
  it('[MAG2] weighs in kilograms, and in pounds byte by byte; zero is told as zero', async () => {
    const { clock, weighing, twin } = await started()
    expect(await settled(clock, weighing.read())).toMatchObject({
      weight: '0.000',
      unit: 'kg',
      zero: true,
      tare: false,
    })
    twin.order({ order: 'load', grams: 1_235 })
    expect(await settled(clock, weighing.read())).toMatchObject({
      weight: '1.235',
      unit: 'kg',
      stable: true,
      zero: false,
    })
    const pounds = await started({}, { unit: 'lb' }, { chunkBytesMax: 1 })
    pounds.twin.order({ order: 'load', grams: 1_360 })
    expect(await settled(pounds.clock, pounds.weighing.read())).toMatchObject({ weight: '3.00', unit: 'lb' })
    pounds.twin.order({ order: 'load', grams: 0 })
    expect(await settled(pounds.clock, pounds.weighing.read())).toMatchObject({ weight: '0.00', unit: 'lb' })
  })

  it('[MAG3] over, under, no zero found and motion are errors; a load that comes to rest is waited for', async () => {
    const { clock, weighing, twin } = await started({ motionMsMax: 1_000 })
    const refusal = async () => (await settled(clock, refusalOf(weighing.read()))).code
    twin.order({ order: 'load', grams: 16_000 })
    expect(await refusal()).toBe('scale_over')
    twin.order({ order: 'load', grams: -100 })
    expect(await refusal()).toBe('scale_under')
    twin.order({ order: 'motion', on: true })
    expect(await refusal()).toBe('scale_motion')
    const reading = weighing.read()
    await clock.advance(400)
    twin.order({ order: 'load', grams: 500 })
    twin.order({ order: 'motion', on: false })
    expect((await settled(clock, reading)).weight).toBe('0.500')
    const lost = await started({}, { lostZero: true })
    expect((await settled(lost.clock, refusalOf(lost.weighing.read()))).code).toBe('scale_not_zeroed')
  })

  it('[MAG9] silence is an error in time; a late answer is not the next weight', async () => {
    await expectNoLateWeight(await started())
  })

  it('[MAG3] asked with S11 it answers a load at rest, and is silent otherwise', async () => {
    const bench = onABench(magellan, (clock) => createMagellanTwin({ clock }), { ask: 'S11' })
    expect((await settled(bench.clock, refusalOf(bench.device.start()))).code).toBe('answer_timeout')
    const loaded = onABench(magellan, (clock) => createMagellanTwin({ clock }), { ask: 'S11' })
    loaded.twin.order({ order: 'load', grams: 1_000 })
    await settled(loaded.clock, loaded.device.start())
    expect((await settled(loaded.clock, loaded.weighing.read())).weight).toBe('1.000')
    expect(new Set(loaded.twin.commands)).toEqual(new Set(['11']))
  })

  it('[MAG12] zero and tare are not in the language: refused with nothing sent', async () => {
    const { weighing, twin } = await started()
    const asked = twin.commands.length
    const attempt = newAttempt()
    for (const result of [
      weighing.zero(attempt),
      weighing.tare({}, attempt),
      weighing.tare({ weight: '1' }, attempt),
    ])
      expect(await result).toMatchObject({ state: 'failed', error: { code: 'payload_unsupported' } })
    expect([attempt.sent, twin.commands.length - asked]).toEqual([0, 0])
  })
})

describe('labels', () => {
  it('[MAG4] are told at once, idle or while a weight is asked for', async () => {
    const { clock, weighing, twin, scans } = await started({}, { answerMs: 100 })
    twin.order({ order: 'load', grams: 1_235 })
    twin.order({ order: 'scan', code: '4006381333931' })
    await clock.advance(0)
    expect(scans).toEqual([{ code: '4006381333931', symbology: 'ean13' }])
    const reading = weighing.read()
    await clock.advance(50)
    twin.order({ order: 'scan', code: '96385074' })
    await clock.advance(0)
    expect(scans.at(-1)).toEqual({ code: '96385074', symbology: 'ean8' })
    expect((await settled(clock, reading)).weight).toBe('1.235')
    expect(scans).toHaveLength(2)
  })

  it('[MAG4] a label that began before the question and ends after it is whole, and the answer comes after it', async () => {
    const { clock, weighing, twin, scans, wire } = await started()
    twin.order({ order: 'load', grams: 1_235 })
    wire.write(bytes('S08F400638'))
    await clock.advance(5)
    const reading = weighing.read()
    wire.write(bytes('1333931\r'))
    expect((await settled(clock, reading)).weight).toBe('1.235')
    expect(scans).toEqual([{ code: '4006381333931', symbology: 'ean13' }])
  })

  it.each([
    ['a weight', 'S08QRA\rS14409999\r'],
    ['a weight behind a longer tail', `S08QRA\r${'x'.repeat(60)}\rS14409999\r`],
    ['a zero', 'S08QRA\rS143\r'],
  ])('[MAG5] a label that pretends to be followed by %s is not believed', async (_, label) => {
    const { clock, weighing, twin, scans, wire } = await started({}, { answerMs: 60 })
    twin.order({ order: 'load', grams: 1_235 })
    const reading = weighing.read()
    await clock.advance(20)
    // As it comes over the line, piece after piece, one millisecond a character.
    for (const character of label) {
      wire.write(bytes(character))
      await clock.advance(1)
    }
    expect((await settled(clock, reading)).weight).toBe('1.235')
    expect(scans).toEqual([{ code: 'A', symbology: 'qr' }])
  })

  it('[MAG5] nor when the question is put between a long tail and what pretends to be the answer', async () => {
    const { clock, weighing, twin, wire } = await started({}, { answerMs: 60 })
    twin.order({ order: 'load', grams: 1_235 })
    const write = async (text: string) => {
      for (const character of text) {
        wire.write(bytes(character))
        await clock.advance(1)
      }
    }
    await write(`S08QRA\r${'x'.repeat(60)}\r`)
    const reading = weighing.read()
    await clock.advance(0)
    await write('S14409999\r')
    expect((await settled(clock, reading)).weight).toBe('1.235')
  })

  it('[MAG5] an answer right behind a label is asked for again, one later than the limit is believed', async () => {
    const { clock, weighing, twin } = await started({}, { answerMs: 40 })
    const asked = async (labelMsBefore: number) => {
      const before = twin.commands.length
      const reading = weighing.read()
      await clock.advance(40 - labelMsBefore)
      twin.order({ order: 'scan', code: '4006381333931' })
      await settled(clock, reading)
      await clock.advance(200)
      return twin.commands.length - before
    }
    expect(await asked(magellanLimits.behindLabelMs - 1)).toBe(2)
    expect(await asked(magellanLimits.behindLabelMs)).toBe(1)
  })

  it.each([0, 10, 35])(
    '[MAG6] twenty labels a second between six reads a second, answered after %i ms: nothing is lost, all is told once',
    async (answerMs) => {
      const { clock, weighing, twin, scans } = await started({}, { answerMs })
      twin.order({ order: 'load', grams: 1_235 })
      const codes = Array.from({ length: 100 }, (_, index) => `ART-${index}`)
      const reads: Promise<Weight>[] = []
      for (let ms = 0; ms < 5_000; ms++) {
        if (ms % 50 === 0) twin.order({ order: 'scan', code: codes[ms / 50] ?? '' })
        if (reads.length < 30 && ms >= (reads.length * 1000) / 6) reads.push(weighing.read())
        await clock.advance(1)
      }
      const weights = await settled(clock, Promise.all(reads))
      expect(weights.map(({ weight }) => weight)).toEqual(Array(30).fill('1.235'))
      expect(scans.map(({ code }) => code)).toEqual(codes)
    },
    30_000,
  )

  it('[MAG11] commands are sent only when they are set: on at the start, a beep after each label, none after a stop', async () => {
    const plain = await started()
    plain.twin.order({ order: 'scan', code: '4006381333931' })
    await plain.clock.advance(100)
    expect(new Set(plain.twin.commands)).toEqual(new Set(['14']))
    const { clock, twin, device, scans } = await started({ enableCommand: 'S01', beepCommand: 'S334' })
    twin.order({ order: 'scan', code: '4006381333931' })
    await clock.advance(100)
    expect(twin.commands).toEqual(['01', '14', '334'])
    await device.stop()
    twin.order({ order: 'scan', code: '4006381333931' })
    await clock.advance(100)
    expect([twin.commands.length, scans.length]).toEqual([3, 1])
  })

  it('[MAG1] [MAG4] with other characters for start, end and label it is the same', async () => {
    const own = { start: 'STX', end: 'ETX', label: 'L' }
    const { clock, weighing, twin, scans } = await started(own, { start: '\x02', end: '\x03', label: 'L' })
    twin.order({ order: 'load', grams: 500 })
    twin.order({ order: 'scan', code: 'a\rb', aim: ']Q1' })
    await clock.advance(100)
    expect((await settled(clock, weighing.read())).weight).toBe('0.500')
    expect(scans).toEqual([{ code: 'a\rb', symbology: 'qr' }])
  })
})

describe('the probe', () => {
  it('[MAG12] asks for the state, and a label that comes first does not mislead it', async () => {
    const { clock, transport, twin, wire } = onABench(magellan, (testClock) =>
      createMagellanTwin({ clock: testClock }),
    )
    wire.write(bytes('S08F4006381333931\r'))
    // Another language was asked before.
    await transport.write(Uint8Array.of(0x05))
    const asked = magellan.probe?.(transport, { clock, answerMsMax: 300 })
    expect(await settled(clock, asked as Promise<unknown>)).toEqual({ maker: 'Datalogic', certain: true })
    expect(twin.commands).toEqual(['14'])
  })

  it('[MAG12] does not take a scanner without a scale for one', async () => {
    const { clock, transport, wire } = onABench(magellan, (testClock) =>
      createMagellanTwin({ clock: testClock }),
    )
    wire.onBytes(() => wire.write(bytes('4006381333931\r')))
    const asked = magellan.probe?.(transport, { clock, answerMsMax: 300 })
    expect(await settled(clock, asked as Promise<unknown>)).toBeUndefined()
  })
})

it('[MAG13] the twin refuses orders that are neither for a scale nor a scanner', () => {
  const twin = createMagellanTwin({ clock: new TestClock() })
  expect(() => twin.order({ order: 'cover', open: true })).toThrow('params_invalid')
})

it('[MAG14] weighs and scans over a tty, one in the middle of the other', async () => {
  const twin = createMagellanTwin({ clock: systemClock })
  const tty = await ttyTwin(twin)
  const openTransport = createOpenTransport(systemClock, new MemoryPorts(systemClock))
  const transport = await openTransport(parsePortUrl(`serial:${tty.path}`), magellan.portDefaults)
  const told = newTold()
  const device = openDriver(magellan, transport, systemClock, { told })
  onTestFinished(async () => {
    await device.stop()
    await transport.close()
    twin.stop()
    await tty.stop()
  })
  expect(await magellan.probe?.(transport, { clock: systemClock, answerMsMax: 500 })).toMatchObject({
    certain: true,
  })
  await device.start()
  twin.order({ order: 'load', grams: 1_235 })
  const codes = Array.from({ length: 10 }, (_, index) => `ART-${index}`)
  for (const code of codes) {
    const reading = device.weighing?.read()
    twin.order({ order: 'scan', code })
    expect((await reading)?.weight).toBe('1.235')
  }
  await expect.poll(() => told.scans.map(({ code }) => code)).toEqual(codes)
})
