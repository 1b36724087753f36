/** Each driver's twin, as the suites of drivers want it. Every driver of the registry stands here. */
import { createAedexTwin } from '../../src/drivers/displays/aedex/twin.ts'
import { createBrowserDisplayTwin } from '../../src/drivers/displays/browser-display/twin.ts'
import { createCd5220Twin } from '../../src/drivers/displays/cd5220/twin.ts'
import { createDsp800Twin } from '../../src/drivers/displays/dsp-800/twin.ts'
import { createEscposDisplayTwin } from '../../src/drivers/displays/escpos-display/twin.ts'
import { createLogicControlsTwin } from '../../src/drivers/displays/logic-controls/twin.ts'
import { createGpioDrawerTwin } from '../../src/drivers/drawers/gpio-drawer/twin.ts'
import { createHidDrawerTwin } from '../../src/drivers/drawers/hid-drawer/twin.ts'
import { createSerialDrawerTwin } from '../../src/drivers/drawers/serial-drawer/twin.ts'
import type { Twin } from '../../src/drivers/driver.ts'
import { createEplTwin } from '../../src/drivers/printers/epl/twin.ts'
import { createEscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { createIppTwin } from '../../src/drivers/printers/ipp/twin.ts'
import { createStarTwin } from '../../src/drivers/printers/star/twin/twin.ts'
import { createTsplTwin } from '../../src/drivers/printers/tspl/twin.ts'
import { createZplTwin } from '../../src/drivers/printers/zpl/twin.ts'
import { createAdamTwin } from '../../src/drivers/scales/adam/twin.ts'
import { createAveryBerkelTwin } from '../../src/drivers/scales/avery-berkel/twin.ts'
import { createCasTwin } from '../../src/drivers/scales/cas/twin.ts'
import { createDialogTwin } from '../../src/drivers/scales/dialog/twin.ts'
import { createMagellanTwin } from '../../src/drivers/scales/magellan/twin.ts'
import { createMtSicsTwin } from '../../src/drivers/scales/mt-sics/twin.ts'
import { createNciTwin } from '../../src/drivers/scales/nci/twin.ts'
import { createToledo8217Twin } from '../../src/drivers/scales/toledo-8217/twin.ts'
import { createUsbHidScaleTwin } from '../../src/drivers/scales/usb-hid-scale/twin.ts'
import { createHidKeyboardScannerTwin } from '../../src/drivers/scanners/hid-keyboard-scanner/twin.ts'
import { createHidPosScannerTwin } from '../../src/drivers/scanners/hid-pos-scanner/twin.ts'
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
  'usb-hid-scale': { createTwin: (clock) => createUsbHidScaleTwin({ clock }) },
  'escpos-display': { createTwin: (clock) => createEscposDisplayTwin({ clock }), oneWay: true },
  cd5220: { createTwin: (clock) => createCd5220Twin({ clock }), oneWay: true },
  'dsp-800': { createTwin: (clock) => createDsp800Twin({ clock }), settings: { answers: 'always' } },
  aedex: { createTwin: (clock) => createAedexTwin({ clock }), oneWay: true },
  'logic-controls': { createTwin: (clock) => createLogicControlsTwin({ clock }), oneWay: true },
  'browser-display': {
    createTwin: (clock) => createBrowserDisplayTwin({ clock }),
    settings: { startWithoutPage: false },
  },
  // Loaded, and giving the same load again: the suite weighs twice without lifting anything.
  dialog: { createTwin: (clock) => createDialogTwin({ clock, loadGrams: 1_500, onceOnly: false }) },
  'hid-keyboard-scanner': { createTwin: (clock) => createHidKeyboardScannerTwin({ clock }), oneWay: true },
  'avery-berkel': { createTwin: (clock) => createAveryBerkelTwin({ clock }) },
  'hid-pos-scanner': { createTwin: (clock) => createHidPosScannerTwin({ clock }), oneWay: true },
  'hid-drawer': {
    createTwin: (clock) => createHidDrawerTwin({ clock, openSays: [1], closedSays: [0] }),
    settings: { openReport: '0001', sense: 'input' },
    // It says nothing until it moves.
    oneWay: true,
  },
  'serial-drawer': {
    createTwin: (clock) => createSerialDrawerTwin({ clock, kind: 'glancetron' }),
    settings: { sense: 'query', open: [0x1b, 0x34] },
  },
  'gpio-drawer': { createTwin: (clock) => createGpioDrawerTwin({ clock }) },
  magellan: { createTwin: (clock) => createMagellanTwin({ clock }) },
  zpl: { createTwin: (clock) => createZplTwin({ clock }) },
  epl: { createTwin: (clock) => createEplTwin({ clock }) },
  tspl: { createTwin: (clock) => createTsplTwin({ clock }) },
  ipp: { createTwin: (clock) => createIppTwin({ clock }) },
  star: { createTwin: (clock) => createStarTwin({ clock }) },
  nci: { createTwin: (clock) => createNciTwin({ clock }) },
  cas: { createTwin: (clock) => createCasTwin({ clock }) },
  'mt-sics': { createTwin: (clock) => createMtSicsTwin({ clock }) },
  adam: { createTwin: (clock) => createAdamTwin({ clock, loadGrams: 1_000, alwaysAnswers: true }) },
  // twins of new drivers go above this line
}
