/** Each driver's twin, as the suites of drivers want it. Every driver of the registry stands here. */
import type { Twin } from '../../src/drivers/driver.ts'
import { createEscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { createToledo8217Twin } from '../../src/drivers/scales/toledo-8217/twin.ts'
import { createSerialScannerTwin } from '../../src/drivers/scanners/serial-scanner/twin.ts'
import type { TestClock } from '../support/clock.ts'

export interface DriverUnderTest {
  createTwin(clock: TestClock): Twin
  /** Settings over the driver's defaults, where those are not what the twin speaks. */
  settings?: Record<string, unknown>
  /** True for devices that only talk (scanners) or only listen (pole displays): silence is no failure there. */
  oneWay?: boolean
}

export const twins: Readonly<Record<string, DriverUnderTest>> = {
  escpos: { createTwin: (clock) => createEscposTwin({ clock }) },
  'toledo-8217': { createTwin: (clock) => createToledo8217Twin({ clock }) },
  'serial-scanner': { createTwin: (clock) => createSerialScannerTwin({ clock }), oneWay: true },
  // twins of new drivers go above this line
}
