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
    async secret() {
      const secret =
        secretFile === undefined
          ? process.env[secretEnv ?? '']
          : (await readFile(secretFile, 'utf8')).trimEnd()
      if (secret !== undefined && secret !== '') return secret
      const reason = `the secret of ${entry.name} is empty`
      throw new HubError('config_invalid', {
        file: secretFile ?? `$${secretEnv}`,
        path: 'till.upstreams',
        reason,
      })
    },
  }
}
