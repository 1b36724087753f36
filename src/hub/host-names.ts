/** Host names and addresses as text: how a Host header is read, and which addresses are the box's own affair. */
import { BlockList, isIP, isIPv6 } from 'node:net'

/** Addresses that no router of the internet carries: those that the root of the hub may vouch for. */
export const privateRanges = [
  { address: '10.0.0.0', prefix: 8 },
  { address: '172.16.0.0', prefix: 12 },
  { address: '192.168.0.0', prefix: 16 },
  { address: '169.254.0.0', prefix: 16 },
  { address: '127.0.0.0', prefix: 8 },
  { address: 'fc00::', prefix: 7 },
  { address: 'fe80::', prefix: 10 },
  { address: '::1', prefix: 128 },
] as const

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')

const privateAddresses = new BlockList()
for (const { address, prefix } of privateRanges)
  privateAddresses.addSubnet(address, prefix, familyOf(address))

export const isPrivateAddress = (address: string): boolean =>
  isIP(address) !== 0 && privateAddresses.check(address, familyOf(address))

/** True for 127.0.0.0/8 and ::1, also as a socket of both families writes them (`::ffff:127.0.0.1`). */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address)
  return plain === '::1' || (plain?.startsWith('127.') ?? false)
}

/** The one way to write an address: no zone, no brackets, an IPv4 address as such. undefined: it is none. */
export function plainAddress(text: string): string | undefined {
  const bare = text.replace(/%.*$/, '').toLowerCase()
  const kind = isIP(bare)
  if (kind === 0) return undefined
  if (kind === 4) return bare
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  return new URL(`http://[${bare}]`).hostname.slice(1, -1)
}

/**
 * The name or address of a Host header, without port, brackets, zone and trailing dot, in small letters. undefined for
 * what is not a host.
 */
export function hostOf(header: string): string | undefined {
  const [, bracketed, name] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::\d{1,5})?$/.exec(header) ?? []
  if (bracketed !== undefined) return isIPv6(bracketed) ? plainAddress(bracketed) : undefined
  // Programs send an IPv6 address without brackets now and then; it cannot have a port.
  if (name === undefined) return isIPv6(header) ? plainAddress(header) : undefined
  const bare = name.toLowerCase().replace(/\.$/, '')
  return bare === '' || !/^[a-z0-9._-]+$/.test(bare) ? undefined : bare
}

/** Whether who listens on `bind` can be reached under an address of the box that is not loopback. */
export function isServed(address: string, bind: string): boolean {
  const only = plainAddress(bind)
  if (only === '::') return true
  return only === '0.0.0.0' ? !address.includes(':') : address === only
}

/** Whether a certificate of the hub's own names this address: its root may not vouch for public ones of IPv6. */
export const isCertified = (address: string): boolean => !address.includes(':') || isPrivateAddress(address)

/** A host as it stands in a URL. */
export const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** The name of a box made fit for `NAME.local`: its first label, a-z, 0-9 and - only. */
export function safeName(hostname: string): string {
  const label = hostname
    .toLowerCase()
    .split('.', 1)[0]
    ?.replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
  return label === undefined || label === '' || label === 'localhost' ? 'tillbridge' : label
}
