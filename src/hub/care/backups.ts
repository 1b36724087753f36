/** Backups of the whole box: one encrypted file with everything that a new box needs to take the place of this one. */
import { createWriteStream, existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Worker } from 'node:worker_threads'
import { errorText, HubError } from '../../protocol/errors.ts'
import type { Doer } from '../access/audit.ts'
import type { FileToSend } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'
import { readConfigFile } from '../config.ts'
import { syncFolder } from '../sync-folder.ts'
import { isBackedUp, type Manifest, type PackOrder } from './pack.ts'
import type { PackAnswer } from './pack-worker.ts'
import { writeRestoreNote } from './restore-note.ts'
import { giveToOwner, pendingFolder, readyMarker, restoredFolders } from './restore-steps.ts'
import { checkPassphrase } from './seal.ts'
import { tarName } from './tar.ts'
import { makeFile, nameTime, onDisk, workFolder } from './work-folder.ts'

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
  readonly #stopping = new AbortController()

  constructor(tools: BackupTools) {
    this.#tools = tools
  }

  /** Throws `params_invalid`, `store_unavailable`, `stopping`. */
  make(passphrase: string): Promise<FileToSend> {
    checkPassphrase(passphrase)
    return this.#inTurn((signal) => makeBackup(this.#tools, passphrase, signal))
  }

  /**
   * Checks a backup and lays it ready for the next start, which is to follow: nothing else is taken from then on. Throws
   * `backup_invalid`, `backup_passphrase`, `store_unavailable`, `stopping`.
   */
  receive(file: string, passphrase: string, by: Doer): Promise<Manifest> {
    return this.#inTurn(async (signal) => {
      const manifest = await receiveBackup(this.#tools, file, passphrase, by, signal)
      // Another one would throw away what somebody was told is as good as in place.
      this.#stopping.abort()
      return manifest
    })
  }

  /** Breaks off what is being made. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#working
  }

  #inTurn<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#waiting >= backupLimits.waitingMax) return Promise.reject(new HubError('rate_limited'))
    this.#waiting++
    const { signal } = this.#stopping
    const turn = this.#working.then(() => work(signal)).finally(() => this.#waiting--)
    this.#working = turn.catch(() => {})
    return turn
  }
}

export async function makeBackup(
  tools: BackupTools,
  passphrase: string,
  signal?: AbortSignal,
): Promise<FileToSend> {
  checkPassphrase(passphrase)
  const { box, clock, config, version } = tools
  goOn(signal)
  return makeFile(box.data, async (work) => {
    const folder = join(work, 'box')
    await mkdir(folder, { mode: 0o700 })
    const schema = await box.copyBooks(join(folder, 'books.db'))
    const names = ['books.db', ...(await copyRest(box, folder))]
    const at = isoTime(clock.now())
    const name = backupName(config.hub.name, at)
    const path = join(work, name)
    const about = { version, hub: tools.hub(), name: config.hub.name, at, schema }
    await inThread({ folder, names, about, passphrase, to: path }, signal)
    await rm(folder, { recursive: true })
    return { path, name }
  })
}

/** Nothing of the box is touched; a start after this puts it in place. Until all of it is there it lies in a folder for work. */
export async function receiveBackup(
  { box, clock }: Pick<BackupTools, 'box' | 'clock'>,
  file: string,
  passphrase: string,
  by: Doer,
  signal?: AbortSignal,
): Promise<Manifest> {
  return onDisk(async () => {
    goOn(signal)
    const work = await mkdtemp(join(box.data, workFolder))
    try {
      const folder = join(work, 'box')
      await mkdir(folder, { mode: 0o700 })
      const manifest = await inThread({ file, passphrase, to: folder }, signal)
      await checkReceived(box, folder)
      const aside = asideName(box.data, clock.now())
      await writeRestoreNote(folder, by, manifest, aside)
      await writeFile(join(folder, readyMarker), `${aside}\n`, { mode: 0o600, flush: true })
      await finishTree(folder, box.data)
      goOn(signal)
      const pending = join(box.data, pendingFolder)
      // One that waits already ends with its marker: half of it must never count as ready.
      await rm(join(pending, readyMarker), { force: true })
      await syncFolder(box.data)
      await rm(pending, { recursive: true, force: true })
      await rename(folder, pending)
      await syncFolder(box.data)
      return manifest
    } finally {
      await rm(work, { recursive: true, force: true }).catch(() => {})
    }
  })
}

/** A box without a clock of its own may live through the same second twice. */
function asideName(data: string, now: number): string {
  const name = `before-restore-${isoTime(now).replace(/\D/g, '').slice(0, 14)}`
  let free = name
  for (let number = 2; existsSync(join(data, free)); number++) free = `${name}-${number}`
  return free
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
  // Without it a box that takes this one's place would seal its ledger with another key.
  if (existsSync(join(data, 'ledger.key'))) {
    await copyFile(join(data, 'ledger.key'), join(folder, 'ledger.key'))
    names.push('ledger.key')
  }
  for (const top of restoredFolders) {
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
  return ['tillbridge', word, nameTime(at)]
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
  return makeFile(data, async (work) => {
    const name = 'upload.tbk'
    const path = join(work, name)
    const bounded = async function* () {
      let bytes = 0
      for await (const piece of source) {
        bytes += piece.length
        if (bytes > bytesMax) throw new HubError('message_too_large', { bytesMax })
        yield piece
      }
    }
    await pipeline(bounded, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    return { path, name }
  })
}

/** To its owner, and onto the disk. */
async function finishTree(folder: string, data: string): Promise<void> {
  await giveToOwner(folder, data)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await finishTree(path, data)
    else await giveToOwner(path, data)
  }
  await syncFolder(folder)
}

function goOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new HubError('stopping')
}

function inThread(order: PackOrder, signal: AbortSignal | undefined): Promise<Manifest> {
  goOn(signal)
  const worker = new Worker(new URL('./pack-worker.ts', import.meta.url), {
    name: 'backup',
    workerData: order,
  })
  const end = () => void worker.terminate()
  signal?.addEventListener('abort', end)
  return new Promise((resolve, reject) => {
    const failed = (reason: string) =>
      reject(
        signal?.aborted === true ? new HubError('stopping') : new HubError('store_unavailable', { reason }),
      )
    worker.once('message', (answer: PackAnswer) =>
      'manifest' in answer ? resolve(answer.manifest) : reject(HubError.fromRecord(answer.failed)),
    )
    worker.once('error', (error) => failed(errorText(error)))
    worker.once('exit', () => {
      signal?.removeEventListener('abort', end)
      failed('the packing thread has ended')
    })
  })
}
