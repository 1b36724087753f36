/** The hub of `hub-bench.ts` with the real web door in front: real services, a real socket, time that stands still. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { WebDoor } from '../../src/hub/doors/web/web-door.ts'
import type { Params } from '../../src/protocol/methods.ts'
import { TestClock } from './clock.ts'
import { type BenchOptions, HubBench } from './hub-bench.ts'
import { RawClient, type WireMessage } from './raw-client.ts'

export class HubWithDoor {
  readonly clock: TestClock
  readonly url: string
  /** Lines that hub and door log, at the finest level. */
  readonly logLines: string[]
  /** Settles when the hub has come up. */
  readonly up: Promise<HubBench>
  readonly #uiDir: string
  #bench: HubBench | undefined

  private constructor(parts: {
    clock: TestClock
    url: string
    logLines: string[]
    up: Promise<HubBench>
    uiDir: string
  }) {
    this.clock = parts.clock
    this.url = parts.url
    this.logLines = parts.logLines
    this.#uiDir = parts.uiDir
    this.up = parts.up.then((bench) => {
      this.#bench = bench
      return bench
    })
  }

  /** Settles when the door listens; the hub behind it may still be coming up. */
  static async listening(options: BenchOptions = {}): Promise<HubWithDoor> {
    const clock = options.clock ?? new TestClock()
    const uiDir = mkdtempSync(join(tmpdir(), 'tillbridge-ui-'))
    const logLines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => void logLines.push(line) })
    const { promise: opened, resolve: told } = Promise.withResolvers<string>()
    const up = HubBench.start({
      ...options,
      clock,
      parts: {
        log,
        ...options.parts,
        createDoors: (hub) => {
          const door = new WebDoor({ hub, clock, log, uiDir })
          return [
            {
              name: 'web',
              get clients() {
                return door.clients
              },
              start: async () => told((await door.start({ bind: '127.0.0.1', port: 0 })).url),
              stop: () => door.stop(),
            },
          ]
        },
      },
    })
    return new HubWithDoor({ clock, url: await opened, logLines, up, uiDir })
  }

  static async start(options: BenchOptions = {}): Promise<HubWithDoor> {
    const hub = await HubWithDoor.listening(options)
    await hub.up
    return hub
  }

  get bench(): HubBench {
    if (this.#bench === undefined) throw new Error('the hub is not up yet')
    return this.#bench
  }

  get socketUrl(): string {
    return `${this.url.replace('http', 'ws')}/ws`
  }

  /** Pairs as a person does: a code from a technician, redeemed over HTTP. Answers the token. */
  async pair(name: string, role: Params<'pair.code'>['role'] = 'cashier'): Promise<string> {
    const { code } = await this.bench.call('pair.code', { role })
    const { body } = await this.post('/api/v1/pair', { code, name })
    return body.token as string
  }

  greeted(token: string, resume?: unknown): Promise<RawClient> {
    return RawClient.greeted(this.socketUrl, token, resume)
  }

  /** One request over HTTP. A text goes out as it is, anything else as JSON. */
  async post(path: string, body: unknown, token?: string): Promise<{ status: number; body: WireMessage }> {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: {
        'Content-Type': 'application/json',
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }

  async metrics(): Promise<{ contentType: string; text: string }> {
    const response = await fetch(`${this.url}/metrics`)
    return { contentType: response.headers.get('content-type') ?? '', text: await response.text() }
  }

  /** Stops the hub; its files stay. */
  async stop(): Promise<void> {
    await (await this.up).stop()
    rmSync(this.#uiDir, { recursive: true, force: true })
  }

  async end(): Promise<void> {
    await this.stop()
    rmSync(this.bench.dir, { recursive: true, force: true })
  }
}
