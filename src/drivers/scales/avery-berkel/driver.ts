/** Driver for scales that speak Avery Berkel: ENQ and ACK, a weight asked for twice, zero and tare by command. */
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  defineDriver,
  type OpenDevice,
  type ProbeAnswer,
} from '../../driver.ts'
import { type Adjuster, done, failed } from '../common/adjuster.ts'
import type { ScaleChannel } from '../common/channel.ts'
import { type Adjusting, openScale } from '../common/device.ts'
import { Line } from '../common/line.ts'
import { isZero } from '../common/weights.ts'
import { type Answer, requests, tareRequest, zeroRequest } from './codec.ts'
import { type AveryBerkelContext, AveryBerkelLanguage, createEar } from './language.ts'
import { type AveryBerkelSettings, averyBerkelSettings } from './settings.ts'

export const averyBerkel = defineDriver<AveryBerkelSettings>({
  id: 'avery-berkel',
  name: 'Avery Berkel scales',
  class: 'scale',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '2400', format: '7E1' },
  probeLines: [
    { baud: '2400', format: '7E1' },
    { baud: '9600', format: '7E1' },
  ],
  // ENQ means something to many devices: others are asked first.
  probeRank: 75,
  settings: averyBerkelSettings,
  capabilities: ['weighing'],
  /** ENQ and DC1. A frame with a right check byte and id can only come from this language; nothing is zeroed or tared. */
  async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
    const line = new Line({ transport, clock, ear: createEar({ stripParity: true, bcc: 'xor' }) })
    line.start()
    if ((await line.ask(requests.enquiry, { msMax: answerMsMax })).kind !== 'ack') return undefined
    const data = await line.ask(requests.data, { msMax: answerMsMax })
    return data.kind === 'data' ? { certain: true } : undefined
  },
  open: (context): OpenDevice => {
    const language = new AveryBerkelLanguage(context)
    return openScale({
      context,
      language,
      adjusting: (channel, adjuster) => adjustingOf(context, language, channel, adjuster),
    })
  },
})

function adjustingOf(
  { settings }: AveryBerkelContext,
  language: AveryBerkelLanguage,
  channel: ScaleChannel<Answer, AveryBerkelSettings>,
  adjuster: Adjuster<Answer, AveryBerkelSettings>,
): Adjusting {
  if (!settings.commands) return {}
  /** What a scale says to a command is not known; what it shows afterwards is. */
  const perform = (attempt: Attempt, command: Uint8Array, onDone: (zero: boolean) => AttemptResult) =>
    adjuster.perform(attempt, {
      async send(talk) {
        talk.send(command)
        return undefined
      },
      byMeasure: ({ zero }) => onDone(zero),
    })
  return {
    zero: (attempt) =>
      perform(attempt, zeroRequest(settings.bcc), (zero) =>
        // With a tare a zero may be a net one, which says nothing of the empty scale.
        zero && !language.net ? done(true) : failed(new HubError('scale_not_zeroed')),
      ),
    async tare({ weight }: ScaleTarePayload, attempt) {
      if (weight !== undefined) {
        const reason = isZero(weight)
          ? 'a tare is cleared with the key of the scale'
          : 'it takes only the load on it as tare'
        return adjuster.unsupported('weight', reason)
      }
      // The command shows a zero also when there was nothing to tare.
      const before = await channel.exclusive(() => channel.measure({ signal: attempt.signal }))
      if (attempt.signal.aborted) return failed(new HubError('stopping'))
      if (before.kind === 'silent') return failed(channel.timeoutError())
      if (before.kind === 'weight' && isZero(before.weight.weight))
        return failed(new HubError('tare_refused'))
      return perform(attempt, tareRequest(settings.bcc), (zero) => {
        if (zero) language.net = true
        return zero ? done(true) : failed(new HubError('tare_refused'))
      })
    },
  }
}
