/** Customer displays in browsers: pages that attach to a display device, what they show, and their word that they show it. */
import { readdir } from 'node:fs/promises'
import { z } from 'zod'
import { errorText, HubError } from '../../protocol/errors.ts'
import { type DisplayShowPayload, displayShowPayloadSchema } from '../../protocol/job.ts'
import type { Result } from '../../protocol/methods.ts'
import type { Events } from '../events.ts'
import type { Log } from '../log.ts'
import type { DemoPorts } from './demo.ts'
import type { DeviceUnit } from './device-unit.ts'
import type { Devices, DriverCatalogue } from './devices.ts'

export const browserDisplayLimits = {
  /** Longest line between the driver and the pages, in bytes. */
  lineBytesMax: 256 * 1024,
  picturesMax: 50,
  /** Pages of one display at once. */
  pagesMax: 32,
} as const

type End = Parameters<Parameters<DemoPorts['offer']>[1]>[0]

interface Screen {
  revision: number
  document: DisplayShowPayload | null
  pages: Set<() => void>
  end: End | undefined
  /** Whose document it is: the next device on this port does not inherit it. */
  owner: DeviceUnit | undefined
}

const lineSchema = z.object({ revision: z.int(), document: displayShowPayloadSchema.nullable() })

const nothingShown: Pick<Screen, 'revision' | 'document'> = { revision: 0, document: null }

interface Tools {
  devices: Devices
  catalogue: DriverCatalogue
  events: Events
  log: Log
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

  /**
   * A page shows the device until `onClose` calls back. Throws HubError `capability_missing` for a device that is no page,
   * `rate_limited` when it has too many.
   */
  async attach(device: string, onClose: (listener: () => void) => void): Promise<Result<'display.attach'>> {
    this.#page(device)
    let closed = false
    let leave = () => {
      closed = true
    }
    onClose(() => leave())
    const pictures = await this.#pictures()
    const { unit, name } = this.#page(device)
    const screen = this.#screen(name)
    if (screen.pages.size >= browserDisplayLimits.pagesMax) throw new HubError('rate_limited')
    const { revision, document } = screen.owner === unit ? screen : nothingShown
    const answer = { name: unit.row.name, revision, document, pictures }
    if (closed) return answer
    leave = () => {
      screen.pages.delete(leave)
      if (screen.pages.size > 0) return
      screen.end = undefined
      this.#tools.ports.withdraw(name)
    }
    screen.pages.add(leave)
    if (screen.pages.size === 1) this.#tools.ports.offer(name, (end) => this.#connected(name, screen, end))
    // The first page; or the device was put there while pages were waiting for one.
    if (screen.end === undefined) unit.portAppeared(this.#tools.catalogue.parsePort(unit.port))
    return answer
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
    const screen: Screen = { ...nothingShown, pages: new Set(), end: undefined, owner: undefined }
    this.#screens.set(name, screen)
    return screen
  }

  /**
   * The driver's end: lines with a document each. A driver clears the display when it comes; what was shown before a page was
   * loaded again stays, under the number of that clearing.
   */
  #connected(name: string, screen: Screen, end: End): void {
    screen.end = end
    const unit = this.#tools.devices.byPort(this.#tools.catalogue.parsePort(`page:${name}`).url)
    if (screen.owner !== unit) Object.assign(screen, nothingShown, { owner: unit })
    const decoder = new TextDecoder()
    let [text, greeted] = ['', false]
    end.onBytes((bytes) => {
      text += decoder.decode(bytes, { stream: true })
      if (text.length > browserDisplayLimits.lineBytesMax) return end.close()
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        this.#show(screen, line, greeted)
        greeted = true
      }
    })
  }

  /** What is no document is left out: nothing may be thrown into the wire that brought it. */
  #show(screen: Screen, line: string, greeted: boolean): void {
    const device = screen.owner?.id
    try {
      const { revision, document: wanted } = lineSchema.parse(JSON.parse(line))
      const document = wanted === null && !greeted ? screen.document : wanted
      screen.revision = revision
      screen.document = document
      this.#tools.events.publish('display.changed', { revision, document }, device)
    } catch (error) {
      this.#tools.log.warn({ device, reason: errorText(error) }, 'a document for the display cannot be shown')
    }
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
