/** Which doors a configuration opens. Those that few shops have are loaded only where they are switched on. */
import { join } from 'node:path'
import type { HubApi } from './hub/api.ts'
import type { Clock } from './hub/clock.ts'
import type { Config } from './hub/config.ts'
import type { BrokerDoor } from './hub/doors/broker/broker-door.ts'
import { brokerLimits } from './hub/doors/broker/broker-limits.ts'
import { type SocketMount, WebDoor, type WebMount } from './hub/doors/web/web-door.ts'
import type { Health } from './hub/health.ts'
import type { Door } from './hub/hub.ts'
import { newId } from './hub/ids.ts'
import type { Log } from './hub/log.ts'
import { mqttSettings } from './hub/mqtt-settings.ts'

interface DoorsOptions {
  config: Config
  data: string
  /** Where it listened before; a port that was picked freely is kept when the hub starts again. */
  ports: { http: number; https: number }
  /** Folder of the built pages. */
  uiDir: string
  clock: Clock
  log: Log
}

type OpenDoor = (tools: {
  hub: HubApi
  clock: Clock
  log: Log
  random: () => number
  tell: (part: string, problem: string | undefined) => void
}) => Door

type OpenBroker = (tools: ConstructorParameters<typeof BrokerDoor>[1]) => BrokerDoor

export class Doors {
  readonly #options: DoorsOptions
  readonly #others: readonly OpenDoor[]
  readonly #mounts: readonly WebMount[]
  readonly #openBroker: OpenBroker | undefined
  #web: WebDoor | undefined
  #url = ''

  private constructor(
    options: DoorsOptions,
    parts: { others: readonly OpenDoor[]; mounts: readonly WebMount[]; broker: OpenBroker | undefined },
  ) {
    this.#options = options
    this.#others = parts.others
    this.#mounts = parts.mounts
    this.#openBroker = parts.broker
  }

  static async load(options: DoorsOptions): Promise<Doors> {
    const { config } = options
    const others: OpenDoor[] = []
    const mounts: WebMount[] = []
    const broker = mqttSettings(config.mqtt)
    if (broker !== undefined) {
      const { MqttDoor } = await import('./hub/doors/mqtt/mqtt-door.ts')
      others.push((tools) => new MqttDoor(broker, tools))
    }
    if (config.raw.ports.length > 0 && config.raw.sources.length > 0) {
      const { RawDoor } = await import('./hub/doors/raw/raw-door.ts')
      const settings = { ...config.raw, bind: config.http.bind }
      others.push(
        ({ tell, ...tools }) =>
          new RawDoor(settings, { ...tools, newId, onProblem: (problem) => tell('raw', problem) }),
      )
    }
    if (config.epos.origins.length + config.epos.sources.length > 0) {
      const { EposMount } = await import('./hub/doors/epos/epos-mount.ts')
      mounts.push(new EposMount(config.epos, newId))
    }
    if (config.odoo.origins.length + config.odoo.sources.length > 0) {
      const { OdooMount } = await import('./hub/doors/odoo/odoo-mount.ts')
      mounts.push(new OdooMount(config.odoo, newId))
    }
    if (config.qz.origins.length + config.qz.sources.length > 0) {
      const { QzDoor } = await import('./hub/doors/qz/qz-door.ts')
      const settings = { ...config.qz, bind: config.http.bind }
      others.push(
        ({ tell, ...tools }) =>
          new QzDoor(settings, { ...tools, newId, onProblem: (problem) => tell('qz', problem) }),
      )
    }
    return new Doors(options, { others, mounts, broker: await brokerOf(config) })
  }

  /** Where https is served; null while it is not. */
  get httpsPort(): number | null {
    return this.#web?.httpsPort ?? null
  }

  /** Settles when the certificate that there was is in use, with where the hub is. */
  async settled(): Promise<{ url: string; httpsPort: number | null }> {
    await this.#web?.settled()
    return { url: this.#url, httpsPort: this.httpsPort }
  }

  /** All doors; they open when they are started. */
  open(hub: HubApi, health: Health): Door[] {
    const { clock, log } = this.#options
    const tell = (part: string, problem: string | undefined) =>
      problem === undefined ? health.mended(part) : health.report(part, problem)
    const broker = this.#openBroker?.({
      ...{ hub, clock, log },
      onProblem: (problem) => tell('broker', problem),
    })
    return [
      this.#webDoor(hub, tell, broker === undefined ? [] : [brokerSocket(broker)]),
      ...(broker === undefined ? [] : [broker]),
      ...this.#others.map((open) => open({ hub, clock, log, random: Math.random, tell })),
    ]
  }

  #webDoor(
    hub: HubApi,
    tell: (part: string, problem: string | undefined) => void,
    sockets: readonly SocketMount[],
  ): Door {
    const { clock, config, data, log, ports, uiDir } = this.#options
    const web = new WebDoor({
      hub,
      clock,
      log,
      uiDir,
      mounts: this.#mounts,
      sockets,
      pictures: {
        '/display/pictures': join(data, 'display'),
        '/till/pictures': join(data, 'pictures'),
      },
      onHttpsProblem: (problem) => tell('https', problem),
      onPortProblem: (port, problem) => tell(`port:${port}`, problem),
    })
    this.#web = web
    return {
      name: 'web',
      get clients() {
        return web.clients
      },
      start: async () => {
        const { bind, port, also } = config.http
        const { enabled, port: httpsPort, also: httpsAlso } = config.https
        const listening = await web.start({
          bind,
          port: port === 0 ? ports.http : port,
          httpsPort: !enabled ? null : httpsPort === 0 ? ports.https : httpsPort,
          also: { http: also, https: httpsAlso },
        })
        ports.http = listening.port
        this.#url = listening.url
      },
      stop: () => web.stop(),
    }
  }
}

async function brokerOf({ broker, http }: Config): Promise<OpenBroker | undefined> {
  if (!broker.enabled) return undefined
  const { BrokerDoor } = await import('./hub/doors/broker/broker-door.ts')
  return (tools) => new BrokerDoor({ bind: http.bind, ...broker }, tools)
}

/** What browsers may use of MQTT. */
function brokerSocket(broker: BrokerDoor): SocketMount {
  return {
    path: '/mqtt',
    // As MQTT 3.1.1 calls itself (6), and as programs do that speak 3.1.
    protocols: ['mqtt', 'mqttv3.1'],
    messageBytesMax: brokerLimits.packetBytesMax,
    welcome: (webSocket, visitor) => broker.welcome(webSocket, visitor),
  }
}
