/** From the configuration of an upstream to its connector. */
import type { TillTools } from '../parts.ts'
import type { Upstream } from './upstream.ts'
import { type WebhookSettings, webhookConnector } from './webhook.ts'

/** One `[[till.upstreams]]`, with a way to its secret instead of where that is. */
export interface UpstreamSettings extends WebhookSettings {
  type: 'webhook'
  /** Sends what is in the ledger already, too. */
  history: boolean
}

/** Throws `config_invalid` for what cannot work. */
export function upstreamOf(
  { type, history, ...settings }: UpstreamSettings,
  tools: Pick<TillTools, 'hub' | 'clock'>,
): Upstream {
  switch (type) {
    case 'webhook':
      return { connector: webhookConnector(settings, tools), history }
  }
}
