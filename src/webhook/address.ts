/** Where a webhook may go: https anywhere, http only where no stranger can listen. */
import { BlockList, isIP } from 'node:net'
import { HubError } from '../protocol/errors.ts'

const ranges = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
] as const

/** Throws `config_invalid` that names the place in the configuration. */
export function webhookUrl(text: string, place: { file: string; path: string }): URL {
  const refuse = (reason: string) => new HubError('config_invalid', { ...place, reason })
  if (!URL.canParse(text)) throw refuse('is not an address')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw refuse('holds a name and a password; the signature is what proves who is calling')
  if (url.protocol === 'https:') return url
  if (url.protocol !== 'http:') throw refuse('is neither https nor http')
  if (!isPrivate(url.hostname)) throw refuse('is http to a public host: everybody on the way could read it')
  return url
}

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  const kind = isIP(host)
  // A name may mean another address tomorrow; only that of this machine may not (RFC 6761, 6.3).
  if (kind === 0) return host === 'localhost' || host.endsWith('.localhost')
  const list = new BlockList()
  for (const [address, prefix] of ranges)
    list.addSubnet(address, prefix, address.includes(':') ? 'ipv6' : 'ipv4')
  return list.check(host, kind === 6 ? 'ipv6' : 'ipv4')
}
