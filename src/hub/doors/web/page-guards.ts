/** Headers of every answer, and which pages are served: no paths with tricks, and before set-up only what set-up needs. */
import type { RequestHandler } from 'express'
import type { HubApi } from '../../api.ts'
import type { Log } from '../../log.ts'
import { visitorOf } from './guards.ts'
import { sendNoPage } from './http-parts.ts'

/** Nothing of this is needed by any page; what a script that got in cannot ask for, it cannot misuse. */
const permissions = [
  'accelerometer',
  'bluetooth',
  'camera',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]
  .map((name) => `${name}=()`)
  .join(', ')

/**
 * Own files only. Styles may be inline (the paper of a demo printer is a picture with styles), scripts may not. The
 * pages may ask the hub itself over the other of http and https, because the trust page tries whether https works; the
 * WebSocket is named because not every browser counts it as 'self'.
 */
function pagePolicy(host: string, encrypted: boolean, ports: { http: number; https: number | null }): string {
  const name = host.replace(/:\d+$/, '')
  const known = /^[a-z0-9.-]+$|^\[[0-9a-f:.]+\]$/.test(name)
  const own = known
    ? [
        `${encrypted ? 'wss' : 'ws'}://${host}`,
        `http://${name}:${ports.http}`,
        // The trust page also knocks in plain, to tell a closed port from a certificate that is not trusted.
        ...(ports.https === null ? [] : [`https://${name}:${ports.https}`, `http://${name}:${ports.https}`]),
      ]
    : []
  return [
    "default-src 'self'",
    ["connect-src 'self'", ...own].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/**
 * Strict-Transport-Security is not sent: a box may lose its certificate (a new root, a restored backup, an expired public
 * one), and then its technician must still get in by http to mend it.
 */
export function pageHeaders(ports: () => { http: number; https: number | null }): RequestHandler {
  return (request, response, next) => {
    const { host, encrypted } = visitorOf(request)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Referrer-Policy', 'no-referrer')
    response.setHeader('Permissions-Policy', permissions)
    response.setHeader('Content-Security-Policy', pagePolicy(host, encrypted, ports()))
    response.setHeader('X-Frame-Options', 'DENY')
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    next()
  }
}

/** Before the static files: refuses paths that no link of ours has, and sends everybody to set-up until there is an owner. */
export function pageGuards(hub: HubApi, log: Log): RequestHandler {
  return (request, response, next) => {
    const { path, source } = visitorOf(request)
    if (isTricky(path)) {
      log.info({ from: source, path }, 'a path with tricks was refused')
      sendNoPage(response)
      return
    }
    if (isPage(path) && path !== '/' && !path.startsWith('/trust/') && needsSetUp(hub)) {
      response.setHeader('Cache-Control', 'no-store')
      response.redirect(302, '/')
      return
    }
    next()
  }
}

/** Dot segments and hidden files, backslashes, NUL, and slashes that hide as escapes, also behind a second escaping. */
function isTricky(path: string): boolean {
  const plain = unescapeTwice(path)
  if (plain === undefined || /[\\\0]/.test(plain) || /%(25)*(2f|5c|00)/i.test(path)) return true
  return plain.startsWith('//') || plain.split('/').some((segment) => segment.startsWith('.'))
}

function unescapeTwice(path: string): string | undefined {
  try {
    const once = decodeURIComponent(path)
    return once.includes('%') ? decodeURIComponent(once) : once
  } catch {
    return undefined
  }
}

/** Pages end in a slash or have no extension; everything else is what pages are made of. */
const isPage = (path: string): boolean => path.endsWith('.html') || !/\.[^/]+$/.test(path)

/** While the hub is starting it is not known; the pages themselves are no secret. */
function needsSetUp(hub: HubApi): boolean {
  try {
    return !hub.access.setUp
  } catch {
    return false
  }
}
