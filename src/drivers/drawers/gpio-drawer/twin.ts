/** The simulated drawer on pins: it speaks for the port and for the drawer that hangs on it. */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import { TwinLine } from '../../twin-line.ts'
import { drawerSvg } from '../common/twin/picture.ts'

export interface GpioDrawerTwinOptions {
  clock: DriverClock
  /** False: no line senses the drawer. */
  sensed?: boolean
  /** Time from the pulse to the open drawer, in ms. */
  springMs?: number
}

const lineCharsMax = 256

export class GpioDrawerTwin implements Twin {
  onPaper: ((revision: number) => void) | undefined
  onPlug: ((on: boolean) => void) | undefined
  /** Held shut by whatever: the pulse does nothing. */
  stuck = false
  /** Answers the next pulse with this error and does nothing. */
  refusal: string | undefined
  /** Lengths of the pulses it got, in ms. */
  readonly pulses: number[] = []
  readonly #clock: DriverClock
  readonly #sensed: boolean
  readonly #springMs: number
  readonly #line: TwinLine
  #text = ''
  #open = false
  #revision = 0
  #spring: () => void = () => {}

  constructor({ clock, sensed = true, springMs = 60 }: GpioDrawerTwinOptions) {
    this.#clock = clock
    this.#sensed = sensed
    this.#springMs = springMs
    this.#line = new TwinLine({
      clock,
      onBytes: (bytes) => this.#take(String.fromCharCode(...bytes)),
      onAttach: () => {
        this.#text = ''
      },
      onPlug: (on) => this.onPlug?.(on),
    })
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  attach(wire: TwinWire): void {
    this.#line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (order.order === 'drawer') this.#move(order.open)
    else if (!this.#line.order(order))
      throw new HubError('params_invalid', { path: 'order.order', reason: `a drawer cannot ${order.order}` })
  }

  paper(): { svg: string; revision: number; drawerOpen: boolean } {
    return { svg: drawerSvg(this.#open), revision: this.#revision, drawerOpen: this.#open }
  }

  stop(): void {
    this.#spring()
    this.#line.stop()
  }

  #take(text: string): void {
    this.#text += text
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
      this.#line.after(Number(ms), () => this.#say('pulsed'))
      if (!this.stuck) this.#spring = this.#clock.after(this.#springMs, () => this.#move(true))
    }
  }

  #move(open: boolean): void {
    if (open === this.#open) return
    this.#open = open
    this.#revision++
    this.onPaper?.(this.#revision)
    if (this.#sensed) this.#sayLevel()
  }

  #sayLevel(): void {
    this.#say(`level ${this.#sensed ? Number(this.#open) : 'none'}`)
  }

  #say(line: string): void {
    this.#line.say(new TextEncoder().encode(`${line}\n`))
  }
}

export function createGpioDrawerTwin(options: GpioDrawerTwinOptions): GpioDrawerTwin {
  return new GpioDrawerTwin(options)
}
