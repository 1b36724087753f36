/** `hw_drivers` (16 to 18) and `iot_drivers` (19): an action on a device by its id or its kind, and what came of it as an event. */
import { createHash } from 'node:crypto'
import type { Device, DeviceClass } from '../../../protocol/device.ts'
import { HubError, toHubError } from '../../../protocol/errors.ts'
import type { Job } from '../../../protocol/job.ts'
import { findDevice } from '../find-device.ts'
import { objectOf } from './envelope.ts'
import type { EventPolls, Listener } from './event-polls.ts'
import type { Asker, HardwareProxy, ProxyTools } from './proxy.ts'

type Facts = Readonly<Record<string, unknown>>

const classes: ReadonlySet<string> = new Set<DeviceClass>(['printer', 'scale', 'scanner', 'display'])

/** Faults and errors in the words of a box that asks its printers (19). */
const printerMessages: Readonly<Record<string, string>> = {
  paper_out: 'ERROR_NO_PAPER',
  cover_open: 'ERROR_OFFLINE',
  offline: 'ERROR_OFFLINE',
  device_absent: 'ERROR_UNREACHABLE',
  not_responding: 'ERROR_UNREACHABLE',
  port_unavailable: 'ERROR_UNREACHABLE',
  job_expired: 'ERROR_TIMEOUT',
  job_outcome_unknown: 'ERROR_TIMEOUT',
}

export class Actions {
  readonly #tools: ProxyTools
  readonly #proxy: HardwareProxy
  readonly #events: EventPolls

  constructor(tools: ProxyTools, proxy: HardwareProxy, events: EventPolls) {
    this.#tools = tools
    this.#proxy = proxy
    this.#events = events
  }

  /** True when the device was there to do it; what came of it is an event. Throws `params_invalid`. */
  async act(params: Facts, asker: Asker): Promise<boolean> {
    const { device_identifier: wanted, session_id: session } = params
    if (typeof wanted !== 'string')
      throw new HubError('params_invalid', { path: 'device_identifier', reason: 'is not a text' })
    const data = dataOf(params.data)
    const device = await this.#device(wanted, asker)
    if (device === undefined) return false
    const id = jobId(session, data)
    const facts = { session_id: session ?? null, owner: session ?? null }
    try {
      const result = await this.#do(device, data, asker, id)
      for (const name of namesOf(device, wanted)) this.#events.tell(name, { ...facts, ...result })
      return result !== undefined
    } catch (error) {
      const { code, message } = toHubError(error)
      for (const name of namesOf(device, wanted))
        this.#events.tell(name, { ...facts, status: 'error', message: printerMessages[code] ?? message })
      return true
    }
  }

  listener(params: Facts): Listener {
    const listener = objectOf(params.listener, 'listener')
    const devices = objectOf(listener.devices ?? {}, 'listener.devices')
    const last = Number(listener.last_event)
    return {
      session: String(listener.session_id ?? ''),
      devices: new Set(Object.keys(devices).slice(0, 200)),
      lastEvent: Number.isFinite(last) ? last : 0,
    }
  }

  async #do(
    device: Device,
    data: Facts,
    asker: Asker,
    id: string | undefined,
  ): Promise<Record<string, unknown> | undefined> {
    const { action } = data
    if (device.class === 'printer') {
      const job = await this.#proxy.printerJob(data, device, asker.caller, id)
      return job === undefined ? undefined : printerResult(job, data)
    }
    if (device.class === 'scale' && (action === 'read_once' || action === 'start_reading')) {
      const read = await this.#proxy.weigh({ ...asker, station: { ...asker.station, scale: device.id } })
      return { status: { status: 'connected', message: '' }, result: read?.weight ?? 0, action_args: data }
    }
    if (device.class === 'scale' && action === 'stop_reading') return { status: 'success', action_args: data }
    if (device.class === 'display') {
      await this.#proxy.customerDisplay(data, { ...asker, station: { ...asker.station, display: device.id } })
      return { status: 'success', action_args: data }
    }
    return undefined
  }

  /** By kind, the station's own; else by id or name. */
  async #device(wanted: string, { caller, station }: Asker): Promise<Device | undefined> {
    const { hub } = this.#tools
    if (classes.has(wanted)) {
      const kind = wanted as DeviceClass & keyof typeof station
      return findDevice(hub, caller, kind, station[kind])
    }
    const { devices } = await hub.call('device.list', {}, caller)
    return devices.find(({ id, name }) => id === wanted || name === wanted)
  }
}

/** Events go under the id of the device and under the word by which it was asked for. */
const namesOf = ({ id }: Device, wanted: string): Set<string> => new Set([id, wanted])

/** Up to version 18 a text with JSON in it. */
function dataOf(data: unknown): Facts {
  if (typeof data !== 'string') return objectOf(data ?? {}, 'data')
  try {
    return objectOf(JSON.parse(data), 'data')
  } catch (error) {
    if (error instanceof HubError) throw error
    throw new HubError('params_invalid', { path: 'data', reason: 'is no JSON' }, error)
  }
}

/** The client names what it wants done once: by another way it may come again. */
function jobId(session: unknown, data: Facts): string | undefined {
  const unique = data.iot_idempotent_id ?? data.action_unique_id
  if (unique === undefined || unique === null) return undefined
  const hash = createHash('sha256').update(JSON.stringify([session ?? null, unique]))
  return `odoo-${hash.digest('hex').slice(0, 40)}`
}

function printerResult(job: Job, data: Facts): Record<string, unknown> {
  const { receipt: _receipt, document: _document, ...asked } = data
  const facts = { action_args: asked, ...(data.print_id !== undefined && { print_id: data.print_id }) }
  if (job.state === 'done') return { ...facts, status: 'success' }
  const code = job.waitingFor ?? job.error?.code ?? 'job_expired'
  const known = job.state === 'unknown' ? 'job_outcome_unknown' : code
  return { ...facts, status: 'error', message: printerMessages[known] ?? 'ERROR_FAILED' }
}
