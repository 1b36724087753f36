/** Epson's ePOS-Print: a till that knows such a printer finds one in each printer of the hub, and is told what happened on paper. */
import express, { type Request, type RequestHandler, type Response } from 'express'
import type { Device } from '../../../protocol/device.ts'
import { HubError, toHubError } from '../../../protocol/errors.ts'
import type { Job } from '../../../protocol/job.ts'
import type { Caller, HubApi } from '../../api.ts'
import { hostOf } from '../../host-names.ts'
import { findDevice } from '../find-device.ts'
import { Gate } from '../gate.ts'
import { Rates } from '../rates.ts'
import { admitted, gateKeeper } from '../web/gate-keeper.ts'
import { bodyError, textBody, textOf } from '../web/http-parts.ts'
import { sourceOf } from '../web/source.ts'
import type { MountTools, WebMount } from '../web/web-door.ts'
import { answerXml, blockedBy, eposCode, statusOf } from './answer.ts'
import type { EposSettings } from './epos-config.ts'
import { eposLimits } from './epos-limits.ts'
import { doWork } from './epos-work.ts'
import { readWork } from './receipt.ts'
import { type EposRequest, readRequest } from './request.ts'

const path = '/cgi-bin/epos/service.cgi'

/** What Epson's own library sends besides (TM-T20II-i manual, p. 10). */
const preflightHeaders = {
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers': 'Content-Type, If-Modified-Since, SOAPAction',
  'Access-Control-Max-Age': '600',
} as const

export class EposMount implements WebMount {
  readonly #settings: EposSettings
  readonly #gate: Gate
  readonly #newId: () => string

  constructor(settings: EposSettings, newId: () => string) {
    this.#settings = settings
    this.#gate = new Gate('epos', 'ePOS', settings)
    this.#newId = newId
  }

  routes(tools: MountTools): RequestHandler {
    const router = express.Router()
    const rates = new Rates(tools.clock, {
      perSecond: eposLimits.requestsPerSecondMax,
      burst: eposLimits.requestsBurstMax,
      rememberedMax: eposLimits.sourcesMax,
    })
    const limited: RequestHandler = (request, _response, next) => {
      if (!rates.take(sourceOf(request.socket))) throw new HubError('rate_limited')
      next()
    }
    const enter = gateKeeper(this.#gate, tools, 'ePOS', preflightHeaders)
    router.options(path, enter)
    router.post(path, enter, limited, textBody(eposLimits.bodyBytesMax), async (request, response) => {
      await this.#serve(request, response, tools)
    })
    // What goes wrong before the request is read is told as a printer tells it.
    const errors: express.ErrorRequestHandler = (error, _request, response, next) => {
      if (response.headersSent || admitted(response) === undefined) next(error)
      else send(response, { success: false, code: eposCode(toHubError(bodyError(error)).code), status: 1 })
    }
    router.use(path, errors)
    return router
  }

  async #serve(request: Request, response: Response, tools: MountTools): Promise<void> {
    const { hub, log } = tools
    const caller = admitted(response)
    if (caller === undefined) throw new HubError('unauthorized')
    let asked: EposRequest | undefined
    let printer: Device | undefined
    let problem: string | undefined
    try {
      asked = readRequest(textOf(request.body), new URLSearchParams(request.url.split('?')[1] ?? ''))
      printer = await this.#printer(hub, caller, request, asked.devid)
      if (printer === undefined) throw new HubError('device_unknown', { device: asked.devid ?? '' })
      const work = readWork(asked.document)
      const job = await doWork(work, asked.timeoutMs, printer, caller, { ...tools, newId: this.#newId })
      // As it is after the work: out of paper with the last line, say.
      printer = await hub.call('device.get', { id: printer.id }, caller)
      problem = job === undefined ? blockedBy(printer) : problemOf(job, printer)
    } catch (error) {
      const known = toHubError(error)
      problem = known.code
      if (known.code === 'internal')
        log.error({ err: known.cause ?? known }, 'an ePOS request failed unexpectedly')
      else log.info({ reason: known.message, client: caller.name }, 'an ePOS request was not done')
    }
    const success = problem === undefined
    const code = problem === undefined ? '' : eposCode(problem)
    send(response, { success, code, status: statusOf(printer, success), printJobId: asked?.printJobId })
  }

  /** By the table; else by its own id or name; else the one that is set, or the first. */
  async #printer(
    hub: HubApi,
    caller: Caller,
    request: Request,
    devid: string | undefined,
  ): Promise<Device | undefined> {
    const { printer, printers } = this.#settings
    const host = hostOf(request.headers.host ?? '')
    const port = request.socket.localPort
    const row = printers.find(
      (each) =>
        (each.devid === undefined || each.devid === devid) &&
        (each.port === undefined || each.port === port) &&
        (each.host === undefined || each.host.toLowerCase() === host),
    )
    if (row !== undefined) return findDevice(hub, caller, 'printer', row.printer)
    const named = devid === undefined ? undefined : await findDevice(hub, caller, 'printer', devid)
    if (named !== undefined) return named
    // Most tills have one word for all printers of the world; another word means another printer, which there is not.
    if (devid !== undefined && devid !== 'local_printer') return undefined
    return findDevice(hub, caller, 'printer', printer)
  }
}

/** Why a job is not done, as a code; undefined for one that is. */
function problemOf(job: Job, printer: Device): string | undefined {
  if (job.state === 'done') return undefined
  if (job.state === 'unknown') return 'job_outcome_unknown'
  if (job.state === 'expired') return 'job_expired'
  return job.waitingFor ?? blockedBy(printer) ?? job.error?.code ?? 'job_expired'
}

function send(
  response: Response,
  answer: { success: boolean; code: string; status: number; printJobId?: string | undefined },
): void {
  response.status(200).setHeader('Content-Type', 'text/xml; charset=utf-8')
  response.end(answerXml({ printJobId: undefined, ...answer }))
}
