/** Who may open a WebSocket: the guards on path, host, origin, rate and number, and what a connection brings along. */
import type { IncomingMessage } from 'node:http'
import { errorTable, HubError, toHubError } from '../../../protocol/errors.ts'
import { rpcError } from '../../../protocol/messages.ts'
import { protocolName } from '../../../protocol/methods.ts'
import { sourceKey } from '../../access/source.ts'
import type { HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import { sessionSecret } from './authorize.ts'
import { checkOrigin, checkSecrets, checkTarget, refused, type Visitor, visitorOf } from './guards.ts'
import { Rates } from './rates.ts'
import { Tally } from './tally.ts'
import type { WebLimits } from './web-limits.ts'

/** A visitor whose WebSocket was let in. */
export interface SocketVisitor extends Visitor {
  /** The secret of a session, from the cookie that came with the upgrade. */
  session: string | undefined
  /** No longer counted among those that have not said hello. Safe twice. */
  greeted(): void
}

export interface UpgradeRefusal {
  status: number
  /** `{"error": …}`; empty when the status says it all. */
  body: string
}

export class Upgrades {
  readonly #hub: HubApi
  readonly #limits: WebLimits
  readonly #rates: Rates
  readonly #ungreeted = new Tally()

  constructor(tools: { hub: HubApi; clock: Clock; limits: WebLimits }) {
    this.#hub = tools.hub
    this.#limits = tools.limits
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
    if (visitor.path !== '/ws') throw new HubError('method_unknown', { method: `GET ${visitor.path}` })
    const offered = request.headers['sec-websocket-protocol']
    if (offered !== undefined && !offered.split(',').some((name) => name.trim() === protocolName))
      throw new HubError('bad_request', { reason: `it does not offer the subprotocol ${protocolName}` })
    const key = sourceKey(visitor.source)
    if (!this.#rates.take(key)) throw this.#flood(visitor)
    checkOrigin(hub, visitor)
    // Before the client has sent its token: a refusal afterwards would come too late.
    checkSecrets(hub, visitor)
    if (!this.#ungreeted.enter(key, this.#limits.ungreetedPerSourceMax)) throw this.#flood(visitor)
    let counted = true
    const greeted = () => {
      if (counted) this.#ungreeted.leave(key)
      counted = false
    }
    return { ...visitor, session: sessionSecret(request), greeted }
  }

  #flood(visitor: Visitor): HubError {
    refused(this.#hub, 'flood', visitor, {})
    return new HubError('rate_limited')
  }
}
