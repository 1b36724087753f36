/** Driver for scales that speak Toledo 8217: Mettler Toledo Ariva, Viva, Diva, and many others in that mode. */
import { defineDriver, type ProbeAnswer } from '../../driver.ts'
import { openScale } from '../common/device.ts'
import { Line } from '../common/line.ts'
import { Toledo8217Adjusting } from './adjusting.ts'
import { answerEar, echo, Toledo8217Language } from './language.ts'
import { type Toledo8217Settings, toledo8217Settings } from './settings.ts'

export const toledo8217 = defineDriver<Toledo8217Settings>({
  id: 'toledo-8217',
  name: 'Toledo 8217 scales',
  class: 'scale',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '7E1' },
  settings: toledo8217Settings,
  capabilities: ['weighing'],
  probeLines: [
    { baud: '9600', format: '7E1' },
    { baud: '9600', format: '8N1' },
  ],
  // First of all: what it sends is harmless, and nothing else echoes only after it.
  probeRank: 10,
  /**
   * `Ehello` in echo mode comes back; nothing is weighed, zeroed or tared. A scale without echo mode answers each letter with its
   * status: it may be one, and is to be asked in no language that has a capital of this one in its questions.
   */
  async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
    const ear = answerEar(true)
    let toldStatus = false
    const overhear = (frame: Uint8Array) => {
      toldStatus ||= ear.parse(frame)?.kind === 'status'
      return false
    }
    const line = new Line({ transport, clock, ear, overhear })
    line.start()
    const { echoed, ended } = await echo(line, 'hello', answerMsMax)
    // A loop of wire and a console send all back, and answer nothing.
    if (echoed && ended) return { certain: true }
    return toldStatus ? { certain: false } : undefined
  },
  open: (context) =>
    openScale({
      context,
      language: new Toledo8217Language(context),
      adjusting: (channel, adjuster) => new Toledo8217Adjusting(channel, adjuster),
    }),
})
