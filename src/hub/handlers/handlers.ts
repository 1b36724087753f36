/** The methods of the protocol on the services of the hub: one small function each. */

import type { MethodName, ParsedParams, Result } from '../../protocol/methods.ts'
import type { Store } from '../../store/store.ts'
import type { Access } from '../access/access.ts'
import type { Alerts } from '../alerts/alerts.ts'
import type { Caller } from '../api.ts'
import type { Care } from '../care/care.ts'
import type { BrowserDisplays } from '../devices/browser-displays.ts'
import type { Demo } from '../devices/demo.ts'
import type { Devices, DriverCatalogue } from '../devices/devices.ts'
import type { Discovery } from '../devices/discovery.ts'
import type { Teaching } from '../devices/teaching.ts'
import type { Traces } from '../devices/traces.ts'
import type { Events } from '../events.ts'
import type { Health } from '../health.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Leases } from '../jobs/leases.ts'
import type { HubNetwork } from '../network.ts'
import type { TillService } from '../till-service.ts'
import type { HubTls } from '../tls/tls.ts'
import { accessHandlers } from './access.ts'
import { boxHandlers } from './box.ts'
import { deviceHandlers } from './devices.ts'
import { jobHandlers } from './jobs.ts'
import { tillHandlers } from './till.ts'

export interface HandlerTools {
  hub: string
  name: string
  version: string
  startedAt: number
  newId: () => string
  health: Health
  events: Events
  access: Access
  alerts: Alerts
  network: HubNetwork
  tls: HubTls
  care: Care
  store: Store
  devices: Devices
  jobs: Jobs
  leases: Leases
  discovery: Discovery
  teaching: Teaching
  traces: Traces
  displays: BrowserDisplays
  demo: Demo
  till: TillService
  demoEnabled: boolean
  catalogue: DriverCatalogue
  clients: () => number
  /** A QR code as SVG. */
  qrSvg: (text: string) => Promise<string>
}

/** `hello` and `event.subscribe` belong to a connection; the web door answers them itself. */
export type HandledMethod = Exclude<MethodName, 'hello' | 'event.subscribe'>

export type Handlers = {
  [M in HandledMethod]: (params: ParsedParams<M>, caller: Caller) => Result<M> | Promise<Result<M>>
}

/** The handlers of a part of the table of methods. */
export type HandlersOf<T> = Pick<Handlers, keyof T & HandledMethod>

export function createHandlers(tools: HandlerTools): Handlers {
  return {
    ping: () => ({}),
    ...deviceHandlers(tools),
    ...jobHandlers(tools),
    ...accessHandlers(tools),
    ...boxHandlers(tools),
    ...tillHandlers(tools),
  }
}
