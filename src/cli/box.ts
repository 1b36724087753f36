/** What the commands know of the box they run on: the data folder, its store, and the hub that runs on it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { Access } from '../hub/access/access.ts'
import { systemClock } from '../hub/clock.ts'
import { environmentOf } from '../hub/config.ts'
import { newId } from '../hub/ids.ts'
import { createClient, type HubClient } from '../protocol/client.ts'
import { HubError } from '../protocol/errors.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { runningUrl } from './run-file.ts'

const tokenFileName = 'cli.token'
const connectMsMax = 5_000

export function dataOf(options: Readonly<Record<string, string | boolean | undefined>>): string {
  const given = options.data
  return typeof given === 'string' ? given : (environmentOf(process.env, 'TILLBRIDGE_DATA') ?? 'data')
}

/** The store of a data folder, opened beside a hub that may be running on it. */
export async function openBooks(data: string): Promise<Store> {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  return openStore({ dir: data, inline: true })
}

/** A client of the running hub with a technician's token: whoever can read the data folder owns the box. */
export async function connectToHub(data: string): Promise<HubClient> {
  const url = runningUrl(data)
  if (url === undefined) throw new HubError('hub_not_running', { data })
  const token = readToken(data)
  try {
    return await online(url, token ?? (await makeToken(data)))
  } catch (error) {
    const code = error instanceof HubError ? error.code : undefined
    // The token of the commands was taken back.
    if (code === 'unauthorized' && token !== undefined) return online(url, await makeToken(data))
    // A hub that was killed leaves its run.json, and its process number may be another program's by now.
    if (code === 'connection_lost') throw new HubError('hub_not_running', { data }, error)
    throw error
  }
}

async function online(url: string, token: string): Promise<HubClient> {
  const client = createClient({ url, token, client: 'command line', WebSocket: WebSocket as never })
  client.connect()
  const cancel = systemClock.after(connectMsMax, () => client.close())
  try {
    await client.whenOnline()
    return client
  } catch (error) {
    client.close()
    throw error
  } finally {
    cancel()
  }
}

function readToken(data: string): string | undefined {
  try {
    // A full disk may have left it empty.
    return readFileSync(join(data, tokenFileName), 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

async function makeToken(data: string): Promise<string> {
  const store = await openBooks(data)
  try {
    const token = await new Access({ store, clock: systemClock, newId }).issue('command line', 'technician')
    writeFileSync(join(data, tokenFileName), `${token}\n`, { mode: 0o600 })
    return token
  } finally {
    await store.close()
  }
}
