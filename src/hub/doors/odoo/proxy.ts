/** What Odoo's points of sale ask of a hardware proxy, call by call (versions 16 to 19.0), done by the devices of the hub. */
import type { Device, DeviceClass } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { Job } from '../../../protocol/job.ts'
import type { Caller, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import { findDevice } from '../find-device.ts'
import { workOf } from '../work.ts'
import { shownCart } from './customer-display.ts'
import { objectOf } from './envelope.ts'
import type { Station } from './odoo-config.ts'
import { odooLimits } from './odoo-limits.ts'

export interface Asker {
  caller: Caller
  station: Station
  /** Names the customer display of this point of sale. */
  display: string
}

export interface ProxyTools {
  hub: HubApi
  clock: Clock
  newId: () => string
}

type Facts = Readonly<Record<string, unknown>>
type DriverStatus = {
  status: 'connected' | 'connecting' | 'disconnected' | 'error'
  messages: string | string[]
}

/** Kilograms of one unit. */
const kilograms = { kg: 1, g: 0.001, lb: 0.45359237, oz: 0.028349523125 } as const
/** The scale answers, but has no weight to give: a point of sale knows no other way to hear that than 0. */
const noWeight: ReadonlySet<string> = new Set([
  'scale_motion',
  'scale_over',
  'scale_under',
  'scale_not_moved',
  'scale_below_minimum',
])

export class HardwareProxy {
  readonly #tools: ProxyTools
  /** The carts of customer displays, for pages that ask for them; the oldest goes first. */
  readonly #carts = new Map<string, Facts>()

  constructor(tools: ProxyTools) {
    this.#tools = tools
  }

  /** How the devices are; one that there is not is left out. Everything is on its way while the hub starts. */
  async status({ caller, station }: Asker): Promise<Record<string, DriverStatus>> {
    const connecting = { status: 'connecting' as const, messages: '' }
    let devices: Device[]
    try {
      devices = (await this.#tools.hub.call('device.list', {}, caller)).devices
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'starting') throw error
      return { scanner: { ...connecting, messages: [] }, printer: connecting, scale: connecting }
    }
    const status: Record<string, DriverStatus> = {}
    for (const kind of ['scanner', 'printer', 'scale'] as const) {
      const wanted = station[kind]
      const device = devices.find(
        (each) =>
          each.class === kind &&
          (wanted === undefined ? each.state !== 'disabled' : each.id === wanted || each.name === wanted),
      )
      if (device === undefined) continue
      const messages = device.faults.map(({ message }) => message)
      status[kind] = {
        status: statusOf(device),
        messages: kind === 'scanner' ? messages : messages.join(' '),
      }
    }
    return status
  }

  /** True when it was done; false when there is nothing that does it, or it cannot. Throws `params_invalid`. */
  async printerAction(data: Facts, asker: Asker): Promise<boolean> {
    const printer = await this.#device('printer', asker)
    if (printer === undefined) return false
    return (await this.printerJob(data, printer, asker.caller))?.state === 'done'
  }

  /** The job of an action; undefined: there is no such action. `id` makes it the same job when it is asked for again. */
  async printerJob(
    data: Facts,
    printer: Device,
    caller: Caller,
    id = `odoo-${this.#tools.newId()}`,
  ): Promise<Job | undefined> {
    const { action, document, receipt } = data
    const print = (payload: Record<string, unknown>) =>
      workOf({ id, device: printer.id, kind: 'print', payload }, odooLimits.workMs, caller, this.#tools)
    if (action === 'print_receipt') return print({ image: base64Of(receipt, 'receipt'), cut: true })
    if (action === 'status') return print({ text: `${this.#tools.hub.name}\n${printer.name}\n` })
    if (action === 'cashbox') return this.#openDrawer(id, printer, caller)
    if ((action === undefined || action === '') && document !== undefined)
      return print({ raw: base64Of(document, 'document') })
    return undefined
  }

  /** Throws what `scale.read` throws; a scale that has no weight to give says 0. */
  async weigh(asker: Asker): Promise<{ weight: number; unit: 'kg'; info: string } | null> {
    const scale = await this.#device('scale', asker)
    if (scale === undefined) return null
    try {
      const { unit, weight } = await this.#tools.hub.call('scale.read', { device: scale.id }, asker.caller)
      return { weight: Math.round(Number(weight) * kilograms[unit] * 1e6) / 1e6, unit: 'kg', info: 'ok' }
    } catch (error) {
      if (error instanceof HubError && noWeight.has(error.code))
        return { weight: 0, unit: 'kg', info: error.code }
      throw error
    }
  }

  /** The id of the only scanner that a station hears; undefined for all. */
  async scanner({ caller, station }: Asker): Promise<string | undefined> {
    if (station.scanner === undefined) return undefined
    // A name that nobody has hears nothing, rather than everything.
    return (await findDevice(this.#tools.hub, caller, 'scanner', station.scanner))?.id ?? station.scanner
  }

  /** `open`, `set`, `get`, `close` of version 18; the HTML of 16 and 17 is not shown: it would be somebody's page in ours. */
  async customerDisplay(params: Facts, asker: Asker): Promise<unknown> {
    const { action, html } = params
    if (html !== undefined)
      throw new HubError('payload_unsupported', {
        path: 'html',
        device: 'the customer display',
        reason: 'use the display page of the hub, or version 18 and later',
      })
    if (action === 'set') {
      await this.#show(objectOf(params.data ?? {}, 'params.data'), asker)
      return { status: 'updated' }
    }
    if (action === 'close') {
      this.#carts.delete(asker.display)
      await this.#display('display.clear', {}, asker)
      return { status: 'closed' }
    }
    if (action === 'open' || action === 'open_kiosk') return { status: 'opened' }
    if (action === 'rotate_screen') return { status: 'rotated' }
    return { status: 'retrieved', data: this.#carts.get(asker.display) ?? {} }
  }

  async #show(data: Facts, asker: Asker): Promise<void> {
    if (JSON.stringify(data).length <= odooLimits.cartBytesMax) {
      this.#carts.delete(asker.display)
      this.#carts.set(asker.display, data)
      const [oldest] = this.#carts.keys()
      if (this.#carts.size > odooLimits.cartsMax && oldest !== undefined) this.#carts.delete(oldest)
    }
    const cart = shownCart(data)
    if (cart === undefined) await this.#display('display.clear', {}, asker)
    else await this.#display('display.show', cart, asker)
  }

  /** A display that is away is no reason to hold up a sale. */
  async #display(kind: 'display.show' | 'display.clear', payload: object, asker: Asker): Promise<void> {
    const { hub, newId } = this.#tools
    const display = await this.#device('display', asker)
    if (display === undefined) return
    const id = `odoo-${newId()}`
    await hub
      .call('job.submit', { id, device: display.id, kind, payload: { ...payload } }, asker.caller)
      .catch(() => undefined)
  }

  /** The drawer at the printer, or the first that there is. */
  async #openDrawer(id: string, printer: Device, caller: Caller): Promise<Job | undefined> {
    const { hub } = this.#tools
    const opener = printer.capabilities.includes('drawer') ? printer : await findDevice(hub, caller, 'drawer')
    if (opener === undefined) return undefined
    const job = { id, device: opener.id, kind: 'drawer.open' as const, payload: { reason: 'sale' } }
    return workOf(job, odooLimits.drawerMs, caller, this.#tools)
  }

  #device(kind: DeviceClass & keyof Station, { caller, station }: Asker): Promise<Device | undefined> {
    return findDevice(this.#tools.hub, caller, kind, station[kind])
  }
}

function statusOf({ faults, state }: Device): DriverStatus['status'] {
  if (state === 'connecting') return 'connecting'
  if (state === 'absent' || state === 'disabled') return 'disconnected'
  return faults.some(({ blocking }) => blocking) ? 'error' : 'connected'
}

function base64Of(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '')
    throw new HubError('params_invalid', { path, reason: 'is not base64' })
  return value
}
