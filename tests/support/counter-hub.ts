/** A hub as a process with an ESC/POS printer on a socket, for doors through which others print. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEscposTwin, type EscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, until } from './hub-process.ts'
import { serveTwin, type TwinServer } from './twin-tcp.ts'

export class CounterHub {
  readonly dir: string
  readonly hub: HubProcess
  readonly technician: HubClient
  readonly twin: EscposTwin
  readonly #server: TwinServer

  private constructor(parts: {
    dir: string
    hub: HubProcess
    technician: HubClient
    twin: EscposTwin
    server: TwinServer
  }) {
    this.dir = parts.dir
    this.hub = parts.hub
    this.technician = parts.technician
    this.twin = parts.twin
    this.#server = parts.server
  }

  /** `settings`: TOML; the printer `counter` is added to it. */
  static async start(settings: string, { demo = false } = {}): Promise<CounterHub> {
    const twin = createEscposTwin({ clock: systemClock, printMsPerLine: 0 })
    const server = await serveTwin(twin)
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-counter-'))
    writeFileSync(
      join(dir, 'tillbridge.toml'),
      `${settings}
[[devices]]
id = "counter"
class = "printer"
driver = "escpos"
profile = "epson-tm-m30ii"
port = "tcp://127.0.0.1:${server.port}"
name = "Counter"
`,
    )
    const hub = await HubProcess.start({ dir, demo })
    // Until then the first printer would be given the set-up ticket.
    await hub.setUp()
    const technician = await hub.client('technician')
    const counter = new CounterHub({ dir, hub, technician, twin, server })
    await counter.ready()
    return counter
  }

  /** Settles when the printer, or another device, is ready. */
  async ready(id = 'counter'): Promise<void> {
    await until(async () => (await this.technician.call('device.get', { id })).state === 'ready', id)
  }

  /** A full roll, a shut cover, and nothing printed. */
  async fresh(): Promise<void> {
    this.twin.order({ order: 'paper', state: 'full' })
    this.twin.order({ order: 'cover', open: false })
    this.twin.order({ order: 'clear_paper' })
    await this.ready()
  }

  async end(): Promise<void> {
    await this.hub.end()
    await this.#server.close()
  }
}
