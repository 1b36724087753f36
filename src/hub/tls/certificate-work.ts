/** Makes keys and certificates. Loaded by a process of its own only: what it imports takes room. */
import 'reflect-metadata'
import { createPrivateKey, type KeyObject, KeyObject as NodeKey, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { nameConstraints, nameConstraintsOid, type Permitted } from './der.ts'
import { dayMs, tlsLimits } from './tls-limits.ts'

export interface RootWish {
  /** What people recognise it by; up to 40 letters. */
  label: string
  permitted: Permitted
  nowMs: number
}

export interface LeafWish {
  label: string
  dns: readonly string[]
  addresses: readonly string[]
  nowMs: number
}

/** P-256: what every till understands, and quick on a small box. */
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

type Keys = webcrypto.CryptoKeyPair

const newKeys = (): Promise<Keys> =>
  webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']) as Promise<Keys>

const keyPem = (key: webcrypto.CryptoKey): string =>
  (NodeKey.from(key) as KeyObject).export({ type: 'pkcs8', format: 'pem' }).toString()

function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', der, ecdsa, false, ['sign'])
}

/** A root of its own key that may vouch for the permitted names only. PEM of both. */
export async function makeRoot({
  label,
  permitted,
  nowMs,
}: RootWish): Promise<{ cert: string; key: string }> {
  const keys = await newKeys()
  const keyId = await SubjectKeyIdentifierExtension.create(keys.publicKey)
  const cert = await X509CertificateGenerator.createSelfSigned({
    // Two roots of one box must not have one name, or a till that knows both takes the wrong one.
    name: subject(label, ` ${keyId.keyId.slice(0, 4).toUpperCase()}`),
    keys,
    signingAlgorithm: ecdsa,
    // The clock may be set back later; a root that is not valid yet would stop everything.
    notBefore: new Date(tlsLimits.earliestMs - tlsLimits.backMs),
    notAfter: new Date(nowMs + tlsLimits.rootYears * 365.25 * dayMs),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      keyId,
      new Extension(nameConstraintsOid, true, nameConstraints(permitted)),
    ],
  })
  return { cert: `${cert.toString('pem')}\n`, key: keyPem(keys.privateKey) }
}

/** A certificate for a web server, of a new key, signed by the root. PEM of both. */
export async function makeLeaf(
  root: { cert: string; key: string },
  { label, dns, addresses, nowMs }: LeafWish,
): Promise<{ cert: string; key: string }> {
  const issuer = new X509Certificate(root.cert)
  const keys = await newKeys()
  const begin = nowMs - tlsLimits.backMs
  const end = Math.min(begin + tlsLimits.leafDays * dayMs, issuer.notAfter.getTime())
  const cert = await X509CertificateGenerator.create({
    subject: subject(label),
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await signingKey(root.key),
    signingAlgorithm: ecdsa,
    notBefore: new Date(begin),
    notAfter: new Date(end),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...dns.map((value) => ({ type: 'dns', value }) as const),
        ...addresses.map((value) => ({ type: 'ip', value }) as const),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { cert: `${cert.toString('pem')}\n`, key: keyPem(keys.privateKey) }
}

/** What an authority is asked to sign: DER in base64url, and the key in PEM, which stays here. */
export async function makeRequest(names: readonly string[]): Promise<{ request: string; key: string }> {
  const keys = await newKeys()
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [],
    keys,
    signingAlgorithm: ecdsa,
    extensions: [
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }) as const)),
    ],
  })
  return { request: Buffer.from(request.rawData).toString('base64url'), key: keyPem(keys.privateKey) }
}

/** At most 64 letters of common name (RFC 5280, appendix A). */
function subject(label: string, after = ''): { [type: string]: string[] }[] {
  const before = 'Tillbridge '
  const room = 64 - before.length - after.length
  // Quotes, backslashes and the like have a meaning in names as the package reads them.
  const plain = label
    .replace(/[^\p{L}\p{M}\p{N} .&()'_-]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim()
  const name = [...plain].slice(0, room).join('').trim()
  return [{ CN: [`${before}${name}${after}`] }, { O: ['Tillbridge'] }]
}
