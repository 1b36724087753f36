/** A day at two tills of one register: mixed sales, the hub killed in the middle, pages reloaded, and a closing that comes out even. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { counterDevices, counterRegister, fillTillShop, tillShopThings } from '../support/till-shop.ts'
import { Cashier, goods, Sums } from './cashier.ts'
import { ConsoleBrowser, owner, see } from './support.ts'
import { openRegister, sellingTill } from './till-support.ts'

const opening = 10_000

/** Where the books go to: gone for the whole day, and back in the evening. Keeps which orders it was told of. */
class Cloud {
  readonly orders: string[] = []
  #server = this.#create()

  #create() {
    return createServer(async (request, response) => {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      const { id, kind } = JSON.parse(text) as { id: string; kind: string }
      if (kind === 'order') this.orders.push(id)
      response.end('{}')
    })
  }

  async begin(port = 0): Promise<number> {
    this.#server = this.#create()
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

describe('a day at the till', () => {
  let hub: HubProcess
  let browser: ConsoleBrowser
  let technician: HubClient
  let session: string
  let dir: string
  let cloudPort: number
  const cloud = new Cloud()

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tillbridge-day-'))
    cloudPort = await cloud.begin()
    await cloud.end()
    writeFileSync(join(dir, 'secret'), 'a secret of the office, long enough\n')
    writeFileSync(
      join(dir, 'tillbridge.toml'),
      `[[till.upstreams]]\nname = "office"\ntype = "webhook"\nurl = "http://127.0.0.1:${cloudPort}/in"\nsecretFile = "${join(dir, 'secret')}"\n`,
    )
    hub = await HubProcess.start({ dir, demo: true })
    await owner(hub)
    technician = await hub.client('technician')
    await fillTillShop(technician, [...tillShopThings, counterRegister(counterDevices)])
    session = await openRegister(technician, 'main', opening)
    browser = await ConsoleBrowser.launch(hub)
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await hub.end()
    await cloud.end()
    rmSync(dir, { recursive: true, force: true })
  })

  /** Pulls the plug on the hub, and starts it again where it was. */
  async function restart(meanwhile: () => Promise<void>): Promise<void> {
    const { dir, url } = hub
    await hub.kill9()
    await meanwhile()
    hub = await HubProcess.start({ dir, demo: true, port: Number(new URL(url).port) })
    technician = await hub.client('technician')
  }

  it('[TU7] 60 mixed sales without a cloud, a hub that dies twice, reloads and a second till end in a closing that is even', async () => {
    const sums = new Sums()
    const [one, two] = [
      new Cashier(await sellingTill(browser, hub)),
      new Cashier(await sellingTill(browser, hub)),
    ]
    const basket = (index: number) => [goods[index % goods.length]!, goods[(3 * index + 1) % goods.length]!]
    const plain = async (cashier: Cashier, index: number) => {
      const total = await cashier.tap(...basket(index))
      expect(await cashier.due()).toBe(total)
      await cashier.exactCash()
      sums.sold(total)
    }
    for (let index = 0; index < 12; index++) await plain(index % 2 === 0 ? one : two, index)

    // Scans with quantities: scan, 2, scan, 2 is four.
    for (let index = 0; index < 6; index++) {
      await two.scan('Milk 1 l')
      await two.key('2')
      await two.scan('Milk 1 l')
      await two.key('2')
      expect(await two.due()).toBe(4 * 199)
      await two.toPay()
      await two.method('Card')
      await two.validate()
      sums.sold(4 * 199, { cash: 0, card: 4 * 199 })
    }

    // A discount of a line, a split tender, change.
    for (let index = 0; index < 6; index++) {
      const full = await one.tap('Light bulb')
      await one.key('Disc. %', '1', '0')
      const total = Math.round((full * 90) / 100 + Number.EPSILON)
      expect(await one.due()).toBe(total)
      await one.toPay()
      await one.method('Card')
      await one.keyIn('.pay-keys', '2', 'Decimal point', '0', '0')
      await one.method('Cash')
      await one.validate()
      sums.sold(total, { cash: total - 200, card: 200 })
    }

    // The hub is gone: both sell on, and one of them is reloaded with an order in hand.
    await restart(async () => {
      for (const cashier of [one, two])
        await see(cashier.page.locator('.status-line', { hasText: 'Hub away since' }))
      for (let index = 0; index < 8; index++) await plain(index % 2 === 0 ? one : two, index)
      const total = await two.tap('Coffee', 'Soap')
      await two.page.reload()
      await see(two.page.locator('.sell-screen'))
      expect(await two.due()).toBe(total)
      await two.exactCash()
      sums.sold(total)
    })
    for (const cashier of [one, two])
      await until(
        async () => (await cashier.page.locator('.status-line', { hasText: 'wait here' }).count()) === 0,
        'sales are filed',
        30_000,
      )

    // Weighed by hand, open price, a refund of half of what was sold.
    for (let index = 0; index < 4; index++) {
      await one.page.locator('.tile', { hasText: 'Other goods' }).click()
      await one.keyIn('dialog', '7')
      await one.page.locator('dialog').getByRole('button', { name: 'Add' }).click()
      expect(await one.due()).toBe(700)
      await one.exactCash()
      sums.sold(700)
    }
    const { orders } = await technician.call('till.order.list', { state: 'paid', limit: 1 })
    await one.go('Orders')
    await one.page.getByRole('button', { name: 'Paid' }).click()
    await one.page.locator('.order-row', { hasText: orders[0]?.reference ?? '?' }).click()
    await one.page.getByRole('button', { name: 'Refund everything' }).click()
    await see(one.page.locator('.pay-screen'))
    await one.method('Cash')
    await one.validate()
    sums.sold(-700)

    // Parked at one till, paid at the other.
    for (let index = 0; index < 4; index++) {
      const total = await one.tap(...basket(index + 2))
      await one.page.locator('.cart-action', { hasText: 'Park' }).click()
      await one.page.locator('dialog').getByRole('textbox').fill(`guest ${index}`)
      await one.page.locator('dialog').getByRole('button', { name: 'Park the order' }).click()
      await two.go('Orders')
      await two.page.locator('.order-row', { hasText: `guest ${index}` }).click()
      await see(two.page.locator('.sell-screen'))
      expect(await two.due()).toBe(total)
      await two.exactCash()
      sums.sold(total)
    }

    // Killed once more while both are paying: an answer that is lost makes no second sale.
    const during = [one, two].map(async (cashier, index) => {
      const total = await cashier.tap(...basket(index))
      return total
    })
    const totals = await Promise.all(during)
    const paying = [one, two].map((cashier) => cashier.page.locator('.pay-exact').click())
    await restart(async () => {
      await Promise.all(paying)
      for (const cashier of [one, two]) await cashier.next()
    })
    for (const total of totals) sums.sold(total)
    for (let index = 0; index < 18; index++) await plain(index % 2 === 0 ? one : two, index)
    for (const cashier of [one, two])
      await until(
        async () => (await cashier.page.locator('.status-line', { hasText: 'wait here' }).count()) === 0,
        'sales are filed',
        30_000,
      )

    const { upstreams } = await technician.call('till.outbox.status', {})
    const { sold = 0, sent } = upstreams[0] ?? {}
    expect(sold).toBeGreaterThan(sums.orders)
    expect(sent).toBe(0)
    for (const cashier of [one, two])
      await see(cashier.page.locator('.status-line', { hasText: `Cloud away, ${sold} wait on the hub` }))

    // Cash out, and the closing by the page.
    await one.more('Cash in and out')
    await one.keyIn('.cash-screen', '5')
    await one.page.locator('.cash-screen .chip', { hasText: 'Bank' }).click()
    await one.page.getByRole('button', { name: 'Take out' }).click()
    await see(one.page.locator('.cash-moves li', { hasText: 'Bank' }))
    const expected = opening + sums.cash - 500
    await one.more('Close the register')
    await see(one.page.locator('.closing-screen'))
    expect(await one.page.locator('.closing-expected .amount').first().textContent()).toBe(
      `€${(expected / 100).toFixed(2)}`,
    )
    await one.page.getByLabel('Counted cash').fill((expected / 100).toFixed(2))
    await see(one.page.locator('.closing-difference', { hasText: 'Even' }))
    await one.page.locator('.closing-screen form').getByRole('button', { name: 'Close the register' }).click()
    await see(one.page.getByRole('heading', { name: /^Closed: Z/ }))

    const z = await technician.call('till.session.report', { session })
    expect({ orders: z.orders, refunds: z.refunds, total: z.total, expected: z.cashExpected }).toEqual({
      orders: sums.orders,
      refunds: sums.refunds,
      total: sums.total,
      expected,
    })
    expect(z.methods.find(({ method }) => method === 'card')?.amount).toBe(sums.card)
    expect(z.closing?.counts.every(({ difference }) => difference === 0)).toBe(true)
    expect(sums.orders).toBeGreaterThanOrEqual(60)
    const proof = await technician.call('till.ledger.verify', {})
    expect(proof.broken).toBeNull()
    const all = await technician.call('till.order.list', { state: 'paid', limit: 500 })
    expect(new Set(all.orders.map(({ reference }) => reference)).size).toBe(sums.orders)

    // In the evening the cloud is back, and gets each of them.
    await cloud.begin(cloudPort)
    await technician.call('till.outbox.retry', { upstream: 'office' })
    await until(async () => cloud.orders.length >= sums.orders, 'the cloud has the day', 60_000)
    expect(new Set(cloud.orders)).toEqual(new Set(all.orders.map(({ id }) => id)))
  }, 180_000)
})
