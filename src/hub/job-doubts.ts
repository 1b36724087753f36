/** Jobs of unknown outcome: asks the device what it can tell, when it is back and again a little later. */
import { errorText } from '../protocol/errors.ts'
import type { JobRow } from '../store/store.ts'
import type { Clock } from './clock.ts'
import type { DeviceUnit } from './device-unit.ts'
import type { Log } from './log.ts'

export const doubtLimits = {
  /** When a device that is still connected is asked about an unknown outcome, in ms after it. */
  inquiryMs: [5_000, 60_000],
} as const

interface Tools {
  clock: Clock
  log: Log
  unit(device: string): DeviceUnit | undefined
  row(id: string): Promise<JobRow | undefined>
  /** Records what the device could prove. */
  settle(row: JobRow, outcome: 'done' | 'failed'): Promise<unknown>
}

export class JobDoubts {
  readonly #tools: Tools
  readonly #byDevice = new Map<string, Set<string>>()
  readonly #timers = new Set<() => void>()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  stop(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  add(row: JobRow): void {
    const ids = this.#byDevice.get(row.device) ?? new Set()
    ids.add(row.id)
    this.#byDevice.set(row.device, ids)
    for (const ms of doubtLimits.inquiryMs) {
      const cancel = this.#tools.clock.after(ms, () => {
        this.#timers.delete(cancel)
        const unit = this.#tools.unit(row.device)
        if (unit?.online !== undefined) void this.ask(unit)
      })
      this.#timers.add(cancel)
    }
  }

  drop(row: JobRow): void {
    this.#byDevice.get(row.device)?.delete(row.id)
  }

  /** What a device could not tell on coming back, it will not tell later. */
  dropAll(device: string): void {
    this.#byDevice.delete(device)
  }

  /** Asks the device about each of its doubtful jobs. Never throws. */
  async ask(unit: DeviceUnit): Promise<void> {
    for (const id of [...(this.#byDevice.get(unit.id) ?? [])]) {
      try {
        const row = await this.#tools.row(id)
        if (row?.state !== 'unknown') continue
        const outcome = await unit.online?.printing?.inquire?.(id, row.evidence ?? '')
        if (outcome !== undefined) await this.#tools.settle(row, outcome)
      } catch (error) {
        this.#tools.log.warn({ job: id, reason: errorText(error) }, 'inquiry failed')
      }
    }
  }
}
