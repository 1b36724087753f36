/** One approval for one request: asked for when it is needed, and checked once, however often the figures change meanwhile. */
import { HubError } from '../../protocol/errors.ts'
import type { Approval, Right } from '../../protocol/till/people.ts'
import { covers } from '../../protocol/till/rights.ts'
import type { Actor, PeopleApi, TillCaller } from '../parts.ts'

export interface Approved {
  actor: Actor
  /** Whose right it is when the actor's own is not enough for `what`; null when it is. Throws `right_missing`, `pin_wrong`, `locked_out`. */
  by(need: Right, what: string): Promise<Actor | null>
}

/** Throws as `PeopleApi.allow` when there is not even the right of a cashier, before anything is told. */
export async function approvals(
  people: PeopleApi,
  caller: TillCaller,
  request: { login?: string | undefined; approval?: Approval | undefined },
  act: string,
): Promise<Approved> {
  const { actor, approvedBy } = await people.allow(caller, request, 'cashier', act)
  let approver = approvedBy
  return {
    actor,
    async by(need, what) {
      if (covers(actor.right, need)) return null
      if (approver !== null && covers(approver.right, need)) return approver
      if (approver !== null || request.approval === undefined)
        throw new HubError('right_missing', { right: need, act: what })
      approver = await people.approve(caller, request.approval, need, what)
      return approver
    },
  }
}
