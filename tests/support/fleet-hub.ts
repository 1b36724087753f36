/** One hub of a fleet: the real client of the broker, with a hub behind it that only says what a shop would say. */
import pino from 'pino'
import type { EventFrame, HubApi } from '../../src/hub/api.ts'
import { systemClock } from '../../src/hub/clock.ts'
import { MqttDoor } from '../../src/hub/doors/mqtt/mqtt-door.ts'
import type { Device, DeviceClass } from '../../src/protocol/device.ts'

/** What a shop has: the devices of each hub. */
const shop: readonly [id: string, deviceClass: DeviceClass][] = [
  ['receipts', 'printer'],
  ['kitchen', 'printer'],
  ['scale', 'scale'],
  ['scanner', 'scanner'],
  ['drawer', 'drawer'],
]
export const devicesPerHub = shop.length

const deviceOf = ([id, deviceClass]: (typeof shop)[number]): Device => ({
  id,
  name: `The ${id}`,
  class: deviceClass,
  state: 'ready',
  capabilities: [],
  driver: 'escpos',
  profile: 'epson-tm-t88v',
  port: 'tcp://192.168.1.50:9100',
  demo: false,
  faults: [],
  details: { maker: 'EPSON', model: 'TM-T88V', firmware: '1.02', serial: 'J5ZF012345', paperWidth: 80 },
})
const devices = shop.map(deviceOf)

/** What a hub tells of itself when it has come: topics and texts. */
export const statesOf = (hub: string): [topic: string, text: string][] => [
  [`tillbridge/${hub}/status`, 'online'],
  [`tillbridge/${hub}/info`, JSON.stringify({ hub, name: `Shop ${hub}`, version: '0.0.0-fleet' })],
  ...devices.map((device): [string, string] => [
    `tillbridge/${hub}/device/${device.id}/state`,
    JSON.stringify(device),
  ]),
]

export class FleetHub {
  readonly id: string
  readonly #door: MqttDoor
  readonly #listeners = new Set<(event: EventFrame) => void>()
  #seq = 0

  constructor(id: string, url: string) {
    this.id = id
    const api = {
      hub: id,
      name: `Shop ${id}`,
      version: '0.0.0-fleet',
      running: Promise.resolve(),
      events: {
        follow: (listener: (event: EventFrame) => void) => {
          this.#listeners.add(listener)
          return () => this.#listeners.delete(listener)
        },
      },
      call: async (method: string) =>
        method === 'device.list'
          ? { devices }
          : method === 'alert.list'
            ? { alerts: [], wholeFrom: new Date(0).toISOString() }
            : {},
    } as unknown as HubApi
    const settings = { url, clientId: undefined, requests: 'monitor', discovery: undefined } as const
    const log = pino({ level: 'silent' })
    this.#door = new MqttDoor(settings, { hub: api, clock: systemClock, log, random: Math.random })
  }

  get online(): boolean {
    return this.#door.clients === 1
  }

  start(): void {
    this.#door.start()
  }

  stop(): Promise<void> {
    return this.#door.stop()
  }

  /** A code was scanned in the shop. */
  scan(): void {
    const seq = ++this.#seq
    const params = {
      seq,
      topic: 'scan',
      device: 'scanner',
      at: new Date().toISOString(),
      data: { code: `${seq}` },
    }
    const frame = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'event', params }))
    for (const listener of this.#listeners) listener({ seq, topic: 'scan', device: 'scanner', frame })
  }
}
