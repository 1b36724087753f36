/** The simulated shop: one twin of each class that has a driver. */
import type { DeviceClass } from '../protocol/device.ts'
import { createCd5220Twin } from './displays/cd5220/twin.ts'
import { createSerialDrawerTwin } from './drawers/serial-drawer/twin.ts'
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
  createTwin?(): Twin
  port?: string
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
    {
      id: 'demo-display',
      name: 'Pole display',
      class: 'display',
      driver: 'cd5220',
      profile: 'generic',
      createTwin: () => createCd5220Twin({ clock }),
    },
    {
      id: 'demo-drawer',
      name: 'Cash drawer',
      class: 'drawer',
      driver: 'serial-drawer',
      profile: 'glancetron-8005u',
      createTwin: () => createSerialDrawerTwin({ clock, kind: 'glancetron' }),
    },
    {
      // Shown by whoever opens /display/.
      id: 'demo-screen',
      name: 'Customer screen',
      class: 'display',
      driver: 'browser-display',
      profile: 'generic',
      port: 'page:demo',
    },
  ]
}
