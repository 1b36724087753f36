/** HID devices in the lab: POS scanners and scales that come by themselves, and keyboards that are taken only when taught. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { createUsbHidScaleTwin, type UsbHidScaleTwin } from '../../src/drivers/scales/usb-hid-scale/twin.ts'
import {
  bootKeyboardDescriptor,
  createHidKeyboardScannerTwin,
  type HidKeyboardScannerTwin,
} from '../../src/drivers/scanners/hid-keyboard-scanner/twin.ts'
import {
  createHidPosScannerTwin,
  type HidPosScannerTwin,
} from '../../src/drivers/scanners/hid-pos-scanner/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import { until } from '../support/hub-process.ts'
import { Gadget, inputOf, LabDevice } from './gadget.ts'
import type { LabHub } from './lab-hub.ts'
import { type Check, type LabRun, spread } from './lab-run.ts'
import { scansFrom } from './serial-checks.ts'

const plugs = 4
/** What a silent scale may take to be an error is 500 ms; the rest is the way to the client and back in emulation. */
const silentMsMax = 500
const wayMsMax = 150

class PosScanner extends LabDevice<HidPosScannerTwin> {
  constructor(check: Check, socket: number, serial?: string) {
    const twin = createHidPosScannerTwin({ clock: systemClock, needsSwitchOn: true })
    const ids = {
      vendorId: 0x0c2e,
      productId: 0x0b8f,
      maker: 'Honeywell',
      product: 'Lab scanner',
      ...(serial === undefined ? {} : { serial }),
    }
    super(
      check,
      new Gadget(socket, ids, { kind: 'hid', descriptor: twin.faces.hid!.descriptor, reportBytes: 64 }),
      twin,
    )
  }

  override async plug(socket?: number): Promise<number> {
    const at = await super.plug(socket)
    // What comes down the control pipe here are feature reports.
    this.end?.onBytes((report) => void this.twin.faces.hid?.sendFeature(report))
    return at
  }
}

class Scale extends LabDevice<UsbHidScaleTwin> {
  constructor(check: Check, socket: number) {
    const twin = createUsbHidScaleTwin({ clock: systemClock })
    const ids = {
      vendorId: 0x0b67,
      productId: 0x555e,
      maker: 'Fairbanks',
      product: 'Lab scale',
      serial: 'SCALE1',
    }
    const { descriptor } = twin.faces.hid!
    super(check, new Gadget(socket, ids, { kind: 'hid', descriptor, reportBytes: 8, repeats: true }), twin)
  }

  override async plug(socket?: number): Promise<number> {
    const at = await super.plug(socket)
    this.twin.poll()
    return at
  }
}

function keyboard(check: Check, socket: number): LabDevice<HidKeyboardScannerTwin> {
  const twin = createHidKeyboardScannerTwin({ clock: systemClock, aim: false })
  const ids = {
    vendorId: 0x05f9,
    productId: 0x2204,
    maker: 'Datalogic',
    product: 'Lab wedge',
    serial: 'WEDGE1',
  }
  const gadget = new Gadget(socket, ids, {
    kind: 'hid',
    descriptor: bootKeyboardDescriptor,
    reportBytes: 8,
    keyboard: true,
  })
  return new LabDevice(check, gadget, twin)
}

export async function hidChecks(run: LabRun, hub: LabHub): Promise<void> {
  await run.check(
    'hid: a POS scanner is found by itself, switched on, and its codes arrive',
    async (check) => {
      const scanner = new PosScanner(check, 4, 'POS1')
      const first = await hub.ready(await scanner.plug(), ({ driver }) => driver === 'hid-pos-scanner')
      equal(first.device.profile, 'honeywell')
      deepEqual(
        scanner.twin.features.map((report) => [...report]),
        [[0xfe, 0x01]],
      )
      const begun = performance.now()
      const scanMs = await scansFrom(hub, scanner.twin, first.device.id, '4006381333931')
      const times: number[] = []
      for (let plug = 0; plug < plugs; plug++) {
        const out = scanner.unplug()
        await hub.event('device.changed', out, ({ state }) => state === 'absent')
        times.push((await hub.ready(await scanner.plug(), ({ id }) => id === first.device.id)).ms)
        await scansFrom(hub, scanner.twin, first.device.id, `code ${plug}`)
      }
      check.note(`a scan takes ${scanMs.toFixed(0)} ms`)
      hub.inTime(check, [first.ms, ...times], begun)
    },
  )

  await run.check(
    'hid: two scanners of the same ids stay two, in whatever order they are plugged in',
    async (check) => {
      const one = new PosScanner(check, 4)
      const two = new PosScanner(check, 5)
      const first = (await hub.ready(await one.plug(), ({ driver }) => driver === 'hid-pos-scanner')).device
        .id
      const second = (await hub.ready(await two.plug(), ({ id }) => id !== first)).device.id
      for (const device of [one, two]) device.unplug()
      await hub.state(first, 'absent')
      await hub.state(second, 'absent')
      await hub.ready(await two.plug(), ({ id }) => id === second)
      await hub.ready(await one.plug(), ({ id }) => id === first)
      await scansFrom(hub, one.twin, first, 'of the first')
      await scansFrom(hub, two.twin, second, 'of the second')
      equal((await hub.devices()).length, 2)
    },
  )

  await run.check(
    'hid: a scale is found by itself, weighs, and is an error when it falls silent',
    async (check) => {
      const scale = new Scale(check, 6)
      const first = await hub.ready(await scale.plug(), ({ driver }) => driver === 'usb-hid-scale')
      const { id, profile } = first.device
      equal(profile, 'fairbanks-scb-9000')
      scale.twin.order({ order: 'load', grams: 1_234 })
      // Fresh: of a measurement after the call, whatever the reports before it said.
      const { weight, unit } = await hub.client.call('scale.read', { device: id })
      deepEqual([weight, unit], ['1234', 'g'])
      scale.twin.order({ order: 'silent', on: true })
      const silent = performance.now()
      const times: number[] = []
      for (let turn = 0; turn < 5; turn++) {
        const begun = performance.now()
        await rejects(hub.client.call('scale.read', { device: id }), { code: 'answer_timeout' })
        times.push(performance.now() - begun)
      }
      check.note(`silent: an error after ${spread(times)}`)
      ok(Math.max(...times) <= silentMsMax + wayMsMax * hub.yardstick.slowness(silent))
      scale.twin.order({ order: 'silent', on: false })
      const out = scale.unplug()
      await hub.event('device.changed', out, ({ state }) => state === 'absent')
      await rejects(hub.client.call('scale.read', { device: id }))
      const again = await hub.ready(await scale.plug(), (device) => device.id === id)
      equal((await hub.client.call('scale.read', { device: id })).weight, '1234')
      hub.inTime(check, [first.ms, again.ms], silent)
    },
  )

  await run.check(
    'hid: a keyboard is taken only when it was taught, and then types nowhere else',
    async (check) => {
      const device = keyboard(check, 7)
      await device.plug()
      const port = await hub.port(({ details }) => details?.keyboard === 'yes', 'the keyboard')
      equal(port.device, null)
      deepEqual(await hub.devices(), [])
      const input = inputOf(port.url.replace('hid:/dev/', ''))
      const keys = new KeyWatch(check, input.node)
      await typed(keys, device.twin)

      const lesson = await hub.client.call('port.teach.start', { ms: 20_000 })
      const answer = hub.client.call('port.teach.wait', { teach: lesson.teach }, { timeoutMs: 25_000 })
      // The nodes are being opened; a person takes longer than that to scan.
      await new Promise((resolve) => setTimeout(resolve, 500))
      device.twin.order({ order: 'scan', code: lesson.code })
      const taught = await answer
      equal(taught.url, port.url)
      check.note(`taught: ${taught.suggestion?.driver} ${JSON.stringify(taught.suggestion?.settings)}`)
      equal(taught.suggestion?.settings?.layout, 'us')

      const { id } = await hub.client.call('device.add', {
        class: 'scanner',
        driver: taught.suggestion?.driver ?? '',
        port: port.url,
        settings: taught.suggestion?.settings ?? {},
      })
      await hub.state(id, 'ready')
      equal(readFileSync(join(input.folder, 'inhibited'), 'utf8').trim(), '1')
      keys.clear()
      const scanMs = await scansFrom(hub, device.twin, id, 'Silent-4711')
      equal(keys.count(), 0, 'keys that another program read')
      check.note(`a scan of 12 keys takes ${scanMs.toFixed(0)} ms`)

      const out = device.unplug()
      await hub.event('device.changed', out, ({ state }) => state === 'absent')
      const { ms } = await hub.ready(await device.plug(), (found) => found.id === id)
      await scansFrom(hub, device.twin, id, 'again')
      hub.inTime(check, [ms], out)

      await hub.client.call('device.remove', { id })
      const after = inputOf(
        (await hub.port(({ details }) => details?.keyboard === 'yes', 'it')).url.replace('hid:/dev/', ''),
      )
      await until(
        () => readFileSync(join(after.folder, 'inhibited'), 'utf8').trim() === '0',
        'the keys to be let go',
      )
      await typed(new KeyWatch(check, after.node), device.twin)
    },
  )
}

async function typed(keys: KeyWatch, twin: HidKeyboardScannerTwin): Promise<void> {
  keys.clear()
  twin.order({ order: 'scan', code: 'abc' })
  await until(() => keys.count() >= 8, 'another program to read the keys')
}

/** Another program that reads the keys: struct input_event of linux/input.h, 24 bytes on 64 bits. */
class KeyWatch {
  readonly #fd: number
  #keys = 0

  constructor(check: Check, node: string) {
    this.#fd = openSync(node, constants.O_RDONLY | constants.O_NONBLOCK)
    check.defer(() => closeSync(this.#fd))
  }

  clear(): void {
    this.count()
    this.#keys = 0
  }

  /** Keys pressed and let go since `clear`. */
  count(): number {
    const event = Buffer.alloc(24)
    try {
      while (readSync(this.#fd, event) === event.length) if (event.readUInt16LE(16) === 1) this.#keys++
    } catch {
      // No more.
    }
    return this.#keys
  }
}
