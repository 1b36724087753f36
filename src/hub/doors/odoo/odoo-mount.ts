/** Odoo's hardware proxy and box, for points of sale of Odoo 16 to 19.0 that are set to use one: addresses, guards, long polls. */
import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import { HubError, toHubError } from '../../../protocol/errors.ts'
import { Gate } from '../gate.ts'
import { Rates } from '../rates.ts'
import { admitted, gateKeeper } from '../web/gate-keeper.ts'
import { bodyError, sendText, textBody, textOf } from '../web/http-parts.ts'
import { sourceOf } from '../web/source.ts'
import type { MountTools, WebMount } from '../web/web-door.ts'
import { Actions } from './actions.ts'
import { errorText, objectOf, readCall, resultText } from './envelope.ts'
import { EventPolls } from './event-polls.ts'
import type { OdooSettings } from './odoo-config.ts'
import { odooLimits } from './odoo-limits.ts'
import { type Asker, HardwareProxy } from './proxy.ts'
import { ScanPolls } from './scan-polls.ts'

type Facts = Readonly<Record<string, unknown>>
/** `onGone`: told how to forget a client that hangs up. */
type Answer = (params: Facts, asker: Asker, onGone: (forget: () => void) => void) => unknown

const paths = /^\/(hw_proxy|hw_drivers|iot_drivers|point_of_sale)\//

/** As odoo/http.py answers them. */
const preflightHeaders = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers':
    'Origin, X-Requested-With, Content-Type, Accept, Authorization, X-Debug-Mode',
  'Access-Control-Max-Age': '86400',
} as const

export class OdooMount implements WebMount {
  readonly #settings: OdooSettings
  readonly #gate: Gate
  readonly #newId: () => string
  #scans: ScanPolls | undefined
  #events: EventPolls | undefined
  #unfollow: () => void = () => undefined
  #stopped = false

  constructor(settings: OdooSettings, newId: () => string) {
    this.#settings = settings
    this.#gate = new Gate('odoo', 'Odoo', settings)
    this.#newId = newId
  }

  stop(): void {
    this.#stopped = true
    this.#unfollow()
    this.#scans?.stop()
    this.#events?.stop()
  }

  routes(tools: MountTools): RequestHandler {
    const { clock, hub } = tools
    const [scans, events] = [new ScanPolls(clock), new EventPolls(clock)]
    this.#scans = scans
    this.#events = events
    void hub.running.then(() => {
      if (!this.#stopped) this.#unfollow = this.#follow(tools, scans, events)
    })
    const router = express.Router()
    const enter = gateKeeper(this.#gate, tools, 'Odoo', preflightHeaders)
    router.use((request, response, next) => {
      if (paths.test(request.path)) enter(request, response, next)
      else next('router')
    })
    router.get('/hw_proxy/hello', (_request, response) => void response.type('html').end('ping'))
    router.use(textBody(odooLimits.bodyBytesMax))
    this.#calls(router, tools, scans, events)
    // A page instead of JSON would be a lost connection to a point of sale.
    router.use((request) => {
      throw new HubError('method_unknown', { method: `${request.method} ${request.path.slice(0, 100)}` })
    })
    const errors: express.ErrorRequestHandler = (error, _request, response, next) => {
      if (response.headersSent || admitted(response) === undefined) next(error)
      else sendText(response, 200, errorText(null, bodyError(error)))
    }
    router.use(errors)
    return router
  }

  #calls(router: Router, tools: MountTools, scans: ScanPolls, events: EventPolls): void {
    const proxyTools = { ...tools, newId: this.#newId }
    const proxy = new HardwareProxy(proxyTools)
    const actions = new Actions(proxyTools, proxy, events)
    // Polls are held back by what they wait for: one that was refused would come again at once, for ever.
    const poll = (path: string, answer: Answer) => router.post(path, this.#call(answer, tools))
    const limit = limited(tools)
    const on = (path: string, answer: Answer) => router.post(path, limit, this.#call(answer, tools))
    on('/hw_proxy/handshake', () => true)
    for (const path of ['log', 'display_refresh']) on(`/hw_proxy/${path}`, () => true)
    on('/hw_proxy/status_json', (_params, asker) => proxy.status(asker))
    on('/hw_proxy/default_printer_action', (params, asker) =>
      proxy.printerAction(objectOf(params.data ?? {}, 'params.data'), asker),
    )
    on('/hw_proxy/scale_read', (_params, asker) => proxy.weigh(asker))
    poll('/hw_proxy/scanner', async (_params, asker, onGone) => {
      const scanner = await proxy.scanner(asker)
      return this.#stopped ? null : scans.poll(asker.display, scanner, onGone)
    })
    on('/hw_proxy/customer_facing_display', (params, asker) => proxy.customerDisplay(params, asker))
    for (const prefix of ['/hw_drivers', '/iot_drivers']) {
      on(`${prefix}/action`, (params, asker) => actions.act(params, asker))
      poll(`${prefix}/event`, (params, _asker, onGone) => {
        const listener = actions.listener(params)
        const told = this.#stopped ? null : events.poll(listener, onGone)
        return Promise.resolve(told).then((event) =>
          event === null ? null : { session_id: listener.session, ...event },
        )
      })
    }
    on('/point_of_sale/iot_devices', async (_params, { caller }) => {
      const { devices } = await tools.hub.call('device.list', {}, caller)
      const told = devices.map(({ class: type, id, name }) => ({ identifier: id, name, type }))
      return JSON.stringify(told)
    })
  }

  #call(answer: Answer, { hub, log }: MountTools): RequestHandler {
    return async (request, response) => {
      let id: number | string | null = null
      try {
        const call = readCall(textOf(request.body))
        id = call.id
        const gone: (() => void)[] = []
        response.once('close', () => {
          for (const forget of gone) forget()
        })
        const result = await answer(call.params, this.#asker(request, response), (forget) =>
          gone.push(forget),
        )
        sendText(response, 200, resultText(id, result ?? null))
      } catch (error) {
        const known = toHubError(error)
        if (known.code === 'internal')
          log.error({ err: known.cause ?? known, path: request.path }, 'a call of Odoo failed unexpectedly')
        else
          log.info({ reason: known.message, path: request.path, hub: hub.hub }, 'a call of Odoo was not done')
        sendText(response, 200, errorText(id, error))
      }
    }
  }

  #asker(request: Request, response: Response): Asker {
    const caller = admitted(response)
    if (caller === undefined) throw new HubError('unauthorized')
    const port = request.socket.localPort
    const station = this.#settings.stations.find((each) => each.port === port) ?? {}
    const { origin = '', 'user-agent': agent = '' } = request.headers
    return {
      caller,
      station,
      display: [port, sourceOf(request.socket), origin, agent.slice(0, 200)].join(' '),
    }
  }

  /** What the hub tells goes to those that wait. */
  #follow({ hub }: MountTools, scans: ScanPolls, events: EventPolls): () => void {
    return hub.events.follow(({ device, frame, topic }) => {
      if (topic !== 'scan' && topic !== 'scale.weight') return
      const { data } = (JSON.parse(frame.toString()) as { params: { data: Facts } }).params
      if (topic === 'scan') {
        scans.scan(String(data.code), device)
        for (const name of [device, 'scanner'])
          if (name !== undefined) events.tell(name, { value: data.code })
      } else if (device !== undefined) events.tell(device, { result: Number(data.weight), status: 'success' })
    })
  }
}

function limited({ clock }: MountTools): RequestHandler {
  const rates = new Rates(clock, {
    perSecond: odooLimits.requestsPerSecondMax,
    burst: odooLimits.requestsBurstMax,
    rememberedMax: odooLimits.sourcesMax,
  })
  return (request, _response, next) => {
    if (!rates.take(sourceOf(request.socket))) throw new HubError('rate_limited')
    next()
  }
}
