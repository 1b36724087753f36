/** Looks for printers on a network by opening their raw port: connects and lets go, sends nothing. */
import { connect } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { HubError } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'
import { tcpPortDefault } from './port-url.ts'

export const lanScanLimits = {
  /** Addresses of one search, all networks together. */
  addressesMax: 1_024,
  /** Connections under way at once: a cheap router forgets its own table over thousands. */
  openMax: 64,
  /** How long an address may take. On a LAN it answers in a few milliseconds or never. */
  connectMsMax: 600,
} as const

export interface LanScanOptions {
  clock: TransportClock
  tcpPort?: number
  /** The box's own addresses; by default what the system says. */
  interfaces?: typeof networkInterfaces
}

/**
 * Addresses that take a connection on the raw printing port. `network`: IPv4 in CIDR, of at most 1024 addresses; by default the
 * networks that the box is in, each cut to the 256 addresses around its own, and as many of them as the limit allows.
 * Throws HubError `network_invalid`: searching networks of others is not ours to do, so it has to be private.
 */
export async function scanNetwork(
  network: string | undefined,
  options: LanScanOptions,
): Promise<{ hosts: readonly string[]; asked: number }> {
  const { clock, tcpPort = tcpPortDefault, interfaces = networkInterfaces } = options
  const around = ownNetworks(interfaces)
  const own = around.map(({ address }) => address)
  const wanted = network === undefined ? around.map(networkAround).map(addressesOf) : [addressesOf(network)]
  const addresses: string[] = []
  // The bridges of a box with containers come last, and are the first to be left out.
  for (const each of wanted) {
    const news = each.filter((address) => !own.includes(address) && !addresses.includes(address))
    if (addresses.length + news.length <= lanScanLimits.addressesMax) addresses.push(...news)
  }
  const found: string[] = []
  const left = [...addresses]
  const work = async () => {
    for (let address = left.shift(); address !== undefined; address = left.shift()) {
      if (await answers(address, tcpPort, clock)) found.push(address)
    }
  }
  await Promise.all(Array.from({ length: lanScanLimits.openMax }, work))
  return { hosts: addresses.filter((address) => found.includes(address)), asked: addresses.length }
}

/** Every address of an IPv4 network, without its first and last (network and broadcast) where it has more than two. */
export function addressesOf(network: string): string[] {
  const [, a, b, c, d, prefix] =
    /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(network) ?? []
  const bytes = [a, b, c, d].map(Number)
  const bits = prefix === undefined ? 32 : Number(prefix)
  if (bytes.some((byte) => !(byte <= 255)) || bits > 32)
    throw invalid(network, 'it is not an IPv4 network such as 192.168.1.0/24')
  if (!isPrivate(bytes)) throw invalid(network, 'it is not a private network')
  const size = 2 ** (32 - bits)
  if (size > lanScanLimits.addressesMax)
    throw invalid(network, `it has ${size} addresses, the limit is ${lanScanLimits.addressesMax}`)
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  const first = Math.floor(number / size) * size
  const [skip, count] = size > 2 ? [1, size - 2] : [0, size]
  return Array.from({ length: count }, (_, index) => dotted(first + skip + index))
}

/** RFC 1918, link-local, and the box itself. */
function isPrivate([a = 0, b = 0]: readonly number[]): boolean {
  return (
    a === 10 ||
    a === 127 ||
    (a === 192 && b === 168) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 169 && b === 254)
  )
}

function ownNetworks(interfaces: typeof networkInterfaces): NetworkInterfaceInfo[] {
  return Object.values(interfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(
      ({ family, internal, address }) =>
        family === 'IPv4' && !internal && isPrivate(address.split('.').map(Number)),
    )
}

/** The network of an address of the box, cut to 256 addresses; what lies beyond a smaller one is somebody else's. */
function networkAround({ address, cidr }: NetworkInterfaceInfo): string {
  const prefix = Number(cidr?.split('/')[1] ?? 24)
  return `${address}/${Math.max(24, prefix)}`
}

const dotted = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')

function answers(host: string, port: number, clock: TransportClock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (answered: boolean) => {
      cancel()
      socket.destroy()
      resolve(answered)
    }
    const cancel = clock.after(lanScanLimits.connectMsMax, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

const invalid = (network: string, reason: string): HubError =>
  new HubError('network_invalid', { network: network.slice(0, 40), reason })
