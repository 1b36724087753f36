/** Reading weights: fresh, shared rightly, patient with a moving load, and never old. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle, TestClock } from '../../support/clock.ts'
import { codeOf, settled } from '../../support/driver-bench.ts'
import { openScale } from './bench.ts'

const asked = (received: readonly number[]) => received.filter((byte) => byte === 0x57).length

describe('a fresh weight', () => {
  it('[TOL2] is what lies on the scale, in kilograms', async () => {
    const { twin, weighing, device } = openScale()
    await device.start()
    twin.order({ order: 'load', grams: 1_235 })
    const weight = await weighing.read()
    expect(weight).toEqual({
      weight: '1.235',
      unit: 'kg',
      stable: true,
      tare: false,
      at: '2026-01-02T03:04:05.000Z',
    })
  })

  it.each([
    [false, '2.72'],
    [true, '2.72'],
  ])('[TOL2] is in pounds with two decimals (leading zero %s)', async (leadingZero, shown) => {
    const { twin, weighing, device } = openScale({}, { twin: { unit: 'lb', leadingZero } })
    await device.start()
    twin.order({ order: 'load', grams: 1_234 })
    expect(await weighing.read()).toMatchObject({ weight: shown, unit: 'lb' })
  })

  it('[TOL2] has ten times the resolution when that is set', async () => {
    const { twin, weighing, device } = openScale({ hiRes: true })
    await device.start()
    twin.order({ order: 'load', grams: 1_234 })
    expect(await weighing.read()).toMatchObject({ weight: '1.2340', unit: 'kg' })
    expect(twin.received).not.toContain(0x57)
  })

  it('[TOL8] is asked for at each read: the load of before is never told', async () => {
    const { twin, weighing, device } = openScale()
    await device.start()
    for (const grams of [500, 0, 7_005, 7_005, 15_000]) {
      twin.order({ order: 'load', grams })
      const before = asked(twin.received)
      expect((await weighing.read()).weight).toBe((grams / 1_000).toFixed(3))
      expect(asked(twin.received)).toBe(before + 1)
    }
  })

  it('[TOL8] readers of the same moment share one question', async () => {
    const { twin, weighing, device } = openScale()
    await device.start()
    const before = asked(twin.received)
    const weights = await Promise.all([weighing.read(), weighing.read(), weighing.read()])
    expect(weights).toHaveLength(3)
    expect(asked(twin.received)).toBe(before + 1)
  })

  it('[TOL8] a reader who comes after the question was sent gets an answer to a later one', async () => {
    const { clock, twin, weighing, device } = openScale()
    await device.start()
    twin.fault({ kind: 'slow', ms: 100 })
    twin.order({ order: 'load', grams: 1_000 })
    const before = asked(twin.received)
    const first = weighing.read()
    await settle()
    expect(asked(twin.received)).toBe(before + 1)
    twin.order({ order: 'load', grams: 2_000 })
    const late = [weighing.read(), weighing.read()]
    expect((await settled(clock, first)).weight).toBe('1.000')
    expect((await settled(clock, Promise.all(late))).map(({ weight }) => weight)).toEqual(['2.000', '2.000'])
    expect(asked(twin.received)).toBe(before + 2)
  })

  it('[TOL9] an answer that comes after its time is never taken for that of the next question', async () => {
    for (const echo of [true, false]) {
      const { clock, twin, weighing, device } = openScale({ readMsMax: 1_000, echo })
      await device.start()
      twin.fault({ kind: 'slow', ms: 1_300 })
      twin.order({ order: 'load', grams: 1_000 })
      const lost = weighing.read()
      expect(await codeOf(settled(clock, lost))).toBe('answer_timeout')
      twin.order({ order: 'load', grams: 9_000 })
      // The lost answer comes after the next question could have left, and before its own answer.
      twin.fault({ kind: 'slow', ms: 400 })
      const told: string[] = []
      while (told.at(-1) !== '9.000' && told.length < 5)
        told.push(
          await settled(clock, weighing.read()).then(
            ({ weight }) => weight,
            ({ code }) => code,
          ),
        )
      // Without proof that the line is clean a read may run out of time; none ever gives the old weight.
      expect(told.slice(0, -1), `echo ${echo}`).toEqual(told.slice(0, -1).map(() => 'answer_timeout'))
      expect(told.at(-1), `echo ${echo}`).toBe('9.000')
    }
  })

  it('[TOL9] a scale whose answers always come late never gives an old weight', async () => {
    const { clock, twin, weighing, device } = openScale({ readMsMax: 500 })
    await device.start()
    twin.fault({ kind: 'slow', ms: 900 })
    for (let grams = 1_000; grams < 6_000; grams += 1_000) {
      twin.order({ order: 'load', grams })
      expect(await codeOf(settled(clock, weighing.read()))).toMatch(/^answer_(timeout|invalid)$/)
    }
    expect(asked(twin.received)).toBeGreaterThan(2)
  })

  it('[TOL9] bytes nobody asked for are dropped', async () => {
    const clock = new TestClock()
    const { twin, transport, weighing, device } = openScale({}, { clock })
    await device.start()
    const chatter = {
      write: (text: string) =>
        (transport as never as { receive(b: Uint8Array): void }).receive(Buffer.from(text)),
    }
    chatter.write('\x0209.999\r')
    twin.order({ order: 'load', grams: 1_000 })
    expect((await weighing.read()).weight).toBe('1.000')
  })

  it('[TOL2] is the same however the line cuts the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 3_000 }),
        async (chunkBytesMax, steps) => {
          const { twin, weighing, device } = openScale({}, { chunkBytesMax })
          await device.start()
          twin.order({ order: 'load', grams: steps * 5 })
          expect((await weighing.read()).weight).toBe(((steps * 5) / 1_000).toFixed(3))
          await device.stop()
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('what is not a weight', () => {
  it('[TOL10] over the capacity and under zero are errors of their own', async () => {
    const { twin, weighing, device } = openScale()
    await device.start()
    twin.order({ order: 'load', grams: 15_001 })
    expect(await codeOf(weighing.read())).toBe('scale_over')
    twin.order({ order: 'load', grams: -5 })
    expect(await codeOf(weighing.read())).toBe('scale_under')
  })

  it('[TOL10] a weight over the capacity that is set is an overload, at the edge', async () => {
    const { twin, weighing, device } = openScale({ capacity: '6.000' })
    await device.start()
    twin.order({ order: 'load', grams: 6_000 })
    expect((await weighing.read()).weight).toBe('6.000')
    twin.order({ order: 'load', grams: 6_005 })
    expect(await codeOf(weighing.read())).toBe('scale_over')
  })

  it('[TOL11] a moving load is waited for, and asked about no oftener than every 150 ms', async () => {
    const { clock, twin, weighing, device } = openScale({ motionMsMax: 2_000 })
    await device.start()
    twin.order({ order: 'motion', on: true })
    twin.order({ order: 'load', grams: 4_000 })
    const before = asked(twin.received)
    const reading = weighing.read()
    await clock.advance(1_000)
    expect(asked(twin.received) - before).toBe(7)
    twin.order({ order: 'motion', on: false })
    expect((await settled(clock, reading)).weight).toBe('4.000')
    expect(clock.monotonic()).toBeLessThanOrEqual(1_160)
  })

  it('[TOL11] a load that does not come to rest is an error after motionMsMax', async () => {
    const { clock, twin, weighing, device } = openScale({ motionMsMax: 600 })
    await device.start()
    twin.order({ order: 'motion', on: true })
    const started = clock.monotonic()
    expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_motion')
    expect(clock.monotonic() - started).toBeGreaterThan(400)
    expect(clock.monotonic() - started).toBeLessThanOrEqual(610)
  })

  it('[TOL11] with motionMsMax 0 it is an error at once', async () => {
    const { clock, twin, weighing, device } = openScale({ motionMsMax: 0 })
    await device.start()
    twin.order({ order: 'motion', on: true })
    expect(await codeOf(weighing.read())).toBe('scale_motion')
    expect(clock.monotonic()).toBe(0)
  })

  it('[TOL11] a load that swings over the capacity while it moves is judged at rest', async () => {
    const { clock, twin, weighing, device } = openScale()
    await device.start()
    twin.order({ order: 'motion', on: true })
    twin.order({ order: 'load', grams: 20_000 })
    const reading = weighing.read()
    await clock.advance(300)
    twin.order({ order: 'load', grams: 9_000 })
    twin.order({ order: 'motion', on: false })
    expect((await settled(clock, reading)).weight).toBe('9.000')
  })

  it('[TOL9] a silent scale is a timeout after readMsMax, not sooner and not later', async () => {
    const { clock, twin, weighing, device } = openScale({ readMsMax: 700 })
    await device.start()
    twin.order({ order: 'silent', on: true })
    let over = false
    const code = codeOf(weighing.read()).finally(() => {
      over = true
    })
    await clock.advance(699)
    expect(over).toBe(false)
    await clock.advance(1)
    expect(over).toBe(true)
    expect(await code).toBe('answer_timeout')
  })

  it.each(['garble', 'half', 'drop'] as const)(
    '[TOL7] one spoilt answer (%s) is asked for again',
    async (kind) => {
      const { clock, twin, weighing, device } = openScale()
      await device.start()
      twin.order({ order: 'load', grams: 1_500 })
      twin.fault({ kind, answers: 1 })
      const reading = settled(clock, weighing.read())
      // A lost STX looks like silence: nothing of the frame is an answer.
      if (kind === 'drop') expect(await codeOf(reading)).toBe('answer_timeout')
      else expect((await reading).weight).toBe('1.500')
      expect((await settled(clock, weighing.read())).weight).toBe('1.500')
    },
  )

  it('[TOL7] answers that stay spoilt are an error, within the time for an answer', async () => {
    const { clock, twin, weighing, device } = openScale({ readMsMax: 1_000 })
    await device.start()
    twin.fault({ kind: 'garble', answers: 1_000 })
    const started = clock.monotonic()
    expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_invalid')
    expect(clock.monotonic() - started).toBeLessThanOrEqual(1_000)
  })

  it('a lost cable rejects those who wait, and those who come', async () => {
    const { twin, weighing, device } = openScale()
    await device.start()
    twin.order({ order: 'silent', on: true })
    const waiting = [weighing.read(), weighing.read()].map(codeOf)
    await settle()
    twin.order({ order: 'plug', on: false })
    expect(await Promise.all(waiting)).toEqual(['port_closed', 'port_closed'])
    expect(await codeOf(weighing.read())).toBe('port_closed')
  })

  it('a stopped device rejects those who wait and leaves no timer', async () => {
    const { clock, twin, weighing, device } = openScale()
    await device.start()
    twin.order({ order: 'motion', on: true })
    weighing.watch(true)
    const waiting = codeOf(weighing.read())
    await settle()
    await device.stop()
    await device.stop()
    expect(await waiting).toBe('port_closed')
    await settle()
    expect(clock.pending).toBe(0)
  })
})
