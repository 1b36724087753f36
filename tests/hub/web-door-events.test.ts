/** Events through the web door: everybody gets all, in order, also after an absence; who is slow is closed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webLimits } from '../../src/hub/doors/web/web-limits.ts'
import { settle } from '../support/clock.ts'
import { DoorBench } from '../support/door-bench.ts'
import type { RawClient } from '../support/raw-client.ts'

let bench: DoorBench
beforeEach(async () => {
  bench = await DoorBench.start()
})
afterEach(() => bench.stop())

const seqs = (client: RawClient): number[] => client.events.map(({ seq }) => seq)
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('events', () => {
  it('[P19] [P20] [P23] reach every subscriber of any role, in order', async () => {
    const clients = await Promise.all([bench.greeted(), bench.greeted('monitor-token')])
    for (const client of clients) await client.request('event.subscribe', { topics: ['scan'] })
    for (let index = 0; index < 100; index++) bench.hub.memoryEvents.scan(`code ${index}`)
    for (const client of clients) {
      await client.until(() => client.events.length === 100)
      expect(seqs(client)).toEqual(range(1, 100))
      expect(client.events[99]).toEqual({
        seq: 100,
        topic: 'scan',
        device: 'scanner-1',
        at: '2026-01-02T03:04:05.000Z',
        data: { code: 'code 99' },
      })
    }
  })

  it('[P20] come by topic, family, or all', async () => {
    const got: Record<string, string[]> = {}
    for (const pattern of ['scan', 'drawer.*', '*', 'scanner', 'drawer']) {
      const client = await bench.greeted()
      await client.request('event.subscribe', { topics: [pattern] })
      client.socket.on('message', () => {
        got[pattern] = client.events.map(({ topic }) => topic)
      })
    }
    const last = await bench.greeted()
    await last.request('event.subscribe', { topics: ['drawer.closed'] })
    bench.hub.memoryEvents.scan('1')
    bench.hub.memoryEvents.publish('drawer.opened', {})
    bench.hub.memoryEvents.publish('drawer.closed', {})
    await last.until(() => last.events.length === 1)
    for (let turn = 0; turn < 5; turn++) await settle()
    expect(got).toEqual({
      scan: ['scan'],
      'drawer.*': ['drawer.opened', 'drawer.closed'],
      '*': ['scan', 'drawer.opened', 'drawer.closed'],
    })
  })

  it('[P20] refuses a pattern that is none, and too many', async () => {
    const client = await bench.greeted()
    const bad = await client.request('event.subscribe', { topics: ['scan', '*.scan'] })
    expect(bad.error.data.context.path).toBe('topics[1]')
    const max = await client.request('event.subscribe', { topics: Array(64).fill('scan') })
    expect(max.result).toEqual({ seq: 0 })
    const many = await client.request('event.subscribe', { topics: Array(65).fill('scan') })
    expect(many.error.data.code).toBe('params_invalid')
  })

  it('[P21] follow the last subscription only', async () => {
    const client = await bench.greeted()
    await client.request('event.subscribe', { topics: ['scan'] })
    bench.hub.memoryEvents.scan('1')
    expect((await client.request('event.subscribe', { topics: ['drawer.*'] })).result).toEqual({ seq: 1 })
    bench.hub.memoryEvents.scan('2')
    bench.hub.memoryEvents.publish('drawer.opened', {})
    await client.until(() => client.events.length === 2)
    expect(client.events.map(({ topic }) => topic)).toEqual(['scan', 'drawer.opened'])
    await client.request('event.subscribe', { topics: [] })
    bench.hub.memoryEvents.publish('drawer.closed', {})
    await client.request('ping')
    expect(client.events).toHaveLength(2)
  })

  it('[P22] come after the answer that names their position', async () => {
    const client = await bench.greeted()
    bench.hub.memoryEvents.scan('before')
    const publish = setInterval(() => bench.hub.memoryEvents.scan('meanwhile'), 0)
    const { result } = await client.request('event.subscribe', { topics: ['scan'] })
    await client.until(() => client.events.length >= 3)
    clearInterval(publish)
    const answerAt = client.messages.findIndex(
      (message) => message.result?.seq === result.seq && !message.result.hub,
    )
    const firstEventAt = client.messages.findIndex(({ method }) => method === 'event')
    expect(answerAt).toBeLessThan(firstEventAt)
    expect(seqs(client)).toEqual(range(result.seq + 1, result.seq + client.events.length))
  })

  it('asks for live weights while somebody follows them', async () => {
    const client = await bench.greeted()
    await client.request('event.subscribe', { topics: ['scan'] })
    expect(bench.hub.weightWishes).toBe(0)
    await client.request('event.subscribe', { topics: ['scale.*'] })
    await client.request('event.subscribe', { topics: ['*'] })
    expect(bench.hub.weightWishes).toBe(1)
    await client.request('event.subscribe', { topics: [] })
    expect(bench.hub.weightWishes).toBe(0)
    await client.request('event.subscribe', { topics: ['scale.weight'] })
    expect(bench.hub.weightWishes).toBe(1)
    client.socket.terminate()
    while (bench.door.clients > 0) await settle()
    expect(bench.hub.weightWishes).toBe(0)
    expect(bench.hub.memoryEvents.followers).toBe(0)
  })
})

describe('resume', () => {
  it('[P25] sends everything missed, then goes on live, each event once', async () => {
    const total = webLimits.resumePageEvents * 2 + 7
    for (let index = 0; index < total; index++) bench.hub.memoryEvents.scan('x')
    const client = await bench.open()
    const hello = await client.hello('cashier-token', { epoch: 'epoch-1', seq: 3 })
    expect(hello.result).toMatchObject({ epoch: 'epoch-1', seq: total, resumed: true })
    // Live events go on while the missed ones are being sent.
    let live = 0
    const publish = setInterval(() => {
      if (live++ < 50) bench.hub.memoryEvents.scan('live')
    }, 0)
    const subscribed = await client.request('event.subscribe', { topics: ['scan'] })
    expect(subscribed.result).toEqual({ seq: 3, resumed: true })
    await client.until(() => client.events.length === total - 3 + 50)
    clearInterval(publish)
    expect(seqs(client)).toEqual(range(4, total + 50))
  })

  it('[P25] sends only the topics asked for, and nothing twice with a second subscription meanwhile', async () => {
    for (let index = 0; index < 1_000; index++) {
      bench.hub.memoryEvents.scan('x')
      bench.hub.memoryEvents.publish('drawer.closed', {})
    }
    const client = await bench.greeted('cashier-token', { epoch: 'epoch-1', seq: 0 })
    client.send({ jsonrpc: '2.0', id: 's1', method: 'event.subscribe', params: { topics: ['scan'] } })
    const second = await client.request('event.subscribe', { topics: ['scan', 'drawer.*'] })
    const last = bench.hub.memoryEvents.scan('last').seq
    await client.until(() => seqs(client).at(-1) === last)
    const { seq } = second.result
    const scans = range(1, last).filter((number) => number % 2 === 1)
    expect(client.events.filter(({ topic }) => topic === 'scan').map((event) => event.seq)).toEqual(scans)
    const drawers = client.events.filter(({ topic }) => topic === 'drawer.closed').map((event) => event.seq)
    expect(drawers).toEqual(range(seq + 1, last).filter((number) => number % 2 === 0))
    expect(seqs(client)).toEqual([...seqs(client)].sort((a, b) => a - b))
  })

  it('[P25] has nothing to send at the edge, and says so', async () => {
    bench.hub.memoryEvents.scan('1')
    const client = await bench.open()
    const { result } = await client.hello('cashier-token', { epoch: 'epoch-1', seq: 1 })
    expect(result.resumed).toBe(true)
    await client.request('event.subscribe', { topics: ['*'] })
    bench.hub.memoryEvents.scan('2')
    await client.until(() => client.events.length === 1)
    expect(seqs(client)).toEqual([2])
  })

  it('[P26] says when events are gone, the epoch is another, or the position lies ahead', async () => {
    for (let index = 0; index < 10; index++) bench.hub.memoryEvents.scan('x')
    bench.hub.memoryEvents.keep(4)
    const cases = [
      { resume: { epoch: 'epoch-1', seq: 6 }, resumed: true },
      { resume: { epoch: 'epoch-1', seq: 5 }, resumed: false },
      { resume: { epoch: 'epoch-0', seq: 6 }, resumed: false },
      { resume: { epoch: 'epoch-1', seq: 11 }, resumed: false },
    ]
    for (const { resume, resumed } of cases) {
      const client = await bench.open()
      expect((await client.hello('cashier-token', resume)).result).toMatchObject({ resumed, seq: 10 })
      const { result } = await client.request('event.subscribe', { topics: ['scan'] })
      expect(result).toEqual({ seq: resumed ? 6 : 10, resumed })
    }
  })

  it('[P24] closes with 1012 when a new epoch begins', async () => {
    const client = await bench.greeted()
    await client.request('event.subscribe', { topics: ['scan'] })
    bench.hub.memoryEvents.newEpoch('epoch-2', 1_000)
    bench.hub.memoryEvents.scan('x')
    expect((await client.closed).code).toBe(1012)
    expect(client.events).toHaveLength(0)
  })
})

describe('slow clients', () => {
  it('[P35] are closed with 4408 while others get everything', async () => {
    const good = await bench.greeted()
    const slow = await bench.greeted()
    for (const client of [good, slow]) await client.request('event.subscribe', { topics: ['*'] })
    slow.stopReading()
    const text = 'x'.repeat(64 * 1024)
    const total = 640
    for (let sent = 0; sent < total; ) {
      for (let index = 0; index < 16; index++, sent++) bench.hub.memoryEvents.scan(text)
      await good.until(() => good.events.length === sent)
    }
    expect(seqs(good)).toEqual(range(1, total))
    expect(bench.logLines.join()).toContain('does not read its events')
    slow.readAgain()
    expect(await slow.closed).toEqual({ code: 4408, reason: 'slow_client' })
    expect(slow.events.length).toBeLessThan(total)
    // What it got has no hole, so that it can resume.
    expect(seqs(slow)).toEqual(range(1, slow.events.length))
    expect((await good.request('ping')).result).toEqual({})
  })

  it('[P35] are cut off when they do not even take the closing', async () => {
    const slow = await bench.greeted()
    await slow.request('event.subscribe', { topics: ['*'] })
    slow.stopReading()
    const text = 'x'.repeat(1024 * 1024)
    for (let sent = 0; sent < 40; sent++) {
      bench.hub.memoryEvents.scan(text)
      await settle()
    }
    await bench.clock.advance(webLimits.closeMsMax)
    while (bench.door.clients > 0) await settle()
    expect(bench.hub.memoryEvents.followers).toBe(0)
    slow.readAgain()
    await slow.closed
  })

  it('[P35] that resume are paced, not buffered, and closed when what they miss is gone', async () => {
    const text = 'x'.repeat(64 * 1024)
    for (let index = 0; index < 1_200; index++) bench.hub.memoryEvents.scan(text)
    await bench.stop()
    const hub = bench.hub
    bench = await DoorBench.start({ resumePageEvents: 10 })
    Object.assign(bench.hub, { memoryEvents: hub.memoryEvents })
    const slow = await bench.greeted('cashier-token', { epoch: 'epoch-1', seq: 0 })
    await slow.request('event.subscribe', { topics: ['*'] })
    slow.stopReading()
    for (let turn = 0; turn < 300; turn++) await settle()
    expect(bench.logLines.join()).not.toContain('does not read')
    hub.memoryEvents.keep(1)
    slow.readAgain()
    expect((await slow.closed).code).toBe(4408)
    expect(seqs(slow)).toEqual(range(1, slow.events.length))
  })
})
