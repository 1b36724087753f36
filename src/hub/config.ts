/** The configuration: one schema gives the type, the defaults and the checks. Flags beat environment beats file. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseToml, TomlError } from 'smol-toml'
import { z } from 'zod'
import { originSchema } from '../protocol/access.ts'
import { deviceAddSchema, deviceClassSchema, deviceIdSchema } from '../protocol/device.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import { issueError } from '../protocol/messages.ts'
import { logLevelSchema } from '../protocol/methods/box.ts'
import { alertsSection } from './alerts/alert-config.ts'
import { scanningSchema } from './devices/scan-rules.ts'
import { brokerSection } from './doors/broker/broker-config.ts'
import { eposSection } from './doors/epos/epos-config.ts'
import { mqttSection } from './doors/mqtt/mqtt-config.ts'
import { odooSection } from './doors/odoo/odoo-config.ts'
import { qzSection } from './doors/qz/qz-config.ts'
import { rawSection } from './doors/raw/raw-config.ts'
import { variableSchema } from './setting-schemas.ts'

const tcpPortSchema = z.int().min(0).max(65_535)
const morePortsSchema = z.array(z.int().min(1).max(65_535)).max(20).default([])
const hostSchema = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'is not a host name in small letters')

/** Changed in the file at the box only: what it names is run, or it is a list of tables that no form edits in place. */
const inFileOnly = { readOnly: true } as const

/** Exactly one of the two tells where the secret is: it never stands in the configuration. */
const upstreamSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'is not 1 to 40 of a-z, 0-9 and -'),
    type: z.enum(['webhook']),
    url: z.url().max(1_000),
    readBackUrl: z.string().max(1_000).optional(),
    /** File whose text, without the line end, is the secret. */
    secretFile: z.string().min(1).max(1_000).optional(),
    /** Name of an environment variable of the hub. */
    secretEnv: variableSchema.optional(),
    /** PEM file with the root of a private authority. */
    ca: z.string().max(1_000).optional(),
    history: z.boolean().default(false),
  })
  .refine(({ secretFile, secretEnv }) => (secretFile === undefined) !== (secretEnv === undefined), {
    path: ['secretFile'],
    message: 'is needed, or secretEnv; not both',
  })

/**
 * Every setting with its default and its description, which is the comment in config/tillbridge.example.toml: a test holds the
 * two equal.
 */
export const configSchema = z.strictObject({
  hub: z
    .strictObject({
      name: z
        .string()
        .trim()
        .min(1)
        .max(80)
        .default('Tillbridge')
        .describe('Shown on the console and to tills.'),
    })
    .prefault({}),
  http: z
    .strictObject({
      bind: z
        .string()
        .min(1)
        .max(100)
        .default('127.0.0.1')
        .describe('Address to listen on. 127.0.0.1 serves this machine only, 0.0.0.0 the whole LAN.'),
      port: tcpPortSchema.default(8080).describe('0 picks a free port; the `ready` line tells which.'),
      also: morePortsSchema.describe(
        'More ports of the same: 80 for printers by ePOS, 8069 for the hardware proxy of Odoo.',
      ),
    })
    .prefault({}),
  https: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Serve https beside http, on the same address.'),
      port: tcpPortSchema.default(8443).describe('0 picks a free port.'),
      also: morePortsSchema.describe('More ports of the same, such as 443.'),
    })
    .prefault({}),
  network: z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is not a host name: a-z, 0-9 and - only')
        .optional()
        .describe('NAME of NAME.local. Left out: the host name of the box.'),
      hosts: z
        .array(hostSchema)
        .max(20)
        .default([])
        .describe('More names under which the hub is reached. A request that names another host is refused.'),
    })
    .prefault({}),
  tls: z
    .strictObject({
      mode: z
        .enum(['own', 'files', 'acme'])
        .default('own')
        .describe(
          '"own": certificates of a root that the box made, which every till installs once. "files": yours. "acme": from a public authority, by a record in the DNS.',
        ),
      cert: z
        .string()
        .max(1_000)
        .optional()
        .describe(
          'For "files": PEM file of the certificate with its chain. It is read again when it changes.',
        ),
      key: z.string().max(1_000).optional().describe('For "files": PEM file of its key.'),
      acme: z
        .strictObject({
          directory: z
            .url()
            .default('https://acme-v02.api.letsencrypt.org/directory')
            .describe('Where the authority is asked.'),
          email: z.email().optional().describe('Where the authority may write to; it may be left out.'),
          names: z
            .array(hostSchema)
            .max(20)
            .default([])
            .describe('Names of the certificate; they are names of the hub as well.'),
          hook: z
            .string()
            .max(1_000)
            .optional()
            .meta(inFileOnly)
            .describe(
              'Program that puts a TXT record into the DNS and takes it out. Called as HOOK set NAME VALUE and HOOK clear NAME VALUE.',
            ),
          propagationMs: z
            .int()
            .min(0)
            .max(3_600_000)
            .default(30_000)
            .describe('How long a record takes to be seen everywhere, in ms.'),
          root: z.string().max(1_000).optional().describe('PEM file with the root of a private authority.'),
        })
        .prefault({}),
    })
    .prefault({}),
  access: z
    .strictObject({
      tokensOver: z
        .enum(['https', 'any'])
        .default('https')
        .describe(
          'Connections that may carry tokens and passwords: "https" (and http on the box itself), or "any".',
        ),
      origins: z
        .array(originSchema)
        .max(100)
        .default([])
        .describe('Origins of web pages that may always use the hub; the console adds others.'),
      sessionIdleMs: z
        .int()
        .min(60_000)
        .max(2_592_000_000)
        .default(43_200_000)
        .describe('A session of the console ends after so long without use, in ms.'),
      sessionMs: z
        .int()
        .min(60_000)
        .max(31_536_000_000)
        .default(2_592_000_000)
        .describe('A session of the console ends after so long in any case, in ms.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: logLevelSchema.default('info').describe('trace, debug, info, warn, error or silent'),
    })
    .prefault({}),
  demo: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe('Adds a simulated printer, scale and scanner. `npm start` switches it on.'),
    })
    .prefault({}),
  discovery: z
    .strictObject({
      serial: z.boolean().default(true).describe('Look for serial ports.'),
      usb: z.boolean().default(true).describe('Look for USB printers.'),
      hid: z.boolean().default(true).describe('Look for HID devices: scanners, scales, drawers.'),
      mdns: z
        .boolean()
        .default(true)
        .describe('Listen for printers that announce themselves on the network.'),
      autoAccept: z
        .array(deviceClassSchema)
        .default([])
        .describe(
          'Classes whose devices are accepted without a technician, once it is certain what they are: "printer", "scale", "scanner", "drawer", "display". The others wait on the console. A keyboard is never taken for a scanner by itself.',
        ),
    })
    .prefault({}),
  jobs: z
    .strictObject({
      printExpiryMs: z
        .int()
        .min(1_000)
        .max(604_800_000)
        .default(3_600_000)
        .describe('How long a print may wait when the till names no expiry, in ms.'),
      instantExpiryMs: z
        .int()
        .min(500)
        .max(60_000)
        .default(5_000)
        .describe('The same for the drawer, zero and tare, which are wanted now or never.'),
      backupAfterMs: z
        .int()
        .min(0)
        .max(3_600_000)
        .default(3_000)
        .describe('How long a printer has to be unable before its waiting jobs move to its backup.'),
    })
    .prefault({}),
  scanning: scanningSchema.prefault({}),
  alerts: alertsSection,
  mqtt: mqttSection,
  broker: brokerSection,
  epos: eposSection,
  odoo: odooSection,
  qz: qzSection,
  raw: rawSection,
  till: z
    .strictObject({
      upstreams: z
        .array(upstreamSchema)
        .max(10)
        .default([])
        .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'holds a name twice')
        .meta(inFileOnly)
        .describe(
          'Where orders, sessions, cash moves and customers are sent. Without history it begins with what comes after the first start.',
        ),
    })
    .prefault({}),
  devices: z
    .array(
      deviceAddSchema.extend({
        id: deviceIdSchema.optional(),
        /** Id of the printer that takes over when this one cannot print. */
        backup: deviceIdSchema.optional(),
      }),
    )
    .max(200)
    .default([])
    .meta(inFileOnly)
    .describe('Devices that are always there. The same fields as device.add.'),
})
export type Config = z.infer<typeof configSchema>

/** What the command line may override. */
export interface Overrides {
  data?: string | undefined
  config?: string | undefined
  http?: string | undefined
  https?: string | undefined
  bind?: string | undefined
  log?: string | undefined
  demo?: boolean | undefined
  /** False leaves the console unbuilt. */
  build?: boolean | undefined
}

export interface LoadedConfig {
  config: Config
  data: string
  /** Where it came from, and why the last good copy was used instead, if it was. */
  file: string | undefined
  problem: string | undefined
  /** Paths that a flag or the environment decides, whatever the file says. */
  overridden: string[]
}

const lastGoodName = 'config.last-good.toml'

/** Reads a TOML file by the schema. Throws HubError `config_invalid` naming file and path. */
export function readConfigFile(file: string): Config {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new HubError('config_invalid', { file, path: 'the file', reason: errorText(error) })
  }
  let value: unknown
  try {
    value = parseToml(text)
  } catch (error) {
    const line = error instanceof TomlError ? `line ${error.line}` : 'the file'
    throw new HubError('config_invalid', { file, path: line, reason: errorText(error).split('\n')[0] ?? '' })
  }
  return parseConfig(value, file)
}

export function parseConfig(value: unknown, file: string): Config {
  const parsed = configSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const { path, reason } = issueError(parsed.error).context
  throw new HubError('config_invalid', { file, path: String(path), reason: String(reason) })
}

/**
 * The configuration of this start. A broken file is not the end when a good one was seen before: that one is used
 * and `problem` says so. Without one it throws `config_invalid`: starting on guesses would serve the wrong address.
 */
export function loadConfig(
  overrides: Overrides,
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const set = (name: string) => environmentOf(env, name)
  const data = dataFolder(overrides, env)
  const named = overrides.config ?? set('TILLBRIDGE_CONFIG')
  const inData = join(data, 'tillbridge.toml')
  const file = named ?? (existsSync(inData) ? inData : undefined)
  const { config, problem } =
    file === undefined ? { config: configSchema.parse({}), problem: undefined } : readOrLastGood(file, data)
  const flags = {
    port: overrides.http ?? set('TILLBRIDGE_HTTP'),
    httpsPort: overrides.https ?? set('TILLBRIDGE_HTTPS'),
    bind: overrides.bind ?? set('TILLBRIDGE_BIND'),
    level: overrides.log ?? set('TILLBRIDGE_LOG'),
    demo: overrides.demo ?? demoOf(set('TILLBRIDGE_DEMO')),
  }
  const http = {
    ...config.http,
    bind: flags.bind ?? config.http.bind,
    port: flags.port === undefined ? config.http.port : portOf(flags.port),
  }
  const merged = {
    ...config,
    http,
    https: { ...config.https, port: httpsPortOf(flags.httpsPort, flags.port, config) },
    log: { level: flags.level ?? config.log.level },
    demo: { enabled: flags.demo ?? config.demo.enabled },
  }
  const decided: Readonly<Record<string, unknown>> = {
    'http.bind': flags.bind,
    'http.port': flags.port,
    'https.port': flags.httpsPort ?? (flags.port === '0' ? flags.port : undefined),
    'log.level': flags.level,
    'demo.enabled': flags.demo,
  }
  const overridden = Object.keys(decided).filter((path) => decided[path] !== undefined)
  return { config: parseConfig(merged, 'command line'), data, file, problem, overridden }
}

/** The data folder of a start: everything else may be decided by a file in it. */
export function dataFolder(
  overrides: Pick<Overrides, 'data'>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return overrides.data ?? environmentOf(env, 'TILLBRIDGE_DATA') ?? 'data'
}

/** Keeps the file that this start came up with, for the day it is broken. */
export function keepLastGood(file: string | undefined, data: string): void {
  if (file !== undefined) copyFileSync(file, join(data, lastGoodName))
}

function readOrLastGood(file: string, data: string): { config: Config; problem: string | undefined } {
  try {
    return { config: readConfigFile(file), problem: undefined }
  } catch (error) {
    const lastGood = join(data, lastGoodName)
    if (!existsSync(lastGood)) throw error
    return { config: readConfigFile(lastGood), problem: `${errorText(error)} The last good one is in use.` }
  }
}

/** A variable that is set to nothing counts as not set: unit files and compose files leave such lines. */
export function environmentOf(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  return env[name] === '' ? undefined : env[name]
}

/** Whoever asks for any free port for http starts several hubs on one machine, and means https too. */
function httpsPortOf(given: string | undefined, http: string | undefined, config: Config): number {
  if (given !== undefined) return portOf(given)
  return http === '0' ? 0 : config.https.port
}

/** NaN, which the schema refuses, for what is not written as a port: an empty text would be port 0. */
const portOf = (text: string): number => (/^\d{1,5}$/.test(text) ? Number(text) : Number.NaN)

const demoOf = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : text !== '0' && text !== 'false'
