/** Driver for label printers that speak EPL2: Eltron's and Zebra's desktop printers, and those of others that understand it. */
import type { Driver } from '../../driver.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import { labelDriver } from '../common/label-device.ts'
import { labelLayout } from '../common/label-settings.ts'
import { EplReader, labelForm, questions, readIdentity, reportPrints } from './codec.ts'
import { type EplSettings, eplSettingsSchema } from './settings.ts'

export function createEplDriver({ imaging }: { imaging: Imaging }): Driver<EplSettings> {
  return labelDriver(
    {
      id: 'epl',
      name: 'EPL label printers',
      settings: eplSettingsSchema,
      portDefaults: { baud: '9600', format: '8N1' },
      // To a printer of another language the question is text.
      probeRank: 84,
      questions: () => questions,
      createReader: () => new EplReader(),
      greeting: ({ completion }) => (completion === 'acks' ? reportPrints : undefined),
      asksIdentity: ({ identity }) => identity,
      completion: ({ completion }) => completion,
      label(page, copies, settings) {
        const { media, gapMm, heightMm } = settings
        const gapDots = heightMm === 0 ? 0 : Math.round(gapMm * labelLayout(settings).dotsPerMm)
        return labelForm(page, { ...settings, copies, told: media === 'told', gapDots })
      },
      readIdentity,
    },
    imaging,
  )
}
