/** A process whose every write to the disk is recorded: opens, works, closes, opens, works, and is killed. */
import { writeSync } from 'node:fs'
import { openEventLog, openStore } from '../../../src/store/open.ts'
import { eventRows, jobRow } from './rows.ts'

const stepsPerRun = 25
const dir = process.argv[2]!
/** Said only when it is acknowledged; the recorder sees when. */
const say = (line: string) => writeSync(1, `${line}\n`)

for (const run of [1, 2]) {
  const store = await openStore({ dir })
  const log = await openEventLog({ dir, bootId: 'boot', newId: () => 'first epoch', now: Date.now })
  for (let step = 0; step < stepsPerRun; step++) {
    const id = `${run}-${step}`
    const seq = log.lastSeq + 1
    await Promise.all([
      store.jobs.insert(jobRow(id)).then(() => say(`job ${id}`)),
      store.ledger.append('sale', { id }, step).then((entry) => say(`ledger ${entry.seq}`)),
      log.append(eventRows(seq, seq)).then(() => say(`event ${seq}`)),
    ])
  }
  if (run === 2) process.kill(process.pid, 'SIGKILL')
  await store.close()
  await log.close()
}
