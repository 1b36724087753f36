/** PINs: hashed slowly with scrypt in the thread pool, compared without telling by time, a few at once. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { HubError } from '../../protocol/errors.ts'

export const pinLimits = {
  /**
   * scrypt's N as a power of two: 16 MiB and some 50 ms on a small box. Half of what the console's passwords cost, since a till
   * asks all day and a PIN has few digits: whoever holds the hash finds it at any cost. What protects it is the lock-out.
   */
  costLog2: 14,
  blockSize: 8,
  parallel: 1,
  saltBytes: 16,
  hashBytes: 32,
  /** Hashings at once: each takes a thread of the pool. */
  atOnceMax: 2,
  /** Hashings that wait for their turn before one more is `rate_limited`. */
  waitingMax: 20,
} as const

export class Pins {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** `$scrypt$ln=14,r=8,p=1$SALT$HASH`, in base64. Throws `rate_limited`. */
  async hash(pin: string): Promise<string> {
    const { blockSize, costLog2, parallel, saltBytes } = pinLimits
    const salt = randomBytes(saltBytes)
    const hash = await this.#compute(pin, salt)
    return `$scrypt$ln=${costLog2},r=${blockSize},p=${parallel}$${salt.toString('base64')}$${hash.toString('base64')}`
  }

  /** Takes as long where there is nothing to compare with (`stored` null) as where there is. Throws `rate_limited`. */
  async matches(pin: string, stored: string | null): Promise<boolean> {
    const { hashBytes, saltBytes } = pinLimits
    const known = stored === null ? undefined : readHash(stored)
    const computed = await this.#compute(pin, known?.salt ?? randomBytes(saltBytes))
    return timingSafeEqual(computed, known?.hash ?? randomBytes(hashBytes)) && known !== undefined
  }

  async #compute(pin: string, salt: Buffer): Promise<Buffer> {
    const { atOnceMax, blockSize, costLog2, hashBytes, parallel, waitingMax } = pinLimits
    if (this.#running >= atOnceMax) {
      if (this.#waiting.length >= waitingMax) throw new HubError('rate_limited')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        const cost = { N: 2 ** costLog2, r: blockSize, p: parallel }
        scrypt(pin, salt, hashBytes, cost, (error, key) => (error === null ? resolve(key) : reject(error)))
      })
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      // The place goes over to whoever waits.
      else next()
    }
  }
}

/** undefined for a hash of another make or cost, which fits no PIN. */
function readHash(text: string): { salt: Buffer; hash: Buffer } | undefined {
  const { blockSize, costLog2, hashBytes, parallel } = pinLimits
  const [, method, cost, salt = '', hash = ''] = text.split('$')
  if (method !== 'scrypt' || cost !== `ln=${costLog2},r=${blockSize},p=${parallel}`) return undefined
  const known = { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
  return known.hash.length === hashBytes ? known : undefined
}
