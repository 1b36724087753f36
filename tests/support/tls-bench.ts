/** Network and certificates of a hub on a bench: real files, keys and processes; time, name and addresses as told. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { NetworkInterfaceInfo } from 'node:os'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { vi } from 'vitest'
import type { Clock } from '../../src/hub/clock.ts'
import { configSchema } from '../../src/hub/config.ts'
import { Health } from '../../src/hub/health.ts'
import { HubNetwork } from '../../src/hub/network.ts'
import { HubTls } from '../../src/hub/tls/tls.ts'
import { TestClock } from './clock.ts'

type Interfaces = Record<string, string[]>

export interface TlsBenchOptions {
  config?: object
  dir?: string
  clock?: TestClock
  /** The time that the hub sees instead, for talks with programs that have the real one. */
  realClock?: Clock
  interfaces?: Interfaces
}

/** A clock that is wrong until somebody sets it; timers do not notice. */
export class SettableClock extends TestClock {
  #ahead = 0

  override now(): number {
    return super.now() + this.#ahead
  }

  set(ms: number): void {
    this.#ahead += ms - this.now()
  }
}

export class TlsBench {
  readonly clock: TestClock
  readonly root: string
  readonly dir: string
  readonly network: HubNetwork
  readonly tls: HubTls
  readonly health = new Health()
  readonly logLines: string[] = []
  /** Certificates in the order in which they were told. */
  readonly shown: string[] = []
  interfaces: Interfaces

  constructor({ config = {}, dir, clock, realClock, interfaces }: TlsBenchOptions = {}) {
    this.clock = clock ?? new TestClock(Date.UTC(2026, 10, 23, 12))
    this.root = dir ?? mkdtempSync(join(tmpdir(), 'tillbridge-tls-'))
    this.dir = join(this.root, 'tls')
    this.interfaces = interfaces ?? { lo: ['127.0.0.1', '::1'], eth0: ['192.168.1.5'] }
    const log = pino({ level: 'debug' }, { write: (line: string) => void this.logLines.push(line) })
    const parsed = configSchema.parse({ network: { name: 'kasse' }, ...config })
    const tools = { config: parsed, clock: realClock ?? this.clock, log }
    this.network = new HubNetwork({
      ...tools,
      hostname: () => 'Kasse 1.shop.example',
      interfaces: () =>
        Object.fromEntries(
          Object.entries(this.interfaces).map(([name, addresses]) => [
            name,
            addresses.map((address) => ({ address }) as NetworkInterfaceInfo),
          ]),
        ),
    })
    this.tls = new HubTls({ ...tools, dir: this.dir, network: this.network, health: this.health })
    this.tls.onChange(({ cert }) => this.shown.push(cert))
  }

  /** Without `ip`: the bench listens for this machine, or tells of the LAN by hand. */
  async start(bind = '127.0.0.1'): Promise<this> {
    this.network.start()
    this.network.listening({ bind, http: 8080, https: 8443 })
    await this.tls.start()
    return this
  }

  /** Other addresses, as if the box had got them. */
  move(interfaces: Interfaces, bind = '0.0.0.0'): void {
    this.interfaces = interfaces
    this.network.stop()
    this.network.start()
    this.network.listening({ bind, http: 8080, https: 8443 })
  }

  file(name: string): string {
    return readFileSync(join(this.dir, name), 'utf8')
  }

  files(): string[] {
    return readdirSync(this.dir).sort()
  }

  /** Moves time on until it holds; keys are made by processes that know nothing of this clock. */
  async until(holds: () => boolean, stepMs = 0): Promise<void> {
    await vi.waitFor(
      async () => {
        await this.clock.advance(stepMs)
        if (!holds()) throw new Error('it does not hold yet')
      },
      { timeout: 20_000, interval: 20 },
    )
  }

  async stop(): Promise<void> {
    await this.tls.stop()
    this.network.stop()
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.root, { recursive: true, force: true })
  }
}
