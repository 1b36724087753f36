/** Ids for what the hub names itself. */
import { randomBytes } from 'node:crypto'

/** 96 random bits in 16 characters of A-Za-z0-9_-. */
export const newId = (): string => randomBytes(12).toString('base64url')
