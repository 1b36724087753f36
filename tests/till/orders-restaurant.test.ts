/** Tables and kitchens: bills that are shared and put together, tickets with only what changed, and what is printed on demand. */
import { describe, expect, it } from 'vitest'
import { settle } from '../support/clock.ts'
import {
  call,
  card,
  cash,
  failure,
  line,
  openShop,
  order,
  type ShopBench,
  save,
  sellNow,
  till,
} from './orders-support.ts'

const soup = line('soup', '3')
const wine = line('wine', '2')

const kitchen = (bench: ShopBench, version: number, more: object = {}) =>
  call(bench, 'kitchen', { id: 'o1', version, ...more })

/** What is on the paper of a job. */
const paper = (bench: ShopBench, job: string) => bench.jobs.get(job)?.receipt ?? ''

describe('tables', () => {
  it('[R42] a shared bill keeps prices, totals and what the kitchen knows', async () => {
    const bench = await openShop()
    const byHand = line('bread', '1', { price: '2.22' })
    const draft = await save(bench, 'o1', [soup, wine, byHand], { table: 'tab1', discount: '10' })
    await kitchen(bench, 1)
    bench.published.length = 0
    const wanted = [
      { line: soup.id, quantity: '2' },
      { line: byHand.id, quantity: '1' },
    ]
    const split = { id: 'o1', version: 2, into: 'o2', lines: wanted }
    const { left, taken } = await call(bench, 'split', split)
    expect(left.totals.total + taken.totals.total).toBe(draft.totals.total)
    expect(taken).toMatchObject({ version: 1, tracking: 2, table: 'tab1', held: null, bills: 0 })
    expect(taken.lines.filter(({ kind }) => kind === 'item')).toMatchObject([
      { product: 'soup', quantity: '2', price: '6.40' },
      { product: 'bread', quantity: '1', price: '2.22', priceKind: 'manual' },
    ])
    expect([left.kitchen.sent, taken.kitchen.sent]).toEqual([
      { [soup.id]: '1', [wine.id]: '2' },
      { [soup.id]: '2', [byHand.id]: '1' },
    ])
    expect(bench.published.map(({ data }) => data)).toMatchObject([
      { id: 'o1', version: 3 },
      { id: 'o2', version: 1 },
    ])
    expect(await call(bench, 'split', split)).toEqual({ left, taken })
    expect((await call(bench, 'kitchen', { id: 'o2', version: 1 })).jobs).toEqual([])
    expect((await kitchen(bench, 3)).jobs).toEqual([])
  })

  it('[R2] a part of a piece that a split made stays that part when the bill is saved or paid', async () => {
    const bench = await openShop()
    const draft = await save(bench, 'o1', [soup])
    const half = [{ line: soup.id, quantity: '1.5' }]
    const { left, taken } = await call(bench, 'split', { id: 'o1', version: 1, into: 'o2', lines: half })
    expect(left.totals.total + taken.totals.total).toBe(draft.totals.total)
    const part = { ...soup, quantity: '1.5' }
    const saved = await call(bench, 'save', { version: left.version, order: order('o1', [part]) })
    expect(saved.totals.total).toBe(left.totals.total)
    const sold = await sellNow(bench, 'o2', [part])
    expect(sold.totals.total).toBe(taken.totals.total)
    const other = { ...part, quantity: '1.4' }
    const changed = await call(bench, 'save', { version: saved.version, order: order('o1', [other]) })
    expect(changed.lines[0]?.quantity).toBe('1')
  })

  it('[R42] nothing is taken that is not there, and not everything', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [soup])
    const split = (lines: object[], more: object = {}) =>
      failure(call(bench, 'split', { id: 'o1', version: 1, into: 'o2', lines, ...more }))
    expect((await split([{ line: soup.id, quantity: '4' }])).code).toBe('till_invalid')
    expect((await split([{ line: 'none', quantity: '1' }])).code).toBe('till_unknown')
    expect(await split([{ line: soup.id, quantity: '3' }])).toEqual({ code: 'till_invalid', path: 'lines' })
    const one = [{ line: soup.id, quantity: '1' }]
    expect(await split(one, { into: 'o1' })).toEqual({ code: 'till_invalid', path: 'into' })
    expect((await split(one, { version: 2 })).code).toBe('order_changed')
    await save(bench, 'o3', [wine])
    expect((await split(one, { into: 'o3' })).code).toBe('till_conflict')
    expect((await call(bench, 'get', { id: 'o1' })).draft?.version).toBe(1)
    await sellNow(bench, 'o5', [soup, wine])
    await call(bench, 'refund', { id: 'o6', register: 'r1', order: 'o5' })
    expect(await split([{ line: soup.id, quantity: '-3' }], { id: 'o6' })).toEqual({
      code: 'till_invalid',
      path: 'id',
    })
  })

  it('[R43] two bills become one, with all lines, and the first is gone', async () => {
    const bench = await openShop()
    const more = { ...line('soup', '1'), id: wine.id }
    await save(bench, 'o1', [soup, wine], { table: 'tab1', guests: 2 })
    await save(bench, 'o2', [more, line('bread', '1', { note: 'warm' })], {
      guests: 1,
      tip: 50,
      customer: 'ines',
    })
    await kitchen(bench, 1)
    await call(bench, 'kitchen', { id: 'o2', version: 1 })
    bench.published.length = 0
    const merge = { from: 'o2', into: 'o1' }
    const merged = await call(bench, 'merge', merge)
    expect(merged).toMatchObject({ id: 'o1', version: 3, table: 'tab1', guests: 3, customer: 'ines' })
    expect(merged.totals.total).toBe(3 * 640 + 2 * 1_999 + 640 + 250 + 50)
    expect(merged.lines.map(({ product, quantity }) => [product, quantity])).toEqual([
      ['soup', '4'],
      ['wine', '2'],
      ['bread', '1'],
      ['tip', '1'],
    ])
    expect(merged.kitchen.sent[soup.id]).toBe('4')
    expect((await kitchen(bench, 3)).jobs).toEqual([])
    expect(await call(bench, 'merge', merge)).toEqual(merged)
    expect((await failure(save(bench, 'o2', [soup]))).code).toBe('order_ended')
    expect(bench.published.map(({ data }) => data)).toMatchObject([
      { id: 'o1', state: 'draft' },
      { id: 'o2', state: 'cancelled' },
    ])
    const figures = await bench.store.till.sessions.figures('s-r1')
    expect(figures?.cancelled).toBe(0)
  })

  it('[R43] bills that cannot become one stay two', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [soup])
    await save(bench, 'o2', [line('wine')], { customer: 'joe' })
    await save(bench, 'o3', [line('wine')], { discount: '10' })
    const merge = (from: string, into = 'o1', who = till()) =>
      failure(call(bench, 'merge', { from, into }, who))
    const no = { code: 'till_invalid', path: 'from' }
    expect([await merge('o1'), await merge('o2'), await merge('o3')]).toEqual([no, no, no])
    expect((await merge('o9')).code).toBe('till_unknown')
    await save(bench, 'o4', [line('bread')])
    await call(bench, 'hold', { id: 'o4', ms: 60_000 }, till('a'))
    expect((await merge('o4', 'o1', till('b'))).code).toBe('order_held')
    expect((await call(bench, 'list', { state: 'draft' })).orders).toHaveLength(4)
  })

  it('[R44] an order moves to another table, once', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [soup], { table: 'tab1' })
    const move = { id: 'o1', version: 1, table: 'tab2' }
    const moved = await call(bench, 'transfer', move)
    expect(moved).toMatchObject({ version: 2, table: 'tab2', totals: { total: 1_920 } })
    expect(await call(bench, 'transfer', move)).toEqual(moved)
    const to = (table: string | null, version = 2) => call(bench, 'transfer', { id: 'o1', version, table })
    expect(await failure(to('tab9'))).toEqual({ code: 'till_unknown', path: 'table' })
    expect(await failure(to('tab0'))).toEqual({ code: 'till_invalid', path: 'table' })
    expect((await failure(to(null, 1))).code).toBe('order_changed')
    expect((await to(null)).table).toBeNull()
  })
})

describe('kitchens', () => {
  it('[R45] each is told what is new for it, and nothing twice', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [{ ...soup, internalNote: 'no salt' }, wine, line('shirt')])
    const told = await kitchen(bench, 1)
    expect(told.jobs).toEqual(
      ['k.o1.2.stove', 'k.o1.2.bar'].sort((a, b) => told.jobs.indexOf(a) - told.jobs.indexOf(b)),
    )
    expect(told.draft.kitchen).toMatchObject({ sent: { [soup.id]: '3', [wine.id]: '2' }, fired: [] })
    expect([...bench.jobs].map(([, { device }]) => device).sort()).toEqual(['printer-b', 'printer-k'])
    expect(paper(bench, 'k.o1.2.stove')).toContain('Soup')
    expect(paper(bench, 'k.o1.2.stove')).toContain('no salt')
    expect(paper(bench, 'k.o1.2.stove')).not.toContain('Wine')
    expect(await kitchen(bench, 1)).toEqual(told)
    expect(await kitchen(bench, 2)).toEqual({ draft: told.draft, jobs: [] })
    expect(bench.jobs.size).toBe(2)
  })

  it('[R45] a line that was taken out is told by the name that it was told under', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [soup, wine])
    await kitchen(bench, 1)
    await call(bench, 'save', { version: 2, order: order('o1', [{ ...wine, quantity: '3' }]) })
    const { draft, jobs } = await kitchen(bench, 3)
    expect(jobs).toHaveLength(2)
    expect(paper(bench, 'k.o1.4.stove')).toContain('Soup')
    expect(draft.kitchen.sent).toEqual({ [wine.id]: '3' })
    expect((await kitchen(bench, 4)).jobs).toEqual([])
  })

  it('[R45] of a cancelled order nothing is made any more', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [soup, wine])
    await kitchen(bench, 1)
    await call(bench, 'save', { version: 2, order: order('o1', [wine]) })
    await call(bench, 'cancel', { id: 'o1', version: 3 })
    expect([...bench.jobs.keys()].slice(2).sort()).toEqual(['k.o1.4.bar', 'k.o1.4.stove'])
    expect(paper(bench, 'k.o1.4.stove')).toContain('Soup')
    expect(paper(bench, 'k.o1.4.bar')).toContain('Wine')
  })

  it('[R45] a kitchen whose printer fails keeps no sale waiting', async () => {
    const bench = await openShop()
    bench.broken.add('printer-k')
    await save(bench, 'o1', [soup, wine])
    const { draft, jobs } = await kitchen(bench, 1)
    expect([draft.version, jobs.length]).toEqual([2, 2])
    expect([...bench.jobs.keys()]).toEqual(['k.o1.2.bar'])
    expect(bench.warnings).toHaveLength(1)
  })

  it('[R46] a course is called at the kitchens that make it', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [{ ...soup, course: 2 }, wine])
    await kitchen(bench, 1)
    const { draft, jobs } = await kitchen(bench, 2, { course: 2 })
    expect(jobs).toEqual(['k.o1.3.stove'])
    expect(draft.kitchen.fired).toEqual([2])
    expect(await failure(kitchen(bench, 3, { course: 3 }))).toEqual({ code: 'till_invalid', path: 'course' })
  })
})

describe('printing on demand', () => {
  it('[R37] the second receipt and every later one is a counted duplicate, once for each job', async () => {
    const bench = await openShop()
    await sellNow(bench, 'o1', [line('bread')])
    const print = (job: string, what = 'receipt') => call(bench, 'print', { id: 'o1', what, job })
    expect(await print('j1')).toEqual({ job: 'j1', prints: 2 })
    expect(await Promise.all([print('j2'), print('j2')])).toEqual([
      { job: 'j2', prints: 3 },
      { job: 'j2', prints: 3 },
    ])
    expect(await print('j1')).toEqual({ job: 'j1', prints: 3 })
    expect(await print('g1', 'gift')).toEqual({ job: 'g1', prints: 3 })
    expect(paper(bench, 'g1')).not.toContain('2.50')
    expect([...bench.jobs.keys()]).toEqual(['d.o1', 'r.o1.1', 'j1', 'j2', 'g1'])
    const entries = (await bench.store.ledger.after(0, 100)).filter(
      ({ kind }) => kind === 'receipt.duplicate',
    )
    expect(entries.map(({ body }) => JSON.parse(body).job)).toEqual(['j1', 'j2'])
    expect((await bench.store.till.sessions.figures('s-r1'))?.duplicates).toBe(2)
  })

  it('[R37] what cannot be printed is told and not counted', async () => {
    const bench = await openShop({ register: { printer: undefined } })
    await sellNow(bench, 'o1', [line('bread')])
    const print = (id: string, more: object) =>
      call(bench, 'print', { id, what: 'receipt', job: 'j1', ...more })
    expect(await failure(print('o1', {}))).toEqual({ code: 'till_invalid', path: 'printer' })
    expect((await failure(print('o9', {}))).code).toBe('till_unknown')
    await save(bench, 'o2', [])
    expect(await failure(print('o2', {}))).toEqual({ code: 'till_invalid', path: 'what' })
    expect(await failure(print('o2', { what: 'bill' }))).toEqual({ code: 'till_invalid', path: 'id' })
    expect(await failure(print('o1', { what: 'bill' }))).toEqual({ code: 'till_invalid', path: 'what' })
    expect(await print('o1', { printer: 'printer-9' })).toEqual({ job: 'j1', prints: 1 })
    expect(bench.jobs.get('j1')?.device).toBe('printer-9')
  })

  it('[R37] a printer that is not there, or does not print, is told before anything is counted', async () => {
    const bench = await openShop()
    await sellNow(bench, 'o1', [line('bread')])
    await save(bench, 'o2', [soup])
    const print = (printer: string, what = 'receipt', id = 'o1') =>
      failure(call(bench, 'print', { id, what, job: 'j1', printer }))
    for (const what of ['receipt', 'gift']) {
      expect(await print('nothing', what)).toEqual({ code: 'device_unknown', path: 'printer' })
      expect(await print('scale-1', what)).toEqual({ code: 'capability_missing', path: 'printer' })
    }
    expect((await print('nothing', 'bill', 'o2')).code).toBe('device_unknown')
    expect((await call(bench, 'get', { id: 'o1' })).sold?.prints).toBe(1)
    expect((await call(bench, 'get', { id: 'o2' })).draft).toMatchObject({ version: 1, bills: 0 })
    const kinds = (await bench.store.ledger.after(0, 100)).map(({ kind }) => kind)
    expect(kinds).not.toContain('receipt.duplicate')
    expect(bench.jobs.has('j1')).toBe(false)
  })

  it('[R38] a bill is counted and makes a version, once for each job', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [soup])
    const print = (job: string) => call(bench, 'print', { id: 'o1', what: 'bill', job })
    expect(await print('b1')).toEqual({ job: 'b1', prints: 1 })
    expect(await print('b1')).toEqual({ job: 'b1', prints: 1 })
    expect(await print('b2')).toEqual({ job: 'b2', prints: 2 })
    expect((await call(bench, 'get', { id: 'o1' })).draft).toMatchObject({ version: 3, bills: 2 })
    const paid = { id: 'o1', version: 3, expectedTotal: 1_920, payments: [cash(920), card(1_000)] }
    expect((await call(bench, 'pay', paid)).paid).toBe(1_920)
    await settle()
    expect((await call(bench, 'get', { id: 'o1' })).sold?.prints).toBe(1)
  })
})
