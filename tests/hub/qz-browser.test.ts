/** qz-tray in Debian's Chromium, on pages of an allowed origin and of another, with the demo devices of a hub process. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumOptions } from '../support/chromium.ts'
import { freePort } from '../support/free-port.ts'
import { HubProcess } from '../support/hub-process.ts'
import { type Qz, qzFile } from '../support/qz-client.ts'

let browser: Browser
let pages: Server
let hub: HubProcess
let port: number
beforeAll(async () => {
  pages = createServer((request, response) => {
    if (request.url === '/qz-tray.js')
      response.setHeader('content-type', 'text/javascript').end(readFileSync(qzFile))
    else
      response
        .setHeader('content-type', 'text/html')
        .end(
          '<!doctype html><title>POS</title><link rel="icon" href="data:,"><script src="/qz-tray.js"></script>',
        )
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => pages.once('listening', resolve))
  port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-qz-'))
  const lines = ['[qz]', `origins = ["${originOf('localhost')}"]`, `ports = [${port}]`, 'tlsPorts = []']
  writeFileSync(join(dir, 'tillbridge.toml'), lines.join('\n'))
  hub = await HubProcess.start({ dir, demo: true })
  browser = await chromium.launch(chromiumOptions)
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await hub?.end()
  pages?.close()
})

const originOf = (host: string) => `http://${host}:${(pages.address() as AddressInfo).port}`

async function pageOf(host: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${originOf(host)}/`)
  return page
}

/** What the page draws its picture with. */
interface PageDocument {
  createElement(name: 'canvas'): {
    getContext(kind: '2d'): { fillRect(x: number, y: number, width: number, height: number): void }
    toDataURL(type: string): string
  }
}

/** Connects, finds the printer and prints by qz-tray as it is; answers what came of it. */
const printFrom = (page: Page) =>
  page.evaluate(async (insecure) => {
    const { document, qz } = globalThis as unknown as { document: PageDocument; qz: Qz }
    try {
      await qz.websocket.connect({ host: 'localhost', port: { secure: [], insecure: [insecure] } })
      const printer = await qz.printers.getDefault()
      const canvas = Object.assign(document.createElement('canvas'), { width: 80, height: 16 })
      canvas.getContext('2d').fillRect(0, 0, 80, 16)
      const data = canvas.toDataURL('image/png').split(',')[1]
      const picture = {
        type: 'raw',
        format: 'image',
        flavor: 'base64',
        data,
        options: { language: 'ESCPOS' },
      }
      await qz.print(qz.configs.create(printer), ['from a browser\n', picture])
      return `printed on ${printer}`
    } catch (error) {
      return (error as Error).message
    }
  }, port)

it('[QZ2] a page of the allowed origin prints by qz-tray in a browser; a page of another is told that it may not', async () => {
  expect(await printFrom(await pageOf('localhost'))).toBe('printed on Receipt printer')
  const technician = await hub.client()
  const { svg } = await technician.call('demo.paper', { device: 'demo-printer' })
  expect(svg).toContain('>fromabrowser<')
  expect(svg).toMatch(/<image/)
  expect(await printFrom(await pageOf('127.0.0.1'))).toMatch(
    /^Connection blocked by client: http:\/\/127\.0\.0\.1/,
  )
}, 60_000)
