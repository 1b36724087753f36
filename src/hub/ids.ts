/** Ids for what the hub names itself. */
import { randomBytes } from 'node:crypto'

/** 96 random bits in 16 characters of A-Za-z0-9_-. The first is none of the signs: a command line would take `-n…` for an option. */
export const newId = (): string => randomBytes(12).toString('base64url').replace(/^[-_]/, 'x')
