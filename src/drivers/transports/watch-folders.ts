/** Keeps a list of ports true by watching the folders whose entries come and go with them. */
import { type FSWatcher, watch } from 'node:fs'
import { errorText } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'

/** udev makes its links a moment after the kernel made the node; a scan waits for quiet. */
export const quietMs = 300
/** Where it is never quiet (a plug that wiggles), a scan comes so long after the first change all the same. */
export const scanMsMax = 1_000
/** How often ports are looked for on a system that cannot tell of changes. */
export const fallbackScanMs = 10_000

export interface WatchedFolder {
  path: string
  /** It is always there and nothing is seen without it; when it cannot be watched, `trouble` says so. Others may be absent. */
  required?: boolean
  /** Whether an entry of that name matters; absent: every one does. */
  matters?: (name: string) => boolean
}

export interface WatchedListOptions<T> {
  clock: TransportClock
  /** The folders to watch, asked before each scan: folders come and go with the first and the last port. */
  folders: () => readonly WatchedFolder[] | Promise<readonly WatchedFolder[]>
  /** The complete list now, always in the same order. Never rejects. */
  list: () => Promise<readonly T[]>
  /** Looks once more this long after a change, for facts that appear after the node and make no noise. */
  secondLookMs?: number
}

/**
 * Scans at the start and when entries appear or vanish in the folders, and tells the complete list when it is another one.
 * What is written into a node is no change of the list and wakes nobody.
 */
export class WatchedList<T> {
  readonly #options: WatchedListOptions<T>
  readonly #watchers = new Map<string, { watcher: FSWatcher; required: boolean }>()
  #cancelScan: (() => void) | undefined
  #cancelLatest: (() => void) | undefined
  #cancelSecondLook: (() => void) | undefined
  #onChange: ((list: readonly T[]) => void) | undefined
  #told: string | undefined
  #scanning: Promise<void> = Promise.resolve()
  #trouble: string | undefined
  /** Why the last scan came to nothing. */
  #failure: string | undefined

  constructor(options: WatchedListOptions<T>) {
    this.#options = options
  }

  /** Why changes are found late, by looking every `fallbackScanMs`; undefined when the system tells of them. */
  get trouble(): string | undefined {
    return this.#trouble ?? this.#failure
  }

  /** Calls `onChange` with the complete list: once at the start, then at each change. Never throws. */
  async start(onChange: (list: readonly T[]) => void): Promise<void> {
    this.#onChange = onChange
    this.#trouble = undefined
    await this.#scan()
  }

  /** Nothing is told after it was called; safe twice and during `start`. */
  async stop(): Promise<void> {
    this.#onChange = undefined
    this.#told = undefined
    this.#cancelScan?.()
    this.#forgetLatest()
    this.#cancelSecondLook?.()
    for (const { watcher } of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
    await this.#scanning
  }

  #watch({ path, required = false, matters }: WatchedFolder): void {
    if (this.#watchers.has(path) || (required && this.#trouble !== undefined)) return
    const lost = (error: unknown) => {
      this.#watchers.get(path)?.watcher.close()
      this.#watchers.delete(path)
      if (!required) return
      this.#trouble = `${path} cannot be watched: ${errorText(error)}`
      this.#scanSoon(fallbackScanMs)
    }
    try {
      const watcher = watch(path, { persistent: false }, (event, name) => {
        // 'change' is somebody writing to a port: it would put the scan off for as long as there is traffic.
        if (event !== 'rename' || (name !== null && matters?.(name) === false)) return
        this.#scanSoon(quietMs)
        this.#scanAtLast()
        this.#lookAgain()
      })
      watcher.on('error', lost)
      this.#watchers.set(path, { watcher, required })
    } catch (error) {
      lost(error)
    }
  }

  #scanSoon(ms: number): void {
    if (this.#onChange === undefined) return
    this.#cancelScan?.()
    this.#cancelScan = this.#options.clock.after(ms, () => void this.#scan())
  }

  #scanAtLast(): void {
    if (this.#onChange === undefined) return
    this.#cancelLatest ??= this.#options.clock.after(scanMsMax, () => void this.#scan())
  }

  #forgetLatest(): void {
    this.#cancelLatest?.()
    this.#cancelLatest = undefined
  }

  #lookAgain(): void {
    if (this.#onChange === undefined || this.#options.secondLookMs === undefined) return
    this.#cancelSecondLook?.()
    this.#cancelSecondLook = this.#options.clock.after(this.#options.secondLookMs, () => void this.#scan())
  }

  #scan(): Promise<void> {
    this.#forgetLatest()
    const scan = this.#scanning
      .then(() => this.#scanNow())
      .then(
        () => {
          this.#failure = undefined
        },
        (error: unknown) => {
          // Nobody waits for a scan: an error that got out would end the process, and the looking with it.
          this.#failure = `looking for ports failed: ${errorText(error)}`
          this.#told = undefined
          this.#scanSoon(fallbackScanMs)
        },
      )
    this.#scanning = scan
    return scan
  }

  async #scanNow(): Promise<void> {
    if (this.#onChange === undefined) return
    // Watching comes first: what changes after the list was read is told.
    this.#unwatchOptional()
    const folders = await this.#options.folders()
    if (this.#onChange === undefined) return
    for (const folder of folders) this.#watch(folder)
    const list = await this.#options.list()
    if (this.#onChange === undefined) return
    if (this.#trouble !== undefined) this.#scanSoon(fallbackScanMs)
    const text = JSON.stringify(list)
    if (text === this.#told) return
    this.#told = text
    this.#onChange(list)
  }

  /** A watcher of a folder that was deleted stays silent for ever, also when the folder is made again. */
  #unwatchOptional(): void {
    for (const [path, { watcher, required }] of this.#watchers) {
      if (required) continue
      watcher.close()
      this.#watchers.delete(path)
    }
  }
}
