/** Asks an unknown port in one device language after another, at one line speed after another, until somebody answers. */
import type { Driver, ProbeAnswer } from '../../drivers/driver.ts'
import type { PortAddress, Transport } from '../../drivers/transports/transport.ts'
import type { PortRecord } from '../../protocol/device.ts'
import { errorText, HubError } from '../../protocol/errors.ts'
import { type Clock, pause } from '../clock.ts'
import type { Log } from '../log.ts'
import type { DriverCatalogue } from './devices.ts'
import { placeOf } from './places.ts'

export const probeLimits = {
  /** How long one question may take to be answered. */
  answerMsMax: 300,
  /** How long a language may take for all it asks, on a port that perhaps takes no data. */
  questionMsMax: 2_000,
  /** How long a whole plan may take: about forty questions. */
  planMsMax: 20_000,
  /** The line is left alone between two questions, so that the end of an answer is not taken for the next. */
  pauseMs: 60,
} as const

/** Place of a language in the order of a plan when it names none. */
const rankDefault = 50

interface Tools {
  match(words: string): { driver: string; profile: string } | undefined
  /** Throws HubError `device_exists` when a device has the port. */
  mustBeFree(url: string): void
  catalogue: DriverCatalogue
  clock: Clock
  log: Log
}

/** What was found out: the label of the thing, if it named itself, and what to accept it as. */
export interface Probed {
  label?: string
  suggestion: NonNullable<PortRecord['suggestion']>
}

/** One question: a language on line settings. */
export interface Question {
  driver: Driver
  line: Readonly<Record<string, string>>
}

export class Prober {
  readonly #tools: Tools
  /** Probes under way, by the place they ask. */
  readonly #running = new Map<string, { driverId: string | undefined; answer: Promise<Probed | undefined> }>()
  #stopped = false

  constructor(tools: Tools) {
    this.#tools = tools
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.allSettled([...this.#running.values()].map(({ answer }) => answer))
  }

  /** A second call for a place that is being asked the same gets the answer of the first; one with another question waits. */
  async probe(address: PortAddress, driverId?: string): Promise<Probed | undefined> {
    const place = placeOf(address.url)
    for (;;) {
      const running = this.#running.get(place)
      if (running === undefined) break
      if (running.driverId === driverId) return running.answer
      await running.answer.catch(() => {})
    }
    const answer = this.#probe(address, driverId).finally(() => this.#running.delete(place))
    this.#running.set(place, { driverId, answer })
    return answer
  }

  async #probe(address: PortAddress, driverId: string | undefined): Promise<Probed | undefined> {
    const { catalogue, clock, log } = this.#tools
    this.#tools.mustBeFree(address.url)
    const plan = planOf(address, catalogue.drivers, driverId)
    if (driverId !== undefined && plan.length === 0)
      throw new HubError('driver_unknown', { driver: driverId })
    const until = clock.monotonic() + probeLimits.planMsMax
    for (const [index, question] of plan.entries()) {
      if (this.#stopped || clock.monotonic() >= until) return undefined
      if (index > 0) await pause(clock, probeLimits.pauseMs)
      // Somebody may have accepted a device there meanwhile.
      this.#tools.mustBeFree(address.url)
      const answer = await this.#ask(address, question)
      if (answer === undefined) continue
      log.debug(
        { port: address.url, driver: question.driver.id, line: question.line },
        'a probe was answered',
      )
      return this.#probed(address, question, answer)
    }
    return undefined
  }

  #probed(address: PortAddress, { driver, line }: Question, answer: ProbeAnswer): Probed {
    const { catalogue, match } = this.#tools
    const words = [answer.maker, answer.model].filter((word) => word !== undefined).join(' ')
    const matched = match(words)
    const profile =
      matched?.driver === driver.id ? matched.profile : (catalogue.profiles(driver.id)[0]?.id ?? 'generic')
    const differs = Object.entries(line).some(([name, value]) => driver.portDefaults?.[name] !== value)
    const options = { ...line, ...address.options }
    const url = `${placeOf(address.url)}?${new URLSearchParams(options)}`
    return {
      ...(words === '' ? {} : { label: words }),
      suggestion: {
        class: driver.class,
        driver: driver.id,
        profile,
        sure: answer.certain,
        ...(address.kind === 'serial' && differs ? { port: catalogue.parsePort(url).url } : {}),
      },
    }
  }

  async #ask(address: PortAddress, { driver, line }: Question): Promise<ProbeAnswer | undefined> {
    let transport: Transport | undefined
    let cancel = () => {}
    try {
      transport = await this.#tools.catalogue.openTransport(address, line)
      const { clock } = this.#tools
      const asking = driver.probe?.(transport, { clock, answerMsMax: probeLimits.answerMsMax })
      asking?.catch(() => {})
      return await Promise.race([
        asking,
        new Promise<undefined>((resolve) => {
          cancel = clock.after(probeLimits.questionMsMax, () => resolve(undefined))
        }),
      ])
    } catch (error) {
      if (transport === undefined) throw error
      this.#tools.log.debug(
        { port: address.url, driver: driver.id, reason: errorText(error) },
        'a probe failed',
      )
      return undefined
    } finally {
      cancel()
      await transport?.close()
    }
  }
}

/**
 * The questions for a port, in order: languages by rank, each with its likeliest line first; then the less likely lines. Line
 * settings that the address names are the only ones tried.
 */
export function planOf(address: PortAddress, drivers: readonly Driver[], driverId?: string): Question[] {
  const asked = drivers
    .filter((driver) => driver.probe !== undefined && driver.transports.includes(address.kind))
    .filter((driver) => driverId === undefined || driver.id === driverId)
    .sort((a, b) => (a.probeRank ?? rankDefault) - (b.probeRank ?? rankDefault))
  const fixed = Object.keys(address.options).length > 0 || address.kind !== 'serial'
  const linesOf = (driver: Driver) => (fixed ? undefined : driver.probeLines) ?? [driver.portDefaults ?? {}]
  const rounds = Math.max(0, ...asked.map((driver) => linesOf(driver).length))
  return Array.from({ length: rounds }, (_, round) =>
    asked.flatMap((driver) => {
      const line = linesOf(driver)[round]
      return line === undefined ? [] : [{ driver, line }]
    }),
  ).flat()
}
