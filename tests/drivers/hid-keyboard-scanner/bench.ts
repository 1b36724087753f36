/** A typing scanner on a workbench: the driver and its twin on the two ends of a wire in memory. */
import { hidKeyboardScanner } from '../../../src/drivers/scanners/hid-keyboard-scanner/driver.ts'
import {
  bootKeyboardDescriptor,
  createHidKeyboardScannerTwin,
  type HidKeyboardScannerTwin,
  type HidKeyboardScannerTwinOptions,
} from '../../../src/drivers/scanners/hid-keyboard-scanner/twin.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { type DriverBench, openBench } from '../../support/driver-bench.ts'

export interface Bench extends Omit<DriverBench<HidKeyboardScannerTwin>, 'details'> {
  /** What was told of it, one by one. */
  details: object[]
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
  const details: object[] = []
  const clock = new TestClock()
  const twin = createHidKeyboardScannerTwin({ clock, ...options.twin })
  const hid = twin.faces.hid
  const descriptor = 'descriptor' in options ? (options.descriptor ?? new Uint8Array(0)) : hid?.descriptor
  const faces = hid === undefined || descriptor === undefined ? {} : { hid: { ...hid, descriptor } }
  const bench = openBench(hidKeyboardScanner, () => twin, {
    settings,
    clock,
    faces,
    listener: { details: (facts) => void details.push(facts) },
  })
  await bench.device.start()
  return {
    ...bench,
    details,
    codes: () => bench.scans.map(({ code }) => code),
    async send(...reports) {
      for (const report of reports) bench.wire.write(Uint8Array.from(report))
      await settle()
    },
  }
}
