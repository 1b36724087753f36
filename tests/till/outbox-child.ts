/** A process to be killed: sells without end, sends it to an upstream, and says each order once it is acknowledged. */
import { once } from 'node:events'
import { systemClock } from '../../src/hub/clock.ts'
import { openStore } from '../../src/store/open.ts'
import { Outbox } from '../../src/till/sync/outbox.ts'
import { webhookConnector } from '../../src/till/sync/webhook.ts'

const [dir, url, secret, run] = process.argv.slice(2) as [string, string, string, string]

const store = await openStore({ dir })
const outbox = new Outbox(
  {
    ...{ store, clock: systemClock, random: Math.random, log: { info() {}, warn() {} }, publish() {} },
    health: { report() {}, mended() {} },
  },
  [
    {
      connector: webhookConnector(
        { name: 'office', url, secret: async () => secret },
        { hub: 'hub-1', clock: systemClock },
      ),
      history: true,
    },
  ],
)
outbox.start()
for (let index = 0; ; index++) {
  const id = `${run}-${index}`
  await store.ledger.append('order', { id, session: 's1', customer: null, lines: [] }, systemClock.now())
  outbox.wake()
  if (!process.stdout.write(`${id}\n`)) await once(process.stdout, 'drain')
}
