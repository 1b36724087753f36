/** What a print job's payload is in a Star printer's bytes: the pure half of the driver. */
import type { Imaging } from '../../imaging/imaging.ts'
import { PrintEncoder } from '../common/layout/encoder.ts'
import { starLanguage, starLayout } from './language.ts'
import type { StarSettings } from './settings.ts'

export class StarEncoder extends PrintEncoder {
  constructor(settings: StarSettings, imaging: Imaging) {
    super(starLayout(settings), starLanguage(settings), imaging)
  }
}
