/** USB printers in the lab: found, printed on, read, stuck, pulled in the middle of a job, through libusb and through usblp. */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { closeSync, constants, openSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createEscposTwin, type EscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import type { Job, PrintPayload } from '../../src/protocol/job.ts'
import { until } from '../support/hub-process.ts'
import { Gadget, LabDevice } from './gadget.ts'
import type { LabHub } from './lab-hub.ts'
import { type Check, type LabRun, spread } from './lab-run.ts'

/** A rule of the lab keeps the hub from opening devices with such a serial number by libusb. */
export const noLibusbSerial = 'NOLIBUSB'

const vendorId = 0x04b8
const plugs = 5
const longLines = 1_500

/** An Epson by its ids and its words; the product number is any, as the profiles go by the name. */
export function labPrinter(
  check: Check,
  { socket = 0, model = 'TM-T20III', serial = 'LAB0001', printMsPerLine = 0 } = {},
): LabDevice<EscposTwin> {
  const gadget = new Gadget(
    socket,
    { vendorId, productId: 0x0e28, maker: 'EPSON', product: model, serial },
    { kind: 'printer', ieee1284: `MFG:EPSON;CMD:ESC/POS;MDL:${model};CLS:PRINTER;` },
  )
  return new LabDevice(check, gadget, createEscposTwin({ clock: systemClock, model, serial, printMsPerLine }))
}

export const ticket = (mark: string): PrintPayload => ({
  receipt: {
    blocks: [{ type: 'text', text: `Corner Shop ${mark}` }, { type: 'feed', lines: 1 }, { type: 'cut' }],
  },
})

/** Some 60 KB: much more than the printer, the kernel and the library hold between them. */
export const longTicket = (mark: string): PrintPayload => ({
  text: Array.from({ length: longLines }, (_, line) => `${mark} line ${line} of a very long ticket`).join(
    '\n',
  ),
})

export const timesPrinted = (twin: EscposTwin, text: string): number =>
  twin.printedText().split(text).length - 1

/** What the kernel says has the printer's interface: usbfs (libusb), usblp or nothing. */
export function interfaceDriver(serial: string): string {
  const devices = '/sys/bus/usb/devices'
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8').trim()
    } catch {
      return ''
    }
  }
  const device = readdirSync(devices).find((name) => read(join(devices, name, 'serial')) === serial) ?? ''
  try {
    return basename(realpathSync(join(devices, `${device}:1.0`, 'driver')))
  } catch {
    return ''
  }
}

export async function printerChecks(run: LabRun, hub: LabHub): Promise<void> {
  await run.check('printer: found by itself, prints, and says that its paper is out', async (check) => {
    const printer = labPrinter(check)
    const first = await hub.ready(await printer.plug(), ({ driver }) => driver === 'escpos')
    // The library is loaded for it.
    hub.inTime(check, [first.ms], 0)
    const { id, profile, port } = first.device
    equal(profile, 'epson-tm-t20iii')
    equal(port, 'usb:04b8:0e28/LAB0001')
    equal(interfaceDriver('LAB0001'), 'usbfs')
    const begun = performance.now()
    const job = await printed(hub, id, 'first')
    deepEqual([job.state, job.outcome?.confirmed], ['done', true])
    check.note(`a receipt is confirmed after ${(performance.now() - begun).toFixed(0)} ms`)
    equal(timesPrinted(printer.twin, 'Corner Shop first'), 1)
    const out = performance.now()
    printer.twin.order({ order: 'paper', state: 'out' })
    const told = await hub.event('device.changed', out, ({ faults }) =>
      faults.some(({ code }) => code === 'paper_out'),
    )
    check.note(`paper out is told after ${(told.at - out).toFixed(0)} ms`)
    printer.twin.order({ order: 'paper', state: 'full' })
    await hub.state(id, 'ready')
  })

  await run.check(`printer: ready within 2 s of each of ${plugs} plugs`, async (check) => {
    const printer = labPrinter(check)
    const { device } = await hub.ready(await printer.plug(), ({ driver }) => driver === 'escpos')
    const begun = performance.now()
    const times: number[] = []
    const goings: number[] = []
    for (let plug = 0; plug < plugs; plug++) {
      const out = printer.unplug()
      const gone = await hub.event(
        'device.changed',
        out,
        ({ id, state }) => id === device.id && state === 'absent',
      )
      goings.push(gone.at - out)
      const { ms } = await hub.ready(await printer.plug(), ({ id }) => id === device.id)
      times.push(ms)
    }
    check.note(`absent: ${spread(goings)}`)
    equal((await hub.devices()).length, 1)
    hub.inTime(check, times, begun)
  })

  await run.check('printer: pulled in the middle of a job, which is then never done', async (check) => {
    const printer = labPrinter(check, { printMsPerLine: 2 })
    const { device } = await hub.ready(await printer.plug(), ({ driver }) => driver === 'escpos')
    await pulled(check, hub, printer, device.id)
  })

  await run.check('printer: one that takes no data does not slow another one', async (check) => {
    const good = labPrinter(check)
    const stuck = labPrinter(check, { socket: 1, model: 'TM-T88V', serial: 'LAB0002' })
    const { device } = await hub.ready(await good.plug(), ({ profile }) => profile === 'epson-tm-t20iii')
    const begun = performance.now()
    const alone = await timed(hub, device.id, 'alone')
    const other = await hub.ready(await stuck.plug(), ({ profile }) => profile === 'epson-tm-t88v')
    stuck.end?.hold(true)
    await hub.submit(other.device.id, 'stuck-1', longTicket('stuck'))
    await hub.state(other.device.id, 'busy')
    const beside = await timed(hub, device.id, 'beside')
    check.note(`a receipt alone: ${spread(alone)}; beside the stuck one: ${spread(beside)}`)
    equal((await hub.client.call('job.get', { id: 'stuck-1' })).state, 'running')
    ok(Math.max(...beside) <= (2 * Math.max(...alone) + 500) * hub.yardstick.slowness(begun))
    stuck.unplug()
    notEqual((await hub.ended('stuck-1')).state, 'done')
  })

  await run.check('printer: by usblp where libusb may not open it', async (check) => {
    const printer = labPrinter(check, { serial: `${noLibusbSerial}1`, printMsPerLine: 2 })
    const { device, ms } = await hub.ready(await printer.plug(), ({ driver }) => driver === 'escpos')
    equal(interfaceDriver(`${noLibusbSerial}1`), 'usblp')
    hub.inTime(check, [ms], performance.now() - ms)
    const job = await printed(hub, device.id, 'usblp')
    deepEqual([job.state, job.outcome?.confirmed], ['done', true])
    equal(timesPrinted(printer.twin, 'Corner Shop usblp'), 1)
    printer.twin.order({ order: 'paper', state: 'out' })
    await hub.state(device.id, 'faulty')
    printer.twin.order({ order: 'paper', state: 'full' })
    await hub.state(device.id, 'ready')
    await pulled(check, hub, printer, device.id)
  })

  await run.check('printer: left alone while another program has its usblp node', async (check) => {
    const printer = labPrinter(check)
    const { device } = await hub.ready(await printer.plug(), ({ driver }) => driver === 'escpos')
    await hub.client.call('device.disable', { id: device.id })
    await until(() => interfaceDriver('LAB0001') === 'usblp', 'usblp to have the printer back')
    const node = await until(() => readdirSync('/dev/usb').find((name) => name.startsWith('lp')), 'its node')
    const holder = openSync(`/dev/usb/${node}`, constants.O_RDWR | constants.O_NONBLOCK)
    try {
      await hub.client.call('device.enable', { id: device.id })
      const refused = await until(async () => {
        const { faults } = await hub.client.call('device.get', { id: device.id })
        return faults.find(({ code }) => code === 'port_unavailable')
      }, 'the hub to say that it cannot have it')
      check.note(refused.message)
      ok(/another program/i.test(refused.message))
      equal(interfaceDriver('LAB0001'), 'usblp')
    } finally {
      closeSync(holder)
    }
    await hub.state(device.id, 'ready')
    equal(interfaceDriver('LAB0001'), 'usbfs')
  })
}

let jobs = 0

export async function printed(hub: LabHub, device: string, mark: string): Promise<Job> {
  const id = `${mark}-${jobs++}`
  await hub.submit(device, id, ticket(mark))
  return hub.ended(id)
}

async function timed(hub: LabHub, device: string, mark: string): Promise<number[]> {
  const times: number[] = []
  for (let turn = 0; turn < 5; turn++) {
    const begun = performance.now()
    equal((await printed(hub, device, mark)).state, 'done')
    times.push(performance.now() - begun)
  }
  return times
}

/** The printer hangs in the middle of a long job and its cable is pulled; then it is plugged in, and prints what comes next. */
export async function pulled(
  check: Check,
  hub: LabHub,
  printer: LabDevice<EscposTwin>,
  device: string,
): Promise<void> {
  const id = `long-${jobs++}`
  const before = printer.twin.bytesReceived
  await hub.submit(device, id, longTicket('Long'))
  await until(() => printer.twin.bytesReceived - before > 8_000, 'the printer to be in the midst of it')
  printer.end?.hold(true)
  const out = printer.unplug()
  const job = await hub.ended(id)
  check.note(
    `pulled: ${job.state} (${job.error?.code}) after ${(performance.now() - out).toFixed(0)} ms; the printer had ${
      printer.twin.bytesReceived - before
    } bytes`,
  )
  equal(job.state, 'unknown')
  const { ms } = await hub.ready(await printer.plug(), (found) => found.id === device)
  hub.inTime(check, [ms], out)
  equal((await printed(hub, device, 'next')).state, 'done')
  equal(timesPrinted(printer.twin, 'Corner Shop next'), 1)
  ok(timesPrinted(printer.twin, 'Long line 0 ') <= 1)
  equal(timesPrinted(printer.twin, `Long line ${longLines - 1} `), 0)
  const after = await hub.client.call('job.get', { id })
  check.note(`the pulled job is ${after.state} in the end`)
  notEqual(after.state, 'done')
}
