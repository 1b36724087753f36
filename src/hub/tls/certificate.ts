/** Certificates as the hub reads them: a leaf with its chain and key, and what people are told of one. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { errorText } from '../../protocol/errors.ts'
import { isoTime } from '../clock.ts'
import { hostOf, plainAddress } from '../host-names.ts'
import { failed } from './failed.ts'
import { tlsLimits } from './tls-limits.ts'

/** A certificate that belongs to its key. */
export interface KeyPair {
  leaf: X509Certificate
  /** PEM: the leaf, then its chain. */
  cert: string
  key: string
}

/** How a certificate is shown. */
export interface CertificateFacts {
  subject: string
  issuer: string
  names: string[]
  notBefore: string
  notAfter: string
  fingerprint: string
}

const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
const keyPattern = /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[\s\S]+?-----END (?:EC |RSA )?PRIVATE KEY-----/

/** Out of the texts of one file or two. Throws `certificate_failed` with what is wrong. */
export function readKeyPair(certText: string, keyText: string): KeyPair {
  const certs = certText.match(certificatePattern)
  const key = keyPattern.exec(keyText)?.[0]
  if (certs === null) throw failed('there is no certificate in PEM')
  if (key === undefined)
    throw failed(
      /ENCRYPTED/.test(keyText) ? 'the key is encrypted; the hub needs it plain' : 'there is no key in PEM',
    )
  let leaf: X509Certificate
  let belongs: boolean
  try {
    leaf = new X509Certificate(certs[0] as string)
    belongs = leaf.checkPrivateKey(createPrivateKey(key))
  } catch (error) {
    throw failed(`it cannot be read: ${errorText(error)}`, {}, error)
  }
  if (!belongs) throw failed('certificate and key do not belong together')
  const cert = `${certs.join('\n')}\n`
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    throw failed(`it is of no use for TLS: ${errorText(error)}`, {}, error)
  }
  return { leaf, cert, key: `${key}\n` }
}

export const notBeforeOf = (certificate: X509Certificate): number => Date.parse(certificate.validFrom)
export const notAfterOf = (certificate: X509Certificate): number => Date.parse(certificate.validTo)

/** When it is to be made anew. */
export function renewalOf(certificate: X509Certificate): number {
  const begin = notBeforeOf(certificate)
  return begin + (notAfterOf(certificate) - begin) * tlsLimits.renewAt
}

/** DNS names and addresses it is for. */
export function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '').split(', ').flatMap((entry) => {
    const [, kind, value] = /^(DNS|IP Address):(.+)$/.exec(entry) ?? []
    if (value === undefined) return []
    return kind === 'DNS' ? [value.toLowerCase()] : [plainAddress(value) ?? value]
  })
}

/** True when a browser that asks for the name is content with the certificate. */
export function isFor(certificate: X509Certificate, name: string): boolean {
  const host = hostOf(name) ?? name
  return plainAddress(host) === undefined
    ? certificate.checkHost(host, { subject: 'never' }) !== undefined
    : certificate.checkIP(host) !== undefined
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    subject: inOneLine(certificate.subject),
    issuer: inOneLine(certificate.issuer),
    names: namesOf(certificate),
    notBefore: isoTime(notBeforeOf(certificate)),
    notAfter: isoTime(notAfterOf(certificate)),
    fingerprint: certificate.fingerprint256,
  }
}

const inOneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ')
