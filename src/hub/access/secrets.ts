/** Secrets that the hub makes, and the only form in which it keeps them: a hash. All are random, so a fast hash does. */
import { createHash, randomBytes, randomInt } from 'node:crypto'

/** SHA-256 in hex. Not for passwords: those are guessable and have a slow hash of their own. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** 256 random bits in 43 characters. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** Decimal digits, leading zeros included. */
export const newDigits = (count: number): string => String(randomInt(10 ** count)).padStart(count, '0')

/** Digits and letters without I, L, O and U: https://www.crockford.com/base32.html */
const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Five random bits for each character. */
export const newCrockford = (characters: number): string =>
  Array.from(randomBytes(characters), (byte) => crockford[byte & 31]).join('')

/** What was read off paper and typed: case, dashes and the letters that look like digits do not matter. */
export const readCrockford = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
