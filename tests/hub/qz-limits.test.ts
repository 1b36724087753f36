/** The edges of QZ Tray's door in time and number, on a hub whose clock stands still until it is moved. */

import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { qzSection } from '../../src/hub/doors/qz/qz-config.ts'
import { QzDoor } from '../../src/hub/doors/qz/qz-door.ts'
import { qzLimits } from '../../src/hub/doors/qz/qz-limits.ts'
import { TestClock } from '../support/clock.ts'
import { freePort } from '../support/free-port.ts'
import { HubBench } from '../support/hub-bench.ts'
import { until } from '../support/hub-process.ts'

const origin = 'https://pos.example'
let bench: HubBench
let door: QzDoor
let port: number
/** What the door logs. */
let lines: string[]
const sockets: WebSocket[] = []
beforeEach(async () => {
  lines = []
  port = await freePort()
  const clock = new TestClock()
  const settings = {
    ...qzSection.parse({ origins: [origin], ports: [port], tlsPorts: [] }),
    bind: '127.0.0.1',
  }
  bench = await HubBench.start({
    clock,
    parts: {
      createDoors: (hub) => {
        let ids = 0
        const tools = {
          hub,
          clock,
          log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
          newId: () => `${++ids}`,
          onProblem: () => {},
        }
        door = new QzDoor(settings, tools)
        return [door]
      },
    },
  })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await bench.end()
})

async function open(options: { autoPong?: boolean } = {}): Promise<WebSocket> {
  const opened = await until(
    () =>
      new Promise<WebSocket | undefined>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}`, { origin, ...options })
        socket.once('open', () => resolve(socket))
        socket.once('error', () => resolve(undefined))
      }),
    'the port is open',
  )
  sockets.push(opened)
  return opened
}

async function greeted(options: { autoPong?: boolean } = {}): Promise<WebSocket> {
  const socket = await open(options)
  const before = door.clients
  socket.send(JSON.stringify({ certificate: null, uid: 'c' }))
  await until(() => door.clients > before, 'greeted')
  return socket
}

const codeOf = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve))

describe('time', () => {
  it('[QZ24] whoever shows no certificate in time is closed, whoever has is not', async () => {
    const [silent, known] = [await open(), await greeted()]
    const code = codeOf(silent)
    await bench.clock.advance(qzLimits.certificateMsMax)
    expect(await code).toBe(1008)
    expect(known.readyState).toBe(WebSocket.OPEN)
  })

  it('[QZ25] a client that answers no ping is cut off, one that does is not', async () => {
    const dead = await greeted({ autoPong: false })
    const alive = await greeted()
    const code = codeOf(dead)
    for (let beat = 0; beat <= qzLimits.heartbeatMissesMax; beat++) {
      const pinged = new Promise((resolve) => alive.once('ping', resolve))
      await bench.clock.advance(qzLimits.heartbeatMs)
      await pinged
      // Its pong has come when the answer to a later message has.
      const answered = new Promise((resolve) => alive.once('message', resolve))
      alive.send(JSON.stringify({ call: 'getVersion', uid: 'v' }))
      await answered
    }
    expect(await code).toBe(1006)
    expect(door.clients).toBe(1)
  })
})

describe('number', () => {
  it('[QZ26] as many requests wait as may; one more is refused, and the client goes on', async () => {
    const twin = await bench.printer('slow')
    twin.behaviour = 'hold'
    const socket = await greeted()
    const answers: { uid: string; error?: string }[] = []
    socket.on('message', (data) => answers.push(JSON.parse(String(data)) as { uid: string }))
    const params = { printer: { name: 'slow' }, options: {}, data: ['x'] }
    for (let job = 0; job <= qzLimits.pendingRequestsMax; job++)
      socket.send(JSON.stringify({ call: 'print', params, uid: `p${job}` }))
    await until(() => answers.length > 0, 'an answer')
    socket.send(JSON.stringify({ call: 'getVersion', uid: 'v' }))
    await until(() => answers.length > 1, 'another answer')
    expect(answers.map(({ uid }) => uid)).toEqual([`p${qzLimits.pendingRequestsMax}`, 'v'])
    expect(answers[0]?.error).toContain('rate_limited')
  })

  it('[QZ27] a page that does not read what it is told is closed, and the others go on', async () => {
    const name = (index: number) => `${index} ${'n'.repeat(70)}`
    for (let index = 0; index < 150; index++)
      await bench.call('device.add', {
        class: 'printer',
        driver: 'line-printer',
        port: `memory:${index}`,
        name: name(index),
      })
    const [slow, other] = [await greeted(), await greeted()]
    slow.pause()
    // Of some 20 KB each: what the network itself keeps is some MB.
    const rounds = 40
    for (let round = 0; round < rounds && !lines.join().includes('does not read'); round++) {
      for (let turn = 0; turn < qzLimits.pendingRequestsMax; turn++)
        slow.send(JSON.stringify({ call: 'printers.detail', uid: 'd' }))
      const answered = new Promise((resolve) => other.once('message', resolve))
      other.send(JSON.stringify({ call: 'printers.getDefault', params: null, uid: 'o' }))
      expect(String(await answered)).toContain(name(0))
      await bench.clock.advance(1_000)
    }
    await bench.clock.advance(qzLimits.closeMsMax)
    await until(() => door.clients === 1, 'the slow one is closed')
    expect(lines.join()).toContain('does not read; it is closed')
    expect(other.readyState).toBe(WebSocket.OPEN)
  })
})
