/** Care of the box: its log for reading, its configuration for changing, backups, the support bundle, the restart. */
import type { MethodName, Params, ParsedParams, Result } from '../../protocol/methods.ts'
import type { AccessStore } from '../../store/store.ts'
import { doerOf } from '../access/audit.ts'
import type { Caller, CareApi, FileToSend } from '../api.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { Backups, type BackupTools, takeUpload } from './backups.ts'
import { ConfigFile } from './config-file.ts'
import type { LogBook } from './log-book.ts'
import { isRestorePending } from './restore-steps.ts'
import { type BundleTools, bundleParts, writeBundle } from './support-bundle.ts'
import { dropWork } from './work-folder.ts'

export const careLimits = {
  /** Between the order to restart and the stop, so that whoever gave it is answered. */
  restartAfterMs: 200,
  /** Newest entries of the audit log among which the last backup is looked for. */
  auditRowsMax: 20,
} as const

/** What only the starter of the hub knows. */
export interface BoxParts {
  /** The data folder. */
  data: string
  /** The file that changes of the configuration are written to; it need not exist. */
  configFile: string
  /** Paths of the configuration that a flag or the environment decides. */
  overridden: readonly string[]
  logBook: LogBook
  /** What a start would begin with now. Throws `config_invalid`. */
  load(): Config
  /** Writes the books as they are at one moment to a new file; answers the version of their schema. */
  copyBooks(to: string): Promise<number>
  /** Answers the version of the schema of a file with books. Rejects with `store_corrupt`. */
  checkBooks(file: string): Promise<number>
  /** What the doctor finds on the box. */
  findings(): Promise<readonly object[]>
  /** Stops the hub and starts it again within the process. */
  restart(): void
}

export interface CareTools {
  config: Config
  version: string
  box: BoxParts
  clock: Clock
  log: Log
  /** Id of the hub; known when it runs. */
  hub(): string
  /** Asks the hub as a technician on the box does. */
  ask<M extends MethodName>(method: M, params: ParsedParams<M>): Promise<Result<M>>
  health(): object
  metrics(): Promise<{ body: string }>
}

export class Care implements CareApi {
  readonly name = 'care'
  readonly #tools: CareTools
  readonly #config: ConfigFile
  readonly #backups: Backups
  #cancelRestart: (() => void) | undefined
  #backedUpAt: number | undefined

  constructor(tools: CareTools) {
    this.#tools = tools
    const { box, config } = tools
    this.#config = new ConfigFile({
      file: box.configFile,
      overridden: box.overridden,
      load: () => box.load(),
      running: config,
    })
    this.#backups = new Backups(tools satisfies BackupTools)
  }

  async start(): Promise<void> {
    await dropWork(this.#tools.box.data).catch(() => {})
  }

  async stop(): Promise<void> {
    this.#cancelRestart?.()
    await this.#backups.stop()
  }

  readLog(params: ParsedParams<'log.read'>): Promise<Result<'log.read'>> {
    return this.#tools.box.logBook.read(params, this.#tools.clock)
  }

  setLogLevel(params: Params<'log.level'>): void {
    this.#tools.box.logBook.change(params, this.#tools.config.log.level)
  }

  /** Throws `config_invalid` when the file is broken. */
  config(): Result<'config.get'> {
    return this.#config.get()
  }

  /** Throws `config_invalid`, `config_fixed`, `store_unavailable`. */
  async changeConfig(changes: Params<'config.set'>['changes']): Promise<Result<'config.set'>> {
    await this.#config.change(changes)
    if (changes.some(({ path }) => path === 'log.level')) {
      const { level } = this.#tools.box.load().log
      this.#tools.box.logBook.change({ level }, level)
      this.#config.applied('log.level', level)
    }
    return this.#config.get()
  }

  /** Throws `config_invalid` when the hub could not start with what the file says. */
  restart(): void {
    // A backup that waits brings a configuration that was checked, in place of one that may be broken.
    if (!isRestorePending(this.#tools.box.data)) this.config()
    this.#restartSoon()
  }

  async backup(passphrase: string): Promise<FileToSend> {
    const file = await this.#backups.make(passphrase)
    this.#backedUpAt = this.#tools.clock.now()
    return file
  }

  /** When a backup was made last, as far as is known, in ms since 1970. */
  get backedUpAt(): number | undefined {
    return this.#backedUpAt
  }

  /** What the audit log tells of it. */
  async recallBackup(access: Pick<AccessStore, 'audit'>): Promise<void> {
    const acts = await access.audit({ text: 'backup', limit: careLimits.auditRowsMax }).catch(() => [])
    const at = acts.find(({ act, result }) => act === 'backup' && result === 'done')?.at
    this.#backedUpAt ??= at
  }

  upload(source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<FileToSend> {
    return takeUpload(this.#tools.box.data, source, bytesMax)
  }

  async restore(file: string, passphrase: string, by: Caller): Promise<void> {
    await this.#backups.receive(file, passphrase, doerOf(by))
    this.#restartSoon()
  }

  supportBundle(): Promise<FileToSend> {
    const { box } = this.#tools
    const tools: BundleTools = { ...this.#tools, logLines: () => box.logBook.tail() }
    return writeBundle(bundleParts(tools), tools)
  }

  #restartSoon(): void {
    const { box, clock } = this.#tools
    this.#cancelRestart ??= clock.after(careLimits.restartAfterMs, () => box.restart())
  }
}
