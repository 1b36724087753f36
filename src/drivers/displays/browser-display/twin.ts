/** The simulated page: it paints what it is sent and says so. */
import { HubError } from '../../../protocol/errors.ts'
import { type DisplayShowPayload, displayShowPayloadSchema } from '../../../protocol/job.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import { TwinLine } from '../../twin-line.ts'
import { escapeXml } from '../common/twin/screen.ts'

/** Longest line it takes, in characters. */
const lineCharsMax = 512 * 1024

export class BrowserDisplayTwin implements Twin {
  onPaper: ((revision: number) => void) | undefined
  onPlug: ((on: boolean) => void) | undefined
  document: DisplayShowPayload | null = null
  revision = 0
  #text = ''
  #decoder = new TextDecoder()
  readonly #line: TwinLine

  constructor({ clock }: { clock: DriverClock }) {
    this.#line = new TwinLine({
      clock,
      onBytes: (bytes) => this.#take(bytes),
      onAttach: () => {
        this.#text = ''
        this.#decoder = new TextDecoder()
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
    if (this.#line.order(order)) return
    throw new HubError('params_invalid', { path: 'order.order', reason: `a display cannot ${order.order}` })
  }

  /** Says something as the page would, for tests: `{"shown":7}`. */
  say(text: string): void {
    this.#line.say(new TextEncoder().encode(text))
  }

  paper(): { svg: string; revision: number; drawerOpen: boolean } {
    return { svg: svgOf(this.document), revision: this.revision, drawerOpen: false }
  }

  stop(): void {
    this.#line.stop()
  }

  #take(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true })
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      this.#paint(this.#text.slice(0, end))
      this.#text = this.#text.slice(end + 1)
    }
    if (this.#text.length > lineCharsMax) this.#text = ''
  }

  #paint(line: string): void {
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      return
    }
    const { revision, document } = (value ?? {}) as { revision?: unknown; document?: unknown }
    const parsed = displayShowPayloadSchema.nullable().safeParse(document)
    if (typeof revision !== 'number' || !parsed.success || this.#line.silent) return
    this.revision = revision
    this.document = parsed.data
    this.onPaper?.(revision)
    this.say(`{"shown":${revision}}\n`)
  }
}

const rowsMax = 8

function svgOf(document: DisplayShowPayload | null): string {
  const { lines, items = [], total, message, qr } = document ?? {}
  const rows: [left: string, right: string][] = [
    ...(lines ?? []).map((line): [string, string] => [line, '']),
    ...items
      .slice(-rowsMax)
      .map(({ text, quantity, amount = '' }): [string, string] => [
        quantity === undefined ? text : `${quantity} × ${text}`,
        amount,
      ]),
    ...(message === undefined ? [] : [[message, ''] as [string, string]]),
    ...(qr === undefined ? [] : [[qr.caption ?? qr.data, 'QR'] as [string, string]]),
  ]
  const body = rows.map(
    ([left, right], row) =>
      `<text x="32" y="${64 + row * 40}">${escapeXml(left.slice(0, 40))}</text>` +
      `<text x="608" y="${64 + row * 40}" text-anchor="end">${escapeXml(right)}</text>`,
  )
  const sum =
    total === undefined
      ? ''
      : `<text x="608" y="440" font-size="48" font-weight="700" text-anchor="end">${escapeXml(`${total.label ?? ''} ${total.amount}`.trim())}</text>`
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480"><rect width="640" height="480" rx="12" fill="#fff"/>' +
    `<g fill="#15202b" font-family="sans-serif" font-size="24">${body.join('')}${sum}</g></svg>`
  )
}

export function createBrowserDisplayTwin(options: { clock: DriverClock }): BrowserDisplayTwin {
  return new BrowserDisplayTwin(options)
}
