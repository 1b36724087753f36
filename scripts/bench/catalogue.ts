/** Measures the catalogue of the till: searching 100,000 products and customers as one types, and importing them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { Catalogue } from '../../src/till/catalogue/catalogue.ts'
import { CatalogueImport } from '../../src/till/catalogue/import.ts'
import type { PeopleApi, TillTools } from '../../src/till/parts.ts'
import { atMost, percentile, type Row } from './rows.ts'

const things = 100_000
const shown = 50
const rounds = 20
/** Typed letter by letter; each beginning is one search. */
const typed = {
  product: ['milk 1 half', 'crème brûlée', '40063813', 'r-4711', 'xylophone', 'apple wine qqq'],
  customer: ['müller köln', '0170 12 34', 'ann.vermeer9', '+49 170 555', 'nobody knows', 'e 7 a'],
} as const

const goods = [
  'Milk',
  'Crème',
  'Brûlée',
  'Apple',
  'Wine',
  'Bread',
  'Half',
  'Müsli',
  'Tea',
  'Chocolate',
  'Yeast',
]
const first = ['Ann', 'Bob', 'Çelik', 'Dörte', 'Émile', 'Farah', 'Günther', 'Hana']
const last = ['Vermeer', 'Müller', 'Łukasz', 'O’Neill', 'García', 'Nguyen', 'Schmidt']
const towns = ['Köln', 'Koblenz', 'Málaga', 'Utrecht', 'Lyon']

const pick = <T>(from: readonly T[], index: number, step: number): T =>
  from[(index * step + Math.floor(index / from.length)) % from.length] as T

function productText(): string {
  const rows = Array.from({ length: things }, (_, at) => {
    const name = `${pick(goods, at, 3)} ${pick(goods, at, 7)} ${at % 1_000}`
    return `p${at};${name};R-${at};${at % 90},${10 + (at % 90)};${4_006_381_000_000 + at};${at % 100 === 0 ? 'x' : ''};${at % 5}`
  })
  return ['id;name;reference;price;barcodes;favourite;sequence', ...rows].join('\r\n')
}

function customerText(): string {
  const rows = Array.from({ length: things }, (_, at) => {
    const name = `${pick(first, at, 3)} ${pick(last, at, 5)}`
    const mail = `${name.toLowerCase().replace(/[^a-z]+/g, '.')}${at}@example.org`
    return `c${at};${name};+49 170 ${String(at).padStart(7, '0')};${mail};${pick(towns, at, 3)};${50_000 + (at % 9_999)}`
  })
  return ['id;name;phone;email;city;zip', ...rows].join('\r\n')
}

export async function run(): Promise<Row[]> {
  const dir = await mkdtemp(`${tmpdir()}/bench-catalogue-`)
  const store = await openStore({ dir })
  try {
    const tools = toolsOver(store)
    const catalogue = new Catalogue(tools)
    await catalogue.start()
    const imports = new CatalogueImport(tools, catalogue, () => everybodyMay)
    return [
      ...(await importing(imports, 'product', productText())),
      ...(await importing(imports, 'customer', customerText())),
      ...(await searching('product', (text) => store.till.catalogue.searchProducts({ text, limit: shown }))),
      ...(await searching('customer', (text) =>
        store.till.catalogue.searchCustomers({ text, limit: shown }),
      )),
    ]
  } finally {
    await store.close()
    await rm(dir, { recursive: true })
  }
}

async function importing(
  imports: CatalogueImport,
  kind: 'product' | 'customer',
  text: string,
): Promise<Row[]> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const start = performance.now()
  const report = await imports.run(
    { kind, format: 'csv', text, dry: false },
    { client: 'bench', name: 'bench', role: 'technician' },
  )
  const seconds = (performance.now() - start) / 1_000
  delay.disable()
  return [
    atMost(`import of ${report.added} ${kind}s`, report.added === things ? seconds : Number.NaN, 's', 60),
    atMost(`longest turn of the main thread meanwhile`, delay.max / 1e6, 'ms', 30),
  ]
}

async function searching(
  kind: keyof typeof typed,
  search: (text: string) => Promise<unknown[]>,
): Promise<Row[]> {
  // The index is made by the first search; the hub does this at its start.
  await search('')
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (const text of typed[kind]) {
      for (let end = 1; end <= text.length; end++) {
        const start = performance.now()
        await search(text.slice(0, end))
        times.push(performance.now() - start)
      }
    }
  }
  const name = `keystroke among ${things} ${kind}s`
  return [
    atMost(`${name} p50`, percentile(times, 0.5), 'ms', 20),
    atMost(`${name} p99`, percentile(times, 0.99), 'ms', 20),
  ]
}

const everybodyMay = {
  authorise: async () => ({ id: 'bench', name: 'bench', right: 'manager' }),
} as unknown as PeopleApi

function toolsOver(store: Store): TillTools {
  return {
    store,
    clock: { now: Date.now, after: () => () => {} },
    publish: () => {},
    log: { info: () => {}, warn: () => {} },
    health: { report: () => {}, mended: () => {} },
    hub: 'bench',
  } as unknown as TillTools
}

if (import.meta.main) for (const row of await run()) console.log(JSON.stringify(row))
