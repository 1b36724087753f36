/** A whole shop at the web door at once, with somebody who would keep it out: all tills get in. */
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webLimits } from '../../src/hub/doors/web/web-limits.ts'
import { DoorBench } from '../support/door-bench.ts'
import { RawClient } from '../support/raw-client.ts'

let bench: DoorBench
const silent: Socket[] = []
beforeEach(async () => {
  bench = await DoorBench.start()
})
afterEach(async () => {
  for (const socket of silent.splice(0)) socket.destroy()
  await bench.stop()
})

const upgrade =
  'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** Connections that send `text` and then nothing. */
async function crowd(count: number, from: string, text: string): Promise<void> {
  for (let opened = 0; opened < count; opened += 200) {
    const some = Array.from({ length: Math.min(200, count - opened) }, () => {
      const socket = connect({ port: bench.port, host: '127.0.0.1', localAddress: from })
      socket.on('error', () => {})
      silent.push(socket)
      return new Promise<void>((resolve) => {
        socket.once('close', () => resolve())
        if (text === '') socket.once('connect', () => resolve())
        else {
          socket.once('data', () => resolve())
          socket.write(text)
        }
      })
    })
    await Promise.all(some)
  }
}

/** All tills of one shop behind one router, at the same moment: no delay of theirs helps, and the clock stands still. */
async function shopOpens(from: string): Promise<void> {
  const tills = await Promise.all(
    Array.from({ length: webLimits.clientsMax }, async () => {
      const till = await RawClient.open(bench.socketUrl, undefined, { localAddress: from })
      const { result } = await till.hello('cashier-token')
      expect(result.role).toBe('cashier')
      return till
    }),
  )
  expect(bench.door.clients).toBe(webLimits.clientsMax)
  for (const till of tills.slice(-3)) expect((await till.request('ping')).result).toEqual({})
  for (const { socket } of tills) socket.terminate()
}

describe('a thousand tills of one address', () => {
  it('[P74] come in at once', async () => {
    await shopOpens('127.0.0.2')
  }, 30_000)

  it.each([
    ['connections', ''],
    ['half requests', 'GET / HTTP/1.1\r\nX: '],
    ['WebSockets', upgrade],
  ])(
    '[P16] [P74] come in though silent %s of another address fill the door',
    async (what, text) => {
      // Nobody answers half a request.
      if (what === 'half requests') void crowd(webLimits.strangerConnectionsMax, '127.0.0.3', text)
      else await crowd(webLimits.strangerConnectionsMax, '127.0.0.3', text)
      await shopOpens('127.0.0.2')
    },
    30_000,
  )

  it('[P16] [P74] come in though silent WebSockets of their own address fill the door', async () => {
    await crowd(webLimits.strangerConnectionsMax, '127.0.0.2', upgrade)
    await shopOpens('127.0.0.2')
  }, 30_000)

  it('[P74] come in again and again, as after restarts that follow each other', async () => {
    for (let round = 0; round < 4; round++) {
      await shopOpens('127.0.0.2')
      while (bench.door.clients > 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }, 60_000)
})
