/** The settings of the door that speaks Odoo's hardware proxy. */
import { z } from 'zod'
import { gateShape } from '../gate.ts'

export const odooSection = z.strictObject({ ...gateShape }).prefault({})
