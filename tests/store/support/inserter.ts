/** A process to be killed: writes jobs and events without end and prints each id once it is acknowledged. */
import { once } from 'node:events'
import { openEventLog, openStore } from '../../../src/store/open.ts'
import { eventRows, jobRow } from './rows.ts'

const inFlight = 4
const [dir, run] = process.argv.slice(2) as [string, string]

async function say(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
}

const store = await openStore({ dir })
const log = await openEventLog({ dir, bootId: 'boot', newId: () => `epoch of run ${run}`, now: Date.now })

async function insertJobs(lane: number): Promise<void> {
  for (let index = 0; ; index++) {
    const id = `${run}-${lane}-${index}`
    await store.jobs.insert(jobRow(id))
    await say(`job ${id}`)
    await store.jobs.update(id, { state: 'running', attempts: 1 })
    await say(`running ${id}`)
  }
}

async function appendEvents(): Promise<void> {
  for (;;) {
    const seq = log.lastSeq + 1
    await log.append(eventRows(seq, seq))
    await say(`event ${seq}`)
  }
}

await Promise.all([...Array.from({ length: inFlight }, (_, lane) => insertJobs(lane)), appendEvents()])
