/** Runs the store contract against both places where a store can run. */
import { openEventLog, openStore } from '../../src/store/open.ts'
import { storeContract } from './store.ts'

for (const inline of [false, true]) {
  storeContract(inline ? 'inline' : 'worker', {
    store: (dir) => openStore({ dir, inline }),
    log: (dir) => openEventLog({ dir, inline, bootId: 'boot', newId: () => 'epoch', now: () => 0 }),
  })
}
