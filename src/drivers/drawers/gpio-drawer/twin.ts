/** The simulated drawer on pins: it speaks for the port and for the drawer that hangs on it. */
import type { DriverClock } from '../../driver.ts'
import { DrawerTwin } from '../common/twin/drawer-twin.ts'

export interface GpioDrawerTwinOptions {
  clock: DriverClock
  /** False: no line senses the drawer. */
  sensed?: boolean
  /** Time from the pulse to the open drawer, in ms. */
  springMs?: number
}

const lineCharsMax = 256

export class GpioDrawerTwin extends DrawerTwin {
  /** Answers the next pulse with this error and does nothing. */
  refusal: string | undefined
  /** Lengths of the pulses it got, in ms. */
  readonly pulses: number[] = []
  readonly #clock: DriverClock
  readonly #sensed: boolean
  readonly #springMs: number
  #text = ''
  #spring: () => void = () => {}

  constructor({ clock, sensed = true, springMs = 60 }: GpioDrawerTwinOptions) {
    super(clock)
    this.#clock = clock
    this.#sensed = sensed
    this.#springMs = springMs
  }

  override stop(): void {
    this.#spring()
    super.stop()
  }

  protected override powerUp(): void {
    this.#text = ''
  }

  protected override read(bytes: Uint8Array): void {
    this.#text += String.fromCharCode(...bytes)
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      this.#obey(this.#text.slice(0, end))
      this.#text = this.#text.slice(end + 1)
    }
    this.#text = this.#text.slice(-lineCharsMax)
  }

  #obey(line: string): void {
    const [, ms] = /^pulse (\d{1,3})$/.exec(line) ?? []
    if (line === 'sense') this.#sayLevel()
    else if (ms === undefined || Number(ms) > 200) this.#say('error unknown command')
    else if (this.refusal !== undefined) this.#say(`error ${this.refusal}`)
    else {
      this.pulses.push(Number(ms))
      this.line.after(Number(ms), () => this.#say('pulsed'))
      if (!this.stuck) this.#spring = this.#clock.after(this.#springMs, () => this.move(true))
    }
  }

  protected override moved(): void {
    if (this.#sensed) this.#sayLevel()
  }

  #sayLevel(): void {
    this.#say(`level ${this.#sensed ? Number(this.open) : 'none'}`)
  }

  #say(line: string): void {
    this.line.say(new TextEncoder().encode(`${line}\n`))
  }
}

export function createGpioDrawerTwin(options: GpioDrawerTwinOptions): GpioDrawerTwin {
  return new GpioDrawerTwin(options)
}
