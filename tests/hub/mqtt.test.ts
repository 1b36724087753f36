/** The hub on a broker: mosquitto is the witness, the hub a process of its own. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Outgoing, outgoingLimits } from '../../src/hub/doors/mqtt/outgoing.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { type Heard, Mosquitto } from '../support/mosquitto.ts'
import { TestRoot } from '../support/openssl.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

async function brokerOf(...options: Parameters<typeof Mosquitto.start>): Promise<Mosquitto> {
  const broker = await Mosquitto.start(...options)
  undo.push(() => broker.end())
  return broker
}

/** A hub that takes requests as a technician and tells Home Assistant, with its broker: for whatever needs no other settings. */
let usual: { broker: Mosquitto; hub: HubProcess; id: string }
beforeAll(async () => {
  const broker = await Mosquitto.start()
  const data = mkdtempSync(join(tmpdir(), 'tillbridge-mqtt-'))
  const lines = ['[mqtt]', `url = "${broker.url}"`, 'homeAssistant = true', 'requests = "technician"']
  writeFileSync(join(data, 'tillbridge.toml'), lines.join('\n'))
  const hub = await HubProcess.start({ dir: data, demo: true })
  usual = { broker, hub, id: await hubId(hub) }
}, 30_000)
afterAll(async () => {
  await usual.hub.end()
  await usual.broker.end()
})

/** A demo hub that knows the broker. `dir`: the data of a hub that ran before. */
async function hubOf(url: string, lines: readonly string[] = [], dir?: string): Promise<HubProcess> {
  const data = dir ?? mkdtempSync(join(tmpdir(), 'tillbridge-mqtt-'))
  writeFileSync(join(data, 'tillbridge.toml'), ['[mqtt]', `url = "${url}"`, ...lines].join('\n'))
  const hub = await HubProcess.start({ dir: data, demo: true })
  undo.push(() => hub.end())
  return hub
}

const hubId = async (hub: HubProcess) =>
  ((await (await fetch(`${hub.url}/api/v1/health`)).json()) as { hub: string }).hub
const last = (heard: readonly Heard[], topic: string) => heard.findLast((each) => each.topic.endsWith(topic))
const asRole = (role: string) => [`requests = "${role}"`]
const printOrder = (id: string) =>
  JSON.stringify({ id, device: 'demo-printer', kind: 'print', payload: { text: 'from afar' } })

describe('what is told', () => {
  it('[MQ1] [MQ2] says online, who it is and every device, retained; the broker says offline after kill -9, the hub when it ends', async () => {
    const broker = await brokerOf()
    const hub = await hubOf(broker.url)
    const id = await hubId(hub)
    const first = await broker.listen(`tillbridge/${id}/#`)
    await until(() => last(first, 'demo-scale/state') !== undefined, 'devices are told')
    await until(() => last(first, '/status')?.text === 'online', 'online')
    const late = await broker.listen(`tillbridge/${id}/#`)
    await until(() => last(late, 'demo-scale/state') !== undefined, 'a latecomer is told')
    expect(late.every(({ retained }) => retained)).toBe(true)
    expect(JSON.parse(last(late, '/info')?.text ?? '')).toMatchObject({ hub: id, name: 'Tillbridge' })
    expect(JSON.parse(last(late, 'demo-printer/state')?.text ?? '')).toMatchObject({
      ...{ id: 'demo-printer', class: 'printer', state: 'ready' },
    })
    await hub.kill9()
    await until(() => last(late, '/status')?.text === 'offline', 'the will')

    const again = await hubOf(broker.url, [], hub.dir)
    await until(() => last(late, '/status')?.text === 'online', 'online again')
    const said = late.length
    expect(await again.stop()).toBe(0)
    await until(() => last(late.slice(said), '/status')?.text === 'offline', 'a farewell')
  })

  it('[MQ2] takes away what it told of a device that is no more, also when that went while the hub was alone', async () => {
    const broker = await brokerOf()
    const hub = await hubOf(broker.url)
    const id = await hubId(hub)
    const heard = await broker.listen(`tillbridge/${id}/device/+/state`)
    const technician = await hub.client('technician')
    const added = await technician.call('device.add', {
      ...{ class: 'printer', driver: 'escpos', port: 'tcp://127.0.0.1:9', name: 'Gone soon' },
    })
    await until(() => last(heard, `${added.id}/state`) !== undefined, 'it is told')
    await technician.call('device.remove', { id: added.id })
    await until(() => last(heard, `${added.id}/state`)?.text === '', 'it is taken away')
    // As a hub would have left it that was away from the broker meanwhile.
    await broker.publish(`tillbridge/${id}/device/long-gone/state`, '{"id":"long-gone"}', '-r')
    await hub.kill9()
    await hubOf(broker.url, [], hub.dir)
    await until(() => last(heard, 'long-gone/state')?.text === '', 'it is swept')
    const late = await broker.listen(`tillbridge/${id}/device/+/state`)
    await until(() => last(late, 'demo-scale/state') !== undefined, 'the others are there')
    expect(last(late, 'long-gone/state')).toBeUndefined()
  })

  it('[MQ3] tells jobs with each state, and what happens at a device, unretained', async () => {
    const { broker, hub, id } = usual
    const heard = await broker.listen(`tillbridge/${id}/job/#`, `tillbridge/${id}/device/+/event`)
    const till = await hub.client('cashier')
    await until(
      async () => (await till.call('device.get', { id: 'demo-drawer' })).state === 'ready',
      'the drawer',
    )
    await till.call('job.submit', { id: 'open-1', device: 'demo-drawer', kind: 'drawer.open', payload: {} })
    await until(() => last(heard, '/event') !== undefined, 'the drawer tells')
    const states = () =>
      heard
        .filter(({ topic }) => topic.endsWith('/job/open-1'))
        .map(({ text }) => (JSON.parse(text) as { state: string }).state)
    await until(() => states().includes('done'), 'the job is told')
    expect(
      JSON.parse(heard.find(({ topic }) => topic.endsWith('demo-drawer/event'))?.text ?? ''),
    ).toMatchObject({
      ...{ topic: 'drawer.opened', data: { job: 'open-1' } },
    })
    expect(heard.some(({ retained }) => retained)).toBe(false)
  })
})

describe('requests', () => {
  it('[MQ4] are answered on the topic of their id, or where MQTT 5 says, with its correlation', async () => {
    const { broker, id } = usual
    const heard = await broker.listen(`tillbridge/${id}/#`)
    await until(() => last(heard, 'demo-printer/state') !== undefined, 'devices are told')
    await broker.publish(`tillbridge/${id}/request/job.submit`, printOrder('far-1'))
    await until(() => last(heard, '/response/far-1') !== undefined, 'an answer')
    expect(JSON.parse(last(heard, '/response/far-1')?.text ?? '')).toMatchObject({
      id: 'far-1',
      result: { id: 'far-1', device: 'demo-printer', kind: 'print' },
    })
    await until(
      () => heard.some(({ topic, text }) => topic.endsWith('/job/far-1') && text.includes('"done"')),
      'printed',
    )
    const asked = await broker.ask(`tillbridge/${id}/request/device.list`, '{"id":"q-1"}', 'office/answers')
    expect(asked).toMatchObject({
      correlation: 'c-1',
      answer: { id: 'q-1', result: { devices: expect.anything() } },
    })
  })

  it('[MQ5] that are retained, or that nobody could be answered, are not done', async () => {
    const broker = await brokerOf()
    const hub = await hubOf(broker.url, asRole('cashier'))
    const id = await hubId(hub)
    await broker.publish(`tillbridge/${id}/request/job.submit`, printOrder('kept-1'), '-r')
    await broker.publish(`tillbridge/${id}/request/device.list`, '{}')
    const heard = await broker.listen(`tillbridge/${id}/response/#`)
    // The retained one comes again with the next connection: then, too, it is not done.
    await hub.kill9()
    const again = await hubOf(broker.url, asRole('cashier'), hub.dir)
    const till = await again.client('cashier')
    await broker.publish(`tillbridge/${id}/request/device.list`, '{"id":"after"}')
    await until(() => last(heard, '/response/after') !== undefined, 'a proper one is answered')
    expect(heard).toHaveLength(1)
    await expect(till.call('job.get', { id: 'kept-1' })).rejects.toMatchObject({ code: 'job_unknown' })
  })

  it('[MQ6] act as the role that the configuration names, and as none when it names none', async () => {
    const broker = await brokerOf()
    const hub = await hubOf(broker.url, asRole('monitor'))
    const id = await hubId(hub)
    const heard = await broker.listen(`tillbridge/${id}/response/#`)
    const codeOf = async (asked: string, method: string, text: string) => {
      await broker.publish(`tillbridge/${id}/request/${method}`, text)
      await until(() => last(heard, `/response/${asked}`) !== undefined, `${method} is answered`)
      const { error } = JSON.parse(last(heard, `/response/${asked}`)?.text ?? '') as {
        error?: { data?: { code: string; context: object } }
      }
      return error?.data
    }
    await until(async () => (await fetch(`${hub.url}/api/v1/health`)).ok, 'the hub')
    expect(await codeOf('m-1', 'device.list', '{"id":"m-1"}')).toBeUndefined()
    expect(await codeOf('far-2', 'job.submit', printOrder('far-2'))).toMatchObject({ code: 'forbidden' })
    expect(await codeOf('m-2', 'job.list', '{"id":"m-2","limit":"many"}')).toMatchObject({
      ...{ code: 'params_invalid', context: { path: 'limit' } },
    })
    expect(await codeOf('m-3', 'no.such', '{"id":"m-3"}')).toMatchObject({ code: 'method_unknown' })
    expect(await codeOf('m-4', 'event.subscribe', '{"id":"m-4","topics":["*"]}')).toMatchObject({
      code: 'bad_request',
    })
    await hub.kill9()
    await hubOf(broker.url, [], hub.dir)
    const seen = await broker.listen(`tillbridge/${id}/#`)
    await until(() => last(seen, 'demo-printer/state') !== undefined, 'it is there')
    await broker.publish(`tillbridge/${id}/request/device.list`, '{"id":"m-5"}')
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(last(heard, '/response/m-5')).toBeUndefined()
  })
})

describe('the broker', () => {
  it('[MQ7] that comes late, goes and comes back is found again and told everything anew', async () => {
    const before = await brokerOf()
    const { port, url } = before
    await before.end()
    const hub = await hubOf(url)
    const id = await hubId(hub)
    expect(((await (await fetch(`${hub.url}/api/v1/health`)).json()) as { status: string }).status).toBe(
      'ready',
    )
    for (let round = 0; round < 2; round++) {
      const broker = await brokerOf({ port })
      const heard = await broker.listen(`tillbridge/${id}/#`)
      await until(() => last(heard, 'demo-printer/state') !== undefined, 'all is told', 30_000)
      expect(last(heard, '/status')?.text).toBe('online')
      await broker.end()
    }
  }, 60_000)

  it('[MQ8] is reached by TLS with a root of its own, and by a password that may change while the hub runs', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-mqtt-tls-'))
    undo.push(() => rmSync(dir, { recursive: true, force: true }))
    const root = new TestRoot(join(dir, 'root'))
    const { cert, key } = root.issue('DNS:localhost', 'IP:127.0.0.1')
    const passwords = join(dir, 'passwords')
    execFileSync('mosquitto_passwd', ['-c', '-b', passwords, 'shop', 'the right one'])
    const broker = await brokerOf({
      files: { 'cert.pem': cert, 'key.pem': key },
      lines: [
        ...['certfile FOLDER/cert.pem', 'keyfile FOLDER/key.pem'],
        ...['allow_anonymous false', `password_file ${passwords}`],
      ],
    })
    const url = `mqtts://localhost:${broker.port}`
    const passwordFile = join(dir, 'password')
    writeFileSync(passwordFile, 'a wrong one\n')
    const who = ['username = "shop"', `passwordFile = "${passwordFile}"`]
    const hub = await hubOf(url, [`ca = "${root.file}"`, ...who])
    await until(() => hub.log().includes('the broker is away'), 'a wrong password')
    writeFileSync(passwordFile, 'the right one\n')
    await until(() => hub.log().includes('the broker is there'), 'connected by TLS', 30_000)
    const torn = await hubOf(url, ['ca = "/no/such/root.pem"'])
    await until(
      () => torn.log().includes('cannot be reached as it is configured'),
      'a root that is not there',
    )
    expect((await fetch(`${torn.url}/api/v1/health`)).status).toBe(200)
    const stranger = await hubOf(url, who)
    await until(() => stranger.log().includes('the broker is away'), 'a root that nobody knows')
    expect(stranger.log()).not.toContain('the broker is there')
    for (const { log } of [hub, stranger]) expect(log()).not.toContain('the right one')
  }, 60_000)

  it('[MQ12] that speaks MQTT 3.1.1 only is spoken to in that', async () => {
    const aedes = await Aedes.createBroker()
    const server = createServer(aedes.handle)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    undo.push(async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
      server.close()
    })
    const told = new Map<string, string>()
    aedes.on('publish', ({ payload, topic }, client) => {
      if (client !== null) told.set(topic, payload.toString())
    })
    const hub = await hubOf(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, asRole('monitor'))
    const id = await hubId(hub)
    await until(() => told.has(`tillbridge/${id}/device/demo-scale/state`), 'devices are told', 20_000)
    const request = { cmd: 'publish', qos: 1, dup: false, retain: false } as const
    aedes.publish(
      { ...request, topic: `tillbridge/${id}/request/hub.info`, payload: Buffer.from('{"id":"old"}') },
      () => undefined,
    )
    await until(() => told.has(`tillbridge/${id}/response/old`), 'an answer')
    expect(JSON.parse(told.get(`tillbridge/${id}/response/old`) ?? '')).toMatchObject({
      id: 'old',
      result: { name: 'Tillbridge' },
    })
  }, 30_000)

  it('[MQ9] with ACLs lets the hub speak for itself only; who may publish requests is the broker’s to say', async () => {
    const broker = await brokerOf({
      files: { acl: 'user shop\ntopic readwrite tillbridge/+/#\nuser office\ntopic read tillbridge/#\n' },
      lines: ['allow_anonymous true', 'acl_file FOLDER/acl'],
    })
    const hub = await hubOf(broker.url, ['username = "shop"', ...asRole('cashier')])
    const id = await hubId(hub)
    const till = await hub.client('cashier')
    await until(() => hub.log().includes('the broker is there'), 'connected')
    await broker.publish(`tillbridge/${id}/request/job.submit`, printOrder('acl-1'), '-u', 'office')
    await broker.publish(`tillbridge/${id}/request/job.submit`, printOrder('acl-2'), '-u', 'shop')
    await until(
      () =>
        till.call('job.get', { id: 'acl-2' }).then(
          () => true,
          () => false,
        ),
      'the allowed one',
    )
    await expect(till.call('job.get', { id: 'acl-1' })).rejects.toMatchObject({ code: 'job_unknown' })
  })

  it('[MQ10] that hangs holds nobody up, and gets what is, not all that was', async () => {
    const broker = await brokerOf()
    const hub = await hubOf(broker.url)
    const id = await hubId(hub)
    const heard = await broker.listen(`tillbridge/${id}/#`)
    await until(() => last(heard, 'demo-printer/state') !== undefined, 'all is told')
    broker.freeze()
    const till = await hub.client('cashier')
    const begun = performance.now()
    for (let index = 0; index < 40; index++)
      await till.call('job.submit', {
        id: `frozen-${index}`,
        device: 'demo-drawer',
        kind: 'drawer.open',
        payload: {},
      })
    await till.call('job.wait', { id: 'frozen-39', ms: 20_000 })
    expect(performance.now() - begun).toBeLessThan(25_000)
    broker.thaw()
    await until(
      () => heard.some(({ topic, text }) => topic.endsWith('/job/frozen-39') && text.includes('"done"')),
      'it catches up',
      40_000,
    )
  }, 80_000)
})

describe('what waits', () => {
  it('[MQ10] is the newest of each state, and a bounded number of what happened', async () => {
    const sent: string[] = []
    let release: () => void = () => undefined
    const outgoing = new Outgoing(({ payload, topic }) => {
      sent.push(`${topic}=${payload}`)
      return new Promise((resolve) => {
        release = resolve
      })
    })
    for (let index = 0; index < 5; index++) outgoing.state('status', String(index))
    for (let index = 0; index < outgoingLimits.waitingMax + 7; index++)
      outgoing.happening({ topic: 'job', payload: String(index), retain: false })
    expect(outgoing.dropped).toBe(7)
    expect(outgoing.waiting).toBe(1 + outgoingLimits.waitingMax)
    outgoing.open()
    expect(sent).toHaveLength(outgoingLimits.inFlightMax)
    expect(sent.slice(0, 2)).toEqual(['status=4', 'job=7'])
    release()
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toHaveLength(outgoingLimits.inFlightMax + 1)
    outgoing.close()
    release()
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toHaveLength(outgoingLimits.inFlightMax + 1)
  })
})

describe('Home Assistant', () => {
  it('[MQ11] finds hub and devices, is told again when it is born, and forgets what is removed', async () => {
    const { broker, hub, id } = usual
    const heard = await broker.listen('homeassistant/device/+/config')
    const config = (device: string) => `homeassistant/device/tillbridge_${id}_${device}/config`
    await until(() => last(heard, config('demo-scale')) !== undefined, 'the scale is told')
    const printer = JSON.parse(last(heard, config('demo-printer'))?.text ?? '') as {
      device: object
      components: Record<string, { platform: string; unique_id: string }>
    }
    expect(printer).toMatchObject({
      device: { identifiers: [`tillbridge_${id}_demo-printer`], via_device: `tillbridge_${id}` },
      origin: { name: 'Tillbridge' },
      availability_topic: `tillbridge/${id}/status`,
    })
    expect(Object.values(printer.components).map(({ platform }) => platform)).toEqual([
      'binary_sensor',
      'sensor',
      'button',
    ])
    const before = heard.length
    await broker.publish('homeassistant/status', 'online')
    await until(() => last(heard.slice(before), config('demo-printer')) !== undefined, 'told again')
    await until(() => last(heard.slice(before), `tillbridge_${id}/config`) !== undefined, 'the hub too')
    const technician = await hub.client('technician')
    const added = await technician.call('device.add', {
      class: 'printer',
      driver: 'escpos',
      port: 'tcp://127.0.0.1:9',
    })
    await until(() => last(heard, config(added.id)) !== undefined, 'a new one is told')
    await technician.call('device.rename', { id: added.id, name: 'Bar' })
    await until(() => last(heard, config(added.id))?.text.includes('"Bar"') === true, 'its new name')
    await technician.call('device.remove', { id: added.id })
    await until(() => last(heard, config(added.id))?.text === '', 'it is forgotten')
  })
})
