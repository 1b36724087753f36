/** How a page of any kind gets its token: the code in the address, its exchange for a token, and what the hub lists it as. */
import type { Role } from '../../protocol/methods.ts'
import { askHub } from './http.ts'

/** Where the hub of a page is, seen from the page: `.`, or `..` for a page in a folder of its own. */
export function hubAddress(location: Location, from: '.' | '..'): URL {
  const url = new URL(from, location.href)
  url.hash = ''
  url.search = ''
  return url
}

/** The WebSocket of the hub at `hub`. */
export function socketUrl(hub: URL): string {
  const url = new URL('ws', hub)
  url.protocol = hub.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}

/** Redeems a code. Throws HubError `pair_code_invalid`, `locked_out`, `setup_required`, `tls_required`, `connection_lost`. */
export function redeem(hub: URL, code: string, name: string): Promise<{ token: string; role: Role }> {
  return askHub(hub, 'POST', 'api/v1/pair', { code, name })
}

/** Takes `code=123456` out of the part of the address behind `#` at once, so that it stays in no history. */
export function takeCodeFromAddress(
  location: Location,
  history: History,
  key: 'code' | 'setup' = 'code',
): string | undefined {
  const parts = location.hash.replace(/^#/, '').split('&')
  const found = parts.find((part) => part.startsWith(`${key}=`) && /=[A-Za-z0-9-]{1,32}$/.test(part))
  if (found === undefined) return undefined
  const rest = parts.filter((part) => part !== found).join('&')
  history.replaceState(null, '', location.pathname + location.search + (rest === '' ? '' : `#${rest}`))
  return found.slice(key.length + 1)
}

/** Codes are read aloud and typed with gaps. */
export function bareCode(text: string): string {
  return text.replace(/[\s-]/g, '')
}

/** `Console, Firefox on Android`: told to the hub so that a person finds this browser in the list. */
export function clientNameOf(page: string, userAgent: string): string {
  const browser = /Edg|Firefox|Chrome|Safari/.exec(userAgent)?.[0] ?? 'browser'
  const system = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(userAgent)?.[0] ?? 'an unknown system'
  return `${page}, ${browser === 'Edg' ? 'Edge' : browser} on ${system}`
}
