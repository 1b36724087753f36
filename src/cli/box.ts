/** What the commands know of the box they run on: the data folder, its store, and the hub that runs on it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { Audit } from '../hub/access/audit.ts'
import { Codes } from '../hub/access/codes.ts'
import { SetUp } from '../hub/access/set-up.ts'
import { Tokens } from '../hub/access/tokens.ts'
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
/** A token this young may be that of a command that begins in this moment too. */
const newTokenMs = 60_000
/** What lists and the audit log call it. */
export const commandLine = 'command line of this box'

export function dataOf(options: Readonly<Record<string, unknown>>): string {
  const given = options.data
  return typeof given === 'string' ? given : (environmentOf(process.env, 'TILLBRIDGE_DATA') ?? 'data')
}

/** The store of a data folder, opened beside a hub that may be running on it. */
export async function openBooks(data: string): Promise<Store> {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  return openStore({ dir: data, inline: true })
}

/** Who may in, for whoever owns the box: beside a hub that may be running on it. */
export interface AtTheBox {
  store: Store
  tokens: Tokens
  codes: Codes
  setUp: SetUp
  /** Runs an act under the name of the command line. */
  audit<T>(act: string, detail: Readonly<Record<string, unknown>>, work: () => Promise<T>): Promise<T>
}

export async function atTheBox<T>(data: string, use: (box: AtTheBox) => Promise<T>): Promise<T> {
  const store = await openBooks(data)
  try {
    const tools = { store, clock: systemClock, newId }
    const log = new Audit(tools)
    const doer = { who: commandLine, role: null, from: null }
    return await use({
      store,
      tokens: new Tokens(tools),
      codes: new Codes(tools),
      setUp: new SetUp(store),
      audit: (act, detail, work) => log.act(act, doer, detail, work),
    })
  } finally {
    await store.close()
  }
}

/** A client of the running hub with an owner's token: whoever can read the data folder owns the box. */
export async function connectToHub(data: string): Promise<HubClient> {
  const url = runningUrl(data)
  if (url === undefined) throw new HubError('hub_not_running', { data })
  const token = readToken(data)
  try {
    const client = await online(url, token ?? (await makeToken(data)))
    if (client.hub?.role === 'owner') return client
    // Made by a version that knew no owners.
    client.close()
    return await online(url, await makeToken(data))
  } catch (error) {
    const code = error instanceof HubError ? error.code : undefined
    // The token of the commands was taken back.
    if (code === 'unauthorized' && token !== undefined) return online(url, await makeToken(data))
    // A hub that was killed leaves its run.json, and its process number may be another program's by now.
    if (code === 'connection_lost') throw new HubError('hub_not_running', { data }, error)
    throw error
  }
}

/** undefined without a hub, also where one was killed and another process has its number now. */
export async function clientIfRunning(data: string): Promise<HubClient | undefined> {
  try {
    return await connectToHub(data)
  } catch (error) {
    if (error instanceof HubError && error.code === 'hub_not_running') return undefined
    throw error
  }
}

async function online(url: string, token: string): Promise<HubClient> {
  const client = createClient({ url, token, client: commandLine, WebSocket: WebSocket as never })
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

/** The one token that is an owner's; those before it go. It never leaves the data folder, which is worth as much. */
function makeToken(data: string): Promise<string> {
  return atTheBox(data, async ({ audit, store, tokens }) => {
    const client = { name: commandLine, role: 'owner' } as const
    const old = systemClock.now() - newTokenMs
    const before = (await store.access.tokens()).filter((row) => row.role === 'owner' && row.createdAt < old)
    const token = await audit('pair', client, () => tokens.issue(client))
    for (const { id } of before) await tokens.revoke(id)
    writeFileSync(join(data, tokenFileName), `${token}\n`, { mode: 0o600 })
    return token
  })
}
