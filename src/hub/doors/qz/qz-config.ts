/** The settings of the door that speaks QZ Tray's WebSocket. */
import { z } from 'zod'
import { gateShape } from '../gate.ts'

export const qzSection = z.strictObject({ ...gateShape }).prefault({})
