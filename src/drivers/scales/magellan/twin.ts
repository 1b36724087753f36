/** The simulated Magellan: a scale that answers and a scanner that talks, on one wire. It shares nothing with the driver. */
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock } from '../../driver.ts'
import { gramsPerPound, ScaleTwin } from '../common/twin/scale-twin.ts'

export interface MagellanTwinOptions {
  clock: DriverClock
  unit?: 'kg' | 'lb'
  capacityGrams?: number
  /** Time from a question to its answer, in ms. */
  answerMs?: number
  start?: string
  end?: string
  /** What it sends before the mark of a label. */
  label?: string
  /** It never found its zero. */
  lostZero?: boolean
}

const commandBytesMax = 16

/** Marks by AIM identifier; codes without one are marked by their length. */
const marks: Readonly<Record<string, string>> = {
  ']C1': ']C1',
  ']d1': 'Dm',
  ']d2': ']d2',
  ']e0': 'R4',
  ']Q1': 'QR',
  ']Q3': ']Q3',
  ']A0': 'B1',
  ']I1': 'B2',
}

export class MagellanTwin extends ScaleTwin {
  readonly #options: Required<MagellanTwinOptions>
  #command = ''
  /** S11 was asked and the load was not at rest: answered when it is. */
  #owes = false
  /** Commands it was sent, without start and end, for tests. */
  readonly commands: string[] = []

  constructor(options: MagellanTwinOptions) {
    super({ clock: options.clock, name: 'scanner scale' })
    this.#options = {
      unit: 'kg',
      capacityGrams: 15_000,
      answerMs: 0,
      start: 'S',
      end: '\r',
      label: '08',
      lostZero: false,
      ...options,
    }
  }

  override order(order: DemoOrder): void {
    if (order.order === 'scan') this.scan(order.code, order.aim)
    else super.order(order)
    if (this.#owes) this.#answerStable()
  }

  /** Sends a label. */
  scan(code: string, aim?: string): void {
    const byLength = /^\d+$/.test(code) ? { 13: 'F', 12: 'A', 8: 'FF' }[code.length] : undefined
    this.#say(
      `${this.#options.label}${(aim === undefined ? undefined : marks[aim]) ?? byLength ?? 'B3'}${code}`,
    )
  }

  protected override powerUp(): void {
    this.#command = ''
    this.#owes = false
  }

  protected override take(byte: number): void {
    const { start, end } = this.#options
    this.#command += String.fromCharCode(byte)
    if (this.#command.endsWith(end)) {
      const command = this.#command.slice(0, -end.length)
      this.#command = ''
      if (command.startsWith(start)) this.#obey(command.slice(start.length))
    } else if (this.#command.length > commandBytesMax) this.#command = ''
  }

  #obey(command: string): void {
    this.commands.push(command)
    if (command === '11') this.#answerStable()
    else if (command === '14') this.#later(() => this.#say(`14${this.#state()}`))
  }

  /** The next stable weight that is not zero: now, or when it comes. */
  #answerStable(): void {
    const state = this.#state()
    this.#owes = !state.startsWith('4')
    if (!this.#owes) this.#later(() => this.#say(`11${state.slice(1)}`))
  }

  #state(): string {
    const { unit, capacityGrams, lostZero } = this.#options
    if (lostZero) return '0'
    if (this.motion) return '1'
    if (this.loadGrams > capacityGrams) return '2'
    const counts =
      unit === 'kg' ? Math.round(this.loadGrams / 5) * 5 : Math.round((this.loadGrams * 100) / gramsPerPound)
    if (counts < 0) return '5'
    return counts === 0 ? '3' : `4${String(counts).padStart(unit === 'kg' ? 5 : 4, '0')}`
  }

  #later(answer: () => void): void {
    if (this.#options.answerMs === 0) answer()
    else this.line.after(this.#options.answerMs, answer)
  }

  #say(message: string): void {
    this.line.say(new TextEncoder().encode(`${this.#options.start}${message}${this.#options.end}`))
  }
}

export function createMagellanTwin(options: MagellanTwinOptions): MagellanTwin {
  return new MagellanTwin(options)
}
