/** Jobs of unknown outcome: asks the device what it can tell, when it is back and again a little later. */
import { errorText } from '../../protocol/errors.ts'
import type { JobRow } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import type { DeviceUnit } from '../devices/device-unit.ts'
import type { Log } from '../log.ts'

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
  settle(id: string, outcome: 'done' | 'failed'): Promise<unknown>
}

interface Doubt {
  /** Something was printed since: what a counter says now is not about this job any more. */
  outdated: boolean
}

export class JobDoubts {
  readonly #tools: Tools
  readonly #byDevice = new Map<string, Map<string, Doubt>>()
  readonly #timers = new Set<() => void>()
  #stopped = false

  constructor(tools: Tools) {
    this.#tools = tools
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  add(row: JobRow): void {
    if (this.#stopped) return
    const doubts = this.#byDevice.get(row.device) ?? new Map<string, Doubt>()
    doubts.set(row.id, { outdated: false })
    this.#byDevice.set(row.device, doubts)
    for (const ms of doubtLimits.inquiryMs) {
      const cancel = this.#tools.clock.after(ms, () => {
        this.#timers.delete(cancel)
        const unit = this.#tools.unit(row.device)
        if (unit?.online !== undefined) void this.#askAbout(row.id, unit, ms === doubtLimits.inquiryMs.at(-1))
      })
      this.#timers.add(cancel)
    }
  }

  drop(row: JobRow): void {
    const doubts = this.#byDevice.get(row.device)
    if (doubts?.delete(row.id) === true && doubts.size === 0) this.#byDevice.delete(row.device)
  }

  /** The device is no more: another one of the same id knows nothing. */
  dropAll(device: string): void {
    this.#byDevice.delete(device)
  }

  /** Something else is printed now. */
  outdate(device: string): void {
    for (const doubt of this.#byDevice.get(device)?.values() ?? []) doubt.outdated = true
  }

  /** Asks a device that is back about each of its doubtful jobs: what it cannot tell now, it will not tell later. Never throws. */
  async ask(unit: DeviceUnit): Promise<void> {
    for (const id of [...(this.#byDevice.get(unit.id)?.keys() ?? [])]) await this.#askAbout(id, unit, true)
  }

  /** Keeps the doubt when the link is lost on the question, for the next time. */
  async #askAbout(id: string, unit: DeviceUnit, last: boolean): Promise<void> {
    const doubt = this.#byDevice.get(unit.id)?.get(id)
    const open = unit.online
    if (doubt === undefined || open === undefined) return
    try {
      const row = await this.#tools.row(id)
      if (row?.state !== 'unknown') {
        this.#byDevice.get(unit.id)?.delete(id)
        return
      }
      const evidence = doubt.outdated ? '' : (row.evidence ?? '')
      const outcome = await open.printing?.inquire?.(id, evidence)
      if (outcome !== undefined) await this.#tools.settle(id, outcome)
      else if (last && unit.online === open) this.drop(row)
    } catch (error) {
      this.#tools.log.warn({ job: id, reason: errorText(error) }, 'inquiry failed')
    }
  }
}
