/** `npm run bench [-- NAME…]`: runs the benchmarks, prints a table or one JSON line each, exits with 0 when all bounds hold. */
import { parseArgs } from 'node:util'
import type { Row } from './rows.ts'

const benches: Readonly<Record<string, () => Promise<{ run(): Promise<Row[]> }>>> = {
  footprint: () => import('./footprint.ts'),
  devices: () => import('./devices.ts'),
  latency: () => import('./latency.ts'),
  scan: () => import('./scan.ts'),
  fanout: () => import('./fanout.ts'),
  encode: () => import('./encode.ts'),
  store: () => import('./store.ts'),
  till: () => import('./till.ts'),
  catalogue: () => import('./catalogue.ts'),
  'till-scale': () => import('./till-scale.ts'),
  console: () => import('./console.ts'),
  mqtt: () => import('./mqtt.ts'),
  fleet: () => import('./fleet.ts'),
  broker: () => import('./broker.ts'),
  doors: () => import('./doors.ts'),
  'till-screens': () => import('./till-screens.ts'),
}

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true })
const unknown = positionals.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}

const names = positionals.length > 0 ? positionals : Object.keys(benches)
const width = { name: 60, value: 18, bound: 34 }
let all = true
if (values.json !== true)
  console.log(
    `${'FIGURE'.padEnd(width.name)}${'VALUE'.padEnd(width.value)}${'BOUND'.padEnd(width.bound)}HOLDS  AGAINST`,
  )
for (const name of names) {
  const bench = await benches[name]?.()
  for (const row of (await bench?.run()) ?? []) {
    all &&= row.holds
    if (values.json === true) console.log(JSON.stringify(row))
    else
      console.log(
        `${row.name} `.padEnd(width.name) +
          `${Number(row.value.toPrecision(4))} ${row.unit} `.padEnd(width.value) +
          `${row.bound} `.padEnd(width.bound) +
          (row.holds ? 'yes' : 'NO').padEnd(7) +
          (row.against ?? ''),
      )
  }
}
process.exit(all ? 0 : 1)
