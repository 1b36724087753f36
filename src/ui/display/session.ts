/** Pairing, the connection, which display this page is, what it shows, and its word that it has painted it. */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { ClientStatus } from '../../protocol/client-connection.ts'
import { type CoreClient, createCoreClient } from '../../protocol/client-core.ts'
import type { Device } from '../../protocol/device.ts'
import { type HubError, toHubError } from '../../protocol/errors.ts'
import type { HubEvent } from '../../protocol/event.ts'
import type { DisplayShowPayload } from '../../protocol/job.ts'
import { hubAddress, redeem, socketUrl } from '../parts/pairing.ts'
import type { UiClock } from '../parts/time.ts'

/** Its own, so that console and display on one machine keep a pairing each. */
const tokenKey = 'tillbridge.display.token'
const deviceKey = 'tillbridge.display.device'

export const displayTimes = {
  /** Before a question that failed while online is asked again, in ms. */
  againMs: 2_000,
} as const

/** `unpaired`: wants a code. `choosing`: there is not exactly one display that this page can be. */
export type Stage = 'unpaired' | 'connecting' | 'choosing' | 'showing'

export interface Shown {
  /** 0 while the hub has not sent anything. */
  revision: number
  /** Rises with every attachment: what is due is confirmed anew on each. */
  attachment: number
  document: DisplayShowPayload | null
}

export interface DisplayParts {
  storage: Storage
  location: Location
  history: History
  clock: UiClock
  clientName: string
  /** The device named in the address. */
  wanted: string | undefined
}

/** Displays that a page can be: the others hang on a cable. */
export function isPage(device: Device): boolean {
  return device.class === 'display' && device.port.startsWith('page:')
}

export class DisplaySession {
  readonly sentCodes = new Set<string>()
  readonly #parts: DisplayParts
  readonly #stage = signal<Stage>('connecting')
  readonly #online = signal(false)
  readonly #refusal = signal<HubError | undefined>(undefined)
  readonly #choices = signal<readonly Device[]>([])
  readonly #shown = signal<Shown>({ revision: 0, attachment: 0, document: null })
  readonly #shop = signal('')
  readonly #pictures = signal<readonly string[]>([])
  #client: CoreClient | undefined
  #wanted: string | undefined
  /** The device of the attachment that holds on this connection. */
  #attached: string | undefined

  constructor(parts: DisplayParts) {
    this.#parts = parts
    this.#wanted = parts.wanted ?? parts.storage.getItem(deviceKey) ?? undefined
  }

  get stage(): ReadonlySignal<Stage> {
    return this.#stage
  }

  /** False while what is shown may be out of date. */
  get online(): ReadonlySignal<boolean> {
    return this.#online
  }

  /** Why the hub does not know this page any more. */
  get refusal(): Signal<HubError | undefined> {
    return this.#refusal
  }

  /** What this page could be, while it is `choosing`. */
  get choices(): ReadonlySignal<readonly Device[]> {
    return this.#choices
  }

  get shown(): ReadonlySignal<Shown> {
    return this.#shown
  }

  get shop(): ReadonlySignal<string> {
    return this.#shop
  }

  /** Addresses of the pictures for idle times. */
  get pictures(): ReadonlySignal<readonly string[]> {
    return this.#pictures
  }

  start(): void {
    const token = this.#parts.storage.getItem(tokenKey)
    if (token === null) this.#stage.value = 'unpaired'
    else this.#connect(token)
  }

  /** Redeems a code. Throws HubError `pair_code_invalid`, `rate_limited`, `connection_lost`. */
  async pair(code: string): Promise<void> {
    const { token } = await redeem(this.#hub(), code, this.#parts.clientName)
    this.#parts.storage.setItem(tokenKey, token)
    this.#refusal.value = undefined
    this.#connect(token)
  }

  /** A person says which display this is; the address and this browser remember it. */
  choose(device: string): Promise<void> {
    this.#wanted = device
    this.#parts.storage.setItem(deviceKey, device)
    this.#parts.history.replaceState(null, '', `#device=${device}`)
    return this.#attach(device)
  }

  /** The revision is on the screen. */
  painted(revision: number): void {
    const device = this.#attached
    if (device === undefined || revision === 0) return
    // Lost on the way: the next attachment asks for it again.
    this.#client?.call('display.shown', { device, revision }).catch(() => undefined)
  }

  #hub(): URL {
    return hubAddress(this.#parts.location, '..')
  }

  #connect(token: string): void {
    this.#client?.close()
    const client = createCoreClient({ url: socketUrl(this.#hub()), token, client: this.#parts.clientName })
    this.#client = client
    this.#stage.value = 'connecting'
    client.subscribe(['display.changed', 'device.added', 'device.removed'], (event) => this.#take(event))
    client.onStatus((status) => {
      if (client === this.#client) this.#follow(status)
    })
    client.connect()
  }

  #follow(status: ClientStatus): void {
    this.#online.value = status === 'online'
    this.#attached = undefined
    if (status === 'online') void this.#attend()
    if (status !== 'refused') return
    this.#refusal.value = this.#client?.refusal
    this.#client?.close()
    this.#client = undefined
    this.#parts.storage.removeItem(tokenKey)
    this.#stage.value = 'unpaired'
  }

  /** Finds out which display this page is, and becomes it. */
  async #attend(): Promise<void> {
    const client = this.#client
    if (client === undefined) return
    try {
      const [{ name }, { devices }] = await Promise.all([
        client.call('hub.info', {}),
        client.call('device.list', {}),
      ])
      this.#shop.value = name
      const pages = devices.filter(isPage)
      this.#choices.value = pages
      const [first] = pages
      const named = pages.find(({ id }) => id === this.#wanted)
      const only = pages.length === 1 && this.#parts.wanted === undefined ? first : undefined
      const device = named ?? only
      if (device === undefined) this.#stage.value = 'choosing'
      else await this.#attach(device.id)
    } catch (error) {
      this.#again(client, error)
    }
  }

  async #attach(device: string): Promise<void> {
    const client = this.#client
    if (client === undefined) return
    try {
      const { document, pictures, revision } = await client.call('display.attach', { device })
      this.#attached = device
      this.#pictures.value = pictures.map((path) => new URL(path.replace(/^\//, ''), this.#hub()).href)
      this.#shown.value = { revision, attachment: this.#shown.value.attachment + 1, document }
      this.#stage.value = 'showing'
    } catch (error) {
      this.#again(client, error)
    }
  }

  /** While offline the next connection asks; everything else is asked again in a moment. */
  #again(client: CoreClient, error: unknown): void {
    if (toHubError(error).code === 'connection_lost') return
    this.#parts.clock.after(displayTimes.againMs, () => {
      if (client === this.#client && client.status === 'online') void this.#attend()
    })
  }

  #take(event: HubEvent<'display.changed' | 'device.added' | 'device.removed'>): void {
    if (event.topic !== 'display.changed') {
      const concerned = this.#stage.value === 'choosing' || event.device === this.#attached
      if (concerned && this.#online.value) void this.#attend()
      return
    }
    if (event.device !== this.#attached) return
    const { revision, document } = (event as HubEvent<'display.changed'>).data
    const before = this.#shown.value
    if (revision <= before.revision) return
    this.#shown.value = { ...before, revision, document }
  }
}
