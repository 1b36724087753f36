/** The cart of the browser: products that are put in, and the keys of its pad. */
import { describe, expect, it } from 'vitest'
import { onlyLine, openCart, press, told } from './ui-cart-support.ts'

describe('putting in', () => {
  it('[TUC1] more of the same goes on top of its line, wherever that is', async () => {
    const { add, cart } = await openCart()
    const bread = await add('bread')
    await add('wine')
    expect(await add('bread')).toBe(bread)
    expect(told(cart)).toEqual(['2 bread', '1 wine'])
    expect(cart.selected.value).toBe(bread)
    expect(cart.worked.value.due).toBe(2 * 250 + 1999)
  })

  it('[TUC1] what was said of a line keeps it apart', async () => {
    const { add, cart } = await openCart()
    for (const change of [
      { discount: '10' },
      { price: '2' },
      { note: 'sliced' },
      { internalNote: 'now' },
      { quantity: '-1' },
    ]) {
      const line = await add('bread')
      cart.changeLine(line, change)
      expect(await add('bread')).not.toBe(line)
      cart.fresh()
    }
    await add('bread', { course: 1 })
    await add('bread', { course: 2 })
    await add('bread', { course: 1 })
    await add('bread', { note: 'sliced' })
    expect(told(cart)).toEqual(['2 bread', '1 bread', '1 bread'])
  })

  it('[TUC1] weighed goods, open prices and numbers each have their line', async () => {
    const { add, cart } = await openCart()
    for (const [id, more] of [
      ['apples', { quantity: '0.5' }],
      ['misc', { price: '5' }],
      ['phone', { lots: ['A1'] }],
      ['milk', {}],
    ] as const) {
      await add(id, more)
      await add(id, more.lots === undefined ? more : { lots: ['A2'] })
      expect(cart.state.value.lines).toHaveLength(2)
      cart.fresh()
    }
  })

  it('[TUC2] quantities come in the steps of their unit, halves away from zero', async () => {
    const { add, cart } = await openCart()
    const apples = await add('apples', { quantity: '0.3456' })
    expect(onlyLine(cart).quantity).toBe('0.346')
    cart.changeLine(apples, { quantity: '-0.0005' })
    expect(onlyLine(cart).quantity).toBe('-0.001')
    cart.fresh()
    await add('crate', { quantity: '1.25' })
    expect(onlyLine(cart).quantity).toBe('1.5')
    cart.fresh()
    await add('bread', { quantity: '1.4' })
    expect(onlyLine(cart).quantity).toBe('1')
  })

  it('[TUC3] serial numbers are counted', async () => {
    const { add, cart } = await openCart()
    const phone = await add('phone', { lots: ['A1', 'A2'] })
    expect(onlyLine(cart)).toMatchObject({ quantity: '2', lots: ['A1', 'A2'] })
    cart.changeLine(phone, { lots: ['A1', 'A2', 'A3'] })
    expect(cart.worked.value).toMatchObject({ due: 3 * 19_900, problem: null })
    cart.changeLine(phone, { quantity: '1' })
    expect(cart.worked.value.problem).toMatchObject({ code: 'till_invalid', line: phone })
  })

  it('[TUC3] a weight by hand is not the weight of the scale any more', async () => {
    const { add, cart } = await openCart()
    const apples = await add('apples', { quantity: '0.5', weighing: 'w1' })
    cart.changeLine(apples, { note: 'red' })
    expect(onlyLine(cart).weighing).toBe('w1')
    press(cart, '2')
    expect(onlyLine(cart)).toMatchObject({ quantity: '2', note: 'red' })
    expect(onlyLine(cart)).not.toHaveProperty('weighing')
  })
})

describe('the pad', () => {
  it('[TUC4] digits are the quantity of the line that came last; the next product begins a fresh number', async () => {
    const { add, cart } = await openCart()
    await add('bread')
    press(cart, '12')
    expect(cart.buffer.value).toBe('12')
    await add('wine')
    expect([cart.buffer.value, cart.mode.value]).toEqual(['', 'quantity'])
    press(cart, '3')
    expect(told(cart)).toEqual(['12 bread', '3 wine'])
  })

  it('[TUC4] scan, 2, scan, 2 is two of each, also when both are the same', async () => {
    const { add, cart } = await openCart()
    await add('bread')
    press(cart, '2')
    await add('bread')
    expect(told(cart)).toEqual(['3 bread'])
    press(cart, '2')
    expect(told(cart)).toEqual(['4 bread'])
    await add('wine')
    press(cart, '2')
    await add('bread')
    press(cart, '10')
    expect(told(cart)).toEqual(['14 bread', '2 wine'])
    await add('wine')
    press(cart, '5')
    cart.multiply()
    await add('bread')
    press(cart, '2')
    expect(told(cart)).toEqual(['16 bread', '3 wine'])
  })

  it('[TUC4] taps that nobody counted are replaced by the number, and so is a line that was chosen', async () => {
    const { add, cart } = await openCart()
    const bread = await add('bread')
    await add('bread')
    await add('bread')
    press(cart, '5')
    expect(told(cart)).toEqual(['5 bread'])
    await add('bread')
    cart.select(bread)
    press(cart, '2')
    expect(told(cart)).toEqual(['2 bread'])
  })

  it('[TUC5] after a product the mode is quantity again', async () => {
    const { add, cart } = await openCart()
    await add('bread')
    cart.setMode('discount')
    press(cart, '10')
    await add('wine')
    expect(cart.mode.value).toBe('quantity')
    expect(cart.state.value.lines.map(({ discount }) => discount)).toEqual(['10', '0'])
  })

  it('[TUC5] a discount is between 0 and 100 percent', async () => {
    const { add, cart } = await openCart()
    const wine = await add('wine')
    cart.setMode('discount')
    press(cart, '150')
    expect([onlyLine(cart).discount, cart.buffer.value]).toEqual(['100', '100'])
    expect(cart.worked.value.due).toBe(0)
    press(cart, '<12.5~')
    expect(onlyLine(cart).discount).toBe('12.5')
    cart.changeLine(wine, { discount: '-3' })
    expect(onlyLine(cart).discount).toBe('0')
    cart.change({ discount: '100.5' })
    expect(cart.state.value.discount).toBe('100')
  })

  it('[TUC5] a price has the decimals of the shop; cleared it is that of the list', async () => {
    const { add, cart } = await openCart()
    await add('wine')
    cart.setMode('price')
    press(cart, '9.999')
    expect(onlyLine(cart).price).toBe('9.99')
    expect(cart.worked.value.lines[0]).toMatchObject({ price: '9.99', priceKind: 'manual' })
    press(cart, '<')
    expect(onlyLine(cart)).not.toHaveProperty('price')
    press(cart, '~')
    expect(onlyLine(cart).price).toBe('-19.99')
  })

  it('[TUC6] the buffer holds what the wire takes, 13 characters at most', async () => {
    const { add, cart } = await openCart()
    await add('apples')
    press(cart, '12345678901234')
    expect(cart.buffer.value).toBe('123456789')
    press(cart, '.1234567')
    expect(cart.buffer.value).toBe('123456789.123')
    expect(cart.buffer.value).toHaveLength(13)
    press(cart, '<.5.5')
    expect(cart.buffer.value).toBe('0.55')
    expect(onlyLine(cart).quantity).toBe('0.55')
    press(cart, '<007')
    expect(cart.buffer.value).toBe('7')
  })

  it('[TUC6] the sign turns what the line has, and the number that is typed', async () => {
    const { add, cart } = await openCart()
    await add('bread')
    press(cart, '~')
    expect(told(cart)).toEqual(['-1 bread'])
    press(cart, '3')
    expect(told(cart)).toEqual(['-3 bread'])
    press(cart, '~')
    expect(told(cart)).toEqual(['3 bread'])
    press(cart, '<~2')
    expect(told(cart)).toEqual(['-2 bread'])
    expect(cart.worked.value.due).toBe(-500)
  })

  it('[TUC7] back clears the number first and takes the line away then', async () => {
    const { add, cart } = await openCart()
    await add('bread')
    await add('wine')
    press(cart, '12<')
    expect([told(cart), cart.buffer.value]).toEqual([['1 bread', '0 wine'], ''])
    press(cart, '4')
    expect(told(cart)).toEqual(['1 bread', '4 wine'])
    press(cart, '<<')
    expect(told(cart)).toEqual(['1 bread'])
    expect(cart.selected.value).toBe(onlyLine(cart).id)
    cart.setMode('discount')
    press(cart, '5<<<')
    expect(onlyLine(cart).discount).toBe('0')
    cart.setMode('quantity')
    press(cart, '<<')
    expect([cart.empty.value, cart.selected.value]).toEqual([true, null])
  })

  it('[TUC8] a number and * is how many the next product is, and is no quantity of the line before', async () => {
    const { add, cart } = await openCart()
    press(cart, '3')
    cart.multiply()
    expect([cart.prefix.value, cart.buffer.value]).toEqual(['3', ''])
    await add('bread')
    expect([told(cart), cart.prefix.value]).toEqual([['3 bread'], null])
    press(cart, '5')
    cart.multiply()
    expect(told(cart)).toEqual(['3 bread'])
    await add('wine', { quantity: '6' })
    await add('wine')
    expect(told(cart)).toEqual(['3 bread', '31 wine'])
    press(cart, '7')
    cart.multiply()
    cart.multiply()
    expect(cart.prefix.value).toBeNull()
    press(cart, '0')
    cart.multiply()
    expect(cart.prefix.value).toBeNull()
  })

  it('[TUC8] what was weighed or has its numbers is not multiplied', async () => {
    const { add, cart } = await openCart()
    press(cart, '3')
    cart.multiply()
    await add('apples', { quantity: '0.5', weighing: 'w1' })
    press(cart, '3')
    cart.multiply()
    await add('phone', { lots: ['A1'] })
    expect(told(cart)).toEqual(['0.5 apples', '1 phone'])
  })
})
