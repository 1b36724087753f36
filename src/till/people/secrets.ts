/** Badges and log-ins as they are kept: hashed, never as they are. */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Store } from '../../store/store.ts'

const saltKey = 'till.badge.salt'
const saltBytes = 32

/** 256 random bits in 43 characters. */
export const newLogin = (): string => randomBytes(32).toString('base64url')

/** A log-in is random and long: a fast hash does. */
export const loginHash = (login: string): string => createHash('sha256').update(login).digest('hex')

/** A badge must be found by what was scanned, so all have one salt: that of the box. SHA-256 in hex. */
export const badgeHash = (salt: string, badge: string): string =>
  createHmac('sha256', salt).update(badge).digest('hex')

/** Made at the first start and kept in the books. */
export async function badgeSalt(store: Pick<Store, 'getMeta' | 'setMeta'>): Promise<string> {
  const known = await store.getMeta(saltKey)
  if (known !== undefined) return known
  const salt = randomBytes(saltBytes).toString('hex')
  await store.setMeta(saltKey, salt)
  return salt
}
