/** Driver for devices that speak the template language. */
import { type DriverContext, defineDriver, type OpenDevice } from '../../../src/drivers/driver.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { capabilities, createParts, deviceClass, onUnasked } from './capability.ts'
import { AnswerReader, encodeCommand } from './codec.ts'
import { Link } from './link.ts'
import { type TemplateLanguageSettings, templateLanguageSettings } from './settings.ts'

const identityForm = /^I([A-Z0-9 -]{1,40})$/

export const templateLanguage = defineDriver<TemplateLanguageSettings>({
  id: 'template-language',
  name: 'Template language',
  class: deviceClass,
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: templateLanguageSettings,
  capabilities,
  async probe(transport, { clock, answerMsMax }) {
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    const reader = new AnswerReader()
    transport.onBytes((bytes) => resolve(reader.push(bytes).find((line) => identityForm.test(line))))
    const cancel = clock.after(answerMsMax, () => resolve(undefined))
    transport.write(encodeCommand('I')).catch(() => resolve(undefined))
    const model = identityForm.exec((await promise) ?? '')?.[1]
    cancel()
    return model === undefined ? undefined : { model, certain: true }
  },
  open(context): OpenDevice {
    const link = new Link(context, (line) => onUnasked(line, context.listener))
    return { capabilities, ...createParts(link), start: () => start(link, context), stop: () => stop(link) }
  },
})

async function start(
  link: Link,
  { device, listener }: DriverContext<TemplateLanguageSettings>,
): Promise<void> {
  link.start()
  const answer = await link.ask('I')
  // The answer may have come in the moment before the stop; nothing is told after it.
  if (link.stopped) throw new HubError('stopping')
  const model = identityForm.exec(answer)?.[1]
  if (model === undefined) throw new HubError('answer_invalid', { device, reason: 'it did not say its name' })
  listener.details({ model })
}

async function stop(link: Link): Promise<void> {
  link.stop()
}
