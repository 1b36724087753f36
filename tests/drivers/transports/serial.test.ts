/** Serial ports: what they add to the transport contract, on a pty. */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { modemFace, openSerial } from '../../../src/drivers/transports/serial.ts'
import { transportLimits } from '../../../src/drivers/transports/transport.ts'
import { pattern, Received } from '../../contracts/transport.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { hasSocat, openPty } from '../../support/pty.ts'

async function port() {
  const pty = await openPty()
  onTestFinished(() => pty.stop())
  const clock = new TestClock()
  async function open(query = '', defaults?: Record<string, string>) {
    const transport = await openSerial(parsePortUrl(`serial:${pty.path}${query}`), clock, defaults)
    onTestFinished(() => transport.close())
    return transport
  }
  return { pty, clock, open }
}

/** Settles when no more bytes are taken. */
async function untilFull(transport: { bytesWritten: number }): Promise<void> {
  let before = -1
  while (before !== transport.bytesWritten) {
    before = transport.bytesWritten
    for (let turn = 0; turn < 100; turn++) await settle()
  }
}

const line = (path: string): string => execFileSync('stty', ['-F', path, '-a'], { encoding: 'utf8' })

describe('serial transport', () => {
  it('[SER1] a tty that is not there is port_unavailable', async () => {
    const clock = new TestClock()
    await expect(openSerial(parsePortUrl('serial:/dev/ttyUSB250'), clock)).rejects.toMatchObject({
      code: 'port_unavailable',
      context: { reason: 'it is not plugged in' },
    })
    expect(clock.pending).toBe(0)
  })
})

describe('modem lines', () => {
  it('[SER8] are asked of the system each time, and are gone with the port', async () => {
    const lines = { cts: true, dsr: false, dcd: true }
    let isOpen = true
    let broken = false
    const get = () =>
      broken
        ? Promise.reject(new Error('Error: EIO: i/o error'))
        : Promise.resolve({ ...lines, ri: true, lowLatency: 0 })
    const face = await modemFace(
      {
        get,
        get isOpen() {
          return isOpen
        },
      },
      'serial:/dev/ttyS9',
    )
    expect(await face?.lines()).toEqual({ cts: true, dsr: false, dcd: true })
    lines.dsr = true
    expect(await face?.lines()).toEqual({ cts: true, dsr: true, dcd: true })
    broken = true
    await expect(face?.lines()).rejects.toMatchObject({
      code: 'port_closed',
      context: { reason: 'the port is gone' },
    })
    isOpen = false
    await expect(face?.lines()).rejects.toMatchObject({ code: 'port_closed' })
  })
})

describe.skipIf(!hasSocat())('serial transport on a pty', () => {
  it('[SER8] a pty has no modem lines, so the transport has none', async () => {
    const { open } = await port()
    expect((await open()).modem).toBeUndefined()
  })

  it('[SER2] an open port is locked, and free again after the close', async () => {
    const { open, clock } = await port()
    const first = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'port_unavailable',
      context: { reason: 'another program has it open' },
    })
    await first.close()
    expect((await open()).bytesWritten).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('[SER3] [SER4] options of the URL go before the driver’s, and a pty without modem lines opens', async () => {
    const { pty, open } = await port()
    const plain = await open()
    expect(line(pty.path)).toMatch(/speed 9600 baud/)
    await plain.close()
    const driver = await open('?format=8N2', { baud: '4800', format: '7E1', flow: 'rtscts' })
    const set = line(pty.path)
    expect(set).toMatch(/speed 4800 baud/)
    expect(set).toMatch(/(^|\s)cs8\b/)
    expect(set).toMatch(/(^|\s)cstopb\b/)
    expect(set).toMatch(/(^|\s)crtscts\b/)
    await driver.close()
    await (await open('?flow=xonxoff&baud=19200')).close()
    expect(line(pty.path)).toMatch(/speed 19200 baud[\s\S]*\sixon\b/)
  })

  it('[SER7] what comes in on a quiet line is delivered at once', async () => {
    const { pty } = await port()
    const reader = spawn(process.execPath, [
      fileURLToPath(new URL('./quiet-reader.ts', import.meta.url)),
      pty.path,
    ])
    const told: string[] = []
    const lines = createInterface(reader.stdout)
    const exited = new Promise((resolve) => reader.once('exit', resolve))
    lines.on('line', (line) => {
      told.push(line)
      if (line === 'open') pty.write(Uint8Array.of(1, 2, 3))
    })
    await exited
    expect(told).toEqual(['open', 'bytes 3'])
  })

  it('[SER6] closing in the middle of a write discards what the system still holds', async () => {
    const { pty, open } = await port()
    const received = new Received()
    pty.onBytes((bytes) => received.push(bytes))
    const transport = await open()
    pty.stall(true)
    const write = transport
      .write(new Uint8Array(transportLimits.writeBytesMax))
      .catch((error: unknown) => error)
    await untilFull(transport)
    await transport.close()
    expect(await write).toMatchObject({ code: 'port_closed' })
    pty.stall(false)
    // A mark behind what is left, written past the transport: opening one would discard the rest as well.
    const line = openSync(pty.path, constants.O_WRONLY | constants.O_NOCTTY)
    writeSync(line, Uint8Array.of(1))
    closeSync(line)
    let seen = await received.until(1)
    while (seen.at(-1) !== 1) seen = await received.until(seen.length + 1)
    // One buffer may be on its way already; what the line still held is gone. The mark is not of the write.
    expect(seen.length - 1).toBeLessThan(transport.bytesWritten)
  })

  it('[SER9] what comes in while the line takes no data does not hold writing up', async () => {
    const { pty, open } = await port()
    const transport = await open()
    const answers = new Received()
    transport.onBytes((bytes) => answers.push(bytes))
    // Nobody takes what the far end has, so it reads no more; but it still speaks.
    const sizes = Array.from({ length: 8 }, () => transportLimits.writeBytesMax)
    const writes = sizes.map((size) => transport.write(pattern(size)))
    const total = sizes.reduce((sum, size) => sum + size)
    await untilFull(transport)
    expect(transport.bytesWritten).toBeLessThan(total)
    for (let answer = 1; answer <= 5; answer++) {
      pty.write(Uint8Array.of(answer))
      await answers.until(answer)
      await settle()
    }
    const received = new Received()
    pty.onBytes((bytes) => received.push(bytes))
    await Promise.all(writes)
    expect(transport.bytesWritten).toBe(total)
    expect((await received.until(total)).length).toBe(total)
  })

  it('[T11] a byte is counted before the device can have it', async () => {
    const { open } = await port()
    const transport = await open()
    const write = transport.write(pattern(10))
    // Another thread writes: what is counted only when it is back comes after the device has it.
    expect(transport.bytesWritten).toBe(10)
    await write
    expect(transport.bytesWritten).toBe(10)
  })

  it('[SER5] unplugging loses the transport without spinning on the dead line', async () => {
    const { pty, open } = await port()
    const transport = await open()
    pty.cut()
    expect(await transport.closed).toEqual({ by: 'lost', reason: 'the port is gone' })
    await expect(transport.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'port_closed' })
    const before = process.cpuUsage()
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(500_000)
  })
})
