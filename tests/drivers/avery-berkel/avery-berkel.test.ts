/** Avery Berkel: the bytes of the manual, readings, zero and tare, against a twin and over a tty. */
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type AnswerRules,
  decodeData,
  parseAnswer,
  requests,
  tareRequest,
  zeroRequest,
} from '../../../src/drivers/scales/avery-berkel/codec.ts'
import { averyBerkel } from '../../../src/drivers/scales/avery-berkel/driver.ts'
import { createEar } from '../../../src/drivers/scales/avery-berkel/language.ts'
import {
  type AveryBerkelTwin,
  type AveryBerkelTwinOptions,
  createAveryBerkelTwin,
} from '../../../src/drivers/scales/avery-berkel/twin.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import { TestClock } from '../../support/clock.ts'
import { newAttempt, openDriver, refusalOf, settled } from '../../support/driver-bench.ts'
import { expectNoLateWeight, onABench, type ScaleBench } from '../../support/scale-on-a-bench.ts'
import { MemoryWire } from '../../support/twin-memory.ts'
import { ttyTwin } from '../../support/twin-pty.ts'

const hex = (bytes: Uint8Array | readonly number[]) => Buffer.from(bytes).toString('hex')
const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const rules: AnswerRules = { stripParity: true, bcc: 'xor' }
const done = (confirmed: boolean) => ({ state: 'done', outcome: { confirmed } })
const failed = (code: string) => ({ state: 'failed', error: { code } })

async function started(
  settings: Record<string, unknown> = {},
  options: Partial<AveryBerkelTwinOptions> = {},
): Promise<ScaleBench<AveryBerkelTwin>> {
  const bench = onABench(averyBerkel, (clock) => createAveryBerkelTwin({ clock, ...options }), settings)
  await settled(bench.clock, bench.device.start())
  return bench
}

describe('bytes', () => {
  it('[AVB1] zero and tare have the check bytes that the manual names, Z and N', () => {
    expect(hex(zeroRequest('xor'))).toBe('025a0000000000035a')
    expect(hex(tareRequest('xor'))).toBe('024e0000000000034e')
    expect(hex(zeroRequest('xor-with-etx'))).toBe('025a00000000000359')
    expect([...requests.enquiry, ...requests.data, ...requests.compared]).toEqual([0x05, 0x11, 0x0d])
  })

  it.each([
    ['06', { kind: 'ack' }],
    ['18', { kind: 'can' }],
    ['15', { kind: 'nak' }],
    ['00', { kind: 'nothing' }],
    // 29 ^ 30 31 32 33 35 = 1c
    ['02293031323335' + '1c' + '03', { kind: 'data', id: 0x29, digits: '01235' }],
  ])('[AVB4] %s is read', (bytes, read) => {
    expect(parseAnswer(fromHex(bytes), rules)).toEqual(read)
  })

  it.each([
    ['a wrong check byte', '022930313233351d03'],
    ['an id byte without its ones', '020930313233350c03'],
    ['a letter in the digits', '022930413233355c03'],
    ['no ETX', '022930313233352c04'],
    ['another control byte', '07'],
  ])('[AVB4] %s is no answer', (_, bytes) => {
    expect(parseAnswer(fromHex(bytes), rules).kind).toBe('invalid')
  })

  it('[AVB4] without a look at the check byte a wrong one passes', () => {
    expect(parseAnswer(fromHex('022930313233351d03'), { ...rules, bcc: 'off' }).kind).toBe('data')
    expect(parseAnswer(fromHex('022930313233351f03'), { ...rules, bcc: 'xor-with-etx' }).kind).toBe('data')
  })

  const auto = { unit: 'auto', decimals: 'auto' } as const
  it.each([
    [0x29, '01235', auto, { weight: '1.235', unit: 'kg' }],
    [0x2a, '00272', auto, { weight: '2.72', unit: 'lb' }],
    [0x2b, '05998', auto, { weight: '5.998', unit: 'kg' }],
    [0x68, '12340', { unit: 'kg', decimals: 3 }, { weight: '12.340', unit: 'kg' }],
    [0x68, '12340', auto, { kind: 'invalid' }],
    [0x29, '01235', { unit: 'lb', decimals: 'auto' }, { kind: 'invalid' }],
  ] as const)('[AVB2] the id byte %i with %s is %j: %j', (id, digits, format, read) => {
    expect(decodeData({ id, digits }, format)).toMatchObject(read)
  })

  it('[AVB3] the range bit without digits is under, with digits over', () => {
    expect(decodeData({ id: 0x39, digits: '00000' }, auto)).toEqual({ kind: 'under' })
    expect(decodeData({ id: 0x39, digits: '15005' }, auto)).toEqual({ kind: 'over' })
  })

  it('[AVB10] any bytes are an answer or none, and the framer finds data behind any noise once it is reset', () => {
    const data = fromHex('022930313233351c03')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (noise, stripParity) => {
        expect(parseAnswer(noise, { ...rules, stripParity }).kind).toBeTypeOf('string')
        const { framer, parse } = createEar({ stripParity, bcc: 'xor' })
        for (const frame of framer.push(noise)) parse(frame)
        framer.reset()
        expect(framer.push(data)).toEqual([data])
      }),
    )
  })

  it('[AVB2] what the twin writes for any load is read back to the division', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6_000 }), fc.constantFrom('15kg', '6kg'), (grams, capacity) => {
        const twin = createAveryBerkelTwin({ clock: new TestClock(), capacity })
        const wire = new MemoryWire()
        twin.attach(wire)
        twin.order({ order: 'load', grams })
        wire.send(Uint8Array.of(0x11))
        const answer = parseAnswer(Uint8Array.from(wire.answers), rules)
        if (answer.kind !== 'data') return expect.unreachable(answer.kind)
        const step = capacity === '15kg' ? 5 : 2
        const shown = Math.round(grams / step) * step
        expect(decodeData(answer, auto)).toEqual({
          kind: 'weight',
          weight: (shown / 1000).toFixed(3),
          unit: 'kg',
        })
      }),
    )
  })
})

describe('reading', () => {
  it('[AVB6] a weight is asked for twice, and the scale is told that both were the same', async () => {
    const { clock, weighing, twin } = await started()
    twin.order({ order: 'load', grams: 1_235 })
    const from = twin.received.length
    expect(await settled(clock, weighing.read())).toMatchObject({
      weight: '1.235',
      unit: 'kg',
      stable: true,
      tare: false,
    })
    expect(hex(twin.received.slice(from))).toBe('0511110d')
    expect(twin.compared).toBe(2)
  })

  it('[AVB6] or sent back to be compared, or believed at once', async () => {
    const echo = await started({ confirm: 'echo' }, { compares: true })
    echo.twin.order({ order: 'load', grams: 1_235 })
    const from = echo.twin.received.length
    expect((await settled(echo.clock, echo.weighing.read())).weight).toBe('1.235')
    expect(hex(echo.twin.received.slice(from))).toBe('0511' + '022930313233351c03')
    const off = await started({ confirm: 'off' })
    const begun = off.twin.received.length
    expect((await settled(off.clock, off.weighing.read())).weight).toBe('0.000')
    expect(hex(off.twin.received.slice(begun))).toBe('0511')
  })

  it('[AVB6] two different weights, or one that the scale does not confirm, are none', async () => {
    const twice = await started()
    let answers = 0
    twice.wire.onBytes(([byte]) => {
      const weight = answers++ % 2 === 0 ? '022930313233351c03' : '022930313234301e03'
      if (byte !== 0x0d) twice.wire.write(byte === 0x05 ? Uint8Array.of(0x06) : fromHex(weight))
    })
    expect(await settled(twice.clock, refusalOf(twice.weighing.read()))).toMatchObject({
      code: 'answer_invalid',
      text: expect.stringContaining('two different weights'),
    })
    const echo = await started({ confirm: 'echo' }, { compares: true })
    echo.wire.onBytes((bytes) => {
      const answer = bytes[0] === 0x11 ? fromHex('022930313233351c03') : Uint8Array.of(0x06)
      echo.wire.write(answer)
    })
    expect(await settled(echo.clock, refusalOf(echo.weighing.read()))).toMatchObject({
      code: 'answer_invalid',
      text: expect.stringContaining('did not confirm'),
    })
  })

  it.each([0x18, 0x00])(
    '[AVB5] while it answers %i the load moves: its rest is waited for',
    async (whileMoving) => {
      const { clock, weighing, twin } = await started({ motionMsMax: 1_000 }, { whileMoving })
      twin.order({ order: 'load', grams: 500 })
      twin.order({ order: 'motion', on: true })
      const reading = weighing.read()
      await clock.advance(600)
      twin.order({ order: 'motion', on: false })
      expect((await settled(clock, reading)).weight).toBe('0.500')
      twin.order({ order: 'motion', on: true })
      expect((await settled(clock, refusalOf(weighing.read()))).code).toBe('scale_motion')
    },
  )

  it('[AVB3] too much is scale_over, less than nothing scale_under', async () => {
    const { clock, weighing, twin } = await started()
    twin.order({ order: 'load', grams: 16_000 })
    expect((await settled(clock, refusalOf(weighing.read()))).code).toBe('scale_over')
    twin.order({ order: 'load', grams: -100 })
    expect((await settled(clock, refusalOf(weighing.read()))).code).toBe('scale_under')
  })

  it('[AVB9] silence is an error in time, and a late answer is not the next weight', async () => {
    const bench = await started()
    const { clock, weighing, twin } = bench
    twin.order({ order: 'load', grams: 500 })
    twin.order({ order: 'silent', on: true })
    const begun = clock.monotonic()
    expect((await settled(clock, refusalOf(weighing.read()))).code).toBe('answer_timeout')
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(510)
    twin.order({ order: 'silent', on: false })
    await clock.advance(20_000)
    await expectNoLateWeight(bench)
  })

  it('[AVB10] a scale of 7E1 behind an adapter of 8N1 is read', async () => {
    const { clock, weighing, twin } = await started({}, { parityBit: true, capacity: '30lb' })
    twin.order({ order: 'load', grams: 1_360 })
    expect(await settled(clock, weighing.read())).toMatchObject({ weight: '3.00', unit: 'lb' })
  })
})

describe('zero and tare', () => {
  it.each([true, false])(
    '[AVB7] zero is done when the scale shows it (with ACK: %s)',
    async (acknowledges) => {
      const { clock, weighing, twin } = await started({}, { acknowledges })
      twin.order({ order: 'load', grams: 100 })
      const attempt = newAttempt()
      expect(await settled(clock, weighing.zero(attempt))).toEqual(done(true))
      expect(attempt.sent).toBe(1)
      expect((await settled(clock, weighing.read())).weight).toBe('0.000')
      twin.order({ order: 'load', grams: 2_000 })
      expect(await settled(clock, weighing.zero(newAttempt()))).toMatchObject(failed('scale_not_zeroed'))
    },
  )

  it('[AVB8] the load is tared when the scale shows zero; then weights are net and zero means nothing', async () => {
    const { clock, weighing, twin } = await started()
    expect(await settled(clock, weighing.tare({}, newAttempt()))).toMatchObject(failed('tare_refused'))
    twin.order({ order: 'load', grams: 250 })
    expect(await settled(clock, weighing.tare({}, newAttempt()))).toEqual(done(true))
    expect(await settled(clock, weighing.zero(newAttempt()))).toMatchObject(failed('scale_not_zeroed'))
    twin.order({ order: 'load', grams: 1_485 })
    expect(await settled(clock, weighing.read())).toMatchObject({ weight: '1.235', tare: true })
  })

  it('[AVB8] a known tare, clearing one, and commands that are switched off are refused with nothing sent', async () => {
    const { weighing, twin } = await started()
    const attempt = newAttempt()
    const sent = twin.received.length
    for (const weight of ['0', '0.250'])
      expect(await weighing.tare({ weight }, attempt)).toMatchObject(failed('payload_unsupported'))
    expect(twin.received.length).toBe(sent)
    const off = await started({ commands: false })
    for (const result of [off.weighing.zero(attempt), off.weighing.tare({}, attempt)])
      expect(await result).toMatchObject(failed('payload_unsupported'))
    expect(attempt.sent).toBe(0)
  })

  it('[AVB7] a scale that falls silent after the command leaves the outcome unknown', async () => {
    const { clock, weighing, twin } = await started()
    twin.order({ order: 'silent', on: true })
    expect(await settled(clock, weighing.zero(newAttempt()))).toMatchObject({ state: 'unknown' })
  })
})

describe('the twin', () => {
  it('[AVB12] compares what is sent back, and takes no command with a wrong check byte', () => {
    const twin = createAveryBerkelTwin({ clock: new TestClock(), compares: true })
    const wire = new MemoryWire()
    twin.attach(wire)
    twin.order({ order: 'load', grams: 100 })
    const say = (bytes: string) => {
      wire.send(fromHex(bytes))
      return wire.take()
    }
    expect([say('05'), say('11'), say('022930303130301803')]).toEqual(['06', '022930303130301803', '0d'])
    expect([say('05'), say('11'), say('022930303230301b03')]).toEqual(['06', '022930303130301803', '06'])
    expect(say('025a00000000000359')).toBe('15')
    expect(() => twin.order({ order: 'scan', code: '1' })).toThrow('params_invalid')
  })
})

it('[AVB11] [AVB13] is found by ENQ and DC1 and weighs over a tty', async () => {
  const twin = createAveryBerkelTwin({ clock: systemClock })
  const tty = await ttyTwin(twin)
  const openTransport = createOpenTransport(systemClock, new MemoryPorts(systemClock))
  const transport = await openTransport(parsePortUrl(`serial:${tty.path}`), averyBerkel.portDefaults)
  const device = openDriver(averyBerkel, transport, systemClock)
  onTestFinished(async () => {
    await device.stop()
    await transport.close()
    twin.stop()
    await tty.stop()
  })
  expect(await averyBerkel.probe?.(transport, { clock: systemClock, answerMsMax: 500 })).toEqual({
    certain: true,
  })
  expect(hex(twin.received)).toBe('0511')
  await device.start()
  twin.order({ order: 'load', grams: 1_235 })
  expect(await device.weighing?.read()).toMatchObject({ weight: '1.235', unit: 'kg' })
  expect(await device.weighing?.tare({}, newAttempt())).toEqual(done(true))
})
