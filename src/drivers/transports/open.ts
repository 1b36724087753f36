/** Opens ports: the one way from a port URL to a transport. */
import { HubError } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'
import type { MemoryPorts } from './memory.ts'
import type { OpenTransport, PortAddress, TransportKind } from './transport.ts'

/** Kinds whose URLs are understood already and whose transports are not built yet, with what to do meanwhile. */
const notBuilt: Partial<Record<TransportKind, string>> = {
  usb: 'this version cannot open USB devices without a serial or network port',
  hid: 'this version cannot open HID devices; set the device to serial (virtual COM) mode',
  ipp: 'this version cannot print over IPP; use the raw port of the printer, tcp://HOST:9100',
}

/** `memory` holds the ports that twins offer. What it answers follows the contract of `OpenTransport`. */
export function createOpenTransport(clock: TransportClock, memory: MemoryPorts): OpenTransport {
  return async (address: PortAddress, defaults?: Readonly<Record<string, string>>) => {
    switch (address.kind) {
      case 'memory':
        return memory.open(address)
      case 'tcp':
        return (await import('./tcp.ts')).openTcp(address, clock)
      case 'serial':
        return (await import('./serial.ts')).openSerial(address, clock, defaults)
      default:
        throw new HubError('port_unavailable', {
          port: address.url,
          reason: notBuilt[address.kind] ?? 'unknown kind',
        })
    }
  }
}
