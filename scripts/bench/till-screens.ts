/** What the selling page asks of a slow tablet: first use, from a tap or a scan to the line, from paid to the next order, memory. */
import { rmSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { HubClient } from '../../src/protocol/client.ts'
import buildPages from '../../tests/support/build-pages.ts'
import { chromiumOptions } from '../../tests/support/chromium.ts'
import { HubProcess, temporaryDir } from '../../tests/support/hub-process.ts'
import { atMost, median, percentile, type Row } from './rows.ts'

const products = 100_000
const rowsAtOnce = 10_000
/** A tablet of some years is so many times slower than this machine. */
const slowdown = 4
const loads = 5
const taps = 200
const scans = 100
const orders = Number(process.env.ORDERS ?? 500)
/** Before memory is measured for the first time: what is made once has been made. */
const warmUp = 50

const codeOf = (at: number): string => String(7_000_000_000_000 + at)

export async function run(): Promise<Row[]> {
  buildPages()
  const dir = temporaryDir()
  const hub = await HubProcess.start({ dir })
  const browser = await chromium.launch({
    ...chromiumOptions,
    args: [...(chromiumOptions.args ?? []), '--js-flags=--expose-gc'],
  })
  try {
    await hub.setUp()
    const client = await hub.client('technician')
    await fill(client)
    const token = await hub.token('cashier', 'bench')
    const firsts = await firstUses(browser, hub.url, token)
    const page = await slowPage(browser, token)
    await open(page, hub.url)
    // The copy of the catalogue is made meanwhile: a shop does not wait for it.
    const tapMs = await timesOf(page, taps, (at) => `document.querySelectorAll('.tile')[${at % 20}].click()`)
    const scanMs = await timesOf(page, scans, (at) => wedge(codeOf((at * 977) % products)))
    await page.evaluate(`document.querySelector('.pay-exact').click()`)
    await page.locator('.done-next').click()
    const { nextMs, grownMiB } = await sell(page)
    const slow = `${products.toLocaleString('en')} products, processor slowed ${slowdown} times`
    return [
      atMost('till: first use, cold', median(firsts.cold), 'ms', 2_000, slow),
      atMost('till: first use, warm', median(firsts.warm), 'ms', 1_000, slow),
      atMost('till: tap to line, p95', percentile(tapMs, 0.95), 'ms', 50, slow),
      atMost('till: scan to line, p95', percentile(scanMs, 0.95), 'ms', 100, slow),
      atMost('till: paid to new order, p95', percentile(nextMs, 0.95), 'ms', 300, slow),
      atMost(`till: memory grown over ${orders} orders`, grownMiB, 'MiB', 2, slow),
    ]
  } finally {
    await browser.close()
    await hub.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Through the door that a shop has for it. */
async function fill(client: HubClient): Promise<void> {
  await client.call('till.catalogue.put', {
    thing: { tax: { id: 'vat', name: 'VAT 21 %', kind: 'percent', amount: '21', included: true } },
  })
  for (let from = 0; from < products; from += rowsAtOnce) {
    const rows = Array.from({ length: rowsAtOnce }, (_, index) => {
      const at = from + index
      return `p${at},Article ${at} of ${at % 97},${1 + (at % 90)}.50,${codeOf(at)},vat`
    })
    const text = ['id,name,price,barcodes,taxes', ...rows].join('\n')
    await client.call(
      'till.catalogue.import',
      { kind: 'product', format: 'csv', text },
      { timeoutMs: 60_000 },
    )
  }
  await client.call('till.session.open', { id: 'bench', register: 'main', counted: 0 })
}

async function slowPage(browser: Browser, token: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  await page.addInitScript(
    `localStorage.setItem('tillbridge.till.token', ${JSON.stringify(token)}); localStorage.setItem('tillbridge.till.register', 'main')`,
  )
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  return page
}

async function open(page: Page, url: string): Promise<number> {
  await page.goto(`${url}/till/`)
  await page.locator('.tile').first().waitFor()
  return page.evaluate<number>('performance.now()')
}

/** Until something can be sold: in a browser that has never been there, and in one that was. */
async function firstUses(
  browser: Browser,
  url: string,
  token: string,
): Promise<{ cold: number[]; warm: number[] }> {
  const cold: number[] = []
  const warm: number[] = []
  for (let load = 0; load < loads; load++) {
    const page = await slowPage(browser, token)
    cold.push(await open(page, url))
    warm.push(await open(page, url))
    await page.context().close()
  }
  return { cold, warm }
}

/** From the act to the frame that shows it, in ms. */
async function timesOf(page: Page, count: number, act: (at: number) => string): Promise<number[]> {
  const times: number[] = []
  for (let at = 0; at < count; at++)
    times.push(
      await page.evaluate<number>(`new Promise((done) => {
        const total = () => document.querySelector('.cart-total strong').textContent
        const before = total()
        const begun = performance.now()
        ;${act(at)}
        const frame = () => {
          if (total() === before) return requestAnimationFrame(frame)
          // A message comes in behind the frame that draws it: then it is on the screen.
          const drawn = new MessageChannel()
          drawn.port1.onmessage = () => done(performance.now() - begun)
          drawn.port2.postMessage(0)
        }
        requestAnimationFrame(frame)
      })`),
    )
  return times
}

/** A scanner that acts as a keyboard. */
const wedge = (code: string): string =>
  `for (const key of [...${JSON.stringify(code)}, 'Enter']) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code: key === 'Enter' ? key : 'Digit' + key, bubbles: true, cancelable: true }))`

async function sell(page: Page): Promise<{ nextMs: number[]; grownMiB: number }> {
  const used = () =>
    page.evaluate<number>(
      `(gc(), gc(), new Promise((done) => setTimeout(() => (gc(), done(performance.memory.usedJSHeapSize)), 200)))`,
    )
  const nextMs: number[] = []
  let before = 0
  for (let order = 0; order < warmUp + orders; order++) {
    if (order === warmUp) before = await used()
    nextMs.push(
      await page.evaluate<number>(`new Promise((done) => {
        document.querySelectorAll('.tile')[${order % 20}].click()
        let begun
        const frame = () => {
          const exact = document.querySelector('.pay-exact:not(:disabled)')
          const next = document.querySelector('.done-next')
          if (begun === undefined && exact !== null) {
            begun = performance.now()
            exact.click()
          } else if (begun !== undefined && next !== null) next.click()
          else if (begun !== undefined && document.querySelector('.cart-empty') !== null) return done(performance.now() - begun)
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      })`),
    )
  }
  return { nextMs, grownMiB: ((await used()) - before) / 2 ** 20 }
}

if (import.meta.main) for (const row of await run()) console.log(JSON.stringify(row))
