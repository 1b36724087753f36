/** Tells when the addresses of the box may have changed: by `ip monitor`, and by looking now and then without it. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

export const addressWatchLimits = {
  /** Changes come in bursts: a new lease takes an address away and gives another. */
  settleMs: 1_000,
  /** How often is looked where `ip` is missing. */
  lookMs: 30_000,
  /** `ip` is started again after so long when it ended, and each time twice as long up to the second figure. */
  restartMs: 1_000,
  restartMsMax: 60_000,
} as const

/** What `setpriv` ends with when it finds no `ip`, as shells do. */
const noSuchProgram = 127

export interface AddressWatchTools {
  clock: Clock
  log: Log
  changed: () => void
  /** The program that tells; for tests. */
  program?: string
  /** The program that ends it with the hub; for tests. */
  keeper?: string
}

export class AddressWatch {
  readonly #tools: AddressWatchTools
  #child: ChildProcess | undefined
  #cancelSettling: (() => void) | undefined
  #cancelNext: (() => void) | undefined
  #restartMs: number = addressWatchLimits.restartMs
  #running = false

  constructor(tools: AddressWatchTools) {
    this.#tools = tools
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#follow()
  }

  stop(): void {
    this.#running = false
    this.#cancelSettling?.()
    this.#cancelSettling = undefined
    this.#cancelNext?.()
    this.#cancelNext = undefined
    this.#child?.kill()
    this.#child = undefined
  }

  /** `setpriv` becomes `ip`, which the kernel then ends with the hub, also when that is killed. */
  #follow(): void {
    const { program = 'ip', keeper = 'setpriv' } = this.#tools
    const child = spawn(keeper, ['--pdeathsig', 'KILL', program, '-o', 'monitor', 'address'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#child = child
    // The hub ends when it wants to, not when `ip` does.
    child.unref()
    // Without file handles to spare there is no pipe, and `error` says so.
    child.stdout?.on('data', () => {
      this.#restartMs = addressWatchLimits.restartMs
      this.#settle()
    })
    child.once('error', (error: NodeJS.ErrnoException) => this.#ended(child, error.code === 'ENOENT'))
    child.once('exit', (code) => this.#ended(child, code === noSuchProgram))
  }

  #ended(child: ChildProcess, missing: boolean): void {
    if (!this.#running || child !== this.#child) return
    this.#child = undefined
    if (missing) {
      this.#tools.log.debug({}, 'there is no `ip` or no `setpriv`; addresses are looked at now and then')
      this.#lookLater()
      return
    }
    // What changed while nobody listened is seen by looking once more.
    this.#settle()
    this.#cancelNext = this.#tools.clock.after(this.#restartMs, () => this.#follow())
    this.#restartMs = Math.min(this.#restartMs * 2, addressWatchLimits.restartMsMax)
  }

  #lookLater(): void {
    this.#cancelNext = this.#tools.clock.after(addressWatchLimits.lookMs, () => {
      this.#tools.changed()
      this.#lookLater()
    })
  }

  #settle(): void {
    this.#cancelSettling ??= this.#tools.clock.after(addressWatchLimits.settleMs, () => {
      this.#cancelSettling = undefined
      this.#tools.changed()
    })
  }
}
