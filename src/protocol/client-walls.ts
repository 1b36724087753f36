/**
 * Which wall stands between a page and the hub: browsers tell a page only that it failed, so this looks at what can be known
 * from the page and asks the hub step by step. What each step rests on was seen in Chromium 156; see docs/client.md.
 */
import type { ClientClock } from './client-connection.ts'
import { type Answer, type Asking, ask, type ClientFetch, errorOf } from './client-requests.ts'
import { baseUrl, isLoopback, isSurelyLocal } from './client-urls.ts'
import type { ErrorCode, HubError } from './errors.ts'

export type Wall =
  | 'none'
  | 'mixed_content'
  | 'permission'
  | 'certificate'
  | 'origin'
  | 'tls_required'
  | 'unreachable'
  | 'unpaired'
  | 'unknown'

interface Finding {
  wall: Wall
  /** What is in the way, and what to do about it: English. Translators go by the name of the finding. */
  text: string
  todo: string
}

/** Everything that can be found. */
const findings = {
  none: { wall: 'none', text: 'Nothing stands between this page and the hub.', todo: 'Nothing to do.' },
  mixed_content: {
    wall: 'mixed_content',
    text: 'This page came over https, and the browser lets it reach the hub only encrypted.',
    todo: 'Use an https address of the hub. Its root certificate is installed on this device once, from the trust page.',
  },
  permission_prompt: {
    wall: 'permission',
    text: 'The browser has not been told yet that this page may reach devices in the shop.',
    todo: 'Load the page again and answer the question of the browser with Allow. If it asks nothing, see whether the hub is switched on.',
  },
  permission_denied: {
    wall: 'permission',
    text: 'The browser was told that this page may not reach devices in the shop.',
    todo: 'Allow access to the local network in the settings of this site: the button left of the address. Then load the page again.',
  },
  permission_insecure: {
    wall: 'permission',
    text: 'The browser lets only pages over https reach devices in the shop, and this one came in the open.',
    todo: 'Open this page over https. If it comes from the shop itself, see whether the hub is switched on.',
  },
  certificate: {
    wall: 'certificate',
    text: 'The hub is there, but this device does not trust its certificate.',
    todo: 'Install the root certificate of the hub from its trust page, then load this page again.',
  },
  origin: {
    wall: 'origin',
    text: 'The hub does not know this site.',
    todo: 'A technician allows the origin of this page on the console of the hub, under Network.',
  },
  tls_required: {
    wall: 'tls_required',
    text: 'The hub takes the secrets of a till only over an encrypted connection.',
    todo: 'Use its https address.',
  },
  unreachable: {
    wall: 'unreachable',
    text: 'The hub does not answer.',
    todo: 'See whether it is switched on and whether this device is in its network.',
  },
  unreachable_https: {
    wall: 'unreachable',
    text: 'The hub does not answer, or this device does not trust its certificate.',
    todo: 'Open its address in the browser. A warning means the certificate: install the root from the trust page. Otherwise see whether the hub is switched on and whether this device is in its network.',
  },
  elsewhere: {
    wall: 'unreachable',
    text: 'The hub answers, but not at this address.',
    todo: 'Use the address it told.',
  },
  unpaired: {
    wall: 'unpaired',
    text: 'This till is not paired with the hub.',
    todo: 'Make a code on the console of the hub, under Tills, and type it in here.',
  },
  host: {
    wall: 'unknown',
    text: 'The hub is there, but does not know the name by which it was asked.',
    todo: 'Use another address of it, or add the name to network.hosts in its configuration.',
  },
  strange: {
    wall: 'unknown',
    text: 'Something answers at this address, but it does not tell this page that it is a hub.',
    todo: 'Look at the address and the port.',
  },
  refused: {
    wall: 'unknown',
    text: 'The hub refused.',
    todo: 'See what the error says.',
  },
} as const satisfies Record<string, Finding>
export type FindingName = keyof typeof findings

export interface Diagnosis {
  wall: Wall
  /** The finding behind the wall, for translators; several may be one wall. */
  finding: FindingName
  /** What is in the way and what to do about it, for a person, in English. */
  text: string
  todo: string
  /** Addresses that help, best first: of the trust page, of the console, of the hub over https. */
  urls: string[]
  /** Id of the hub, once it has said so. */
  hub?: string
  /** What the hub said, when it refused. */
  error?: HubError
}

export interface DiagnoseOptions {
  /** The hub, as `createClient` takes it. */
  url: string
  /** Of this till. Without one, a page of another origin is found to be `unpaired` at best. */
  token?: string | undefined
  /**
   * The hub over plain http, which tells an untrusted certificate from a hub that is not there; taken to be port 8080 of the
   * same host when left out.
   */
  plainUrl?: string
  fetch?: ClientFetch
  clock?: ClientClock
  /** Those of the page when left out; null for programs outside a browser. */
  permissions?: PagePermissions | null
  location?: PageLocation | null
}

/** The part of `navigator.permissions` that is used. */
export interface PagePermissions {
  query(descriptor: { name: string }): Promise<{ state: string }>
}
export type PageLocation = Pick<URL, 'protocol' | 'hostname' | 'origin'>

export interface WallTools {
  fetch: ClientFetch
  clock: ClientClock
  permissions: PagePermissions | null
  location: PageLocation | null
}

interface Reach {
  hub: string
  originAllowed: boolean
  tokensAllowed: boolean
  httpsPort: number | null
}

/** A plain port of a hub that nobody has configured. */
const usualHttpPort = 8080

/** Finds the first wall. Takes as long as the network does, and up to 15 s a step; may make the browser ask its question. */
export async function diagnoseBy(options: DiagnoseOptions, tools: WallTools): Promise<Diagnosis> {
  return new Walls(options, tools).find()
}

/** What an error of the hub stands for. */
const findingOfCode: Partial<Record<ErrorCode, FindingName>> = {
  unauthorized: 'unpaired',
  origin_not_allowed: 'origin',
  tls_required: 'tls_required',
  host_not_allowed: 'host',
}

/** The diagnosis of a refusal that the hub has put into words. */
export function diagnoseRefusal(error: HubError, url: string): Diagnosis {
  const base = baseUrl(url)
  const name = findingOfCode[error.code] ?? 'refused'
  const { url: told } = error.context
  const urls: Partial<Record<FindingName, string>> = {
    origin: consoleAt(base, 'network'),
    unpaired: consoleAt(base, 'tills'),
    ...(typeof told === 'string' ? { tls_required: told } : {}),
  }
  const help = urls[name]
  return { ...made(name, help === undefined ? [] : [help]), error }
}

function made(name: FindingName, urls: string[] = [], hub?: string): Diagnosis {
  return { finding: name, ...findings[name], urls, ...(hub === undefined ? {} : { hub }) }
}

const consoleAt = (base: URL, view: string): string => new URL(`#/${view}`, base).href
const trustPage = (base: URL): string => new URL('trust/', base).href

class Walls {
  readonly #tools: WallTools
  readonly #base: URL
  readonly #plain: URL
  readonly #token: string | undefined

  constructor({ url, token, plainUrl }: DiagnoseOptions, tools: WallTools) {
    this.#tools = tools
    this.#base = baseUrl(url)
    this.#token = token
    this.#plain = new URL(this.#base)
    this.#plain.protocol = 'http:'
    if (plainUrl !== undefined) this.#plain = baseUrl(plainUrl)
    else if (this.#base.protocol === 'https:') this.#plain.port = String(usualHttpPort)
  }

  async find(): Promise<Diagnosis> {
    const page = this.#tools.location
    if (page?.protocol === 'https:' && this.#base.protocol === 'http:' && !isLoopback(this.#base.hostname)) {
      // The relief for addresses of the shop came with the permission; a browser without the one has not the other.
      const relief = isSurelyLocal(this.#base.hostname) && (await this.#permission()) !== undefined
      if (!relief) return this.#mixed()
    }
    const answer = await this.#reach(this.#base)
    if (answer.kind !== 'answer') return this.#silent(answer.kind)
    const error = errorOf(answer.body)
    if (error !== undefined) return diagnoseRefusal(error, this.#base.href)
    const reach = asReach(answer.body)
    return reach === undefined ? made('strange', [this.#base.href]) : this.#reached(reach)
  }

  /** The network let everything through: what the hub itself says. */
  async #reached(reach: Reach): Promise<Diagnosis> {
    const { hub } = reach
    const own = this.#tools.location?.origin === this.#base.origin
    if (!own && !reach.originAllowed) return made('origin', [consoleAt(this.#base, 'network')], hub)
    if (!reach.tokensAllowed) {
      const secure = this.#secure(reach)
      const urls = secure === undefined ? [] : [secure.href, trustPage(this.#base)]
      return made('tls_required', urls, hub)
    }
    if (this.#token === undefined)
      return own ? made('none', [], hub) : made('unpaired', [consoleAt(this.#base, 'tills')], hub)
    const pinged = await this.#ask(new URL('api/v1/rpc', this.#base), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}',
    })
    if (pinged.kind !== 'answer') return made('unreachable', [this.#base.href], hub)
    const error = errorOf(pinged.body)
    if (error !== undefined) return { ...diagnoseRefusal(error, this.#base.href), hub }
    return pinged.ok ? made('none', [], hub) : made('strange', [this.#base.href], hub)
  }

  /** No answer came, or none that the page may see. */
  async #silent(kind: 'lost' | 'late'): Promise<Diagnosis> {
    const state = await this.#permission()
    if (this.#mayBePublic()) {
      const insecure = this.#tools.location?.protocol === 'http:'
      if (state === 'denied') return made(insecure ? 'permission_insecure' : 'permission_denied')
      // An open question leaves the request without an answer. For hosts that are surely in the shop the browser asks before
      // it connects: the state is still `prompt` when the question was closed without an answer.
      if (state === 'prompt' && (kind === 'late' || isSurelyLocal(this.#base.hostname)))
        return made('permission_prompt')
    }
    const opaque = await this.#ask(this.#base, { mode: 'no-cors' })
    if (opaque.kind === 'answer') return made('strange', [this.#base.href])
    if (this.#base.protocol === 'http:') return made('unreachable', [this.#base.href])
    return this.#silentHttps()
  }

  /** An untrusted certificate looks to a page as if nothing were there: the plain door of the hub tells them apart. */
  async #silentHttps(): Promise<Diagnosis> {
    const reach = bodyOf(await this.#reach(this.#plain))
    if (reach === undefined) {
      // For a name that may be anywhere it is only now that the browser had to ask.
      if (this.#mayBePublic() && (await this.#permission()) === 'denied') return made('permission_denied')
      return made('unreachable_https', [this.#base.href, trustPage(this.#plain)])
    }
    if (reach.httpsPort === portOf(this.#base))
      return made('certificate', [trustPage(this.#plain)], reach.hub)
    return made('elsewhere', [(this.#secure(reach) ?? this.#plain).href], reach.hub)
  }

  async #mixed(): Promise<Diagnosis> {
    const trust = trustPage(this.#base)
    // No WebSocket will pass, but a browser that can be told that the host is in the shop lets the page ask where to go.
    const reach = bodyOf(await this.#reach(this.#base))
    const secure = reach && this.#secure(reach)
    return made('mixed_content', secure === undefined ? [trust] : [secure.href, trust], reach?.hub)
  }

  #reach(base: URL): Promise<Answer> {
    const open = base.protocol === 'http:' && this.#tools.location?.protocol === 'https:'
    return this.#ask(
      new URL('api/v1/reach', base),
      open && !isSurelyLocal(base.hostname) ? { targetAddressSpace: 'local' } : {},
    )
  }

  #ask(url: URL, init?: Asking): Promise<Answer> {
    return ask(this.#tools, url, init)
  }

  /** The same host over https, or undefined when the hub does not serve it. */
  #secure({ httpsPort }: Reach): URL | undefined {
    if (httpsPort === null) return undefined
    const url = new URL(this.#base)
    url.protocol = 'https:'
    url.port = String(httpsPort)
    return url
  }

  /** False for a page that came from the shop itself: no permission stands in its way. */
  #mayBePublic(): boolean {
    const page = this.#tools.location
    return page !== null && !isSurelyLocal(page.hostname)
  }

  /** The permission for the hub's part of the network; undefined where the browser knows none. */
  async #permission(): Promise<string | undefined> {
    // Chromium has had the last name since 142, the others since 145.
    const name = isLoopback(this.#base.hostname) ? 'loopback-network' : 'local-network'
    for (const known of [name, 'local-network-access']) {
      try {
        return (await this.#tools.permissions?.query({ name: known }))?.state
      } catch {
        // A name the browser does not know is a TypeError.
      }
    }
    return undefined
  }
}

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80))

function bodyOf(answer: Answer): Reach | undefined {
  return answer.kind === 'answer' ? asReach(answer.body) : undefined
}

function asReach(body: unknown): Reach | undefined {
  const reach = body as Reach | undefined | null
  return typeof reach?.hub === 'string' && typeof reach.originAllowed === 'boolean' ? reach : undefined
}
