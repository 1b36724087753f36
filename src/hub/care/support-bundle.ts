/** The support bundle: what somebody elsewhere needs to know of the box, without secrets and without what was sold. */
import { createWriteStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { arch, cpus, freemem, release, totalmem, uptime } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { errorText } from '../../protocol/errors.ts'
import {
  type MethodName,
  methods,
  type Params,
  type ParsedParams,
  type Result,
} from '../../protocol/methods.ts'
import type { FileToSend } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'
import { maskText, withoutSecrets, withTexts } from '../devices/masking.ts'
import { writeTar } from './tar.ts'
import { makeFile, nameTime, workFolder } from './work-folder.ts'

export const bundleLimits = {
  jobs: 200,
  auditEntries: 200,
  /** Characters of one file in it. */
  fileCharsMax: 4_000_000,
} as const

export interface BundleTools {
  box: { data: string; findings(): Promise<readonly object[]> }
  version: string
  clock: Clock
  hub(): string
  ask<M extends MethodName>(method: M, params: ParsedParams<M>): Promise<Result<M>>
  health(): object | Promise<object>
  metrics(): Promise<{ body: string }>
  logLines(): readonly object[] | Promise<readonly object[]>
}

/** A file of the bundle: a text as it is, anything else as JSON. */
export type BundleParts = Readonly<Record<string, () => unknown>>

/** Whatever a part fails with stands in its place: a bundle is wanted when something is broken. */
export async function writeBundle(
  parts: BundleParts,
  { box, clock }: { box: { data: string }; clock: Pick<Clock, 'now'> },
): Promise<FileToSend> {
  const now = clock.now()
  const entries = await Promise.all(
    Object.entries(parts).map(async ([name, make]) => {
      const bytes = Buffer.from(await textOf(make))
      return { name: `tillbridge-support/${name}`, size: bytes.length, content: [bytes] }
    }),
  )
  return makeFile(box.data, async (folder) => {
    const name = `tillbridge-support-${nameTime(isoTime(now))}.tar.gz`
    const path = join(folder, name)
    await pipeline(
      writeTar(entries, now),
      createGzip(),
      createWriteStream(path, { flags: 'wx', mode: 0o600 }),
    )
    return { path, name }
  })
}

async function textOf(make: () => unknown): Promise<string> {
  let value: unknown
  try {
    value = await make()
  } catch (error) {
    value = { error: errorText(error) }
  }
  const text = typeof value === 'string' ? scrub(value) : `${JSON.stringify(strike(value), undefined, 1)}\n`
  return text.slice(0, bundleLimits.fileCharsMax)
}

export function bundleParts(tools: BundleTools): BundleParts {
  const { box } = tools
  const ask = <M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> =>
    tools.ask(method, methods[method].params.parse(params) as ParsedParams<M>)
  return {
    'README.txt': () => readme,
    'versions.json': () => versionsOf(tools),
    'doctor.json': () => box.findings(),
    'health.json': () => tools.health(),
    'metrics.txt': async () => (await tools.metrics()).body,
    'config.json': async () => {
      const { schema: _schema, ...config } = await ask('config.get', {})
      return config
    },
    'log.json': () => tools.logLines(),
    'devices.json': async () => {
      const { devices } = await ask('device.list', {})
      return Promise.all(
        devices.map(async (device) => {
          const settings = await ask('device.settings', { id: device.id }).catch(errorText)
          if (typeof settings === 'string') return { ...device, settings }
          return { ...device, profileSettings: settings.profile, settings: settings.settings }
        }),
      )
    },
    'ports.json': () => ask('port.list', {}),
    'jobs.json': () => ask('job.list', { limit: bundleLimits.jobs }),
    'network.json': () => ask('network.info', {}),
    'tls.json': () => ask('tls.info', {}),
    'audit.json': () => ask('audit.list', { limit: bundleLimits.auditEntries }),
    'files.json': () => sizesOf(box.data),
  }
}

const readme = `What a Tillbridge hub tells of itself to whoever helps: its health, log, configuration, devices, ports and
last jobs. Without passwords, tokens, codes and keys, and without what was printed or sold. Card numbers and e-mail
addresses are struck out. It is plain text: read it before you send it on.
`

function versionsOf({ version, clock, hub }: Pick<BundleTools, 'version' | 'clock' | 'hub'>): object {
  const { node, v8, sqlite, openssl, uv } = process.versions
  return {
    version,
    hub: hub(),
    at: isoTime(clock.now()),
    node,
    v8,
    sqlite,
    openssl,
    uv,
    platform: process.platform,
    release: release(),
    arch: arch(),
    cpus: cpus().length,
    cpu: cpus()[0]?.model,
    memoryBytes: { total: totalmem(), free: freemem(), process: process.memoryUsage().rss },
    uptimeSeconds: { box: Math.round(uptime()), process: Math.round(process.uptime()) },
  }
}

/** Names and sizes in the data folder, in bytes, without what is in them. */
async function sizesOf(data: string): Promise<object[]> {
  const names = (await readdir(data)).filter((name) => !name.startsWith(workFolder)).sort()
  return Promise.all(
    names.map(async (name) => {
      const { size, mode, mtime } = await stat(join(data, name))
      return { name, bytes: size, mode: (mode & 0o777).toString(8), changed: mtime.toISOString() }
    }),
  )
}

/** Text by text, so that JSON stays JSON. */
const strike = (value: unknown): unknown => withTexts(withoutSecrets(value), scrub)

const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[key]'],
  // Bounded as RFC 5321, 4.5.3.1 has it: a line of dots, which a stranger may cause, would cost the square of its length.
  [/[\p{L}\p{N}_.+-]{1,64}@[\p{L}\p{N}-]{1,63}(\.[\p{L}\p{N}-]{1,63}){1,8}/gu, '[e-mail]'],
  // Credentials in an address, and secrets in its query.
  [/(:\/\/)[^/@\s"]+@/g, '$1***@'],
  [/([?&#](?:access_token|token|code|setup|password|key)=)[^&\s"\\]+/gi, '$1***'],
  [/\b(Bearer\s+)[\w.~+/-]+=*/g, '$1***'],
  // Long words of mixed letters and digits are keys of some kind, whatever they stand in.
  [/(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32,}(?![\w-])/g, '[key]'],
]

/** For texts that others wrote: what looks like a secret or a person is struck out wherever it stands. */
function scrub(text: string): string {
  let clean = maskText(text)
  for (const [pattern, instead] of patterns) clean = clean.replace(pattern, instead)
  return clean
}
