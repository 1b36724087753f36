/** The newest lines of the log, kept for reading, and how much is logged: by the hub, and by single devices. Rules in docs/care.md. */
import type { Logger } from 'pino'
import { type LogLevel, type LogLine, logLevelSchema, logNumbers } from '../../protocol/methods/box.ts'
import type { Params, ParsedParams, Result } from '../../protocol/methods.ts'
import type { Clock } from '../clock.ts'

export const logBookLimits = {
  /** Characters of one line that are kept; of a longer one only its message is. */
  lineCharsMax: 8_192,
  /** Characters of all lines together. */
  charsMax: 2_000_000,
  /** Devices with a level of their own. */
  devicesMax: 200,
  /** Readers that wait for a line. */
  waitingMax: 100,
} as const

type Filter = Pick<ParsedParams<'log.read'>, 'level' | 'device' | 'text'>

/** The numbers of pino's levels; nothing is as high as `silent`. */
const numbers: Readonly<Record<LogLevel, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  silent: Number.POSITIVE_INFINITY,
}

export class LogBook {
  readonly #lines: { seq: number; text: string }[] = []
  #chars = 0
  #seq = 0
  #level: LogLevel = 'info'
  readonly #devices = new Map<string, LogLevel>()
  #root: Logger | undefined
  /** Loggers of parts; those of devices that are gone go with them. */
  #children: { logger: WeakRef<Logger>; device: string | undefined }[] = []
  #deviceOf = new WeakMap<object, string>()
  readonly #waiting = new Set<() => void>()

  get level(): LogLevel {
    return this.#level
  }

  /** A log begins to write here. Levels of devices begin anew. */
  open(root: Logger, level: LogLevel): void {
    this.#root = root
    this.#children = []
    this.#deviceOf = new WeakMap()
    this.setLevel(level)
  }

  /** A part made itself a logger of its own; one that names a device has the level of that device. */
  adopt(child: Logger): void {
    const { device } = child.bindings() as { device?: unknown }
    const known = typeof device === 'string' ? device : undefined
    if (known !== undefined) this.#deviceOf.set(child, known)
    this.#children = this.#children.filter(({ logger }) => logger.deref() !== undefined)
    this.#children.push({ logger: new WeakRef(child), device: known })
    child.level = this.#levelOf(known)
  }

  /** Whether a line is to be written. Asked only for what the logger lets through, so that it costs nothing as a rule. */
  wants(logger: object, fields: unknown, number: number): boolean {
    if (this.#devices.size === 0) return true
    const named = (fields as { device?: unknown } | null | undefined)?.device
    const device = this.#deviceOf.get(logger) ?? (typeof named === 'string' ? named : undefined)
    return number >= numbers[(device === undefined ? undefined : this.#devices.get(device)) ?? this.#level]
  }

  /** The level of the hub, for everything that has none of its own. Those of devices are dropped. */
  setLevel(level: LogLevel): void {
    this.#level = level
    this.#devices.clear()
    this.#apply()
  }

  /** For `log.level`: of the hub, or of one device; null is back to what the hub has, or to `start` for the hub. */
  change({ device, level }: Params<'log.level'>, start: LogLevel): void {
    if (device === undefined) this.#level = level ?? start
    else if (level === null) this.#devices.delete(device)
    else {
      this.#devices.delete(device)
      const oldest = this.#devices.size >= logBookLimits.devicesMax ? this.#devices.keys().next() : undefined
      if (oldest?.done === false) this.#devices.delete(oldest.value)
      this.#devices.set(device, level)
    }
    this.#apply()
  }

  /** Takes a line as pino writes it, secrets struck out already. */
  add(line: string): void {
    const text = line.length > logBookLimits.lineCharsMax ? shortened(line) : line
    this.#lines.push({ seq: ++this.#seq, text })
    this.#chars += text.length
    while (this.#lines.length > logNumbers.linesMax || this.#chars > logBookLimits.charsMax)
      this.#chars -= this.#lines.shift()?.text.length ?? 0
    for (const look of [...this.#waiting]) look()
  }

  /** The last lines, oldest first. */
  tail(count: number = logNumbers.linesMax): LogLine[] {
    return this.#lines.slice(-count).map(readLine)
  }

  /** Answers at once when there is something to tell, else after `ms` or at the first line that fits. */
  async read(params: ParsedParams<'log.read'>, clock: Clock): Promise<Result<'log.read'>> {
    // A number from before a start of the hub: its lines are told from the first.
    const after = params.after !== undefined && params.after > this.#seq ? 0 : params.after
    const found = this.#read(after, params)
    if (found.lines.length > 0 || params.ms === 0 || this.#waiting.size >= logBookLimits.waitingMax)
      return found
    const from = found.next
    await new Promise<void>((resolve) => {
      const end = () => {
        cancel()
        this.#waiting.delete(look)
        resolve()
      }
      const look = () => {
        const last = this.#lines.at(-1)
        if (last !== undefined && fits(readLine(last), params)) end()
      }
      const cancel = clock.after(params.ms, end)
      this.#waiting.add(look)
    })
    const later = this.#read(from, params)
    return { ...later, lost: later.lost + found.lost }
  }

  #read(after: number | undefined, filter: Filter): Result<'log.read'> {
    const { pageMax } = logNumbers
    const lines: LogLine[] = []
    let next = this.#seq
    if (after === undefined) {
      for (let at = this.#lines.length - 1; at >= 0 && lines.length < pageMax; at--) {
        const line = readLine(this.#lines[at]!)
        if (fits(line, filter)) lines.unshift(line)
      }
    } else {
      for (const kept of this.#lines) {
        if (kept.seq <= after) continue
        const line = readLine(kept)
        if (!fits(line, filter)) continue
        lines.push(line)
        if (lines.length < pageMax) continue
        next = line.seq
        break
      }
    }
    const oldest = this.#lines[0]?.seq ?? this.#seq + 1
    const lost = after === undefined ? 0 : Math.max(0, oldest - 1 - after)
    return { lines, next, lost, level: this.#level, devices: Object.fromEntries(this.#devices) }
  }

  #levelOf(device: string | undefined): LogLevel {
    if (device !== undefined) return this.#devices.get(device) ?? this.#level
    // Lines of other parts may name a device that tells more than the hub does; `wants` keeps the rest back.
    return [this.#level, ...this.#devices.values()].reduce((low, level) =>
      numbers[level] < numbers[low] ? level : low,
    )
  }

  #apply(): void {
    if (this.#root !== undefined) this.#root.level = this.#levelOf(undefined)
    for (const { logger, device } of this.#children) {
      const child = logger.deref()
      if (child !== undefined) child.level = this.#levelOf(device)
    }
  }
}

function fits(line: LogLine, { level, device, text }: Filter): boolean {
  if (level !== undefined && numbers[line.level] < numbers[level]) return false
  if (device !== undefined && line.device !== device) return false
  if (text === undefined || text === '') return true
  const said = `${line.message}\n${line.device ?? ''}\n${JSON.stringify(line.fields)}`
  return said.toLowerCase().includes(text.toLowerCase())
}

function readLine({ seq, text }: { seq: number; text: string }): LogLine {
  const { time, level, msg, device, ...rest } = JSON.parse(text) as Record<string, unknown>
  const known = logLevelSchema.safeParse(level)
  return {
    seq,
    at: String(time),
    // `fatal` is pino's own word for an error that ends the process.
    level: known.success ? known.data : 'error',
    message: typeof msg === 'string' ? msg : '',
    ...(typeof device === 'string' && { device }),
    fields: typeof device === 'string' || device === undefined ? rest : { ...rest, device },
  }
}

/** A line too long to be kept, such as the stack of a strange error: what it says, and how long it was. */
function shortened(line: string): string {
  const { time, level, msg, device } = JSON.parse(line) as Record<string, unknown>
  const message = typeof msg === 'string' ? msg.slice(0, logBookLimits.lineCharsMax / 2) : undefined
  return JSON.stringify({ level, time, device, charsLeftOut: line.length, msg: message })
}
