/** Customer displays in browsers: pages that attach to a display device, what they show, and their word that they show it. */
import { readdir } from 'node:fs/promises'
import { HubError } from '../protocol/errors.ts'
import { type DisplayShowPayload, displayShowPayloadSchema } from '../protocol/job.ts'
import type { Result } from '../protocol/methods.ts'
import type { DemoPorts } from './demo.ts'
import type { Devices, DriverCatalogue } from './devices.ts'
import type { Events } from './events.ts'

export const browserDisplayLimits = {
  /** Longest line between the driver and the pages, in bytes. */
  lineBytesMax: 256 * 1024,
  picturesMax: 50,
} as const

type End = Parameters<Parameters<DemoPorts['offer']>[1]>[0]

interface Screen {
  revision: number
  document: DisplayShowPayload | null
  pages: Set<() => void>
  end: End | undefined
  line: string
}

interface Tools {
  devices: Devices
  catalogue: DriverCatalogue
  events: Events
  ports: DemoPorts
  /** Folder of the pictures for idle times; it need not exist. */
  picturesDir: string
}

export class BrowserDisplays {
  readonly name = 'displays'
  readonly #tools: Tools
  /** By name of the page port. */
  readonly #screens = new Map<string, Screen>()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  start(): void {}

  stop(): void {
    for (const name of this.#screens.keys()) this.#tools.ports.withdraw(name)
    this.#screens.clear()
  }

  /** A page shows the device until `onClose` calls back. Throws HubError `capability_missing` for a device that is no page. */
  async attach(device: string, onClose: (listener: () => void) => void): Promise<Result<'display.attach'>> {
    const { unit, name } = this.#page(device)
    const pictures = await this.#pictures()
    const screen = this.#screen(name)
    const leave = () => {
      screen.pages.delete(leave)
      if (screen.pages.size > 0) return
      screen.end = undefined
      this.#tools.ports.withdraw(name)
    }
    screen.pages.add(leave)
    onClose(leave)
    if (screen.pages.size === 1) {
      this.#tools.ports.offer(name, (end) => this.#connected(device, screen, end))
      unit.portAppeared(this.#tools.catalogue.parsePort(unit.port))
    }
    return { name: unit.row.name, revision: screen.revision, document: screen.document, pictures }
  }

  /** A page has painted a revision. */
  shown(device: string, revision: number): void {
    const screen = this.#screens.get(this.#page(device).name)
    if (screen === undefined || screen.pages.size === 0) throw new HubError('device_absent', { device })
    screen.end?.write(Buffer.from(`${JSON.stringify({ shown: revision })}\n`))
  }

  #page(device: string) {
    const unit = this.#tools.devices.mustHave(device, 'displaying', 'display.attach')
    const { kind, target } = this.#tools.catalogue.parsePort(unit.port)
    if (kind !== 'page') throw new HubError('capability_missing', { device, kind: 'display.attach' })
    return { unit, name: target }
  }

  #screen(name: string): Screen {
    const known = this.#screens.get(name)
    if (known !== undefined) return known
    const screen: Screen = { revision: 0, document: null, pages: new Set(), end: undefined, line: '' }
    this.#screens.set(name, screen)
    return screen
  }

  /**
   * The driver's end: lines with a document each. A driver clears the display when it comes; what was shown before a page was
   * loaded again stays, under the number of that clearing.
   */
  #connected(device: string, screen: Screen, end: End): void {
    screen.end = end
    screen.line = ''
    let greeted = false
    end.onBytes((bytes) => {
      screen.line += Buffer.from(bytes).toString('utf8')
      if (screen.line.length > browserDisplayLimits.lineBytesMax) return end.close()
      const lines = screen.line.split('\n')
      screen.line = lines.pop() ?? ''
      for (const line of lines) {
        this.#show(device, screen, line, greeted)
        greeted = true
      }
    })
  }

  #show(device: string, screen: Screen, line: string, greeted: boolean): void {
    const message = JSON.parse(line) as { revision: number; document: unknown }
    const wanted = message.document === null ? null : displayShowPayloadSchema.parse(message.document)
    const document = wanted === null && !greeted ? screen.document : wanted
    screen.revision = message.revision
    screen.document = document
    this.#tools.events.publish('display.changed', { revision: message.revision, document }, device)
  }

  async #pictures(): Promise<string[]> {
    const files = await readdir(this.#tools.picturesDir).catch(() => [])
    return files
      .filter((file) => /^[^.].*\.(png|jpe?g|webp|svg)$/i.test(file))
      .sort()
      .slice(0, browserDisplayLimits.picturesMax)
      .map((file) => `/display/pictures/${encodeURIComponent(file)}`)
  }
}
