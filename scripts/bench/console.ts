/** What the console asks of a slow tablet: weight, first paint, and the longest frame while all jobs of a shop are scrolled through. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import buildPages from '../../tests/support/build-pages.ts'
import { chromiumOptions } from '../../tests/support/chromium.ts'
import { HubProcess, root, temporaryDir } from '../../tests/support/hub-process.ts'
import { fillStore } from '../../tests/ui/large-shop.ts'
import { atMost, median, type Row } from './rows.ts'

const shop = { devices: 60, jobs: 5_000 } as const
/** A tablet of some years is so many times slower than this machine. */
const slowdown = 4
const loads = 5
/** One turn of a wheel that is spun as fast as it goes. */
const wheelPx = 400

export async function run(): Promise<Row[]> {
  buildPages()
  const dir = temporaryDir()
  await fillStore(dir, shop)
  const hub = await HubProcess.start({ dir, demo: true })
  const browser = await chromium.launch(chromiumOptions)
  try {
    const token = await hub.token('technician', 'bench')
    const paints: number[] = []
    const overviews: number[] = []
    for (let load = 0; load < loads; load++) {
      const page = await slowPage(browser, token)
      await page.goto(hub.url)
      await page.locator('main h1').waitFor()
      overviews.push(await page.evaluate<number>('performance.now()'))
      paints.push(
        await page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`),
      )
      await page.context().close()
    }
    const { frameMs, met } = await scrollThrough(await slowPage(browser, token), hub.url)
    const { all, first } = weights()
    const slow = `processor slowed ${slowdown} times`
    return [
      atMost('console: scripts, one language, gzip', all / 1_000, 'kB', 90, 'all pages together'),
      atMost('console: scripts of the first page, gzip', first / 1_000, 'kB', 45),
      atMost('console: first paint', median(paints), 'ms', 1_000, slow),
      atMost('console: first page with its facts', median(overviews), 'ms', 2_000, slow),
      atMost(
        'console: longest frame while scrolling',
        frameMs,
        'ms',
        100,
        `${met} jobs by the wheel, ${slow}`,
      ),
    ]
  } finally {
    await browser.close()
    await hub.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

async function slowPage(browser: Browser, token: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  const page = await context.newPage()
  await page.addInitScript(`localStorage.setItem('tillbridge.token', ${JSON.stringify(token)})`)
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  return page
}

/** The longest time between two frames, and how many jobs there were at the end. */
async function scrollThrough(page: Page, url: string): Promise<{ frameMs: number; met: number }> {
  await page.goto(`${url}/#/jobs`)
  await page.locator('.job').first().waitFor()
  await page.evaluate(`(() => {
    window.longest = 0
    let before
    const frame = (at) => {
      if (before !== undefined) window.longest = Math.max(window.longest, at - before)
      before = at
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })()`)
  await page.mouse.move(800, 500)
  const end = page.locator(`[data-job="job-0"]`)
  for (let turns = 0; turns < 2_000 && (await end.count()) === 0; turns++) await page.mouse.wheel(0, wheelPx)
  const met = Number(await end.getAttribute('aria-posinset'))
  return { frameMs: await page.evaluate<number>('window.longest'), met }
}

/** Bytes after gzip: of the scripts that the page names, and of all that they can fetch, of the languages English alone. */
function weights(): { first: number; all: number } {
  const assets = join(root, 'dist', 'ui', 'assets')
  const names = readdirSync(assets).filter((name) => name.endsWith('.js') && !/^(de|fr|es)-/.test(name))
  const namedIn = (text: string) => names.filter((name) => text.includes(name))
  const scripts = new Map<string, string>()
  const first = namedIn(readFileSync(join(root, 'dist', 'ui', 'index.html'), 'utf8'))
  const wanted = [...first]
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (scripts.has(name)) continue
    const text = readFileSync(join(assets, name), 'utf8')
    scripts.set(name, text)
    wanted.push(...namedIn(text))
  }
  const sum = (of: Iterable<string>) =>
    [...of].reduce((bytes, name) => bytes + gzipSync(scripts.get(name) ?? '').length, 0)
  return { first: sum(first), all: sum(scripts.keys()) }
}
