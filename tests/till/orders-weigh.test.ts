/** Weighing: what the scale gives counts, in the unit of the product, once, and for one line. */
import { describe, expect, it } from 'vitest'
import { HubError } from '../../src/protocol/errors.ts'
import { orderLimits } from '../../src/till/orders/parts.ts'
import {
  call,
  failure,
  line,
  openShop,
  order,
  type ShopBench,
  save,
  sellNow,
  staff,
} from './orders-support.ts'

const weigh = (bench: ShopBench, id: string, more: object = {}) =>
  call(bench, 'weigh', { id, register: 'r1', product: 'apples', ...more })

describe('weighing', () => {
  it('[R39] the net weight in the unit of the product, its price and what it comes to', async () => {
    const bench = await openShop()
    Object.assign(bench.scale, { weight: '1.2345', unit: 'kg' })
    expect(await weigh(bench, 'w1', { tare: '0.0300' })).toEqual({
      ...{ weighing: 'w1', gross: '1.2345', tare: '0.0300', net: '1.205', price: '2.99', total: 360 },
    })
    const units: [weight: string, unit: string, net: string][] = [
      ['345', 'g', '0.345'],
      ['2', 'lb', '0.907'],
      ['8', 'oz', '0.227'],
    ]
    for (const [index, [weight, unit, net]] of units.entries()) {
      Object.assign(bench.scale, { weight, unit })
      expect((await weigh(bench, `u${index}`)).net).toBe(net)
    }
    Object.assign(bench.scale, { weight: '1.7', unit: 'kg' })
    expect(await weigh(bench, 'w2', { product: 'crate' })).toMatchObject({
      gross: '3.4',
      net: '3.5',
      total: 420,
    })
  })

  it('[R39] what cannot be weighed is told with its path', async () => {
    const bench = await openShop({ register: { scale: undefined } })
    const wrong = (more: object) => failure(weigh(bench, 'w1', { device: 'scale-9', ...more }))
    expect(await failure(weigh(bench, 'w1'))).toEqual({ code: 'till_invalid', path: 'device' })
    expect(await wrong({ product: 'bread' })).toEqual({ code: 'till_invalid', path: 'product' })
    expect(await wrong({ product: 'nothing' })).toEqual({ code: 'till_unknown', path: 'product' })
    expect(await wrong({ register: 'r9' })).toEqual({ code: 'till_unknown', path: 'register' })
    expect(await wrong({ tare: '-1' })).toEqual({ code: 'till_invalid', path: 'tare' })
    expect(await wrong({ device: 'nothing' })).toEqual({ code: 'device_unknown', path: 'device' })
    expect(await wrong({ device: 'printer-1' })).toEqual({ code: 'capability_missing', path: 'device' })
    expect(bench.scale.reads).toBe(0)
    expect(await wrong({ tare: '0.5' })).toEqual({ code: 'till_invalid', path: 'tare' })
    bench.scale.unit = 'stone'
    expect(await wrong({})).toEqual({ code: 'till_invalid', path: 'device' })
    bench.scale.fails = new HubError('scale_motion')
    expect(await wrong({})).toEqual({ code: 'scale_motion' })
  })

  it('[R39] the same id again is the same weighing; one that failed may be tried again', async () => {
    const bench = await openShop()
    bench.scale.fails = new HubError('scale_motion')
    expect((await failure(weigh(bench, 'w1'))).code).toBe('scale_motion')
    delete bench.scale.fails
    const both = await Promise.all([weigh(bench, 'w1'), weigh(bench, 'w1')])
    bench.scale.weight = '9'
    expect([...both, await weigh(bench, 'w1')].map(({ net }) => net)).toEqual(['0.5', '0.5', '0.5'])
    expect(bench.scale.reads).toBe(2)
    expect((await failure(weigh(bench, 'w1', { tare: '0.1' }))).code).toBe('till_conflict')
  })

  it('[R40] a line that names a weighing has its product and quantity, and no other line has it', async () => {
    const bench = await openShop()
    await weigh(bench, 'w1')
    const apples = line('apples', '0.5', { weighing: 'w1' })
    const path = async (id: string, lines: object[]) => (await failure(save(bench, id, lines))).path
    expect(await path('o1', [{ ...apples, quantity: '0.6' }])).toBe('lines.0.quantity')
    expect(await path('o1', [{ ...apples, product: 'crate' }])).toBe('lines.0.weighing')
    expect(await path('o1', [{ ...apples, weighing: 'w2' }])).toBe('lines.0.weighing')
    expect(await path('o1', [apples, { ...apples, id: 'twin' }])).toBe('lines.0.weighing')
    expect((await save(bench, 'o1', [apples])).lines[0]).toMatchObject({ weighing: 'w1', gross: 150 })
    expect(await path('o2', [{ ...apples, id: 'other' }])).toBe('lines.0.weighing')
    const again = { version: 1, order: order('o1', [apples, line('bread')]) }
    expect((await call(bench, 'save', again)).version).toBe(2)
    const sold = await sellNow(bench, 'o1', [apples])
    expect(sold.lines[0]?.weighing).toBe('w1')
  })

  it('[R40] a weighing that was paid for at once counts for no further order', async () => {
    const bench = await openShop()
    await weigh(bench, 'w1')
    const apples = line('apples', '0.5', { weighing: 'w1' })
    await sellNow(bench, 'o1', [apples])
    expect(await failure(sellNow(bench, 'o2', [apples]))).toEqual({
      code: 'till_invalid',
      path: 'lines.0.weighing',
    })
    expect((await failure(save(bench, 'o3', [apples]))).code).toBe('till_invalid')
  })

  it('[R40] a weighed line that moved to another bill can be changed and paid there', async () => {
    const bench = await openShop()
    await weigh(bench, 'w1')
    const apples = line('apples', '0.5', { weighing: 'w1' })
    await save(bench, 'o1', [apples, line('bread')])
    const lines = [{ line: apples.id, quantity: '0.5' }]
    await call(bench, 'split', { id: 'o1', version: 1, into: 'o2', lines })
    expect((await failure(save(bench, 'o3', [apples]))).code).toBe('till_invalid')
    const more = { version: 1, order: order('o2', [apples, line('bread')]) }
    expect((await call(bench, 'save', more)).lines[0]).toMatchObject({ weighing: 'w1', gross: 150 })
    await save(bench, 'o4', [line('soup')])
    await call(bench, 'merge', { from: 'o2', into: 'o4' })
    const { draft } = await call(bench, 'get', { id: 'o4' })
    expect(draft?.lines.find(({ weighing }) => weighing === 'w1')?.id).toBe(apples.id)
    expect((await failure(save(bench, 'o5', [apples]))).code).toBe('till_invalid')
    expect((await sellNow(bench, 'o4', [apples])).lines[0]?.weighing).toBe('w1')
  })

  it('[R40] weighings are forgotten by age and by number; the line that has one keeps it', async () => {
    const bench = await openShop()
    await weigh(bench, 'w1')
    await weigh(bench, 'w2')
    const apples = line('apples', '0.5', { weighing: 'w1' })
    await save(bench, 'o1', [apples])
    await bench.clock.advance(orderLimits.weighingMsMax)
    expect((await save(bench, 'o2', [line('apples', '0.5', { weighing: 'w2' })])).version).toBe(1)
    await weigh(bench, 'w3')
    await bench.clock.advance(orderLimits.weighingMsMax + 1)
    const late = save(bench, 'o3', [line('apples', '0.5', { weighing: 'w3' })])
    expect(await failure(late)).toEqual({ code: 'till_invalid', path: 'lines.0.weighing' })
    const kept = { version: 1, order: order('o1', [apples]) }
    expect((await call(bench, 'save', kept)).lines[0]?.weighing).toBe('w1')

    await weigh(bench, 'first')
    for (let index = 1; index < orderLimits.weighingsMax; index++) await weigh(bench, `x${index}`)
    const oldest = line('apples', '0.5', { weighing: 'first' })
    expect((await call(bench, 'save', { version: 0, order: order('o4', [oldest]) })).version).toBe(1)
    await weigh(bench, 'one-more')
    const gone = save(bench, 'o5', [line('apples', '0.5', { weighing: 'first' })])
    expect(await failure(gone)).toEqual({ code: 'till_invalid', path: 'lines.0.weighing' })
  })

  it('[R41] where only scales weigh, a weight that was typed in needs a manager', async () => {
    const bench = await openShop({ register: { weighOnly: true } })
    const { cashier, manager, minimal } = await staff(bench)
    const typed = line('apples', '0.5')
    const saved = (login: string, lines: object[], version = 0) =>
      call(bench, 'save', { version, login, order: order('o1', lines) })
    expect(await failure(saved(cashier, [typed]))).toEqual({
      code: 'right_missing',
      path: 'lines.0.quantity',
    })
    expect((await saved(manager, [typed])).version).toBe(1)
    await call(bench, 'weigh', { id: 'w1', register: 'r1', product: 'apples', login: minimal })
    const weighed = line('apples', '0.5', { weighing: 'w1' })
    expect((await saved(minimal, [typed, weighed, line('bread')], 1)).version).toBe(2)
  })
})
