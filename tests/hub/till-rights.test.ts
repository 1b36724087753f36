/** Every method of the till through the real hub: by whom it is let in, with employees and without. Rules of docs/till.md. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../src/hub/api.ts'
import { tillMethods } from '../../src/protocol/methods/till.ts'
import type { Params } from '../../src/protocol/methods.ts'
import type { Right } from '../../src/protocol/till/people.ts'
import { cashier, codeOf, HubBench, otherCashier, technician } from '../support/hub-bench.ts'
import { tillParams } from '../support/till-examples.ts'

type Method = keyof typeof tillMethods
const monitor: Caller = { client: 'screen', name: 'screen', role: 'monitor' }

/** Who is let in at the door of a method; undefined: whoever has a token that may call it. What an order needs besides is R16. */
const needs: Record<Method, Right | undefined> = {
  'till.shop': undefined,
  'till.shop.put': 'manager',
  'till.catalogue': undefined,
  'till.catalogue.put': 'manager',
  'till.catalogue.remove': 'manager',
  'till.catalogue.import': 'manager',
  'till.product.search': undefined,
  'till.product.get': undefined,
  'till.customer.search': undefined,
  'till.customer.get': undefined,
  'till.scan': undefined,
  'till.stock': undefined,
  'till.stock.put': 'manager',
  'till.employee.list': undefined,
  'till.employee.put': 'manager',
  'till.employee.remove': 'manager',
  'till.login': undefined,
  'till.logout': undefined,
  'till.session.open': 'cashier',
  'till.session.get': undefined,
  'till.session.list': undefined,
  'till.session.report': 'cashier',
  'till.session.print': 'cashier',
  'till.session.close': 'cashier',
  'till.cash.move': 'cashier',
  'till.drawer.open': 'cashier',
  'till.order.save': 'minimal',
  'till.order.compute': 'minimal',
  'till.order.get': undefined,
  'till.order.list': undefined,
  'till.order.hold': 'minimal',
  'till.order.release': undefined,
  'till.order.cancel': 'minimal',
  'till.order.pay': 'minimal',
  'till.order.refund': 'cashier',
  'till.order.invoice': 'minimal',
  'till.order.print': 'minimal',
  'till.weigh': 'minimal',
  'till.number.reserve': 'minimal',
  'till.order.split': 'cashier',
  'till.order.merge': 'cashier',
  'till.order.transfer': 'cashier',
  'till.order.kitchen': 'minimal',
  'till.report': 'cashier',
  'till.ledger.verify': undefined,
  'till.outbox.status': undefined,
  'till.outbox.list': undefined,
  'till.outbox.retry': 'manager',
}
const refused = new Set(['forbidden', 'login_required', 'right_missing'])
const everyMethod = Object.keys(tillMethods) as Method[]
const ranks: readonly Right[] = ['minimal', 'cashier', 'manager']

/** `let in` for everything that is not about rights: what the example names may well not be there. */
async function outcome(bench: HubBench, method: Method, caller: Caller, login?: string): Promise<string> {
  const params = { ...tillParams[method], ...(login !== undefined && { login }) }
  const code = await codeOf(bench.call(method, params as Params<Method>, caller))
  return refused.has(code) ? code : 'let in'
}

describe('rights over the wire', () => {
  let bench: HubBench
  const logins = {} as Record<Right | 'removed', string>
  beforeAll(async () => {
    bench = await HubBench.start()
    const mia = { id: 'mia', name: 'Mia', right: 'manager' as const, badge: 'B-mia' }
    await bench.call('till.employee.put', { employee: mia })
    for (const id of [...ranks, 'removed'] as const) {
      const right = id === 'removed' ? 'manager' : id
      await bench.call('till.employee.put', { employee: { id, name: id, right, badge: `B-${id}` } })
      const { login } = await bench.call('till.login', { register: 'main', badge: `B-${id}` }, cashier)
      logins[id] = login
    }
    await bench.call('till.employee.remove', { id: 'removed' })
  })
  afterAll(() => bench.end())

  it('[SH4] the table has every method', () => {
    expect(Object.keys(needs).sort()).toEqual(everyMethod.sort())
  })

  it.each(everyMethod)('[SH4] %s', async (method) => {
    const need = needs[method]
    const roles = tillMethods[method].roles
    const takesLogin = need !== undefined
    const without = need === undefined ? 'let in' : 'login_required'
    expect(await outcome(bench, method, monitor)).toBe(roles.includes('monitor') ? 'let in' : 'forbidden')
    expect(await outcome(bench, method, cashier)).toBe(without)
    if (!takesLogin) return
    // Of another client, of somebody removed, made up.
    expect(await outcome(bench, method, otherCashier, logins.manager)).toBe('login_required')
    expect(await outcome(bench, method, cashier, logins.removed)).toBe('login_required')
    expect(await outcome(bench, method, cashier, 'x'.repeat(43))).toBe('login_required')
    for (const right of ranks) {
      if (ranks.indexOf(right) >= ranks.indexOf(need)) continue
      expect(await outcome(bench, method, cashier, logins[right]), right).toBe('right_missing')
    }
    expect(await outcome(bench, method, technician, logins.minimal)).toBe('login_required')
  })
})

describe('rights over the wire without employees', () => {
  it('[SH4] a till has the right that the shop gives, and a monitor none', async () => {
    const bench = await HubBench.start()
    const shop = await bench.call('till.shop', {})
    await bench.call('till.shop.put', { shop: { ...shop, withoutEmployees: 'cashier' } })
    for (const method of everyMethod) {
      const expected = needs[method] === 'manager' ? 'right_missing' : 'let in'
      expect(await outcome(bench, method, cashier), method).toBe(expected)
      const watches = tillMethods[method].roles.includes('monitor')
      expect(await outcome(bench, method, monitor), method).toBe(watches ? 'let in' : 'forbidden')
    }
    await bench.end()
  })

  it('[Q4] a log-in holds after a restart, for its client only', async () => {
    const bench = await HubBench.start()
    const mia = { id: 'mia', name: 'Mia', right: 'manager' as const, badge: 'B-mia' }
    await bench.call('till.employee.put', { employee: mia })
    const { login } = await bench.call('till.login', { register: 'main', badge: 'B-mia' }, cashier)
    await bench.stop()
    const again = await HubBench.start({ dir: bench.dir, clock: bench.clock })
    expect(await outcome(again, 'till.drawer.open', cashier, login)).toBe('let in')
    expect(await outcome(again, 'till.drawer.open', otherCashier, login)).toBe('login_required')
    expect(await outcome(again, 'till.drawer.open', cashier)).toBe('login_required')
    await again.end()
  })
})

describe('a till that is held to devices', () => {
  it('[SH5] opens the drawer of its register with a reason, and with no job of its own', async () => {
    const bench = await HubBench.start()
    await bench.printer('counter')
    const { devices } = await bench.call('device.list', {})
    const drawer = devices[0]?.id ?? ''
    const { things } = await bench.call('till.catalogue', { kind: 'register' })
    await bench.call('till.catalogue.put', { thing: { register: { ...things[0], drawer } as never } })
    const held: Caller = { ...cashier, devices: new Set(['display-1']) }
    const submit = { id: 'j1', device: drawer, kind: 'drawer.open' as const, payload: {} }
    expect(await codeOf(bench.call('job.submit', submit, held))).toBe('device_unknown')
    const open = { id: 'd1', register: 'main', reason: 'change' }
    expect(await codeOf(bench.call('till.drawer.open', open, held))).toBe('no error')
    await bench.end()
  })
})
