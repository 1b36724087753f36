/** A till in Debian's Chromium that knows nothing but MQTT: it sells through the broker on the box. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumOptions } from '../support/chromium.ts'
import { HubProcess } from '../support/hub-process.ts'
import { counterRegister, fillTillShop, tillShopThings } from '../support/till-shop.ts'

const library = readFileSync(new URL('../../node_modules/mqtt/dist/mqtt.min.js', import.meta.url))
let hub: HubProcess
let pos: Server
let stranger: Server
let browser: Browser

function pageServer(): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/mqtt.js') response.setHeader('content-type', 'text/javascript').end(library)
    else
      response
        .setHeader('content-type', 'text/html')
        .end(
          '<!doctype html><title>POS</title><link rel="icon" href="data:,"><script src="/mqtt.js"></script>',
        )
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}
const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

beforeAll(async () => {
  ;[pos, stranger] = [await pageServer(), await pageServer()]
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-broker-'))
  writeFileSync(
    join(dir, 'tillbridge.toml'),
    `[access]\norigins = ["${originOf(pos)}"]\n[broker]\nenabled = true\nport = 0\ntlsPort = 0\n`,
  )
  hub = await HubProcess.start({ dir, demo: true })
  const technician = await hub.client('technician')
  await fillTillShop(technician, [...tillShopThings, counterRegister({ printer: 'demo-printer' })])
  await technician.call('till.session.open', { id: 'today', register: 'main', counted: 0 })
  browser = await chromium.launch(chromiumOptions)
}, 60_000)
afterAll(async () => {
  await browser?.close()
  pos?.close()
  stranger?.close()
  await hub?.end()
})

interface Answer {
  result?: Record<string, unknown>
  error?: { message: string }
}

/** Connects by the page and answers the name of what happened first. */
const connected = (page: Page, token: string) =>
  page.evaluate(
    ([url, password]) => {
      const { mqtt } = globalThis as unknown as { mqtt: typeof import('mqtt').default }
      const client = mqtt.connect(url, {
        ...{ protocolVersion: 4, username: 'any', password, reconnectPeriod: 0 },
      })
      const ended = new Promise((resolve) => client.on('close', () => resolve('closed')))
      Object.assign(globalThis, { client, ended })
      return new Promise<string>((resolve) => {
        for (const event of ['connect', 'error', 'close'] as const) client.on(event, () => resolve(event))
      })
    },
    [`${hub.url.replace('http', 'ws')}/mqtt`, token] as [string, string],
  )

it('[BK10] [MQ13] a page of an allowed origin sells, prints and hears of it', async () => {
  const page = await browser.newPage()
  await page.goto(originOf(pos))
  expect(await connected(page, await hub.token('cashier'))).toBe('connect')
  const { hub: id } = (await (await fetch(`${hub.url}/api/v1/health`)).json()) as { hub: string }
  const sold = await page.evaluate(async (hubId) => {
    const { client } = globalThis as unknown as { client: import('mqtt').MqttClient }
    const root = `tillbridge/${hubId}`
    const waiting = new Map<string, (answer: Answer) => void>()
    const till: string[] = []
    const printed = Promise.withResolvers<string>()
    client.on('message', (topic, payload) => {
      const text = payload.toString()
      const name = topic.split('/').at(-1) ?? ''
      if (topic.includes('/response/')) waiting.get(name)?.(JSON.parse(text) as Answer)
      else if (topic.endsWith('/till')) till.push((JSON.parse(text) as { topic: string }).topic)
      else if (text.includes('"kind":"print"') && text.includes('"done"')) printed.resolve('done')
    })
    await client.subscribeAsync([`${root}/response/+`, `${root}/till`, `${root}/job/+`])
    const ask = (method: string, params: object & { id: string }) =>
      new Promise<Answer>((resolve) => {
        waiting.set(params.id, resolve)
        client.publish(`${root}/request/${method}`, JSON.stringify(params), { qos: 1 })
      })
    const found = await ask('till.catalogue.search', { id: 'q1', kind: 'product', text: 'milk' } as never)
    const pay = await ask('till.order.pay', {
      id: 'mqtt-1',
      order: { id: 'mqtt-1', register: 'main', lines: [{ id: 'l1', product: 'milk', quantity: '2' }] },
      payments: [{ id: 'p1', method: 'cash', amount: 500 }],
      expectedTotal: 398,
    } as never)
    return { found, pay, printed: pay.result === undefined ? '' : await printed.promise, till }
  }, id)
  expect(sold.pay).toMatchObject({ result: { change: 102, number: 1 } })
  expect(sold.printed).toBe('done')
  expect(sold.till).toContain('till.order.changed')
})

it('[BK10] one of another origin, or with a wrong token, is kept out', async () => {
  const page = await browser.newPage()
  await page.goto(originOf(stranger))
  expect(await connected(page, await hub.token('cashier'))).not.toBe('connect')
  await page.goto(originOf(pos))
  expect(await connected(page, 'no token')).not.toBe('connect')
})

it('[BK10] an origin that is taken off the list loses its connections', async () => {
  const technician = await hub.client('technician')
  const origin = originOf(stranger)
  await technician.call('origin.allow', { origin })
  const page = await browser.newPage()
  await page.goto(origin)
  expect(await connected(page, await hub.token('cashier'))).toBe('connect')
  await technician.call('origin.remove', { origin })
  expect(await page.evaluate(() => (globalThis as unknown as { ended: Promise<string> }).ended)).toBe(
    'closed',
  )
})
