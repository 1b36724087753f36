/** The selling page in a real browser: opened as a till that is paired, or by a session that is open already. */
import type { Page } from 'playwright-core'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess } from '../support/hub-process.ts'
import { counterRegister, fillTillShop, tillShopThings } from '../support/till-shop.ts'
import { type ConsoleBrowser, type OpenOptions, onStage, owner, see } from './support.ts'

export const tablet = { width: 800, height: 1280 } as const
export const wide = { width: 1920, height: 1080 } as const

interface TillOptions extends Omit<OpenOptions, 'path' | 'role' | 'token'> {
  /** What follows `/till/`: `#register=main`. */
  hash?: string
  token?: string
}

/** Opens `/till/` in a browser of its own that the hub knows as a cashier's till. */
export async function openTill(
  browser: ConsoleBrowser,
  hub: HubProcess,
  options: TillOptions = {},
): Promise<Page> {
  const token = options.token ?? (await hub.token('cashier', 'browser till'))
  const { hash = '', prepare, ...rest } = options
  return browser.open({
    ...rest,
    path: `/till/${hash}`,
    role: undefined,
    prepare: async (page) => {
      await page.addInitScript(`localStorage.setItem('tillbridge.till.token', ${JSON.stringify(token)})`)
      await prepare?.(page)
    },
  })
}

/** Opens a register over the wire, so that a page may sell at once. Answers the session. */
export async function openRegister(client: HubClient, register = 'main', counted = 10_000): Promise<string> {
  const { session } = await client.call('till.session.get', { register })
  if (session !== null) return session.id
  const id = `s-${register}-${crypto.randomUUID().slice(0, 8)}`
  await client.call('till.session.open', { id, register, counted })
  return id
}

/** A page that stands on the selling screen of an open register. */
export async function sellingTill(
  browser: ConsoleBrowser,
  hub: HubProcess,
  options: TillOptions & { register?: string } = {},
): Promise<Page> {
  const { register = 'main', ...rest } = options
  const page = await openTill(browser, hub, {
    ...rest,
    prepare: async (opened) => {
      await opened.addInitScript(
        `localStorage.setItem('tillbridge.till.register', ${JSON.stringify(register)})`,
      )
      await rest.prepare?.(opened)
    },
  })
  await see(page.locator('.sell-screen'))
  return page
}

/** A demo hub of a test's own with the shop, and its counter open: for tests that pull its plug. */
export async function ownShop(): Promise<{ own: HubProcess; tech: HubClient }> {
  const own = await HubProcess.start({ demo: true })
  await owner(own)
  const tech = await own.client('technician')
  await fillTillShop(tech, [...tillShopThings, counterRegister()])
  await openRegister(tech)
  return { own, tech }
}

interface ShopStage {
  hub: HubProcess
  browser: ConsoleBrowser
  technician: HubClient
}

/** A demo hub with these things, on which these registers are open, and a browser, before the first test. */
export function onShopStage(
  things: Parameters<typeof fillTillShop>[1],
  registers: readonly string[],
  begun: (stage: ShopStage) => unknown,
): void {
  onStage({
    start: () => HubProcess.start({ demo: true }),
    async begun(hub, browser) {
      await owner(hub)
      const technician = await hub.client('technician')
      await fillTillShop(technician, things)
      for (const register of registers) await openRegister(technician, register)
      await begun({ hub, browser, technician })
    },
  })
}
