/** A catalogue over real books, for its tests: what is announced, and who may. */
import { expect, onTestFinished } from 'vitest'
import { methods as wire } from '../../src/protocol/methods.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { Catalogue } from '../../src/till/catalogue/catalogue.ts'
import { CatalogueChanges } from '../../src/till/catalogue/changes.ts'
import { CatalogueImport } from '../../src/till/catalogue/import.ts'
import { CatalogueLookUps } from '../../src/till/catalogue/look-ups.ts'
import type { TillCaller, TillParams, TillResult, TillTools } from '../../src/till/parts.ts'
import { People } from '../../src/till/people/people.ts'
import { TestClock } from '../support/clock.ts'
import { deviceNamed } from './counter-support.ts'

type Method =
  | 'till.shop'
  | 'till.shop.put'
  | `till.catalogue${'' | '.put' | '.remove' | '.import'}`
  | `till.product.${'search' | 'get'}`
  | 'till.customer.search'
  | 'till.customer.get'
  | 'till.scan'
type Calls = {
  [M in Method]: (params: TillParams<M>, caller: TillCaller) => TillResult<M> | Promise<TillResult<M>>
}

export interface Market {
  store: Store
  clock: TestClock
  catalogue: Catalogue
  people: People
  published: { topic: string; data: unknown }[]
  unreadable: string[]
  /** Calls a method as the wire does: parameters go through its schema. */
  call<M extends Method>(method: M, params: object, caller?: TillCaller): Promise<TillResult<M>>
  put(kind: string, ...things: object[]): Promise<void>
}

const technician: TillCaller = { client: 'workshop', name: 'workshop', role: 'technician' }
export const seller: TillCaller = { client: 'till-1', name: 'till-1', role: 'cashier' }

export async function openMarket(
  options: { dir?: string; store?: Store; hub?: string; demo?: boolean } = {},
): Promise<Market> {
  const store = options.store ?? (await openStore({ dir: options.dir ?? ':memory:', inline: true }))
  if (options.store === undefined) onTestFinished(() => store.close())
  const clock = new TestClock(Date.UTC(2026, 10, 23, 8))
  const published: Market['published'] = []
  const unreadable: string[] = []
  let ids = 0
  const tools: TillTools = {
    store,
    clock,
    newId: () => `id-${++ids}`,
    random: () => 0.5,
    log: { info: () => {}, warn: () => {} },
    publish: (topic, data) => published.push({ topic, data }),
    print: async () => {},
    openDrawer: async () => {},
    device: deviceNamed,
    readScale: async () => ({ weight: '0', unit: 'kg' }),
    health: { report: (key) => unreadable.push(key), mended: () => {} },
    hub: options.hub ?? 'hub-1',
    demo: options.demo ?? false,
  }
  const catalogue = new Catalogue(tools)
  const people = new People(tools, catalogue)
  await catalogue.start()
  await people.start()
  const changes = new CatalogueChanges(tools, catalogue, () => people)
  const imports = new CatalogueImport(tools, catalogue, () => people)
  const lookUps = new CatalogueLookUps(tools, catalogue)
  const calls: Calls = {
    'till.shop': () => catalogue.shop,
    'till.shop.put': (params, caller) => changes.putShop(params, caller),
    'till.catalogue': (params) => lookUps.page(params),
    'till.catalogue.put': (params, caller) => changes.put(params, caller),
    'till.catalogue.remove': (params, caller) => changes.remove(params, caller),
    'till.catalogue.import': (params, caller) => imports.run(params, caller),
    'till.product.search': (params) => lookUps.searchProducts(params),
    'till.product.get': (params) => lookUps.priced(params),
    'till.customer.search': (params) => lookUps.searchCustomers(params),
    'till.customer.get': (params) => lookUps.customers(params),
    'till.scan': (params) => lookUps.scan(params),
  }
  const call = async <M extends Method>(method: M, params: object, caller = technician) =>
    (await calls[method](wire[method].params.parse(params) as never, caller)) as TillResult<M>
  return {
    store,
    clock,
    catalogue,
    people,
    published,
    unreadable,
    call,
    async put(kind, ...things) {
      for (const thing of things) await call('till.catalogue.put', { thing: { [kind]: thing } })
    },
  }
}

export const code = (expected: string, context: object = {}) =>
  expect.objectContaining({ code: expected, context: expect.objectContaining(context) })
