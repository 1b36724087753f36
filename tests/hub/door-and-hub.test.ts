/** Rules of docs/protocol.md that only the hub and its door together can keep: real services behind a real socket. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Device } from '../../src/protocol/device.ts'
import { eventOf, openOwnedStore } from '../support/hub-bench.ts'
import { HubWithDoor } from '../support/hub-with-door.ts'
import { RawClient, type WireMessage } from '../support/raw-client.ts'

let hub: HubWithDoor | undefined
afterEach(async () => {
  await hub?.end()
  hub = undefined
})

async function started(): Promise<HubWithDoor> {
  hub = await HubWithDoor.start()
  return hub
}

/** Within this time a change of a device is announced. */
const announceMs = 50

const codeOf = (answer: WireMessage): string => answer.error?.data.code ?? 'no error'

describe('envelope', () => {
  it('[P1] answers and events are one JSON-RPC object in one text frame each, in UTF-8', async () => {
    const { bench, socketUrl, ...rest } = await withPrinter()
    const client = await RawClient.open(socketUrl)
    const frames: { bytes: Buffer; binary: boolean }[] = []
    client.socket.on('message', (data, binary) => frames.push({ bytes: data as Buffer, binary }))
    await client.hello(rest.technician)
    await client.request('event.subscribe', { topics: ['*'] })
    const name = 'Küche € 東京 🧾'
    const renamed = await client.request('device.rename', { id: 'printer-1', name })
    await client.request('device.list')
    await client.request('no.such.method')
    await rest.clock.advance(announceMs)
    await client.message(({ method, params }) => method === 'event' && params.data.name === name)

    expect(renamed.result.name).toBe(name)
    expect(frames.length).toBeGreaterThanOrEqual(6)
    const strict = new TextDecoder('utf-8', { fatal: true })
    for (const { bytes, binary } of frames) {
      expect(binary).toBe(false)
      const message = JSON.parse(strict.decode(bytes)) as Record<string, unknown>
      expect(message.jsonrpc).toBe('2.0')
      expect('method' in message ? 'event' : 'answer').toBe('id' in message ? 'answer' : 'event')
    }
    expect(bench.events.some(({ data }) => (data as Device).name === name)).toBe(true)
  })

  it('[P1] two objects in one frame or one body are no message, and text that is not UTF-8 ends the connection', async () => {
    const { socketUrl, technician, hub } = await withPrinter()
    const two = '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"}'
    expect(codeOf((await hub.post('/api/v1/rpc', two, technician)).body)).toBe('bad_json')
    const client = await RawClient.greeted(socketUrl, technician)
    client.send(two)
    expect(codeOf(await client.message(({ id }) => id === null))).toBe('bad_json')
    client.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false })
    expect((await client.closed).code).toBe(1007)
  })

  it('[P1] the body of an HTTP request and of its answer are one object in UTF-8', async () => {
    const { url, technician } = await withPrinter()
    const name = 'Žižkov €'
    const request = { jsonrpc: '2.0', id: 1, method: 'device.rename', params: { id: 'printer-1', name } }
    const response = await fetch(`${url}/api/v1/rpc`, {
      method: 'POST',
      body: Buffer.from(JSON.stringify(request), 'utf8'),
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${technician}` },
    })
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({ jsonrpc: '2.0', id: 1, result: { name } })
    expect(bytes.includes(Buffer.from(name, 'utf8'))).toBe(true)
  })
})

describe('events', () => {
  it('[P27] a snapshot is never older than the position, and applying what arrives in its order is right', async () => {
    const { bench, socketUrl, technician, clock } = await withPrinter()
    /** Which name each event told, by its number. */
    const told = new Map<number, string>()
    bench.hub.events.follow((event) => {
      const { seq, topic, data } = eventOf(event)
      if (topic === 'device.changed') told.set(seq, (data as Device).name)
    })
    const other = await RawClient.greeted(socketUrl, technician)
    const rounds = 30
    const number = (name: string) => Number(name.replace(/^n/, ''))
    const rename = (round: number) => other.request('device.rename', { id: 'printer-1', name: `n${round}` })
    await rename(0)

    const client = await RawClient.greeted(socketUrl, technician)
    const renames: Promise<unknown>[] = []
    let snapshots = 0
    for (let round = 1; round <= rounds; round++) {
      renames.push(rename(round))
      // In odd rounds the announcement comes in between the answers, in even ones it is behind the position.
      const announced = clock.advance(announceMs)
      if (round % 2 === 0) await Promise.all([...renames, announced])
      const { seq } = (await client.request('event.subscribe', { topics: ['device.*'] })).result
      renames.push(rename(round + 0.5))
      const [device] = (await client.request('device.list')).result.devices as Device[]
      const before = [...told].filter(([at]) => at <= seq).at(-1)?.[1] ?? 'n0'
      expect(number(device?.name ?? '')).toBeGreaterThanOrEqual(number(before))
      snapshots++
      await announced
    }
    expect(told.size).toBeGreaterThanOrEqual(rounds / 2)
    await Promise.all(renames)
    await clock.advance(announceMs)
    await client.message(({ params }) => params?.data?.name === `n${rounds + 0.5}`)

    /** A program that takes whole records in the order in which they come. */
    let shown: Device | undefined
    for (const { method, result, params } of client.messages) {
      if (method === 'event' && params.topic === 'device.changed') shown = params.data
      else if (result?.devices != null) shown = result.devices[0]
    }
    expect(shown).toEqual(await bench.call('device.get', { id: 'printer-1' }))
    expect(shown?.name).toBe(`n${rounds + 0.5}`)
    expect(snapshots).toBe(rounds)
    expect(client.events.length).toBeGreaterThanOrEqual(rounds / 2)
  })
})

describe('leases and jobs', () => {
  const device = 'printer-1'
  const print = (id: string, lease?: string) => ({
    id,
    device,
    kind: 'print',
    payload: { text: 'x' },
    ...(lease === undefined ? {} : { lease }),
  })

  it('[P28] a lease survives the connection, is its token’s alone, and ends at expiresAt', async () => {
    const { hub, clock } = await withPrinter()
    const [mine, other] = [await hub.pair('till 1'), await hub.pair('till 2')]
    const first = await hub.greeted(mine)
    const { lease, expiresAt } = (await first.request('lease.acquire', { device, ms: 30_000 })).result
    expect(Date.parse(expiresAt)).toBe(clock.now() + 30_000)
    first.socket.close()
    await once(first.socket, 'close')

    const stranger = await hub.greeted(other)
    expect(codeOf(await stranger.request('lease.acquire', { device, ms: 1_000 }))).toBe('device_leased')
    expect(codeOf(await stranger.request('job.submit', print('stolen', lease)))).toBe('lease_unknown')
    const again = await hub.greeted(mine)
    expect((await again.request('job.submit', print('a', lease))).result.id).toBe('a')
    // The token counts, not the connection: HTTP has none.
    const http = { jsonrpc: '2.0', id: 1, method: 'lease.renew', params: { lease, ms: 10_000 } }
    const renewed = (await hub.post('/api/v1/rpc', http, mine)).body.result
    const ends = Date.parse(renewed.expiresAt)
    expect(ends).toBe(clock.now() + 10_000)

    await clock.advance(ends - clock.now() - 1)
    expect(codeOf(await stranger.request('lease.acquire', { device, ms: 1_000 }))).toBe('device_leased')
    await clock.advance(1)
    expect(codeOf(await again.request('lease.renew', { lease, ms: 1_000 }))).toBe('lease_unknown')
    expect((await stranger.request('lease.acquire', { device, ms: 1_000 })).result.lease).toBeDefined()
  })

  it('[P29] others are told device_leased with the name; the fence rises with each grant and over a restart', async () => {
    const { hub: first, bench, clock } = await withPrinter()
    const tokens = [await first.pair('till 1'), await first.pair('till 2')] as const
    const [one, two] = [await first.greeted(tokens[0]), await first.greeted(tokens[1])]
    const fences: number[] = []
    const acquire = async (client: RawClient) => {
      const { result } = await client.request('lease.acquire', { device, ms: 5_000 })
      fences.push(result.fence)
      return result.lease as string
    }
    const lease = await acquire(one)
    const refused = await two.request('job.submit', print('a'))
    expect(refused.error.data).toMatchObject({
      code: 'device_leased',
      context: { device, client: 'till 1' },
    })
    expect(codeOf(await two.request('job.get', { id: 'a' }))).toBe('job_unknown')
    expect((await one.request('job.submit', print('a', lease))).result.id).toBe('a')
    await one.request('lease.release', { lease })
    expect((await two.request('job.submit', print('b'))).result.id).toBe('b')
    await acquire(two)
    await clock.advance(5_000)
    await acquire(one)

    await first.stop()
    hub = await HubWithDoor.start({ dir: bench.dir, clock })
    await acquire(await hub.greeted(tokens[1]))
    expect(fences).toHaveLength(4)
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
  })
})

describe('coming up', () => {
  it('[P47] until the store is open methods are starting, on both ways in; health and figures are there', async () => {
    const gate = Promise.withResolvers<void>()
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-test-'))
    hub = await HubWithDoor.listening({
      dir,
      parts: { openStore: () => gate.promise.then(() => openOwnedStore(dir)) },
    })
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping', params: {} }
    const early = await hub.post('/api/v1/rpc', ping, 'tb_some-token')
    expect([early.status, codeOf(early.body)]).toEqual([503, 'starting'])
    const pairing = await hub.post('/api/v1/pair', { code: '123456', name: 'x' })
    expect([pairing.status, codeOf(pairing.body)]).toEqual([503, 'starting'])
    const client = await RawClient.open(hub.socketUrl)
    expect(codeOf(await client.hello('tb_some-token'))).toBe('starting')
    expect((await client.closed).code).toBe(1013)
    const health = await fetch(`${hub.url}/api/v1/health`)
    expect([health.status, (await health.json()) as unknown]).toEqual([
      200,
      expect.objectContaining({ status: 'starting' }),
    ])
    expect((await hub.metrics()).text).toContain('tillbridge_health{status="starting"} 1')

    gate.resolve()
    const bench = await hub.up
    expect(bench.hub.health().status).toBe('ready')
    const token = await hub.pair('till')
    expect((await hub.post('/api/v1/rpc', ping, token)).body.result).toEqual({})
    expect((await (await hub.greeted(token)).request('ping')).result).toEqual({})
  })
})

describe('pairing', () => {
  it('[P53] the token is shown once; disk, lists, events and log have its hash at most', async () => {
    const { hub, bench, technician } = await withPrinter()
    const viewer = await hub.greeted(technician)
    await viewer.request('event.subscribe', { topics: ['*'] })
    const { code } = await bench.call('pair.code', { role: 'cashier' })
    const { token } = (await hub.post('/api/v1/pair', { code, name: 'bar' })).body
    expect(token).toMatch(/^tb_[\w-]{43}$/)
    const till = await hub.greeted(token)
    await till.request('job.submit', { id: 'a', device: 'printer-1', kind: 'print', payload: { text: 'x' } })
    await till.request('no.such.method')
    await hub.post('/api/v1/rpc', '{', token)
    const list = await viewer.request('token.list')
    await viewer.message(({ params }) => params?.topic === 'job.changed')
    expect(list.result.tokens.map(({ name }: { name: string }) => name)).toContain('bar')
    await hub.stop()

    const files = readdirSync(bench.dir, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    )
    const disk = Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))))
    const hash = createHash('sha256').update(token).digest('hex')
    expect(disk.includes(hash)).toBe(true)
    const secret = token.slice(3)
    expect(disk.includes(secret)).toBe(false)
    expect(JSON.stringify(viewer.messages)).not.toContain(secret)
    expect(JSON.stringify(till.messages)).not.toContain(secret)
    expect(hub.logLines.length).toBeGreaterThan(0)
    expect(hub.logLines.join('')).not.toContain(secret)
    // The code is worth nothing any more, and is not kept as text either.
    expect(disk.includes(`"${code}"`)).toBe(false)
  })
})

/** A hub with a printer that is ready, and the token of a technician. */
async function withPrinter() {
  const hub = await started()
  const { bench, url, socketUrl, clock } = hub
  await bench.printer('one')
  return { hub, bench, url, socketUrl, clock, technician: await hub.pair('technician', 'technician') }
}
