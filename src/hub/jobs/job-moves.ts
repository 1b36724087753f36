/** Backup printers: when a printer stays unable, its waiting prints move to the one that stands in for it. */
import type { Clock } from '../clock.ts'
import type { DeviceUnit } from '../devices/device-unit.ts'
import type { JobEntry } from './job-entry.ts'
import type { JobQueue } from './job-queue.ts'

interface Tools {
  clock: Clock
  /** How long a printer has to be unable before its jobs move, in ms. */
  afterMs: number
  unit(device: string): DeviceUnit | undefined
  queue(device: string): JobQueue
  /** Records and announces that the job has moved. */
  moved(entry: JobEntry, from: string, to: string): Promise<void>
}

export class JobMoves {
  readonly #tools: Tools
  readonly #planned = new Map<string, () => void>()
  #stopped = false

  constructor(tools: Tools) {
    this.#tools = tools
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#planned.values()) cancel()
    this.#planned.clear()
  }

  /** Something changed with the printer, its backup or its queue: plans a move, or calls it off. */
  plan(unit: DeviceUnit): void {
    if (this.#stopped) return
    if (this.#backupOf(unit) === undefined || this.#tools.queue(unit.id).pending.length === 0) {
      this.#planned.get(unit.id)?.()
      this.#planned.delete(unit.id)
    } else if (!this.#planned.has(unit.id)) {
      const cancel = this.#tools.clock.after(this.#tools.afterMs, () => {
        this.#planned.delete(unit.id)
        void this.#move(unit.id)
      })
      this.#planned.set(unit.id, cancel)
    }
  }

  /** The printer that can take over now; undefined while nobody has to or nobody can. */
  #backupOf(unit: DeviceUnit): DeviceUnit | undefined {
    if (unit.able || unit.row.backup === undefined) return undefined
    const backup = this.#tools.unit(unit.row.backup)
    return backup?.able === true ? backup : undefined
  }

  async #move(from: string): Promise<void> {
    const unit = this.#tools.unit(from)
    const backup = unit === undefined ? undefined : this.#backupOf(unit)
    if (backup === undefined) return
    const queue = this.#tools.queue(from)
    for (const entry of queue.pending.filter(({ row }) => row.kind === 'print')) {
      if (this.#stopped || queue.take(entry.row.id) === undefined) continue
      // Made ready for the other printer's width and letters.
      entry.prepared = undefined
      await this.#tools.moved(entry, from, backup.id)
      this.#tools.queue(backup.id).add(entry)
    }
  }
}
