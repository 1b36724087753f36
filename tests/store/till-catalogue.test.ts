/** The catalogue in the store: searching compared with a plain calculation, codes, and changes that are undone. */
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type Customer,
  customerSchema,
  type Product,
  productSchema,
} from '../../src/protocol/till/catalogue.ts'
import { migrate, readMigrations } from '../../src/store/migrations.ts'
import { openStore } from '../../src/store/open.ts'
import { catalogueOperations } from '../../src/store/till/catalogue.ts'

async function opened() {
  const store = await openStore({ dir: ':memory:', inline: true })
  onTestFinished(() => store.close())
  return store.till.catalogue
}

const product = (id: string, fields: object = {}): Product => productSchema.parse({ id, name: id, ...fields })
const customer = (id: string, fields: object = {}): Customer =>
  customerSchema.parse({ id, name: id, ...fields })
const asThings = (products: readonly Product[]) =>
  products.map((thing) => ({ kind: 'product' as const, thing }))
const ids = (things: readonly { id: string }[]) => things.map(({ id }) => id)

const vocabulary = [
  'milk',
  'Müsli',
  'miel',
  'Brot',
  'BREAD',
  'bröd',
  'crème',
  'no',
  '12',
  '125',
  'Ärger',
  'z',
]
const plain = (text: string) =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')

/** Who is found, worked out the long way. */
function expected(products: readonly Product[], text: string, limit: number): string[] {
  const words = plain(text)
    .split(' ')
    .filter((word) => word !== '')
  const fits = ({ name, reference, barcodes, active }: Product) =>
    active &&
    words.every(
      (word) =>
        plain(name)
          .split(' ')
          .some((each) => each.startsWith(word)) ||
        [reference ?? '', ...barcodes].some((each) =>
          word.length < 3 ? plain(each).startsWith(word) : plain(each).includes(word),
        ),
    )
  const order = (a: Product, b: Product) =>
    Number(b.favourite) - Number(a.favourite) ||
    a.sequence - b.sequence ||
    (plain(a.name) < plain(b.name) ? -1 : plain(a.name) > plain(b.name) ? 1 : a.id < b.id ? -1 : 1)
  return ids(products.filter(fits).sort(order).slice(0, limit))
}

describe('searching', () => {
  const name = fc
    .array(fc.constantFrom(...vocabulary), { minLength: 1, maxLength: 3 })
    .map((words) => words.join(' '))
  const fields = fc.record({
    name,
    sequence: fc.integer({ min: 0, max: 12 }),
    favourite: fc.boolean(),
    active: fc.constantFrom(true, true, true, false),
    reference: fc.constantFrom(undefined, 'R12', 'x-99', '1250'),
  })
  const text = fc.oneof(
    name,
    fc.constantFrom('', 'm', 'mi', 'b', 'br', '1', '12', 'milk b', 'r1', '250', 'creme', 'qqq', 'é'),
  )

  it('[G12] [G13] finds what a plain calculation finds, in the same order, through changes and removals', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.option(fields)), { maxLength: 80 }),
        fc.array(text, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 12 }),
        async (steps, texts, limit) => {
          const catalogue = await opened()
          const there = new Map<string, Product>()
          for (const [number, change] of steps) {
            const id = `p${number}`
            if (change === null) {
              there.delete(id)
              await catalogue.remove('product', id)
            } else {
              const { reference, ...rest } = change
              const thing = product(id, {
                ...rest,
                ...(reference !== undefined && { reference }),
                barcodes: [`40${number}9${number}`],
              })
              there.set(id, thing)
              await catalogue.put(asThings([thing]))
            }
            // Now and then, so that the index follows many changes at once and single ones.
            if (number % 7 === 0) await catalogue.searchProducts({ text: '', limit: 1 })
          }
          for (const each of texts)
            expect([each, ids(await catalogue.searchProducts({ text: each, limit }))]).toEqual([
              each,
              expected([...there.values()], each, limit),
            ])
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)

  it('[G13] a favourite that was put last comes first among very many', async () => {
    const catalogue = await opened()
    const many = Array.from({ length: 5_000 }, (_, index) =>
      product(`m${index}`, { name: `Milk ${index}`, sequence: index % 9 }),
    )
    await catalogue.put(asThings(many))
    expect(await catalogue.searchProducts({ text: 'm', limit: 3 })).toHaveLength(3)
    const star = product('zz', { name: 'Milk zz', sequence: 1_000_000, favourite: true })
    await catalogue.put(asThings([star]))
    expect(ids(await catalogue.searchProducts({ text: 'm', limit: 1 }))).toEqual(['zz'])
    await catalogue.put(asThings([{ ...star, active: false }]))
    for (const query of ['m', 'milk', 'milk 4'])
      expect(ids(await catalogue.searchProducts({ text: query, limit: 500 }))).toEqual(
        expected(many, query, 500),
      )
    const all = await catalogue.searchProducts({ text: 'mil', limit: 6_000 })
    expect(ids(all)).toEqual(expected(many, 'mil', 6_000))
  })

  it.each([
    ['Coca-Cola 1,5 l', ['coca', 'cola', 'coca-cola', 'coca cola', '1,5', '1,5 l', 'coca 5']],
    ['Straße', ['strasse', 'STRASSE', 'straß']],
    ['Smørrebrød', ['smorre', 'SMØR']],
    ['牛奶 1L', ['牛', '奶', '牛奶', '1l']],
    ['Кефир', ['кеф', 'КЕФИР']],
    ['İstanbul çay', ['istanbul', 'cay']],
  ])('[G12] %s is found by %j', async (name, texts) => {
    const catalogue = await opened()
    await catalogue.put(asThings([product('it', { name }), product('other', { name: 'Other' })]))
    for (const text of texts)
      expect([text, ids(await catalogue.searchProducts({ text, limit: 5 }))]).toEqual([text, ['it']])
  })

  it('[G12] codes by any part, grouped by blanks as well, and by their beginning when it is short', async () => {
    const catalogue = await opened()
    const milk = {
      reference: 'AB-12/3',
      barcodes: ['4006381333931'],
      packs: [{ barcode: '9006381333948', quantity: '6' }],
    }
    await catalogue.put(
      asThings([product('milk', { name: 'Milk', attributes: [{ name: 'Fat', value: 'Half' }], ...milk })]),
    )
    const found = async (text: string) => ids(await catalogue.searchProducts({ text, limit: 5 }))
    for (const text of [
      '4006381333931',
      '638133393',
      '4',
      '40',
      '393',
      'ab-12',
      'AB123',
      '12/3',
      '4 006381 333931',
      'milk 931',
      'half',
      '9006',
    ])
      expect([text, await found(text)]).toEqual([text, ['milk']])
    for (const text of ['6', '39', '4006381333932', 'ilk', 'milk 999', 'fat'])
      expect([text, await found(text)]).toEqual([text, []])
  })

  it('[G13] what a transaction put that was undone is not found', () => {
    const db = new DatabaseSync(':memory:')
    onTestFinished(() => db.close())
    migrate(db, readMigrations('books'), undefined)
    const { reads, writes } = catalogueOperations(db, () => ({ seq: 1, at: 1, kind: '', body: '', hash: '' }))
    const found = (text: string) =>
      reads['catalogue.searchProducts']({ text, limit: 9 }).map((doc) => (JSON.parse(doc) as Product).name)
    const put = (id: string, name: string) =>
      writes['catalogue.put']([{ kind: 'product', id, doc: JSON.stringify(product(id, { name })) }])
    put('a', 'Apple')
    db.exec('BEGIN')
    put('a', 'Almond')
    put('b', 'Bread')
    expect(found('')).toEqual(['Almond', 'Bread'])
    db.exec('ROLLBACK')
    expect([found('apple'), found('almond'), found('b')]).toEqual([['Apple'], [], []])
    // The same revision again, with other content.
    put('c', 'Cake')
    expect([found(''), found('almond')]).toEqual([['Apple', 'Cake'], []])
  })
})

describe('codes', () => {
  it('[G5] may be swapped in one step, not in two', async () => {
    const catalogue = await opened()
    await catalogue.put(asThings([product('a', { barcodes: ['1'] }), product('b', { barcodes: ['2'] })]))
    const swapped = [product('a', { barcodes: ['2'] }), product('b', { barcodes: ['1'] })]
    await expect(catalogue.put(asThings(swapped.slice(0, 1)))).rejects.toMatchObject({ code: 'till_invalid' })
    await catalogue.put(asThings(swapped))
    expect((await catalogue.productByCode('1'))?.product.id).toBe('b')
    expect(await catalogue.owners('product', ['1', '2', '3'])).toEqual(
      new Map([
        ['1', 'b'],
        ['2', 'a'],
      ]),
    )
    await expect(
      catalogue.put(asThings([product('c', { barcodes: ['7'] }), product('d', { barcodes: ['7'] })])),
    ).rejects.toMatchObject({ context: { reason: '7 belongs to the product c already' } })
    expect(await catalogue.products(['c', 'd'])).toEqual([])
  })

  it('[G5] are free when the product goes', async () => {
    const catalogue = await opened()
    await catalogue.put(
      asThings([product('a', { barcodes: ['1'], packs: [{ barcode: '6', quantity: '6' }] })]),
    )
    expect(await catalogue.productByCode('6')).toMatchObject({ quantity: '6' })
    expect(await catalogue.remove('product', 'a')).toMatchObject({ removed: true })
    expect(await catalogue.remove('product', 'a')).toMatchObject({ removed: false })
    expect([await catalogue.productByCode('1'), await catalogue.productByCode('6')]).toEqual([
      undefined,
      undefined,
    ])
    await catalogue.put(asThings([product('b', { barcodes: ['1', '6'] })]))
    await catalogue.put([{ kind: 'customer', thing: customer('x', { barcode: '1' }) }])
    expect((await catalogue.customerByCode('1'))?.id).toBe('x')
  })
})

describe('pages', () => {
  it('[G8] the same pages whether few or many have changed', async () => {
    const catalogue = await opened()
    const many = Array.from({ length: 2_500 }, (_, index) => product(`p${String(index).padStart(4, '0')}`))
    await catalogue.put(asThings(many))
    const since = await catalogue.revision()
    const follow = async (from: number) => {
      const told: string[] = []
      for (let after: string | undefined; ; ) {
        const page = await catalogue.page({ kind: 'product', since: from, after, limit: 300 })
        expect(page.things.length + page.removed.length).toBeLessThanOrEqual(300)
        told.push(...ids(page.things), ...page.removed.map((id) => `-${id}`))
        after = page.next
        if (after === undefined) return told
      }
    }
    expect(await follow(0)).toEqual(ids(many))
    for (const index of [5, 400, 2_499])
      await catalogue.put(asThings([product(many[index]?.id ?? '', { name: 'New' })]))
    await catalogue.remove('product', 'p0007')
    expect((await follow(since)).sort()).toEqual(['-p0007', 'p0005', 'p0400', 'p2499'])
    const changed = many.filter(({ id }) => id !== 'p0007').map(({ id }) => product(id, { name: 'All' }))
    await catalogue.put(asThings(changed))
    expect((await follow(since)).sort()).toEqual(['-p0007', ...ids(changed)])
  })
})
