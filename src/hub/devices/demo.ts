/** The demo: simulated devices on ports in memory, reached through the same drivers as real ones. */
import type { Twin } from '../../drivers/driver.ts'
import type { DeviceClass } from '../../protocol/device.ts'
import { errorText, HubError } from '../../protocol/errors.ts'
import type { DemoOrder, Result } from '../../protocol/methods.ts'
import type { Events } from '../events.ts'
import type { Health } from '../health.ts'
import type { Devices, DriverCatalogue } from './devices.ts'

/** One simulated device: what the hub shows of it, and how to make its other half. */
export interface DemoDevice {
  /** Id of the device and name of its port in memory. */
  id: string
  name: string
  class: DeviceClass
  driver: string
  profile: string
  /** The other half; a display in a browser has none, its pages are real. */
  createTwin?(): Twin
  /** The port of a device without a twin. */
  port?: string
}

/** Where twins offer their end of a wire. */
export interface DemoPorts {
  offer(name: string, accept: (end: Parameters<Twin['attach']>[0]) => void, faces?: Twin['faces']): void
  withdraw(name: string): void
}

interface Tools {
  demoDevices: readonly DemoDevice[]
  ports: DemoPorts
  devices: Devices
  events: Events
  health: Health
  catalogue: DriverCatalogue
}

export class Demo {
  readonly name = 'demo'
  readonly #tools: Tools
  readonly #twins = new Map<string, Twin>()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  async start(): Promise<void> {
    for (const demo of this.#tools.demoDevices) {
      try {
        await this.#plugIn(demo)
      } catch (error) {
        this.#tools.health.report(`demo:${demo.id}`, `${demo.name}: ${errorText(error)}`)
      }
    }
  }

  stop(): void {
    for (const [id, twin] of this.#twins) {
      this.#tools.ports.withdraw(id)
      twin.stop()
    }
    this.#twins.clear()
  }

  order(device: string, order: DemoOrder): void {
    this.#mustGet(device).order(order)
  }

  paper(device: string): Result<'demo.paper'> {
    const paper = this.#mustGet(device).paper?.()
    if (paper === undefined) throw new HubError('capability_missing', { device, kind: 'paper' })
    return paper
  }

  async #plugIn(demo: DemoDevice): Promise<void> {
    const { ports, devices, events, catalogue } = this.#tools
    const { id, createTwin, port, ...wanted } = demo
    const identity = { id, demo: true, fingerprint: `demo:${id}` }
    const twin = createTwin?.()
    if (twin === undefined) {
      await devices.add({ ...wanted, port: port ?? '' }, identity)
      return
    }
    const url = `memory:${demo.id}`
    this.#twins.set(demo.id, twin)
    const offer = () => ports.offer(demo.id, (end) => twin.attach(end), twin.faces)
    twin.onPlug = (on) => {
      if (!on) return ports.withdraw(demo.id)
      offer()
      devices.get(demo.id)?.portAppeared(catalogue.parsePort(url))
    }
    twin.onPaper = (revision) => events.publish('demo.paper', { revision }, demo.id)
    offer()
    await devices.add({ ...wanted, port: url }, identity)
  }

  #mustGet(device: string): Twin {
    const twin = this.#twins.get(device)
    if (twin !== undefined) return twin
    this.#tools.devices.mustGet(device)
    throw new HubError('demo_only', { device })
  }
}
