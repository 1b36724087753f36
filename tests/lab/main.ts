/** The tests of the lab, run in its guest: `node tests/lab/main.ts [FILTER]`. docs/lab.md says what they prove. */
import { enduranceChecks } from './endurance-checks.ts'
import { hidChecks } from './hid-checks.ts'
import { LabHub } from './lab-hub.ts'
import { LabRun } from './lab-run.ts'
import { printerChecks } from './printer-checks.ts'
import { addLabRules, rulesChecks } from './rules-checks.ts'
import { serialChecks } from './serial-checks.ts'
import { usbipChecks } from './usbip-checks.ts'

addLabRules()
const hub = await LabHub.start()
console.log(`the hub is ready after ${(hub.hub.readyMs / 1000).toFixed(1)} s`)
const run = new LabRun({
  only: process.argv[2],
  afterEach: () => hub.forget(),
  explain: (at) => hub.logSince(at),
})
await rulesChecks(run, hub)
await printerChecks(run, hub)
await usbipChecks(run, hub)
await serialChecks(run, hub)
await hidChecks(run, hub)
await enduranceChecks(run, hub)
const slowness = hub.yardstick.slowness(0).toFixed(1)
console.log(
  `the guest was ${slowness} times as slow as alone; its yardstick at best took ${hub.yardstick.best.toFixed(1)} ms`,
)
const status = run.end()
await hub.hub.stop()
process.exit(status)
