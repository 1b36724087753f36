/** Backups of the whole box: one encrypted file with everything that a new box needs to take the place of this one. */
import { createWriteStream, existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Worker } from 'node:worker_threads'
import { errorText, HubError } from '../../protocol/errors.ts'
import type { FileToSend } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'
import { readConfigFile } from '../config.ts'
import { isBackedUp, type Manifest, type PackOrder } from './pack.ts'
import type { PackAnswer } from './pack-worker.ts'
import { pendingFolder, readyMarker, syncFolder } from './restore-steps.ts'
import { checkPassphrase } from './seal.ts'
import { tarName } from './tar.ts'

/** Beginning of the names of folders for work in progress; what an earlier run left of them is thrown away. */
export const workFolder = 'work-'

export const backupLimits = {
  /** Backups and restores that are made or wait; one is made at a time. */
  waitingMax: 3,
} as const

export interface BackupBox {
  data: string
  configFile: string
  copyBooks(to: string): Promise<number>
  checkBooks(file: string): Promise<number>
}

export interface BackupTools {
  box: BackupBox
  version: string
  clock: Pick<Clock, 'now'>
  hub(): string
  /** Name of the shop. */
  config: { hub: { name: string } }
}

/** One at a time: two would each want the room of the whole box on the disk. */
export class Backups {
  readonly #tools: BackupTools
  #working: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(tools: BackupTools) {
    this.#tools = tools
  }

  /** Throws `params_invalid`, `store_unavailable`. */
  make(passphrase: string): Promise<FileToSend> {
    checkPassphrase(passphrase)
    return this.#inTurn(() => makeBackup(this.#tools, passphrase))
  }

  /** Checks a backup and lays it ready for the next start. Throws `backup_invalid`, `backup_passphrase`, `store_unavailable`. */
  receive(file: string, passphrase: string): Promise<Manifest> {
    return this.#inTurn(() => receiveBackup(this.#tools, file, passphrase))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= backupLimits.waitingMax) return Promise.reject(new HubError('rate_limited'))
    this.#waiting++
    const turn = this.#working.then(work).finally(() => this.#waiting--)
    this.#working = turn.catch(() => {})
    return turn
  }
}

/** The file is in a folder of its own, which `done` throws away. */
export async function makeBackup(tools: BackupTools, passphrase: string): Promise<FileToSend> {
  checkPassphrase(passphrase)
  const { box, clock, config, version } = tools
  return onDisk(async () => {
    const work = await mkdtemp(join(box.data, workFolder))
    const done = () => void rm(work, { recursive: true, force: true }).catch(() => {})
    try {
      const folder = join(work, 'box')
      await mkdir(folder, { mode: 0o700 })
      const schema = await box.copyBooks(join(folder, 'books.db'))
      const names = ['books.db', ...(await copyRest(box, folder))]
      const at = isoTime(clock.now())
      const name = backupName(config.hub.name, at)
      const path = join(work, name)
      const about = { version, hub: tools.hub(), name: config.hub.name, at, schema }
      await inThread({ folder, names, about, passphrase, to: path })
      await rm(folder, { recursive: true })
      return { path, name, done }
    } catch (error) {
      done()
      throw error
    }
  })
}

/** Nothing of the box is touched; a start after this puts it in place. */
export async function receiveBackup(
  { box, clock }: Pick<BackupTools, 'box' | 'clock'>,
  file: string,
  passphrase: string,
): Promise<Manifest> {
  return onDisk(async () => {
    const pending = join(box.data, pendingFolder)
    await rm(pending, { recursive: true, force: true })
    await mkdir(pending, { mode: 0o700 })
    try {
      const manifest = await inThread({ file, passphrase, to: pending })
      await checkReceived(box, pending)
      await syncTree(pending)
      const at = isoTime(clock.now()).replace(/\D/g, '').slice(0, 14)
      const unfinished = join(pending, `${readyMarker}.new`)
      await writeFile(unfinished, `before-restore-${at}\n`, { mode: 0o600, flush: true })
      await rename(unfinished, join(pending, readyMarker))
      await syncFolder(pending)
      await syncFolder(box.data)
      return manifest
    } catch (error) {
      await rm(pending, { recursive: true, force: true })
      throw error
    }
  })
}

/** Books that this version can read, and a configuration that it can start with. */
async function checkReceived(box: BackupBox, pending: string): Promise<void> {
  const books = join(pending, 'books.db')
  try {
    await box.checkBooks(books)
    for (const side of ['-wal', '-shm']) await rm(`${books}${side}`, { force: true })
    const config = join(pending, 'tillbridge.toml')
    if (existsSync(config)) readConfigFile(config)
  } catch (error) {
    if (!(error instanceof HubError) || error.code === 'store_unavailable') throw error
    const { path, reason } = error.context
    const part = error.code === 'config_invalid' ? `its configuration: ${String(path)}: ` : 'its books: '
    throw new HubError('backup_invalid', { reason: `${part}${String(reason)}` }, error)
  }
}

/** Configuration, keys and pictures. Answers their names in the archive. */
async function copyRest({ data, configFile }: BackupBox, folder: string): Promise<string[]> {
  const names: string[] = []
  if (existsSync(configFile)) {
    await copyFile(configFile, join(folder, 'tillbridge.toml'))
    names.push('tillbridge.toml')
  }
  for (const top of ['tls', 'display']) {
    if (!existsSync(join(data, top))) continue
    for (const entry of await readdir(join(data, top), { recursive: true, withFileTypes: true })) {
      const name = relative(data, join(entry.parentPath, entry.name))
      // A name that no archive holds is left out: a picture of such a name is no reason to have no backup.
      if (!entry.isFile() || !isBackedUp(name) || tarName(name) === undefined) continue
      await mkdir(dirname(join(folder, name)), { recursive: true, mode: 0o700 })
      await copyFile(join(data, name), join(folder, name))
      names.push(name)
    }
  }
  return names
}

/** `tillbridge-corner-shop-2026-11-23-1911.tbk` */
function backupName(shop: string, at: string): string {
  const word = shop
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  const date = at.slice(0, 16).replace('T', '-').replace(':', '')
  return ['tillbridge', word, date]
    .filter((part) => part !== '')
    .join('-')
    .concat('.tbk')
}

/** Writes what comes in to a file in a folder of its own. */
export function takeUpload(
  data: string,
  source: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<FileToSend> {
  return onDisk(async () => {
    const work = await mkdtemp(join(data, workFolder))
    const done = () => void rm(work, { recursive: true, force: true }).catch(() => {})
    const path = join(work, 'upload.tbk')
    const bounded = async function* () {
      let bytes = 0
      for await (const piece of source) {
        bytes += piece.length
        if (bytes > bytesMax) throw new HubError('message_too_large', { bytesMax })
        yield piece
      }
    }
    try {
      await pipeline(bounded, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
      return { path, name: 'upload.tbk', done }
    } catch (error) {
      done()
      throw error
    }
  })
}

/** What an earlier run left half-made: with it go copies of the books. */
export async function dropWork(data: string): Promise<void> {
  for (const name of await readdir(data))
    if (name.startsWith(workFolder)) await rm(join(data, name), { recursive: true, force: true })
}

async function syncTree(folder: string): Promise<void> {
  await syncFolder(folder)
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await syncTree(join(folder, entry.name))
}

/** What the disk refuses is the disk's error, not ours. */
async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HubError) throw error
    throw new HubError('store_unavailable', { reason: errorText(error) }, error)
  }
}

function inThread(order: PackOrder): Promise<Manifest> {
  const worker = new Worker(new URL('./pack-worker.ts', import.meta.url), {
    name: 'backup',
    workerData: order,
  })
  return new Promise((resolve, reject) => {
    const failed = (reason: string) => reject(new HubError('store_unavailable', { reason }))
    worker.once('message', (answer: PackAnswer) =>
      'manifest' in answer ? resolve(answer.manifest) : reject(HubError.fromRecord(answer.failed)),
    )
    worker.once('error', (error) => failed(errorText(error)))
    worker.once('exit', () => failed('the packing thread has ended'))
  })
}
