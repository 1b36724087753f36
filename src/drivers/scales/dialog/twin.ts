/**
 * The simulated checkout scale: a load cell, a price computer and Checkout Dialog 02, 04 or 06, byte by byte. It knows what a
 * scale knows from its manual and shares nothing with the driver, its arithmetic least of all.
 */
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock } from '../../driver.ts'
import { bytesOf } from '../common/twin/bytes.ts'
import { gramsPerPound, ScaleTwin } from '../common/twin/scale-twin.ts'

export interface DialogTwinOptions {
  clock: DriverClock
  unit?: 'kg' | 'lb'
  loadGrams?: number
  capacityGrams?: number
  /** Below it the scale gives no weight. */
  minimumGrams?: number
  /** Division in grams (kg) or hundredths of a pound (lb). */
  division?: number
  /** Gives each load only once, as approved scales do. */
  onceOnly?: boolean
  /** Dialog 06: 17 bits. Without it the scale asks for no checksums. */
  polynomial?: number
  /** Weighings between two challenges. */
  challengeEvery?: number
  /** Adds 30 hex to the numbers of a challenge in place of hex digits. */
  plainNibbles?: boolean
  priceDigits?: 5 | 6
  /** Refuses a price of zero. */
  zeroPriceRefused?: boolean
  /** Time from a question to its answer, in ms. */
  answerMs?: number
}

const [stx, etx, eot, enq] = [0x02, 0x03, 0x04, 0x05] as const
const acknowledged = '\x06'
const refused = '\x15'
const framed = (body: string): string => `\x02${body}\x03`
const recordBytesMax = 64

/** Fields of the records that order a weighing; 01 ends with an empty one. */
const shapes: Readonly<Record<string, readonly string[]>> = {
  '01': ['price', 'end'],
  '03': ['price', 'tare'],
  '04': ['price', 'text'],
  '05': ['price', 'tare', 'text'],
}

export class DialogTwin extends ScaleTwin {
  readonly #options: Required<Omit<DialogTwinOptions, 'polynomial'>> & { polynomial: number | undefined }
  #moved = true
  #record: number[] | undefined
  #order: { price: bigint; tare: number } | undefined
  #status = '00'
  #challenged: boolean
  #z = 0x5b
  #verdict: boolean | undefined
  #sinceProof = 0
  /** Every byte it was sent, for tests. */
  readonly received: number[] = []
  /** Texts and tares it was given, for tests. */
  readonly orders: { record: string; price: string; tare?: string; text?: string }[] = []
  /** Weighings it gave away. */
  weighings = 0
  challenges = 0

  constructor(options: DialogTwinOptions) {
    super(options)
    this.#options = {
      unit: 'kg',
      loadGrams: 0,
      capacityGrams: 15_000,
      minimumGrams: 40,
      division: options.unit === 'lb' ? 1 : 5,
      onceOnly: true,
      challengeEvery: 50,
      plainNibbles: false,
      priceDigits: 6,
      zeroPriceRefused: false,
      answerMs: 0,
      ...options,
      polynomial: options.polynomial,
    }
    this.#challenged = options.polynomial !== undefined
  }

  override order(order: DemoOrder): void {
    if (order.order === 'motion' || (order.order === 'load' && order.grams !== this.loadGrams))
      this.#moved = true
    super.order(order)
  }

  /** Asks for the checksums at the next price, as when its version was looked at. */
  challenge(): void {
    this.#challenged = this.#options.polynomial !== undefined
  }

  protected override powerUp(): void {
    this.#record = undefined
    this.#order = undefined
    this.#verdict = undefined
    this.#status = '00'
    this.challenge()
  }

  protected override take(byte: number): void {
    this.received.push(byte)
    if (this.#record !== undefined) {
      if (byte === etx) {
        const text = String.fromCharCode(...this.#record)
        this.#record = undefined
        this.#say(this.#obey(text))
      } else if (byte === eot) this.#record = undefined
      else if (this.#record.length < recordBytesMax) this.#record.push(byte)
      else {
        this.#record = undefined
        this.#say(this.#refuse('02'))
      }
    } else if (byte === stx) this.#record = []
    else if (byte === enq) this.#say(this.#result())
  }

  /** Does what a record wants; answers what to say to it. */
  #obey(record: string): string {
    const [number = '', ...fields] = record.split('\x1b')
    if (number === '08' && fields.length === 0) return framed(`09\x1b${this.#status}`)
    if (number === '10') return this.#judge(fields[0] ?? '')
    if (!Object.hasOwn(shapes, number)) return this.#refuse('10')
    if (this.#challenged) return this.#ask()
    const shape = shapes[number] as readonly string[]
    if (fields.length !== shape.length) return this.#refuse('10')
    const field = (name: string) => fields[shape.indexOf(name)]
    const [price = '', tare, text] = ['price', 'tare', 'text'].map(field)
    const isPrice = /^\d+$/.test(price) && price.length === this.#options.priceDigits
    if (!isPrice || (this.#options.zeroPriceRefused && BigInt(price) === 0n)) return this.#refuse('11')
    if (tare !== undefined && !/^\d{4}$/.test(tare)) return this.#refuse('12')
    if (text !== undefined && !/^.{1,13}$/.test(text)) return this.#refuse('13')
    if (number === '01' && fields[1] !== '') return this.#refuse('10')
    this.orders.push({
      record: number,
      price,
      ...(tare === undefined ? {} : { tare }),
      ...(text === undefined ? {} : { text }),
    })
    this.#order = { price: BigInt(price), tare: Number(tare ?? 0) }
    this.#status = '00'
    return acknowledged
  }

  /** The answer to ENQ. */
  #result(): string {
    if (this.#verdict !== undefined) {
      const valid = this.#verdict
      this.#verdict = undefined
      if (valid) {
        this.#challenged = false
        this.#sinceProof = 0
      }
      return framed(`11\x1b${valid ? 1 : 0}`)
    }
    if (this.#order === undefined) return this.#refuse('01')
    const gross = this.#counts(this.loadGrams)
    const net = gross - this.#order.tare
    if (this.motion) return this.#refuse('20')
    if (this.loadGrams > this.#options.capacityGrams) return this.#refuse('32')
    if (gross < 0 || net < 0) return this.#refuse('31')
    if (this.loadGrams < this.#options.minimumGrams) return this.#refuse('30')
    if (this.#options.onceOnly && !this.#moved) return this.#refuse('21')
    return this.#give(net, this.#order.price)
  }

  #give(net: number, price: bigint): string {
    const { unit, priceDigits, challengeEvery } = this.#options
    const divisor = unit === 'kg' ? 1000n : 100n
    const total = (BigInt(net) * price * 2n + divisor) / (divisor * 2n)
    const digits = (value: bigint | number, count: number) => String(value).padStart(count, '0')
    if (String(total).length > priceDigits) return this.#refuse('11')
    this.#order = undefined
    this.#moved = false
    this.#status = '00'
    this.weighings++
    if (++this.#sinceProof >= challengeEvery) this.challenge()
    const parts = [
      unit === 'kg' ? '3' : '1',
      digits(net, 5),
      digits(price, priceDigits),
      digits(total, priceDigits),
    ]
    return framed(`02\x1b${parts.join('\x1b')}`)
  }

  #ask(): string {
    this.challenges++
    this.#z = (this.#z * 73 + 41) & 0xff
    const plain = (value: number) => String.fromCharCode(0x30 + value)
    const hex = (value: number) => value.toString(16).toUpperCase()
    const write = this.#options.plainNibbles ? plain : hex
    return framed(`11\x1b2${write(this.#z >> 4)}${write(this.#z & 15)}`)
  }

  /** Turns every pair back by the numbers of the challenge and divides: each must leave its own correction. */
  #judge(pairs: string): string {
    const { polynomial } = this.#options
    if (polynomial === undefined || !/^([0-9A-F]{8}){1,5}$/.test(pairs)) return this.#refuse('10')
    const wordAt = (at: number) => Number.parseInt(pairs.slice(at, at + 4), 16)
    this.#verdict = true
    for (let at = 0; at < pairs.length; at += 8) {
      const checksum = turned(wordAt(at), -(this.#z >> 4))
      const correction = turned(wordAt(at + 4), this.#z & 15)
      if (dividedBy(BigInt(checksum) << 16n, BigInt(polynomial)) !== BigInt(correction)) this.#verdict = false
    }
    return acknowledged
  }

  #refuse(status: string): string {
    this.#status = status
    // Waiting for the load to rest is no error.
    if (!status.startsWith('2')) {
      this.#order = undefined
      this.challenge()
    }
    return refused
  }

  #say(text: string): void {
    const { answerMs } = this.#options
    const bytes = bytesOf(text)
    if (answerMs === 0) this.line.say(bytes)
    else this.line.after(answerMs, () => this.line.say(bytes))
  }

  /** In the last digit of the display. */
  #counts(grams: number): number {
    const { unit, division } = this.#options
    const counts = unit === 'kg' ? grams : (grams * 100) / gramsPerPound
    return Math.round(counts / division) * division
  }
}

/** A 16-bit word turned left by so many places; written as text, so that no shift can hide the same mistake twice. */
function turned(word: number, places: number): number {
  const bits = word.toString(2).padStart(16, '0')
  const at = ((places % 16) + 16) % 16
  return Number.parseInt(bits.slice(at) + bits.slice(0, at), 2)
}

/** Long division without carries, from the top bit down, as on paper. Answers the remainder. */
function dividedBy(dividend: bigint, divisor: bigint): bigint {
  const degree = divisor.toString(2).length
  let rest = dividend
  while (rest.toString(2).length >= degree && rest !== 0n) {
    rest ^= divisor << BigInt(rest.toString(2).length - degree)
  }
  return rest
}

export function createDialogTwin(options: DialogTwinOptions): DialogTwin {
  return new DialogTwin(options)
}
