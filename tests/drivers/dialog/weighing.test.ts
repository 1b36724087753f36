/** Weighings over Checkout Dialog: prices, tares, what the scale refuses, and lost answers. */
import { describe, expect, it } from 'vitest'
import { dialog } from '../../../src/drivers/scales/dialog/driver.ts'
import {
  createDialogTwin,
  type DialogTwin,
  type DialogTwinOptions,
} from '../../../src/drivers/scales/dialog/twin.ts'
import { TestClock } from '../../support/clock.ts'
import { newAttempt, refusalOf, settled } from '../../support/driver-bench.ts'
import { onABench, type ScaleBench } from '../../support/scale-on-a-bench.ts'
import { MemoryWire } from '../../support/twin-memory.ts'

type Bench = ScaleBench<DialogTwin>

async function started(
  settings: Record<string, unknown> = {},
  options: Partial<DialogTwinOptions> = {},
  wire: { chunkBytesMax?: number } = {},
): Promise<Bench> {
  const bench = onABench(
    dialog,
    (clock) => createDialogTwin({ clock, loadGrams: 1_500, ...options }),
    settings,
    wire,
  )
  await settled(bench.clock, bench.device.start())
  return bench
}

const read = ({ clock, weighing }: Bench, unitPrice?: string) =>
  settled(clock, weighing.read(unitPrice === undefined ? {} : { unitPrice }))
const refused = ({ clock, weighing }: Bench, unitPrice?: string) =>
  settled(clock, refusalOf(weighing.read(unitPrice === undefined ? {} : { unitPrice })))

/** Puts other goods on. */
function put({ twin }: Bench, grams: number): void {
  twin.order({ order: 'load', grams: 0 })
  twin.order({ order: 'load', grams })
}

describe('prices', () => {
  it('[DLG2] a weighing has the weight, the price that was asked with and what the scale computed', async () => {
    const bench = await started()
    expect(await read(bench, '12.99')).toEqual({
      weight: '1.500',
      unit: 'kg',
      stable: true,
      tare: false,
      unitPrice: '12.99',
      total: '19.49',
      at: expect.any(String),
    })
    expect(bench.twin.orders).toEqual([{ record: '01', price: '001299' }])
  })

  it('[DLG2] byte by byte, in pounds, and in five digits it is the same', async () => {
    const bench = await started(
      { priceDigits: 5, unit: 'lb' },
      { unit: 'lb', priceDigits: 5, loadGrams: 1_360 },
      { chunkBytesMax: 1 },
    )
    expect(await read(bench, '2')).toMatchObject({
      weight: '3.00',
      unit: 'lb',
      unitPrice: '2.00',
      total: '6.00',
    })
  })

  it('[DLG1] a price that the digits cannot hold is refused and nothing is sent', async () => {
    const bench = await started({}, { loadGrams: 100 })
    const sent = bench.twin.received.length
    for (const price of ['12.999', '10000.00', 'abc', '-1'])
      expect((await refused(bench, price)).code).toBe('payload_unsupported')
    expect(bench.twin.received.length).toBe(sent)
    expect(await read(bench, '9999.990')).toMatchObject({ unitPrice: '9999.99', total: '1000.00' })
  })

  it('[DLG3] without a price the one that stands in is sent, and neither it nor its total is told', async () => {
    const bench = await started()
    const weight = await read(bench)
    expect(weight).toMatchObject({ weight: '1.500' })
    expect(weight).not.toHaveProperty('unitPrice')
    expect(weight).not.toHaveProperty('total')
    const other = await started({ noPrice: '0.01' }, { zeroPriceRefused: true })
    await read(other)
    expect([bench.twin.orders, other.twin.orders].flat().map(({ price }) => price)).toEqual([
      '000000',
      '000001',
    ])
  })

  it('[DLG3] a scale that weighs only with a price says so, and may be set to be given none', async () => {
    const zero = await started({}, { zeroPriceRefused: true })
    expect(await refused(zero)).toMatchObject({
      code: 'payload_unsupported',
      text: expect.stringContaining('it weighs only with a price'),
    })
    const set = await started({ noPrice: 'refuse' })
    const sent = set.twin.received.length
    expect((await refused(set)).code).toBe('params_invalid')
    expect(set.twin.received.length).toBe(sent)
  })

  it('[DLG2] readers with one price share a weighing; another price gets its own', async () => {
    const bench = await started({}, { onceOnly: false })
    const { weighing, clock, twin } = bench
    const all = Promise.all(['1', '2', '1'].map((unitPrice) => weighing.read({ unitPrice })))
    expect((await settled(clock, all)).map(({ total }) => total)).toEqual(['1.50', '3.00', '1.50'])
    expect(twin.weighings).toBe(2)
  })
})

describe('what the scale refuses', () => {
  it.each([
    [0, 'scale_below_minimum'],
    [-200, 'scale_under'],
    [16_000, 'scale_over'],
  ])('[DLG4] a load of %i g is %s', async (grams, code) => {
    const bench = await started()
    put(bench, grams)
    expect((await refused(bench, '1')).code).toBe(code)
  })

  it('[DLG4] a moving load is asked about by EOT ENQ alone until it rests', async () => {
    const bench = await started()
    const { twin, clock, weighing } = bench
    twin.order({ order: 'motion', on: true })
    const reading = weighing.read({ unitPrice: '1' })
    await clock.advance(800)
    twin.order({ order: 'motion', on: false })
    expect(await settled(clock, reading)).toMatchObject({ weight: '1.500', total: '1.50' })
    expect(twin.orders).toHaveLength(1)
    const enquiries = twin.received.filter((byte) => byte === 0x05).length
    expect(enquiries).toBeGreaterThanOrEqual(4)
  })

  it('[DLG4] one that does not come to rest is scale_motion, and the next question begins with its price', async () => {
    const bench = await started({ motionMsMax: 500 })
    bench.twin.order({ order: 'motion', on: true })
    expect((await refused(bench, '1')).code).toBe('scale_motion')
    await bench.clock.advance(2_000)
    bench.twin.order({ order: 'motion', on: false })
    expect((await read(bench, '1')).total).toBe('1.50')
    expect(bench.twin.orders).toHaveLength(2)
  })

  it('[DLG4] [DLG5] the same goods twice are scale_not_moved; lifted and put on again they are weighed', async () => {
    const bench = await started()
    await read(bench, '1')
    expect(await refused(bench, '1')).toMatchObject({
      code: 'scale_not_moved',
      text: expect.stringContaining('Lift'),
    })
    put(bench, 1_500)
    expect((await read(bench, '1')).weight).toBe('1.500')
  })

  it('[DLG4] an error that may pass begins again from the price, and so often and no more', async () => {
    const clock = new TestClock()
    const wire = new MemoryWire()
    const bench = onABench(dialog, () => createDialogTwin({ clock, loadGrams: 1_500 }))
    await settled(bench.clock, bench.device.start())
    // A scale with a mind of its own: it takes no price, and says that the parity was wrong.
    bench.twin.attach(wire)
    let prices = 0
    bench.wire.onBytes((bytes) => {
      const text = String.fromCharCode(...bytes)
      const isPrice = text.includes('\x0201')
      if (isPrice) prices++
      bench.wire.write(
        Uint8Array.from(isPrice ? '\x15' : '\x0209\x1b02\x03', (character) => character.charCodeAt(0)),
      )
    })
    expect(await refused(bench, '1')).toMatchObject({
      code: 'answer_invalid',
      text: expect.stringContaining('status 02'),
    })
    expect(prices).toBeGreaterThanOrEqual(3)
    expect(prices % 3).toBe(0)
  })
})

describe('what uses up no weighing', () => {
  it('[DLG5] start, the look at an idle scale, the probe and the live view weigh nothing', async () => {
    const bench = await started()
    bench.weighing.watch(true)
    await bench.clock.advance(60_000)
    expect(bench.twin.orders).toEqual([])
    expect(bench.weights).toEqual([])
    const asked = bench.twin.received.length
    expect(asked).toBeGreaterThan(4 * 4)
    const weight = await read(bench, '1')
    expect(bench.weights).toEqual([weight])
    // Another till, the same goods put on again: no change.
    put(bench, 1_500)
    await Promise.all([read(bench, '1'), bench.weighing.read({ unitPrice: '1' })])
    expect(bench.weights).toHaveLength(1)
    bench.weighing.watch(false)
    put(bench, 500)
    await read(bench, '1')
    expect(bench.weights).toHaveLength(1)
    const probed = onABench(dialog, (clock) => createDialogTwin({ clock, loadGrams: 1_500 }))
    const answer = dialog.probe?.(probed.transport, { clock: probed.clock, answerMsMax: 300 })
    expect(await settled(probed.clock, answer as Promise<unknown>)).toEqual({ certain: true })
    expect(Buffer.from(probed.twin.received).toString('hex')).toBe('0402303803')
  })
})

describe('tare and zero', () => {
  it('[DLG6] a known tare travels with the next weighing, and only with that', async () => {
    const bench = await started()
    const attempt = newAttempt()
    expect(await bench.weighing.tare({ weight: '0.25' }, attempt)).toEqual({
      state: 'done',
      outcome: { confirmed: false },
    })
    expect(attempt.sent).toBe(0)
    expect(await read(bench, '2')).toMatchObject({ weight: '1.250', tare: true, total: '2.50' })
    put(bench, 1_500)
    expect(await read(bench, '2')).toMatchObject({ weight: '1.500', tare: false })
    expect(bench.twin.orders.map(({ record, tare }) => [record, tare])).toEqual([
      ['03', '0250'],
      ['01', undefined],
    ])
  })

  it('[DLG6] it is kept over an error, cleared by 0, and forgotten after tareKeepMs', async () => {
    const bench = await started({ tareKeepMs: 5_000 })
    const tare = (weight: string) => bench.weighing.tare({ weight }, newAttempt())
    await tare('0.25')
    put(bench, 0)
    await refused(bench, '1')
    put(bench, 1_500)
    expect((await read(bench, '1')).tare).toBe(true)
    await tare('0.25')
    await tare('0')
    put(bench, 1_500)
    expect((await read(bench, '1')).tare).toBe(false)
    await tare('0.25')
    await bench.clock.advance(5_000)
    put(bench, 1_500)
    expect((await read(bench, '1')).tare).toBe(false)
  })

  it('[DLG6] one for a scale that was let go is not kept, and not done', async () => {
    const bench = await started()
    await bench.device.stop()
    expect(await bench.weighing.tare({ weight: '0.1' }, newAttempt())).toMatchObject({ state: 'failed' })
  })

  it('[DLG6] what four digits cannot hold, the load, and zero are refused and nothing is sent', async () => {
    const bench = await started()
    const sent = bench.twin.received.length
    const attempt = newAttempt()
    for (const payload of [{}, { weight: '10' }])
      expect(await bench.weighing.tare(payload, attempt)).toMatchObject({
        state: 'failed',
        error: { code: 'payload_unsupported' },
      })
    expect(await bench.weighing.zero(attempt)).toMatchObject({
      state: 'failed',
      error: { code: 'payload_unsupported' },
    })
    expect([attempt.sent, bench.twin.received.length - sent]).toEqual([0, 0])
  })
})

describe('lost answers', () => {
  it('[DLG9] silence is answer_timeout in time; afterwards record 08 comes before the price, and nothing is weighed twice', async () => {
    const bench = await started()
    bench.twin.order({ order: 'silent', on: true })
    const begun = bench.clock.monotonic()
    expect((await refused(bench, '1')).code).toBe('answer_timeout')
    expect(bench.clock.monotonic() - begun).toBeLessThanOrEqual(510)
    bench.twin.order({ order: 'silent', on: false })
    const from = bench.twin.received.length
    expect((await read(bench, '1')).weight).toBe('1.500')
    expect(Buffer.from(bench.twin.received.slice(from, from + 5)).toString('hex')).toBe('0402303803')
    expect(bench.twin.weighings).toBe(1)
  })

  it('[DLG9] byte by byte, as a serial line has it, it is found again after a lost answer', async () => {
    const bench = await started({}, { onceOnly: false }, { chunkBytesMax: 1 })
    bench.twin.order({ order: 'silent', on: true })
    expect((await refused(bench, '1')).code).toBe('answer_timeout')
    bench.twin.order({ order: 'silent', on: false })
    expect((await read(bench, '1')).weight).toBe('1.500')
  })

  it('[DLG9] a weighing that comes late is not taken for the next one', async () => {
    const bench = await started({}, { onceOnly: false })
    const { twin, clock } = bench
    twin.order({ order: 'fault', fault: 'slow' })
    expect((await refused(bench, '1')).code).toBe('answer_timeout')
    // The late ACK is on its way when the next question is put.
    await clock.advance(4_300)
    twin.order({ order: 'fault', fault: 'none' })
    twin.order({ order: 'load', grams: 2_000 })
    expect(await read(bench, '1')).toMatchObject({ weight: '2.000', total: '2.00' })
  })

  it('[DLG9] two lost answers are the fault not_responding, which the next answer mends', async () => {
    const bench = await started()
    bench.twin.order({ order: 'silent', on: true })
    await bench.clock.advance(15_000)
    bench.twin.order({ order: 'silent', on: false })
    await bench.clock.advance(5_000)
    expect(bench.faults.map((faults) => faults.map(({ code }) => code))).toEqual([['not_responding'], []])
  })
})

describe('the twin', () => {
  it('[DLG11] answers the bytes of the manual, and gives each load once', () => {
    const clock = new TestClock()
    const twin = createDialogTwin({ clock, loadGrams: 1_500 })
    const wire = new MemoryWire()
    twin.attach(wire)
    const say = (text: string) => {
      wire.send(Uint8Array.from(text, (character) => character.charCodeAt(0)))
      return Buffer.from(wire.answers.splice(0)).toString('latin1')
    }
    expect(say('\x04\x0201\x1b001299\x1b\x03')).toBe('\x06')
    expect(say('\x04\x05')).toBe('\x0202\x1b3\x1b01500\x1b001299\x1b001949\x03')
    say('\x04\x0201\x1b001299\x1b\x03')
    expect(say('\x04\x05')).toBe('\x15')
    expect(say('\x04\x0208\x03')).toBe('\x0209\x1b21\x03')
    expect(say('\x04\x0204\x1b001299\x1bApples\x03')).toBe('\x06')
    expect(say('\x04\x0205\x1b001299\x1b0100\x1bApples\x03')).toBe('\x06')
    expect(twin.orders.at(-1)).toEqual({ record: '05', price: '001299', tare: '0100', text: 'Apples' })
    for (const [wrong, status] of [
      ['01\x1b1299\x1b', '11'],
      ['03\x1b001299\x1b25', '12'],
      ['04\x1b001299\x1bmore than thirteen', '13'],
      ['07', '10'],
    ]) {
      expect(say(`\x04\x02${wrong}\x03`)).toBe('\x15')
      expect(say('\x04\x0208\x03')).toBe(`\x0209\x1b${status}\x03`)
    }
  })

  it('[DLG11] refuses orders that are not for a scale', () => {
    const twin = createDialogTwin({ clock: new TestClock() })
    expect(() => twin.order({ order: 'scan', code: '1' })).toThrow('params_invalid')
  })
})
