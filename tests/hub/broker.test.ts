/** The broker on the box: mosquitto's own clients and mqtt.js are the witnesses, the hub a process of its own. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { filterCovers } from '../../src/hub/doors/broker/acl.ts'
import { brokerLimits } from '../../src/hub/doors/broker/broker-limits.ts'
import { PacketMeter } from '../../src/hub/doors/broker/packet-meter.ts'
import { freePort } from '../support/free-port.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { type Heard, MosquittoClients } from '../support/mosquitto.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

interface Shop {
  hub: HubProcess
  id: string
  port: number
  tlsPort: number
  tokens: Record<'monitor' | 'cashier' | 'technician', string>
}

async function shopOf(
  lines: readonly string[] = [],
  ports?: { port: number; tlsPort: number },
): Promise<Shop> {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-broker-'))
  const { port, tlsPort } = ports ?? { port: await freePort(), tlsPort: await freePort() }
  const settings = ['[broker]', 'enabled = true', `port = ${port}`, `tlsPort = ${tlsPort}`, ...lines]
  writeFileSync(join(dir, 'tillbridge.toml'), settings.join('\n'))
  const hub = await HubProcess.start({ dir, demo: true })
  const { hub: id } = (await (await fetch(`${hub.url}/api/v1/health`)).json()) as { hub: string }
  const [monitor, cashier, technician] = await Promise.all(
    (['monitor', 'cashier', 'technician'] as const).map((role) => hub.token(role)),
  )
  if (monitor === undefined || cashier === undefined || technician === undefined) throw new Error('no tokens')
  return { hub, id, port, tlsPort, tokens: { monitor, cashier, technician } }
}

let shop: Shop
beforeAll(async () => {
  shop = await shopOf(['homeAssistant = true'])
  await shop.hub.setUp()
}, 30_000)
afterAll(() => shop.hub.end())

const clientsOf = ({ port, tokens }: Shop, role: keyof Shop['tokens']) => clientsWith(port, tokens[role])

function clientsWith(port: number, token: string, ...more: string[]): MosquittoClients {
  const clients = new MosquittoClients(port, '-u', 'any', '-P', token, ...more)
  undo.push(() => clients.end())
  return clients
}

async function joined(role: keyof Shop['tokens'], options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${shop.port}`, {
    ...{ protocolVersion: 4, username: 'any', password: shop.tokens[role], reconnectPeriod: 0 },
    ...options,
  })
  client.on('error', () => {})
  undo.push(() => client.endAsync(true))
  return client
}

/** The code with which a connection is refused. */
const refusedWith = (url: string, options: mqtt.IClientOptions) =>
  mqtt.connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, ...options }, false).then(
    async (client) => {
      await client.endAsync(true)
      return 'let in'
    },
    (error: { code?: unknown }) => error.code,
  )

const last = (heard: readonly Heard[], topic: string) => heard.findLast((each) => each.topic.endsWith(topic))
const answerTo = async (heard: readonly Heard[], id: string) => {
  await until(() => last(heard, `/response/${id}`), `an answer to ${id}`)
  return JSON.parse(last(heard, `/response/${id}`)?.text ?? '') as {
    result?: Record<string, unknown>
    error?: { data: { code: string; context: object } }
  }
}
const printOrder = (id: string) =>
  JSON.stringify({ id, device: 'demo-printer', kind: 'print', payload: { text: 'from next door' } })

describe('who may in', () => {
  it('[BK1] nobody without a broker; a port of others is told, and the rest works', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    undo.push(() => other.close())
    const { port } = other.address() as { port: number }
    const crowded = await shopOf([], { port, tlsPort: await freePort() })
    undo.push(() => crowded.hub.end())
    const health = async () =>
      (await (await fetch(`${crowded.hub.url}/api/v1/health`)).json()) as {
        status: string
        reasons: string[]
      }
    await until(async () => (await health()).status === 'degraded', 'degraded')
    const technician = await crowded.hub.client('technician')
    const { reasons } = await technician.call('hub.info', {})
    expect(reasons.join()).toContain(`The broker does not listen on port ${port}`)
    const url = `${crowded.hub.url.replace('http', 'ws')}/mqtt`
    expect(await refusedWith(url, { username: 'any', password: crowded.tokens.monitor })).toBe('let in')

    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-broker-'))
    const free = await freePort()
    writeFileSync(join(dir, 'tillbridge.toml'), `[broker]\nport = ${free}\n`)
    const without = await HubProcess.start({ dir })
    undo.push(() => without.end())
    await expect(reached(free)).resolves.toBe(false)
    expect(await refusedWith(`${without.url.replace('http', 'ws')}/mqtt`, {})).not.toBe('let in')
  }, 40_000)

  it('[BK2] those with a token, until it is taken back', async () => {
    const url = `mqtt://127.0.0.1:${shop.port}`
    expect(await refusedWith(url, {})).toBe(4)
    expect(await refusedWith(url, { username: 'any', password: 'no token at all' })).toBe(4)
    expect(await refusedWith(url, { username: 'any', password: shop.tokens.cashier })).toBe('let in')
    const token = await shop.hub.token('monitor', 'for a day')
    const guest = clientsWith(shop.port, token)
    const follower = await guest.follow([`tillbridge/${shop.id}/status`])
    await until(() => last(follower.heard, '/status')?.text === 'online', 'it hears')
    const technician = await shop.hub.client('technician')
    const { tokens } = await technician.call('token.list', {})
    const mine = tokens.find(({ name }) => name === 'for a day')
    expect(mine).toMatchObject({ connections: 1 })
    await technician.call('token.revoke', { id: mine?.id ?? '' })
    await until(
      () =>
        follower.said().includes('(ended)') ||
        /Connection|CONNACK \(5|not authori/i.test(follower.said().split('Subscribed').at(-1) ?? ''),
      'it is cut off',
    )
    expect(await refusedWith(url, { username: 'any', password: token })).toBe(4)
  })

  it('[BK2] [BK9] by TLS with the certificate of https, for which the root is enough', async () => {
    const root = join(shop.hub.dir, 'root.pem')
    writeFileSync(root, await (await fetch(`${shop.hub.url}/trust/root.pem`)).text())
    const clients = clientsWith(shop.tlsPort, shop.tokens.monitor, '--cafile', root)
    const heard = await clients.listen(`tillbridge/${shop.id}/status`)
    await until(() => last(heard, '/status')?.text === 'online', 'it hears by TLS')
    const shown = execFileSync('openssl', ['s_client', '-connect', `127.0.0.1:${shop.tlsPort}`, '-tls1_2'], {
      input: '',
      stdio: ['pipe', 'pipe', 'ignore'],
    }).toString()
    const https = execFileSync(
      'openssl',
      ['s_client', '-connect', new URL(shop.hub.httpsUrl ?? '').host, '-tls1_2'],
      { input: '', stdio: ['pipe', 'pipe', 'ignore'] },
    ).toString()
    const certificate = (text: string) => /-----BEGIN CERTIFICATE-----[^-]+/.exec(text)?.[0]
    expect(certificate(shown)).toBe(certificate(https))
  })

  it('[BK11] a client id is of its token: the same id of another cuts nobody off', async () => {
    const [one, other] = [
      await joined('monitor', { clientId: 'till' }),
      await joined('cashier', { clientId: 'till' }),
    ]
    await one.subscribeAsync(`tillbridge/${shop.id}/status`)
    expect([one.connected, other.connected]).toEqual([true, true])
    const closed = new Promise((resolve) => one.once('close', () => resolve('closed')))
    await joined('monitor', { clientId: 'till' })
    await closed
    expect(other.connected).toBe(true)
  })
})

describe('what is heard', () => {
  it('[BK3] [BK6] what is, retained, and what happens; of requests nothing, of other topics nothing', async () => {
    const { id } = shop
    const heard = await clientsOf(shop, 'monitor').listen('#')
    await until(() => last(heard, 'demo-scale/state'), 'devices')
    expect(last(heard, '/status')).toMatchObject({ text: 'online', retained: true })
    expect(JSON.parse(last(heard, '/info')?.text ?? '')).toMatchObject({ hub: id })
    const cashier = clientsOf(shop, 'cashier')
    await cashier.publish(`tillbridge/${id}/request/job.submit`, printOrder('next-1'))
    await until(() => last(heard, '/job/next-1')?.text.includes('"done"'), 'the job')
    expect(heard.some(({ topic }) => /\/(request|response)\//.test(topic) || topic.startsWith('$'))).toBe(
      false,
    )
    for (const filter of [
      `tillbridge/${id}/request/#`,
      'tillbridge/other/#',
      '$SYS/#',
      'office/#',
      '+/+/request/+',
    ])
      await expect(clientsOf(shop, 'technician').listen(filter), filter).rejects.toThrow('128')
  })

  it('[BK3] a client that is held to devices hears of these and their jobs only', async () => {
    const { hub, id } = shop
    const technician = await hub.client('technician')
    const { code } = await technician.call('pair.code', { role: 'cashier', devices: ['demo-printer'] })
    const paired = await fetch(`${hub.url}/api/v1/pair`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, name: 'kitchen' }),
    })
    const { token } = (await paired.json()) as { token: string }
    const kitchen = clientsWith(shop.port, token)
    const heard = await kitchen.listen('#')
    await until(() => last(heard, 'demo-printer/state'), 'its printer')
    await clientsOf(shop, 'cashier').publish(
      `tillbridge/${id}/request/job.submit`,
      '{"id":"drawer-1","device":"demo-drawer","kind":"drawer.open","payload":{}}',
    )
    await kitchen.publish(`tillbridge/${id}/request/job.submit`, printOrder('kitchen-1'))
    await until(() => last(heard, '/job/kitchen-1')?.text.includes('"done"'), 'its job')
    expect(
      heard
        .filter(({ topic }) => topic.includes('/device/'))
        .every(({ topic }) => topic.includes('demo-printer')),
    ).toBe(true)
    expect(heard.some(({ topic }) => /drawer-1|homeassistant/.test(topic))).toBe(false)
  })

  it('[BK12] weights, while somebody listens to devices', async () => {
    const { hub, id } = shop
    const technician = await hub.client('technician')
    const heard = await clientsOf(shop, 'monitor').listen(`tillbridge/${id}/device/demo-scale/event`)
    await technician.call('demo.order', { device: 'demo-scale', order: { order: 'load', grams: 815 } })
    await until(() => last(heard, '/event')?.text.includes('0.815'), 'a weight')
    expect(JSON.parse(last(heard, '/event')?.text ?? '')).toMatchObject({
      topic: 'scale.weight',
      data: { unit: 'kg' },
    })
  })

  it('[BK13] Home Assistant by its discovery, again when it was born', async () => {
    const { id } = shop
    const assistant = clientsOf(shop, 'technician')
    const heard = await assistant.listen('homeassistant/#')
    await until(() => last(heard, `tillbridge_${id}_demo-scale/config`), 'discovery')
    const before = heard.length
    await assistant.publish('homeassistant/status', 'online')
    await until(() => last(heard.slice(before), `tillbridge_${id}_demo-scale/config`), 'again')
    expect(JSON.parse(last(heard, `tillbridge_${id}/config`)?.text ?? '')).toMatchObject({
      device: { model: 'Hub' },
    })
  })

  it('[BK7] one that does not read is cut off, and stalls nobody', async () => {
    const { hub, id } = shop
    const frozen = await clientsOf(shop, 'technician').follow(['homeassistant/status', `tillbridge/${id}/#`])
    frozen.child.kill('SIGSTOP')
    undo.push(() => frozen.child.kill('SIGKILL'))
    const brisk = await clientsOf(shop, 'monitor').listen(`tillbridge/${id}/#`, 'homeassistant/status')
    const cashier = await joined('cashier')
    await cashier.subscribeAsync(`tillbridge/${id}/response/+`)
    const answered: string[] = []
    cashier.on('message', (topic) => answered.push(topic))
    // As much as the kernel takes for a socket that nobody reads, and more: in messages that each fit what may wait.
    const big = Buffer.alloc(500_000, 'x')
    for (let round = 0; round < 40; round++) {
      await cashier.publishAsync('homeassistant/status', big, { qos: 1 })
      await cashier.publishAsync(`tillbridge/${id}/request/job.submit`, printOrder(`brisk-${round}`), {
        qos: 1,
      })
    }
    await until(() => answered.length === 40, 'all is answered')
    await until(
      () => brisk.filter(({ topic }) => topic === 'homeassistant/status').length === 40,
      'all is heard',
    )
    await until(() => last(brisk, '/job/brisk-39')?.text.includes('"done"'), 'the last job')
    await until(() => hub.log().includes('does not read; it is cut off'), 'the frozen one is cut off')
    expect(cashier.connected).toBe(true)
  }, 40_000)
})

describe('what is published', () => {
  it('[BK4] requests, and nothing else: the connection ends', async () => {
    const { id } = shop
    for (const topic of [
      `tillbridge/${id}/status`,
      `tillbridge/${id}/response/x`,
      'office/note',
      'homeassistant/x/config',
      '$SYS/x',
    ]) {
      const client = await joined('technician')
      const closed = new Promise((resolve) => client.once('close', () => resolve('closed')))
      client.publish(topic, 'forged', { qos: 0, retain: true })
      expect(await closed, topic).toBe('closed')
    }
    const heard = await clientsOf(shop, 'monitor').listen('#')
    await until(() => last(heard, '/status'), 'the state')
    expect(heard.some(({ text }) => text === 'forged')).toBe(false)
  })

  it('[BK4] a will that is a request is not done', async () => {
    const { hub, id } = shop
    const will = {
      topic: `tillbridge/${id}/request/job.submit`,
      payload: Buffer.from(printOrder('will-1')),
      qos: 1 as const,
      retain: false,
    }
    const client = await joined('cashier', { will })
    client.stream.destroy()
    const other = await joined('cashier')
    await other.subscribeAsync(`tillbridge/${id}/response/+`)
    const answered = new Promise((resolve) => other.once('message', resolve))
    other.publish(`tillbridge/${id}/request/job.submit`, printOrder('after-will'))
    await answered
    const till = await hub.client('cashier')
    await expect(till.call('job.get', { id: 'will-1' })).rejects.toMatchObject({ code: 'job_unknown' })
  })

  it('[BK5] a request acts as its token, and is answered to the connections of that token only', async () => {
    const { id } = shop
    const [monitor, cashier] = [clientsOf(shop, 'monitor'), clientsOf(shop, 'cashier')]
    const [theirs, ours] = [
      await monitor.listen(`tillbridge/${id}/response/#`),
      await cashier.listen(`tillbridge/${id}/response/#`),
    ]
    await cashier.publish(`tillbridge/${id}/request/job.submit`, printOrder('mine-1'))
    expect(await answerTo(ours, 'mine-1')).toMatchObject({ result: { id: 'mine-1' } })
    await monitor.publish(`tillbridge/${id}/request/job.submit`, printOrder('not-mine'))
    expect(await answerTo(theirs, 'not-mine')).toMatchObject({ error: { data: { code: 'forbidden' } } })
    await monitor.publish(`tillbridge/${id}/request/event.subscribe`, '{"id":"no","topics":["*"]}')
    expect(await answerTo(theirs, 'no')).toMatchObject({ error: { data: { code: 'bad_request' } } })
    await monitor.publish(`tillbridge/${id}/request/device.list`, '{"id":')
    await monitor.publish(`tillbridge/${id}/request/job.list`, '{"id":"p","limit":"many"}')
    expect(await answerTo(theirs, 'p')).toMatchObject({ error: { data: { context: { path: 'limit' } } } })
    expect(theirs.map(({ topic }) => topic.split('/').at(-1))).toEqual(['not-mine', 'no', 'p'])
    expect(ours).toHaveLength(1)
  })

  it('[BK5] a retained request is ignored and not kept', async () => {
    const { hub, id } = shop
    const cashier = clientsOf(shop, 'cashier')
    await cashier.publish(`tillbridge/${id}/request/job.submit`, printOrder('kept-2'), '-r')
    await until(() => hub.log().includes('a retained request on the broker is ignored'), 'the log')
    const till = await hub.client('cashier')
    await expect(till.call('job.get', { id: 'kept-2' })).rejects.toMatchObject({ code: 'job_unknown' })
  })

  it('[BK5] requests beyond the rate are told so, whatever the QoS', async () => {
    const { id } = shop
    const till = await joined('cashier')
    const codes: string[] = []
    till.on('message', (_topic, payload) => {
      const { error } = JSON.parse(payload.toString()) as { error?: { data: { code: string } } }
      codes.push(error?.data.code ?? 'ok')
    })
    await till.subscribeAsync(`tillbridge/${id}/response/+`)
    for (let at = 0; at < 600; at++)
      till.publish(`tillbridge/${id}/request/ping`, `{"id":"r-${at}"}`, {
        qos: at < 90 ? ((at % 3) as 0 | 1 | 2) : ((at % 2) as 0 | 1),
      })
    await until(() => codes.length === 600, 'all are answered')
    expect(new Set(codes)).toEqual(new Set(['ok', 'rate_limited']))
    expect(codes.filter((code) => code === 'ok').length).toBeGreaterThanOrEqual(400)
  })
})

describe('limits', () => {
  it('[BK6] a session that should outlive its connection begins anew', async () => {
    const { id } = shop
    const first = await joined('monitor', { clean: false, clientId: 'stays' })
    await first.subscribeAsync(`tillbridge/${id}/job/+`, { qos: 1 })
    await first.endAsync()
    const again = mqtt.connect(`mqtt://127.0.0.1:${shop.port}`, {
      ...{ protocolVersion: 4, username: 'any', password: shop.tokens.monitor, reconnectPeriod: 0 },
      ...{ clean: false, clientId: 'stays', resubscribe: false },
    })
    undo.push(() => again.endAsync(true))
    const { sessionPresent } = await new Promise<{ sessionPresent: boolean }>((resolve) =>
      again.once('connect', resolve),
    )
    expect(sessionPresent).toBe(false)
  })

  it('[BK8] a stranger that sends too much, and a packet that is too long, end the connection', async () => {
    const raw = connect(shop.port, '127.0.0.1')
    undo.push(() => raw.destroy())
    raw.on('error', () => {})
    const ended = new Promise((resolve) => raw.once('close', () => resolve('ended')))
    // CONNECT with a remaining length one byte beyond what strangers may send.
    raw.write(Buffer.from([0x10, ...lengthOf(brokerLimits.connectBytesMax + 1), 0, 4]))
    expect(await ended).toBe('ended')
    const guest = await joined('cashier')
    const cut = new Promise((resolve) => guest.once('close', () => resolve('cut')))
    guest.publish(`tillbridge/${shop.id}/request/ping`, Buffer.alloc(brokerLimits.packetBytesMax, ' '))
    expect(await cut).toBe('cut')
  })

  it('[BK8] a client id that is too long, too many filters', async () => {
    const url = `mqtt://127.0.0.1:${shop.port}`
    const who = { username: 'any', password: shop.tokens.monitor }
    const { clientIdCharsMax, filtersMax } = brokerLimits
    expect(await refusedWith(url, { ...who, clientId: 'x'.repeat(clientIdCharsMax) })).toBe('let in')
    expect(await refusedWith(url, { ...who, clientId: 'x'.repeat(clientIdCharsMax + 1) })).not.toBe('let in')
    const greedy = await joined('monitor')
    for (let at = 0; at < filtersMax; at++) await greedy.subscribeAsync(`tillbridge/${shop.id}/job/${at}`)
    await expect(greedy.subscribeAsync(`tillbridge/${shop.id}/job/more`)).rejects.toThrow()
    await greedy.unsubscribeAsync(`tillbridge/${shop.id}/job/0`)
    await greedy.subscribeAsync(`tillbridge/${shop.id}/job/more`)
  })

  it('[BK8] strangers who come in floods are turned away, and those with a token get in', async () => {
    const flooded = await shopOf()
    undo.push(() => flooded.hub.end())
    const { connectsBurstMax, strangersMax } = brokerLimits
    const sockets = Array.from({ length: strangersMax }, () =>
      connect(flooded.port, '127.0.0.1').on('error', () => {}),
    )
    undo.push(() => {
      for (const socket of sockets) socket.destroy()
    })
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    const url = `mqtt://127.0.0.1:${flooded.port}`
    const who = { username: 'any', password: flooded.tokens.monitor }
    expect(await refusedWith(url, who)).not.toBe('let in')
    for (const socket of sockets) socket.destroy()
    await until(async () => (await refusedWith(url, who)) === 'let in', 'there is room again')
    for (let at = 0; at < connectsBurstMax; at++) expect(await refusedWith(url, who)).toBe('let in')
  }, 40_000)

  it('[BK8] measures packets whatever pieces they come in', () => {
    const packets = [
      Buffer.from([0xc0, 0]),
      Buffer.concat([Buffer.from([0x30, ...lengthOf(300)]), Buffer.alloc(300)]),
      Buffer.concat([Buffer.from([0x30, ...lengthOf(20_000)]), Buffer.alloc(20_000)]),
    ]
    const stream = Buffer.concat([...packets, ...packets])
    for (const size of [1, 2, 3, 127, 4_096, stream.length]) {
      for (const [max, fits] of [
        [20_000, true],
        [19_999, false],
      ] as const) {
        const meter = new PacketMeter(() => max)
        let all = true
        for (let at = 0; at < stream.length && all; at += size)
          all = meter.take(stream.subarray(at, at + size))
        expect(all, `pieces of ${size}, ${max} at most`).toBe(fits)
      }
    }
    expect(new PacketMeter(() => 1e9).take(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1]))).toBe(false)
  })

  it.each([
    ['#', 'a/b', true],
    ['a/#', 'a', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['a/+/c', 'a/b/c', true],
    ['a/b', 'a/b', true],
    ['a/b/c', 'a/b', false],
    ['a', 'a/b', false],
  ])('[BK3] the filter %s covers %s: %s', (filter, topic, covers) => {
    expect(filterCovers(filter, topic)).toBe(covers)
  })
})

function lengthOf(length: number): number[] {
  const bytes: number[] = []
  let left = length
  do {
    const byte = left % 128
    left = Math.floor(left / 128)
    bytes.push(left > 0 ? byte | 0x80 : byte)
  } while (left > 0)
  return bytes
}

function reached(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
