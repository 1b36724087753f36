/** From the configuration of upstreams to what the till is handed: files and variables become ways to what is in them. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { HubError } from '../protocol/errors.ts'
import type { UpstreamSettings } from '../till/till.ts'
import type { Config } from './config.ts'

type Entry = Config['till']['upstreams'][number]

/** Throws what the file of a root throws when it cannot be read. */
export const upstreamSettings = (entries: readonly Entry[]): UpstreamSettings[] => entries.map(settingsOf)

function settingsOf({ ca, readBackUrl, secretEnv, secretFile, ...entry }: Entry): UpstreamSettings {
  return {
    ...entry,
    ...(readBackUrl !== undefined && { readBackUrl }),
    ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }),
    secret: () => readSecret({ file: secretFile, env: secretEnv, path: 'till.upstreams', of: entry.name }),
  }
}

interface SecretPlace {
  file: string | undefined
  env: string | undefined
  /** Of the configuration, and whose it is, for people. */
  path: string
  of: string
}

/** Throws `config_invalid` for one that is empty, and what the file throws. */
export async function readSecret({ env, file, of, path }: SecretPlace): Promise<string> {
  const secret = file === undefined ? process.env[env ?? ''] : (await readFile(file, 'utf8')).trimEnd()
  if (secret !== undefined && secret !== '') return secret
  throw new HubError('config_invalid', {
    file: file ?? `$${env}`,
    path,
    reason: `the secret of ${of} is empty`,
  })
}
