/** What the cart makes of an order: who buys, what cannot be worked out, refunds, and what is sent to the hub. */
import { describe, expect, it } from 'vitest'
import type { CartState } from '../../src/ui/till/contract.ts'
import { call, sellNow, line as sold, till } from './orders-support.ts'
import { openCart } from './ui-cart-support.ts'

const hour = 3_600_000

describe('the order', () => {
  it('[TUC10] what cannot be worked out is said, and the rest is worked out', async () => {
    const { add, cart } = await openCart()
    await add('bread')
    const misc = await add('misc')
    await add('wine')
    const { due, lines, problem } = cart.worked.value
    expect(problem).toMatchObject({
      code: 'till_invalid',
      line: misc,
      text: expect.stringContaining('price'),
    })
    expect(lines.map(({ gross, product }) => [product, gross])).toEqual([
      ['bread', 250],
      ['misc', 0],
      ['wine', 1999],
    ])
    expect(due).toBe(2249)
    cart.changeLine(misc, { price: '5' })
    expect(cart.worked.value).toMatchObject({ due: 2749, problem: null })
  })

  it('[TUC10] a pricelist that is not there any more, more than money can be, a register that is gone', async () => {
    const { add, cart } = await openCart()
    const wine = await add('wine')
    cart.change({ pricelist: 'gone', fiscalPosition: 'gone' })
    expect(cart.worked.value).toMatchObject({ due: 1999, problem: { code: 'till_invalid' } })
    cart.change({ pricelist: undefined, fiscalPosition: undefined })
    cart.changeLine(wine, { price: '999999999', quantity: '999999999' })
    expect(cart.worked.value).toMatchObject({ due: 0, problem: { code: 'till_invalid' } })
    cart.load({ ...cart.state.value, register: 'none' })
    expect(cart.worked.value).toMatchObject({ due: 0, problem: { code: 'till_unknown' } })
    expect(cart.worked.value.lines).toHaveLength(1)
  })

  it('[TUC11] the customer of the register is in a fresh order, and comes back when the other is taken out', async () => {
    const { bench, cart } = await openCart({ register: { defaultCustomer: 'joe' } })
    expect(cart.state.value.customer?.id).toBe('joe')
    cart.change({ customer: await bench.catalogue.customer('ines') })
    expect(cart.state.value.customer?.id).toBe('ines')
    cart.change({ customer: null })
    expect(cart.state.value.customer?.id).toBe('joe')
    cart.load({ ...cart.state.value, version: 1, customer: null })
    expect(cart.state.value.customer).toBeNull()
  })

  it('[TUC11] a customer brings pricelist and fiscal position, unless others were chosen', async () => {
    const { add, bench, cart } = await openCart()
    await add('wine')
    cart.change({ customer: await bench.catalogue.customer('joe') })
    expect(cart.worked.value).toMatchObject({
      due: 1000,
      rules: { pricelist: 'happy', fiscalPosition: 'export' },
    })
    cart.change({ pricelist: null })
    expect(cart.worked.value).toMatchObject({
      due: 1999,
      rules: { pricelist: null, fiscalPosition: 'export' },
    })
  })

  it('[TUC12] prices change by themselves when a rule begins or ends', async () => {
    const rules = [
      {
        id: 'now',
        kind: 'percent',
        percent: '50',
        from: '2026-11-23T09:00:00Z',
        until: '2026-11-23T10:00:00Z',
      },
    ]
    const { add, advance, cart } = await openCart({
      register: { pricelist: 'hour' },
      more: { pricelist: [{ id: 'hour', name: 'Hour', rules }] },
    })
    await add('wine')
    const seen = [cart.worked.value.due]
    await advance(hour)
    seen.push(cart.worked.value.due)
    await advance(hour)
    seen.push(cart.worked.value.due)
    await advance(1)
    seen.push(cart.worked.value.due)
    expect(seen).toEqual([1999, 1000, 1000, 1999])
  })

  it('[TUC12] a product that is put in again brings its price of today to all its lines', async () => {
    const { cart, product } = await openCart()
    const bread = await product('bread')
    const first = cart.add(bread)
    cart.changeLine(first, { note: 'sliced' })
    cart.add(bread)
    cart.add({ ...bread, price: '3' })
    expect(cart.state.value.lines.map(({ quantity }) => quantity)).toEqual(['1', '2'])
    expect(cart.worked.value.lines.map(({ gross }) => gross)).toEqual([300, 600])
  })

  it('[TUC12] a line that the hub has keeps its price', async () => {
    const { add, bench, cart } = await openCart()
    const wine = await add('wine')
    const { draft } = await call(bench, 'save', { version: 0, order: cart.toInput() }).then((saved) => ({
      draft: saved,
    }))
    const { product } = cart.state.value.lines[0] ?? expect.fail()
    const dearer = { ...product, price: '30' }
    const state: CartState = { ...cart.state.value, draft, version: 1 }
    cart.load({ ...state, lines: state.lines.map((line) => ({ ...line, product: dearer })) })
    expect(cart.worked.value.due).toBe(1999)
    cart.changeLine(wine, { quantity: '2' })
    expect(cart.worked.value.due).toBe(6000)
  })

  it('[TUC13] a refund is as the hub made it: nothing is put in, changed or taken out', async () => {
    const { add, bench, cart } = await openCart()
    await sellNow(bench, 'o1', [sold('bread', '3'), sold('wine')], { discount: '10', tip: 50 })
    const draft = await call(bench, 'refund', { id: 'f1', register: 'r1', order: 'o1' })
    const lines = await Promise.all(
      draft.lines
        .filter(({ kind }) => kind === 'item')
        .map(async ({ id, discount, lots, product, quantity }) => {
          const found = (await bench.catalogue.products([product])).get(product) ?? expect.fail()
          return { id, product: found, quantity, discount, lots }
        }),
    )
    cart.load({ ...cart.state.value, id: 'f1', lines, draft, version: draft.version, refund: true })
    const before = cart.state.value
    const [first] = lines
    expect(cart.worked.value).toMatchObject({ lines: draft.lines, totals: draft.totals, problem: null })
    expect(cart.worked.value.due).toBe(draft.totals.total)
    cart.press('5')
    cart.press('back')
    cart.press('back')
    cart.changeLine(first?.id ?? '', { quantity: '1' })
    cart.removeLine(first?.id ?? '')
    await expect(add('bread')).rejects.toMatchObject({ code: 'till_invalid' })
    expect(cart.state.value).toBe(before)
    const again = await call(bench, 'compute', { order: cart.toInput() })
    expect(again.totals).toEqual(draft.totals)
  })

  it('[TUC14] what is sent is what was typed: the hub files it at the total of the screen', async () => {
    const { add, bench, cart } = await openCart()
    await add('bread', { note: 'sliced', internalNote: 'fresh', course: 2 })
    await add('phone', { lots: ['A1'], discount: '12.5' })
    await add('misc', { price: '3.33' })
    const customer = await bench.catalogue.customer('ines')
    cart.change({
      customer,
      discount: '5',
      tip: 100,
      label: 'Ines',
      note: 'gift',
      internalNote: 'wrap',
      guests: 2,
    })
    cart.change({ table: 'tab1', pricelist: 'many', fiscalPosition: 'export' })
    const { totals } = cart.worked.value
    const { id } = cart.state.value
    const paid = await call(
      bench,
      'pay',
      {
        ...{ id, order: cart.toInput(), expectedTotal: totals.total },
        payments: [{ id: 'p1', method: 'card', amount: cart.worked.value.due }],
      },
      till(),
    )
    expect(paid).toMatchObject({
      ...{ customer: 'ines', discount: '5', label: 'Ines', note: 'gift', internalNote: 'wrap', guests: 2 },
      ...{ table: 'tab1', totals },
    })
    expect(paid.lines).toEqual(cart.worked.value.lines)
  })
})
