/** Looking up: what a search finds, what a scanned code means, what a thing costs now. */
import { describe, expect, it } from 'vitest'
import { code, openMarket } from './catalogue-support.ts'

describe('searching', () => {
  it('[G14] a category takes in those below it; favourites leave others out', async () => {
    const { call, put } = await openMarket()
    await put('category', { id: 'food', name: 'Food' }, { id: 'bread', name: 'Bread', parent: 'food' })
    await put('category', { id: 'rolls', name: 'Rolls', parent: 'bread' }, { id: 'tools', name: 'Tools' })
    await put(
      'product',
      { id: 'a', name: 'Apple', category: 'food' },
      { id: 'r', name: 'Roll', category: 'rolls', favourite: true },
    )
    await put(
      'product',
      { id: 'h', name: 'Hammer', category: 'tools', favourite: true },
      { id: 'x', name: 'Without' },
    )
    const ids = async (query: object) =>
      (await call('till.product.search', { text: '', ...query })).products.map(({ id }) => id)
    expect(await ids({ category: 'food' })).toEqual(['r', 'a'])
    expect(await ids({ category: 'bread' })).toEqual(['r'])
    expect(await ids({ category: 'none' })).toEqual([])
    expect(await ids({ favourites: true })).toEqual(['h', 'r'])
    expect(await ids({ favourites: true, category: 'food', text: 'ro' })).toEqual(['r'])
    expect(await ids({})).toEqual(['h', 'r', 'a', 'discount', 'tip', 'x'])
    expect(await ids({ limit: 2 })).toEqual(['h', 'r'])
  })

  it('[G12] customers by name, town, telephone, e-mail, VAT number and card', async () => {
    const { call, put } = await openMarket()
    const ann = { phone: '+49 (170) 123-45 67', email: 'Ann.Vermeer@Example.org', vat: 'NL 001234567B01' }
    await put('customer', {
      id: 'ann',
      name: 'Ann Vermeer',
      ...ann,
      city: 'Köln',
      zip: '50667',
      barcode: '0420000000017',
    })
    await put('customer', { id: 'bob', name: 'Bob Müller', phone: '0221 445566', city: 'Koblenz' })
    const found = async (text: string) =>
      (await call('till.customer.search', { text })).customers.map(({ id }) => id)
    for (const text of [
      'ann',
      'VERM',
      'vermeer a',
      'koln',
      'KÖLN ann',
      '5066',
      '0170 123 45',
      '01701234567',
      '+49 170',
      '3456',
      'ann.vermeer@',
      'example.org',
      'nl001234567b',
      '0420000000017',
      'ann 0170 1',
    ])
      expect([text, await found(text)]).toEqual([text, ['ann']])
    expect(await found('ko')).toEqual(['ann', 'bob'])
    expect(await found('mull')).toEqual(['bob'])
    for (const text of ['nn', 'bob ann', '0170 124', 'g', 'example.com'])
      expect([text, await found(text)]).toEqual([text, []])
  })
})

describe('a demo', () => {
  it('[G28] begins with goods, tables and registers on the demo devices; a shop of its own does not', async () => {
    const demo = await openMarket({ demo: true })
    const { products } = await demo.call('till.product.search', { text: 'espresso' })
    expect(products.map(({ price }) => price)).toEqual(['2.20'])
    expect(demo.catalogue.must('register', 'main')).toMatchObject({
      printer: 'demo-printer',
      scale: 'demo-scale',
    })
    expect(demo.catalogue.all('table').length).toBeGreaterThan(3)
    const shop = await openMarket()
    expect((await shop.call('till.product.search', { text: 'espresso' })).products).toEqual([])
    expect(shop.catalogue.all('table')).toEqual([])
  })
})

describe('devices', () => {
  it('[G27] that are named anew must be there and fit; one that was named before may be gone', async () => {
    const { call, catalogue } = await openMarket()
    const register = (more: object) =>
      call('till.catalogue.put', { thing: { register: { id: 'r9', name: 'R', number: 9, ...more } } })
    await expect(register({ printer: 'nowhere' })).rejects.toMatchObject({
      code: 'device_unknown',
      context: { device: 'nowhere', path: 'thing.register.printer' },
    })
    await expect(register({ drawer: 'scale-1' })).rejects.toMatchObject({ code: 'capability_missing' })
    await register({ printer: 'printer-1', scale: 'scale-1' })
    // As after somebody has taken the printer away for good.
    const lost = { ...catalogue.must('register', 'r9'), printer: 'nowhere' }
    await catalogue.apply([{ kind: 'register', thing: lost }])
    await register({ printer: 'nowhere', name: 'Renamed' })
    expect(catalogue.get('register', 'r9')?.name).toBe('Renamed')
  })
})

describe('customers', () => {
  it('[G26] are answered in the order of their ids, and one that nobody has is named', async () => {
    const { call, put } = await openMarket()
    await put('customer', { id: 'ada', name: 'Ada' }, { id: 'bob', name: 'Bob' })
    const { customers } = await call('till.customer.get', { ids: ['bob', 'ada'] })
    expect(customers.map(({ name }) => name)).toEqual(['Bob', 'Ada'])
    await expect(call('till.customer.get', { ids: ['ada', 'eve'] })).rejects.toMatchObject({
      code: 'till_unknown',
      context: { kind: 'customer', id: 'eve', path: 'ids.1' },
    })
  })
})

describe('prices', () => {
  it('[G16] by the pricelist asked for, else by the one of the register; null is the own price', async () => {
    const { call, put, clock } = await openMarket()
    const half = {
      id: 'h',
      kind: 'percent',
      percent: '50',
      from: new Date(clock.now() + 60_000).toISOString(),
    }
    const ten = { id: 't', kind: 'fixed', price: '1', minQuantity: '10' }
    await put(
      'pricelist',
      { id: 'happy', name: 'Happy', rules: [half] },
      { id: 'many', name: 'Many', rules: [ten] },
    )
    await put('register', { id: 'main', name: 'Main', number: 1, pricelist: 'happy' })
    await put('product', { id: 'a', name: 'A', price: '3.25' }, { id: 'b', name: 'B', price: '0.0125' })
    const priced = async (query: object) =>
      (await call('till.product.get', { ids: ['a'], register: 'main', ...query })).products.map(
        ({ price, gross }) => [price, gross],
      )
    expect(await priced({})).toEqual([['3.25', 325]])
    await clock.advance(60_000)
    expect(await priced({ ids: ['b', 'a'] })).toEqual([
      ['0.01', 1],
      ['1.63', 163],
    ])
    expect(await priced({ pricelist: null })).toEqual([['3.25', 325]])
    expect(await priced({ pricelist: 'many', quantity: '10' })).toEqual([['1.00', 100]])
    await expect(priced({ ids: ['a', 'gone'] })).rejects.toEqual(
      code('till_unknown', { kind: 'product', id: 'gone' }),
    )
    await expect(priced({ pricelist: 'gone' })).rejects.toEqual(code('till_unknown', { kind: 'pricelist' }))
  })
})

describe('scanning', () => {
  const shop = async () => {
    const market = await openMarket()
    await market.put('unit', { id: 'g', name: 'g', category: 'weight', factor: '0.001' })
    await market.put(
      'product',
      {
        id: 'cola',
        name: 'Cola',
        barcodes: ['4006381333931'],
        packs: [{ barcode: '4006381333948', quantity: '6' }],
      },
      { id: 'cheese', name: 'Cheese', barcodes: ['2112345000008'], unit: 'kg', toWeigh: true },
      { id: 'spice', name: 'Spice', barcodes: ['2154321000008'], unit: 'g' },
      { id: 'meat', name: 'Meat', barcodes: ['2312345000002'] },
      { id: 'old', name: 'Old', barcodes: ['96385074'], active: false },
    )
    await market.put('customer', { id: 'ann', name: 'Ann', barcode: '0421234567890' })
    return market
  }

  it.each([
    ['4006381333931', { kind: 'product', product: { id: 'cola' } }],
    ['4006381333948', { kind: 'product', product: { id: 'cola' }, quantity: '6' }],
    ['2112345003450', { kind: 'product', product: { id: 'cheese' }, quantity: '0.345' }],
    ['2112345000008', { kind: 'product', product: { id: 'cheese' } }],
    ['2154321003450', { kind: 'product', product: { id: 'spice' }, quantity: '345' }],
    ['2312345012340', { kind: 'product', product: { id: 'meat' }, quantity: '1', price: '12.34' }],
    ['2215', { kind: 'discount', discount: '15' }],
    ['0421234567890', { kind: 'customer', customer: { id: 'ann' } }],
    ['0410000000018', { kind: 'employee' }],
    ['96385074', { kind: 'unknown' }],
    ['nothing', { kind: 'unknown' }],
  ])('[G15] %s is %j', async (scanned, meaning) => {
    const { call } = await shop()
    const answer = await call('till.scan', { code: scanned, register: 'main' })
    expect(answer).toMatchObject(meaning)
    expect(Object.keys(answer).sort()).toEqual(Object.keys(meaning).sort())
  })

  it('[G15] a rule of the shop comes first; a register must be there', async () => {
    const { call, put } = await shop()
    await put('nomenclatureRule', { id: 'own', sequence: 1, kind: 'customer', pattern: '4006' })
    expect(await call('till.scan', { code: '4006381333931', register: 'main' })).toMatchObject({
      kind: 'product',
    })
    await put('customer', { id: 'bob', name: 'Bob', barcode: '4006381333931' })
    expect(await call('till.scan', { code: '4006381333931', register: 'main' })).toMatchObject({
      kind: 'customer',
    })
    await expect(call('till.scan', { code: '1', register: 'gone' })).rejects.toEqual(code('till_unknown'))
  })
})
