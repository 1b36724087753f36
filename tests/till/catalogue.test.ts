/** Keeping the catalogue: what a new shop has, what may refer to what, what goes and what stays. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { catalogueKinds } from '../../src/protocol/till/catalogue.ts'
import type { PayRow } from '../../src/store/store.ts'
import { columnsOf } from '../../src/till/catalogue/columns.ts'
import { testFolder } from '../store/support/folder.ts'
import { code, type Market, openMarket, seller } from './catalogue-support.ts'

const vat = { id: 'vat', name: 'VAT', kind: 'percent', amount: '21' }

async function openRegister({ store }: Market, register: string, session = `s-${register}`): Promise<void> {
  await store.till.sessions.open(
    {
      id: session,
      register,
      state: 'open',
      openedAt: '2026-11-23T08:00:00.000Z',
      openedBy: 'mia',
      openingCounted: 0,
      closedAt: null,
      closedBy: null,
    },
    'print',
    1,
  )
}

const sum = { day: '2026-11-23', register: 'main', session: 's-main', orders: 1 }
const nothing = { quantityE6: 1_000_000, net: 100, tax: 0, total: 100 }

function paid(id: string, change: Partial<PayRow> = {}): PayRow {
  return {
    id,
    register: 'main',
    session: 's-main',
    prefix: 'BOX-1-',
    body: JSON.stringify({ id }),
    fingerprint: id,
    refunds: [],
    sums: [
      { ...sum, ...nothing, dimension: 'product', key: 'milk' },
      { ...sum, ...nothing, dimension: 'method', key: 'cash' },
    ],
    stock: [],
    table: null,
    customer: null,
    label: null,
    tracking: null,
    employee: 'mia',
    total: 100,
    refund: false,
    invoice: false,
    at: 1,
    ...change,
  }
}

describe('a new shop', () => {
  it('[G1] can sell at once', async () => {
    const { catalogue, store } = await openMarket()
    expect(catalogue.all('unit').map(({ id }) => id)).toEqual(['kg', 'piece'])
    expect(catalogue.all('paymentMethod').map(({ kind }) => kind)).toEqual(['cash', 'card'])
    expect(catalogue.get('register', 'main')).toMatchObject({ number: 1, active: true })
    const products = await catalogue.products(['discount', 'tip'])
    expect([...products.values()].map(({ kind }) => kind)).toEqual(['discount', 'tip'])
    expect(catalogue.all('nomenclatureRule').length).toBeGreaterThan(3)
    expect(catalogue.shop.box).toMatch(/^[A-Z0-9]{4}$/)
    expect(await store.ledger.after(0, 10)).toEqual([])
  })

  it('[G1] two boxes have two letters, the same box the same', async () => {
    const boxes = []
    for (const hub of ['one', 'two', 'one']) boxes.push((await openMarket({ hub })).catalogue.shop.box)
    expect(boxes[0]).toBe(boxes[2])
    expect(boxes[0]).not.toBe(boxes[1])
  })

  it('[G1] what was removed of it does not come back', async () => {
    const dir = await testFolder()
    const first = await openMarket({ dir })
    await first.call('till.catalogue.remove', { kind: 'unit', id: 'kg' })
    await first.call('till.shop.put', { shop: { name: 'Corner', currency: 'JPY', currencyDigits: 0 } })
    const { box } = first.catalogue.shop
    await first.store.close()
    const second = await openMarket({ dir })
    expect(second.catalogue.get('unit', 'kg')).toBeUndefined()
    expect(second.catalogue.shop).toMatchObject({ name: 'Corner', currency: 'JPY', box })
    expect(second.catalogue.revision).toBe(first.catalogue.revision)
  })

  it('[G1] a stored thing that makes no sense is reported and left out, and the rest works', async () => {
    const dir = await testFolder()
    const first = await openMarket({ dir })
    await first.store.till.catalogue.put([{ kind: 'tax', thing: { id: 'odd' } }])
    await first.store.close()
    const { catalogue, unreadable } = await openMarket({ dir })
    expect(unreadable).toEqual(['till-catalogue-tax-odd'])
    expect(catalogue.get('tax', 'odd')).toBeUndefined()
    expect(catalogue.get('unit', 'kg')).toBeDefined()
  })
})

describe('the shop', () => {
  it('[G2] the box stays when it is not given', async () => {
    const { call, catalogue } = await openMarket()
    const { box } = catalogue.shop
    expect(await call('till.shop.put', { shop: { name: 'Corner' } })).toMatchObject({ name: 'Corner', box })
    expect(await call('till.shop', {})).toEqual(catalogue.shop)
    await call('till.shop.put', { shop: { name: 'Corner', box: 'A1' } })
    expect(catalogue.shop.box).toBe('A1')
  })

  it('[G2] currency and decimals change before the first order and stay after it', async () => {
    const market = await openMarket()
    await market.call('till.shop.put', { shop: { name: 'S', currency: 'KWD', currencyDigits: 3 } })
    await openRegister(market, 'main')
    await market.store.till.orders.pay(paid('o1'))
    const put = (shop: object) => market.call('till.shop.put', { shop: { name: 'S', ...shop } })
    await expect(put({ currency: 'KWD', currencyDigits: 2 })).rejects.toEqual(
      code('till_invalid', { path: 'shop.currencyDigits' }),
    )
    await expect(put({ currency: 'EUR', currencyDigits: 3 })).rejects.toEqual(
      code('till_invalid', { path: 'shop.currency' }),
    )
    expect(await put({ currency: 'KWD', currencyDigits: 3, language: 'fr' })).toMatchObject({
      language: 'fr',
    })
  })

  it('[G2] refuses a time zone that there is not', async () => {
    const { call, catalogue } = await openMarket()
    await expect(call('till.shop.put', { shop: { name: 'S', timeZone: 'Mars/Base' } })).rejects.toEqual(
      code('till_invalid', { path: 'shop.timeZone' }),
    )
    expect(catalogue.shop.timeZone).toBe('UTC')
  })
})

describe('what things name', () => {
  it.each([
    ['product', { category: 'x' }, 'category', 'there is no category x'],
    ['product', { unit: 'x' }, 'unit', 'there is no unit x'],
    ['product', { taxes: ['vat', 'x'] }, 'taxes.1', 'there is no tax x'],
    ['product', { packs: [{ barcode: '1', quantity: '0' }] }, 'packs.0.quantity', 'must be more than 0'],
    [
      'product',
      { barcodes: ['1'], packs: [{ barcode: '1', quantity: '2' }] },
      'packs.0.barcode',
      '1 is given twice',
    ],
    ['category', { parent: 'x' }, 'parent', 'there is no category x'],
    ['unit', { factor: '0' }, 'factor', 'must be more than 0'],
    ['unit', { rounding: '0.00' }, 'rounding', 'must be more than 0'],
    ['tax', { kind: 'group', children: ['vat', 'x'] }, 'children.1', 'there is no tax x'],
    ['tax', { kind: 'group' }, 'children', 'a group needs the taxes that it holds'],
    ['tax', { kind: 'percent', children: ['vat'] }, 'children', 'only a group holds other taxes'],
    ['fiscalPosition', { taxes: [{ from: 'vat', to: ['vat', 'x'] }] }, 'taxes.0.to.1', 'there is no tax x'],
    ['customer', { pricelist: 'x' }, 'pricelist', 'there is no pricelist x'],
    ['register', { number: 2, defaultCustomer: 'x' }, 'defaultCustomer', 'there is no customer x'],
    [
      'register',
      { number: 2, paymentMethods: ['cash', 'x'] },
      'paymentMethods.1',
      'there is no paymentMethod x',
    ],
    ['table', { floor: 'x' }, 'floor', 'there is no floor x'],
    ['kitchen', { printer: 'k', categories: ['x'] }, 'categories.0', 'there is no category x'],
    ['pricelist', { rules: [{ id: 'r', kind: 'fixed' }] }, 'rules.0.price', 'a fixed price is missing'],
    [
      'pricelist',
      { rules: [{ id: 'r', kind: 'fixed', price: '1', product: 'x' }] },
      'rules.0.product',
      'there is no product x',
    ],
    [
      'pricelist',
      { rules: [{ id: 'r', kind: 'percent', percent: '1', base: 'x' }] },
      'rules.0.base',
      'there is no pricelist x',
    ],
    [
      'nomenclatureRule',
      { kind: 'weight', pattern: '21.....' },
      'pattern',
      'a rule of kind weight needs the place of its value, such as {NNDDD}',
    ],
    [
      'nomenclatureRule',
      { kind: 'product', pattern: '2{NX}' },
      'pattern',
      'holds braces that are not one {NNDDD}',
    ],
  ])('[G3] %s %j is refused at %s', async (kind, fields, path, reason) => {
    const { call, put, catalogue } = await openMarket()
    await put('tax', vat)
    const { revision } = catalogue
    const name = kind === 'nomenclatureRule' ? {} : { name: 'New' }
    const thing = { [kind]: { id: 'new', ...name, ...fields } }
    await expect(call('till.catalogue.put', { thing })).rejects.toEqual(
      code('till_invalid', { path: `thing.${kind}.${path}`, reason }),
    )
    expect(await call('till.catalogue', { kind })).toMatchObject({ revision })
  })

  it('[G4] nothing leads back to itself', async () => {
    const { call, put } = await openMarket()
    await put(
      'category',
      { id: 'a', name: 'A' },
      { id: 'b', name: 'B', parent: 'a' },
      { id: 'c', name: 'C', parent: 'b' },
    )
    await expect(put('category', { id: 'a', name: 'A', parent: 'c' })).rejects.toEqual(
      code('till_invalid', { path: 'thing.category.parent' }),
    )
    await expect(put('category', { id: 'd', name: 'D', parent: 'd' })).rejects.toEqual(
      code('till_invalid', { path: 'thing.category.parent' }),
    )
    await put('tax', vat, { id: 'g', name: 'G', kind: 'group', children: ['vat'] })
    await put('tax', { id: 'h', name: 'H', kind: 'group', children: ['g'] })
    await expect(put('tax', { id: 'g', name: 'G', kind: 'group', children: ['h'] })).rejects.toEqual(
      code('till_invalid', { path: 'thing.tax.children' }),
    )
    const rule = (base: string) => ({ id: 'r', kind: 'percent', percent: '5', base })
    await put('pricelist', { id: 'one', name: '1', rules: [rule('list')] })
    await put('pricelist', { id: 'two', name: '2', rules: [rule('one')] })
    await expect(put('pricelist', { id: 'one', name: '1', rules: [rule('two')] })).rejects.toEqual(
      code('till_invalid', { path: 'thing.pricelist.rules' }),
    )
    expect((await call('till.catalogue', { kind: 'category' })).things).toHaveLength(3)
  })

  it('[G5] a code belongs to one active product', async () => {
    const { put, store, call } = await openMarket()
    const milk = { id: 'milk', name: 'Milk', barcodes: ['111'], packs: [{ barcode: '666', quantity: '6' }] }
    await put('product', milk)
    for (const barcode of ['111', '666'])
      await expect(put('product', { id: 'tea', name: 'Tea', barcodes: [barcode] })).rejects.toEqual(
        code('till_invalid', { path: 'barcodes', reason: `${barcode} belongs to the product milk already` }),
      )
    expect(await store.till.catalogue.products(['tea'])).toEqual([])
    await put('product', { ...milk, active: false })
    await put('product', { id: 'tea', name: 'Tea', barcodes: ['111'] })
    expect((await store.till.catalogue.productByCode('111'))?.product.id).toBe('tea')
    expect(await store.till.catalogue.productByCode('666')).toBeUndefined()
    await expect(put('product', milk)).rejects.toEqual(code('till_invalid', { path: 'barcodes' }))
    await put('customer', { id: 'ann', name: 'Ann', barcode: '0421' })
    await expect(put('customer', { id: 'bob', name: 'Bob', barcode: '0421' })).rejects.toEqual(
      code('till_invalid', { path: 'barcode', reason: '0421 belongs to the customer ann already' }),
    )
    expect((await call('till.product.search', { text: 'milk' })).products).toEqual([])
  })
})

describe('registers', () => {
  it('[G6] no two have one number, also not one that is put away', async () => {
    const market = await openMarket()
    await openRegister(market, 'main')
    expect(await market.call('till.catalogue.remove', { kind: 'register', id: 'main' })).toMatchObject({
      inactive: true,
    })
    await expect(market.put('register', { id: 'bar', name: 'Bar', number: 1 })).rejects.toEqual(
      code('till_invalid', {
        path: 'thing.register.number',
        reason: '1 is the number of the register main',
      }),
    )
    await market.put('register', { id: 'bar', name: 'Bar', number: 2 })
  })

  it('[G6] one that was opened keeps its number; a new one may change it', async () => {
    const market = await openMarket()
    await market.put('register', { id: 'bar', name: 'Bar', number: 2 }, { id: 'bar', name: 'Bar', number: 3 })
    await openRegister(market, 'bar')
    await expect(market.put('register', { id: 'bar', name: 'Bar', number: 4 })).rejects.toEqual(
      code('till_invalid', { path: 'thing.register.number', reason: 'is on receipts already and stays 3' }),
    )
    await market.put('register', { id: 'bar', name: 'Beach bar', number: 3 })
  })
})

describe('removing', () => {
  it('[G7] what nobody needs goes', async () => {
    const { call, put, catalogue } = await openMarket()
    await put('category', { id: 'a', name: 'A' })
    await put('product', { id: 'milk', name: 'Milk' })
    expect(await call('till.catalogue.remove', { kind: 'category', id: 'a' })).toMatchObject({
      inactive: false,
    })
    expect(await call('till.catalogue.remove', { kind: 'product', id: 'milk' })).toMatchObject({
      inactive: false,
    })
    expect(catalogue.get('category', 'a')).toBeUndefined()
    await expect(catalogue.products(['milk'])).rejects.toEqual(
      code('till_unknown', { kind: 'product', id: 'milk' }),
    )
    await expect(call('till.catalogue.remove', { kind: 'category', id: 'a' })).rejects.toEqual(
      code('till_unknown'),
    )
  })

  it.each([
    ['unit', 'piece', 'the product discount uses it'],
    ['tax', 'vat', 'the fiscalPosition home uses it'],
    ['category', 'food', 'the category bread uses it'],
    ['category', 'bread', 'the product roll uses it'],
    ['pricelist', 'happy', 'the customer ann uses it'],
    ['fiscalPosition', 'home', 'the customer ann uses it'],
    ['floor', 'hall', 'the table t1 uses it'],
  ])('[G7] %s %s stays: %s', async (kind, id, reason) => {
    const { call, put } = await openMarket()
    await put('tax', vat)
    await put('category', { id: 'food', name: 'Food' }, { id: 'bread', name: 'Bread', parent: 'food' })
    await put('product', { id: 'roll', name: 'Roll', category: 'bread', taxes: ['vat'] })
    await put('pricelist', { id: 'happy', name: 'Happy' })
    await put('fiscalPosition', { id: 'home', name: 'Home', taxes: [{ from: 'vat', to: [] }] })
    await put('customer', { id: 'ann', name: 'Ann', pricelist: 'happy', fiscalPosition: 'home' })
    await put('floor', { id: 'hall', name: 'Hall' })
    await put('table', { id: 't1', name: '1', floor: 'hall' })
    await expect(call('till.catalogue.remove', { kind, id })).rejects.toEqual(
      code('till_in_use', { id, reason }),
    )
    expect((await call('till.catalogue', { kind })).things).toContainEqual(expect.objectContaining({ id }))
  })

  it('[G7] a tax that only products have stays', async () => {
    const { call, put } = await openMarket()
    await put('tax', vat)
    await put('product', { id: 'roll', name: 'Roll', taxes: ['vat'], note: 'without "levy"' })
    await put('tax', { ...vat, id: 'levy' })
    await expect(call('till.catalogue.remove', { kind: 'tax', id: 'vat' })).rejects.toEqual(
      code('till_in_use', { reason: 'the product roll uses it' }),
    )
    expect(await call('till.catalogue.remove', { kind: 'tax', id: 'levy' })).toMatchObject({
      inactive: false,
    })
  })

  it('[G7] what was sold, paid with or bought by becomes inactive', async () => {
    const market = await openMarket()
    await market.put('product', { id: 'milk', name: 'Milk' })
    await market.put('customer', { id: 'ann', name: 'Ann' })
    await openRegister(market, 'main')
    await market.store.till.orders.pay(paid('o1', { customer: 'ann' }))
    for (const [kind, id] of [
      ['product', 'milk'],
      ['customer', 'ann'],
      ['paymentMethod', 'cash'],
      ['register', 'main'],
    ] as const)
      expect(await market.call('till.catalogue.remove', { kind, id })).toMatchObject({ inactive: true })
    expect((await market.catalogue.products(['milk'])).get('milk')?.active).toBe(false)
    expect((await market.catalogue.customer('ann')).active).toBe(false)
    expect(market.catalogue.must('paymentMethod', 'cash').active).toBe(false)
    expect(await market.call('till.catalogue.remove', { kind: 'paymentMethod', id: 'card' })).toMatchObject({
      inactive: false,
    })
  })

  it('[G7] what a draft needs stays', async () => {
    const market = await openMarket()
    await market.put('product', { id: 'milk', name: 'Milk' })
    await market.put('pricelist', { id: 'happy', name: 'Happy' }, { id: 'late', name: 'Late' })
    await market.put('tax', vat)
    await openRegister(market, 'main')
    const doc = {
      lines: [{ product: 'milk', unit: 'piece' }],
      rules: { pricelist: 'happy', fiscalPosition: null, taxes: [vat] },
    }
    await market.store.till.orders.change([
      {
        put: {
          id: 'd1',
          register: 'main',
          session: 's-main',
          table: null,
          customer: null,
          label: null,
          tracking: 0,
          version: 0,
          total: 100,
          employee: 'mia',
          createdAt: 1,
          updatedAt: 1,
          doc: JSON.stringify(doc),
        },
        expect: { version: 0, client: 'till-1', now: 1 },
      },
    ])
    const remove = (kind: string, id: string) => market.call('till.catalogue.remove', { kind, id })
    await expect(remove('pricelist', 'happy')).rejects.toEqual(
      code('till_in_use', { reason: 'it is part of orders' }),
    )
    await expect(remove('tax', 'vat')).rejects.toEqual(
      code('till_in_use', { reason: 'it is part of orders' }),
    )
    expect(await remove('pricelist', 'late')).toMatchObject({ inactive: false })
    expect(await remove('product', 'milk')).toMatchObject({ inactive: true })
  })
})

describe('following', () => {
  it('[G8] pages by id, and with since only what changed and what is gone', async () => {
    const { call, put } = await openMarket()
    for (let index = 0; index < 7; index++) await put('category', { id: `c${index}`, name: `C ${index}` })
    const first = await call('till.catalogue', { kind: 'category', limit: 4 })
    expect(first.things.map(({ id }) => id)).toEqual(['c0', 'c1', 'c2', 'c3'])
    const second = await call('till.catalogue', { kind: 'category', limit: 4, after: first.next })
    expect(second.things.map(({ id }) => id)).toEqual(['c4', 'c5', 'c6'])
    expect(second.next).toBeUndefined()
    await call('till.catalogue.remove', { kind: 'category', id: 'c1' })
    await call('till.catalogue.remove', { kind: 'category', id: 'c5' })
    await put('category', { id: 'c2', name: 'New' }, { id: 'c5', name: 'Again' })
    const since = first.revision
    expect(await call('till.catalogue', { kind: 'category', since, limit: 1 })).toMatchObject({
      things: [],
      removed: ['c1'],
      next: 'c1',
    })
    const rest = await call('till.catalogue', { kind: 'category', since, after: 'c1' })
    expect(rest.things.map(({ id }) => id)).toEqual(['c2', 'c5'])
    expect(rest.removed).toEqual([])
    expect(rest.revision).toBe(first.revision + 4)
    expect(await call('till.catalogue', { kind: 'category', since: rest.revision })).toMatchObject({
      things: [],
      removed: [],
    })
  })

  it('[G8] what is put as it was has no new revision', async () => {
    const { call, put, published } = await openMarket()
    await put('category', { id: 'a', name: 'A' })
    const told = published.length
    const { revision } = await call('till.catalogue.put', { thing: { category: { id: 'a', name: 'A' } } })
    expect((await call('till.catalogue', { kind: 'category', since: revision - 1 })).things).toHaveLength(1)
    expect(published).toHaveLength(told)
  })

  it('[G9] minimal changes nothing, a cashier customers, a manager everything', async () => {
    const { call, people } = await openMarket()
    const as = async (right: 'minimal' | 'cashier' | 'manager') => {
      await people.put(
        { employee: { id: right, name: right, right, active: true, pin: '4815' } },
        { ...seller, role: 'technician' },
      )
      return (await people.login({ register: 'main', employee: right, pin: '4815' }, seller)).login
    }
    const logins = {
      manager: await as('manager'),
      cashier: await as('cashier'),
      minimal: await as('minimal'),
    }
    const customer = { customer: { id: 'ann', name: 'Ann' } }
    const category = { category: { id: 'a', name: 'A' } }
    const put = (login: string, thing: object) => call('till.catalogue.put', { login, thing }, seller)
    await expect(put(logins.minimal, customer)).rejects.toEqual(code('right_missing', { right: 'cashier' }))
    await expect(put(logins.cashier, category)).rejects.toEqual(code('right_missing', { right: 'manager' }))
    await put(logins.cashier, customer)
    await put(logins.manager, category)
    const login = logins.cashier
    for (const refused of [
      call('till.shop.put', { login, shop: { name: 'S' } }, seller),
      call('till.catalogue.remove', { login, kind: 'customer', id: 'ann' }, seller),
      call('till.catalogue.import', { login, kind: 'customer', format: 'csv', text: 'id,name\na,b' }, seller),
    ])
      await expect(refused).rejects.toEqual(code('right_missing', { right: 'manager' }))
    await expect(call('till.catalogue.put', { thing: customer }, seller)).rejects.toEqual(
      code('login_required'),
    )
  })

  it('[G10] changes are announced with their revision', async () => {
    const { call, put, published, catalogue } = await openMarket()
    await put('category', { id: 'a', name: 'A' })
    await call('till.catalogue.remove', { kind: 'category', id: 'a' })
    await call('till.shop.put', { shop: { name: 'S' } })
    const { revision } = catalogue
    expect(published).toEqual(
      [
        ['category', revision - 2],
        ['category', revision - 1],
        ['shop', revision],
      ].map(([kind, at]) => ({
        topic: 'till.catalogue.changed',
        data: { kind, revision: at },
      })),
    )
  })

  it('[G11] the ledger holds id and revision of a customer, and nothing that names them', async () => {
    const { put, call, store, catalogue } = await openMarket()
    await put('customer', { id: 'c-77', name: 'Ann Example', phone: '0170 1234567' })
    const { revision } = catalogue
    await put('customer', { id: 'c-77', name: 'Ann Example', phone: '0170 1234567' })
    await put('product', { id: 'milk', name: 'Milk' })
    await call('till.catalogue.import', { kind: 'customer', format: 'csv', text: 'id,name\nc-78,Imported' })
    const entries = (await store.ledger.after(0, 10)).filter(({ kind }) => kind === 'customer')
    expect(entries.map(({ body }) => JSON.parse(body))).toEqual([{ id: 'c-77', revision }])
    expect(JSON.stringify(entries)).not.toMatch(/Ann|0170/)
  })
})

describe('the page', () => {
  it('[G17] names every column of every kind', async () => {
    const page = await readFile(new URL('../../docs/till-catalogue.md', import.meta.url), 'utf8')
    for (const kind of catalogueKinds) {
      const line = page.split('\n').find((each) => each.startsWith(`| \`${kind}\` |`)) ?? ''
      const named = (line.split('|')[2] ?? '')
        .replace(/\([^)]*\)/g, '')
        .split(',')
        .map((each) => each.replaceAll('*', '').trim())
      expect(named).toEqual([...columnsOf(kind).keys()])
    }
  })
})
