/** The typed client against a WebSocket server that plays the hub, with time that stands still. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  type ClientOptions,
  type ClientStatus,
  clientJobTimes,
  createClient,
  type Diagnosis,
  type HubClient,
} from '../../src/protocol/client.ts'
import { clientTimes } from '../../src/protocol/client-connection.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { type Job, type JobState, jobIdSchema, jobLimits } from '../../src/protocol/job.ts'
import { protocolName, subscriptionsMax } from '../../src/protocol/methods.ts'
import { settle, TestClock } from '../support/clock.ts'
import { resultExamples } from '../support/examples.ts'
import { noAnswer, ScriptedHub } from '../support/scripted-hub.ts'

let hub: ScriptedHub
let clock: TestClock
let client: HubClient
let statuses: ClientStatus[]
beforeEach(async () => {
  hub = await ScriptedHub.start()
  clock = new TestClock()
  statuses = []
  client = newClient()
})
afterEach(async () => {
  client.close()
  await hub.stop()
  expect(clock.pending).toBe(0)
})

function newClient(options: Partial<ClientOptions> = {}): HubClient {
  return createClient({
    url: hub.url,
    token: 'secret',
    client: 'till 1',
    WebSocket,
    clock,
    random: () => 0.5,
    onStatus: (status) => statuses.push(status),
    ...options,
  })
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settle()
}

/** Lets frames on their way arrive: a question behind them is answered after them. */
async function arrived(): Promise<void> {
  await client.call('ping', {})
}

async function online(): Promise<void> {
  client.connect()
  await client.whenOnline()
}

/** Cuts the connection and waits until the client is back. */
async function reconnect(): Promise<void> {
  hub.cut()
  await until(() => client.status === 'offline')
  await clock.advance(clientTimes.retryFirstMsMax)
  await client.whenOnline()
}

const job = (state: JobState, id = 'j1'): Job => {
  const { outcome: _, error: __, ...rest } = resultExamples['job.get']
  return { ...rest, id, state }
}

describe('connection', () => {
  it('does nothing before connect, then says hello and is online', async () => {
    expect([client.status, hub.connections]).toEqual(['offline', 0])
    await online()
    expect(statuses).toEqual(['connecting', 'online'])
    expect(hub.asked('hello')).toEqual([{ token: 'secret', client: 'till 1' }])
    expect([...hub.sockets][0]?.protocol).toBe(protocolName)
    expect(client.hub).toMatchObject({ hub: 'hub-1', role: 'cashier' })
    client.connect()
    await arrived()
    expect(hub.connections).toBe(1)
  })

  it('takes the address in any of its forms and refuses what is none', async () => {
    for (const url of [hub.url, hub.url.replace('http', 'ws'), `${hub.url}/ws`]) {
      const other = newClient({ url, WebSocket: globalThis.WebSocket })
      other.connect()
      await other.whenOnline()
      other.close()
    }
    expect(hub.connections).toBe(3)
    expect(() => newClient({ url: 'hub' })).toThrow(expect.objectContaining({ code: 'params_invalid' }))
  })

  it('[P41] comes back after random delays below a doubling ceiling', async () => {
    await online()
    await hub.stop()
    await until(() => client.status === 'offline')
    const ceilings: number[] = []
    for (let attempt = 0; attempt < 9; attempt++) {
      const ceiling = Math.min(clientTimes.retryMsMax, clientTimes.retryFirstMsMax * 2 ** attempt)
      const before = statuses.length
      await clock.advance(ceiling / 2 - 1)
      expect(statuses.length).toBe(before)
      await clock.advance(1)
      await until(() => statuses.length === before + 2)
      expect(statuses.slice(before)).toEqual(['connecting', 'offline'])
      ceilings.push(ceiling)
    }
    expect(ceilings.slice(-3)).toEqual([30_000, 30_000, 30_000])
    await hub.listen()
    client.connect()
    await client.whenOnline()
    // Short connections do not start the delays over; one that held does.
    await clock.advance(clientTimes.steadyMs - 1)
    hub.cut()
    await until(() => client.status === 'offline')
    await clock.advance(clientTimes.retryMsMax / 2 - 1)
    expect(client.status).toBe('offline')
    await clock.advance(1)
    await client.whenOnline()
    await clock.advance(clientTimes.steadyMs)
    await reconnect()
  })

  it('[P13] stops when it is refused, and tries again when told to', async () => {
    hub.answer('hello', (_, socket) => {
      setImmediate(() => socket.close(4401, 'unauthorized'))
      throw new HubError('unauthorized')
    })
    client.connect()
    await expect(client.whenOnline()).rejects.toMatchObject({ code: 'unauthorized' })
    expect([client.status, client.refusal?.code, clock.pending]).toEqual(['refused', 'unauthorized', 0])
    await expect(client.call('device.list', {})).rejects.toMatchObject({ code: 'unauthorized' })
    hub.answer('hello', () => resultExamples.hello)
    client.connect()
    await client.whenOnline()
    expect(client.refusal).toBeUndefined()
  })

  it('[K5] tries again after a refused upgrade, which looks like a loss to a page', async () => {
    let refusing = true
    hub.verify = () => !refusing
    client.connect()
    await until(() => client.status === 'offline')
    expect(client.refusal).toBeUndefined()
    refusing = false
    await clock.advance(clientTimes.retryFirstMsMax)
    await client.whenOnline()
  })

  it('[P17] stops when its token is taken back', async () => {
    await online()
    for (const socket of hub.sockets) socket.close(4403, 'unauthorized')
    await until(() => client.status === 'refused')
    expect([client.refusal?.code, clock.pending]).toEqual(['unauthorized', 0])
  })

  it('[K3] says hello without a token when it was given none', async () => {
    const other = newClient({ token: undefined, client: 'console' })
    other.connect()
    await other.whenOnline()
    expect(hub.asked('hello')).toEqual([{ client: 'console' }])
    other.close()
  })

  it('[K4] stays refused by what trying again would not mend, with the reason', async () => {
    const errors = [
      new HubError('forbidden', { role: 'cashier', method: 'hello' }),
      new HubError('params_invalid', { path: 'client', reason: 'is too long' }),
      new HubError('tls_required', { url: 'https://hub.local:8443' }),
      new HubError('origin_not_allowed', { origin: 'https://pos.example' }),
      new HubError('request_forged', { reason: 'no Origin' }),
    ]
    for (const error of errors) {
      hub.answer('hello', () => {
        throw error
      })
      client.connect()
      await expect(client.whenOnline()).rejects.toMatchObject({ code: error.code, context: error.context })
      expect([client.status, clock.pending]).toEqual(['refused', 0])
    }
    hub.answer('hello', () => resultExamples.hello)
    for (const [reason, code] of [
      ['unauthorized', 'unauthorized'],
      ['origin_not_allowed', 'origin_not_allowed'],
      ['words of another version', 'unauthorized'],
    ] as const) {
      await online()
      for (const socket of hub.sockets) socket.close(4403, reason)
      await until(() => client.status === 'refused')
      expect([client.refusal?.code, clock.pending]).toEqual([code, 0])
    }
  })

  it('[K14] says what it was refused with without asking again', async () => {
    const refusals: [HubError, Partial<Diagnosis>][] = [
      [new HubError('unauthorized'), { wall: 'unpaired', urls: [`${hub.url}/#/tills`] }],
      [
        new HubError('tls_required', { url: 'https://hub.local:8443' }),
        { wall: 'tls_required', urls: ['https://hub.local:8443'] },
      ],
      [
        new HubError('origin_not_allowed', { origin: 'https://pos.example' }),
        { wall: 'origin', urls: [`${hub.url}/#/network`] },
      ],
      [new HubError('request_forged'), { wall: 'unknown', finding: 'refused', urls: [] }],
    ]
    for (const [error, diagnosis] of refusals) {
      hub.answer('hello', () => {
        throw error
      })
      client.connect()
      await expect(client.whenOnline()).rejects.toThrow()
      const found = await client.whyOffline({ fetch: () => Promise.reject(new HubError('internal')) })
      expect(found).toMatchObject(diagnosis)
      expect(found.error?.code).toBe(error.code)
    }
  })

  it('goes on trying while the hub is starting', async () => {
    hub.answer('hello', () => {
      throw new HubError('starting')
    })
    client.connect()
    await until(() => client.status === 'offline')
    hub.answer('hello', () => resultExamples.hello)
    await clock.advance(clientTimes.retryFirstMsMax)
    await client.whenOnline()
    expect(statuses).toEqual(['connecting', 'offline', 'connecting', 'online'])
  })

  it('gives up a hub that does not answer hello', async () => {
    hub.answer('hello', () => noAnswer)
    client.connect()
    await until(() => hub.asked('hello').length === 1)
    await clock.advance(clientTimes.connectMsMax - 1)
    expect(client.status).toBe('connecting')
    await clock.advance(1)
    expect(client.status).toBe('offline')
  })

  it('[P38] notices a dead network by its own ping', async () => {
    await online()
    await clock.advance(clientTimes.pingMs)
    await until(() => hub.asked('ping').length === 1)
    await arrived()
    hub.speaking = false
    await clock.advance(clientTimes.pingMs)
    await until(() => hub.asked('ping').length === 3)
    await clock.advance(clientTimes.pongMsMax - 1)
    expect(client.status).toBe('online')
    await clock.advance(1)
    expect(client.status).toBe('offline')
    hub.speaking = true
    await clock.advance(clientTimes.retryFirstMsMax)
    await client.whenOnline()
  })

  it('takes any message for a sign of life', async () => {
    await online()
    hub.answer('ping', () => noAnswer)
    await clock.advance(clientTimes.pingMs)
    await until(() => hub.asked('ping').length === 1)
    let heard = false
    client.subscribe(['scan'], () => {
      heard = true
    })
    await until(() => hub.asked('event.subscribe').length === 1)
    hub.event(1)
    await until(() => heard)
    await clock.advance(clientTimes.pongMsMax)
    expect(client.status).toBe('online')
  })

  it('does not try again after close, and may be used anew', async () => {
    await online()
    client.close()
    expect([client.status, clock.pending]).toEqual(['offline', 0])
    await expect(client.whenOnline()).rejects.toMatchObject({ code: 'connection_lost' })
    await until(() => hub.sockets.size === 0)
    await online()
    expect(hub.connections).toBe(2)
  })
})

describe('calls', () => {
  it('answer results and reject with the error of the hub', async () => {
    await online()
    hub.answer('device.list', () => resultExamples['device.list'])
    const { devices } = await client.call('device.list', {})
    expect(devices[0]?.id).toBe('printer-1')
    hub.answer('device.get', () => {
      throw new HubError('device_unknown', { device: 'x' })
    })
    const error = await client.call('device.get', { id: 'x' }).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(HubError)
    expect(error).toMatchObject({ code: 'device_unknown', who: 'technician', context: { device: 'x' } })
  })

  it('survive errors of a hub that knows more codes, or none', async () => {
    await online()
    for (const [data, context] of [
      [
        { code: 'from_the_future', who: 'operator', context: { a: 1 } },
        { a: 1, code: 'from_the_future' },
      ],
      [{ code: 'constructor', who: 'operator', context: {} }, { code: 'constructor' }],
      [undefined, { reason: 'text' }],
    ] as const) {
      hub.answer('hub.info', (_, socket) => {
        const { id } = { id: hub.requests.length }
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message: 'text', data } }))
        return noAnswer
      })
      await expect(client.call('hub.info', {})).rejects.toMatchObject({ code: 'internal', context })
    }
  })

  it('fail at once while offline, and when the connection is lost under them', async () => {
    await expect(client.call('device.list', {})).rejects.toMatchObject({ code: 'connection_lost' })
    await online()
    hub.answer('device.list', () => noAnswer)
    const waiting = client.call('device.list', {})
    await until(() => hub.asked('device.list').length === 1)
    hub.cut()
    await expect(waiting).rejects.toMatchObject({ code: 'connection_lost' })
  })

  it('time out, and a late answer is nobody’s', async () => {
    await online()
    let answerLate: (value: unknown) => void = () => {}
    hub.answer('device.list', () => new Promise((resolve) => (answerLate = resolve)))
    let error: unknown
    const waiting = client.call('device.list', {}, { timeoutMs: 100 }).catch((caught: unknown) => {
      error = caught
    })
    await until(() => hub.asked('device.list').length === 1)
    await clock.advance(99)
    expect(error).toBeUndefined()
    await clock.advance(1)
    await waiting
    expect(error).toMatchObject({ code: 'request_timeout', context: { ms: 100 } })
    answerLate({ devices: [] })
    await arrived()
    expect(client.status).toBe('online')
  })

  it('give job.wait its time on top', async () => {
    await online()
    hub.answer('job.wait', () => noAnswer)
    const waiting = client.call('job.wait', { id: 'j1', ms: 60_000 })
    const settled = expect(waiting).rejects.toMatchObject({
      code: 'request_timeout',
      context: { ms: 75_000 },
    })
    await until(() => hub.asked('job.wait').length === 1)
    for (let second = 0; second < 75; second++) {
      await clock.advance(1_000)
      await until(() => clock.pending > 0 || client.status !== 'online')
      if (second % 15 === 14 && second < 74) await arrived()
    }
    await settled
  })
})

describe('subscriptions', () => {
  it('[P21] are one on the hub for all listeners', async () => {
    await online()
    const got: string[] = []
    client.subscribe(['scan'], (event) => got.push(`a ${event.data.code}`))
    const stop = client.subscribe(['scan', 'drawer.*'], (event) => {
      got.push(event.topic === 'scan' ? `b ${event.data.code}` : `b ${event.topic}`)
    })
    await until(() => hub.asked('event.subscribe').length === 1)
    await arrived()
    expect(hub.asked('event.subscribe')).toEqual([{ topics: ['drawer.*', 'scan'] }])
    hub.event(1)
    hub.event(2, 'drawer.opened', {})
    hub.event(3, 'job.changed', {})
    await arrived()
    expect(got).toEqual(['a 1', 'b 1', 'b drawer.opened'])
    stop()
    await until(() => hub.asked('event.subscribe').length === 2)
    expect(hub.asked('event.subscribe')[1]).toEqual({ topics: ['scan'] })
    hub.event(4)
    await arrived()
    expect(got.slice(3)).toEqual(['a 4'])
  })

  it('[P25] take up after a loss; each event reaches the listener once and in order', async () => {
    const got: number[] = []
    client.subscribe(['scan'], ({ seq }) => got.push(seq))
    let gaps = 0
    client.onGap(() => gaps++)
    await online()
    hub.event(1)
    hub.event(2)
    hub.event(2)
    await arrived()
    await reconnect()
    expect(hub.asked('hello')[1]?.resume).toEqual({ epoch: 'e1', seq: 2 })
    for (const seq of [2, 3, 4, 4, 3, 5]) hub.event(seq)
    await arrived()
    expect(got).toEqual([1, 2, 3, 4, 5])
    expect(gaps).toBe(0)
  })

  it('[P26] tell of a gap once online, and go on from the new position', async () => {
    const got: number[] = []
    const gapStatuses: ClientStatus[] = []
    client.subscribe(['scan'], ({ seq }) => got.push(seq))
    client.onGap(() => gapStatuses.push(client.status))
    await online()
    expect(gapStatuses).toEqual([])
    hub.event(100)
    await arrived()
    Object.assign(hub, { epoch: 'e2', seq: 3, resumed: false })
    await reconnect()
    expect(gapStatuses).toEqual(['online'])
    hub.event(4)
    await arrived()
    expect(got).toEqual([100, 4])
    hub.resumed = true
    await reconnect()
    expect(hub.asked('hello').at(-1)?.resume).toEqual({ epoch: 'e2', seq: 4 })
    expect(gapStatuses).toHaveLength(1)
  })

  it('[P22] miss no event that arrives in one piece with the answer', async () => {
    const got: number[] = []
    client.subscribe(['scan'], ({ seq }) => got.push(seq))
    await online()
    hub.event(100)
    await arrived()
    Object.assign(hub, { epoch: 'e2', seq: 3, resumed: false })
    hub.answer('event.subscribe', (_, socket) => {
      hub.inOnePiece(socket, () => hub.event(4))
      return { seq: 3, resumed: false }
    })
    await reconnect()
    await arrived()
    expect(got).toEqual([100, 4])
  })

  it('made while offline see nothing that happened before', async () => {
    const old: number[] = []
    const fresh: number[] = []
    client.subscribe(['scan'], ({ seq }) => old.push(seq))
    await online()
    hub.event(1)
    await arrived()
    hub.cut()
    await until(() => client.status === 'offline')
    client.subscribe(['scan'], ({ seq }) => fresh.push(seq))
    hub.seq = 3
    await clock.advance(clientTimes.retryFirstMsMax)
    await client.whenOnline()
    for (const seq of [2, 3, 4]) hub.event(seq)
    await arrived()
    expect([old, fresh]).toEqual([[1, 2, 3, 4], [4]])
  })

  it('make a new connection when the hub does not answer them', async () => {
    await online()
    hub.answer('event.subscribe', () => {
      throw new HubError('rate_limited')
    })
    client.subscribe(['scan'], () => {})
    await until(() => client.status === 'offline')
    hub.answer('event.subscribe', () => ({ seq: 0 }))
    await clock.advance(clientTimes.retryFirstMsMax)
    await client.whenOnline()
    expect(hub.asked('event.subscribe')).toEqual([{ topics: ['scan'] }, { topics: ['scan'] }])
  })

  it('[P20] are limited as the hub limits them', () => {
    const topics = (count: number) => Array.from({ length: count }, (_, index) => `topic${index}`) as 'scan'[]
    client.subscribe(topics(subscriptionsMax), () => {})
    expect(() => client.subscribe(['scan'], () => {})).toThrow(
      expect.objectContaining({ code: 'params_invalid' }),
    )
    client.subscribe(['topic1' as 'scan'], () => {})
  })

  it('keep going when a listener throws', async () => {
    const before = process.listeners('uncaughtException')
    const thrown: unknown[] = []
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => thrown.push(error))
    try {
      const got: number[] = []
      client.subscribe(['scan'], () => {
        throw new RangeError('of the application')
      })
      client.subscribe(['scan'], ({ seq }) => got.push(seq))
      await online()
      hub.event(1)
      hub.event(2)
      await arrived()
      expect(got).toEqual([1, 2])
      expect(thrown).toEqual([expect.any(RangeError), expect.any(RangeError)])
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of before) process.on('uncaughtException', listener)
    }
  })
})

describe('jobs', () => {
  it('get an id the hub takes when they have none', async () => {
    await online()
    hub.answer('job.submit', (params) => job('pending', (params as Job).id))
    const first = await client.submitJob({ device: 'printer-1', kind: 'print', payload: { text: 'x' } })
    const second = await client.submitJob({ device: 'printer-1', kind: 'print', payload: { text: 'x' } })
    expect(jobIdSchema.safeParse(first.id).success).toBe(true)
    expect(first.id).not.toBe(second.id)
    const named = await client.submitJob({
      device: 'p',
      kind: 'drawer.open',
      payload: { reason: 'sale' },
      id: 'sale-1',
    })
    expect(hub.asked('job.submit')[2]).toEqual({
      id: 'sale-1',
      device: 'p',
      kind: 'drawer.open',
      payload: { reason: 'sale' },
    })
    expect(named.id).toBe('sale-1')
  })

  it('[P30] are sent again with the same id when the answer was lost', async () => {
    await online()
    hub.answer('job.submit', () => {
      hub.cut()
      return noAnswer
    })
    const submitted = client.submitJob({ device: 'printer-1', kind: 'print', payload: { text: 'x' } })
    await until(() => client.status === 'offline')
    hub.answer('job.submit', (params) => job('pending', (params as Job).id))
    await clock.advance(clientTimes.retryFirstMsMax)
    const { id } = await submitted
    const [first, second, ...more] = hub.asked('job.submit')
    expect(first).toEqual(second)
    expect([first?.id, more]).toEqual([id, []])
  })

  it('are sent again when the hub said to try later, not when it refused', async () => {
    await online()
    let tries = 0
    hub.answer('job.submit', (params) => {
      if (++tries < 3) throw new HubError('rate_limited')
      return job('pending', (params as Job).id)
    })
    const submitted = client.submitJob({ device: 'p', kind: 'print', payload: { text: 'x' }, id: 'j1' })
    for (const expected of [1, 2]) {
      await until(() => tries === expected)
      await arrived()
      await clock.advance(clientJobTimes.repeatMs - 1)
      expect(tries).toBe(expected)
      await clock.advance(1)
    }
    expect((await submitted).id).toBe('j1')
    hub.answer('job.submit', () => {
      tries++
      throw new HubError('queue_full')
    })
    tries = 0
    const refused = client.submitJob({ device: 'p', kind: 'print', payload: { text: 'x' } })
    await expect(refused).rejects.toMatchObject({ code: 'queue_full' })
    expect(tries).toBe(1)
  })

  it.each([
    ['their expiry', 5_000, (now: number) => ({ expiresAt: new Date(now + 5_000).toISOString() })],
    ['the default time', clientJobTimes.submitMs, () => ({})],
  ])('are given up after %s', async (_name, ms, extra) => {
    await online()
    await hub.stop()
    await until(() => client.status === 'offline')
    let error: unknown
    const submitted = client
      .submitJob({ device: 'p', kind: 'drawer.open', payload: {}, ...extra(clock.now()) })
      .catch((caught: unknown) => {
        error = caught
      })
    await clock.advance(ms - 1)
    expect(error).toBeUndefined()
    await clock.advance(1)
    await submitted
    expect(error).toMatchObject({ code: 'connection_lost' })
    // What was given up is not sent when the hub is back: the drawer stays shut.
    await until(() => client.status === 'offline')
    await hub.listen()
    client.connect()
    await client.whenOnline()
    await arrived()
    expect(hub.asked('job.submit')).toHaveLength(0)
  })

  it('[P31] are waited for through lost connections until they have ended', async () => {
    await online()
    hub.answer('job.submit', (params) => job('pending', (params as Job).id))
    hub.answer('job.wait', () => {
      hub.cut()
      return noAnswer
    })
    const done = client.print('printer-1', { text: 'x' })
    await until(() => client.status === 'offline')
    const answers: JobState[] = ['pending', 'running', 'unknown']
    hub.answer('job.wait', (params) => job(answers.shift() ?? 'failed', (params as Job).id))
    await clock.advance(clientTimes.retryFirstMsMax)
    expect(await done).toMatchObject({ state: 'unknown', id: hub.asked('job.submit')[0]?.id })
    expect(hub.asked('job.submit')).toHaveLength(1)
    expect(hub.asked('job.wait')).toHaveLength(4)
    for (const { ms } of hub.asked('job.wait')) expect(ms).toBeLessThanOrEqual(jobLimits.waitMsMax)
  })

  it('that ended at once are not waited for', async () => {
    await online()
    hub.answer('job.submit', () => job('done'))
    expect((await client.print('printer-1', { text: 'x' })).state).toBe('done')
    expect(hub.asked('job.wait')).toHaveLength(0)
  })

  it('fail when the client is closed between two tries to connect', async () => {
    await online()
    hub.cut()
    await until(() => client.status === 'offline')
    const waiting = client.whenOnline()
    const done = client.print('printer-1', { text: 'x' })
    client.close()
    await expect(waiting).rejects.toMatchObject({ code: 'connection_lost' })
    await expect(done).rejects.toMatchObject({ code: 'connection_lost' })
    expect(clock.pending).toBe(0)
  })

  it('wait for the hub however far away their expiry is', async () => {
    const delays: number[] = []
    const after = (ms: number, callback: () => void) => {
      delays.push(ms)
      return clock.after(ms, callback)
    }
    client = newClient({ clock: { now: () => clock.now(), after } })
    client.connect()
    const expiresAt = '2099-12-31T00:00:00Z'
    const done = client.submitJob({ device: 'printer-1', kind: 'print', payload: { text: 'x' }, expiresAt })
    hub.answer('job.submit', () => job('pending'))
    expect((await done).state).toBe('pending')
    expect(delays.length).toBeGreaterThan(1)
    // What a timer of a browser or of Node can wait; more fires at once.
    expect(Math.max(...delays)).toBe(2 ** 31 - 1)
  })

  it('fail when the client is closed meanwhile', async () => {
    await online()
    hub.answer('job.submit', () => job('running'))
    hub.answer('job.wait', () => noAnswer)
    const done = client.print('printer-1', { text: 'x' })
    await until(() => hub.asked('job.wait').length === 1)
    client.close()
    await expect(done).rejects.toMatchObject({ code: 'connection_lost' })
  })
})
