/** Driver for pole displays that speak CD5220, the language that most VFD poles have from the factory. */
import { defineDriver } from '../../driver.ts'
import { Pole } from '../common/pole.ts'
import { cd5220Language } from './codec.ts'
import { type Cd5220Settings, cd5220Settings } from './settings.ts'

export const cd5220 = defineDriver<Cd5220Settings>({
  id: 'cd5220',
  name: 'CD5220 pole displays',
  class: 'display',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: cd5220Settings,
  capabilities: ['displaying'],
  open: (context) => new Pole(context, cd5220Language(context.settings)),
})
