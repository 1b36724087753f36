/** Importing: what is read, what is told by its row, and that the rest comes in. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tillLimits } from '../../src/protocol/till/amounts.ts'
import { plainDecimal } from '../../src/till/catalogue/columns.ts'
import { csvRecords } from '../../src/till/catalogue/csv.ts'
import { importLimits } from '../../src/till/catalogue/import.ts'
import { testFolder } from '../store/support/folder.ts'
import { code, type Market, openMarket } from './catalogue-support.ts'

const csv = (market: Market, kind: string, text: string, dry = false) =>
  market.call('till.catalogue.import', { kind, format: 'csv', text, dry })
const json = (market: Market, kind: string, text: string) =>
  market.call('till.catalogue.import', { kind, format: 'json', text })
const product = async ({ catalogue }: Market, id: string) => (await catalogue.products([id])).get(id)
const rowsOf = (text: string) => [...csvRecords(text)].map(({ row, cells }) => [row, ...cells])

describe('reading CSV', () => {
  it('[G17] finds the separator, with BOM and any line ends', () => {
    for (const end of ['\r\n', '\n', '\r'])
      for (const separator of [';', ',', '\t'])
        expect(rowsOf(`\uFEFFid${separator}name${end}a${separator}b${end}`)).toEqual([
          [1, 'id', 'name'],
          [2, 'a', 'b'],
        ])
    expect(rowsOf('sep=|\r\nid|na;me;s\r\na|b')).toEqual([
      [2, 'id', 'na;me;s'],
      [3, 'a', 'b'],
    ])
    expect(rowsOf('"a;b;c",d,e')).toEqual([[1, 'a;b;c', 'd', 'e']])
  })

  it('[G17] quotes hold separators, quotes and line breaks, and a break within them begins no row', () => {
    expect(rowsOf('a,b\n"x, ""y""\r\nz",2\n\n,\n3,"4"')).toEqual([
      [1, 'a', 'b'],
      [2, 'x, "y"\r\nz', '2'],
      [5, '3', '4'],
    ])
    expect(rowsOf('a,5" nail\nb,')).toEqual([
      [1, 'a', '5" nail'],
      [2, 'b', ''],
    ])
  })

  it('[G17] reads back what was written, whatever it holds', () => {
    const cell = fc
      .string({ unit: fc.constantFrom('a', 'é', '"', ';', ',', '\t', '\n', '\r', ' ', '牛') })
      .map((text) => text.trim())
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 5 })
          .chain((width) =>
            fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 8 }),
          ),
        fc.constantFrom(';', ',', '\t'),
        fc.constantFrom('\n', '\r\n'),
        (rows, separator, end) => {
          const head = Array.from({ length: (rows[0]?.length ?? 1) + 1 }, (_, index) => `c${index}`)
          const written = rows.map((row) => ['x', ...row])
          const quoted = [head, ...written].map((row) =>
            row.map((text) => `"${text.replaceAll('"', '""')}"`).join(separator),
          )
          const read = rowsOf(quoted.join(end))
          expect(read).toEqual([head, ...written].map((row, index) => [index + 1, ...row]))
        },
      ),
    )
  })

  it.each([
    ['1,99', '1.99'],
    ['1.99', '1.99'],
    ['1.234,56', '1234.56'],
    ['1,234.56', '1234.56'],
    ['1.234.567,8', '1234567.8'],
    ['1,234', '1.234'],
    ['-0,5', '-0.5'],
    ['12', '12'],
    ['€ 5', '€ 5'],
    ['1,2,3', '1,2,3'],
  ])('[G17] %s is %s', (text, decimal) => {
    expect(plainDecimal(text)).toBe(decimal)
  })

  it('[G17] every form of a cell', async () => {
    const market = await openMarket()
    await market.put(
      'tax',
      { id: 'vat', name: 'VAT', kind: 'percent' },
      { id: 'levy', name: 'Levy', kind: 'fixed' },
    )
    const head = 'ID;Name;Price;taxes;barcodes;packs;attributes;favourite;sequence;toWeigh;kind'
    const text = `${head}\np1;Pâté;1.234,50;vat | levy;111|222;6 x 333|2,5*444;Size=M|Colour=Red;x;7;no;service`
    expect(await csv(market, 'product', text)).toMatchObject({ rows: 1, added: 1, problems: [] })
    expect(await product(market, 'p1')).toMatchObject({
      name: 'Pâté',
      price: '1234.50',
      taxes: ['vat', 'levy'],
      barcodes: ['111', '222'],
      packs: [
        { barcode: '333', quantity: '6' },
        { barcode: '444', quantity: '2.5' },
      ],
      attributes: [
        { name: 'Size', value: 'M' },
        { name: 'Colour', value: 'Red' },
      ],
      favourite: true,
      toWeigh: false,
      sequence: 7,
      kind: 'service',
    })
    const rule = { id: 'r', kind: 'percent', percent: '10' }
    const quoted = JSON.stringify([rule]).replaceAll('"', '""')
    expect(await csv(market, 'pricelist', `id,name,rules\nhappy,Happy,"${quoted}"`)).toMatchObject({
      added: 1,
    })
    expect(market.catalogue.must('pricelist', 'happy').rules).toMatchObject([rule])
    const positions = 'id;name;taxes\nexport;Export;vat>\nhome;Home;vat>levy|levy>vat+levy\nfree;Free;none'
    expect(await csv(market, 'fiscalPosition', positions)).toMatchObject({ added: 3 })
    expect(market.catalogue.all('fiscalPosition').map(({ id, taxes }) => [id, taxes])).toEqual([
      ['export', [{ from: 'vat', to: [] }]],
      ['free', null],
      [
        'home',
        [
          { from: 'vat', to: ['levy'] },
          { from: 'levy', to: ['vat', 'levy'] },
        ],
      ],
    ])
    expect(
      await csv(
        market,
        'register',
        'id,name,number,cashRounding\nbar,Bar,7,"{""step"":5,""method"":""nearest""}"',
      ),
    ).toMatchObject({ added: 1 })
    expect(market.catalogue.must('register', 'bar').cashRounding).toEqual({
      step: 5,
      method: 'nearest',
      cashOnly: true,
    })
  })
})

describe('rows that are wrong', () => {
  it('[G18] are told with row, column and reason; the others come in', async () => {
    const market = await openMarket()
    const text = [
      'id,name,price,category,packs,favourite,colour',
      'a,A,1.5,,,,red',
      'b,B,dear,,,,',
      'c,C,1,,,maybe,',
      'd,D,1,food,,,',
      '"e","E',
      'still E",2,,,,',
      '',
      'f,F,1,,six,,',
      'g,,1,,,,',
      'h,H,1,,,,,9',
      'i!,I,1,,,,',
      'j,J,3,,,,',
      'k,"K"K,3,,,,',
    ].join('\n')
    const report = await csv(market, 'product', text)
    expect(report).toMatchObject({ kind: 'product', rows: 11, added: 3, changed: 0, same: 0, refused: 8 })
    expect(report.problems.map(({ row, column }) => [row, column])).toEqual([
      [1, 'colour'],
      [3, 'price'],
      [4, 'favourite'],
      [5, 'category'],
      [8, 'packs'],
      [9, 'name'],
      [10, null],
      [11, 'id'],
      [13, null],
    ])
    expect(report.problems.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('is not a column of product; there are id, name,'),
      'is not a decimal price with up to 6 decimals',
      'is not true or false',
      'there is no category food',
      'six is not a pack such as 6 x 4006381333931',
      'is missing',
      'has 8 cells; there are 7 columns',
      'is not 1 to 64 of A-Za-z0-9._-',
      'there is text behind a closing quote',
    ])
    expect([...(await market.catalogue.products(['a', 'e', 'j'])).keys()].sort()).toEqual(['a', 'e', 'j'])
    expect((await product(market, 'e'))?.name).toBe('E\nstill E')
  })

  it('[G18] an open quote is told where it opens', async () => {
    const market = await openMarket()
    const report = await csv(market, 'unit', 'id,name\na,A\nb,"B\nc,C\n')
    expect(report).toMatchObject({ added: 1, refused: 1 })
    expect(report.problems).toEqual([{ row: 3, column: null, reason: 'a quote is opened and not closed' }])
  })

  it('[G18] an empty text, and one of column names alone, change nothing', async () => {
    const market = await openMarket()
    const { length } = market.published
    const problems = [{ row: 1, column: null, reason: 'there is nothing to import: no row was found' }]
    for (const text of ['', '\uFEFF', '\n\n', 'id,name', 'id,name\n'])
      expect(await csv(market, 'unit', text)).toMatchObject({ rows: 0, added: 0, refused: 0, problems })
    expect(market.published).toHaveLength(length)
  })

  it.each(['prize', 'pric', 'pricee', 'xrice'])(
    '[G18] a column %s is price misspelt: nothing comes in at no price',
    async (column) => {
      const market = await openMarket()
      const report = await csv(market, 'product', `id,name,${column}\nmilk,Milk,1.99\n`)
      expect(report).toMatchObject({ rows: 0, added: 0 })
      expect(report.problems).toEqual([{ row: 1, column, reason: expect.stringContaining('price is.') }])
    },
  )

  it('[G25] an id or code that is twice is refused the second time', async () => {
    const market = await openMarket()
    await market.put('product', { id: 'old', name: 'Old', barcodes: ['999'] })
    const report = await csv(
      market,
      'product',
      'id,name,barcodes\na,A,111\nb,B,111\na,A again,\nc,C,999\nd,D,888|888',
    )
    expect(report).toMatchObject({ rows: 5, added: 1, refused: 4 })
    expect(report.problems).toEqual([
      { row: 3, column: 'barcodes', reason: '111 is in row 2 already' },
      { row: 4, column: 'id', reason: 'a is in row 2 already' },
      { row: 5, column: 'barcodes', reason: '999 belongs to the product old already' },
      { row: 6, column: 'barcodes.1', reason: '888 is given twice' },
    ])
    const dry = await csv(
      market,
      'product',
      `id,name,barcodes\n${Array.from({ length: 450 }, (_, at) => `n${at},N,z${at % 449}`).join('\n')}`,
      true,
    )
    expect(dry.problems).toEqual([{ row: 451, column: 'barcodes', reason: 'z0 is in row 2 already' }])
  })

  it('[G23] only the first problems are told, and all are counted', async () => {
    const market = await openMarket()
    const report = await csv(market, 'unit', `id,factor\n${'x,1\n'.repeat(importLimits.problemsMax + 1)}`)
    expect(report.refused).toBe(importLimits.problemsMax + 1)
    expect(report.problems).toHaveLength(importLimits.problemsMax)
  })

  it('[G23] of more rows than the limit nothing is read', async () => {
    const market = await openMarket()
    const text = `id,name\n${'a,A\n'.repeat(tillLimits.importRowsMax + 1)}`
    await expect(csv(market, 'unit', text)).rejects.toEqual(code('till_invalid', { path: 'text' }))
    expect(market.catalogue.get('unit', 'a')).toBeUndefined()
    const report = await csv(market, 'unit', text.slice(0, -'a,A\n'.length))
    expect(report).toMatchObject({
      rows: tillLimits.importRowsMax,
      added: 1,
      refused: tillLimits.importRowsMax - 1,
    })
  }, 60_000)
})

describe('things that are there', () => {
  it('[G19] are changed in the columns that there are; an empty cell clears', async () => {
    const market = await openMarket()
    const milk = {
      id: 'milk',
      name: 'Milk',
      price: '1.10',
      reference: 'M1',
      favourite: true,
      barcodes: ['111'],
    }
    await market.put('product', milk)
    expect(await csv(market, 'product', 'id,price,reference\nmilk,1.20,')).toMatchObject({
      changed: 1,
      added: 0,
    })
    const { reference: _, ...rest } = milk
    const now = await product(market, 'milk')
    expect(now).toMatchObject({ ...rest, price: '1.20' })
    expect(now).not.toHaveProperty('reference')
    const { revision } = market.catalogue
    expect(await csv(market, 'product', 'id,price\nmilk,1.20')).toMatchObject({ same: 1, changed: 0 })
    expect(market.catalogue.revision).toBe(revision)
    const cleared = await csv(market, 'product', 'id,name\nmilk,')
    expect(cleared.problems).toEqual([{ row: 2, column: 'name', reason: 'is missing' }])
  })

  it('[G19] without an id a product is known by reference or barcode, a customer by the card', async () => {
    const market = await openMarket()
    const text = 'reference,barcodes,name\nAB 12/3,,A\n,4006381333931,B\n,,C'
    const report = await csv(market, 'product', text)
    expect(report).toMatchObject({ added: 2, refused: 1 })
    expect(report.problems).toEqual([
      { row: 4, column: 'id', reason: 'there is no id, and neither a reference nor a barcode' },
    ])
    expect(
      [...(await market.catalogue.products(['AB-12-3', '4006381333931'])).values()].map(({ name }) => name),
    ).toEqual(expect.arrayContaining(['A', 'B']))
    expect(await csv(market, 'product', text.replace(',A\n', ',A2\n'))).toMatchObject({
      changed: 1,
      same: 1,
      refused: 1,
    })
    await market.put('product', { id: 'own', name: 'Own', barcodes: ['777'] })
    expect(await csv(market, 'product', 'barcodes,name\n777,Renamed')).toMatchObject({ changed: 1, added: 0 })
    expect((await product(market, 'own'))?.name).toBe('Renamed')
    expect(await csv(market, 'customer', 'barcode,name\n0421,Ann\n,Bob')).toMatchObject({
      added: 1,
      refused: 1,
    })
    expect((await market.catalogue.customer('0421')).name).toBe('Ann')
    expect((await csv(market, 'unit', 'name\nx')).problems).toEqual([
      { row: 2, column: 'id', reason: 'there is no id' },
    ])
  })

  it('[G20] dry tells the same and changes nothing', async () => {
    const market = await openMarket()
    await market.put('category', { id: 'food', name: 'Food' })
    const { revision } = market.catalogue
    const { length } = market.published
    const text = 'id,name,parent\nfood,Food,\nbread,Bread,bakery\nbakery,Bakery,food\nodd,Odd,none'
    const told = await csv(market, 'category', text, true)
    expect(market.catalogue.revision).toBe(revision)
    expect(await market.store.till.catalogue.revision()).toBe(revision)
    expect(market.published).toHaveLength(length)
    expect(await csv(market, 'category', text)).toEqual(told)
    expect(told).toMatchObject({ rows: 4, added: 2, same: 1, refused: 1 })
  })

  it('[G21] a parent may come later; what has none is told at the end', async () => {
    const market = await openMarket()
    const names = Array.from({ length: 450 }, (_, index) => `c${index},C,c${index + 1}`)
    const report = await csv(
      market,
      'category',
      ['id,name,parent', ...names, 'c450,C,', 'x,X,nowhere'].join('\n'),
    )
    expect(report).toMatchObject({ rows: 452, added: 451, refused: 1 })
    expect(report.problems).toEqual([{ row: 453, column: 'parent', reason: 'there is no category nowhere' }])
  })
})

describe('JSON', () => {
  it('[G22] an array and lines are the same', async () => {
    const things = [
      { id: 'a', name: 'A "quoted" ]},', barcodes: ['1'] },
      { id: 'b', name: 'B\\', packs: [{ barcode: '2', quantity: '6' }] },
    ]
    for (const text of [
      JSON.stringify(things),
      `\uFEFF ${JSON.stringify(things, null, 2)} `,
      things.map((each) => JSON.stringify(each)).join('\r\n'),
    ]) {
      const market = await openMarket()
      expect(await json(market, 'product', text)).toMatchObject({ rows: 2, added: 2, problems: [] })
      expect(await product(market, 'a')).toMatchObject(things[0] as object)
      expect(await product(market, 'b')).toMatchObject(things[1] as object)
    }
  })

  it('[G22] a row that is wrong is told by its place or line', async () => {
    const market = await openMarket()
    const array = await json(
      market,
      'unit',
      '[{"id":"a","name":"A"}, 5, {"id":"b","name":"B","odd":1}, {bad}, {"id":"c","name":"C"',
    )
    expect(array).toMatchObject({ rows: 5, added: 1, refused: 4 })
    expect(array.problems).toEqual([
      { row: 2, column: null, reason: 'is not an object' },
      { row: 3, column: 'odd', reason: 'is not a known field' },
      { row: 4, column: null, reason: 'is not valid JSON' },
      { row: 5, column: null, reason: 'the text ends within the array' },
    ])
    const lines = await json(market, 'unit', '{"id":"d","name":"D"}\n\n{"id":5}\n')
    expect(lines).toMatchObject({ rows: 2, added: 1, refused: 1 })
    expect(lines.problems).toMatchObject([{ row: 3, column: 'id' }])
  })
})

describe('meanwhile', () => {
  const many = (count: number) =>
    `id,name\n${Array.from({ length: count }, (_, index) => `p${index},P ${index}`).join('\n')}`

  it('[G24] others have their turn between slices', async () => {
    const market = await openMarket()
    let ended = false
    const importing = csv(market, 'product', many(importLimits.sliceRows * 5)).then(() => {
      ended = true
    })
    await market.put('customer', { id: 'ann', name: 'Ann' })
    expect(ended).toBe(false)
    await importing
    expect((await market.catalogue.customer('ann')).name).toBe('Ann')
  })

  it('[G10] [G24] a slice is one commit and one revision, and the import is announced once', async () => {
    const market = await openMarket()
    const { revision } = market.catalogue
    const { commits } = market.store.stats
    await csv(market, 'product', many(importLimits.sliceRows * 2 + 1))
    expect(market.catalogue.revision).toBe(revision + 3)
    expect(market.store.stats.commits).toBe(commits + 3)
    expect(market.published).toEqual([
      { topic: 'till.catalogue.changed', data: { kind: 'product', revision: revision + 3 } },
    ])
  })

  it('[G24] when the store goes away in between, the slices before are there and the same file adds the rest', async () => {
    const dir = await testFolder()
    const market = await openMarket({ dir })
    const { revision } = market.catalogue
    const text = many(importLimits.sliceRows * 10)
    const importing = csv(market, 'product', text).catch((error: unknown) => error)
    while (market.catalogue.revision < revision + 2) await nextTurn()
    await market.store.close()
    expect(await importing).toEqual(code('store_unavailable'))
    expect(market.published).toHaveLength(1)
    const again = await openMarket({ dir })
    const report = await csv(again, 'product', text)
    expect(report.same % importLimits.sliceRows).toBe(0)
    expect(report.same).toBeGreaterThan(0)
    expect(report.same + report.added).toBe(importLimits.sliceRows * 10)
    expect(report.added).toBeGreaterThan(0)
  })
})
