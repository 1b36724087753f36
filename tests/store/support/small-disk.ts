/** A process on a disk of four megabytes (mounted by the test): fills it, writes, makes room, writes again; prints what happened. */
import { rmSync, writeFileSync } from 'node:fs'
import { HubError } from '../../../src/protocol/errors.ts'
import { openEventLog, openStore } from '../../../src/store/open.ts'
import { eventRows, jobRow } from './rows.ts'

const mount = process.argv[2]!
const heard: string[] = []
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) =>
      error instanceof HubError ? `${error.code}: ${String(error.context.reason)}` : String(error),
  )

function fill(name: string): void {
  for (const bytes of [65_536, 4_096, 512]) {
    try {
      for (;;) writeFileSync(`${mount}/${name}`, Buffer.alloc(bytes), { flag: 'a' })
    } catch {}
  }
}

const store = await openStore({
  dir: `${mount}/data`,
  onFailure: ({ code }) => heard.push(code),
  onRecovery: () => heard.push('recovered'),
})
const log = await openEventLog({ dir: `${mount}/data`, bootId: 'boot', newId: () => 'epoch', now: Date.now })
const payload = JSON.stringify({ text: 'x'.repeat(20_000) })
const inserts = (prefix: string, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      outcome(store.jobs.insert(jobRow(`${prefix}${index}`, { payload }))),
    ),
  )

const roomy = await inserts('roomy', 3)
fill('filler')
const full = await inserts('full', 5)
const eventWhenFull = await outcome(
  log.append(eventRows(1, 400, { data: JSON.stringify('x'.repeat(1_000)) })),
)
const openWhenFull = await outcome(openStore({ dir: `${mount}/second` }))
const readWhenFull = (await store.jobs.get('roomy0'))?.id
rmSync(`${mount}/filler`)
const again = await inserts('again', 3)
const eventAgain = await outcome(log.append(eventRows(1, 2)))
const second = await openStore({ dir: `${mount}/second` })
await second.close()
await store.close()
await log.close()

const reopened = await openStore({ dir: `${mount}/data`, inline: true })
const kept = (await reopened.jobs.list({ limit: 100 })).rows.map(({ id }) => id).sort()
await reopened.close()
console.log(
  JSON.stringify({ roomy, full, eventWhenFull, openWhenFull, readWhenFull, again, eventAgain, kept, heard }),
)
