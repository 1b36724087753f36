/** Memory ports: what they add to the transport contract. */
import { describe, expect, it } from 'vitest'
import { keptBytesMax } from '../../../src/drivers/transports/byte-transport.ts'
import { type MemoryEnd, MemoryPorts, memoryPair } from '../../../src/drivers/transports/memory.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { transportLimits } from '../../../src/drivers/transports/transport.ts'
import { pattern, Received } from '../../contracts/transport.ts'
import { settle, TestClock } from '../../support/clock.ts'

describe('memory transport', () => {
  it('[MEM1] bytes come later and are nobody else’s', async () => {
    const [transport, device] = memoryPair()
    const received = new Received()
    device.onBytes((bytes) => received.push(bytes))
    const bytes = Uint8Array.of(1, 2, 3)
    const write = transport.write(bytes)
    bytes.fill(9)
    expect(received.all()).toHaveLength(0)
    await write
    expect(received.all()).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('[MEM2] bytes come in pieces of at most chunkBytesMax, both ways', async () => {
    const [transport, device] = memoryPair('p', { chunkBytesMax: 4 })
    const sizes = { toDevice: [] as number[], toHub: [] as number[] }
    device.onBytes((bytes) => sizes.toDevice.push(bytes.length))
    transport.onBytes((bytes) => sizes.toHub.push(bytes.length))
    device.write(pattern(9))
    await transport.write(pattern(10))
    await settle()
    expect(sizes).toEqual({ toDevice: [4, 4, 2], toHub: [4, 4, 1] })
  })

  it('[MEM3] a port is opened only when it is offered and free', async () => {
    const ports = new MemoryPorts()
    const address = parsePortUrl('memory:printer')
    const ends: MemoryEnd[] = []
    await expect(ports.open(address)).rejects.toMatchObject({ code: 'port_unavailable' })
    ports.offer('printer', (end) => ends.push(end))
    expect(ports.names()).toEqual(['printer'])
    const first = await ports.open(address)
    await expect(ports.open(address)).rejects.toMatchObject({ context: { reason: 'it is open already' } })
    await first.close()
    const second = await ports.open(address)
    expect(second.port).toBe('memory:printer')
    expect(ends).toHaveLength(2)
  })

  it('[MEM4] withdrawing loses what is open', async () => {
    const ports = new MemoryPorts()
    ports.offer('printer', () => {})
    const transport = await ports.open(parsePortUrl('memory:printer'))
    ports.withdraw('printer')
    expect(await transport.closed).toMatchObject({ by: 'lost' })
    await expect(ports.open(parsePortUrl('memory:printer'))).rejects.toMatchObject({
      code: 'port_unavailable',
    })
  })

  it('[MEM5] [T7] keeps 64 KiB for a listener to come, and drops the rest', async () => {
    const [transport, device] = memoryPair()
    device.write(pattern(keptBytesMax - 1))
    device.write(Uint8Array.of(252, 253))
    await settle()
    const received = new Received()
    transport.onBytes((bytes) => received.push(bytes))
    await settle()
    expect(received.all()).toHaveLength(keptBytesMax)
    expect(received.all().at(-1)).toBe(252)
  })

  it('[T12] the write timeout begins again with each byte taken, and ends exactly at writeMsMax', async () => {
    const clock = new TestClock()
    const [transport, device] = memoryPair('p', { chunkBytesMax: 1, clock })
    device.onBytes((bytes) => {
      if (bytes[0] === 1) device.pause(true)
    })
    let open = true
    void transport.closed.then(() => {
      open = false
    })
    const write = transport.write(Uint8Array.of(0, 1, 2)).catch((error: unknown) => error)
    await clock.advance(transportLimits.writeMsMax)
    expect(open).toBe(true)
    await clock.advance(transportLimits.writeMsMax - 1)
    expect(open).toBe(true)
    await clock.advance(1)
    expect(await write).toMatchObject({ code: 'write_timeout' })
    expect(transport.bytesWritten).toBe(2)
    expect(clock.pending).toBe(0)
  })
})
