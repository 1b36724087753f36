/** A printer by USB/IP in the lab: stalls, broken transfers, a device that lies, and a cable pulled under a transfer. */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { createEscposTwin, type EscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import { until } from '../support/hub-process.ts'
import type { LabHub } from './lab-hub.ts'
import type { Check, LabRun } from './lab-run.ts'
import { longTicket, printed, ticket, timesPrinted } from './printer-checks.ts'
import { type Misbehaviour, UsbipPrinter, usbErrors } from './usbip.ts'

/** How much of a job goes well before something happens to it. */
const wellBytes = 8_000

interface Bench {
  wire: UsbipPrinter
  twin: EscposTwin
  device: string
}

async function plugged(check: Check, hub: LabHub): Promise<Bench> {
  const wire = new UsbipPrinter({
    vendorId: 0x04b8,
    productId: 0x0e15,
    maker: 'EPSON',
    product: 'TM-T88VI',
    serial: 'USBIP01',
  })
  const twin = createEscposTwin({ clock: systemClock, model: 'TM-T88VI' })
  check.defer(() => {
    twin.stop()
    wire.close()
  })
  const begun = performance.now()
  await wire.plug()
  twin.attach(wire)
  const { device, ms } = await hub.ready(begun, ({ profile }) => profile === 'epson-tm-t88vi')
  hub.inTime(check, [ms], begun)
  return { wire, twin, device: device.id }
}

/** Misbehaves once, after `wellBytes` of bulk data. */
function onceAfter(wire: UsbipPrinter, wrong: Misbehaviour): () => boolean {
  let well = 0
  let done = false
  wire.misbehave = (bytes) => {
    well += bytes.length
    if (done || well < wellBytes) return undefined
    done = true
    return wrong
  }
  return () => done
}

export async function usbipChecks(run: LabRun, hub: LabHub): Promise<void> {
  await run.check(
    'usbip: a stall in the middle of a job is cleared and no line is lost or doubled',
    async (check) => {
      const { wire, twin, device } = await plugged(check, hub)
      const stalled = onceAfter(wire, { error: usbErrors.stall })
      await hub.submit(device, 'usbip-stall', longTicket('Stall'))
      const job = await hub.ended('usbip-stall')
      ok(stalled())
      check.note(`halts cleared: ${wire.clearedHalts}`)
      ok(wire.clearedHalts >= 1)
      deepEqual([job.state, job.outcome?.confirmed], ['done', true])
      for (const line of [0, 150, 700, 1_499])
        equal(timesPrinted(twin, `Stall line ${line} `), 1, `line ${line}`)
    },
  )

  await run.check('usbip: a printer that stalls for good is lost, and its job never done', async (check) => {
    const { wire, twin, device } = await plugged(check, hub)
    let well = 0
    wire.misbehave = (bytes) => {
      well += bytes.length
      return well < wellBytes ? undefined : { error: usbErrors.stall }
    }
    await hub.submit(device, 'usbip-halted', longTicket('Halted'))
    const job = await hub.ended('usbip-halted')
    check.note(`${job.state}: ${job.error?.message}`)
    equal(job.state, 'unknown')
    equal(timesPrinted(twin, 'Halted line 1499 '), 0)
    wire.misbehave = undefined
    await hub.state(device, 'ready')
    equal((await printed(hub, device, 'healed')).state, 'done')
  })

  await run.check('usbip: a transfer that breaks loses the printer, and it comes back', async (check) => {
    const { wire, twin, device } = await plugged(check, hub)
    onceAfter(wire, { error: usbErrors.protocol })
    await hub.submit(device, 'usbip-broken', longTicket('Broken'))
    const job = await hub.ended('usbip-broken')
    check.note(`${job.state}: ${job.error?.message}`)
    equal(job.state, 'unknown')
    equal(timesPrinted(twin, 'Broken line 1499 '), 0)
    await hub.state(device, 'ready')
    equal((await printed(hub, device, 'healed')).state, 'done')
    equal(timesPrinted(twin, 'Corner Shop healed'), 1)
  })

  await run.check('usbip: a printer that takes all and prints nothing is not believed', async (check) => {
    const { wire, twin, device } = await plugged(check, hub)
    twin.fault('busy')
    const begun = performance.now()
    await hub.submit(device, 'usbip-lies', ticket('lies'))
    await until(() => twin.queuedBytes > 0, 'the printer to have the job')
    equal((await hub.client.call('job.wait', { id: 'usbip-lies', ms: 3_000 })).state, 'running')
    wire.close()
    const job = await hub.ended('usbip-lies')
    check.note(`${job.state} after ${(performance.now() - begun).toFixed(0)} ms`)
    notEqual(job.state, 'done')
  })

  await run.check('usbip: the cable is pulled while a transfer hangs', async (check) => {
    const { wire, device } = await plugged(check, hub)
    const hangs = onceAfter(wire, { silent: true })
    await hub.submit(device, 'usbip-pull', longTicket('Pulled'))
    await until(hangs, 'the transfer to hang')
    const out = performance.now()
    wire.close()
    const job = await hub.ended('usbip-pull')
    check.note(`${job.state} ${(performance.now() - out).toFixed(0)} ms after the pull`)
    equal(job.state, 'unknown')
    await hub.state(device, 'absent')
  })
}
