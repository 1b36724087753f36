/** What a program on a broker waits for the hub: from a request to its answer, beside a bare client that only echoes on the same broker. */
import { rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import { HubProcess, temporaryDir, until } from '../../tests/support/hub-process.ts'
import { Mosquitto } from '../../tests/support/mosquitto.ts'
import { atMost, median, percentile, type Row } from './rows.ts'

const warmUp = 100
const asked = 600
/** Between two requests, in ms: within the rate that the hub allows. */
const pauseMs = 11

export async function run(): Promise<Row[]> {
  const broker = await Mosquitto.start({ lines: ['allow_anonymous true', 'set_tcp_nodelay true'] })
  const dir = temporaryDir()
  writeFileSync(join(dir, 'tillbridge.toml'), `[mqtt]\nurl = "${broker.url}"\nrequests = "cashier"\n`)
  const hub = await HubProcess.start({ dir, demo: true })
  const office = await mqtt.connectAsync(broker.url, { protocolVersion: 5 })
  const echo = await mqtt.connectAsync(broker.url, { protocolVersion: 5 })
  try {
    const { hub: id } = (await (await fetch(`${hub.url}/api/v1/health`)).json()) as { hub: string }
    let online = false
    office.once('message', () => {
      online = true
    })
    // Told after the hub has subscribed to its requests.
    for (const client of [office, echo]) (client.stream as unknown as Socket).setNoDelay(true)
    await office.subscribeAsync(`tillbridge/${id}/status`, { qos: 1 })
    await until(() => online, 'the hub is on the broker')
    await office.unsubscribeAsync(`tillbridge/${id}/status`)
    await echo.subscribeAsync('echo/request/+', { qos: 1 })
    echo.on('message', (topic, payload) => {
      echo.publish(topic.replace('request', 'response'), payload, { qos: 1 })
    })
    await office.subscribeAsync([`tillbridge/${id}/response/+`, 'echo/response/+'], { qos: 1 })
    const times = { hub: [] as number[], echo: [] as number[] }
    // In turns, so that both meet the same moods of the machine.
    for (let at = 0; at < warmUp + asked; at++) {
      await sleep(pauseMs)
      const name = `q-${at}`
      const text = JSON.stringify({ id: name })
      const hubMs = await askedMs(
        office,
        `tillbridge/${id}/request/device.list`,
        `tillbridge/${id}/response/${name}`,
        text,
      )
      const echoMs = await askedMs(office, `echo/request/${name}`, `echo/response/${name}`, text)
      if (at < warmUp) continue
      times.hub.push(hubMs)
      times.echo.push(echoMs)
    }
    const ratio = median(times.hub) / median(times.echo)
    const floor = `a bare echo on the same mosquitto: p50 ${median(times.echo).toFixed(2)} ms, p99 ${percentile(times.echo, 0.99).toFixed(2)} ms`
    return [
      atMost('MQTT: request to answer, p99', percentile(times.hub, 0.99), 'ms', 10, floor),
      atMost(
        'MQTT: request to answer, of a bare echo, p50',
        ratio,
        'times',
        3,
        `p50 ${median(times.hub).toFixed(2)} ms`,
      ),
    ]
  } finally {
    await Promise.all([office.endAsync(true), echo.endAsync(true)])
    await hub.stop()
    await broker.end()
    rmSync(dir, { recursive: true, force: true })
  }
}

function askedMs(client: MqttClient, topic: string, answer: string, text: string): Promise<number> {
  return new Promise((resolve) => {
    const begun = performance.now()
    const hear = (heard: string, payload: Buffer) => {
      if (heard !== answer) return
      if (payload.includes('"error"')) throw new Error(payload.toString())
      client.off('message', hear)
      resolve(performance.now() - begun)
    }
    client.on('message', hear)
    client.publish(topic, text, { qos: 1 })
  })
}

if (import.meta.main) for (const row of await run()) console.log(JSON.stringify(row))
