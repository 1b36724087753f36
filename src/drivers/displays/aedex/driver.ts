/** Driver for pole displays that speak AEDEX, also called EMAX. */
import { defineDriver } from '../../driver.ts'
import { Pole } from '../common/pole.ts'
import { aedexLanguage } from './codec.ts'
import { type AedexSettings, aedexSettings } from './settings.ts'

export const aedex = defineDriver<AedexSettings>({
  id: 'aedex',
  name: 'AEDEX pole displays',
  class: 'display',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: aedexSettings,
  capabilities: ['displaying'],
  open: (context) => new Pole(context, aedexLanguage(context.settings)),
})
