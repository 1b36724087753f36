/** `tillbridge support-bundle`: what a helper needs to know of the box, from the running hub or from what lies in its folder. */
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BundleParts, bundleLimits, bundleParts, writeBundle } from '../hub/care/support-bundle.ts'
import { systemClock } from '../hub/clock.ts'
import { readConfigFile } from '../hub/config.ts'
import type { HubClient } from '../protocol/client.ts'
import { HubError } from '../protocol/errors.ts'
import type { Store } from '../store/store.ts'
import { askDoctor } from './ask-doctor.ts'
import { atTheBox, clientIfRunning, dataOf } from './box.ts'
import { type Command, exitCodes } from './run.ts'
import { runningUrl } from './run-file.ts'
import { version } from './version.ts'

const healthMsMax = 5_000

export const supportBundle: Command = {
  summary: 'Collect what a helper needs to know, without secrets and sales',
  usage: '[--out FILE]',
  options: {
    out: { type: 'string', help: 'file to write (default tillbridge-support-DATE.tar.gz here)' },
    config: { type: 'string', help: 'configuration file of the hub (default DATA/tillbridge.toml)' },
  },
  async run({ options, print }) {
    const data = dataOf(options)
    const out = typeof options.out === 'string' ? options.out : undefined
    if (out !== undefined && existsSync(out))
      throw new HubError('params_invalid', { path: '--out', reason: `${out} is there already` })
    const client = await clientIfRunning(data)
    try {
      const config = typeof options.config === 'string' ? options.config : undefined
      const folder = out === undefined ? '.' : dirname(out)
      const made = await writeBundle(partsOf(data, config, client), {
        box: { data: folder },
        clock: systemClock,
      })
      const file = out ?? made.name
      await rename(made.path, file)
      made.done()
      print({ file, running: client !== undefined }, `${file}: read it before you send it on`)
    } finally {
      client?.close()
    }
    return exitCodes.ok
  },
}

function partsOf(data: string, config: string | undefined, client: HubClient | undefined): BundleParts {
  const url = runningUrl(data)
  const ask = async (path: string) => {
    if (url === undefined) throw new HubError('hub_not_running', { data })
    return fetch(new URL(path, url), { signal: AbortSignal.timeout(healthMsMax) })
  }
  const parts = bundleParts({
    box: { data, findings: () => askDoctor(data, config) },
    version: version(),
    clock: systemClock,
    hub: () => '',
    ask: (method, params) =>
      client === undefined
        ? Promise.reject(new HubError('hub_not_running', { data }))
        : (client.call as (method: string, params: unknown) => Promise<never>)(method, params),
    health: async () => (await ask('/api/v1/health')).json() as Promise<object>,
    metrics: async () => ({ body: await (await ask('/metrics')).text() }),
    logLines: async () => (client === undefined ? [] : (await client.call('log.read', {})).lines),
  })
  return client === undefined ? { ...parts, ...partsAtRest(data, config) } : parts
}

/** Without a hub: what the files say. */
function partsAtRest(data: string, config: string | undefined): BundleParts {
  const books = <T>(read: (store: Store) => Promise<T>) => atTheBox(data, ({ store }) => read(store))
  return {
    'config.json': () => {
      const file = config ?? join(data, 'tillbridge.toml')
      return existsSync(file) ? readConfigFile(file) : {}
    },
    'devices.json': () => books((store) => store.devices.all()),
    'jobs.json': () => books((store) => store.jobs.list({ limit: bundleLimits.jobs })),
    'audit.json': () => books((store) => store.access.audit({ limit: bundleLimits.auditEntries })),
  }
}
