/** Ports that take bytes as a network printer does: each connection, or what comes before a pause, is one job of the hub. */
import { createServer, type Server, type Socket } from 'node:net'
import { errorText, HubError } from '../../../protocol/errors.ts'
import type { Caller, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { findDevice } from '../find-device.ts'
import { Gate } from '../gate.ts'
import { sourceOf } from '../web/source.ts'
import type { RawSettings } from './raw-config.ts'
import { answersOf, readQuestions } from './status-answers.ts'

export const rawLimits = {
  /** One job, in bytes. */
  jobBytesMax: 4 * 1_024 * 1_024,
  /** Connections of one port. */
  connectionsMax: 16,
  /** A connection on which nothing comes, in ms. */
  idleMsMax: 300_000,
} as const

interface RawTools {
  hub: HubApi
  clock: Clock
  log: Log
  newId: () => string
  /** Told why a port is not served, and with undefined that all are. */
  onProblem(sentence: string | undefined): void
}

export class RawDoor {
  readonly name = 'raw'
  readonly #settings: RawSettings & { bind: string }
  readonly #tools: RawTools
  readonly #gate: Gate
  readonly #servers: Server[] = []
  readonly #connections = new Set<RawConnection>()
  #stopped = true

  constructor(settings: RawSettings & { bind: string }, tools: RawTools) {
    this.#settings = settings
    this.#tools = tools
    this.#gate = new Gate('raw', 'Port', { origins: [], sources: settings.sources })
  }

  get clients(): number {
    return this.#connections.size
  }

  start(): void {
    this.#stopped = false
    void this.#tools.hub.running.then(() => {
      if (!this.#stopped) for (const { port, printer } of this.#settings.ports) this.#serve(port, printer)
    })
  }

  stop(): void {
    this.#stopped = true
    for (const server of this.#servers) server.close()
    for (const connection of this.#connections) connection.stop()
  }

  #serve(port: number, printer: string): void {
    const { log, onProblem } = this.#tools
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#enter(socket, port, printer),
    )
    server.maxConnections = rawLimits.connectionsMax
    server.on('error', (error) => {
      log.warn({ port, reason: errorText(error) }, 'a port for a printer is not served')
      onProblem(`Port ${port} for ${printer} is not served: ${errorText(error)}`)
    })
    server.listen(port, this.#settings.bind)
    this.#servers.push(server)
  }

  #enter(socket: Socket, port: number, printer: string): void {
    const { hub } = this.#tools
    const source = sourceOf(socket)
    const caller = this.#gate.admit({ origin: undefined, source })
    if (caller === undefined) {
      hub.access.refused('token', source, { path: `port ${port}`, reason: 'its address is not on the list' })
      socket.destroy()
      return
    }
    const connection = new RawConnection(socket, {
      ...this.#tools,
      ...{ caller, printer, port, pauseMs: this.#settings.pauseMs },
    })
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
  }
}

class RawConnection {
  readonly #socket: Socket
  readonly #tools: RawTools & { caller: Caller; printer: string; port: number; pauseMs: number }
  #parts: Buffer[] = []
  #bytes = 0
  #cancelPause: () => void = () => {}
  #cancelIdle: () => void = () => {}
  /** Jobs go one after the other, so that their order stays. */
  #work: Promise<void> = Promise.resolve()

  constructor(
    socket: Socket,
    tools: RawTools & { caller: Caller; printer: string; port: number; pauseMs: number },
  ) {
    this.#socket = socket
    this.#tools = tools
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('end', () => {
      this.#finish()
      void this.#work.then(() => socket.end())
    })
    socket.on('error', (error) => this.#broken(errorText(error)))
    socket.on('close', () => {
      this.#cancelPause()
      this.#cancelIdle()
    })
    this.#awake()
  }

  /** What has not come whole is not printed, and its program learns that. */
  stop(): void {
    this.#broken('the hub stops')
    this.#socket.resetAndDestroy()
  }

  #awake(): void {
    this.#cancelIdle()
    this.#cancelIdle = this.#tools.clock.after(rawLimits.idleMsMax, () => this.#socket.destroy())
  }

  #take(chunk: Buffer): void {
    this.#awake()
    const questions = this.#bytes === 0 ? readQuestions(chunk) : undefined
    if (questions !== undefined) {
      void this.#answer(questions)
      return
    }
    this.#parts.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > rawLimits.jobBytesMax) {
      this.#broken(`it is larger than ${rawLimits.jobBytesMax} bytes`)
      this.#socket.resetAndDestroy()
      return
    }
    this.#cancelPause()
    this.#cancelPause = this.#tools.clock.after(this.#tools.pauseMs, () => this.#finish())
  }

  /** A receipt that broke off in the middle is not printed: half of one looks like a whole. */
  #broken(reason: string): void {
    const { caller, log, port } = this.#tools
    if (this.#bytes > 0)
      log.warn(
        { port, client: caller.name, bytes: this.#bytes, reason },
        'a print broke off and is not printed',
      )
    this.#parts = []
    this.#bytes = 0
    this.#cancelPause()
  }

  #finish(): void {
    this.#cancelPause()
    if (this.#bytes === 0) return
    const raw = Buffer.concat(this.#parts).toString('base64')
    this.#parts = []
    this.#bytes = 0
    // Nothing more is read until the hub has this one: whoever sends without end waits.
    this.#socket.pause()
    this.#work = this.#work.then(() => this.#print(raw)).finally(() => this.#socket.resume())
  }

  async #print(raw: string): Promise<void> {
    const { caller, hub, log, newId, port, printer } = this.#tools
    try {
      const device = await findDevice(hub, caller, 'printer', printer)
      if (device === undefined) throw new HubError('device_unknown', { device: printer })
      const job = { id: `raw-${newId()}`, device: device.id, kind: 'print' as const, payload: { raw } }
      await hub.call('job.submit', job, caller)
    } catch (error) {
      log.warn({ port, client: caller.name, reason: errorText(error) }, 'a print was not taken')
      // All that this protocol has to say so.
      this.#socket.resetAndDestroy()
    }
  }

  /** A printer of another language has no answer to them, nor has one that nobody knows. */
  async #answer(questions: NonNullable<ReturnType<typeof readQuestions>>): Promise<void> {
    const { caller, hub, printer } = this.#tools
    const device = await findDevice(hub, caller, 'printer', printer).catch(() => undefined)
    if (device?.driver === 'escpos' && !this.#socket.destroyed)
      this.#socket.write(answersOf(questions, device))
  }
}
