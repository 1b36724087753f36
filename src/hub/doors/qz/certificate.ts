/** Certificates that clients of QZ Tray show, and the signatures that they put under their requests. */
import { createHash, verify, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { errorText, HubError } from '../../../protocol/errors.ts'
import { qzLimits } from './qz-limits.ts'

/** Calls that the client does not sign, as qz-tray 2.3.0 has them. */
const unsigned: ReadonlySet<string> = new Set([
  'getVersion',
  'printers.getStatus',
  'printers.stopListening',
  'usb.isClaimed',
  'usb.closeStream',
  'usb.releaseDevice',
  'hid.stopListening',
  'hid.isClaimed',
  'hid.closeStream',
  'hid.releaseDevice',
  'file.stopListening',
])

const algorithms: Readonly<Record<string, string>> = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' }

const pemPattern = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/

export interface SignedCall {
  call: string
  /** As they came: absent and null are not the same under a signature. */
  params?: unknown
  timestamp?: unknown
  signature?: unknown
  signAlgorithm?: unknown
}

/** Which certificates the shop trusts. */
export class Trust {
  readonly #fingerprints = new Set<string>()
  readonly #authorities: X509Certificate[] = []
  /** Whether requests need a signature at all. */
  readonly asked: boolean

  private constructor(asked: boolean) {
    this.asked = asked
  }

  /** Reads the files. Throws `certificate_failed` for one that holds none. */
  static read(entries: readonly string[]): Trust {
    const trust = new Trust(entries.length > 0)
    for (const entry of entries) {
      const digits = entry.replaceAll(':', '').toLowerCase()
      if (/^[0-9a-f]{64}$/.test(digits)) trust.#fingerprints.add(digits)
      else {
        const certificate = readPem(readText(entry))
        if (certificate === undefined)
          throw new HubError('certificate_failed', { reason: `${entry} holds no certificate` })
        trust.#fingerprints.add(fingerprintOf(certificate))
        if (certificate.ca) trust.#authorities.push(certificate)
      }
    }
    return trust
  }

  /** Whether a certificate is on the list, or signed by one that is, and in its time. */
  includes(certificate: X509Certificate, now: number): boolean {
    if (now < certificate.validFromDate.getTime() || now > certificate.validToDate.getTime()) return false
    return (
      this.#fingerprints.has(fingerprintOf(certificate)) ||
      this.#authorities.some((root) => certificate.checkIssued(root) && certificate.verify(root.publicKey))
    )
  }
}

/** The first certificate of a PEM text: QZ's own files hold their issuer as well. undefined: there is none. */
export function readPem(text: string): X509Certificate | undefined {
  const pem = pemPattern.exec(text)?.[0]
  if (pem === undefined) return undefined
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/**
 * Why a call is not done: its signature is missing where it is needed, wrong, or too far from now. undefined: it may be done. What is
 * signed is the SHA-256 in hex of the call as JSON.
 */
export function signatureTrouble(
  message: SignedCall,
  certificate: X509Certificate | undefined,
  trust: Trust,
  now: number,
): string | undefined {
  const { call, signature, timestamp } = message
  if (unsigned.has(call)) return undefined
  const signed = typeof signature === 'string' && signature !== ''
  if (!trust.asked && (!signed || certificate === undefined)) return undefined
  if (certificate === undefined || !signed) return 'it is not signed'
  if (typeof timestamp !== 'number' || Math.abs(now - timestamp) > qzLimits.signatureMsMax)
    return 'its signature is too old, or the clock of the till is wrong'
  const name = typeof message.signAlgorithm === 'string' ? message.signAlgorithm.toUpperCase() : 'SHA1'
  const algorithm = algorithms[name]
  if (algorithm === undefined) return 'it is signed by an algorithm that the hub does not know'
  const { params } = message
  const hash = createHash('sha256').update(JSON.stringify({ call, params, timestamp })).digest('hex')
  return holds(algorithm, hash, certificate, signature) ? undefined : 'its signature is wrong'
}

function holds(algorithm: string, text: string, { publicKey }: X509Certificate, signature: string): boolean {
  try {
    return verify(algorithm, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

const fingerprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase()

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new HubError('certificate_failed', { reason: errorText(error) }, error)
  }
}
