/** A scanner on a workbench: the driver and its twin on the two ends of a wire in memory, with a clock that stands still. */

import type { DriverClock, OpenDevice } from '../../../src/drivers/driver.ts'
import { serialScanner } from '../../../src/drivers/scanners/serial-scanner/driver.ts'
import {
  createSerialScannerTwin,
  type SerialScannerTwin,
  type SerialScannerTwinOptions,
} from '../../../src/drivers/scanners/serial-scanner/twin.ts'
import { type MemoryEnd, memoryPair } from '../../../src/drivers/transports/memory.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import type { Scan } from '../../../src/protocol/device.ts'
import { settle, TestClock } from '../../support/clock.ts'

export interface Told {
  scans: Scan[]
  warnings: object[]
}

export function openOn(
  transport: Transport,
  clock: DriverClock,
  settings: Record<string, unknown>,
  told: Told,
): OpenDevice {
  return serialScanner.open({
    transport,
    profile: {
      id: 'test',
      driver: 'serial-scanner',
      name: 'Test',
      maker: 'Test',
      settings: {},
      quirks: [],
      sources: [],
    },
    settings: serialScanner.settings.parse(settings),
    clock,
    log: { debug() {}, info() {}, warn: (fields) => told.warnings.push(fields) },
    listener: { faults() {}, details() {}, scan: (scan) => told.scans.push(scan), drawer() {}, weight() {} },
    device: 'scanner-1',
    newId: () => 'id-1',
  })
}

export interface Bench extends Told {
  clock: TestClock
  twin: SerialScannerTwin
  wire: MemoryEnd
  transport: Transport
  device: OpenDevice
  /** The codes told so far. */
  codes(): string[]
  /** Sends bytes as they are. */
  send(text: string): Promise<void>
}

export async function openScanner(
  settings: Record<string, unknown> = {},
  options: { twin?: Partial<SerialScannerTwinOptions>; chunkBytesMax?: number } = {},
): Promise<Bench> {
  const clock = new TestClock()
  const twin = createSerialScannerTwin({ clock, ...options.twin })
  const [transport, wire] = memoryPair('scanner', {
    chunkBytesMax: options.chunkBytesMax ?? Number.POSITIVE_INFINITY,
  })
  twin.attach(wire)
  const told: Told = { scans: [], warnings: [] }
  const device = openOn(transport, clock, settings, told)
  await device.start()
  return {
    ...told,
    clock,
    twin,
    wire,
    transport,
    device,
    codes: () => told.scans.map((scan) => scan.code),
    async send(text) {
      wire.write(Uint8Array.from(text, (character) => character.charCodeAt(0)))
      await settle()
    },
  }
}
