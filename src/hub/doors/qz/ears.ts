/** What one client of QZ Tray listens to: the states of printers and their jobs, and the scans of scanners that it has opened. */
import type { Device } from '../../../protocol/device.ts'
import type { HubEvent } from '../../../protocol/event.ts'
import type { Caller, EventFrame, HubApi } from '../../api.ts'
import { jobStatus, printerStatus } from './status.ts'

/** Tells of one happening: stream and data. */
type Tell = (stream: 'PRINTER' | 'SERIAL', data: Readonly<Record<string, unknown>>) => void

export class Ears {
  readonly #hub: HubApi
  readonly #caller: Caller
  readonly #tell: Tell
  /** Names of the printers, undefined: all; by id what was told last. */
  #printers: { names: ReadonlySet<string> | undefined; told: Map<string, string> } | undefined
  /** Names by id: jobs know ids only. */
  readonly #names = new Map<string, string>()
  /** Open scanners by id. */
  readonly #scanners = new Map<string, { portName: string; end: string }>()
  #stop: (() => void) | undefined

  constructor(hub: HubApi, caller: Caller, tell: Tell) {
    this.#hub = hub
    this.#caller = caller
    this.#tell = tell
  }

  get listening(): boolean {
    return this.#printers !== undefined
  }

  /** Follows printers from now on; how they fare now is told at once. */
  listen(names: ReadonlySet<string> | undefined, printers: readonly Device[]): void {
    this.#printers = { names, told: new Map() }
    this.#follow()
    this.tellAll(printers)
  }

  deafen(): void {
    this.#printers = undefined
    this.#rest()
  }

  /** How the printers that are listened to fare, whether it was told before or not. */
  tellAll(printers: readonly Device[]): void {
    this.#printers?.told.clear()
    for (const printer of printers) this.#printer(printer)
  }

  isOpen(id: string): boolean {
    return this.#scanners.has(id)
  }

  /** `end`: what comes after each code. */
  open(scanner: Device, portName: string, end: string): void {
    this.#scanners.set(scanner.id, { portName, end })
    this.#follow()
  }

  /** False when it was not open. */
  close(id: string): boolean {
    const was = this.#scanners.delete(id)
    this.#rest()
    return was
  }

  end(): void {
    this.#scanners.clear()
    this.deafen()
  }

  #follow(): void {
    this.#stop ??= this.#hub.events.follow((event) => this.#heard(event))
  }

  #rest(): void {
    if (this.#printers !== undefined || this.#scanners.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }

  #heard(event: EventFrame): void {
    const { device, frame, topic } = event
    if (topic !== 'scan' && topic !== 'job.changed' && topic !== 'device.changed' && topic !== 'device.added')
      return
    if (topic === 'scan' && !this.#scanners.has(device ?? '')) return
    if (topic !== 'scan' && this.#printers === undefined) return
    if (!this.#hub.sees(this.#caller, event)) return
    const { data } = (JSON.parse(frame.toString()) as { params: HubEvent }).params
    if (topic === 'scan') this.#scanned(device ?? '', data as HubEvent<'scan'>['data'])
    else if (topic === 'job.changed') this.#job(data as HubEvent<'job.changed'>['data'])
    else this.#printer(data as Device)
  }

  #scanned(device: string, { code }: HubEvent<'scan'>['data']): void {
    const port = this.#scanners.get(device)
    if (port !== undefined)
      this.#tell('SERIAL', { type: 'RECEIVE', portName: port.portName, output: code + port.end })
  }

  #printer(printer: Device): void {
    const wanted = this.#printers
    if (wanted === undefined || printer.class !== 'printer') return
    this.#names.set(printer.id, printer.name)
    if (wanted.names !== undefined && !wanted.names.has(printer.name)) return
    const status = printerStatus(printer)
    const key = `${status.statusText} ${status.message}`
    if (wanted.told.get(printer.id) === key) return
    wanted.told.set(printer.id, key)
    this.#tell('PRINTER', { type: 'ACTION', ...status })
  }

  #job(job: HubEvent<'job.changed'>['data']): void {
    const name = this.#names.get(job.device)
    if (name === undefined || this.#printers?.names?.has(name) === false) return
    this.#tell('PRINTER', { type: 'ACTION', ...jobStatus(job, name) })
  }
}
