/** Many items at once, in the store's own thread, while selling goes on; and an end by kill -9 in the middle. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/hub/clock.ts'
import { openStore } from '../../src/store/open.ts'
import { Outbox } from '../../src/till/sync/outbox.ts'
import { webhookConnector } from '../../src/till/sync/webhook.ts'
import { testFolder } from '../store/support/folder.ts'
import { openSession, payRow } from '../store/support/till.ts'
import { bench, drained, Office, ok, secret, until } from './upstream-support.ts'

/** TILLBRIDGE_DRAIN=10000 measures the rule at its full number and prints the rate. */
const waiting = Number(process.env.TILLBRIDGE_DRAIN ?? 2_000)

describe('many items', () => {
  it('[W14] thousands that have gathered are sent in order and once, and selling goes on', {
    timeout: 120_000,
  }, async () => {
    const dir = await testFolder()
    const store = await openStore({ dir })
    onTestFinished(() => store.close())
    await openSession(store)
    const pay = (from: number, until: number) =>
      Promise.all(
        Array.from({ length: until - from }, (_, index) => store.till.orders.pay(payRow(`o${from + index}`))),
      )
    for (let from = 0; from < waiting; from += 500) await pay(from, from + 500)
    const office = await Office.open((_, response) => ok(response))
    const connector = webhookConnector(
      { name: 'office', url: office.url, secret: async () => secret },
      { hub: 'hub-1', clock: systemClock },
    )
    const events: unknown[] = []
    const outbox = new Outbox(
      {
        ...{ store, clock: systemClock, random: Math.random, log: { info() {}, warn() {} } },
        publish: (_, data) => void events.push(data),
        health: { report() {}, mended() {} },
      },
      [{ connector, history: true }],
    )
    onTestFinished(() => outbox.stop())
    const startedAt = performance.now()
    outbox.start()
    const slowest: number[] = []
    for (let sale = 0; sale < 50; sale++) {
      const before = performance.now()
      await pay(waiting + sale, waiting + sale + 1)
      slowest.push(performance.now() - before)
      outbox.wake()
    }
    const all = waiting + 51
    await office.arrived(all)
    const seconds = (performance.now() - startedAt) / 1_000
    await until(async () => (await outbox.status()).upstreams[0]?.sent === all)
    const seqs = office.received.map(({ item }) => item.seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect(new Set(seqs).size).toBe(all)
    expect(events.length).toBeLessThan(10 + 4 * seconds)
    // Far below what a box does, far above what a queue that looks at all of itself each time would.
    expect(all / seconds).toBeGreaterThan(100)
    expect(Math.max(...slowest)).toBeLessThan(1_000)
    if (process.env.TILLBRIDGE_DRAIN !== undefined)
      console.info(
        `${Math.round(all / seconds)} items a second; slowest sale meanwhile ${Math.round(Math.max(...slowest))} ms`,
      )
  })
})

describe('kill -9', () => {
  const kills = 8

  it('[W9] at random moments: everything that was sold arrives, in order, and at most one item for each end comes twice', {
    timeout: 60_000,
  }, async () => {
    const dir = await testFolder()
    const office = await Office.open((_, response) => ok(response))
    const sold: string[] = []
    for (let run = 0; run < kills; run++) {
      const child = startChild(dir, office.url, `run${run}`)
      const lines = createInterface(child.stdout)
      lines.on('line', (id) => sold.push(id))
      await office.arrived(office.received.length + 5 + Math.floor(Math.random() * 60))
      child.kill('SIGKILL')
      await Promise.all([once(child, 'exit'), once(lines, 'close')])
    }
    const store = await openStore({ dir, inline: true })
    const rest = bench(store, office)
    rest.outbox.start()
    await until(() => drained(rest))
    const times = new Map<string, number>()
    for (const { item } of office.received) times.set(item.key, (times.get(item.key) ?? 0) + 1)
    const entries = (await store.ledger.after(0, 1_000_000)).filter(({ kind }) => kind === 'order')
    expect([...times.keys()]).toEqual(entries.map(({ hash }) => hash))
    const arrived = new Set(office.received.map(({ item }) => item.id))
    expect(sold.length).toBeGreaterThan(kills)
    expect(sold.filter((id) => !arrived.has(id))).toEqual([])
    const again = [...times.values()].filter((count) => count > 1)
    expect(again.length).toBeLessThanOrEqual(kills)
    await rest.outbox.stop()
    await store.close()
  })
})

function startChild(dir: string, url: string, run: string) {
  const script = new URL('outbox-child.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, dir, url, secret, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}
