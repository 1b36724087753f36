/** Who may open a WebSocket: the guards on path, host, origin, rate and number, and what a connection brings along. */
import type { IncomingMessage } from 'node:http'
import { errorTable, HubError, toHubError } from '../../../protocol/errors.ts'
import { rpcError } from '../../../protocol/messages.ts'
import { sourceKey } from '../../access/source.ts'
import type { HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import { Rates } from '../rates.ts'
import { sessionSecret } from './authorize.ts'
import type { Connections } from './connections.ts'
import { checkOrigin, checkSecrets, checkTarget, refused, type Visitor, visitorOf } from './guards.ts'
import type { WebLimits } from './web-limits.ts'

/** A visitor whose WebSocket was let in. */
export interface SocketVisitor extends Visitor {
  /** The secret of a session, from the cookie that came with the upgrade. */
  session: string | undefined
  /** It has said a proper hello: it counts as no stranger, and not in the rate of its source. */
  greeted(): void
}

export interface UpgradeRefusal {
  status: number
  /** `{"error": …}`; empty when the status says it all. */
  body: string
}

export class Upgrades {
  readonly #hub: HubApi
  readonly #connections: Connections
  readonly #rates: Rates
  /** Path to the subprotocols that are spoken there. */
  readonly #protocols: ReadonlyMap<string, readonly string[]>

  constructor(tools: {
    hub: HubApi
    clock: Clock
    limits: WebLimits
    connections: Connections
    protocols: ReadonlyMap<string, readonly string[]>
  }) {
    this.#hub = tools.hub
    this.#protocols = tools.protocols
    this.#connections = tools.connections
    this.#rates = new Rates(tools.clock, {
      perSecond: tools.limits.upgradesPerSecondMax,
      burst: tools.limits.upgradesBurstMax,
      rememberedMax: tools.limits.ratesRememberedMax,
    })
  }

  /** Lets a visitor in, or says why not. */
  admit(request: IncomingMessage): SocketVisitor | UpgradeRefusal {
    try {
      return this.#admit(request)
    } catch (error) {
      const known = toHubError(error)
      return { status: errorTable[known.code].http, body: JSON.stringify({ error: rpcError(known) }) }
    }
  }

  #admit(request: IncomingMessage): SocketVisitor {
    const hub = this.#hub
    const visitor = visitorOf(request)
    checkTarget(hub, request, visitor)
    const protocols = this.#protocols.get(visitor.path)
    if (protocols === undefined) throw new HubError('method_unknown', { method: `GET ${visitor.path}` })
    const offered = request.headers['sec-websocket-protocol']
    if (offered !== undefined && !offered.split(',').some((name) => protocols.includes(name.trim())))
      throw new HubError('bad_request', { reason: `it does not offer the subprotocol ${protocols[0]}` })
    const key = sourceKey(visitor.source)
    if (!this.#rates.take(key)) {
      refused(hub, 'flood', visitor, {})
      throw new HubError('rate_limited')
    }
    checkOrigin(hub, visitor)
    // Before the client has sent its token: a refusal afterwards would come too late.
    checkSecrets(hub, visitor)
    const greeted = () => {
      this.#connections.vouch(request.socket)
      this.#rates.giveBack(key)
    }
    return { ...visitor, session: sessionSecret(request), greeted }
  }
}
