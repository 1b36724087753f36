/** What a print job's payload is in ESC/POS bytes: the pure half of the driver. */
import type { Imaging } from '../../imaging/imaging.ts'
import { PrintEncoder } from '../common/layout/encoder.ts'
import { escposLanguage } from './language.ts'
import type { EscposSettings } from './settings.ts'

export class EscposEncoder extends PrintEncoder {
  constructor(settings: EscposSettings, imaging: Imaging) {
    super(settings, escposLanguage(settings), imaging)
  }
}
