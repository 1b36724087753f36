/** The paper path of a simulated label printer: labels that wait, are printed one after another, and hang out of it as a picture. */
import type { DemoOrder } from '../../protocol/methods.ts'
import type { DriverClock } from '../driver.ts'
import type { Bitmap } from './bitmap.ts'
import { isBlack } from './bitmap.ts'

export const labelStripLimits = {
  /** Labels that hang out of the printer; older ones fall down. */
  labelsMax: 50,
  /** Labels that wait to be printed. */
  waitingMax: 1_000,
} as const

/** Dots between two labels in the picture. */
const gapDots = 16

export interface LabelStripOptions {
  clock: DriverClock
  /** How long one label takes. */
  printMs: number
  /** A label has been printed. */
  onPrinted?(): void
}

export class LabelStrip {
  paperState: 'full' | 'low' | 'out' = 'full'
  coverOpen = false
  readonly printed: Bitmap[] = []
  onPaper: ((revision: number) => void) | undefined
  readonly #options: LabelStripOptions
  readonly #waiting: Bitmap[] = []
  #cancel: (() => void) | undefined
  #revision = 0

  constructor(options: LabelStripOptions) {
    this.#options = options
  }

  /** Labels that are not printed yet, the one under the head too. */
  get left(): number {
    return this.#waiting.length
  }

  get printing(): boolean {
    return this.#cancel !== undefined
  }

  get blocked(): boolean {
    return this.coverOpen || this.paperState === 'out'
  }

  add(label: Bitmap, copies: number): void {
    const room = Math.min(copies, labelStripLimits.waitingMax - this.#waiting.length)
    for (let copy = 0; copy < room; copy++) this.#waiting.push(label)
    this.#pump()
  }

  /** Obeys the orders about paper; false for any other. */
  order(order: DemoOrder): boolean {
    if (order.order === 'paper') this.paperState = order.state
    else if (order.order === 'cover') this.coverOpen = order.open
    else if (order.order === 'clear_paper') {
      this.printed.length = 0
      this.#touch()
    } else return false
    this.#pump()
    return true
  }

  /** Loses everything that is not on paper yet, as a power cut does. */
  forget(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#waiting.length = 0
  }

  picture(): { svg: string; revision: number; drawerOpen: boolean } {
    const width = this.printed.reduce((widest, label) => Math.max(widest, label.width), 100)
    const parts: string[] = []
    let top = 0
    for (const label of this.printed) {
      parts.push(`<rect x="0" y="${top}" width="${width}" height="${label.height}" fill="#fff"/>`)
      parts.push(`<path transform="translate(0 ${top})" d="${runsOf(label)}"/>`)
      top += label.height + gapDots
    }
    const height = Math.max(top, gapDots)
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"` +
      ` shape-rendering="crispEdges"><rect width="${width}" height="${height}" fill="#ddd"/>${parts.join('')}</svg>`
    return { svg, revision: this.#revision, drawerOpen: false }
  }

  #pump(): void {
    if (this.#cancel !== undefined || this.blocked || this.#waiting.length === 0) return
    this.#cancel = this.#options.clock.after(this.#options.printMs, () => {
      this.#cancel = undefined
      // A label during which the paper ended is printed again.
      if (!this.blocked) this.#print()
      this.#pump()
    })
  }

  #print(): void {
    const label = this.#waiting.shift()
    if (label === undefined) return
    this.printed.push(label)
    if (this.printed.length > labelStripLimits.labelsMax) this.printed.shift()
    this.#touch()
    this.#options.onPrinted?.()
  }

  #touch(): void {
    this.#revision += 1
    this.onPaper?.(this.#revision)
  }
}

/** Black dots as a path of rectangles one row high. */
function runsOf(bitmap: Bitmap): string {
  const parts: string[] = []
  for (let y = 0; y < bitmap.height; y++) {
    for (let x = 0; x < bitmap.width; x++) {
      if (!isBlack(bitmap, x, y)) continue
      const start = x
      while (isBlack(bitmap, x, y)) x += 1
      parts.push(`M${start} ${y}h${x - start}v1h${start - x}z`)
    }
  }
  return parts.join('')
}
