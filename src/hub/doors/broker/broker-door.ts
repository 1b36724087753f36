/**
 * A broker on the box, for shops that have none: whoever is paired may connect, by TCP, by TLS or by WebSocket, hears what its role may
 * and asks the hub as itself. It keeps nothing but what the hub says of itself: what somebody missed it asks for.
 */
import type { WebSocket } from 'ws'
import type { HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { brokerLimits } from './broker-limits.ts'
import { BrokerPorts, type Newcomer } from './broker-ports.ts'
import { House, type HouseSettings } from './house.ts'
import { webSocketStream } from './web-socket-stream.ts'

export interface BrokerDoorSettings extends HouseSettings {
  bind: string
  /** 0: none. */
  port: number
  tlsPort: number
}

interface BrokerDoorTools {
  hub: HubApi
  clock: Clock
  log: Log
  /** Told why a port is not served, and with undefined that all are. */
  onProblem(sentence: string | undefined): void
}

/** The door: it opens as soon as the hub knows who it is. */
export class BrokerDoor {
  readonly name = 'broker'
  readonly #settings: BrokerDoorSettings
  readonly #tools: BrokerDoorTools
  #house: House | undefined
  #ports: BrokerPorts | undefined
  #stopped = true

  constructor(settings: BrokerDoorSettings, tools: BrokerDoorTools) {
    this.#settings = settings
    this.#tools = tools
  }

  get clients(): number {
    return this.#house?.clients ?? 0
  }

  start(): void {
    this.#stopped = false
    void this.#tools.hub.running.then(async () => {
      if (this.#stopped) return
      const house = new House(this.#settings, this.#tools)
      this.#house = house
      await house.start()
      this.#ports = new BrokerPorts(this.#settings, {
        ...this.#tools,
        enter: (socket, newcomer) => house.enter(socket, newcomer),
      })
      await this.#ports.start()
      if (this.#stopped) await this.stop()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#house?.stop()
    await this.#ports?.stop()
  }

  /** A WebSocket that asked for `/mqtt`; its host and origin are looked at already. */
  welcome(webSocket: WebSocket, newcomer: Newcomer): void {
    const stream = webSocketStream(webSocket, 2 * brokerLimits.bufferedBytesMax)
    stream.on('error', () => undefined)
    if (this.#house === undefined || this.#stopped) stream.destroy()
    else this.#house.enter(stream, newcomer)
  }
}
