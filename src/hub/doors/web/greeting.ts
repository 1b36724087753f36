/** Who says hello on a WebSocket: a client by its token, or the user whose session came with the upgrade. */
import { HubError } from '../../../protocol/errors.ts'
import type { Caller, HubApi } from '../../api.ts'
import { forged } from './authorize.ts'
import { checkOrigin, refused } from './guards.ts'
import type { SocketVisitor } from './upgrades.ts'

/** Throws `unauthorized`, `request_forged`, `origin_not_allowed` (it was taken off the list meanwhile), `starting`. */
export async function whoGreets(
  hub: HubApi,
  visitor: SocketVisitor,
  token: string | undefined,
): Promise<Caller> {
  checkOrigin(hub, visitor)
  const caller =
    token === undefined ? await bySession(hub, visitor) : await hub.access.check(token, visitor.source)
  if (caller !== undefined) return { ...caller, from: visitor.source }
  refused(hub, 'token', visitor, { reason: token === undefined ? 'none' : 'unknown' })
  throw new HubError('unauthorized')
}

/** Browsers send cookies with the upgrades of foreign pages too: a session counts for pages of the hub alone. */
async function bySession(hub: HubApi, visitor: SocketVisitor): Promise<Caller | undefined> {
  if (visitor.session === undefined) return undefined
  if (visitor.origin !== visitor.own) throw forged(hub, visitor, 'its origin is not that of the hub')
  return hub.access.checkSession(visitor.session, visitor.source)
}
