/** Driver for Logic Controls (Bematech) pole displays, and for displays that speak UTC or ADM. */
import { defineDriver } from '../../driver.ts'
import { Pole } from '../common/pole.ts'
import { logicControlsLanguage } from './codec.ts'
import { type LogicControlsSettings, logicControlsSettings } from './settings.ts'

export const logicControls = defineDriver<LogicControlsSettings>({
  id: 'logic-controls',
  name: 'Logic Controls, UTC and ADM pole displays',
  class: 'display',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: logicControlsSettings,
  capabilities: ['displaying'],
  open: (context) => new Pole(context, logicControlsLanguage(context.settings)),
})
