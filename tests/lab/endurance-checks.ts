/** Two hundred plugs in the lab: each ends ready, and what the hub holds of the system does not grow. */
import { equal, ok } from 'node:assert/strict'
import { createHidPosScannerTwin } from '../../src/drivers/scanners/hid-pos-scanner/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import type { Footprint, LabHub } from './lab-hub.ts'
import type { Check, LabRun } from './lab-run.ts'
import { labPrinter } from './printer-checks.ts'
import { UhidDevice } from './uhid.ts'

/** Of each, before the first look. */
const warmPlugs = 4
const plugs = 200
const scanners = 5
const replugMs = 400
const printerPlugs = 30
/** After this it is taken for never. */
const readyLateMs = 30_000
/** What the heap may be larger by, between two looks at a moment of its own choosing. */
const growthMiBMax = 25

/** One of some scanners, each with a serial number, that are plugged at the same time to save some. */
class UhidScanner {
  readonly #number: number
  #device: UhidDevice | undefined

  constructor(check: Check, number: number) {
    this.#number = number
    check.defer(() => this.unplug())
  }

  plug(): void {
    const twin = createHidPosScannerTwin({ clock: systemClock })
    this.#device = new UhidDevice({
      name: `Symbol Lab scanner ${this.#number}`,
      place: `lab/uhid-${this.#number}`,
      serial: `UHID${this.#number}`,
      // Not one that is switched on by a feature report: the answer would have to come from the very process that unplugs
      // another one, and the kernel lets both wait for each other.
      vendorId: 0x05e0,
      productId: 0x1300,
      descriptor: twin.faces.hid!.descriptor,
    })
  }

  unplug(): void {
    this.#device?.destroy()
    this.#device = undefined
  }
}

export async function enduranceChecks(run: LabRun, hub: LabHub): Promise<void> {
  await run.check(
    `endurance: ${plugs} plugs of HID scanners and ${printerPlugs} of a USB printer leave nothing behind`,
    async (check) => {
      const bench: Plugged[] = []
      for (let number = 0; number < scanners; number++) {
        const scanner = new UhidScanner(check, number)
        bench.push(await accepted(hub, 'hid-pos-scanner', scanner, bench))
      }
      bench.push(await accepted(hub, 'escpos', labPrinter(check), bench))
      const printer = bench.at(-1)
      const round = (scannerTurns: number, printerTurns: number) =>
        Promise.all(bench.map((one) => cycle(hub, one, one === printer ? printerTurns : scannerTurns)))
      await round(warmPlugs, warmPlugs)
      const before = await settled(hub)
      for (const one of bench) one.times.length = 0
      const begun = performance.now()
      await round(plugs / scanners, printerPlugs)
      compare(check, before, await settled(hub))
      equal((await hub.devices()).length, bench.length)
      // They come all at once, and each waits for its turn: the middle is what counts.
      hub.inTime(
        check,
        bench.filter((one) => one !== printer).flatMap(({ times }) => times),
        begun,
        'most',
      )
      hub.inTime(check, printer?.times ?? [], begun, 'most')
    },
    180_000,
  )
}

interface Cable {
  plug(): unknown
  unplug(): unknown
}

interface Plugged {
  cable: Cable
  device: string
  times: number[]
}

async function accepted(
  hub: LabHub,
  driver: string,
  cable: Cable,
  known: readonly Plugged[],
): Promise<Plugged> {
  const begun = performance.now()
  await cable.plug()
  const { device } = await hub.ready(
    begun,
    (found) => found.driver === driver && known.every((one) => one.device !== found.id),
  )
  return { cable, device: device.id, times: [] }
}

async function cycle(hub: LabHub, { cable, device, times }: Plugged, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const out = performance.now()
    cable.unplug()
    await hub.event(
      'device.changed',
      out,
      ({ id, state }) => id === device && state === 'absent',
      readyLateMs,
    )
    // No hand is quicker; discovery has seen it go by then.
    await new Promise((resolve) => setTimeout(resolve, replugMs))
    const begun = performance.now()
    await cable.plug()
    times.push((await hub.ready(begun, ({ id }) => id === device, readyLateMs)).ms)
  }
}

type Look = Footprint & { resources: Record<string, number> }

/** After a second look of discovery and the delayed ends of what is closed. */
async function settled(hub: LabHub): Promise<Look> {
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  const resources = await hub.resources()
  return { ...hub.footprint(), resources }
}

function compare(check: Check, before: Look, after: Look): void {
  const timers = (look: Look) => look.resources.Timeout ?? 0
  check.note(
    `descriptors ${before.descriptors} → ${after.descriptors}, threads ${before.threads} → ${after.threads}, timers ${timers(
      before,
    )} → ${timers(after)}, memory ${before.residentMiB.toFixed(0)} → ${after.residentMiB.toFixed(0)} MiB`,
  )
  // One more is somebody who happens to be connected; a leak is one for each plug.
  ok(after.descriptors <= before.descriptors + 2, 'descriptors leak')
  ok(after.threads <= before.threads + 1, 'threads leak')
  ok(timers(after) <= timers(before) + 3, 'timers leak')
  ok(after.residentMiB <= before.residentMiB + growthMiBMax, 'memory leaks')
}
