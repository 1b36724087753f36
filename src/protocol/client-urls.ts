/** Addresses of a hub as a page of a POS is given them, and the order in which to try them. */
import { errorText, HubError } from './errors.ts'

function parsed(text: string): URL {
  try {
    return new URL(text)
  } catch (error) {
    throw new HubError('params_invalid', { path: 'url', reason: errorText(error) }, error)
  }
}

/** `ws(s)://HUB/ws` of an address in any of its forms. Throws HubError `params_invalid` for what is no address. */
export function socketUrl(text: string): string {
  const url = parsed(text)
  url.protocol = url.protocol.replace(/^http/, 'ws')
  if (url.pathname === '/') url.pathname = '/ws'
  return url.href
}

/** `http(s)://HUB/` of the same, with the path of a proxy if it has one. Throws HubError `params_invalid`. */
export function baseUrl(text: string): URL {
  const url = parsed(text)
  url.protocol = url.protocol.replace(/^ws/, 'http')
  url.pathname = url.pathname.replace(/\/(ws)?$/, '/')
  url.search = ''
  url.hash = ''
  return url
}

const withBrackets = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)
const isAddress = (host: string) => /^[\d.]+$/.test(host) || host.includes(':')

/** A loopback name or address: browsers trust it without encryption. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
}

/**
 * True for a host of which a browser knows by its name alone that it is in the shop: a private IPv4 or IPv6 address, a
 * loopback, or `NAME.local`. Only for these a page over https may use plain http and ws, with the user's permission.
 */
export function isSurelyLocal(hostname: string): boolean {
  return (
    isLoopback(hostname) ||
    hostname.endsWith('.local') ||
    /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)[\d.]+$/.test(hostname) ||
    /^\[f([cd]|e[89ab])[0-9a-f:]*\]$/.test(hostname)
  )
}

/** Where a hub may be found: names and addresses as `network.info` lists them, and its ports. */
export interface HubPlaces {
  /** Names and IP addresses; a name that is in a public DNS, a name in `.local`, addresses. */
  hosts: readonly string[]
  /** Ports; null where it is not served. */
  http: number | null
  https: number | null
}

/**
 * The addresses to try, best first: encrypted under its names, encrypted under its addresses, and last in the open. For
 * the latter only what a browser takes from a page over https as well.
 */
export function hubUrls({ hosts, http, https }: HubPlaces): string[] {
  const ordered = [
    ...hosts.filter((host) => !isAddress(host)),
    ...hosts.filter((host) => isAddress(host)),
  ].map(withBrackets)
  const at = (scheme: string, port: number | null, those: readonly string[]) =>
    port === null ? [] : those.map((host) => new URL(`${scheme}://${host}:${port}`).origin)
  return [...at('https', https, ordered), ...at('http', http, ordered.filter(isSurelyLocal))]
}
