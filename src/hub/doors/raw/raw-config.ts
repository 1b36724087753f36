/** The settings of the door that takes raw bytes for printers. */
import { z } from 'zod'
import { gateShape } from '../gate.ts'

export const rawSection = z.strictObject({ sources: gateShape.sources }).prefault({})
