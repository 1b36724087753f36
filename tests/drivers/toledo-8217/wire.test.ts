/** The scale over a real tty (a pty of socat, opened by serialport) and over a socket, with the system's clock. */

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { toledo8217 } from '../../../src/drivers/scales/toledo-8217/driver.ts'
import { createToledo8217Twin } from '../../../src/drivers/scales/toledo-8217/twin.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import type { Weight } from '../../../src/protocol/device.ts'
import { newAttempt, openDriver } from '../../support/driver-bench.ts'
import { openPty } from '../../support/pty.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const openTransport = createOpenTransport(systemClock, new MemoryPorts(systemClock))

async function openOn(url: string): Promise<Transport> {
  const transport = await openTransport(parsePortUrl(url), toledo8217.portDefaults)
  undo.push(() => transport.close())
  return transport
}

async function startScale(transport: Transport, weights: Weight[] = []) {
  const device = openDriver(toledo8217, transport, systemClock, { told: { weights } })
  undo.push(() => device.stop())
  await device.start()
  return device.weighing ?? expect.unreachable('a scale weighs')
}

describe('over a tty', () => {
  it('[TOL21] is found by its probe, weighs, zeroes and tares', async () => {
    const pty = await openPty()
    undo.push(() => pty.stop())
    const twin = createToledo8217Twin({ clock: systemClock })
    undo.push(() => twin.stop())
    twin.attach({ write: pty.write, onBytes: pty.onBytes, close: pty.cut })
    const transport = await openOn(`serial:${pty.path}`)
    expect(await toledo8217.probe?.(transport, { clock: systemClock, answerMsMax: 300 })).toEqual({
      certain: true,
    })
    const weighing = await startScale(transport)
    twin.order({ order: 'load', grams: 250 })
    expect(await weighing.tare({}, newAttempt())).toEqual({ state: 'done', outcome: { confirmed: true } })
    twin.order({ order: 'load', grams: 1_485 })
    expect(await weighing.read()).toMatchObject({ weight: '1.235', unit: 'kg', tare: true })
    expect(await weighing.tare({ weight: '0' }, newAttempt())).toEqual({
      state: 'done',
      outcome: { confirmed: true },
    })
    twin.order({ order: 'load', grams: 100 })
    expect(await weighing.zero(newAttempt())).toEqual({ state: 'done', outcome: { confirmed: true } })
    expect((await weighing.read()).weight).toBe('0.000')
    pty.cut()
    expect((await transport.closed).by).toBe('lost')
    await expect(weighing.read()).rejects.toMatchObject({ code: 'port_closed' })
  })
})

describe('over TCP', () => {
  it('[TOL21] weighs and shows changes through a terminal server', async () => {
    const twin = createToledo8217Twin({ clock: systemClock })
    undo.push(() => twin.stop())
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      twin.attach({
        write: (bytes) => socket.write(bytes),
        onBytes: (listener) => socket.on('data', listener),
        close: () => socket.destroy(),
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    undo.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const weights: Weight[] = []
    const weighing = await startScale(await openOn(`tcp://127.0.0.1:${port}`), weights)
    weighing.watch(true)
    await expect.poll(() => weights.length).toBe(1)
    twin.order({ order: 'load', grams: 705 })
    await expect.poll(() => weights.at(-1)?.weight).toBe('0.705')
    expect((await weighing.read()).weight).toBe('0.705')
  })
})
