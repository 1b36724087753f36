/** The settings of the door that speaks IPP Everywhere. */
import { z } from 'zod'
import { gateShape } from '../gate.ts'

export const ippSection = z.strictObject({ ...gateShape }).prefault({})
