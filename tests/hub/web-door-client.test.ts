/** The typed client at the real web door, over a cable that is cut again and again. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClient, type HubClient } from '../../src/protocol/client.ts'
import { clientTimes } from '../../src/protocol/client-connection.ts'
import type { Job } from '../../src/protocol/job.ts'
import { settle, TestClock } from '../support/clock.ts'
import { DoorBench } from '../support/door-bench.ts'
import { resultExamples } from '../support/examples.ts'

/** A wire to a port that can be cut. */
class Cable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(port: () => number) {
    this.#server = createServer((near) => {
      const far = connect(port(), '127.0.0.1')
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from)
        from.on('error', () => {})
        from.on('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
        from.pipe(to)
      }
    })
  }

  async plug(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async unplug(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

let bench: DoorBench
let cable: Cable
let clock: TestClock
let client: HubClient
beforeEach(async () => {
  bench = await DoorBench.start()
  cable = new Cable(() => bench.port)
  clock = new TestClock()
  // Node's own WebSocket, as a browser's.
  client = createClient({
    url: await cable.plug(),
    token: 'cashier-token',
    client: 'till 1',
    clock,
    random: () => 0,
  })
})
afterEach(() => client.close())
afterEach(async () => {
  await cable.unplug()
  await bench.stop()
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await settle()
    // Retries are due at once: the test draws no delay.
    await clock.advance(0)
  }
}

describe('client and door', () => {
  it('[P25] lose no event and give none twice through thirty cuts', async () => {
    const got: number[] = []
    let gaps = 0
    let losses = 0
    client.subscribe(['scan'], ({ seq }) => got.push(seq))
    client.onGap(() => gaps++)
    client.onStatus((status) => {
      if (status === 'offline') losses++
    })
    client.connect()
    await client.whenOnline()
    for (let round = 0; round < 30; round++) {
      for (let index = 0; index < 70; index++) {
        bench.hub.memoryEvents.scan('x')
        if (index === round * 2) cable.cut()
        if (index % 10 === 0) await settle()
      }
      await until(() => client.status === 'online')
    }
    const last = bench.hub.memoryEvents.scan('last').seq
    await until(() => got.at(-1) === last)
    expect(got).toEqual(Array.from({ length: last }, (_, index) => index + 1))
    expect([last, gaps]).toEqual([30 * 70 + 1, 0])
    expect(losses).toBeGreaterThanOrEqual(25)
  })

  it('[P26] tell of the gap when what was missed is gone', async () => {
    const got: number[] = []
    let gaps = 0
    client.subscribe(['scan'], ({ seq }) => got.push(seq))
    client.onGap(() => gaps++)
    client.connect()
    await client.whenOnline()
    bench.hub.memoryEvents.scan('1')
    await until(() => got.length === 1)
    cable.cut()
    await until(() => client.status !== 'online')
    for (let seq = 2; seq <= 9; seq++) bench.hub.memoryEvents.scan('missed')
    bench.hub.memoryEvents.keep(2)
    await until(() => gaps === 1)
    bench.hub.memoryEvents.scan('10')
    await until(() => got.length === 2)
    expect(got).toEqual([1, 10])
  })

  it('[P40] find back after a restart of the hub on the same port', async () => {
    const got: number[] = []
    client.subscribe(['scan'], ({ seq }) => got.push(seq))
    client.connect()
    await client.whenOnline()
    bench.hub.memoryEvents.scan('1')
    await until(() => got.length === 1)
    const { hub } = bench
    await bench.stop()
    await until(() => client.status !== 'online')
    hub.memoryEvents.scan('2')
    bench = await DoorBench.start()
    Object.assign(bench.hub, { memoryEvents: hub.memoryEvents })
    for (let tries = 0; client.status !== 'online' && tries < 50; tries++) {
      await settle()
      await clock.advance(clientTimes.retryMsMax)
    }
    hub.memoryEvents.scan('3')
    await until(() => got.length === 3)
    expect(got).toEqual([1, 2, 3])
  })

  it('[P30] make one job of a submit whose answer was lost', async () => {
    const jobs = new Map<string, Job>()
    const asked: string[] = []
    bench.hub.answer('job.submit', (params) => {
      const { id } = params as Job
      asked.push(id)
      const { outcome: _, error: __, ...rest } = resultExamples['job.submit']
      if (!jobs.has(id)) jobs.set(id, { ...rest, id, state: 'done' })
      if (asked.length === 1) cable.cut()
      return jobs.get(id)
    })
    client.connect()
    await client.whenOnline()
    let printed: Job | undefined
    void client.print('printer-1', { text: 'x' }).then((job) => {
      printed = job
    })
    await until(() => printed !== undefined)
    expect(printed?.state).toBe('done')
    expect([asked.length, new Set(asked).size, jobs.size]).toEqual([2, 1, 1])
  })

  it('[P17] stop when the token is taken back, and go on after pairing anew', async () => {
    client.connect()
    await client.whenOnline()
    bench.hub.memoryAccess.revoke('cashier-token')
    await until(() => client.status === 'refused')
    client.connect()
    await until(() => client.refusal?.code === 'unauthorized')
    expect(client.status).toBe('refused')
  })

  it('subscriptions made and ended in a hurry end as the last one wants', async () => {
    client.connect()
    await client.whenOnline()
    const got: string[] = []
    const stops: (() => void)[] = []
    for (let round = 0; round < 20; round++) {
      stops.push(client.subscribe(['drawer.*'], () => got.push(`drawer ${round}`)))
      if (round % 3 === 0) await settle()
      stops.push(client.subscribe(['scan'], () => got.push(`scan ${round}`)))
      if (round < 19) for (const stop of stops.splice(0)) stop()
      if (round % 4 === 0) await settle()
    }
    // Requests run one after the other; what is asked behind them comes after them.
    for (let turn = 0; turn < 5; turn++) await client.call('ping', {})
    bench.hub.memoryEvents.scan('x')
    bench.hub.memoryEvents.publish('drawer.opened', {})
    await until(() => got.length === 2)
    expect(got).toEqual(['scan 19', 'drawer 19'])
  })
})
