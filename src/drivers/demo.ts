/** The simulated shop: one twin of each class that has a driver. */
import type { DeviceClass } from '../protocol/device.ts'
import type { DriverClock, Twin } from './driver.ts'
import { drawSymbol } from './imaging/draw-symbol.ts'
import { createEscposTwin } from './printers/escpos/twin/twin.ts'
import { createToledo8217Twin } from './scales/toledo-8217/twin.ts'
import { createSerialScannerTwin } from './scanners/serial-scanner/twin.ts'

export interface DemoTwin {
  id: string
  name: string
  class: DeviceClass
  driver: string
  profile: string
  createTwin(): Twin
}

export function demoDevices(clock: DriverClock): DemoTwin[] {
  return [
    {
      id: 'demo-printer',
      name: 'Receipt printer',
      class: 'printer',
      driver: 'escpos',
      profile: 'epson-tm-m30ii',
      // Slow enough to be seen printing, quick enough not to be waited for.
      createTwin: () => createEscposTwin({ clock, drawSymbol, printMsPerLine: 20 }),
    },
    {
      id: 'demo-scale',
      name: 'Counter scale',
      class: 'scale',
      driver: 'toledo-8217',
      profile: 'generic-kg',
      createTwin: () => createToledo8217Twin({ clock }),
    },
    {
      id: 'demo-scanner',
      name: 'Hand scanner',
      class: 'scanner',
      driver: 'serial-scanner',
      profile: 'generic',
      createTwin: () => createSerialScannerTwin({ clock }),
    },
  ]
}
