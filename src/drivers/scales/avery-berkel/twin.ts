/** The simulated Avery Berkel scale: a load cell and the language of its manual, byte by byte. It shares nothing with the driver. */
import type { DriverClock } from '../../driver.ts'
import { bytesOf } from '../common/twin/bytes.ts'
import { gramsPerPound, ScaleTwin } from '../common/twin/scale-twin.ts'

export interface AveryBerkelTwinOptions {
  clock: DriverClock
  /** 15 kg by 5 g, 30 lb by 0.01 lb, 6 kg by 2 g, or one that the id byte does not name (30 kg by 10 g). */
  capacity?: '15kg' | '30lb' | '6kg' | '30kg'
  /** Wants the data sent back and compares them; otherwise it gives them again. */
  compares?: boolean
  /** Says ACK to a command. */
  acknowledges?: boolean
  /** What it answers to ENQ while the load moves: CAN or NUL. */
  whileMoving?: number
  /** Sends even parity on bit 7, as an 8-bit adapter sees a 7-bit line. */
  parityBit?: boolean
}

const capacities = {
  '15kg': { id: 0b0010_1001, grams: 15_000, step: 5, perGram: 1 },
  '30lb': { id: 0b0010_1010, grams: 13_608, step: 1, perGram: 100 / gramsPerPound },
  '6kg': { id: 0b0010_1011, grams: 6_000, step: 2, perGram: 1 },
  '30kg': { id: 0b0110_1000, grams: 30_000, step: 10, perGram: 1 },
} as const
const outOfRange = 0b0001_0000
const zeroCaptureGrams = 300
const frameBytes = 9
/** A command that stops in the middle is forgotten after this long, in ms. */
const frameMsMax = 100

export class AveryBerkelTwin extends ScaleTwin {
  readonly #options: Required<AveryBerkelTwinOptions>
  #frame: number[] | undefined
  #cancelFrame: () => void = () => {}
  /** What was promised by ACK and not yet confirmed. */
  #held: Uint8Array | undefined
  /** Weights that the host said it had compared, for tests. */
  compared = 0
  readonly received: number[] = []

  constructor(options: AveryBerkelTwinOptions) {
    super(options)
    this.#options = {
      capacity: '15kg',
      compares: false,
      acknowledges: false,
      whileMoving: 0x18,
      parityBit: false,
      ...options,
    }
  }

  protected override powerUp(): void {
    this.#frame = undefined
    this.#held = undefined
  }

  protected override take(byte: number): void {
    this.received.push(byte)
    if (this.#frame !== undefined) {
      this.#frame.push(byte)
      if (this.#frame.length < frameBytes) return
      const frame = this.#frame
      this.#cancelFrame()
      this.#frame = undefined
      this.#takeFrame(frame)
    } else if (byte === 0x02) {
      this.#frame = [byte]
      this.#cancelFrame = this.line.after(frameMsMax, () => {
        this.#frame = undefined
      })
    } else if (byte === 0x05) {
      this.#held = undefined
      this.#say(this.motion ? this.#options.whileMoving : 0x06)
    } else if (byte === 0x11) this.#give()
    else if (byte === 0x0d && this.#held !== undefined) {
      this.#held = undefined
      this.compared++
    }
  }

  #give(): void {
    this.#held ??= this.#data()
    this.#say(...this.#held)
  }

  /** A command has its check byte after ETX, data sent back have it before. */
  #takeFrame(frame: readonly number[]): void {
    const [, first = 0, , , , , , seventh, last] = frame
    if (seventh === 0x03 && last === frame.slice(1, 7).reduce((sum, byte) => sum ^ byte, 0)) this.#obey(first)
    else if (this.#options.compares && last === 0x03) {
      const held = this.#held
      this.#held = undefined
      const isSame = held?.every((byte, at) => byte === frame[at]) ?? false
      if (isSame) this.compared++
      this.#say(isSame ? 0x0d : 0x06)
    } else this.#say(0x15)
  }

  #obey(command: number): void {
    this.#held = undefined
    if (
      !this.motion &&
      command === 0x5a &&
      this.tareGrams === 0 &&
      Math.abs(this.loadGrams) <= zeroCaptureGrams
    )
      this.zeroGrams = this.loadGrams
    if (!this.motion && command === 0x4e && this.grossGrams >= 0) this.tareGrams = this.grossGrams
    if (this.#options.acknowledges) this.#say(0x06)
  }

  #data(): Uint8Array {
    const { id, grams, step, perGram } = capacities[this.#options.capacity]
    const counts = Math.round((this.netGrams * perGram) / step) * step
    const isOver = this.grossGrams > grams
    const digits = String(Math.max(0, counts)).padStart(5, '0').slice(-5)
    const body = [
      isOver || counts < 0 ? id | outOfRange : id,
      ...Array.from(digits, (digit) => digit.charCodeAt(0)),
    ]
    return Uint8Array.from([0x02, ...body, body.reduce((sum, byte) => sum ^ byte, 0), 0x03])
  }

  #say(...bytes: number[]): void {
    this.line.say(bytesOf(String.fromCharCode(...bytes), this.#options.parityBit))
  }
}

export function createAveryBerkelTwin(options: AveryBerkelTwinOptions): AveryBerkelTwin {
  return new AveryBerkelTwin(options)
}
