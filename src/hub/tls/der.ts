/** A few words of DER, enough to write and read the name constraints of a certificate (RFC 5280, 4.2.1.10). */
import { isIP, isIPv6 } from 'node:net'
import { plainAddress } from '../host-names.ts'

/** DNS names, each with all names below it, and ranges of addresses. */
export interface Permitted {
  dns: string[]
  ranges: { address: string; prefix: number }[]
}

const tags = {
  sequence: 0x30,
  objectId: 0x06,
  octets: 0x04,
  bool: 0x01,
  /** `permittedSubtrees [0]` of NameConstraints. */
  permitted: 0xa0,
  /** `dNSName [2]` and `iPAddress [7]` of GeneralName. */
  dnsName: 0x82,
  address: 0x87,
  /** `extensions [3]` of a certificate. */
  extensions: 0xa3,
} as const

export const nameConstraintsOid = '2.5.29.30'
const nameConstraintsOidBytes = Buffer.from([0x55, 0x1d, 0x1e])

function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

/** The value of the extension. */
export function nameConstraints({ dns, ranges }: Permitted): Buffer {
  const trees = [
    ...dns.map((name) => tlv(tags.dnsName, Buffer.from(name, 'ascii'))),
    ...ranges.map(({ address, prefix }) =>
      tlv(tags.address, addressBytes(address), maskBytes(address, prefix)),
    ),
  ]
  return tlv(tags.sequence, tlv(tags.permitted, ...trees.map((name) => tlv(tags.sequence, name))))
}

/** What a certificate may vouch for; undefined when it has no name constraints, or none that we understand. */
export function permittedOf(certificate: Buffer): Permitted | undefined {
  const value = extensionOf(certificate, nameConstraintsOidBytes)
  const trees = value && childOf(children(value)[0]?.content, tags.permitted)
  if (trees === undefined) return undefined
  const permitted: Permitted = { dns: [], ranges: [] }
  for (const tree of children(trees)) {
    const [name] = children(tree.content)
    if (name?.tag === tags.dnsName) permitted.dns.push(name.content.toString('ascii'))
    if (name?.tag === tags.address) {
      const half = name.content.length / 2
      const address = addressText(name.content.subarray(0, half))
      if (address !== undefined)
        permitted.ranges.push({ address, prefix: onesOf(name.content.subarray(half)) })
    }
  }
  return permitted
}

/** True when the constraints let a certificate have this name or address. */
export function covers({ dns, ranges }: Permitted, name: string): boolean {
  const address = plainAddress(name)
  if (address === undefined) return dns.some((top) => name === top || name.endsWith(`.${top}`))
  const bytes = addressBytes(address)
  return ranges.some((range) => {
    const base = addressBytes(range.address)
    const mask = maskBytes(range.address, range.prefix)
    return (
      base.length === bytes.length && base.every((byte, at) => byte === ((bytes[at] ?? 0) & (mask[at] ?? 0)))
    )
  })
}

interface Part {
  tag: number
  content: Buffer
}

/** The parts of a value, one after the other; empty when it is not well formed. */
function children(content: Buffer): Part[] {
  const parts: Part[] = []
  for (let at = 0; at < content.length; ) {
    const tag = content[at]
    const first = content[at + 1]
    if (tag === undefined || first === undefined) return []
    const sizeBytes = first < 0x80 ? 0 : first & 0x7f
    if (sizeBytes > 3 || at + 2 + sizeBytes > content.length) return []
    const length = sizeBytes === 0 ? first : content.readUIntBE(at + 2, sizeBytes)
    const begin = at + 2 + sizeBytes
    if (begin + length > content.length) return []
    parts.push({ tag, content: content.subarray(begin, begin + length) })
    at = begin + length
  }
  return parts
}

const childOf = (content: Buffer | undefined, tag: number): Buffer | undefined =>
  content && children(content).find((part) => part.tag === tag)?.content

/** Certificate, TBSCertificate, [3], Extensions; of each the object id and the octets. */
function extensionOf(certificate: Buffer, oid: Buffer): Buffer | undefined {
  const body = childOf(children(certificate)[0]?.content, tags.sequence)
  const list = childOf(childOf(body, tags.extensions), tags.sequence)
  for (const { content } of list === undefined ? [] : children(list)) {
    if (childOf(content, tags.objectId)?.equals(oid) === true) return childOf(content, tags.octets)
  }
  return undefined
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':')).map((group) => parseInt(group, 16))
  const front = groups(head)
  const back = groups(tail ?? '')
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

function maskBytes(address: string, prefix: number): Buffer {
  const length = isIP(address) === 6 ? 16 : 4
  return Buffer.from(
    Array.from({ length }, (_, at) => 0xff & ~(0xff >> Math.max(0, Math.min(8, prefix - at * 8)))),
  )
}

function addressText(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return undefined
  return plainAddress(Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16)).join(':'))
}

const onesOf = (mask: Buffer): number =>
  [...mask].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
