/** The scanner over a real tty (a pty of socat, opened by serialport) and over a socket, with the system's clock. */

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { serialScanner } from '../../../src/drivers/scanners/serial-scanner/driver.ts'
import {
  createSerialScannerTwin,
  type SerialScannerTwin,
} from '../../../src/drivers/scanners/serial-scanner/twin.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import { newTold, openDriver, type Told } from '../../support/driver-bench.ts'
import { openPty } from '../../support/pty.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const codes = Array.from({ length: 100 }, (_, index) => String(index).repeat(1 + (index % 30)))

async function startScanner(url: string, settings: Record<string, unknown> = {}): Promise<Told> {
  const openTransport = createOpenTransport(systemClock, new MemoryPorts(systemClock))
  const transport = await openTransport(parsePortUrl(url), serialScanner.portDefaults)
  undo.push(() => transport.close())
  const told = newTold()
  const device = openDriver(serialScanner, transport, systemClock, { settings, told })
  undo.push(() => device.stop())
  await device.start()
  return told
}

function newTwin(): SerialScannerTwin {
  const twin = createSerialScannerTwin({ clock: systemClock })
  undo.push(() => twin.stop())
  return twin
}

describe('over a tty', () => {
  it('[SCAN16] scans arrive as they were sent: one, a burst of 100, and one without a suffix', async () => {
    const pty = await openPty()
    undo.push(() => pty.stop())
    const twin = newTwin()
    twin.attach({ write: pty.write, onBytes: pty.onBytes, close: pty.cut })
    const { scans } = await startScanner(`serial:${pty.path}`)
    twin.scan('010952123454321310ABC\x1d17261231', ']C1')
    await expect.poll(() => scans.length).toBe(1)
    expect(scans[0]?.gs1).toEqual({ '01': '09521234543213', '10': 'ABC', '17': '261231' })
    twin.burst(codes)
    await expect.poll(() => scans.length, { timeout: 10_000 }).toBe(101)
    expect(scans.slice(1).map((scan) => scan.code)).toEqual(codes)
    twin.fault({ kind: 'no_suffix', on: true })
    twin.scan('no suffix')
    await expect.poll(() => scans.at(-1)?.code).toBe('no suffix')
  })
})

describe('over TCP', () => {
  it('[SCAN16] a burst of 100 through a terminal server is 100 scans, in order', async () => {
    const twin = newTwin()
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      twin.attach({
        write: (bytes) => socket.write(bytes),
        onBytes: (listener) => socket.on('data', listener),
        close: () => socket.destroy(),
      })
      twin.burst(codes)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    undo.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const { scans } = await startScanner(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await expect.poll(() => scans.length).toBe(100)
    expect(scans.map((scan) => scan.code)).toEqual(codes)
  })
})
