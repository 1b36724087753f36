/** The source of a request, as lock-outs and refusals count it. */
import { isIPv6 } from 'node:net'

/** An IPv4 address as it is; of an IPv6 address the first 64 bits, which is what one household or machine gets. */
export function sourceKey(address: string): string {
  const bare = address.replace(/%.*$/, '').toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(bare)) return bare.slice(0, 64)
  const [head = '', tail] = bare.split('::')
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'))
  const before = groups(head)
  const after = groups(tail)
  // A dotted end stands for two groups; it lies behind the first 64 bits in any case.
  const length = before.length + after.length + (bare.includes('.') ? 1 : 0)
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - length) }, () => '0')
  const network = [...before, ...zeros, ...after].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}
