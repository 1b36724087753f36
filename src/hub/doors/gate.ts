/**
 * Who may come in by a protocol that knows no tokens: pages of named origins, and programs on named machines. Nobody is named by
 * default, and then the door is shut.
 */
import { BlockList, isIPv6 } from 'node:net'
import { z } from 'zod'
import { originSchema } from '../../protocol/access.ts'
import type { Caller } from '../api.ts'
import { plainAddress } from '../host-names.ts'

const originsMax = 100
const sourcesMax = 100

/** `192.168.1.20` or `192.168.1.0/24`, of IPv6 the same. */
const sourceSchema = z
  .string()
  .max(50)
  .refine((text) => readSource(text) !== undefined, 'is not an address, nor a network such as 192.168.1.0/24')

/** The two lists as settings of a door. */
export const gateShape = {
  origins: z
    .array(originSchema)
    .max(originsMax)
    .default([])
    .describe(
      'Origins of web pages that may use it: the protocol asks for no password. None: pages are kept out.',
    ),
  sources: z
    .array(sourceSchema)
    .max(sourcesMax)
    .default([])
    .describe(
      'Machines or networks whose programs may use it: "192.168.1.0/24". None: programs are kept out.',
    ),
}

export interface GateSettings {
  origins: readonly string[]
  sources: readonly string[]
}

export class Gate {
  readonly #name: string
  readonly #title: string
  readonly #origins: ReadonlySet<string>
  readonly #sources = new BlockList()
  /** False when nobody may come in: there is no need to open the door. */
  readonly open: boolean

  /** `name` is what jobs and leases of the door belong to, `title` what people read. */
  constructor(name: string, title: string, { origins, sources }: GateSettings) {
    this.#name = name
    this.#title = title
    this.#origins = new Set(origins)
    this.open = origins.length + sources.length > 0
    for (const text of sources) {
      const source = readSource(text)
      if (source !== undefined) this.#sources.addSubnet(source.address, source.bits, familyOf(source.address))
    }
  }

  /** The caller that such a visitor is; undefined for one that may not come in. A page counts as its origin, wherever it runs. */
  admit({ origin, source }: { origin: string | undefined; source: string }): Caller | undefined {
    const from = plainAddress(source) ?? source
    const allowed =
      origin === undefined ? this.#sources.check(from, familyOf(from)) : this.#origins.has(origin)
    if (!allowed) return undefined
    return { client: this.#name, name: `${this.#title} (${origin ?? from})`, role: 'cashier', from }
  }
}

function readSource(text: string): { address: string; bits: number } | undefined {
  const [head = '', tail, ...more] = text.split('/')
  const address = plainAddress(head)
  if (address === undefined || more.length > 0) return undefined
  const most = isIPv6(address) ? 128 : 32
  if (tail === undefined) return { address, bits: most }
  const bits = /^\d{1,3}$/.test(tail) ? Number(tail) : Number.NaN
  return bits <= most ? { address, bits } : undefined
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')
