/** Alerts on a broker: kept while they are raised, gone when they are mended, right again after a restart. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { type Heard, Mosquitto, MosquittoClients } from '../support/mosquitto.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

const last = (heard: readonly Heard[], ending: string) =>
  heard.findLast(({ topic }) => topic.endsWith(ending))

async function hubOf(broker: Mosquitto, goneMs: number, dir: string): Promise<HubProcess> {
  const lines = ['[mqtt]', `url = "${broker.url}"`, '[alerts]', 'faultMs = 0', `goneMs = ${goneMs}`]
  writeFileSync(join(dir, 'tillbridge.toml'), lines.join('\n'))
  const hub = await HubProcess.start({ dir })
  undo.push(() => hub.end())
  return hub
}

const idOf = async (hub: HubProcess) =>
  ((await (await fetch(`${hub.url}/api/v1/health`)).json()) as { hub: string }).hub

it('[MO29] an alert is retained under its id while it is raised; what another run left is taken away, not before the hub can know', async () => {
  const broker = await Mosquitto.start()
  undo.push(() => broker.end())
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-alerts-'))
  const hub = await hubOf(broker, 1_000, dir)
  const id = await idOf(hub)
  const heard = await broker.listen(`tillbridge/${id}/#`)
  const technician = await hub.client('technician')
  const port = `tcp://127.0.0.1:${await freePort()}`
  const added = await technician.call('device.add', { class: 'printer', driver: 'escpos', port, name: 'Bar' })
  const topic = `alert/device_gone.${added.id}`
  await until(() => last(heard, topic) !== undefined, 'the alert is told')
  expect(JSON.parse(last(heard, topic)?.text ?? '')).toMatchObject({
    ...{ id: `device_gone.${added.id}`, kind: 'device_gone', device: added.id, severity: 'critical' },
    message: 'Bar is not there. Look at its power and its cable.',
  })
  const late = await broker.listen(`tillbridge/${id}/alert/+`)
  await until(() => last(late, topic)?.retained === true, 'a latecomer is told')
  const metrics = await (await fetch(`${hub.url}/metrics`)).text()
  expect(metrics).toContain('tillbridge_mqtt_up 1\n')
  expect(metrics).toContain('tillbridge_mqtt_dropped_total 0\n')

  // A run before had another alert; this one lasts.
  await hub.kill9()
  const stale = `tillbridge/${id}/alert/paper_out.gone`
  await broker.publish(stale, '{"id":"paper_out.gone"}', '-r')
  const begun = late.length
  const again = await hubOf(broker, 3_000, dir)
  await until(() => late.slice(begun).some((each) => each.topic === stale && each.text === ''), 'it is swept')
  const said = late.slice(begun).filter((each) => each.topic.endsWith(topic))
  // The one that lasts was never taken away, and is told anew before the other goes.
  expect(said.map(({ text }) => text !== '')).toEqual([true])

  const back = await again.client('technician')
  await back.call('device.disable', { id: added.id })
  await until(() => last(late, topic)?.text === '', 'it is taken away')
  const afterwards = await broker.listen(`tillbridge/${id}/#`)
  await until(() => last(afterwards, '/status') !== undefined, 'what is retained has come')
  expect(afterwards.filter(({ topic }) => topic.includes('/alert/'))).toEqual([])
})

it('[MO27] [MO29] on the broker of the box they are told as on any other; who is held to devices hears of these and of the box', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-alerts-'))
  const port = await freePort()
  const lines = ['[broker]', 'enabled = true', `port = ${port}`, 'tlsPort = 0', '[alerts]', 'faultMs = 0']
  // More than any disk has free: the box has an alert, too.
  writeFileSync(join(dir, 'tillbridge.toml'), [...lines, 'goneMs = 1000', 'diskFreeMiB = 1000000'].join('\n'))
  const hub = await HubProcess.start({ dir })
  undo.push(() => hub.end())
  await hub.setUp()
  const technician = await hub.client('technician')
  const add = async (name: string) => {
    const dead = `tcp://127.0.0.1:${await freePort()}`
    return technician.call('device.add', { class: 'printer', driver: 'escpos', port: dead, name })
  }
  const [bar, kitchen] = [await add('Bar'), await add('Kitchen')]
  const { code } = await technician.call('pair.code', { role: 'cashier', devices: [kitchen.id] })
  const paired = await fetch(`${hub.url}/api/v1/pair`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, name: 'held' }),
  })
  const { token } = (await paired.json()) as { token: string }
  const clients = (word: string) => {
    const made = new MosquittoClients(port, '-u', 'any', '-P', word)
    undo.push(() => made.end())
    return made
  }
  const all = await clients(await hub.token('monitor')).listen('tillbridge/+/alert/+')
  const some = await clients(token).listen('tillbridge/+/alert/+')
  await until(() => last(all, `device_gone.${bar.id}`) !== undefined, 'the gone device is told')
  await until(() => last(all, 'disk_low') !== undefined, 'the disk is told')
  await until(() => last(some, 'disk_low') !== undefined, 'the disk is told to all')
  await until(() => last(some, `device_gone.${kitchen.id}`) !== undefined, 'the gone kitchen is told')
  await technician.call('device.remove', { id: bar.id })
  await until(() => last(all, `device_gone.${bar.id}`)?.text === '', 'it is taken away')
  expect(some.filter(({ text, topic }) => topic.includes(bar.id) && text !== '')).toEqual([])
})
