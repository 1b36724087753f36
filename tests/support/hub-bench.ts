/** A hub for tests: real services and a real store, time that stands still, printers in memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Driver, Profile } from '../../src/drivers/driver.ts'
import { qrSvg } from '../../src/drivers/imaging/qr-svg.ts'
import { MemoryPorts } from '../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../src/drivers/transports/port-url.ts'
import type { Caller, EventFrame } from '../../src/hub/api.ts'
import { LogBook } from '../../src/hub/care/log-book.ts'
import { configSchema, loadConfig } from '../../src/hub/config.ts'
import type { DriverCatalogue } from '../../src/hub/devices/devices.ts'
import type { PortSource } from '../../src/hub/devices/discovery.ts'
import { Hub, type HubParts } from '../../src/hub/hub.ts'
import { createLog } from '../../src/hub/log.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { HubEvent } from '../../src/protocol/event.ts'
import { parseBy } from '../../src/protocol/messages.ts'
import { type MethodName, methods, type Params, type Result } from '../../src/protocol/methods.ts'
import { checkBooks, copyBooks } from '../../src/store/copy.ts'
import { openEventLog, openStore } from '../../src/store/open.ts'
import type { Store, UserRow } from '../../src/store/store.ts'
import { settle, TestClock } from './clock.ts'
import { LinePrinterTwin, linePrinterDriver, linePrinterProfile } from './line-printer.ts'

export const technician: Caller = { client: 'token-tech', name: 'technician', role: 'technician' }
/** What a session of the bench's owner is. */
export const owner: Caller = { client: 'session-1', name: 'Ada', role: 'owner', user: 'user-owner' }
export const cashier: Caller = { client: 'token-1', name: 'till 1', role: 'cashier' }
export const otherCashier: Caller = { client: 'token-2', name: 'till 2', role: 'cashier' }

export interface BenchOptions {
  config?: unknown
  dir?: string
  clock?: TestClock
  sources?: PortSource[]
  /** Drivers besides the line printer, each with its profiles. */
  drivers?: readonly { driver: Driver; profiles: readonly Profile[] }[]
  parts?: Partial<HubParts>
  /** False for a hub as it comes out of the box: nobody has set a password. */
  owner?: boolean
}

export const benchPassword = 'seven green bottles'
/** The owner of every bench. Hashed at the lowest cost: what it costs is not what is tested. */
export const benchOwner: UserRow = {
  id: 'user-owner',
  name: 'Ada',
  role: 'owner',
  password: '$scrypt$ln=4,r=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$tiAEYQdccGlx6irNd8kZ1fpoZM61sRp14f2QqFmdMjo',
  createdAt: 0,
}

/** Stands where no test looks: a bench without keyboards has nobody to teach. */
const noKeyboards: HubParts['teaching'] = {
  driver: 'line-printer',
  code: () => 'TB-0000',
  picture: () => Promise.resolve('<svg/>'),
  typist: () => ({ feed() {}, spellings: () => [] }),
}

/** The store of a hub that has its owner. */
export async function openOwnedStore(dir: string): Promise<Store> {
  const store = await openStore({ dir, inline: true })
  if ((await store.access.users()).length === 0) await store.access.insertUser(benchOwner)
  return store
}

export class HubBench {
  readonly clock: TestClock
  readonly dir: string
  readonly ports = new MemoryPorts()
  readonly pages = new MemoryPorts()
  readonly twins = new Map<string, LinePrinterTwin>()
  readonly events: HubEvent[] = []
  readonly hub: Hub
  /** Ports are open only after this has settled. */
  opening: Promise<void> | undefined
  #ids = 0

  private constructor(options: BenchOptions) {
    this.clock = options.clock ?? new TestClock()
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), 'tillbridge-test-'))
    const open = createOpenTransport(this.clock, this.ports, this.pages)
    const known = [
      { driver: linePrinterDriver as Driver, profiles: [linePrinterProfile] },
      ...(options.drivers ?? []),
    ]
    const catalogue: DriverCatalogue = {
      drivers: known.map(({ driver }) => driver),
      driver: (id) => catalogue.drivers.find((driver) => driver.id === id),
      profiles: (id) => known.find(({ driver }) => driver.id === id)?.profiles ?? [],
      parsePort: parsePortUrl,
      openTransport: async (address, defaults) => {
        const transport = await open(address, defaults)
        await this.opening
        return transport
      },
    }
    this.hub = new Hub({
      // Certificates take a process each; tests that want them say so.
      config: configSchema.parse({ https: { enabled: false }, ...(options.config ?? {}) }),
      version: '0.0.0-test',
      clock: this.clock,
      log: createLog('silent'),
      newId: () => `id-${++this.#ids}`,
      random: () => 0.5,
      catalogue,
      matchProfile: () => undefined,
      suggest: () => undefined,
      scanNetwork: () => Promise.resolve({ hosts: [], asked: 0 }),
      teaching: noKeyboards,
      qrSvg,
      pagePorts: this.pages,
      picturesDir: join(this.dir, 'display'),
      portSources: options.sources ?? [],
      box: {
        data: this.dir,
        configFile: join(this.dir, 'tillbridge.toml'),
        overridden: [],
        logBook: new LogBook(),
        load: () => loadConfig({ data: this.dir }, {}).config,
        copyBooks: (to) => copyBooks(this.dir, to),
        checkBooks,
        findings: async () => [],
        restart() {},
      },
      demoDevices: [],
      demoPorts: this.ports,
      openStore: () =>
        options.owner === false ? openStore({ dir: this.dir, inline: true }) : openOwnedStore(this.dir),
      openEventLog: () =>
        openEventLog({
          dir: this.dir,
          bootId: 'boot',
          newId: () => `epoch-${++this.#ids}`,
          now: () => this.clock.now(),
          inline: true,
        }),
      createDoors: () => [],
      ...options.parts,
    })
  }

  static async start(options: BenchOptions = {}): Promise<HubBench> {
    const bench = new HubBench(options)
    await bench.hub.start()
    if (bench.hub.health().status === 'ready')
      bench.hub.events.follow((event) => bench.events.push(eventOf(event)))
    return bench
  }

  call<M extends MethodName>(method: M, params: Params<M>, caller: Caller = technician): Promise<Result<M>> {
    return this.hub.call(method, parseBy(methods[method].params, params) as never, caller)
  }

  /** Plugs in a printer and waits until it is ready. The port is a made-up one, so that rows survive a restart. */
  async printer(name: string, settings: Record<string, unknown> = {}): Promise<LinePrinterTwin> {
    const twin = this.plug(name)
    const port = `memory:${name}`
    await this.call('device.add', { class: 'printer', driver: 'line-printer', port, name, settings })
    await this.clock.advance(100)
    return twin
  }

  /** Offers the port of a printer, as plugging in its cable does. */
  plug(name: string): LinePrinterTwin {
    const twin = this.twins.get(name) ?? new LinePrinterTwin()
    this.twins.set(name, twin)
    this.ports.offer(name, (end) => twin.attach(end))
    return twin
  }

  unplug(name: string): void {
    this.ports.withdraw(name)
  }

  print(
    device: string,
    id: string,
    text = 'hello',
    more: Partial<Params<'job.submit'>> = {},
  ): Promise<Result<'job.submit'>> {
    return this.call('job.submit', { id, device, kind: 'print', payload: { text }, ...more }, cashier)
  }

  /** Lets everything that can run, run. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await settle()
  }

  /** Ends like a crash: nothing is stopped, the files stay. */
  async stop(): Promise<void> {
    await this.hub.stop()
  }

  async end(): Promise<void> {
    await this.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

export function eventOf(event: EventFrame): HubEvent {
  return (JSON.parse(event.frame.toString()) as { params: HubEvent }).params
}

/** The code that a call is refused with, or `no error`. */
export function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof HubError ? error.code : String(error)),
  )
}
