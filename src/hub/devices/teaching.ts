/** Teaching: finds out which keyboard is a scanner, and how it types, by a code that only a scanner can read. */
import type { TeachingKit } from '../../drivers/registry.ts'
import type { Transport } from '../../drivers/transports/transport.ts'
import type { PortRecord } from '../../protocol/device.ts'
import { errorText, HubError } from '../../protocol/errors.ts'
import type { Result } from '../../protocol/methods.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { Log } from '../log.ts'
import type { DriverCatalogue } from './devices.ts'
import type { Discovery } from './discovery.ts'

export const teachingLimits = {
  /** Keyboards listened to at once. */
  keyboardsMax: 16,
  /** How often it is looked for keyboards that were plugged in meanwhile, in ms. A scanner leaves the bus when it is set up. */
  lookMs: 1_000,
} as const

export interface TeachingTools {
  discovery: Discovery
  catalogue: DriverCatalogue
  clock: Clock
  newId: () => string
  log: Log
  /** What the drivers know of keyboards that are scanners; the hub knows no key. */
  teaching: TeachingKit
}

interface Lesson {
  id: string
  result: Promise<PortRecord>
  end(): void
}

export class Teaching {
  readonly #tools: TeachingTools
  #lesson: Lesson | undefined
  #ended: Lesson | undefined

  constructor(tools: TeachingTools) {
    this.#tools = tools
  }

  /** Listens to every keyboard that no device has. Throws HubError `teach_running` while another lesson is on. */
  async start(ms: number): Promise<Result<'port.teach.start'>> {
    if (this.#lesson !== undefined) throw new HubError('teach_running')
    const { clock, newId, teaching } = this.#tools
    const code = teaching.code()
    const lesson = this.#begin(newId(), code, ms)
    this.#lesson = lesson
    void lesson.result
      .catch(() => {})
      .finally(() => {
        // The answer stays for whoever waits a moment late, until the next lesson.
        if (this.#lesson === lesson) this.#ended = lesson
        this.#lesson = undefined
      })
    const expiresAt = isoTime(clock.now() + ms)
    try {
      return { teach: lesson.id, code, svg: await teaching.picture(code), expiresAt }
    } catch (error) {
      lesson.end()
      throw error
    }
  }

  wait(id: string): Promise<PortRecord> {
    const lesson = [this.#lesson, this.#ended].find((known) => known?.id === id)
    if (lesson === undefined) throw new HubError('teach_unknown')
    return lesson.result
  }

  async stop(): Promise<void> {
    this.#lesson?.end()
    await this.#lesson?.result.catch(() => {})
  }

  #begin(id: string, code: string, ms: number): Lesson {
    const { clock, discovery, log } = this.#tools
    const { promise, resolve, reject } = Promise.withResolvers<PortRecord>()
    const ears = new Map<string, Promise<Transport>>()
    const refused = new Set<string>()
    const keyOf = (port: PortRecord) => `${port.fingerprint} ${port.url}`
    let over = false
    const close = async (ear: Promise<Transport>) => (await ear).close()
    const finish = (settle: () => void) => {
      if (over) return
      over = true
      cancelEnd()
      cancelLook()
      void Promise.allSettled([...ears.values()].map(close))
        .then(settle)
        .catch(reject)
    }
    const listen = (port: PortRecord) => {
      const ear = this.#listen(port, code, (settings) =>
        finish(() => resolve(discovery.learned(port.url, this.#suggestion(settings)))),
      )
      const key = keyOf(port)
      ears.set(key, ear)
      // Lost or refused, it may be there again at the next look.
      const forget = () => {
        if (ears.get(key) === ear) ears.delete(key)
      }
      ear
        .then(({ closed }) => closed.then(forget))
        .catch((error: unknown) => {
          forget()
          if (refused.has(key)) return
          refused.add(key)
          log.info({ port: port.url, reason: errorText(error) }, 'a keyboard cannot be listened to')
        })
    }
    const look = () => {
      const keyboards = new Map(
        discovery
          .free('hid')
          .filter((port) => port.details?.keyboard === 'yes')
          .map((port) => [keyOf(port), port]),
      )
      for (const [key, ear] of ears) {
        if (keyboards.has(key)) continue
        ears.delete(key)
        close(ear).catch(() => {})
      }
      for (const [key, port] of keyboards)
        if (!ears.has(key) && ears.size < teachingLimits.keyboardsMax) listen(port)
    }
    const lookAgain = () => {
      look()
      cancelLook = clock.after(teachingLimits.lookMs, lookAgain)
    }
    const cancelEnd = clock.after(ms, () => finish(() => reject(new HubError('teach_timeout'))))
    let cancelLook = clock.after(teachingLimits.lookMs, lookAgain)
    look()
    return { id, result: promise, end: () => finish(() => reject(new HubError('stopping'))) }
  }

  #suggestion(settings: Record<string, unknown>): NonNullable<PortRecord['suggestion']> {
    const { catalogue, teaching } = this.#tools
    const profile = catalogue.profiles(teaching.driver)[0]?.id ?? 'generic'
    return { class: 'scanner', driver: teaching.driver, profile, settings, sure: true }
  }

  /** Not exclusive: whoever types on a real keyboard meanwhile goes on typing. */
  async #listen(
    port: PortRecord,
    code: string,
    onCode: (settings: Record<string, unknown>) => void,
  ): Promise<Transport> {
    const { catalogue, teaching } = this.#tools
    const transport = await catalogue.openTransport(catalogue.parsePort(port.url))
    const typist = teaching.typist(transport.hid?.descriptor ?? new Uint8Array())
    transport.onBytes((report) => {
      typist.feed(report)
      const [settings] = typist.spellings(code)
      if (settings !== undefined) onCode(settings)
    })
    return transport
  }
}
