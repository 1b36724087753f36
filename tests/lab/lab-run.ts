/** Runs the lab's checks one after the other, each with a time limit, and says how they ended. */
import { errorText } from '../../src/protocol/errors.ts'

/** What a check is given: somewhere to write what it measured, and a list of what to take down at its end. */
export interface Check {
  note(text: string): void
  /** Called at the end, the last one first, however the check ends. */
  defer(undo: () => unknown): void
}

export interface LabRunOptions {
  /** Only checks with this in their name. */
  only: string | undefined
  /** After each check: puts things back. */
  afterEach(): Promise<void>
  /** What a person wants to know of a check that failed, which began at that many ms since 1970. */
  explain(at: number): string
}

const checkMsMax = 45_000

export class LabRun {
  passed = 0
  failed = 0
  readonly #options: LabRunOptions
  readonly #begun = performance.now()

  constructor(options: LabRunOptions) {
    this.#options = options
  }

  async check(name: string, work: (check: Check) => Promise<void>, msMax = checkMsMax): Promise<void> {
    const { only, afterEach, explain } = this.#options
    if (only !== undefined && !name.includes(only)) return
    const notes: string[] = []
    const undo: (() => unknown)[] = []
    const at = Date.now()
    const begun = performance.now()
    const failure = await settled(
      within(msMax, work({ note: (text) => notes.push(text), defer: (step) => undo.push(step) })),
    )
    const ms = performance.now() - begun
    for (const step of undo.reverse()) {
      const trouble = await settled(Promise.resolve().then(step))
      if (trouble !== undefined) notes.push(`taking down: ${trouble}`)
    }
    const trouble = await settled(afterEach())
    if (failure === undefined && trouble === undefined) this.passed++
    else this.failed++
    const word = failure === undefined && trouble === undefined ? 'ok  ' : 'FAIL'
    console.log(`${word} ${ms.toFixed(0).padStart(6)} ms  ${name}`)
    for (const reason of [failure, trouble]) if (reason !== undefined) notes.push(reason, explain(at))
    for (const line of notes.join('\n').split('\n')) if (line !== '') console.log(`                 ${line}`)
  }

  /** The last line. Answers the exit status. */
  end(): number {
    const seconds = ((performance.now() - this.#begun) / 1000).toFixed(1)
    console.log(`${this.passed} passed, ${this.failed} failed in ${seconds} s`)
    return this.failed === 0 && this.passed > 0 ? 0 : 1
  }
}

async function settled(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    return error instanceof Error
      ? (error.stack ?? error.message).split('\n').slice(0, 12).join('\n')
      : errorText(error)
  }
}

async function within<T>(msMax: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not over after ${msMax} ms`)), msMax)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** `p50 612, max 890 ms of 12`. */
export function spread(ms: readonly number[]): string {
  const sorted = [...ms].sort((a, b) => a - b)
  const p50 = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  const max = sorted.at(-1) ?? Number.NaN
  return `p50 ${p50.toFixed(0)}, max ${max.toFixed(0)} ms of ${sorted.length}`
}
