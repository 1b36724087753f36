/** A small display language for tests of the hub: lines of JSON to pages, and their word that they have painted one. */
import { z } from 'zod'
import {
  type Attempt,
  type AttemptResult,
  type Driver,
  type DriverContext,
  defineDriver,
  type OpenDevice,
  type Profile,
} from '../../src/drivers/driver.ts'
import type { DisplayShowPayload } from '../../src/protocol/job.ts'

class PageDisplay implements OpenDevice {
  readonly capabilities = ['displaying'] as const
  readonly #context: DriverContext<object>
  #revision = 0
  #shown: ((revision: number) => void) | undefined

  constructor(context: DriverContext<object>) {
    this.#context = context
  }

  async start(): Promise<void> {
    this.#context.transport.onBytes((bytes) => {
      for (const line of Buffer.from(bytes).toString().split('\n').filter(Boolean))
        this.#shown?.((JSON.parse(line) as { shown: number }).shown)
    })
  }

  async stop(): Promise<void> {}

  readonly displaying = {
    show: (document: DisplayShowPayload, attempt: Attempt): Promise<AttemptResult> =>
      this.#show(document, attempt),
    clear: (attempt: Attempt): Promise<AttemptResult> => this.#show(null, attempt),
  }

  async #show(document: DisplayShowPayload | null, attempt: Attempt): Promise<AttemptResult> {
    const revision = ++this.#revision
    attempt.sending()
    const shown = new Promise<void>((resolve) => {
      this.#shown = (painted) => (painted >= revision ? resolve() : undefined)
    })
    await this.#context.transport.write(Buffer.from(`${JSON.stringify({ revision, document })}\n`))
    await shown
    return { state: 'done', outcome: { confirmed: true } }
  }
}

const driver = defineDriver<object>({
  id: 'page-display',
  name: 'Page of the tests',
  class: 'display',
  transports: ['page', 'memory'],
  settings: z.strictObject({}),
  capabilities: ['displaying'],
  open: (context) => new PageDisplay(context),
})

const profile: Profile = {
  id: 'generic',
  driver: 'page-display',
  name: 'Page',
  maker: 'Tests',
  settings: {},
  quirks: [],
  sources: ['tests/support/page-display.ts'],
}

export const pageDisplay: { driver: Driver; profiles: readonly Profile[] } = {
  driver: driver as Driver,
  profiles: [profile],
}
