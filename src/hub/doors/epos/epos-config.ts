/** The settings of the door that speaks Epson's ePOS-Print. */
import { z } from 'zod'
import { gateShape } from '../gate.ts'

export const eposSection = z.strictObject({ ...gateShape }).prefault({})
