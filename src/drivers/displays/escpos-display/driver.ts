/** Driver for customer displays that speak ESC/POS: Epson DM-D, Bixolon BCD, and most VFD poles in that mode. */
import { defineDriver } from '../../driver.ts'
import { Pole } from '../common/pole.ts'
import { escposDisplayLanguage } from './codec.ts'
import { type EscposDisplaySettings, escposDisplaySettings } from './settings.ts'

export const escposDisplay = defineDriver<EscposDisplaySettings>({
  id: 'escpos-display',
  name: 'ESC/POS customer displays',
  class: 'display',
  transports: ['serial', 'usb', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: escposDisplaySettings,
  capabilities: ['displaying'],
  // No probe: it never answers.
  open: (context) => new Pole(context, escposDisplayLanguage(context.settings)),
})
