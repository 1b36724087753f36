/** A typing scanner on a workbench: the driver and its twin on the two ends of a wire in memory. */

import type { OpenDevice } from '../../../src/drivers/driver.ts'
import { hidKeyboardScanner } from '../../../src/drivers/scanners/hid-keyboard-scanner/driver.ts'
import {
  bootKeyboardDescriptor,
  createHidKeyboardScannerTwin,
  type HidKeyboardScannerTwin,
  type HidKeyboardScannerTwinOptions,
} from '../../../src/drivers/scanners/hid-keyboard-scanner/twin.ts'
import { type MemoryEnd, memoryPair } from '../../../src/drivers/transports/memory.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import type { Scan } from '../../../src/protocol/device.ts'
import { settle, TestClock } from '../../support/clock.ts'

export interface Bench {
  clock: TestClock
  twin: HidKeyboardScannerTwin
  wire: MemoryEnd
  transport: Transport
  device: OpenDevice
  scans: Scan[]
  details: object[]
  warnings: object[]
  codes(): string[]
  /** Sends reports as they are. */
  send(...reports: (readonly number[])[]): Promise<void>
}

export interface BenchOptions {
  twin?: Partial<HidKeyboardScannerTwinOptions>
  /** Undefined: the system does not tell any. */
  descriptor?: Uint8Array | undefined
}

export async function openScanner(
  settings: Record<string, unknown> = {},
  options: BenchOptions = { descriptor: bootKeyboardDescriptor },
): Promise<Bench> {
  const clock = new TestClock()
  const twin = createHidKeyboardScannerTwin({ clock, ...options.twin })
  const hid = twin.faces.hid
  const descriptor = 'descriptor' in options ? (options.descriptor ?? new Uint8Array(0)) : hid?.descriptor
  const faces = hid === undefined || descriptor === undefined ? {} : { hid: { ...hid, descriptor } }
  const [transport, wire] = memoryPair('keyboard', { faces })
  twin.attach(wire)
  const [scans, details, warnings]: [Scan[], object[], object[]] = [[], [], []]
  const device = hidKeyboardScanner.open({
    transport,
    profile: {
      id: 'test',
      driver: 'hid-keyboard-scanner',
      name: 'Test',
      maker: 'Test',
      settings: {},
      quirks: [],
      sources: [],
    },
    settings: hidKeyboardScanner.settings.parse(settings),
    clock,
    log: { debug() {}, info() {}, warn: (fields) => warnings.push(fields) },
    listener: {
      faults() {},
      details: (facts) => details.push(facts),
      scan: (scan) => scans.push(scan),
      drawer() {},
      weight() {},
    },
    device: 'scanner-1',
    newId: () => 'id-1',
  })
  await device.start()
  return {
    clock,
    twin,
    wire,
    transport,
    device,
    scans,
    details,
    warnings,
    codes: () => scans.map(({ code }) => code),
    async send(...reports) {
      for (const report of reports) wire.write(Uint8Array.from(report))
      await settle()
    },
  }
}
