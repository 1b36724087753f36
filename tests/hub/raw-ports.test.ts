/** Raw print ports: programs that know a printer's port 9100 and nothing else, against an ESC/POS printer on a socket. */
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { EscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { rawLimits } from '../../src/hub/doors/raw/raw-door.ts'
import { readQuestions } from '../../src/hub/doors/raw/status-answers.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import { CounterHub } from '../support/counter-hub.ts'
import { freePort } from '../support/free-port.ts'
import { HubProcess, until } from '../support/hub-process.ts'

let hub: HubProcess
let technician: HubClient
let twin: EscposTwin
let counter: CounterHub
let [port, lostPort] = [0, 0]

beforeAll(async () => {
  port = await freePort()
  lostPort = await freePort()
  counter = await CounterHub.start(`[raw]
sources = ["127.0.0.1"]
pauseMs = 3_000
[[raw.ports]]
port = ${port}
printer = "counter"
[[raw.ports]]
port = ${lostPort}
printer = "nobody"
`)
  ;({ hub, technician, twin } = counter)
}, 40_000)
afterAll(async () => {
  await hub?.end()
  await counter?.end()
})
beforeEach(() => {
  twin.order({ order: 'paper', state: 'full' })
})

const receipt = (text: string) => Buffer.from(`\x1b@${text}\n\n\n\n\n\n\x1dV\x00`)
const printed = (text: string) => twin.tickets.flat().join('\n').includes(text)
const client = (to = port): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: to, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.on('error', reject)
  })
const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', () => resolve('closed')))

it('[RW2] a program of others prints: one connection, one job, with its outcome', async () => {
  const script = `import socket
s = socket.create_connection(('127.0.0.1', ${port}))
s.sendall(b'\\x1b@from python\\n\\n\\n\\n\\n\\n\\x1dV\\x00')
s.shutdown(socket.SHUT_WR)
s.recv(1)
s.close()`
  await promisify(execFile)('python3', ['-c', script])
  await until(() => printed('from python'), 'it is printed')
  await until(async () => {
    const [job] = (await technician.call('job.list', { limit: 1 })).jobs
    return job?.state === 'done' && job.id.startsWith('raw-') && job.client.includes('127.0.0.1')
  }, 'its outcome')
  expect(twin.violations).toEqual([])
})

it('[RW2] on a connection that stays open a pause ends the job; others print meanwhile', async () => {
  const [stays, other] = [await client(), await client()]
  stays.write(receipt('first of many'))
  other.end(receipt('in between'))
  await until(() => printed('first of many') && printed('in between'), 'both')
  stays.write(receipt('second of many'))
  await until(() => printed('second of many'), 'the second')
  const order = twin.tickets.flat().join('\n')
  expect(order.indexOf('first of many')).toBeLessThan(order.indexOf('second of many'))
  stays.destroy()
})

it('[RW3] what breaks off is not printed', async () => {
  const breaks = await client()
  breaks.write(receipt('half of a receipt'))
  // What comes after it is printed: the hub has read it. What the network loses, nobody can tell of.
  ;(await client()).end(receipt('right after it'))
  await until(() => printed('right after it'), 'the one after')
  breaks.resetAndDestroy()
  await until(() => hub.log().includes('a print broke off'), 'the log')
  ;(await client()).end(receipt('a whole one'))
  await until(() => printed('a whole one'), 'the next')
  expect(printed('half of a receipt')).toBe(false)
})

it('[RW4] too large, or for a printer that is not there: the connection is reset', async () => {
  const large = await client()
  const cut = closed(large)
  large.write(Buffer.alloc(rawLimits.jobBytesMax + 1, ' '))
  expect(await cut).toBe('closed')
  const lost = await client(lostPort)
  const gone = closed(lost)
  lost.end(receipt('for nobody'))
  expect(await gone).toBe('closed')
  await until(() => hub.log().includes('a print was not taken'), 'the log')
})

it('[RW4] more connections than the limit are turned away', async () => {
  const sockets = await Promise.all(Array.from({ length: rawLimits.connectionsMax }, () => client()))
  expect(await closed(await client())).toBe('closed')
  for (const socket of sockets) socket.destroy()
  await until(async () => {
    const socket = await client()
    socket.end(receipt('room again'))
    await closed(socket)
    return printed('room again')
  }, 'room')
})

it('[RW5] questions that come alone are answered as the printer is', async () => {
  const asks = await client()
  const ask = (bytes: number[], length: number) =>
    new Promise<number[]>((resolve) => {
      const got: number[] = []
      const hear = (chunk: Buffer) => {
        got.push(...chunk)
        if (got.length < length) return
        asks.off('data', hear)
        resolve(got)
      }
      asks.on('data', hear)
      asks.write(Buffer.from(bytes))
    })
  const all = [1, 2, 3, 4].flatMap((number) => [0x10, 0x04, number])
  expect(await ask(all, 4)).toEqual([0x16, 0x12, 0x12, 0x12])
  expect(await ask([0x1d, 0x72, 1, 0x1d, 0x72, 0x32], 2)).toEqual([0, 1])
  twin.order({ order: 'paper', state: 'out' })
  await until(
    async () => (await technician.call('device.get', { id: 'counter' })).state === 'faulty',
    'no paper',
  )
  expect(await ask(all, 4)).toEqual([0x1e, 0x32, 0x12, 0x7e])
  expect(await ask([0x1d, 0x72, 1], 1)).toEqual([0x0f])
  asks.destroy()
  expect(readQuestions(Uint8Array.of(0x10, 0x04, 5))).toBeUndefined()
  expect(readQuestions(Uint8Array.of(0x10, 0x04))).toBeUndefined()
  expect(readQuestions(Buffer.from('text'))).toBeUndefined()
})

it('[RW1] [RW6] others are cut off; a hub that stops prints no half; without sources nothing is open', async () => {
  const other = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'tillbridge-raw-'))
  const ports = `[[raw.ports]]\nport = ${other}\nprinter = "counter"\n`
  writeFileSync(join(folder, 'tillbridge.toml'), `[raw]\nsources = ["192.0.2.7"]\n${ports}`)
  const strict = await HubProcess.start({ dir: folder })
  const stranger = await until(() => client(other).catch(() => undefined), 'the port')
  expect(await closed(stranger)).toBe('closed')
  await until(() => strict.log().includes('token.refused'), 'the log')
  await strict.stop()
  writeFileSync(join(folder, 'tillbridge.toml'), `[raw]\n${ports}`)
  const shut = await HubProcess.start({ dir: folder })
  const refused = connect(other, '127.0.0.1')
  expect(
    await new Promise((resolve) =>
      refused.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    ),
  ).toBe('ECONNREFUSED')
  await shut.end()

  const open = await client()
  const reset = closed(open)
  open.write(receipt('at the last moment'))
  await technician.call('job.list', { limit: 1 })
  await hub.stop()
  expect(await reset).toBe('closed')
  hub = await HubProcess.start({ dir: counter.dir })
  ;(await until(() => client().catch(() => undefined), 'the port')).end(receipt('after the start'))
  await until(() => printed('after the start'), 'the next')
  expect(printed('at the last moment')).toBe(false)
}, 40_000)
