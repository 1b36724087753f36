/**
 * Replays traces that `tillbridge trace --out` recorded: plays the device's part to the driver and compares what the driver
 * tells with what it told then. `node scripts/trace/replay.ts FILE…`; tests/traces holds those that are kept.
 */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { DeviceListener, Driver, OpenDevice, Profile } from '../../src/drivers/driver.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { loadProfiles } from '../../src/drivers/profiles.ts'
import { createDrivers } from '../../src/drivers/registry.ts'
import { type MemoryEnd, memoryPair } from '../../src/drivers/transports/memory.ts'
import { errorText } from '../../src/protocol/errors.ts'
import {
  type TraceEntry,
  type TraceHeader,
  traceEntrySchema,
  traceHeaderSchema,
} from '../../src/protocol/trace.ts'
import { settle, TestClock } from '../../tests/support/clock.ts'
import { profilesDir } from '../../tests/support/profiles-dir.ts'

export const replayLimits = {
  /** How long, in virtual ms, the driver may take longer than it took then. */
  lateMsMax: 2_000,
  stepMs: 5,
} as const

export interface Replay {
  /** Pieces that the driver sent as it did then. */
  sent: number
  /** Pieces that a client had asked for (a print), which nobody asks for in a replay. */
  skipped: number
  told: readonly Told[]
  expected: readonly Told[]
  same: boolean
}

interface Told {
  what: string
  data: unknown
}

export interface TraceFile {
  header: TraceHeader
  entries: readonly TraceEntry[]
}

/** Reads a trace file: a header, then an entry a line. Throws with the number of the line at fault. */
export function readTrace(text: string): TraceFile {
  const [first, ...rest] = text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
  return {
    header: readLine(first ?? { line: '', number: 1 }, traceHeaderSchema, 'no header'),
    entries: rest.map((line) => readLine(line, traceEntrySchema, 'no entry')),
  }
}

function readLine<T>(
  { line, number }: { line: string; number: number },
  schema: z.ZodType<T>,
  what: string,
): T {
  try {
    return schema.parse(JSON.parse(line))
  } catch (error) {
    throw new Error(`line ${number} is ${what} of a trace: ${errorText(error)}`, { cause: error })
  }
}

export async function replayTrace(
  { header, entries }: TraceFile,
  driver: Driver,
  profile: Profile,
): Promise<Replay> {
  const clock = new TestClock(Date.parse(header.startedAt))
  const told: Told[] = []
  const player = new Player(driver, profile, header, clock, told)
  for (const entry of entries) await player.play(entry)
  await player.end()
  const expected = entries.flatMap((entry) =>
    entry.dir === 'told' && entry.what !== 'error'
      ? [{ what: entry.what, data: withoutTimes(entry.data) }]
      : [],
  )
  return { ...player.counts, told, expected, same: isDeepStrictEqual(told, expected) }
}

class Player {
  readonly counts = { sent: 0, skipped: 0 }
  readonly #driver: Driver
  readonly #profile: Profile
  readonly #header: TraceHeader
  readonly #clock: TestClock
  readonly #told: Told[]
  #device: OpenDevice | undefined
  #wire: MemoryEnd | undefined
  #heard = Buffer.alloc(0)
  #starting: Promise<unknown> = Promise.resolve()

  constructor(driver: Driver, profile: Profile, header: TraceHeader, clock: TestClock, told: Told[]) {
    this.#driver = driver
    this.#profile = profile
    this.#header = header
    this.#clock = clock
    this.#told = told
  }

  async play(entry: TraceEntry): Promise<void> {
    switch (entry.dir) {
      case 'port':
        if (entry.open) this.#open()
        else await this.#close()
        return
      case 'out':
        await this.#expect(Buffer.from(entry.hex, 'hex'))
        return
      case 'in':
        await this.#until(entry.t)
        this.#wire?.write(Buffer.from(entry.hex, 'hex'))
        await settle()
        return
      case 'told':
        await this.#until(entry.t)
    }
  }

  async end(): Promise<void> {
    await this.#close()
  }

  #open(): void {
    const [transport, wire] = memoryPair('replay', { clock: this.#clock })
    this.#wire = wire
    this.#heard = Buffer.alloc(0)
    wire.onBytes((bytes) => {
      this.#heard = Buffer.concat([this.#heard, bytes])
    })
    let ids = 0
    this.#device = this.#driver.open({
      transport,
      profile: this.#profile,
      settings: this.#driver.settings.parse(this.#header.settings),
      clock: this.#clock,
      log: { debug() {}, info() {}, warn() {} },
      listener: this.#listener(),
      device: this.#header.device,
      newId: () => `id-${++ids}`,
    })
    this.#starting = this.#device.start().catch(() => {})
  }

  #listener(): DeviceListener {
    const hear = (what: string) => (data: unknown) => {
      this.#told.push({ what, data: withoutTimes(data) })
    }
    return {
      faults: hear('faults'),
      details: hear('details'),
      scan: hear('scan'),
      drawer: hear('drawer'),
      weight: hear('weight'),
    }
  }

  async #close(): Promise<void> {
    await this.#device?.stop()
    this.#wire?.close()
    await this.#starting
    this.#device = undefined
  }

  /** Waits for bytes that the driver sends by itself; a scale is asked when it does not. */
  async #expect(bytes: Buffer): Promise<void> {
    if (await this.#hears(bytes)) this.counts.sent++
    else {
      this.#device?.weighing?.read().then(
        (weight) => this.#told.push({ what: 'read', data: withoutTimes(weight) }),
        () => {},
      )
      if (this.#device?.weighing !== undefined && (await this.#hears(bytes))) this.counts.sent++
      else this.counts.skipped++
    }
  }

  async #hears(bytes: Buffer): Promise<boolean> {
    const until = this.#clock.monotonic() + replayLimits.lateMsMax
    for (;;) {
      await settle()
      const at = this.#heard.indexOf(bytes)
      if (at >= 0) {
        this.#heard = this.#heard.subarray(at + bytes.length)
        return true
      }
      if (this.#clock.monotonic() >= until) return false
      await this.#clock.advance(replayLimits.stepMs)
    }
  }

  async #until(t: number): Promise<void> {
    const left = t - this.#clock.monotonic()
    if (left > 0) await this.#clock.advance(left)
  }
}

/** Moments differ from run to run and say nothing. */
function withoutTimes(data: unknown): unknown {
  return JSON.parse(
    JSON.stringify(data, (name, value: unknown) => (name === 'at' || name === 'since' ? undefined : value)),
  )
}

/** The driver and profile of a trace, with the settings it was recorded with. */
export function partsOf({ header }: TraceFile): { driver: Driver; profile: Profile } {
  const drivers = createDrivers(new Imaging({ clock: new TestClock() }))
  const driver = drivers.find(({ id }) => id === header.driver)
  const profile = loadProfiles(profilesDir, drivers).profiles.find(
    ({ id, driver: of }) => id === header.profile && of === header.driver,
  )
  if (driver === undefined || profile === undefined)
    throw new Error(`there is no driver ${header.driver} with a profile ${header.profile}`)
  return { driver, profile }
}

if (import.meta.main) {
  for (const file of process.argv.slice(2)) {
    const trace = readTrace(readFileSync(file, 'utf8'))
    const { driver, profile } = partsOf(trace)
    const replay = await replayTrace(trace, driver, profile)
    console.log(`${file}: ${replay.sent} pieces sent, ${replay.skipped} skipped, ${replay.told.length} told`)
    if (replay.same) continue
    console.log('told now ', JSON.stringify(replay.told))
    console.log('told then', JSON.stringify(replay.expected))
    process.exitCode = 1
  }
}
