/** A real browser on the real console of a real hub. */
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Role } from '../../src/protocol/methods.ts'
import { chromiumOptions } from '../support/chromium.ts'
import type { HubProcess } from '../support/hub-process.ts'

export const desktop = { width: 1280, height: 800 } as const
export const phone = { width: 390, height: 844 } as const

/** Less than a test's own time, so that a failure names what was not seen. */
const waitMsMax = 8_000

export interface OpenOptions {
  /** Another address of the hub than its own. */
  url?: string
  path?: string
  /** undefined: a browser that the hub does not know. */
  role?: Role | undefined
  token?: string
  viewport?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
  /** Language of the browser; British English when left out. */
  locale?: string
  /** Cookie of a session, from `owner`: somebody has logged in on this browser. */
  session?: string
  /** Something to do with the page before it opens its address. */
  prepare?: (page: Page) => Promise<unknown>
}

/** A frame between page and hub, as both write it. */
export interface Frame {
  id?: number
  method?: string
  params?: Record<string, unknown>
  result?: unknown
}

export interface Rewiring {
  /** Changes what the page asks; answering something says it in the hub's place. */
  ask?: (frame: Frame) => Promise<{ result: unknown }> | { result: unknown } | undefined
  /** Changes the hub's answers, by the method that was asked. */
  answers?: Readonly<Record<string, (result: never) => unknown>>
  /** Changes events, by topic. */
  events?: Readonly<Record<string, (data: never) => unknown>>
}

/** Puts words into the mouth of the real hub: for things that cannot be plugged into the machine that runs the tests. */
export function rewire(page: Page, { ask, answers = {}, events = {} }: Rewiring): Promise<void> {
  return page.routeWebSocket(/\/ws$/, (socket) => {
    const hub = socket.connectToServer()
    const asked = new Map<number, string>()
    socket.onMessage((text) => {
      const frame = JSON.parse(String(text)) as Frame
      const instead = ask?.(frame)
      if (instead !== undefined) {
        void Promise.resolve(instead).then((answer) =>
          socket.send(JSON.stringify({ jsonrpc: '2.0', id: frame.id, ...answer })),
        )
        return
      }
      if (frame.id !== undefined && frame.method !== undefined) asked.set(frame.id, frame.method)
      hub.send(JSON.stringify(frame))
    })
    hub.onMessage((text) => {
      const frame = JSON.parse(String(text)) as Frame
      const change = answers[asked.get(frame.id ?? -1) ?? ''] as ((result: unknown) => unknown) | undefined
      if (frame.result !== undefined && change !== undefined) frame.result = change(frame.result)
      const event = frame.params as { topic?: string; data?: unknown } | undefined
      const told = events[event?.topic ?? ''] as ((data: unknown) => unknown) | undefined
      if (event !== undefined && told !== undefined) event.data = told(event.data)
      socket.send(JSON.stringify(frame))
    })
  })
}

export class ConsoleBrowser {
  readonly #browser: Browser
  readonly #hub: HubProcess
  readonly #pages = new Set<Page>()
  /** What went wrong on any page, as the browser's own log tells it. */
  readonly complaints: string[] = []

  private constructor(browser: Browser, hub: HubProcess) {
    this.#browser = browser
    this.#hub = hub
  }

  static async launch(hub: HubProcess): Promise<ConsoleBrowser> {
    return new ConsoleBrowser(await chromium.launch(chromiumOptions), hub)
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }

  async open(options: OpenOptions = {}): Promise<Page> {
    const { url = this.#hub.url, path = '/', viewport = desktop, colorScheme = 'light' } = options
    const settings: BrowserContextOptions = {
      viewport,
      colorScheme,
      reducedMotion: 'reduce',
      locale: options.locale ?? 'en-GB',
    }
    const context = await this.#browser.newContext(settings)
    context.setDefaultTimeout(waitMsMax)
    const page = await context.newPage()
    this.#pages.add(page)
    page.on('close', () => this.#pages.delete(page))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    if (options.session !== undefined)
      await context.addCookies([
        { name: 'tillbridge', value: options.session, url, httpOnly: true, sameSite: 'Strict' },
      ])
    const role = 'role' in options || options.session !== undefined ? options.role : 'technician'
    if (role !== undefined) {
      const token = options.token ?? (await this.#hub.token(role, `browser test ${role}`))
      await page.addInitScript(`localStorage.setItem('tillbridge.token', ${JSON.stringify(token)})`)
    }
    await options.prepare?.(page)
    await page.goto(url + path)
    return page
  }

  async closePages(): Promise<void> {
    for (const page of [...this.#pages]) await closePage(page)
  }

  /** Complaints so far, which are then forgotten. */
  takeComplaints(): string[] {
    return this.complaints.splice(0)
  }
}

export interface Stage {
  /** Starts the hub that the browser looks at. */
  start: () => Promise<HubProcess>
  /** Both are there: what else the tests of the file need. */
  begun: (hub: HubProcess, browser: ConsoleBrowser) => unknown
  /** After each test, when its pages are closed. */
  tidy?: () => Promise<unknown>
  /** What the browser may log beside: no other complaint is let pass. */
  expected?: RegExp
}

/** One hub and one browser for all tests of a file; after each test its pages are closed, and none may have complained. */
export function onStage({ start, begun, tidy, expected }: Stage): void {
  let hub: HubProcess | undefined
  let browser: ConsoleBrowser | undefined
  beforeAll(async () => {
    hub = await start()
    browser = await ConsoleBrowser.launch(hub)
    await begun(hub, browser)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await hub?.end()
  })
  afterEach(async () => {
    await browser?.closePages()
    await tidy?.()
    const complaints = browser?.takeComplaints() ?? ['no browser']
    expect(complaints.filter((text) => expected?.test(text) !== true)).toEqual([])
  })
}

export const ownerName = 'Mira Owner'
export const ownerPassword = 'correct horse battery'

/** The hub gets its owner, by the code of its first start. Answers the cookie of the session. */
export async function owner(hub: HubProcess): Promise<string> {
  const code = /setup=(\w+)/.exec(hub.setUpUrl ?? '')?.[1] ?? ''
  return cookieOf(await post(hub, 'setup', { code, name: ownerName, password: ownerPassword }))
}

/** Logs somebody in beside the browser. Answers the cookie. */
export async function session(hub: HubProcess, name: string, password: string): Promise<string> {
  return cookieOf(await post(hub, 'session', { name, password }))
}

function post(hub: HubProcess, path: string, body: unknown): Promise<Response> {
  return fetch(`${hub.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tillbridge': '1' },
    body: JSON.stringify(body),
  })
}

async function cookieOf(response: Response): Promise<string> {
  const found = /tillbridge=([^;]+)/.exec(response.headers.get('set-cookie') ?? '')?.[1]
  if (found === undefined) throw new Error(`no session: ${response.status} ${await response.text()}`)
  return found
}

export async function closePage(page: Page): Promise<void> {
  await page.context().close()
}

/** The card of a device. */
export function card(page: Page, device: string) {
  return page.locator(`[data-device="${device}"]`)
}

/** Waits until it is seen. */
export async function see(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: 'visible' })
  expect(await locator.count()).toBeGreaterThan(0)
}

/** Presses the first button of that name. */
export function press(within: Page | Locator, name: string | RegExp): Promise<void> {
  return within
    .getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
    .first()
    .click()
}
