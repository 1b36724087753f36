/** The webhook of alerts as a service: loaded where one is named, and no reason for a hub not to start when it cannot work. */
import { readFile } from 'node:fs/promises'
import { errorText } from '../../protocol/errors.ts'
import type { Clock } from '../clock.ts'
import type { Health } from '../health.ts'
import type { Log } from '../log.ts'
import { readSecret } from '../upstream-settings.ts'
import type { AlertSettings } from './alert-config.ts'
import type { AlertWebhook } from './alert-webhook.ts'
import type { Alerts } from './alerts.ts'

interface Tools {
  settings: AlertSettings
  alerts: Alerts
  health: Health
  hub: string
  name: string
  clock: Clock
  log: Log
  random: () => number
}

export class AlertTelling {
  readonly name = 'alert webhook'
  readonly #tools: Tools
  #webhook: AlertWebhook | undefined
  #unfollow: () => void = () => undefined

  constructor(tools: Tools) {
    this.#tools = tools
  }

  /** Never rejects: health tells. */
  async start(): Promise<void> {
    const { alerts, health, settings, ...rest } = this.#tools
    const { ca, secretEnv, secretFile, severity, webhook: url } = settings
    if (url === undefined) return
    try {
      const { AlertWebhook } = await import('./alert-webhook.ts')
      const root = ca === undefined ? undefined : await readFile(ca, 'utf8')
      const secret = () =>
        readSecret({ file: secretFile, env: secretEnv, path: 'alerts', of: 'the webhook of alerts' })
      const webhook = new AlertWebhook({ url, severity, ca: root, secret }, rest)
      this.#webhook = webhook
      this.#unfollow = alerts.onChange((change) => webhook.take(change))
    } catch (error) {
      health.report('alerts', `Nobody is told of alerts: ${errorText(error)}`)
    }
  }

  stop(): void {
    this.#unfollow()
    this.#webhook?.stop()
  }

  /** undefined where nobody is told. */
  get figures(): { waiting: number; dropped: number } | undefined {
    return this.#webhook
  }
}
