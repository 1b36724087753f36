/** The key that signs the ledger: `ledger.key` in the data folder, made when it is first needed. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export const ledgerKeyName = 'ledger.key'

export class LedgerKey {
  /** The first half of the SHA-256 of the public key (DER), in hex. */
  readonly id: string
  /** In PEM. */
  readonly publicKey: string
  readonly #key: KeyObject

  private constructor(key: KeyObject) {
    const known = createPublicKey(key)
    this.#key = key
    this.id = keyId(known)
    this.publicKey = known.export({ type: 'spki', format: 'pem' }).toString()
  }

  /**
   * The key in the file; without a file, or with one that holds no such key, a new one that is written there. A key that cannot
   * be written serves until the hub ends: the till sells on, and the next start makes another.
   */
  static load(file: string | undefined): LedgerKey {
    const kept = file === undefined ? undefined : readKey(file)
    if (kept !== undefined) return new LedgerKey(kept)
    const { privateKey } = generateKeyPairSync('ed25519')
    if (file !== undefined) tryToKeep(file, privateKey)
    return new LedgerKey(privateKey)
  }

  /** The key in the file; undefined without a usable one. Makes none. */
  static existing(file: string): LedgerKey | undefined {
    const kept = readKey(file)
    return kept && new LedgerKey(kept)
  }

  /** Ed25519, in base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString('base64')
  }
}

/** False also for a signature or a key that is none. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

/** The id that a public key in PEM must have; undefined when it is none. */
export function idOfPublicKey(publicKey: string): string | undefined {
  try {
    return keyId(createPublicKey(publicKey))
  } catch {
    return undefined
  }
}

function keyId(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 32)
}

function readKey(file: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(readFileSync(file))
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}

function tryToKeep(file: string, key: KeyObject): void {
  try {
    keep(file, key.export({ type: 'pkcs8', format: 'pem' }).toString())
  } catch {}
}

/** The name shows only when all of it is on the disk. What was there and was no key is kept beside it. */
function keep(file: string, text: string): void {
  const unfinished = `${file}.part`
  rmSync(unfinished, { force: true })
  const descriptor = openSync(unfinished, 'wx', 0o600)
  try {
    writeSync(descriptor, text, 0)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  try {
    renameSync(file, `${file}.bad`)
  } catch {}
  renameSync(unfinished, file)
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
