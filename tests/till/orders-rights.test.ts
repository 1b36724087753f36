/** Rights: each change of an order against what whoever makes it may do. */
import { beforeEach, describe, expect, it } from 'vitest'
import { HubError } from '../../src/protocol/errors.ts'
import { settle } from '../support/clock.ts'
import {
  call,
  cash,
  failure,
  line,
  openShop,
  order,
  type ShopBench,
  staff,
  technician,
} from './orders-support.ts'

let bench: ShopBench
let logins: Awaited<ReturnType<typeof staff>>

async function shop(register: object = {}): Promise<void> {
  bench = await openShop({ register })
  logins = await staff(bench)
}
beforeEach(() => shop())

let version = 0
/** Saves the next version of the order `o1` as somebody. */
async function saveAs(right: keyof typeof logins, lines: object[], more: object = {}): Promise<void> {
  await call(bench, 'save', { version, login: logins[right], order: order('o1', lines, more) })
  version++
}
beforeEach(() => {
  version = 0
})

/** The least right that may do it, and the path that lesser ones are told. */
async function least(lines: object[], more: object = {}): Promise<unknown> {
  const told: unknown[] = []
  for (const right of ['minimal', 'cashier', 'manager'] as const)
    try {
      await saveAs(right, lines, more)
      return [right, ...told.slice(0, 1)]
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'right_missing') throw error
      told.push(error.context.path)
    }
  return told
}

describe('what needs which right', () => {
  const bread = line('bread')
  it('[R16] selling at given prices, notes, customer, tip and what has no price need nobody', async () => {
    const asked = line('misc', '1', { price: '4' })
    expect(
      await least([{ ...bread, note: 'warm' }, asked], { customer: 'ines', tip: 50, guests: 2 }),
    ).toEqual(['minimal'])
  })

  const cases: [what: string, lines: object[], more: object, path: string][] = [
    ['a discount of a line', [line('bread', '1', { discount: '5' })], {}, 'lines.0.discount'],
    ['a discount of the order', [bread], { discount: '5' }, 'discount'],
    ['a price by hand', [bread, line('wine', '1', { price: '1' })], {}, 'lines.1.price'],
    ['a negative quantity', [line('bread', '-1')], {}, 'lines.0.quantity'],
    ['a pricelist', [bread], { pricelist: 'happy' }, 'pricelist'],
    ['a fiscal position', [bread], { fiscalPosition: 'export' }, 'fiscalPosition'],
  ]
  it.each(cases)('[R16] %s needs a cashier', async (_what, lines, more, path) => {
    expect(await least(lines, more)).toEqual(['cashier', path])
    // What a cashier has allowed, stays allowed.
    expect(await least(lines, more)).toEqual(['minimal'])
  })

  it('[R16] more of a discount needs it again, less and none does too, and none of it does not', async () => {
    const at = (discount: string) => [line('bread', '1', { id: 'd', discount })]
    await saveAs('cashier', at('5'))
    expect(await least(at('6'))).toEqual(['cashier', 'lines.0.discount'])
    expect(await least(at('0'))).toEqual(['minimal'])
  })

  it('[R16] a customer brings pricelist and fiscal position along for everybody', async () => {
    expect(await least([bread], { customer: 'joe' })).toEqual(['minimal'])
  })

  it('[R16] what a customer brought along does not stay without the customer', async () => {
    await saveAs('minimal', [bread], { customer: 'joe' })
    const alone = { pricelist: 'happy', fiscalPosition: 'export' }
    expect(await least([bread], alone)).toEqual(['cashier', 'pricelist'])
    expect(await least([bread], alone)).toEqual(['minimal'])
  })

  it('[R16] where prices are controlled, a price by hand needs a manager', async () => {
    await shop({ priceControl: true })
    const lines = [line('bread', '1', { price: '1' })]
    expect(await least(lines)).toEqual(['manager', 'lines.0.price'])
    expect(await least([line('misc', '1', { price: '4' })])).toEqual(['minimal'])
  })

  it('[R16] an order leaves its table with a cashier', async () => {
    await saveAs('minimal', [bread], { table: 'tab1' })
    expect(await least([bread], { table: 'tab2' })).toEqual(['cashier', 'table'])
  })

  it('[R16] cancelling needs a cashier, but for an order with nothing in it', async () => {
    const cancel = (right: 'minimal' | 'cashier', id: string) =>
      call(bench, 'cancel', { id, version: 1, login: logins[right] })
    await saveAs('minimal', [bread])
    expect(await failure(cancel('minimal', 'o1'))).toEqual({ code: 'right_missing', path: 'id' })
    await cancel('cashier', 'o1')
    await call(bench, 'save', { version: 0, login: logins.minimal, order: order('o2', []) })
    await cancel('minimal', 'o2')
    expect((await call(bench, 'list', { state: 'draft' })).orders).toEqual([])
  })

  it('[R16] refunds, split, merge and transfer need a cashier', async () => {
    await saveAs('minimal', [bread, line('wine')])
    const login = logins.minimal
    const asked = [
      call(bench, 'refund', { id: 'x', register: 'r1', order: 'o1', login }),
      call(bench, 'split', {
        id: 'o1',
        version: 1,
        into: 'x',
        lines: [{ line: bread.id, quantity: '1' }],
        login,
      }),
      call(bench, 'merge', { from: 'o1', into: 'x', login }),
      call(bench, 'transfer', { id: 'o1', version: 1, table: 'tab1', login }),
    ]
    for (const one of asked) expect((await failure(one)).code).toBe('right_missing')
  })

  it('[R16] paying an order that is sent along needs the same rights, and an approval does as well', async () => {
    const input = order('o5', [line('bread', '1', { discount: '50' })])
    const pay = {
      id: 'o5',
      order: input,
      expectedTotal: 125,
      payments: [{ id: 'p', method: 'card', amount: 125 }],
    }
    const login = logins.minimal
    expect(await failure(call(bench, 'pay', { ...pay, login }))).toEqual({
      code: 'right_missing',
      path: 'lines.0.discount',
    })
    const wrong = { badge: 'B-milo' }
    expect((await failure(call(bench, 'pay', { ...pay, login, approval: wrong }))).code).toBe('right_missing')
    const sold = await call(bench, 'pay', { ...pay, login, approval: { badge: 'B-carl' } })
    expect(sold).toMatchObject({ paid: 125, employee: 'milo' })
  })

  it('[R49] who approved is in the paid order and the ledger, on no receipt, and nowhere when nobody had to', async () => {
    const pay = (id: string, more: object, lines: object[] = [line('bread')]) =>
      call(bench, 'pay', {
        ...{ id, order: order(id, lines, { customer: 'ines' }), expectedTotal: 250 },
        ...{ payments: [cash(250)], login: logins.minimal, approval: { badge: 'B-carl' }, ...more },
      })
    const priced = await pay('a1', {}, [line('wine', '1', { price: '2.50' })])
    const onAccount = await pay('a2', { payments: [{ id: 'p', method: 'account', amount: 250 }] })
    const tooMuch = await pay('a3', { payments: [cash(250 * 1_000_000)] })
    for (const sold of [priced, onAccount, tooMuch]) expect(sold.approvedBy).toBe('carl')
    const alone = await pay('a4', {})
    expect(alone).not.toHaveProperty('approvedBy')
    const entries = await bench.store.ledger.after(0, 100)
    const filed = entries.filter(({ kind }) => kind === 'order').map(({ body }) => JSON.parse(body))
    expect(filed.map(({ approvedBy }) => approvedBy)).toEqual(['carl', 'carl', 'carl', undefined])
    await settle()
    expect(bench.jobs.get('r.a1.1')?.receipt).toContain('2.50')
    expect(bench.jobs.get('r.a1.1')?.receipt?.toLowerCase()).not.toContain('carl')
  })

  it('[R18] without a log-in nothing is done; a technician needs none', async () => {
    const input = { version: 0, order: order('o1', [line('bread', '1', { discount: '5' })]) }
    expect((await failure(call(bench, 'save', input))).code).toBe('login_required')
    expect((await call(bench, 'save', input, technician)).employee).toBe('workshop')
  })
})

describe('what the kitchen or the guest knows of', () => {
  const soup = line('soup', '3')
  const wine = line('wine')

  it('[R17] taking away what the kitchen was told needs a cashier', async () => {
    await saveAs('minimal', [soup, wine])
    await call(bench, 'kitchen', { id: 'o1', version: 1, login: logins.minimal })
    version = 2
    expect(await least([{ ...soup, quantity: '4' }, wine])).toEqual(['minimal'])
    expect(await least([{ ...soup, quantity: '3' }, wine])).toEqual(['minimal'])
    expect(await least([{ ...soup, quantity: '2' }, wine])).toEqual(['cashier', `lines.${soup.id}`])
    expect(await least([wine])).toEqual(['cashier', `lines.${soup.id}`])
  })

  it('[R17] and so does what is on a bill', async () => {
    const bread = line('misc', '1', { price: '1' })
    await saveAs('minimal', [bread])
    await saveAs('minimal', [{ ...bread, quantity: '2' }])
    expect(await least([bread])).toEqual(['minimal'])
    await call(bench, 'print', { id: 'o1', what: 'bill', job: 'b1', login: logins.minimal })
    version++
    expect(await least([])).toEqual(['cashier', `lines.${bread.id}`])
  })
})
