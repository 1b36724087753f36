/** Driver for label printers that speak ZPL II: Zebra's, and those of others that understand it. */
import type { Driver } from '../../driver.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import { labelDriver } from '../common/label-device.ts'
import { labelFormat, questions, readIdentity, ZplReader } from './codec.ts'
import { type ZplSettings, zplSettingsSchema } from './settings.ts'

export function createZplDriver({ imaging }: { imaging: Imaging }): Driver<ZplSettings> {
  return labelDriver(
    {
      id: 'zpl',
      name: 'ZPL label printers',
      settings: zplSettingsSchema,
      portDefaults: { baud: '9600', format: '8N1' },
      // To a printer of another language the question is text.
      probeRank: 80,
      questions: () => questions,
      createReader: ({ labelsLeftMax }) => new ZplReader(labelsLeftMax),
      asksIdentity: () => true,
      completion: ({ completion }) => completion,
      label: (page, copies, settings) => labelFormat(page, { copies, ...settings }),
      readIdentity,
    },
    imaging,
  )
}
