/** When an order was paid, and in which session, if that was without the hub and the session is closed meanwhile. */
import type { Session } from '../../protocol/till/session.ts'
import type { TillParams } from '../parts.ts'
import type { Desk } from './desk.ts'
import { iso } from './documents.ts'
import { invalid } from './errors.ts'
import { orderLimits } from './parts.ts'

interface Moment {
  /** ms since 1970. */
  at: number
  /** The session that it was paid in; absent for the one that is open. */
  lateFor?: string
}

/** A till whose clock is a little ahead is taken at the time of the hub. Throws `till_invalid` with the path `paidAt`. */
export async function momentOf(
  desk: Desk,
  { number, paidAt }: Pick<TillParams<'till.order.pay'>, 'number' | 'paidAt'>,
  session: Session,
): Promise<Moment> {
  const { now } = desk
  if (paidAt === undefined) return { at: now }
  const at = Date.parse(paidAt)
  if (at > now + orderLimits.clockAheadMsMax)
    throw invalid('paidAt', `lies in the future; it is ${iso(now)} here. Set the clock of the till`)
  if (at >= Date.parse(session.openedAt)) return { at: Math.min(at, now) }
  if (number === undefined)
    throw invalid('paidAt', `is before the register was opened, at ${session.openedAt}`)
  const paidIn = await sessionBefore(desk, session.register, at)
  if (paidIn === undefined) throw invalid('paidAt', 'is before the register was opened for the first time')
  return { at, lateFor: paidIn.id }
}

/** The last one that was opened by then: a till without the hub sells on, not knowing that it was closed. */
async function sessionBefore(desk: Desk, register: string, at: number): Promise<Session | undefined> {
  const { sessions } = desk.parts.tools.store.till
  let before: string | undefined
  do {
    const page = await sessions.list({ register, limit: orderLimits.sessionsPage, before })
    const found = page.sessions.find(({ openedAt }) => Date.parse(openedAt) <= at)
    if (found !== undefined) return found
    before = page.next
  } while (before !== undefined)
  return undefined
}
