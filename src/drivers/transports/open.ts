/** Opens ports: the one way from a port URL to a transport. */
import { HubError } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'
import type { MemoryPorts } from './memory.ts'
import type { OpenTransport, PortAddress } from './transport.ts'

/** `memory` holds the ports that twins offer. What it answers follows the contract of `OpenTransport`. */
export function createOpenTransport(
  clock: TransportClock,
  memory: MemoryPorts,
  pages?: MemoryPorts,
): OpenTransport {
  return async (address: PortAddress, defaults?: Readonly<Record<string, string>>) => {
    switch (address.kind) {
      case 'memory':
        return memory.open(address)
      case 'page':
        return (pages ?? memory).open(address)
      case 'tcp':
        return (await import('./tcp.ts')).openTcp(address, clock)
      case 'serial':
        return (await import('./serial.ts')).openSerial(address, clock, defaults)
      case 'usb':
        return (await import('./usb.ts')).openUsb(address, clock)
      case 'gpio':
        return (await import('./gpio.ts')).openGpio(address, clock)
      case 'hid':
        return (await import('./hid.ts')).openHid(
          { ...address, options: { ...defaults, ...address.options } },
          clock,
        )
      case 'ipp':
        return (await import('./ipp.ts')).openIpp(address, clock)
      default:
        throw new HubError('port_unavailable', { port: address.url, reason: 'unknown kind' })
    }
  }
}
