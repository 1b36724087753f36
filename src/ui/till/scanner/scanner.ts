/** Scans as one stream, wherever they come from: scanners of the hub, one that types like a keyboard, the camera. */
import { HubError } from '../../../protocol/errors.ts'
import type { UiClock } from '../../parts/time.ts'
import type { CameraView, Link, Scanner, Settings } from '../contract.ts'
import { Wedge, wedgeLimits } from './wedge.ts'

const textFields = 'input:not([type="checkbox"]):not([type="radio"]), textarea'

export const cameraTimes = {
  /** Between two looks at the picture, in ms. */
  lookMs: 120,
} as const

/** Of the browsers that have it; TypeScript does not know it yet. */
interface Detector {
  detect(source: unknown): Promise<{ rawValue: string }[]>
}
type DetectorClass = new () => Detector

interface ScannerParts {
  link: Pick<Link, 'subscribe'>
  settings: Pick<Settings, 'scanners'>
  clock: UiClock
}

export class TillScanner implements Scanner {
  readonly #parts: ScannerParts
  readonly #listeners: ((code: string) => void)[] = []
  readonly #wedge = new Wedge<KeyboardEvent>()
  /** Keys that were held back and are done now: they are a person's. */
  readonly #given = new WeakSet<Event>()
  #stopWaiting: () => void = () => undefined

  constructor(parts: ScannerParts) {
    this.#parts = parts
  }

  start(page: Window): void {
    const { link, settings } = this.#parts
    link.subscribe(['scan'], ({ data, device }) => {
      const chosen = settings.scanners.peek()
      if (chosen === null || (device !== undefined && chosen.includes(device))) this.feed(data.code)
    })
    page.addEventListener('keydown', (event) => this.#key(event), { capture: true })
  }

  onScan(listener: (code: string) => void): () => void {
    this.#listeners.push(listener)
    return () => {
      const at = this.#listeners.lastIndexOf(listener)
      if (at >= 0) this.#listeners.splice(at, 1)
    }
  }

  feed(code: string): void {
    this.#listeners.at(-1)?.(code)
  }

  get camera(): boolean {
    return 'BarcodeDetector' in globalThis && globalThis.navigator?.mediaDevices !== undefined
  }

  async readCamera(video: CameraView, until: AbortSignal): Promise<string> {
    const { BarcodeDetector } = globalThis as unknown as { BarcodeDetector?: DetectorClass }
    if (BarcodeDetector === undefined)
      throw new HubError('params_invalid', { path: 'camera', reason: 'this browser cannot read codes' })
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
    try {
      video.srcObject = stream
      await video.play()
      const detector = new BarcodeDetector()
      for (;;) {
        until.throwIfAborted()
        const [found] = await detector.detect(video)
        if (found !== undefined) return found.rawValue
        await new Promise<void>((resolve) => void this.#parts.clock.after(cameraTimes.lookMs, resolve))
      }
    } finally {
      for (const track of stream.getTracks()) track.stop()
    }
  }

  #key(event: KeyboardEvent): void {
    if (this.#given.has(event)) return
    const target = event.target
    const field = target instanceof HTMLElement && target.matches(textFields) ? target : undefined
    const { back, held, scan } = this.#wedge.feed(event, event.timeStamp)
    this.#stopWaiting()
    if (scan !== undefined) {
      stop(event)
      if (field !== undefined) withoutEnd(field as HTMLInputElement, scan)
      this.feed(scan)
      return
    }
    // What goes into a text field goes there at once, and is taken out again when it was a scan.
    if (field !== undefined) {
      if (held) this.#waitFor(undefined)
      return
    }
    this.#give(back)
    if (!held) return
    stop(event)
    this.#waitFor(target)
  }

  /** No further key in time: a person has typed what is held. */
  #waitFor(target: EventTarget | null | undefined): void {
    this.#stopWaiting = this.#parts.clock.after(wedgeLimits.keyMsMax + 1, () => {
      const keys = this.#wedge.expire(Number.POSITIVE_INFINITY)
      if (target !== undefined) this.#give(keys)
    })
  }

  #give(keys: readonly KeyboardEvent[]): void {
    for (const key of keys) {
      const again = new KeyboardEvent('keydown', key)
      this.#given.add(again)
      ;(key.target ?? globalThis).dispatchEvent(again)
    }
  }
}

function stop(event: Event): void {
  event.preventDefault()
  event.stopImmediatePropagation()
}

/** The code does not stay where it was typed into by chance. */
function withoutEnd(field: HTMLInputElement, scan: string): void {
  if (!field.value.endsWith(scan)) return
  field.value = field.value.slice(0, -scan.length)
  field.dispatchEvent(new Event('input', { bubbles: true }))
}
