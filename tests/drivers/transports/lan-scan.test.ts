/** The search for printers on a network, on sockets of this machine. */
import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { addressesOf, lanScanLimits, scanNetwork } from '../../../src/drivers/transports/lan-scan.ts'
import { systemClock } from '../../../src/hub/clock.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(
  host: string,
  port = 0,
): Promise<{ port: number; heard: () => number; calls: () => number }> {
  let [bytes, calls] = [0, 0]
  const server = createServer((socket) => {
    calls++
    socket.on('data', (data) => {
      bytes += data.length
    })
    socket.on('error', () => {})
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  return { port: (server.address() as { port: number }).port, heard: () => bytes, calls: () => calls }
}

const options = { clock: systemClock, interfaces: () => ({}) }

describe('a search', () => {
  it('[LAN1] finds who takes a connection and sends nothing', async () => {
    const one = await listen('127.20.0.3')
    const two = await listen('127.20.0.9', one.port)
    const found = await scanNetwork('127.20.0.0/28', { ...options, tcpPort: one.port })
    expect(found).toEqual({ hosts: ['127.20.0.3', '127.20.0.9'], asked: 14 })
    expect([one.calls(), two.calls(), one.heard(), two.heard()]).toEqual([1, 1, 0, 0])
  })

  it.each([
    ['8.8.8.0/24', 'private'],
    ['172.32.0.0/24', 'private'],
    ['192.168.0.0/21', '2048'],
    ['10.0.0.0/8', '16777216'],
    ['192.168.1.0/33', 'IPv4'],
    ['192.168.1.256', 'IPv4'],
    ['printer.local', 'IPv4'],
    ['', 'IPv4'],
  ])('[LAN2] %j is refused with the reason', async (network, reason) => {
    await expect(scanNetwork(network, options)).rejects.toMatchObject({ code: 'network_invalid' })
    await expect(scanNetwork(network, options)).rejects.toThrow(reason)
  })

  it('[LAN2] takes networks up to the limit, without their first and last address', () => {
    expect(addressesOf('192.168.1.77/30')).toEqual(['192.168.1.77', '192.168.1.78'])
    expect(addressesOf('10.0.0.5')).toEqual(['10.0.0.5'])
    expect(addressesOf('172.16.4.0/22')).toHaveLength(lanScanLimits.addressesMax - 2)
  })

  it('[LAN3] a small network of its own is not left, and many networks are searched as far as the limit goes', async () => {
    const own = (address: string, prefix: number) =>
      ({ address, family: 'IPv4', internal: false, cidr: `${address}/${prefix}` }) as never
    const asked = async (...addresses: never[]) =>
      (await scanNetwork(undefined, { ...options, tcpPort: 9, interfaces: () => ({ eth0: addresses }) }))
        .asked
    expect(await asked(own('127.0.77.1', 30))).toBe(1)
    expect(await asked(own('127.0.77.1', 32))).toBe(0)
    expect(await asked(own('127.0.77.1', 16))).toBe(253)
    const bridges = Array.from({ length: 7 }, (_, index) => own(`127.0.${80 + index}.1`, 16))
    expect(await asked(...bridges)).toBe(4 * 253)
  })

  it('[LAN3] without a network it searches around the own addresses, and leaves those out', async () => {
    const own = (address: string, internal = false) => ({ address, family: 'IPv4', internal }) as never
    const none = await scanNetwork(undefined, { ...options, interfaces: () => ({ wan: [own('8.8.4.4')] }) })
    expect(none).toEqual({ hosts: [], asked: 0 })
    const printer = await listen('127.0.77.9')
    const { hosts, asked } = await scanNetwork(undefined, {
      ...options,
      tcpPort: printer.port,
      interfaces: () => ({ eth0: [own('127.0.77.1')], lo: [own('127.0.0.1', true)] }),
    })
    expect([hosts, asked]).toEqual([['127.0.77.9'], 253])
  })
})
