/** The methods of the protocol on the services of the hub: one small function each. */

import { HubError } from '../protocol/errors.ts'
import type { MethodName, ParsedParams, Result } from '../protocol/methods.ts'
import type { Access } from './access/access.ts'
import type { Caller } from './api.ts'
import { type Clock, isoTime } from './clock.ts'
import type { BrowserDisplays } from './devices/browser-displays.ts'
import type { Demo } from './devices/demo.ts'
import { testDevice } from './devices/device-test.ts'
import type { Devices, DriverCatalogue } from './devices/devices.ts'
import type { Discovery } from './devices/discovery.ts'
import type { Teaching } from './devices/teaching.ts'
import type { Traces } from './devices/traces.ts'
import type { Events } from './events.ts'
import type { Health } from './health.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { Leases } from './jobs/leases.ts'

export interface HandlerTools {
  hub: string
  name: string
  version: string
  startedAt: number
  clock: Clock
  newId: () => string
  health: Health
  events: Events
  access: Access
  devices: Devices
  jobs: Jobs
  leases: Leases
  discovery: Discovery
  teaching: Teaching
  traces: Traces
  displays: BrowserDisplays
  demo: Demo
  demoEnabled: boolean
  catalogue: DriverCatalogue
  clients: () => number
}

/** `hello` and `event.subscribe` belong to a connection; the web door answers them itself. */
export type HandledMethod = Exclude<MethodName, 'hello' | 'event.subscribe'>

export type Handlers = {
  [M in HandledMethod]: (params: ParsedParams<M>, caller: Caller) => Result<M> | Promise<Result<M>>
}

export function createHandlers(tools: HandlerTools): Handlers {
  const { access, catalogue, demo, devices, discovery, displays, events, health, jobs, leases } = tools
  const { teaching, traces } = tools
  return {
    ping: () => ({}),

    'device.list': () => ({ devices: devices.list() }),
    'device.get': ({ id }) => devices.mustGet(id).snapshot(),
    'device.add': (wanted) => devices.add(wanted, discovery.fingerprintOf(wanted.port)),
    'device.rename': ({ id, name }) => devices.change(id, { name }),
    'device.enable': ({ id }) => devices.change(id, { disabled: false }),
    'device.disable': ({ id }) => devices.change(id, { disabled: true }),
    'device.test': ({ id }, caller) => testDevice(devices.mustGet(id), { jobs, newId: tools.newId }, caller),
    'device.trace': ({ id, ...wanted }) => traces.read(devices.mustGet(id), wanted),
    'device.remove': async ({ id }) => {
      await devices.remove(id)
      traces.end(id)
      leases.dropDevice(id)
      return {}
    },
    'device.backup': ({ id, backup }) => {
      devices.mustHave(id, 'printing', 'print')
      if (backup === null) return devices.change(id, { backup })
      if (backup === id)
        throw new HubError('params_invalid', { path: 'backup', reason: 'is the printer itself' })
      devices.mustHave(backup, 'printing', 'print')
      return devices.change(id, { backup })
    },
    'port.list': () => ({ ports: discovery.list() }),
    'port.probe': ({ port, driver }) => discovery.probe(port, driver),
    'port.scan': ({ network }) => discovery.scan(network),
    'port.teach.start': ({ ms }) => teaching.start(ms),
    'port.teach.wait': ({ teach }) => teaching.wait(teach),
    'driver.list': () => ({
      drivers: catalogue.drivers.map((driver) => ({
        id: driver.id,
        class: driver.class,
        name: driver.name,
        transports: [...driver.transports],
        profiles: catalogue.profiles(driver.id).map(({ id, name }) => ({ id, name })),
      })),
    }),

    'lease.acquire': ({ device, ms }, caller) => {
      devices.mustGet(device)
      return leases.acquire(device, ms, caller)
    },
    'lease.renew': ({ lease, ms }, caller) => leases.renew(lease, ms, caller),
    'lease.release': ({ lease }, caller) => {
      leases.release(lease, caller)
      return {}
    },

    'job.submit': (params, caller) => jobs.submit(params, caller),
    'job.get': ({ id }) => jobs.get(id),
    'job.list': (filter) => jobs.list(filter),
    'job.cancel': ({ id }) => jobs.cancel(id),
    'job.settle': ({ id, outcome }) => jobs.settle(id, outcome),
    'job.wait': ({ id, ms }) => jobs.wait(id, ms),

    'display.attach': ({ device }, { onClose }) => displays.attach(device, onClose ?? (() => {})),
    'display.shown': ({ device, revision }) => {
      displays.shown(device, revision)
      return {}
    },

    'scale.read': async ({ device, unitPrice }) => {
      const unit = devices.mustHave(device, 'weighing', 'scale.read')
      if (unit.row.disabled) throw new HubError('device_disabled', { device })
      const weighing = unit.online?.weighing
      if (weighing === undefined) throw new HubError('device_absent', { device })
      const weight = await weighing.read(unitPrice === undefined ? {} : { unitPrice })
      unit.answered('read', weight)
      return weight
    },

    'pair.code': ({ role, name }) => access.code(role, name),
    'token.list': () => access.list(),
    'token.revoke': async ({ id }) => {
      await access.revoke(id)
      leases.dropClient(id)
      return {}
    },

    'hub.info': () => ({
      hub: tools.hub,
      name: tools.name,
      version: tools.version,
      ...health.current(),
      startedAt: isoTime(tools.startedAt),
      epoch: events.epoch,
      seq: events.seq,
      clients: tools.clients(),
      demo: tools.demoEnabled,
    }),

    'demo.order': ({ device, order }) => {
      demo.order(device, order)
      return {}
    },
    'demo.paper': ({ device }) => demo.paper(device),
  }
}
