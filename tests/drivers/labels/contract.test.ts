/** The driver contract for label printers that are asked in the ways that are not the default, with a worker that is warm. */
import type { Driver } from '../../../src/drivers/driver.ts'
import { createEplDriver } from '../../../src/drivers/printers/epl/driver.ts'
import { createEplTwin } from '../../../src/drivers/printers/epl/twin.ts'
import { createTsplDriver } from '../../../src/drivers/printers/tspl/driver.ts'
import { createTsplTwin } from '../../../src/drivers/printers/tspl/twin.ts'
import { createZplDriver } from '../../../src/drivers/printers/zpl/driver.ts'
import { createZplTwin } from '../../../src/drivers/printers/zpl/twin.ts'
import { driverContract } from '../../contracts/driver.ts'
import { sharedImaging } from './support.ts'

const imaging = sharedImaging()
const under = (driver: unknown) => driver as Driver<never>

driverContract({
  driver: under(createZplDriver({ imaging })),
  createTwin: (clock) => createZplTwin({ clock, silentInFault: true }),
  settings: { heightMm: 25, widthMm: 50 },
})
driverContract({
  driver: under(createEplDriver({ imaging })),
  createTwin: (clock) => createEplTwin({ clock }),
  settings: { completion: 'acks', identity: true },
})
driverContract({
  driver: under(createTsplDriver({ imaging })),
  createTwin: (clock) => createTsplTwin({ clock }),
  settings: { completion: 'printing-seen', statusQuestion: 'frame', identity: true },
})
