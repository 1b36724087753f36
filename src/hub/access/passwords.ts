/** Passwords: hashed slowly with scrypt, compared without telling by time, refused when they are easily guessed. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { accessNumbers } from '../../protocol/access.ts'
import { HubError } from '../../protocol/errors.ts'
import { commonPasswords } from './common-passwords.ts'

export const passwordLimits = {
  /** scrypt's N as a power of two, r and p: 32 MiB and about 0.1 s on a small box (RFC 7914; OWASP's second choice). */
  costLog2: 15,
  blockSize: 8,
  parallel: 1,
  saltBytes: 16,
  hashBytes: 32,
  /** Hashings at once: each takes 32 MiB and a thread of the pool. */
  atOnceMax: 2,
  /** Hashings waiting for their turn before one more is `rate_limited`. */
  waitingMax: 20,
  /** A password has at least so many different characters. */
  differentMin: 4,
  /** Names shorter than this may be part of a password by chance. */
  nameCharsMin: 3,
} as const

/** Of a stored hash that is computed: nobody can make the hub spend more, or compare nothing, by writing to its database. */
const storedLimits = { costLog2Max: 17, blocksMax: 16, hashBytesMin: 16, hashBytesMax: 64 } as const

interface Hashed {
  cost: { N: number; r: number; p: number }
  salt: Buffer
  hash: Buffer
}

export class Passwords {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** `$scrypt$ln=15,r=8,p=1$SALT$HASH`, in base64 without padding. Throws `rate_limited`. */
  async hash(password: string): Promise<string> {
    const { blockSize, costLog2, hashBytes, parallel, saltBytes } = passwordLimits
    const salt = randomBytes(saltBytes)
    const hash = await this.#compute(password, salt, hashBytes, ownCost)
    return `$scrypt$ln=${costLog2},r=${blockSize},p=${parallel}$${base64(salt)}$${base64(hash)}`
  }

  /** Takes as long for a user that is not there (`stored` undefined) as for one that is. Throws `rate_limited`. */
  async matches(password: string, stored: string | undefined): Promise<boolean> {
    const hashed = stored === undefined ? hashOfNobody() : readHash(stored)
    if (hashed === undefined) return false
    const { cost, hash, salt } = hashed
    const computed = await this.#compute(password, salt, hash.length, cost)
    return timingSafeEqual(computed, hash) && stored !== undefined
  }

  async #compute(password: string, salt: Buffer, bytes: number, cost: Hashed['cost']): Promise<Buffer> {
    if (this.#running >= passwordLimits.atOnceMax) {
      if (this.#waiting.length >= passwordLimits.waitingMax) throw new HubError('rate_limited')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        const maxmem = 256 * cost.N * cost.r
        // The same letters may be written in two ways in Unicode; keyboards differ.
        scrypt(password.normalize('NFKC'), salt, bytes, { ...cost, maxmem }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        )
      })
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      // The place goes over to whoever waits.
      else next()
    }
  }
}

/** What hashes that are made now cost. */
const ownCost: Hashed['cost'] = {
  N: 2 ** passwordLimits.costLog2,
  r: passwordLimits.blockSize,
  p: passwordLimits.parallel,
}

/** No password fits it, at the cost of one that is somebody's. */
function hashOfNobody(): Hashed {
  const { hashBytes, saltBytes } = passwordLimits
  return { cost: ownCost, salt: randomBytes(saltBytes), hash: randomBytes(hashBytes) }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

function readHash(text: string): Hashed | undefined {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    text,
  )
  if (match === null) return undefined
  const [ln, r, p] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const [salt, hash] = [Buffer.from(match[4] ?? '', 'base64'), Buffer.from(match[5] ?? '', 'base64')]
  const { blocksMax, costLog2Max, hashBytesMax, hashBytesMin } = storedLimits
  if (ln < 1 || ln > costLog2Max || r * p < 1 || r * p > blocksMax) return undefined
  if (hash.length < hashBytesMin || hash.length > hashBytesMax) return undefined
  return { cost: { N: 2 ** ln, r, p }, salt, hash }
}

/** Throws `password_weak` with the reason. `names`: what the password may not contain, such as user and hub. */
export function refuseWeak(password: string, names: readonly string[], path = 'password'): void {
  const weak = (reason: string) => new HubError('password_weak', { path, reason })
  const { passwordCharsMax, passwordCharsMin } = accessNumbers
  const { differentMin, nameCharsMin } = passwordLimits
  const small = password.normalize('NFKC').toLowerCase()
  const characters = [...small]
  if (characters.length < passwordCharsMin) throw weak(`has fewer than ${passwordCharsMin} characters`)
  if (password.length > passwordCharsMax) throw weak(`has more than ${passwordCharsMax} characters`)
  if (new Set(characters).size < differentMin)
    throw weak(`has fewer than ${differentMin} different characters`)
  if (isRun(characters)) throw weak('is a run of neighbouring characters')
  for (const name of names) {
    const part = name.trim().toLowerCase()
    if (part.length >= nameCharsMin && small.includes(part)) throw weak(`contains the name ${name.trim()}`)
  }
  if (commonPasswords.has(small) || commonPasswords.has(small.replace(/[\d!?.*#]+$/, '')))
    throw weak('is one of the passwords that are tried first')
}

/** `1234567890`, `abcdefghijk`, `9876543210`: each character is the next one, or each the one before. */
function isRun(characters: readonly string[]): boolean {
  const steps = new Set<number>()
  for (let index = 1; index < characters.length; index++) {
    const [before = '', now = ''] = [characters[index - 1], characters[index]]
    // 9 and 0 are neighbours on a keyboard.
    const wraps = (before === '9' && now === '0') || (before === '0' && now === '9')
    const step = (now.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0)
    steps.add(wraps ? -Math.sign(step) : step)
  }
  const [only] = steps
  return steps.size === 1 && (only === 1 || only === -1)
}
