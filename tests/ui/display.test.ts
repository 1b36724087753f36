/** The customer display in a real browser against a real hub: paired, attached, painted, and never blank without need. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import type { DisplayShowPayload } from '../../src/protocol/job.ts'
import { HubProcess, root, until } from '../support/hub-process.ts'
import { startProxy } from '../support/proxy.ts'
import { audit } from './audit.ts'
import {
  type ConsoleBrowser,
  closePage,
  desktop,
  type OpenOptions,
  onStage,
  owner,
  phone,
  see,
} from './support.ts'
import { readCodes } from './zbar.ts'

/** A screen of seven inches, as on many tills. */
const small = { width: 800, height: 480 } as const
const television = { width: 1920, height: 1080 } as const
const tall = { width: 480, height: 800 } as const
const paintMsMax = 1_000
const longName =
  'Žižkovská buchta with poppy seed, plum jam and a name that needs more than the two lines it gets here'
const receipt = 'https://example.com/r/3f6c1d?shop=12&till=4'

const cart = (count: number): DisplayShowPayload => ({
  items: Array.from({ length: count }, (_, index) => ({
    text: index % 5 === 1 ? longName : `Article ${index}`,
    quantity: index % 3 === 2 ? '0,435 kg' : '2',
    amount: `${index},50 €`,
  })),
  total: { label: 'Total', amount: '1 211,86 €' },
})

let hub: HubProcess
let technician: HubClient
let browser: ConsoleBrowser
/** A display in a browser. */
let device: string

onStage({
  start: () => HubProcess.start(),
  async begun(...started) {
    ;[hub, browser] = started
    // Without an owner there is the set-up page only.
    await owner(hub)
    technician = await hub.client()
    device = await addDisplay('counter')
  },
})

async function addDisplay(name: string, client = technician): Promise<string> {
  const wanted = { class: 'display', driver: 'browser-display', port: `page:${name}`, name } as const
  return (await client.call('device.add', wanted)).id
}

interface DisplayOptions extends OpenOptions {
  /** Hub that knows the page; undefined for one that nobody paired. */
  known?: HubProcess | undefined
}

async function open({ known = hub, ...options }: DisplayOptions = {}): Promise<Page> {
  const token = await known.token('monitor', 'screen')
  return openUnpaired({
    prepare: (page) =>
      page.addInitScript(`localStorage.setItem('tillbridge.display.token', ${JSON.stringify(token)})`),
    ...options,
  })
}

const openUnpaired = (options: OpenOptions = {}) =>
  browser.open({ path: '/display/', role: undefined, ...options })

/** Waits until the display is on a page. */
async function attached(id = device, client = technician): Promise<void> {
  await until(async () => (await client.call('device.get', { id })).state === 'ready', 'the display is ready')
}

async function show(payload: DisplayShowPayload, id = device, client = technician): Promise<number> {
  const begun = performance.now()
  const job = await client.runJob({ device: id, kind: 'display.show', payload })
  expect(job).toMatchObject({ state: 'done', outcome: { confirmed: true } })
  return performance.now() - begun
}

const text = (page: Page) => page.locator('.screen').innerText()

/** Sideways or downwards: nothing may stand outside of the window, and nothing scrolls. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const outside = [...document.querySelectorAll('.total, .total-amount, .aside, .qr svg, .message, .lines span, .line-last')]
      .filter((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect()
        return left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1
      }).map((element) => element.className.baseVal ?? element.className)
    const page = document.scrollingElement
    for (const code of document.querySelectorAll('.qr svg'))
      if (code.getBoundingClientRect().width > code.parentElement.getBoundingClientRect().width + 1) outside.push('cut code')
    if (page.scrollWidth > innerWidth || page.scrollHeight > innerHeight) outside.push('the page scrolls')
    return outside
  })()`) as Promise<string[]>
}

describe('pairing and choosing', () => {
  const codeOf = async () => (await technician.call('pair.code', { role: 'monitor', name: 'Screen' })).code

  it('[UI16] pairs with a code in the address, takes it out, and takes the only display there is', async () => {
    const code = await codeOf()
    const page = await openUnpaired({ path: `/display/#code=${code}` })
    await see(page.locator('.idle'))
    expect(page.url()).not.toContain(code)
    await attached()
    const keys = await page.evaluate('Object.keys(localStorage).sort().join()')
    expect(keys).toBe('tillbridge.display.token')
  })

  it('[UI16] pairs with a code typed on the pad, after one that was wrong', async () => {
    const page = await openUnpaired()
    const type = async (code: string) => {
      for (const digit of code) await page.getByRole('button', { name: digit, exact: true }).click()
    }
    const code = await codeOf()
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    await type(wrong)
    await see(page.getByRole('alert').getByText('pair_code_invalid'))
    // The browser itself logs every 403.
    expect(browser.takeComplaints()).toHaveLength(1)
    await type('99')
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await type(code)
    await see(page.locator('.screen'))
  })

  it('[UI16] asks which display it is when there are several, remembers it, and obeys the address', async () => {
    const kitchen = await addDisplay('kitchen')
    const page = await open()
    await see(page.getByRole('heading', { name: 'Which display is this?' }))
    expect((await audit(page)).problems).toEqual([])
    await page.getByRole('button', { name: 'kitchen' }).click()
    await attached(kitchen)
    expect(page.url()).toContain(`#device=${kitchen}`)
    await page.goto(`${hub.url}/display/`)
    await page.reload()
    await attached(kitchen)
    await show({ message: 'Kitchen' }, kitchen)
    expect(await text(page)).toContain('Kitchen')
    const other = await open({ path: `/display/#device=${device}` })
    await attached()
    await show({ message: 'Counter' })
    expect(await text(other)).toContain('Counter')
    expect(await text(page)).not.toContain('Counter')
    await technician.call('device.remove', { id: kitchen })
  })

  it('[UI16] says what a technician does when there is no display, and takes the first that comes', async () => {
    const bare = await HubProcess.start()
    await owner(bare)
    const client = await bare.client()
    const page = await open({ known: bare, url: bare.url })
    await see(page.getByRole('heading', { name: 'The hub has no display for this page yet' }))
    await see(page.getByText('page:counter'))
    expect((await audit(page)).problems).toEqual([])
    const id = await addDisplay('counter', client)
    await attached(id, client)
    await show({ message: 'Hello' }, id, client)
    expect(await text(page)).toContain('Hello')
    await closePage(page)
    await bare.end()
  })

  it('[UI14] leads back to pairing when the pairing is taken back', async () => {
    const page = await open()
    await see(page.locator('.screen'))
    const { tokens } = await technician.call('token.list', {})
    for (const { id, name } of tokens) if (name === 'screen') await technician.call('token.revoke', { id })
    await see(page.getByText('This till is not paired'))
    await see(page.getByLabel('Pairing code'))
  })

  it.each([
    ['light', small],
    ['dark', phone],
  ] as const)('[UI9] the pairing page in %s at %o', async (colorScheme, viewport) => {
    const page = await openUnpaired({ colorScheme, viewport })
    await see(page.getByRole('heading', { level: 1 }))
    const { controls, problems } = await audit(page)
    expect(problems).toEqual([])
    expect(controls).toBe(13)
    expect(await overflow(page)).toEqual([])
  })
})

describe('showing', () => {
  it('[UI17] paints what a till sends within a second and says so; clearing is confirmed as well', async () => {
    const page = await open()
    await attached()
    const ms = await show(cart(3))
    expect(ms).toBeLessThan(paintMsMax)
    const lines = await page.locator('.line').allInnerTexts()
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/2\s+Article 0\s+0,50 €/)
    expect(await page.locator('.total').innerText()).toMatch(/Total\s+1 211,86 €/)
    const cleared = await technician.runJob({ device, kind: 'display.clear', payload: {} })
    expect(cleared).toMatchObject({ state: 'done', outcome: { confirmed: true } })
    await see(page.locator('.idle'))
  })

  it('[UI17] a page in the background confirms nothing', async () => {
    const page = await open({
      prepare: async (unopened) => {
        const token = await hub.token('monitor', 'screen')
        await unopened.addInitScript(`
          localStorage.setItem('tillbridge.display.token', ${JSON.stringify(token)})
          // A browser calls no frame of a page that is not in sight.
          const paint = requestAnimationFrame
          globalThis.requestAnimationFrame = (frame) => globalThis.hiddenPage ? 0 : paint(frame)`)
      },
    })
    await attached()
    await page.evaluate('globalThis.hiddenPage = true')
    const job = await technician.runJob({ device, kind: 'display.show', payload: { message: 'Unseen' } })
    expect(job.state).toBe('unknown')
    await technician.call('job.settle', { id: job.id, outcome: 'failed' })
  })

  it('[UI17] two pages of one display show the same, and one that comes later too', async () => {
    const first = await open()
    await attached()
    await show({ message: 'For both' })
    const second = await open()
    await see(second.getByText('For both'))
    await show({ message: 'Again for both' })
    await see(first.getByText('Again for both'))
    await see(second.getByText('Again for both'))
    await closePage(first)
    await show({ message: 'For the one that is left' })
    await see(second.getByText('For the one that is left'))
  })

  it('[UI20] a code is read from the screen in light and dark, beside a cart and alone', async () => {
    const page = await open()
    await attached()
    const qr = { data: receipt, caption: 'Your receipt' }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const [payload, viewport] of [
        [{ ...cart(4), qr }, desktop],
        [{ ...cart(4), qr }, small],
        [{ ...cart(4), qr }, phone],
        [{ qr, message: 'Thank you' }, small],
        [{ qr: { data: `${receipt}&x=${'0123456789'.repeat(95)}` } }, desktop],
      ] as const) {
        await page.setViewportSize(viewport)
        await show(payload)
        expect(readCodes(await page.screenshot(), 'qrcode')).toEqual([payload.qr.data])
        expect(await overflow(page)).toEqual([])
      }
    }
  }, 30_000)

  it('[UI20] a code that is too long for any square is said to be so', async () => {
    const page = await open()
    await attached()
    await show({ qr: { data: '日'.repeat(1_000) }, total: { amount: '5.00' } })
    await see(page.getByText('This code is too long to be shown.'))
    await see(page.getByText('5.00'))
  })

  const documents: Readonly<Record<string, DisplayShowPayload>> = {
    'a cart': cart(5),
    'a long cart': cart(60),
    'a cart, a message and a code': { ...cart(60), message: 'Two for one today', qr: { data: receipt } },
    'a long total': { total: { label: 'To pay with everything', amount: '-1,234,567,890.12 USD and more' } },
    'a message of 400 letters': { message: 'Closed on Thursday. '.repeat(20) },
    'a message, a total and a code': {
      message: longName,
      total: { amount: '12,50 €' },
      qr: { data: receipt },
    },
    'eight lines': { lines: Array.from({ length: 8 }, (_, index) => `${index} Coffee${' '.repeat(60)}2.50`) },
    'a line without gaps': { lines: ['W'.repeat(80)] },
  }
  const cases = Object.keys(documents).flatMap((name) =>
    [desktop, television, small, tall, phone].map((viewport) => ({ name, viewport, width: viewport.width })),
  )

  it('[UI19] counts 40 cases: 8 documents, 5 sizes', () => {
    expect(cases).toHaveLength(40)
  })

  it('[UI19] everything is in sight and nothing scrolls, in both colour schemes', async () => {
    const page = await open()
    await attached()
    const seen: string[] = []
    for (const [index, { name, viewport }] of cases.entries()) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme: index % 2 === 0 ? 'light' : 'dark' })
      await show(documents[name] ?? {})
      const { problems } = await audit(page)
      seen.push(
        ...[...problems, ...(await overflow(page))].map((problem) => `${name} ${viewport.width}: ${problem}`),
      )
    }
    expect(seen).toEqual([])
  }, 60_000)

  it('[UI19] the last article is in sight and marked, amounts stand in one column, long names have two lines', async () => {
    const page = await open({ viewport: small })
    await attached()
    for (const count of [1, 6, 30, 29]) {
      await show(cart(count))
      expect(await page.locator('.line-last').innerText()).toContain(`${count - 1},50 €`)
      const places = (await page.evaluate(`(() => {
        const list = document.querySelector('.cart').getBoundingClientRect()
        const last = document.querySelector('.line-last').getBoundingClientRect()
        const ends = [...document.querySelectorAll('.line-amount')].map((amount) => amount.getBoundingClientRect().right)
        const starts = [...document.querySelectorAll('.line-text')].map((text) => text.getBoundingClientRect().left)
        const heights = [...document.querySelectorAll('.line-text')].map((text) =>
          text.getBoundingClientRect().height / parseFloat(getComputedStyle(text).lineHeight))
        const spread = (values) => Math.max(...values) - Math.min(...values)
        return { inside: last.bottom <= list.bottom + 1 && last.top >= list.top - 1,
          ends: spread(ends), starts: spread(starts), lines: Math.round(Math.max(...heights)) }
      })()`)) as { inside: boolean; ends: number; starts: number; lines: number }
      expect(places.inside).toBe(true)
      expect(places.ends).toBeLessThan(1)
      // The last line is set larger, and its columns stay where they are.
      expect(places.starts).toBeLessThan(1)
      expect(places.lines).toBeLessThanOrEqual(2)
    }
  })

  it('[UI19] a cart of 500 articles is painted within a second, and again with one more change', async () => {
    const page = await open({ viewport: small })
    await attached()
    const first = await show(cart(500))
    const { items = [], ...rest } = cart(500)
    const next = await show({ ...rest, items: [...items.slice(0, 499), { text: 'Changed', amount: '1' }] })
    expect(Math.max(first, next)).toBeLessThan(paintMsMax)
    expect(await page.locator('.line').count()).toBe(500)
    await see(page.getByText('Changed'))
  })

  it('[UI19] text from right to left turns the columns round', async () => {
    const page = await open()
    await attached()
    await show({
      items: [{ text: 'קפה הפוך', quantity: '2', amount: '24.00 ₪' }],
      total: { amount: '24.00 ₪' },
    })
    const left = async (selector: string) => (await page.locator(selector).boundingBox())?.x ?? 0
    expect(await left('.line-amount')).toBeLessThan(await left('.line-text'))
    expect(await left('.line-text')).toBeLessThan(await left('.line-quantity'))
  })
})

describe('a connection that is lost', () => {
  it('[UI18] a page that is loaded again shows what it showed', async () => {
    const page = await open()
    await attached()
    await show({ message: 'Still here' })
    await page.reload()
    await see(page.getByText('Still here'))
    await attached()
    await see(page.getByText('Still here'))
  })

  it('[UI18] keeps showing with a small mark while the hub is away, and follows it again afterwards', async () => {
    let running = await HubProcess.start()
    await owner(running)
    let client = await running.client()
    const id = await addDisplay('counter', client)
    const cable = await startProxy(running.url)
    const page = await open({ known: running, url: cable.url })
    await attached(id, client)
    await show({ message: 'Before the restart' }, id, client)
    expect(await page.locator('.lost').count()).toBe(0)
    await page.evaluate(`(() => {
      globalThis.blanks = 0
      new MutationObserver(() => { globalThis.blanks += document.querySelector('.message') === null ? 1 : 0 })
        .observe(document.body, { childList: true, subtree: true })
    })()`)
    cable.cut()
    await see(page.locator('.lost').getByText('Not connected'))
    expect((await audit(page)).problems).toEqual([])
    cable.mend()
    await page.locator('.lost').waitFor({ state: 'detached' })
    await attached(id, client)
    await see(page.getByText('Before the restart'))
    expect(await page.evaluate('globalThis.blanks')).toBe(0)
    await running.kill9()
    await see(page.locator('.lost').getByText('Not connected'))
    await see(page.getByText('Before the restart'))
    running = await HubProcess.start({ dir: running.dir })
    cable.target(running.url)
    client = await running.client()
    await attached(id, client)
    await page.locator('.lost').waitFor({ state: 'detached' })
    await show({ message: 'After the restart' }, id, client)
    await see(page.getByText('After the restart'))
    // The browser itself logs every refused connection.
    browser.takeComplaints()
    await closePage(page)
    await cable.stop()
    await running.end()
  }, 30_000)
})

describe('idle', () => {
  /** What was shown stays for a page that is loaded again. */
  async function clear(): Promise<void> {
    await attached()
    await technician.runJob({ device, kind: 'display.clear', payload: {} })
  }

  it('[UI21] shows the name of the shop and the time when there are no pictures', async () => {
    const page = await open()
    await clear()
    const { name } = await technician.call('hub.info', {})
    await see(page.locator('.idle-shop').getByText(name, { exact: true }))
    expect(await page.locator('.idle-time').innerText()).toMatch(/^\d\d:\d\d$/)
    expect((await audit(page)).problems).toEqual([])
  })

  it('[UI21] shows the pictures of the hub in turn, leaves out what is none, and gives way to a cart', async () => {
    const folder = join(hub.dir, 'display')
    mkdirSync(folder, { recursive: true })
    const picture = (rgb: readonly number[], width: number, height: number) => {
      const image = new PNG({ width, height })
      for (let place = 0; place < width * height; place++) image.data.set([...rgb, 255], place * 4)
      return PNG.sync.write(image)
    }
    writeFileSync(join(folder, '1 red.png'), picture([200, 0, 0], 128, 80))
    writeFileSync(join(folder, '2 broken.png'), 'not a picture')
    writeFileSync(join(folder, '3 tall blue.png'), picture([0, 0, 200], 40, 200))
    const page = await browserPageWithClock()
    await clear()
    const shown = page.locator('.picture').last()
    await see(shown)
    expect(await shown.getAttribute('src')).toContain('1%20red.png')
    expect(await shown.getAttribute('class')).toContain('picture-fills')
    await page.clock.runFor(8_100)
    await see(page.locator('.picture[src*="blue"]'))
    expect(await page.locator('.picture[src*="blue"]').getAttribute('class')).not.toContain('picture-fills')
    await page.clock.runFor(8_100)
    await until(async () => (await shown.getAttribute('src'))?.includes('red'), 'the first again')
    expect((await audit(page)).problems).toEqual([])
    await page.clock.resume()
    await attached()
    await show({ message: 'Welcome' })
    expect(await page.locator('.picture').count()).toBe(0)
  })

  async function browserPageWithClock(): Promise<Page> {
    const token = await hub.token('monitor', 'screen')
    return openUnpaired({
      prepare: async (unopened) => {
        await unopened.clock.install()
        await unopened.addInitScript(
          `localStorage.setItem('tillbridge.display.token', ${JSON.stringify(token)})`,
        )
      },
    })
  }
})

describe('weight', () => {
  it.each(['en', 'de', 'fr', 'es'])(
    '[UI22] all scripts of the display in %s are within 45 kB after gzip, and hold no schema library',
    (language) => {
      const gzipBytesMax = 45_000
      const folder = join(root, 'dist', 'ui')
      const html = readFileSync(join(folder, 'display', 'index.html'), 'utf8')
      const assets = readdirSync(join(folder, 'assets'))
      const wanted = new Set(assets.filter((name) => name.endsWith('.js') && html.includes(name)))
      for (const name of wanted) {
        const script = readFileSync(join(folder, 'assets', name), 'utf8')
        for (const other of assets) {
          const spoken = /^(en|de|fr|es)-/.exec(other)?.[1]
          if (script.includes(other) && (spoken ?? language) === language) wanted.add(other)
        }
      }
      const scripts = [...wanted].map((name) => readFileSync(join(folder, 'assets', name)))
      expect(scripts.length).toBeGreaterThanOrEqual(2)
      const bytes = scripts.reduce((sum, script) => sum + gzipSync(script).length, 0)
      expect(bytes).toBeLessThanOrEqual(gzipBytesMax)
      expect(bytes).toBeGreaterThan(5_000)
      expect(scripts.some((script) => /ZodError|safeParse/.test(script.toString()))).toBe(false)
    },
  )
})
