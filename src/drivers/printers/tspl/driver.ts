/** Driver for label printers that speak TSPL or TSPL2: TSC's, and many of Xprinter, Gprinter, HPRT and others. */
import type { Driver } from '../../driver.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import { labelDriver } from '../common/label-device.ts'
import { labelLayout } from '../common/label-settings.ts'
import { labelProgram, questions, readIdentity, TsplReader } from './codec.ts'
import { type TsplSettings, tsplSettingsSchema } from './settings.ts'

export function createTsplDriver({ imaging }: { imaging: Imaging }): Driver<TsplSettings> {
  return labelDriver(
    {
      id: 'tspl',
      name: 'TSPL label printers',
      settings: tsplSettingsSchema,
      portDefaults: { baud: '9600', format: '8N1' },
      // To a printer of another language the question is text.
      probeRank: 82,
      // `~!T` takes the tare of a Toledo 8217 scale. A frame of four bytes with fixed bits comes from nobody else.
      probeStatusFirst: { statusQuestion: 'frame' },
      questions: ({ statusQuestion }) => ({
        status: questions[statusQuestion],
        identity: questions.identity,
      }),
      createReader: ({ statusQuestion }) => new TsplReader(statusQuestion),
      asksIdentity: ({ identity }) => identity,
      completion: ({ completion }) => completion,
      label(page, copies, settings) {
        const gapMm = settings.heightMm === 0 ? 0 : settings.gapMm
        return labelProgram(page, { ...settings, ...labelLayout(settings), copies, gapMm })
      },
      readIdentity,
    },
    imaging,
  )
}
