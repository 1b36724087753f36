/**
 * Encrypts a stream with a passphrase, so that any change of it is noticed: a wrong byte, a piece that is missing or in another
 * place, an end that is cut off. scrypt makes the key, AES-256-GCM seals pieces of equal length, and the nonce of each holds its
 * number and whether it is the last (the STREAM construction, https://eprint.iacr.org/2015/189).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto'
import { HubError } from '../../protocol/errors.ts'

export const sealLimits = {
  passphraseCharsMin: 10,
  passphraseCharsMax: 200,
  /** Of what goes into a piece. */
  pieceBytes: 64 * 1024,
  /** Cost of a guess: 2^16 with blocks of 8 takes 64 MiB, and about 0.3 s on a small box. */
  scryptLogN: 16,
  /** The most that a file may ask of this box. */
  scryptLogNMax: 18,
} as const

const magic = Buffer.from('TBKBOX1\n')
const scryptBlock = 8
const tagBytes = 16
/**
 * Header: magic 8, log2 of scrypt's N 1, r 1, p 1, zero 1, salt 16, beginning of the nonces 7, zero 1, SHA-256 of all that 8 (tells
 * damage from a wrong passphrase), HMAC-SHA-256 of all that 32.
 */
const at = { logN: 8, block: 9, lanes: 10, salt: 12, nonce: 28, sum: 36, mac: 44, end: 76 } as const

/** Throws `params_invalid` for one that is too short to keep anybody out. */
export function checkPassphrase(passphrase: string): void {
  const { length } = passphrase
  const { passphraseCharsMax, passphraseCharsMin } = sealLimits
  if (length < passphraseCharsMin || length > passphraseCharsMax)
    throw new HubError('params_invalid', {
      path: 'passphrase',
      reason: `is not ${passphraseCharsMin} to ${passphraseCharsMax} characters long`,
    })
}

export async function* seal(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Uint8Array> {
  const header = Buffer.alloc(at.end)
  magic.copy(header)
  header[at.logN] = sealLimits.scryptLogN
  header[at.block] = scryptBlock
  header[at.lanes] = 1
  randomBytes(at.nonce - at.salt).copy(header, at.salt)
  randomBytes(7).copy(header, at.nonce)
  sumOf(header).copy(header, at.sum)
  const { key, macKey } = await keysOf(header, passphrase)
  macOf(header, macKey).copy(header, at.mac)
  yield header
  for await (const { bytes, number, last } of cut(source, sealLimits.pieceBytes)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(header, number, last))
    cipher.setAAD(header)
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  }
}

/** Throws `backup_passphrase`, or `backup_invalid` for what is no backup or is not as it was. Answers nothing unproved. */
export async function* unseal(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Uint8Array> {
  let header: Buffer | undefined
  let keys: { key: Buffer; macKey: Buffer } | undefined
  for await (const { bytes, number, last } of cut(source, sealLimits.pieceBytes + tagBytes, at.end)) {
    if (header === undefined || keys === undefined) {
      header = bytes
      keys = await openHeader(header, passphrase)
      if (last) throw damaged()
      continue
    }
    if (bytes.length < tagBytes) throw damaged()
    const end = bytes.length - tagBytes
    try {
      const decipher = createDecipheriv('aes-256-gcm', keys.key, nonceOf(header, number - 1, last), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(header)
      decipher.setAuthTag(bytes.subarray(end))
      yield Buffer.concat([decipher.update(bytes.subarray(0, end)), decipher.final()])
    } catch (error) {
      throw error instanceof HubError ? error : damaged(error)
    }
  }
}

async function openHeader(header: Buffer, passphrase: string): Promise<{ key: Buffer; macKey: Buffer }> {
  const invalid = (reason: string) => new HubError('backup_invalid', { reason })
  if (!header.subarray(0, 6).equals(magic.subarray(0, 6))) throw invalid('it is no backup of a hub')
  if (!header.subarray(0, magic.length).equals(magic)) throw invalid('a newer version of the hub made it')
  if (header.length < at.end || !sumOf(header).equals(header.subarray(at.sum, at.mac))) throw damaged()
  const [logN, block, lanes] = header.subarray(at.logN, at.lanes + 1)
  if (!(logN! >= 10 && logN! <= sealLimits.scryptLogNMax && block === scryptBlock && lanes === 1))
    throw invalid('it asks for a key that this version does not make')
  const keys = await keysOf(header, passphrase)
  if (!timingSafeEqual(macOf(header, keys.macKey), header.subarray(at.mac, at.end)))
    throw new HubError('backup_passphrase')
  return keys
}

const damaged = (cause?: unknown) =>
  new HubError('backup_invalid', { reason: 'it is damaged or cut off' }, cause)

const sumOf = (header: Buffer): Buffer =>
  createHash('sha256')
    .update(header.subarray(0, at.sum))
    .digest()
    .subarray(0, at.mac - at.sum)

const macOf = (header: Buffer, key: Buffer): Buffer =>
  createHmac('sha256', key).update(header.subarray(0, at.mac)).digest()

/** The same passphrase is the same however a keyboard composes its letters. */
function keysOf(header: Buffer, passphrase: string): Promise<{ key: Buffer; macKey: Buffer }> {
  const salt = header.subarray(at.salt, at.nonce)
  const N = 2 ** (header[at.logN] ?? 0)
  const options = { N, r: scryptBlock, p: 1, maxmem: 2 * 128 * N * scryptBlock }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 64, options, (error, bytes) => {
      if (error !== null) reject(error)
      else resolve({ key: bytes.subarray(0, 32), macKey: bytes.subarray(32) })
    })
  })
}

/** 7 random bytes, the number of the piece in 4, and whether it is the last. */
function nonceOf(header: Buffer, number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  header.copy(nonce, 0, at.nonce, at.nonce + 7)
  nonce.writeUInt32BE(number, 7)
  nonce[11] = last ? 1 : 0
  return nonce
}

/** Pieces of one length, the first of another when wanted; the last may be shorter. An empty source is one empty piece. */
async function* cut(
  source: AsyncIterable<Uint8Array>,
  length: number,
  first = length,
): AsyncGenerator<{ bytes: Buffer; number: number; last: boolean }> {
  let parts: Uint8Array[] = []
  let held = 0
  let wanted = first
  let number = 0
  for await (const piece of source) {
    parts.push(piece)
    held += piece.length
    // What is exactly full waits: only what follows tells whether it is the last.
    if (held <= wanted) continue
    let all = Buffer.concat(parts)
    while (all.length > wanted) {
      yield { bytes: all.subarray(0, wanted), number: number++, last: false }
      all = all.subarray(wanted)
      wanted = length
    }
    parts = [all]
    held = all.length
  }
  yield { bytes: Buffer.concat(parts), number, last: true }
}
