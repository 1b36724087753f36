/** Teaching: finds out which keyboard is a scanner, and how it types, by a code that only a scanner can read. */
import type { PortRecord } from '../protocol/device.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import type { Result } from '../protocol/methods.ts'
import { type Clock, isoTime } from './clock.ts'
import type { DriverCatalogue } from './devices.ts'
import type { Discovery } from './discovery.ts'
import type { Log } from './log.ts'

export const teachingLimits = {
  /** Keyboards listened to at once. */
  keyboardsMax: 16,
} as const

/** What the drivers know of keyboards that are scanners; the hub knows no key. */
export interface TeachingKit {
  /** Driver that the found keyboard gets. */
  readonly driver: string
  /** A code whose characters stand on different keys in different countries. */
  code(): string
  /** The code as a picture to scan, SVG. */
  picture(code: string): Promise<string>
  /** Follows the keys of one keyboard by its reports. */
  typist(descriptor: Uint8Array): {
    feed(report: Uint8Array): void
    /** Settings of the driver under which the keys typed so far spell the code, the likeliest first. */
    spellings(code: string): readonly Record<string, unknown>[]
  }
}

export interface TeachingTools {
  discovery: Discovery
  catalogue: DriverCatalogue
  clock: Clock
  newId: () => string
  log: Log
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
    return { teach: lesson.id, code, svg: await teaching.picture(code), expiresAt: isoTime(clock.now() + ms) }
  }

  #ended: Lesson | undefined

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
    const ears: Promise<() => Promise<void>>[] = []
    let over = false
    const finish = (settle: () => void) => {
      if (over) return
      over = true
      cancel()
      void Promise.allSettled(ears.map(async (ear) => (await ear)())).then(settle)
    }
    const cancel = clock.after(ms, () => finish(() => reject(new HubError('teach_timeout'))))
    const keyboards = discovery
      .free('hid')
      .filter((port) => port.details?.keyboard === 'yes')
      .slice(0, teachingLimits.keyboardsMax)
    for (const port of keyboards) {
      const ear = this.#listen(port, code, (settings) => {
        const { driver } = this.#tools.teaching
        const suggestion = {
          class: 'scanner' as const,
          driver,
          profile: this.#tools.catalogue.profiles(driver)[0]?.id ?? 'generic',
          settings,
          sure: true,
        }
        finish(() => resolve(discovery.learned(port.url, suggestion)))
      })
      ear.catch((error: unknown) =>
        log.info({ port: port.url, reason: errorText(error) }, 'a keyboard cannot be listened to'),
      )
      ears.push(ear)
    }
    return { id, result: promise, end: () => finish(() => reject(new HubError('stopping'))) }
  }

  /** Not exclusive: whoever types on a real keyboard meanwhile goes on typing. */
  async #listen(
    port: PortRecord,
    code: string,
    onCode: (settings: Record<string, unknown>) => void,
  ): Promise<() => Promise<void>> {
    const { catalogue, teaching } = this.#tools
    const transport = await catalogue.openTransport(catalogue.parsePort(port.url))
    const typist = teaching.typist(transport.hid?.descriptor ?? new Uint8Array())
    transport.onBytes((report) => {
      typist.feed(report)
      const [settings] = typist.spellings(code)
      if (settings !== undefined) onCode(settings)
    })
    return () => transport.close()
  }
}
