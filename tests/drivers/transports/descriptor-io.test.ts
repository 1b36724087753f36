/** What serial ports and the nodes of usblp share, on a pty and the real poller. */
import { closeSync, constants, openSync } from 'node:fs'
import { LinuxPortBinding } from '@serialport/bindings-cpp'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  DescriptorIo,
  descriptorPieceBytes,
  type Poller,
} from '../../../src/drivers/transports/descriptor-io.ts'
import { pattern, Received } from '../../contracts/transport.ts'
import { settle } from '../../support/clock.ts'
import { hasSocat, openPty } from '../../support/pty.ts'

async function bench() {
  const pty = await openPty()
  const fd = openSync(pty.path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY)
  const { poller } = new LinuxPortBinding(fd, { path: pty.path, baudRate: 9600 } as never)
  let events = 0
  const emit = poller.emit.bind(poller)
  poller.emit = (...event: Parameters<typeof emit>) => {
    events++
    return emit(...event)
  }
  const io = new DescriptorIo(fd, poller as unknown as Poller)
  onTestFinished(async () => {
    await io.stop()
    closeSync(fd)
    await pty.stop()
  })
  return { pty, io, events: () => events }
}

describe.skipIf(!hasSocat())('a descriptor', () => {
  it('[SER9] who does not wait is not called, however much there is to read', async () => {
    const { pty, io, events } = await bench()
    // The poller goes on with all it was ever asked for: both have to have been waited for once.
    await io.ready('writable')
    pty.write(pattern(10))
    await io.ready('readable')
    const before = events()
    for (let turn = 0; turn < 100; turn++) await settle()
    expect(events()).toBe(before)
    expect(await io.read(new Uint8Array(100))).toBe(10)
    expect(await io.read(new Uint8Array(100))).toBeUndefined()
  })

  it('[SER9] each is called who waits, also when the other began later', async () => {
    const { pty, io } = await bench()
    const readable = io.ready('readable')
    await io.ready('writable')
    pty.write(pattern(1))
    await readable
    const count = descriptorPieceBytes * 20
    let handed = 0
    const writing = io.write(pattern(count), (bytes) => {
      handed += bytes
    })
    expect(handed).toBe(descriptorPieceBytes)
    let seen = -1
    while (seen !== handed) {
      seen = handed
      for (let turn = 0; turn < 100; turn++) await settle()
    }
    expect(await io.read(new Uint8Array(100))).toBe(1)
    const more = io.ready('readable')
    const received = new Received()
    pty.onBytes((bytes) => received.push(bytes))
    await writing
    expect(handed).toBe(count)
    expect(await received.until(count)).toEqual(pattern(count))
    pty.write(pattern(1))
    await more
  })

  it('[T6] after a stop nothing is polled, and what waits ends', async () => {
    const { io, events } = await bench()
    const waiting = io.ready('readable').then(
      () => 'ready',
      (error: Error) => error.message,
    )
    await io.stop()
    expect(await waiting).toMatch(/Cancel/)
    const before = events()
    await io.ready('readable')
    await io.write(pattern(10), () => expect.unreachable())
    expect(events()).toBe(before)
  })
})
