/** A till at an address of the LAN, without a trick in the browser: plain http carries no secret, https does. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Diagnosis, HubClient } from '../../src/protocol/client.ts'
import { chromiumOptions, trustRoot } from '../support/chromium.ts'
import { HubProcess, temporaryDir } from '../support/hub-process.ts'
import { OwnNetwork } from '../support/own-network.ts'
import type { PosGlobals } from '../support/pos-page.ts'

const address = '192.168.77.10'
const network = await OwnNetwork.start([address])
/** In the page: its globals. */
declare const globals: () => PosGlobals

describe.skipIf(network === undefined)('a till at an address of the LAN', () => {
  const dir = temporaryDir()
  const browsers: Browser[] = []
  let hub: HubProcess
  let token: string

  async function launch(): Promise<Browser> {
    const browser = await chromium.launch({
      ...chromiumOptions,
      executablePath: network?.browser(dir) ?? '',
      env: { ...process.env, HOME: join(dir, 'home') },
    })
    browsers.push(browser)
    return browser
  }

  /** A page of the hub itself, with the client that the hub serves. */
  async function open(browser: Browser, url: string) {
    const page = await browser.newPage()
    await page.goto(`${url}/trust/`)
    // As text: vitest would make the import its own.
    await page.evaluate(
      `import('/client.js').then((hub) => Object.assign(globalThis, { globals: () => globalThis, hub }))`,
    )
    return page
  }

  beforeAll(async () => {
    const data = join(dir, 'data')
    mkdirSync(data)
    hub = await HubProcess.start({
      dir: data,
      demo: true,
      args: ['--bind', '0.0.0.0'],
      through: network?.through ?? [],
    })
    token = await hub.token('cashier')
  }, 30_000)
  afterAll(async () => {
    for (const browser of browsers) await browser.close()
    await hub?.stop()
    network?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const at = (url: string | undefined) => `${url?.split(':')[0]}://${address}:${new URL(url ?? '').port}`

  it('[K11] the hub takes no token in the open, says where it does, and takes it there', {
    timeout: 60_000,
  }, async () => {
    const plain = at(hub.url)
    const secure = at(hub.httpsUrl)
    const page = await open(await launch(), plain)
    const found: Diagnosis = await page.evaluate((options) => globals().hub.diagnose(options), {
      url: plain,
      token,
    })
    expect(found).toMatchObject({ wall: 'tls_required', urls: [`${secure}/`, `${plain}/trust/`] })
    const offline = await page.evaluate(
      async ({ url, token }) => {
        const client: HubClient = globals().hub.createClient({ url, token, client: 'till' })
        const online = new Promise<string>((resolve) => client.onStatus(resolve))
        client.connect()
        await online
        const lost = await new Promise<string>((resolve) => client.onStatus(resolve))
        const why = await client.whyOffline()
        client.close()
        return { lost, wall: why.wall }
      },
      { url: plain, token },
    )
    expect(offline).toEqual({ lost: 'offline', wall: 'tls_required' })
    const paired = await page.evaluate(
      (options) =>
        globals()
          .hub.pairWithHub(options)
          .catch(({ code, context }) => ({ code, context })),
      { url: plain, code: '123456', name: 'till' },
    )
    expect(paired).toMatchObject({ code: 'tls_required', context: { url: secure } })

    const root = await page.evaluate(async () => (await fetch('/trust/root.pem')).text())
    await expect(open(browsers[0] as Browser, secure)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID')
    writeFileSync(join(dir, 'root.pem'), root)
    trustRoot(join(dir, 'home'), join(dir, 'root.pem'))
    const trusting = await open(await launch(), secure)
    expect(
      await trusting.evaluate((options) => globals().hub.diagnose(options), { url: secure, token }),
    ).toMatchObject({ wall: 'none' })
  })
})
