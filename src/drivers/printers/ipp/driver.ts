/** Driver for page printers that speak IPP: IPP Everywhere, AirPrint, Mopria, and CUPS queues. */
import { HubError } from '../../../protocol/errors.ts'
import {
  type Driver,
  type DriverContext,
  type DriverFault,
  defineDriver,
  type OpenDevice,
  type ProbeAnswer,
} from '../../driver.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import { IppClient } from './client.ts'
import { errorOf, getPrinter, type PrinterFacts, readPrinter, succeeded } from './operations.ts'
import { IppPages } from './pages.ts'
import { IppPrinting } from './printing.ts'
import { type IppSettings, ippSettingsSchema } from './settings.ts'

export const watchTimes = {
  /** Pause between questions to a printer that is idle and well, in ms. */
  idleMs: 15_000,
  /** Pause while a fault stands or an answer was lost, in ms. */
  closeMs: 3_000,
  /** Answers lost in a row after which the printer counts as gone. */
  lostMax: 2,
} as const

const notResponding: DriverFault = {
  code: 'not_responding',
  blocking: true,
  message: 'The printer does not answer. Check its power and its network.',
}

class IppPrinter implements OpenDevice {
  readonly capabilities = ['printing'] as const
  readonly printing: IppPrinting
  readonly #context: DriverContext<IppSettings>
  readonly #client: IppClient
  #facts: PrinterFacts | undefined
  #told = '[]'
  #lostAnswers = 0
  #cancelWatch: () => void = () => {}

  constructor(context: DriverContext<IppSettings>, imaging: Imaging) {
    const { transport, clock, device, settings } = context
    this.#context = context
    this.#client = new IppClient({ transport, clock, device, version: settings.version })
    this.printing = new IppPrinting({
      context,
      client: this.#client,
      pages: new IppPages(settings, imaging),
      facts: () => this.#known(),
      look: (signal) => this.#look(signal),
    })
  }

  async start(): Promise<void> {
    this.#client.start()
    const facts = await this.#look()
    if (this.#client.stopped) throw new HubError('stopping')
    const { name, model, firmware, formats, color, mediaDefault, mediaReady, copiesMax } = facts
    this.#context.listener.details({
      ...(model === undefined ? {} : { model }),
      ...(name === undefined ? {} : { name }),
      ...(firmware === undefined ? {} : { firmware }),
      pdf: formats.includes('application/pdf'),
      pwgRaster: formats.includes('image/pwg-raster'),
      urf: formats.includes('image/urf'),
      color,
      copiesMax,
      paper: this.#context.settings.paper,
      ...(mediaDefault === undefined ? {} : { mediaDefault }),
      ...(mediaReady.length === 0 ? {} : { mediaReady: mediaReady.slice(0, 8).join(' ') }),
    })
    this.#plan(watchTimes.idleMs)
  }

  stop(): Promise<void> {
    this.#cancelWatch()
    this.#client.stop()
    return Promise.resolve()
  }

  #known(): PrinterFacts {
    if (this.#facts === undefined) throw new HubError('device_absent', { device: this.#context.device })
    return this.#facts
  }

  async #look(signal?: AbortSignal): Promise<PrinterFacts> {
    const answer = await this.#client.ask(getPrinter, undefined, signal)
    const facts = succeeded(answer) ? readPrinter(answer) : undefined
    if (facts === undefined) {
      const reason = succeeded(answer) ? 'it does not tell its state' : errorOf(answer)
      throw new HubError('answer_invalid', { device: this.#context.device, reason })
    }
    this.#facts = facts
    this.#tell(facts.faults)
    return facts
  }

  #tell(faults: readonly DriverFault[]): void {
    const text = JSON.stringify(faults)
    if (this.#client.stopped || text === this.#told) return
    this.#told = text
    this.#context.listener.faults(faults)
  }

  #plan(ms: number): void {
    if (this.#client.stopped) return
    this.#cancelWatch = this.#context.clock.after(ms, () => void this.#round())
  }

  async #round(): Promise<void> {
    try {
      const { faults } = await this.#look()
      this.#lostAnswers = 0
      this.#plan(faults.length === 0 ? watchTimes.idleMs : watchTimes.closeMs)
    } catch {
      this.#lostAnswers += 1
      if (this.#lostAnswers >= watchTimes.lostMax) this.#tell([notResponding])
      this.#plan(watchTimes.closeMs)
    }
  }
}

export function createIppDriver({ imaging }: { imaging: Imaging }): Driver<IppSettings> {
  return defineDriver({
    id: 'ipp',
    name: 'IPP page printers',
    class: 'printer',
    paper: 'page',
    transports: ['ipp', 'memory'],
    settings: ippSettingsSchema,
    capabilities: ['printing'],
    /** Get-Printer-Attributes tells everything and changes nothing. */
    async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
      if (transport.exchange === undefined) return undefined
      const client = new IppClient({ transport, clock, device: transport.port, version: '2.0' })
      try {
        const facts = readPrinter(await client.ask(getPrinter, answerMsMax))
        if (facts === undefined) return undefined
        return { certain: true, ...(facts.model === undefined ? {} : { model: facts.model }) }
      } catch {
        return undefined
      } finally {
        client.stop()
      }
    },
    open: (context) => new IppPrinter(context, imaging),
  })
}
