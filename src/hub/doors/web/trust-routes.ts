/** The root certificate of the box for tills, in the ways their systems take it: below `/trust/`, without log-in. */
import { createHash, X509Certificate } from 'node:crypto'
import express, { type Response, type Router } from 'express'
import type { HubApi } from '../../api.ts'
import { sendSentence } from './http-parts.ts'

interface Root {
  pem: string
  der: Buffer
  name: string
}

/**
 * `root.crt` (DER, what Windows, Android, ChromeOS and Linux take), `root.pem`, `root.mobileconfig` (iOS, macOS) and
 * `info.json`. A root is no secret; whether it is the right one, its fingerprint on the box tells.
 */
export function trustRoutes({ hub }: { hub: HubApi }): Router {
  const router = express.Router()
  const send = (path: string, type: string, end: string, body: (root: Root) => string | Buffer) =>
    router.get(`/trust/${path}`, (_request, response) => {
      const root = hub.tls.root()
      if (root === undefined) return noRoot(hub, response)
      response.setHeader('Cache-Control', 'no-store')
      response.setHeader('Content-Type', type)
      response.setHeader('Content-Disposition', `attachment; filename="${fileName(root.name)}.${end}"`)
      response.end(body(root))
    })
  send('root.crt', 'application/x-x509-ca-cert', 'crt', ({ der }) => der)
  send('root.pem', 'application/x-pem-file', 'pem', ({ pem }) => pem)
  send('root.mobileconfig', 'application/x-apple-aspen-config', 'mobileconfig', mobileConfig)
  router.get('/trust/info.json', (request, response) => {
    const root = hub.tls.root()
    response.setHeader('Cache-Control', 'no-store')
    response.json({
      mode: hub.tls.mode,
      /** Of the root; null when there is none to install. */
      name: root?.name ?? null,
      fingerprint: root === undefined ? null : new X509Certificate(root.der).fingerprint256,
      https: hub.network.secureUrl(request.headers.host ?? ''),
    })
  })
  return router
}

function noRoot(hub: HubApi, response: Response): void {
  const reason =
    hub.tls.mode === 'own'
      ? 'The root of this hub is not made yet, or https is switched off.'
      : 'The certificate of this hub is not of its own making: there is no root to install.'
  sendSentence(response, 404, reason)
}

/** `Tillbridge Müllers Laden 6555` becomes `tillbridge-mullers-laden-6555`. */
const fileName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/**
 * A configuration profile with one payload, `com.apple.security.root` (Apple, Configuration Profile Reference). Its ids
 * follow from the certificate: installing it twice replaces it.
 */
function mobileConfig({ der, name }: Root): string {
  const id = uuidOf(der, 'root')
  const title = escaped(name)
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>tillbridge.trust.${id.toLowerCase()}</string>
  <key>PayloadUUID</key><string>${uuidOf(der, 'profile')}</string>
  <key>PayloadDisplayName</key><string>${title}</string>
  <key>PayloadDescription</key><string>Lets this device trust the hub of the shop, and nothing else.</string>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>tillbridge.trust.${id.toLowerCase()}.root</string>
      <key>PayloadUUID</key><string>${id}</string>
      <key>PayloadDisplayName</key><string>${title}</string>
      <key>PayloadCertificateFileName</key><string>${fileName(name)}.crt</string>
      <key>PayloadContent</key>
      <data>${der.toString('base64')}</data>
    </dict>
  </array>
</dict>
</plist>
`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** 16 bytes that follow from the certificate, in the form of a UUID (version 8, RFC 9562). */
function uuidOf(der: Buffer, purpose: string): string {
  const bytes = createHash('sha256').update(purpose).update(der).digest().subarray(0, 16)
  bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x80, 6)
  bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8)
  return bytes
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    .toUpperCase()
}
