/** A scanner on a workbench: the driver and its twin on the two ends of a wire in memory, with a clock that stands still. */
import { serialScanner } from '../../../src/drivers/scanners/serial-scanner/driver.ts'
import {
  createSerialScannerTwin,
  type SerialScannerTwin,
  type SerialScannerTwinOptions,
} from '../../../src/drivers/scanners/serial-scanner/twin.ts'
import { settle } from '../../support/clock.ts'
import { type DriverBench, openBench } from '../../support/driver-bench.ts'

export interface Bench extends DriverBench<SerialScannerTwin> {
  /** The codes told so far. */
  codes(): string[]
  /** Sends bytes as they are. */
  send(text: string): Promise<void>
}

export async function openScanner(
  settings: Record<string, unknown> = {},
  options: { twin?: Partial<SerialScannerTwinOptions>; chunkBytesMax?: number } = {},
): Promise<Bench> {
  const { twin, ...rest } = options
  const bench = openBench(serialScanner, (clock) => createSerialScannerTwin({ clock, ...twin }), {
    settings,
    ...rest,
  })
  await bench.device.start()
  return {
    ...bench,
    codes: () => bench.scans.map((scan) => scan.code),
    async send(text) {
      bench.wire.write(Uint8Array.from(text, (character) => character.charCodeAt(0)))
      await settle()
    },
  }
}
