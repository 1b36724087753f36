/** The walls of a real browser around a page of another origin: each is hit, named, and taken down in the way the page is told. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import type { Diagnosis } from '../../src/protocol/client-walls.ts'
import type { Job } from '../../src/protocol/job.ts'
import { type AddressSpace, chromiumIn, trustRoot } from '../support/chromium.ts'
import { HubProcess, temporaryDir, until } from '../support/hub-process.ts'
import { TestRoot } from '../support/openssl.ts'
import { type PosGlobals, PosServer } from '../support/pos-page.ts'

/** The cloud's POS; a name that is in nobody's DNS, one of the shop, an address of the shop. */
const posHost = 'pos.example'
const hosts = { name: 'hub.example', local: 'hub.local', address: '192.168.1.50' }
/** A name that leads to the hub and that it does not know as its own. */
const foreignHost = 'other.local'
/** In the page: its globals. */
declare const globals: () => PosGlobals

describe('a page of another origin and the walls of the browser', () => {
  const dir = temporaryDir()
  const homes = { before: join(dir, 'before'), after: join(dir, 'after') }
  const browsers: Browser[] = []
  let hub: HubProcess
  let technician: HubClient
  let pos: PosServer
  /** Ports of the hub. */
  let http: number
  let https: number

  const at = (scheme: 'http' | 'https', host: string) =>
    `${scheme}://${host}:${scheme === 'http' ? http : https}`

  async function launch(home: string, posSpace: AddressSpace = 'public'): Promise<Browser> {
    const browser = await chromium.launch(
      chromiumIn({
        home,
        spaces: { [pos.port]: posSpace, [http]: 'local', [https]: 'local' },
        hosts: [posHost, foreignHost, ...Object.values(hosts)],
      }),
    )
    browsers.push(browser)
    return browser
  }

  /** The page of the POS in a profile of its own, with the permission or without. */
  async function open(browser: Browser, grant: boolean): Promise<{ page: Page; context: BrowserContext }> {
    const context = await browser.newContext()
    if (grant) await context.grantPermissions(['local-network-access'], { origin: pos.origin })
    const page = await context.newPage()
    await pos.open(page)
    return { page, context }
  }

  const diagnose = (page: Page, url: string, token?: string): Promise<Diagnosis> =>
    page.evaluate((options) => globals().hub.diagnose(options), {
      url,
      token,
      plainUrl: at('http', hosts.local),
    })

  /** What a fresh page is told. Each look is the first of its page: the browser remembers its answer. */
  async function firstLook(browser: Browser, grant: boolean, url: string): Promise<Diagnosis> {
    const { page, context } = await open(browser, grant)
    const diagnosis = await diagnose(page, url)
    await context.close()
    return diagnosis
  }

  beforeAll(async () => {
    const posRoot = new TestRoot(join(dir, 'pos-root'))
    for (const home of Object.values(homes)) trustRoot(home, posRoot.file)
    pos = await PosServer.start(posRoot.issue(`DNS:${posHost}`), posHost)
    const data = join(dir, 'data')
    mkdirSync(data)
    writeFileSync(
      join(data, 'tillbridge.toml'),
      `[network]\nname = "hub"\nhosts = ["${hosts.name}", "${hosts.address}"]\n`,
    )
    hub = await HubProcess.start({ dir: data, demo: true })
    http = Number(new URL(hub.url).port)
    https = Number(new URL(hub.httpsUrl ?? '').port)
    technician = await hub.client('technician')
    await hub.setUp()
    const root = await fetch(`${hub.url}/trust/root.pem`)
    expect(root.status).toBe(200)
    writeFileSync(join(dir, 'hub-root.pem'), await root.text())
    trustRoot(homes.after, join(dir, 'hub-root.pem'))
  }, 30_000)
  afterAll(async () => {
    for (const browser of browsers) await browser.close()
    pos?.stop()
    await hub?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('[K17] hits each wall in turn, is told which, takes it down, and does its work', {
    timeout: 90_000,
  }, async () => {
    const stranger = await launch(homes.before)
    expect(await firstLook(stranger, true, at('http', hosts.name))).toMatchObject({
      wall: 'mixed_content',
      urls: [`${at('https', hosts.name)}/`, `${at('http', hosts.name)}/trust/`],
    })
    expect(await firstLook(stranger, false, at('http', hosts.name))).toMatchObject({ wall: 'mixed_content' })
    for (const host of [hosts.local, hosts.address]) {
      // Without anybody to ask, this browser answers its question with no.
      expect(await firstLook(stranger, false, at('http', host))).toMatchObject({
        finding: 'permission_denied',
      })
      expect(await firstLook(stranger, false, at('https', host))).toMatchObject({
        finding: 'permission_denied',
      })
      expect(await firstLook(stranger, true, at('https', host))).toMatchObject({
        wall: 'certificate',
        urls: [`${at('http', hosts.local)}/trust/`],
      })
    }
    expect(await firstLook(stranger, false, at('https', hosts.name))).toMatchObject({
      finding: 'permission_denied',
    })
    expect(await firstLook(stranger, true, at('http', foreignHost))).toMatchObject({ finding: 'host' })
    await stranger.close()

    // The root is installed, and the user allows.
    const { page } = await open(await launch(homes.after), true)
    const url = at('https', hosts.local)
    const told = await diagnose(page, url)
    expect(told).toMatchObject({ wall: 'origin', urls: [`${url}/#/network`] })
    const pair = (code: string) =>
      page.evaluate(
        (options) =>
          globals()
            .hub.pairWithHub(options)
            .catch((error: { code: string; context: unknown }) => ({
              code: error.code,
              context: error.context,
            })),
        { url, code, name: 'POS in Chromium' },
      )
    expect(await pair('000000')).toEqual({ code: 'origin_not_allowed', context: { origin: pos.origin } })
    const { origins } = await technician.call('origin.list', {})
    expect(origins).toMatchObject([{ origin: pos.origin, state: 'seen' }])

    await technician.call('origin.allow', { origin: pos.origin })
    expect(await diagnose(page, url)).toMatchObject({ wall: 'unpaired', urls: [`${url}/#/tills`] })
    expect(await diagnose(page, url, 'tb_none')).toMatchObject({ wall: 'unpaired' })
    const { code } = await technician.call('pair.code', { role: 'cashier' })
    const wrong = code === '111111' ? '222222' : '111111'
    expect(await pair(wrong)).toMatchObject({ code: 'pair_code_invalid' })
    const paired = (await pair(code)) as { token: string; role: string }
    expect(paired).toEqual({ token: expect.any(String), role: 'cashier' })
    expect(await diagnose(page, url, paired.token)).toMatchObject({ wall: 'none' })

    await page.evaluate(
      async ({ url, token }) => {
        const own = globals()
        own.scans = []
        own.client = own.hub.createClient({ url, token, client: 'POS in Chromium' })
        own.client.connect()
        await own.client.whenOnline()
        own.client.subscribe(['scan'], (event) => own.scans.push(event))
        await own.client.call('ping', {})
      },
      { url, token: paired.token },
    )
    const job: Job = await page.evaluate(() =>
      globals().client.print('demo-printer', { text: 'Through all the walls' }),
    )
    expect(job).toMatchObject({ state: 'done', outcome: { confirmed: true } } satisfies Partial<Job>)
    await technician.call('demo.order', {
      device: 'demo-scanner',
      order: { order: 'scan', code: '4006381333931', aim: ']E0' },
    })
    const scan = await until(() => page.evaluate(() => globals().scans[0]), 'the scan in the page')
    expect(scan).toMatchObject({ topic: 'scan', data: { code: '4006381333931', symbology: 'ean13' } })

    await technician.call('origin.remove', { origin: pos.origin })
    await until(
      () => page.evaluate(() => globals().client.status === 'refused'),
      'the connection of the page to end with its origin',
    )
    const why = await page.evaluate(async () => {
      const { wall, error } = await globals().client.whyOffline()
      return { wall, code: error?.code, context: error?.context }
    })
    expect(why).toEqual({ wall: 'origin', code: 'origin_not_allowed', context: { origin: pos.origin } })
  })

  /** What a WebSocket and a fetch do, for each way to write the address. */
  const look = (page: Page) =>
    page.evaluate(
      async ({ hosts, http, https }) => {
        const ask = (url: string, init: object = {}) =>
          fetch(`${url}/api/v1/reach`, init).then(
            () => 'works',
            () => 'blocked',
          )
        const connect = (url: string) =>
          new Promise<string>((resolve) => {
            try {
              const socket = new WebSocket(`${url}/ws`)
              socket.onopen = () => {
                socket.close()
                resolve('works')
              }
              socket.onerror = () => resolve('blocked')
            } catch (error) {
              resolve((error as Error).name)
            }
          })
        const seen: Record<string, string> = {}
        for (const [kind, host] of Object.entries(hosts)) {
          seen[`fetch http ${kind}`] = await ask(`http://${host}:${http}`)
          seen[`fetch http ${kind}, told local`] = await ask(`http://${host}:${http}`, {
            targetAddressSpace: 'local',
          })
          seen[`fetch https ${kind}`] = await ask(`https://${host}:${https}`)
          seen[`ws ${kind}`] = await connect(`ws://${host}:${http}`)
          seen[`wss ${kind}`] = await connect(`wss://${host}:${https}`)
        }
        return seen
      },
      { hosts, http, https },
    )

  it('[K18] this browser has the walls that are written down', { timeout: 60_000 }, async () => {
    await technician.call('origin.allow', { origin: pos.origin })
    const outside = await launch(homes.after)
    const all = Object.fromEntries(
      Object.keys(hosts).flatMap((kind) =>
        ['fetch http', 'fetch https', 'ws', 'wss'].map((what) => [`${what} ${kind}`, 'works']),
      ),
    )
    const told = Object.fromEntries(
      Object.keys(hosts).map((kind) => [`fetch http ${kind}, told local`, 'works']),
    )
    const never = { 'fetch http name': 'blocked', 'ws name': 'SecurityError' }
    const works = { ...all, ...told, ...never }
    const blocked = Object.fromEntries(Object.keys(works).map((what) => [what, 'blocked']))
    expect(await look((await open(outside, false)).page)).toEqual({ ...blocked, 'ws name': 'SecurityError' })
    expect(await look((await open(outside, true)).page)).toEqual(works)
    // A page that came from the shop itself is asked for nothing.
    const inside = await launch(homes.after, 'local')
    expect(await look((await open(inside, false)).page)).toEqual(works)
  })

  it('[K17] is told when the hub is away', { timeout: 30_000 }, async () => {
    const { page } = await open(await launch(homes.after), true)
    await hub.stop()
    expect(await diagnose(page, at('https', hosts.local))).toMatchObject({
      wall: 'unreachable',
      finding: 'unreachable_https',
    })
    expect(await diagnose(page, at('http', hosts.local))).toMatchObject({ finding: 'unreachable' })
  })
})
