/** Drafts: what the hub makes of what a till sends, and what becomes of a draft that several tills share. */
import { describe, expect, it } from 'vitest'
import { catalogueSchemas } from '../../src/protocol/till/catalogue.ts'
import { call, failure, line, openShop, order, type ShopBench, save, till } from './orders-support.ts'

const change = (
  { catalogue }: ShopBench,
  kind: 'product' | 'register' | 'pricelist' | 'tax',
  thing: { id: string },
) => catalogue.apply([{ kind, thing: catalogueSchemas[kind].parse(thing) }])

const bread = { id: 'bread', name: 'Bread', price: '2.50', taxes: ['t9'], category: 'food' }

describe('what the hub works out', () => {
  it('[R1] name, price and taxes come from the catalogue, totals from the engine', async () => {
    const bench = await openShop()
    const draft = await save(bench, 'o1', [line('shirt', '2'), line('bread', '1')])
    expect(draft.lines.map(({ name, price, priceKind, gross }) => [name, price, priceKind, gross])).toEqual([
      ['Shirt (M)', '25.00', 'list', 5_000],
      ['Bread', '2.50', 'list', 250],
    ])
    expect(draft.totals).toMatchObject({ total: 5_250, net: 4_361, tax: 889 })
    expect(draft).toMatchObject({ version: 1, tracking: 1, session: 's-r1', employee: 'till-1' })
    expect(draft.rules.taxes.map(({ id }) => id)).toEqual(['t21', 't9'])
  })

  it('[R2] quantities go to the step of the unit, half away from zero; what leaves nothing is refused', async () => {
    const bench = await openShop()
    const { lines } = await save(bench, 'o1', [
      line('bread', '1.5'),
      line('apples', '0.3456'),
      line('crate', '0.74'),
      line('bread', '-2.5'),
    ])
    expect(lines.map(({ quantity }) => quantity)).toEqual(['2', '0.346', '0.5', '-3'])
    const wrong = save(bench, 'o2', [line('bread'), line('apples', '0.0004')])
    expect(await failure(wrong)).toEqual({ code: 'till_invalid', path: 'lines.1.quantity' })
    expect((await save(bench, 'o3', [line('bread', '0')])).lines[0]?.quantity).toBe('0')
  })

  it('[R3] a line that lies in the cart keeps its price; another quantity or pricelist asks for it again', async () => {
    const bench = await openShop()
    const [kept, more] = [line('bread'), line('bread', '3')]
    await save(bench, 'o1', [kept, more])
    await change(bench, 'product', { ...bread, price: '9' } as { id: string })
    const prices = async (version: number, lines: object[], rest: object = {}) => {
      const saved = await call(bench, 'save', { version, order: order('o1', lines, rest) })
      return saved.lines.map(({ price }) => price)
    }
    expect(await prices(1, [kept, { ...more, quantity: '4' }, line('bread')])).toEqual([
      '2.50',
      '9.00',
      '9.00',
    ])
    expect(await prices(2, [kept], { pricelist: 'happy' })).toEqual(['4.50'])
    const byHand = { ...kept, price: '1.111' }
    expect(await prices(3, [byHand], { pricelist: 'happy' })).toEqual(['1.11'])
    expect(await prices(4, [{ ...byHand, quantity: '7' }], { pricelist: 'happy' })).toEqual(['1.11'])
    expect(await prices(5, [kept], { pricelist: 'happy' })).toEqual(['4.50'])
  })

  it('[R3] taxes are those of today also on a line that stayed', async () => {
    const bench = await openShop()
    const kept = line('bread')
    await save(bench, 'o1', [kept])
    const tax = { id: 't9', name: 'VAT 10 %', kind: 'percent', amount: '10', included: true }
    await change(bench, 'tax', tax)
    const draft = await call(bench, 'save', { version: 1, order: order('o1', [kept]) })
    expect(draft.totals).toMatchObject({ total: 250, tax: 23 })
  })

  it('[R4] pricelist and fiscal position: those of the order, else the customer, else the register', async () => {
    const bench = await openShop({ register: { pricelist: 'many', fiscalPosition: null } })
    const rules = async (id: string, more: object) => {
      const { rules, totals } = await save(bench, id, [line('bread', '10'), line('wine')], more)
      return [rules.pricelist, rules.fiscalPosition, totals.total]
    }
    expect(await rules('o1', {})).toEqual(['many', null, 2_000 + 1_999])
    expect(await rules('o2', { customer: 'joe' })).toEqual(['happy', 'export', 1_250 + 1_000])
    expect(await rules('o3', { customer: 'joe', pricelist: null, fiscalPosition: null })).toEqual([
      null,
      null,
      2_500 + 1_999,
    ])
  })

  it('[R4] what is chosen must be offered at the register', async () => {
    const bench = await openShop({ register: { pricelists: [], fiscalPositions: [] } })
    const chosen = (more: object) => failure(save(bench, 'o1', [line('bread')], more))
    expect(await chosen({ pricelist: 'happy' })).toEqual({ code: 'till_invalid', path: 'pricelist' })
    expect(await chosen({ fiscalPosition: 'export' })).toEqual({
      code: 'till_invalid',
      path: 'fiscalPosition',
    })
    expect((await save(bench, 'o2', [line('bread')], { customer: 'joe', pricelist: 'happy' })).version).toBe(
      1,
    )
  })

  it('[R4] a rule of quantity counts the line, and all lines of what has lots', async () => {
    const many = {
      id: 'lots',
      name: 'Lots',
      rules: [{ id: 'two', kind: 'fixed', price: '1', minQuantity: '2' }],
    }
    const bench = await openShop({ register: { pricelist: 'lots' }, more: { pricelist: [many] } })
    const { lines } = await save(bench, 'o1', [line('milk'), line('milk'), line('bread'), line('bread')])
    expect(lines.map(({ price }) => price)).toEqual(['1.00', '1.00', '2.50', '2.50'])
  })

  it('[R5] what is not there or not in use any more is told with its path', async () => {
    const bench = await openShop()
    const wrong = (lines: object[], more: object = {}) => failure(save(bench, 'o1', lines, more))
    const one = [line('bread')]
    expect(await wrong([...one, line('nothing')])).toEqual({ code: 'till_unknown', path: 'lines.1.product' })
    expect(await wrong([...one, line('old')])).toEqual({ code: 'till_invalid', path: 'lines.1.product' })
    expect(await wrong(one, { register: 'r9' })).toEqual({ code: 'till_unknown', path: 'register' })
    expect(await wrong(one, { customer: 'nobody' })).toEqual({ code: 'till_unknown', path: 'customer' })
    expect(await wrong(one, { customer: 'ex' })).toEqual({ code: 'till_invalid', path: 'customer' })
    expect(await wrong(one, { table: 'tab9' })).toEqual({ code: 'till_unknown', path: 'table' })
    expect(await wrong(one, { table: 'tab0' })).toEqual({ code: 'till_invalid', path: 'table' })
    const twice = { ...one[0] }
    expect(await wrong([...one, twice])).toEqual({ code: 'till_invalid', path: 'lines.1.id' })
    const { orders } = await call(bench, 'list', { state: 'draft' })
    expect(orders).toEqual([])
  })

  it('[R5] a product that went out of use stays in the carts that have it', async () => {
    const bench = await openShop()
    const kept = line('bread')
    await save(bench, 'o1', [kept])
    await change(bench, 'product', { ...bread, active: false } as { id: string })
    const saved = await call(bench, 'save', { version: 1, order: order('o1', [{ ...kept, quantity: '2' }]) })
    expect(saved.totals.total).toBe(500)
    expect(await failure(save(bench, 'o2', [line('bread')]))).toEqual({
      code: 'till_invalid',
      path: 'lines.0.product',
    })
  })

  it('[R6] what has no price of its own needs one', async () => {
    const bench = await openShop()
    expect(await failure(save(bench, 'o1', [line('misc')]))).toEqual({
      code: 'till_invalid',
      path: 'lines.0.price',
    })
    const { lines } = await save(bench, 'o1', [line('misc', '1', { price: '3.20' })])
    expect(lines[0]).toMatchObject({ priceKind: 'manual', price: '3.2', listPrice: '3.2', gross: 320 })
  })

  it('[R7] serial numbers are as many as there are pieces; they may be missing', async () => {
    const bench = await openShop()
    const wrong = (product: string, quantity: string, lots: string[]) =>
      failure(save(bench, 'o1', [line(product, quantity, { lots })]))
    expect(await wrong('phone', '2', ['A'])).toEqual({ code: 'till_invalid', path: 'lines.0.quantity' })
    expect(await wrong('phone', '2', ['A', 'A'])).toEqual({ code: 'till_invalid', path: 'lines.0.lots' })
    expect(await wrong('bread', '1', ['A'])).toEqual({ code: 'till_invalid', path: 'lines.0.lots' })
    const { lines } = await save(bench, 'o1', [
      line('phone', '2', { lots: ['A', 'B'] }),
      line('phone', '1'),
      line('milk', '5', { lots: ['L1'] }),
    ])
    expect(lines.map(({ lots }) => lots)).toEqual([['A', 'B'], [], ['L1']])
  })

  it('[R8] discount and tip of the order become lines of their own, which no till sends', async () => {
    const bench = await openShop()
    const { lines, totals } = await save(bench, 'o1', [line('wine'), line('bread', '2')], {
      discount: '10',
      tip: 100,
    })
    expect(lines.map(({ kind, product, name, gross }) => [kind, product, name, gross])).toEqual([
      ['item', 'wine', 'Wine', 1_999],
      ['item', 'bread', 'Bread', 500],
      ['discount', 'discount', 'Off 10 %', -200],
      ['discount', 'discount', 'Off 10 %', -50],
      ['tip', 'tip', 'Gratuity', 100],
    ])
    expect(totals).toMatchObject({ total: 2_349, tip: 100, discounts: 250 })
    for (const product of ['discount', 'tip'])
      expect(await failure(save(bench, 'o2', [line(product)]))).toEqual({
        code: 'till_invalid',
        path: 'lines.0.product',
      })
  })

  it('[R1] a new order gets the customer of the register; a changed one keeps what it was given', async () => {
    const bench = await openShop({ register: { defaultCustomer: 'ines' } })
    expect((await save(bench, 'o1', [])).customer).toBe('ines')
    expect((await call(bench, 'save', { version: 1, order: order('o1', []) })).customer).toBeNull()
  })
})

describe('a draft that tills share', () => {
  it('[R9] another version than the last is refused; the same request again is answered alike', async () => {
    const bench = await openShop()
    const first = { version: 0, order: order('o1', [line('bread')]) }
    const saved = await call(bench, 'save', first)
    expect(await call(bench, 'save', first)).toEqual(saved)
    const second = { version: 1, order: order('o1', [line('bread'), line('wine')]) }
    const both = await Promise.all([call(bench, 'save', second), call(bench, 'save', second)])
    expect(both.map(({ version }) => version)).toEqual([2, 2])
    const other = { version: 1, order: order('o1', []) }
    expect((await failure(call(bench, 'save', other))).code).toBe('order_changed')
    expect((await failure(call(bench, 'save', first))).code).toBe('order_changed')
    expect((await call(bench, 'get', { id: 'o1' })).draft).toEqual(both[0])
    const never = { version: 3, order: order('o9', []) }
    expect((await failure(call(bench, 'save', never))).code).toBe('till_unknown')
  })

  it('[R10] whoever puts a line in, or more of one, has the order from then on', async () => {
    const bench = await openShop()
    const one = line('bread', '2')
    const by = async (version: number, lines: object[], who: string) =>
      (await call(bench, 'save', { version, order: order('o1', lines) }, till(who))).employee
    expect(await by(0, [], 'till-1')).toBe('till-1')
    expect(await by(1, [], 'till-2')).toBe('till-2')
    expect(await by(2, [one], 'till-3')).toBe('till-3')
    expect(await by(3, [{ ...one, quantity: '1', note: 'warm' }], 'till-4')).toBe('till-3')
    expect(await by(4, [{ ...one, quantity: '2' }], 'till-5')).toBe('till-5')
  })

  it('[R11] working an order out saves nothing and needs no open register', async () => {
    const bench = await openShop({ open: false })
    const { totals } = await call(bench, 'compute', { order: order('o1', [line('bread')]) })
    expect(totals.total).toBe(250)
    expect((await failure(call(bench, 'get', { id: 'o1' }))).code).toBe('till_unknown')
    expect((await failure(save(bench, 'o1', [line('bread')]))).code).toBe('session_closed')
    expect(bench.published).toEqual([])
  })

  it('[R12] a draft that is held is changed by its holder only, until the time is over', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread')])
    const held = await call(bench, 'hold', { id: 'o1', ms: 60_000 }, till('a'))
    expect(held.held).toEqual({ by: 'a', client: 'a', until: '2026-11-23T08:01:00.000Z' })
    const saving = (who: string, version: number) =>
      call(bench, 'save', { version, order: order('o1', [line('bread')]) }, till(who))
    expect((await failure(saving('b', 1))).code).toBe('order_held')
    expect((await failure(call(bench, 'hold', { id: 'o1', ms: 1_000 }, till('b')))).code).toBe('order_held')
    const saved = await saving('a', 1)
    expect(saved.held?.by).toBe('a')
    await bench.clock.advance(60_000)
    expect((await call(bench, 'get', { id: 'o1' })).draft?.held).toBeNull()
    expect((await saving('b', 2)).version).toBe(3)
  })

  it('[R12] a lease that a clock far ahead gave keeps nobody out, nor does anybody see it', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread')])
    const now = bench.clock.now()
    // What the clock of the box gave before it was set back by an hour.
    await bench.store.till.orders.hold(
      'o1',
      { client: 'a', by: 'a', until: now + 3_660_000 },
      now + 3_600_000,
    )
    expect((await call(bench, 'get', { id: 'o1' })).draft?.held).toBeNull()
    expect((await call(bench, 'hold', { id: 'o1', ms: 1_000 }, till('b'))).held?.by).toBe('b')
  })

  it('[R12] only the holder lets it go', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [])
    await call(bench, 'hold', { id: 'o1', ms: 60_000 }, till('a'))
    await call(bench, 'release', { id: 'o1' }, till('b'))
    expect((await call(bench, 'get', { id: 'o1' })).draft?.held?.by).toBe('a')
    await call(bench, 'release', { id: 'o1' }, till('a'))
    expect((await call(bench, 'get', { id: 'o1' })).draft?.held).toBeNull()
  })

  it('[R13] a cancelled draft is told in the ledger, stays gone, and asking again is fine', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread', '2')])
    await call(bench, 'cancel', { id: 'o1', version: 1, reason: 'changed his mind' })
    await call(bench, 'cancel', { id: 'o1', version: 1 })
    const entries = (await bench.store.ledger.after(0, 100)).filter(({ kind }) => kind === 'order.cancelled')
    expect(entries.map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        id: 'o1',
        total: 500,
        by: 'till-1',
        reason: 'changed his mind',
        lines: [{ product: 'bread', quantity: '2' }],
      },
    ])
    expect((await failure(save(bench, 'o1', [line('bread')]))).code).toBe('order_ended')
    expect((await failure(call(bench, 'cancel', { id: 'o7', version: 1 }))).code).toBe('till_unknown')
    expect((await save(bench, 'o2', [])).tracking).toBe(2)
    const stale = call(bench, 'cancel', { id: 'o2', version: 2 })
    expect((await failure(stale)).code).toBe('order_changed')
  })

  it('[R14] every change is told to all tills', async () => {
    const bench = await openShop()
    bench.published.length = 0
    await save(bench, 'o1', [line('bread')], { label: 'Window' })
    await call(bench, 'hold', { id: 'o1', ms: 5_000 })
    await call(bench, 'release', { id: 'o1' })
    await call(bench, 'cancel', { id: 'o1', version: 1 })
    expect(bench.published.map(({ topic, data }) => [topic, data])).toMatchObject([
      [
        'till.order.changed',
        { id: 'o1', state: 'draft', version: 1, total: 250, label: 'Window', heldBy: null },
      ],
      ['till.order.changed', { id: 'o1', state: 'draft', heldBy: 'till-1' }],
      ['till.order.changed', { id: 'o1', state: 'draft', heldBy: null }],
      ['till.order.changed', { id: 'o1', state: 'cancelled' }],
    ])
  })

  it('[R15] a text finds orders by label, number for people, and the name of the customer', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread')], { label: 'Window' })
    await save(bench, 'o2', [line('wine')], { customer: 'ines' })
    const found = async (filter: object) =>
      (await call(bench, 'list', { state: 'draft', ...filter })).orders.map(({ id }) => id)
    expect(await found({ text: 'window' })).toEqual(['o1'])
    expect(await found({ text: 'verm' })).toEqual(['o2'])
    expect(await found({ text: '2' })).toEqual(['o2'])
    expect(await found({ text: 'nobody' })).toEqual([])
    expect(await found({ from: '2026-11-23T08:00:00Z', until: '2026-11-23T08:00:00Z' })).toEqual(['o2', 'o1'])
    expect(await found({ until: '2026-11-23T07:59:59Z' })).toEqual([])
  })
})
