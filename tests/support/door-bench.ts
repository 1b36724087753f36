/** A web door on a free port with a hub in memory behind it and time that stands still. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { WebDoor } from '../../src/hub/doors/web/web-door.ts'
import type { WebLimits } from '../../src/hub/doors/web/web-limits.ts'
import { TestClock } from './clock.ts'
import { MemoryHub } from './memory-hub.ts'
import { RawClient } from './raw-client.ts'

export class DoorBench {
  readonly hub = new MemoryHub()
  readonly clock = new TestClock()
  readonly uiDir = mkdtempSync(join(tmpdir(), 'tillbridge-ui-'))
  readonly logLines: string[] = []
  readonly door: WebDoor
  /** Why https is not served, as the door told it last. */
  httpsProblem: string | undefined
  url = ''
  port = 0

  constructor(limits: Partial<WebLimits> = {}) {
    const log = pino({ level: 'info' }, { write: (line: string) => void this.logLines.push(line) })
    this.door = new WebDoor({
      hub: this.hub,
      clock: this.clock,
      log,
      uiDir: this.uiDir,
      limits,
      onHttpsProblem: (problem) => {
        this.httpsProblem = problem
      },
    })
  }

  static async start(limits?: Partial<WebLimits>): Promise<DoorBench> {
    const bench = new DoorBench(limits)
    await bench.listen()
    return bench
  }

  /** With a port for https it is served as soon as the hub has a certificate. */
  async listen(httpsPort: number | null = null): Promise<void> {
    Object.assign(this, await this.door.start({ bind: '127.0.0.1', port: 0, httpsPort }))
    await this.door.settled()
  }

  get socketUrl(): string {
    return `ws://127.0.0.1:${this.port}/ws`
  }

  open(): Promise<RawClient> {
    return RawClient.open(this.socketUrl)
  }

  greeted(token?: string, resume?: unknown): Promise<RawClient> {
    return RawClient.greeted(this.socketUrl, token, resume)
  }

  /** One request over HTTP: status and parsed body. */
  async post(path: string, body: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer cashier-token', ...headers },
    })
    const text = await response.text()
    return {
      status: response.status,
      body: text === '' ? undefined : JSON.parse(text),
      headers: response.headers,
    }
  }

  async stop(): Promise<void> {
    const stopped = this.door.stop()
    await this.clock.advance(10_000)
    await stopped
    rmSync(this.uiDir, { recursive: true, force: true })
  }
}
