/** The set-up ticket: the first receipt printer that is ready tells whoever stands there how to become the owner. */
import { errorText } from '../../protocol/errors.ts'
import type { Receipt } from '../../protocol/receipt.ts'
import type { Caller } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { DeviceUnit } from '../devices/device-unit.ts'
import type { Devices } from '../devices/devices.ts'
import type { Events } from '../events.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Log } from '../log.ts'
import type { Access } from './access.ts'

export const setUpTicketLimits = {
  /** A ticket that was not printed by then stays away: the next start has another code. */
  printMsMax: 2 * 60_000,
} as const

interface Tools {
  access: Access
  devices: Devices
  events: Events
  jobs: Jobs
  clock: Clock
  log: Log
  newId: () => string
  hubName: string
  /** The address of the hub, for another machine. */
  url: () => string
}

/** The hub itself; it holds no token. */
const hubItself: Caller = { client: 'hub', name: 'hub', role: 'technician' }

export class SetUpTicket {
  readonly name = 'set-up ticket'
  readonly #tools: Tools
  readonly #tried = new Set<string>()
  #stopFollowing = () => {}
  #printing = false

  constructor(tools: Tools) {
    this.#tools = tools
  }

  start(): void {
    const { access, devices, events } = this.#tools
    if (access.setUpCode === undefined) return
    this.#stopFollowing = events.follow(({ topic, device }) => {
      if (access.setUpCode === undefined) this.stop()
      else if (device !== undefined && (topic === 'device.changed' || topic === 'device.added'))
        void this.#consider(devices.get(device))
    })
    for (const unit of devices.units()) void this.#consider(unit)
  }

  stop(): void {
    this.#stopFollowing()
  }

  async #consider(unit: DeviceUnit | undefined): Promise<void> {
    const { access, clock, devices, hubName, jobs, log, newId, url } = this.#tools
    const code = access.setUpCode
    if (code === undefined || this.#printing || unit === undefined || this.#tried.has(unit.id)) return
    if (!isReceiptPrinter(unit) || unit.state !== 'ready') return
    this.#printing = true
    this.#tried.add(unit.id)
    try {
      const receipt = setUpTicket(hubName, url(), code)
      const expiresAt = isoTime(clock.now() + setUpTicketLimits.printMsMax)
      await jobs.submit(
        { id: `setup-${newId()}`, device: unit.id, kind: 'print', payload: { receipt }, expiresAt },
        hubItself,
      )
      log.info({ device: unit.id }, 'the set-up ticket is being printed')
      this.stop()
    } catch (error) {
      log.warn({ device: unit.id, reason: errorText(error) }, 'the set-up ticket could not be printed')
      this.#printing = false
      // Another printer may do better, and may have been ready for long.
      for (const other of devices.units()) void this.#consider(other)
    }
  }
}

/** Labels and sheets are for others to find; demo printers have no paper that anybody could take in hand. */
const isReceiptPrinter = ({ demo, driver }: DeviceUnit): boolean => driver.paper === 'receipt' && !demo

/** The paper knows no language yet: its steps are told in four. */
function setUpTicket(hubName: string, url: string, code: string): Receipt {
  const spelled = `${code.slice(0, code.length / 2)}-${code.slice(code.length / 2)}`
  return {
    blocks: [
      { type: 'text', text: hubName, align: 'center', bold: true, size: 2 },
      { type: 'rule' },
      { type: 'qr', data: `${url}/#setup=${code}`, align: 'center' },
      { type: 'text', text: url, align: 'center' },
      { type: 'text', text: spelled, align: 'center', bold: true, size: 2 },
      { type: 'rule' },
      { type: 'text', text: 'Scan, or open the address, and set your password. This ticket works once.' },
      { type: 'text', text: 'Scannen oder die Adresse öffnen und Ihr Passwort festlegen. Gilt einmal.' },
      {
        type: 'text',
        text: 'Scannez ou ouvrez l’adresse et choisissez votre mot de passe. Valable une fois.',
      },
      { type: 'text', text: 'Escanee o abra la dirección y elija su contraseña. Válido una vez.' },
      { type: 'cut' },
    ],
  }
}
