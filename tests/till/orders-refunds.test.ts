/** Refunds: what comes back is what was paid, once, and never more than was sold. */
import { describe, expect, it } from 'vitest'
import { catalogueSchemas } from '../../src/protocol/till/catalogue.ts'
import {
  call,
  cash,
  failure,
  line,
  openShop,
  order,
  type ShopBench,
  save,
  sellNow,
  staff,
} from './orders-support.ts'

const refund = (bench: ShopBench, id: string, of: string, more: object = {}) =>
  call(bench, 'refund', { id, register: 'r1', order: of, ...more })

const payBack = (
  bench: ShopBench,
  { id, version, totals }: { id: string; version: number; totals: { total: number } },
) => call(bench, 'pay', { id, version, expectedTotal: totals.total, payments: [cash(totals.total)] })

describe('refunds of an order', () => {
  it('[R34] everything comes back at what was paid: the two orders add up to nothing', async () => {
    const bench = await openShop()
    const lines = [
      line('wine', '3', { discount: '12.5' }),
      line('bread', '7', { price: '1.99' }),
      line('phone', '1', { lots: ['A1'] }),
      line('repair'),
    ]
    const sold = await sellNow(bench, 'o1', lines, { discount: '7', customer: 'ines', tip: 150 })
    // Neither prices nor taxes of today count.
    const wine = { id: 'wine', name: 'Wine', price: '99', taxes: ['t9'], active: false }
    await bench.catalogue.apply([{ kind: 'product', thing: catalogueSchemas.product.parse(wine) }])
    const draft = await refund(bench, 'f1', 'o1')
    expect(draft).toMatchObject({ customer: 'ines', rules: sold.rules, version: 1 })
    expect(draft.lines.find(({ product }) => product === 'phone')).toMatchObject({
      ...{ quantity: '-1', lots: ['A1'], priceKind: 'original' },
      refundOf: { order: 'o1', line: lines[2]?.id },
    })
    const { total, net, tax } = draft.totals
    expect([total, net, tax]).toEqual([-sold.totals.total, -sold.totals.net, -sold.totals.tax])
    expect(draft.totals.taxes.map(({ tax, base, amount }) => [tax, base, amount])).toEqual(
      sold.totals.taxes.map(({ tax, base, amount }) => [tax, 0 - base, 0 - amount]),
    )
    const back = await payBack(bench, draft)
    expect(back).toMatchObject({ refund: true, number: 2, paid: -sold.paid })
    const { rows } = await bench.store.till.reports.report({
      ...{ by: 'product', from: '2026-11-23', until: '2026-11-23', limit: 50 },
    })
    expect(rows.filter((row) => row.total !== 0 || row.quantityE6 !== 0)).toEqual([])
    expect((await call(bench, 'get', { id: 'o1' })).sold?.refunded).toEqual(
      Object.fromEntries(lines.map(({ id, quantity }) => [id, quantity])),
    )
  })

  it('[R34] asked again, the draft is the same; another one under its id is a conflict', async () => {
    const bench = await openShop()
    await sellNow(bench, 'o1', [line('bread', '2')])
    const [one, two] = await Promise.all([refund(bench, 'f1', 'o1'), refund(bench, 'f1', 'o1')])
    expect(two).toEqual(one)
    expect(await refund(bench, 'f1', 'o1')).toEqual(one)
    await sellNow(bench, 'o2', [line('bread', '2')])
    expect((await failure(refund(bench, 'f1', 'o2'))).code).toBe('till_conflict')
    expect(await failure(refund(bench, 'f2', 'o9'))).toEqual({ code: 'till_unknown', path: 'order' })
  })

  it('[R35] no more comes back than was sold, over all refunds and all tills', async () => {
    const bench = await openShop()
    const bread = line('bread', '5')
    await sellNow(bench, 'o1', [bread])
    const wanted = (quantity: string) => ({ lines: [{ line: bread.id, quantity }] })
    expect((await failure(refund(bench, 'f0', 'o1', wanted('6')))).code).toBe('refund_exceeded')
    const [one, two] = await Promise.all([
      refund(bench, 'f1', 'o1', wanted('3')),
      refund(bench, 'f2', 'o1', wanted('3')),
    ])
    await payBack(bench, one)
    expect((await failure(payBack(bench, two))).code).toBe('refund_exceeded')
    const rest = await refund(bench, 'f3', 'o1')
    expect(rest.lines.map(({ quantity }) => quantity)).toEqual(['-2'])
    await payBack(bench, rest)
    expect(await failure(refund(bench, 'f4', 'o1'))).toEqual({ code: 'till_invalid', path: 'order' })
    expect((await failure(refund(bench, 'f5', 'f1'))).code).toBe('till_invalid')
  })

  it('[R35] a receipt number, a draft and a line that is not there are told with what to do', async () => {
    const bench = await openShop()
    const { reference } = await sellNow(bench, 'o1', [line('bread')])
    await save(bench, 'o2', [line('bread')])
    await expect(refund(bench, 'f1', reference)).rejects.toMatchObject({
      code: 'till_invalid',
      message: expect.stringMatching(/^order: is a receipt number; .* till\.order\.list or till\.scan\./),
    })
    expect(await failure(refund(bench, 'f1', 'o2'))).toEqual({ code: 'till_invalid', path: 'order' })
    const wrong = refund(bench, 'f1', 'o1', { lines: [{ line: 'gone', quantity: '1' }] })
    expect(await failure(wrong)).toEqual({ code: 'till_unknown', path: 'lines.0.line' })
  })

  it('[R35] a refund is of one order, sells nothing, and has no discount or tip of its own', async () => {
    const bench = await openShop()
    const [a, b] = [line('bread', '2'), line('wine')]
    await sellNow(bench, 'o1', [a])
    await sellNow(bench, 'o2', [b])
    const back = (of: string, { id, product }: { id: string; product: string }, more: object = {}) => ({
      ...{ id: `back-${id}`, product, quantity: '-1', refundOf: { order: of, line: id } },
      ...more,
    })
    const saved = (lines: object[], more: object = {}) =>
      call(bench, 'save', { version: 0, order: order('f1', lines, more) })
    const path = async (lines: object[], more: object = {}) => (await failure(saved(lines, more))).path
    expect(await path([back('o1', a), line('bread')])).toBe('lines.1')
    expect(await path([back('o1', a), back('o2', b)])).toBe('lines.1.refundOf')
    expect(await path([back('o1', a)], { discount: '5' })).toBe('discount')
    expect(await path([back('o1', a)], { tip: 5 })).toBe('tip')
    expect(await path([back('o1', { ...a, product: 'wine' })])).toBe('lines.0.product')
    expect(await path([back('o1', a, { quantity: '1' })])).toBe('lines.0.quantity')
    const draft = await saved([back('o1', a, { price: '500', discount: '3', note: 'stale' })])
    expect(draft.lines[0]).toMatchObject({ price: '2.50', discount: '0', gross: -250, note: 'stale' })
  })

  it('[R36] a stand-alone refund needs a cashier, brings the goods back and may stand beside a sale', async () => {
    const bench = await openShop()
    const { cashier, minimal } = await staff(bench)
    const input = order('o1', [line('shirt', '-1'), line('wine')])
    const pay = { id: 'o1', order: input, expectedTotal: -501, payments: [cash(-501)] }
    expect(await failure(call(bench, 'pay', { ...pay, login: minimal }))).toEqual({
      code: 'right_missing',
      path: 'lines.0.quantity',
    })
    expect(await call(bench, 'pay', { ...pay, login: cashier })).toMatchObject({ refund: false, paid: -501 })
    const only = order('o2', [line('shirt', '-1')])
    const back = await call(bench, 'pay', {
      ...{ id: 'o2', login: cashier, order: only, expectedTotal: -2_500, payments: [cash(-2_500)] },
    })
    expect(back.refund).toBe(true)
    expect(await bench.store.till.reports.stock(['shirt'])).toMatchObject([{ movedE6: 2_000_000 }])
  })
})
