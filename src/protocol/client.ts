/** The typed client of a hub, for browsers and Node: what tills import, with the pairing and the walls of browsers. */
import { type ClientOptions, type CoreClient, createCoreClient, systemClock } from './client-core.ts'
import { type PairOptions, pairBy } from './client-pairing.ts'
import type { ClientFetch } from './client-requests.ts'
import {
  type DiagnoseOptions,
  type Diagnosis,
  diagnoseBy,
  diagnoseRefusal,
  type PageLocation,
  type PagePermissions,
} from './client-walls.ts'
import type { Role } from './methods.ts'

export type {
  ClientClock,
  ClientSocketConstructor,
  ClientStatus,
  StatusListener,
} from './client-connection.ts'
export {
  type CallOptions,
  type ClientOptions,
  clientJobTimes,
  type JobRequest,
  newId,
} from './client-core.ts'
export type { EventOf, TopicPattern, TopicsOf } from './client-events.ts'
export type { PairOptions } from './client-pairing.ts'
export { type HubPlaces, hubUrls } from './client-urls.ts'
export type { DiagnoseOptions, Diagnosis, FindingName, Wall } from './client-walls.ts'

export interface HubClient extends CoreClient {
  /** What stands in the way while this client is not online. Never rejects. */
  whyOffline(options?: Omit<DiagnoseOptions, 'url' | 'token'>): Promise<Diagnosis>
}

/** The one of the page, called as it wants to be: as a function of the window. */
const pageFetch: ClientFetch = (url, init) => fetch(url, init as RequestInit)

/** Makes a client. Nothing happens before `connect`. Throws HubError `params_invalid` for a url that is none. */
export function createClient(options: ClientOptions): HubClient {
  const { url, token, clock } = options
  const client = createCoreClient(options) as HubClient
  client.whyOffline = async (more = {}) =>
    client.refusal === undefined
      ? diagnose({ ...(clock === undefined ? {} : { clock }), ...more, url, token })
      : diagnoseRefusal(client.refusal, url)
  return client
}

/**
 * Redeems a pairing code of the console for a token. The token is shown this once: keep it. Rejects with HubError:
 * `pair_code_invalid`, `locked_out {seconds}`, `setup_required`, `origin_not_allowed`, `tls_required {url}`, `params_invalid
 * {path}`, `connection_lost` (ask `diagnose` why), `request_timeout`.
 */
export function pairWithHub(options: PairOptions): Promise<{ token: string; role: Role }> {
  return pairBy(options, { fetch: options.fetch ?? pageFetch, clock: options.clock ?? systemClock })
}

/**
 * Which wall stands between this page and the hub, and what to do about it. Asks the hub, up to 15 s a step, and may make
 * the browser ask its user. Rejects only with HubError `params_invalid`, for a url that is none.
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const page = globalThis as { navigator?: { permissions?: PagePermissions }; location?: PageLocation }
  return diagnoseBy(options, {
    fetch: options.fetch ?? pageFetch,
    clock: options.clock ?? systemClock,
    permissions:
      options.permissions === undefined ? (page.navigator?.permissions ?? null) : options.permissions,
    location: options.location === undefined ? (page.location ?? null) : options.location,
  })
}
