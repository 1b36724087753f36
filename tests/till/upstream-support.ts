/** An upstream on loopback that does as it is told, and the outbox in front of it over real books. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { EventTopic } from '../../src/protocol/event.ts'
import type { Store } from '../../src/store/store.ts'
import { Outbox } from '../../src/till/sync/outbox.ts'
import { webhookConnector } from '../../src/till/sync/webhook.ts'
import { TestClock } from '../support/clock.ts'

export const secret = 'a secret of 24 characters'

export interface Received {
  method: string
  path: string
  headers: IncomingMessage['headers']
  text: string
  /** Parsed, of a POST. */
  item: {
    kind: string
    id: string
    seq: number
    key: string
    needs: unknown[]
    body: Record<string, unknown>
  }
}

export type Behaviour = (received: Received, response: ServerResponse, count: number) => void

export const ok = (response: ServerResponse, remote?: string): void => {
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(remote === undefined ? {} : { id: remote }))
}

export const answer = (response: ServerResponse, status: number, body = '', headers = {}): void => {
  response.writeHead(status, headers)
  response.end(body)
}

export class Office {
  readonly received: Received[] = []
  behaviour: Behaviour = ({ item }, response) => ok(response, `r-${item.id}`)
  #server!: Server
  #wanted: { count: number; come: () => void } | undefined

  static async open(behaviour?: Behaviour): Promise<Office> {
    const office = new Office()
    if (behaviour !== undefined) office.behaviour = behaviour
    office.#server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        const { method = '', url = '', headers } = request
        const item = method === 'POST' ? (JSON.parse(text) as Received['item']) : noItem
        const received = { method, path: url, headers, text, item }
        office.received.push(received)
        if (office.received.length === office.#wanted?.count) office.#wanted.come()
        office.behaviour(received, response, office.received.length)
      })
    })
    await new Promise<void>((resolve) => office.#server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      office.#server.closeAllConnections()
      office.#server.close()
    })
    return office
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ids of the items in the order of their arrival. */
  get ids(): string[] {
    return this.received
      .filter(({ method }) => method === 'POST')
      .map(({ item }) => `${item.kind} ${item.id}`)
  }

  /** Resolves when so many requests have come. */
  arrived(count: number): Promise<void> {
    if (this.received.length >= count) return Promise.resolve()
    return new Promise((come) => {
      this.#wanted = { count, come }
    })
  }

  cutConnections(): void {
    this.#server.closeAllConnections()
  }
}

const noItem = { kind: '', id: '', seq: 0, key: '', needs: [], body: {} }

export interface Bench {
  outbox: Outbox
  clock: TestClock
  events: { topic: EventTopic; data: unknown }[]
  health: Map<string, string>
  status(): ReturnType<Outbox['status']>
}

/** `random` decides the back-off; 0 for the shortest. The outbox is stopped when the test ends. */
export function bench(
  store: Store,
  office: Office,
  options: {
    history?: boolean
    readBack?: boolean
    random?: () => number
    clock?: TestClock
    name?: string
  } = {},
): Bench {
  const {
    history = true,
    readBack = false,
    random = () => 0,
    clock = new TestClock(),
    name = 'office',
  } = options
  const events: Bench['events'] = []
  const health = new Map<string, string>()
  const connector = webhookConnector(
    {
      name,
      url: `${office.url}/in`,
      ...(readBack && { readBackUrl: `${office.url}/back/{kind}/{id}?remote={remote}` }),
      secret: async () => secret,
    },
    { hub: 'hub-1', clock },
  )
  const outbox = new Outbox(
    {
      store,
      clock,
      random,
      log: { info() {}, warn() {} },
      publish: (topic, data) => void events.push({ topic, data }),
      health: {
        report: (key, reason) => void health.set(key, reason),
        mended: (key) => void health.delete(key),
      },
    },
    [{ connector, history }],
  )
  onTestFinished(() => outbox.stop())
  return { outbox, clock, events, health, status: () => outbox.status() }
}

/** Lets sockets and books work until it holds; the clock of the test stands still meanwhile. */
export async function until(holds: () => boolean | Promise<boolean>, what = 'it'): Promise<void> {
  const giveUp = performance.now() + 8_000
  while (!(await holds())) {
    if (performance.now() > giveUp) throw new Error(`${what} did not come`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** All that was sold has been acknowledged. */
export const drained = async ({ outbox }: Pick<Bench, 'outbox'>): Promise<boolean> => {
  const [status] = (await outbox.status()).upstreams
  return status !== undefined && status.sold > 0 && status.sent === status.sold && status.state === 'idle'
}
