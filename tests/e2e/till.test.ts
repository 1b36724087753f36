/** The till over the wire: two clients of other people's making share one shop, by HTTP and WebSocket, through the real hub. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, tillbridge, until } from '../support/hub-process.ts'
import { type Basket, fillShop, paying, totalOf } from '../support/shop.ts'
import { serveTwin, type TwinServer } from '../support/twin-tcp.ts'

const code = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )
const basket = (id: string): Basket => ({
  id,
  lines: [
    { product: 'milk', quantity: 3 },
    { product: 'wine', quantity: 1 },
  ],
})

describe('a till over the wire', () => {
  const twin = createEscposTwin({ clock: systemClock })
  let server: TwinServer
  let hub: HubProcess
  let one: HubClient
  let two: HubClient
  const heard: { topic: string; data: unknown }[] = []

  beforeAll(async () => {
    server = await serveTwin(twin)
    hub = await HubProcess.start({ args: ['--log', 'debug'] })
    one = await hub.client('technician')
    two = await hub.client('cashier')
    await one.call('device.add', {
      class: 'printer',
      driver: 'escpos',
      profile: 'epson-tm-m30ii',
      port: `tcp://127.0.0.1:${server.port}`,
    })
    await two.subscribe(['till.*'], (event) => void heard.push(event))
    await fillShop(one)
  })
  afterAll(async () => {
    await hub.end()
    await server.close()
  })
  const register = async () => {
    const { things } = await one.call('till.catalogue', { kind: 'register' })
    return things.find(({ id }) => id === 'main') as Record<string, unknown>
  }

  it('[SH1] sells once what is asked for twice, and refuses other content under the same id', async () => {
    const opening = { id: 'morning', register: 'main', counted: 10_000 }
    const session = await one.call('till.session.open', opening)
    expect(await one.call('till.session.open', opening)).toEqual(session)
    expect(await code(one.call('till.session.open', { ...opening, counted: 1 }))).toBe('till_conflict')

    const request = paying(basket('o-1'))
    const sold = await two.call('till.order.pay', request)
    expect(sold).toMatchObject({ number: 1, change: 1_000, paid: totalOf(basket('o-1')) })
    const again = await one.call('till.order.pay', request)
    expect([again.reference, again.ledger]).toEqual([sold.reference, sold.ledger])
    expect(await code(two.call('till.order.pay', { ...request, payments: [] }))).toBe('till_conflict')
    const move = { id: 'c-1', session: 'morning', amount: -2_000, reason: 'to the bank' }
    expect(await one.call('till.cash.move', move)).toEqual(await one.call('till.cash.move', move))
    const report = await one.call('till.session.report', { session: 'morning' })
    expect(report).toMatchObject({ orders: 1, cashExpected: 10_000 + totalOf(basket('o-1')) - 2_000 })
  })

  it('[SH3] tells every till of a parked order, lets one hold it, and sells it once', async () => {
    const { order } = paying(basket('o-2'))
    if (order === undefined) throw new Error('no order')
    const draft = await one.call('till.order.save', { version: 0, order })
    await until(
      () => heard.some(({ data }) => (data as { id: string }).id === 'o-2'),
      'the draft at the other till',
    )
    await one.call('till.order.hold', { id: 'o-2', ms: 60_000 })
    const { payments, expectedTotal } = paying(basket('o-2'))
    const pay = (client: HubClient, version: number) =>
      client.call('till.order.pay', { id: 'o-2', version, payments, expectedTotal, print: false })
    expect(await code(pay(two, draft.version))).toBe('order_held')
    await one.call('till.order.release', { id: 'o-2' })
    const { draft: seen } = await two.call('till.order.get', { id: 'o-2' })
    const both = await Promise.allSettled([pay(one, seen?.version ?? 0), pay(two, seen?.version ?? 0)])
    const references = both.flatMap((end) => (end.status === 'fulfilled' ? [end.value.reference] : []))
    expect(new Set(references).size).toBe(1)
    await until(
      () =>
        heard.some(
          ({ data }) =>
            (data as { id: string; state?: string }).id === 'o-2' &&
            (data as { state?: string }).state === 'paid',
        ),
      'the end of the draft',
    )
    expect((await one.call('till.order.list', { state: 'draft' })).orders).toEqual([])
  })

  it('[SH4] lets a monitor look and change nothing, and an employee do what their right says', async () => {
    const monitor = await hub.client('monitor')
    expect((await monitor.call('till.order.list', { state: 'paid' })).orders).toHaveLength(2)
    expect(
      await code(monitor.call('till.cash.move', { id: 'x', session: 'morning', amount: 1, reason: 'no' })),
    ).toBe('forbidden')

    await one.call('till.employee.put', {
      employee: { id: 'ada', name: 'Ada', right: 'manager', pin: '471112' },
    })
    await one.call('till.employee.put', {
      employee: { id: 'bob', name: 'Bob', right: 'minimal', pin: '081599' },
    })
    expect(await code(two.call('till.order.pay', paying(basket('o-3'))))).toBe('login_required')
    expect(await code(two.call('till.login', { register: 'main', employee: 'bob', pin: '000000' }))).toBe(
      'pin_wrong',
    )
    const { login } = await two.call('till.login', { register: 'main', employee: 'bob', pin: '081599' })
    const sold = await two.call('till.order.pay', { ...paying(basket('o-3')), login })
    expect(sold.employee).toBe('bob')
    const move = { login, id: 'c-2', session: 'morning', amount: -1, reason: 'no' }
    expect(await code(two.call('till.cash.move', move))).toBe('right_missing')
    expect(
      await code(one.call('till.order.save', { login, version: 0, order: { id: 'o-4', register: 'main' } })),
    ).toBe('login_required')
  })

  it('[SH5] sells for a client that is held to a device, and lets it name no other', async () => {
    await one.call('till.catalogue.put', {
      thing: { register: { ...(await register()), printer: 'printer-1' } as never },
    })
    await hub.setUp()
    const { code: pairing } = await one.call('pair.code', { role: 'cashier', devices: ['printer-1'] })
    const response = await fetch(`${hub.url}/api/v1/pair`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: pairing, name: 'held' }),
    })
    const held = await hub.client('cashier', ((await response.json()) as { token?: string }).token)
    const { login } = await held.call('till.login', { register: 'main', employee: 'ada', pin: '471112' })
    await held.call('till.order.pay', { ...paying(basket('o-5')), login })
    const print = (printer: string) =>
      held.call('till.order.print', { login, id: 'o-5', what: 'receipt', job: `p.${printer}`, printer })
    expect(await code(print('printer-2'))).toBe('device_unknown')
    expect(await print('printer-1')).toMatchObject({ prints: 1 })
  })

  it('[R37] counts no duplicate for a printer that the hub does not have', async () => {
    const printed = async () => (await one.call('till.order.get', { id: 'o-5' })).sold?.prints
    const before = await printed()
    const print = { id: 'o-5', what: 'receipt', job: 'p.nothing', printer: 'printer-9' } as const
    expect(await code(one.call('till.order.print', print))).toBe('device_unknown')
    expect(await printed()).toBe(before)
  })

  it('[SH7] sells while the printer is away, and prints when it is there', async () => {
    const { login } = await two.call('till.login', { register: 'main', employee: 'ada', pin: '471112' })
    const sold = await two.call('till.order.pay', { ...paying(basket('o-6')), login, print: true })
    await until(() => twin.printedText().includes(sold.reference), 'the receipt')
    await one.call('device.disable', { id: 'printer-1' })
    expect(await two.call('till.order.pay', { ...paying(basket('o-7')), login, print: true })).toMatchObject({
      number: sold.number + 1,
    })
    await one.call('device.enable', { id: 'printer-1' })
  })

  it('[SH6] keeps PINs, badges and log-ins out of log, audit and events', async () => {
    await one.call('till.employee.put', {
      employee: { id: 'eve', name: 'Eve', right: 'cashier', badge: '041777777' },
    })
    const { login } = await two.call('till.login', { register: 'main', badge: '041777777' })
    const { entries } = await one.call('audit.list', { limit: 500 })
    expect(entries.map(({ act }) => act)).toContain('till.employee.put')
    const { lines } = (await one.call('log.read', { level: 'debug' })) as unknown as { lines: unknown }
    const told = JSON.stringify([entries, lines, heard]) + hub.log()
    for (const secret of ['471112', '081599', '041777777', login]) expect(told).not.toContain(secret)
  })

  it('[SH9] names the first entry of the ledger that is not what it was', async () => {
    const { entries, broken } = await one.call('till.ledger.verify', {})
    expect(broken).toBeNull()
    await hub.stop()
    const { DatabaseSync } = await import('node:sqlite')
    const db = new DatabaseSync(`${hub.dir}/books.db`)
    db.exec('DROP TRIGGER ledger_no_update')
    const { changes } = db.prepare('UPDATE ledger SET at = at + 1 WHERE seq = 3').run()
    db.close()
    expect(Number(changes)).toBe(1)
    expect(entries).toBeGreaterThan(3)
    const { code: exit, stdout } = await tillbridge(['verify', '--data', hub.dir, '--json'])
    expect(exit).toBe(1)
    expect(JSON.stringify(JSON.parse(stdout).broken)).toMatch(/\b3\b/)
  })
})
