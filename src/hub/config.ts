/** The configuration: one schema gives the type, the defaults and the checks. Flags beat environment beats file. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseToml, TomlError } from 'smol-toml'
import { z } from 'zod'
import { deviceAddSchema, deviceClassSchema, deviceIdSchema } from '../protocol/device.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import { issueError } from '../protocol/messages.ts'
import { scanningSchema } from './devices/scan-rules.ts'
import { logLevels } from './log.ts'

const tcpPortSchema = z.int().min(0).max(65_535)

export const configSchema = z.strictObject({
  hub: z
    .strictObject({
      /** Shown on the console and to tills. */
      name: z.string().trim().min(1).max(80).default('Tillbridge'),
    })
    .prefault({}),
  http: z
    .strictObject({
      /** Address to listen on. `0.0.0.0` serves the LAN; the default serves this machine only. */
      bind: z.string().min(1).max(100).default('127.0.0.1'),
      /** 0 picks a free port; the `ready` line tells which. */
      port: tcpPortSchema.default(8080),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(logLevels).default('info') }).prefault({}),
  demo: z
    .strictObject({
      /** Adds a simulated printer, scale and scanner. */
      enabled: z.boolean().default(false),
    })
    .prefault({}),
  discovery: z
    .strictObject({
      serial: z.boolean().default(true),
      usb: z.boolean().default(true),
      hid: z.boolean().default(true),
      mdns: z.boolean().default(true),
      /** Classes whose devices are accepted without a technician once it is certain what they are. */
      autoAccept: z.array(deviceClassSchema).default([]),
    })
    .prefault({}),
  jobs: z
    .strictObject({
      /** How long a print may wait when the till names no expiry. */
      printExpiryMs: z.int().min(1_000).max(604_800_000).default(3_600_000),
      /** The same for drawer, zero and tare: they are wanted now or never. */
      instantExpiryMs: z.int().min(500).max(60_000).default(5_000),
      /** How long a printer has to be unable before its waiting jobs move to its backup. */
      backupAfterMs: z.int().min(0).max(3_600_000).default(3_000),
    })
    .prefault({}),
  /** What codes with a weight or a price inside stand for: docs/scanning.md. */
  scanning: scanningSchema.prefault({}),
  devices: z
    .array(
      deviceAddSchema.extend({
        id: deviceIdSchema.optional(),
        /** Id of the printer that takes over when this one cannot print. */
        backup: deviceIdSchema.optional(),
      }),
    )
    .max(200)
    .default([]),
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
  const data = overrides.data ?? set('TILLBRIDGE_DATA') ?? 'data'
  const named = overrides.config ?? set('TILLBRIDGE_CONFIG')
  const inData = join(data, 'tillbridge.toml')
  const file = named ?? (existsSync(inData) ? inData : undefined)
  const { config, problem } =
    file === undefined ? { config: configSchema.parse({}), problem: undefined } : readOrLastGood(file, data)
  const flags = {
    port: overrides.http ?? set('TILLBRIDGE_HTTP'),
    bind: overrides.bind ?? set('TILLBRIDGE_BIND'),
    level: overrides.log ?? set('TILLBRIDGE_LOG'),
    demo: overrides.demo ?? demoOf(set('TILLBRIDGE_DEMO')),
  }
  const merged = {
    ...config,
    http: {
      bind: flags.bind ?? config.http.bind,
      port: flags.port === undefined ? config.http.port : portOf(flags.port),
    },
    log: { level: flags.level ?? config.log.level },
    demo: { enabled: flags.demo ?? config.demo.enabled },
  }
  return { config: parseConfig(merged, 'command line'), data, file, problem }
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

/** NaN, which the schema refuses, for what is not written as a port: an empty text would be port 0. */
const portOf = (text: string): number => (/^\d{1,5}$/.test(text) ? Number(text) : Number.NaN)

const demoOf = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : text !== '0' && text !== 'false'
