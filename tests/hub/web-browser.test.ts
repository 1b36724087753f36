/** The session of the console in Chromium over plain http to a name, where browsers do not say whose page asks. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumOptions } from '../support/chromium.ts'
import { DoorBench } from '../support/door-bench.ts'

let bench: DoorBench
/** Of the same name on another port: browsers send it the cookies of the hub. */
let foreign: Server
let browser: Browser
beforeAll(async () => {
  bench = await DoorBench.start()
  writeFileSync(join(bench.uiDir, 'index.html'), '<!doctype html><title>console</title>')
  foreign = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>evil</title>')
  }).listen(0, '127.0.0.1')
  await once(foreign, 'listening')
  browser = await chromium.launch({
    ...chromiumOptions,
    args: [...(chromiumOptions.args ?? []), '--host-resolver-rules=MAP hub.local 127.0.0.1'],
  })
})
afterAll(async () => {
  await browser?.close()
  foreign?.close()
  await bench?.stop()
})

const hubUrl = () => `http://hub.local:${bench.port}`

/** Status of the answer, or `TypeError` when the browser does not let the page have it. */
const ask = (page: Page, url: string, method = 'GET', body?: string) =>
  page.evaluate(
    ([url, method, body]) =>
      fetch(url, {
        method,
        credentials: 'include',
        headers: {
          'X-Tillbridge': '1',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
      }).then(
        ({ status }) => status,
        (error: Error) => error.name,
      ),
    [url, method, body] as const,
  )

it('[P68] is known again after a reload, and not believed from a page of the same name on another port', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  await page.goto(`${hubUrl()}/`)
  expect(await page.evaluate('isSecureContext')).toBe(false)
  const login = JSON.stringify({ name: 'Ada', password: 'right password' })
  expect(await ask(page, '/api/v1/session', 'POST', login)).toBe(200)
  await page.reload()
  expect(await ask(page, '/api/v1/session')).toBe(200)

  const other = await context.newPage()
  await other.goto(`http://hub.local:${(foreign.address() as AddressInfo).port}/`)
  expect(await ask(other, `${hubUrl()}/api/v1/session`)).toBe('TypeError')
  expect(await ask(other, `${hubUrl()}/api/v1/session`, 'DELETE')).toBe('TypeError')
  // What needs no question beforehand arrives, with the cookie, and is refused by its origin.
  const simple = await other.evaluate(
    (url) =>
      fetch(url, { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{}' }).then(
        () => 'an answer',
        (error: Error) => error.name,
      ),
    `${hubUrl()}/api/v1/rpc`,
  )
  expect(simple).toBe('TypeError')
  expect(bench.hub.memoryAccess.refusals.map(({ what }) => what)).toEqual(['origin', 'origin', 'origin'])
  expect(bench.hub.calls).toEqual([])
  expect(await ask(page, '/api/v1/session')).toBe(200)
  await context.close()
}, 60_000)
