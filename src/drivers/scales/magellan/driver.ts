/** Driver for Datalogic Magellan scanner scales with both on a single cable (RS-232 or USB-COM): weights asked for, labels between. */
import { defineDriver, type OpenDevice, type ProbeAnswer, type Weighing } from '../../driver.ts'
import { openScale } from '../common/device.ts'
import { Line } from '../common/line.ts'
import { endBytes, request } from './codec.ts'
import { type MagellanContext, MagellanLanguage } from './language.ts'
import { type MagellanSettings, magellanSettings } from './settings.ts'

export const magellan = defineDriver<MagellanSettings>({
  id: 'magellan',
  name: 'Datalogic Magellan scanner scales (single cable)',
  class: 'scale',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '7E1' },
  probeLines: [
    { baud: '9600', format: '7E1' },
    { baud: '9600', format: '8N1' },
  ],
  probeRank: 45,
  settings: magellanSettings,
  capabilities: ['weighing', 'scanning'],
  /** `S14`: the state of the scale. Nothing is zeroed, and labels that come in meanwhile are nobody's yet. */
  async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
    const settings = magellanSettings.parse({})
    const { ear } = new MagellanLanguage({ settings, clock } as MagellanContext)
    const state: typeof ear = {
      framer: ear.framer,
      parse(message) {
        const answer = ear.parse(message)
        return answer?.kind === 'invalid' ? undefined : answer
      },
    }
    const line = new Line({ transport, clock, ear: state })
    line.start()
    // The end alone first: it ends what other languages may have left in the scale's ear.
    const anew = Uint8Array.from([...endBytes(settings), ...request('S14', settings)])
    const reply = await line.ask(anew, { msMax: answerMsMax })
    if (reply.kind === 'silent' || reply.kind === 'cut') return undefined
    return { maker: 'Datalogic', certain: true }
  },
  open: (context) => new Magellan(context),
})

class Magellan implements OpenDevice {
  readonly capabilities = ['weighing', 'scanning'] as const
  readonly weighing: Weighing
  readonly #context: MagellanContext
  readonly #language: MagellanLanguage
  readonly #scale: OpenDevice

  constructor(context: MagellanContext) {
    this.#context = context
    this.#language = new MagellanLanguage(context)
    this.#scale = openScale({ context, language: this.#language })
    this.weighing = this.#scale.weighing as Weighing
  }

  async start(): Promise<void> {
    void this.#context.transport.closed.then(() => this.stop())
    this.#language.command(this.#context.settings.enableCommand)
    await this.#scale.start()
  }

  async stop(): Promise<void> {
    this.#language.stopped = true
    await this.#scale.stop()
  }
}
