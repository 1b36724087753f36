/** Sessions of the registers: opening with counted cash, cash moves, X at any moment, closing with what was counted. */
import { HubError } from '../../protocol/errors.ts'
import type { Register, Shop } from '../../protocol/till/catalogue.ts'
import { covers } from '../../protocol/till/rights.ts'
import type { CashMove, Coins, Session, SessionReport } from '../../protocol/till/session.ts'
import { mustHaveDevice } from '../devices.ts'
import { coinSum } from '../engine/coins.ts'
import { moneyText } from '../engine/money-text.ts'
import { fingerprintOf } from '../orders/fingerprint.ts'
import { jobIdOf } from '../orders/job-ids.ts'
import type {
  Actor,
  CatalogueApi,
  PapersApi,
  PeopleApi,
  TillCaller,
  TillParams,
  TillResult,
  TillTools,
} from '../parts.ts'
import { type Approved, approvals } from './approvals.ts'
import { BlindCounts } from './blind-counts.ts'
import { drawerMethod, isSameClosing, type Judged, judge } from './closing.ts'
import { blinded, cashOutMax, reportOf } from './report.ts'

export const sessionLimits = {
  /** How often a closing is worked out anew because something was sold meanwhile, before it is `rate_limited`. */
  closeTriesMax: 10,
  /** Counts of one session, other than those before, that a blind count allows without a manager. */
  blindCountsMax: 3,
  /** How long after it was filed a cash move or an opening of the drawer that is asked for again still moves anything: its jobs may be forgotten. */
  againMs: 60 * 60_000,
} as const

interface Parts {
  tools: TillTools
  catalogue: CatalogueApi
  people: PeopleApi
  papers: PapersApi
}

export class Sessions {
  readonly #tools: TillTools
  readonly #catalogue: CatalogueApi
  readonly #people: PeopleApi
  readonly #papers: PapersApi
  /** Cash moves, one after the other. */
  #lastMove: Promise<unknown> = Promise.resolve()
  readonly #blindCounts = new BlindCounts(sessionLimits.blindCountsMax)

  constructor({ tools, catalogue, people, papers }: Parts) {
    this.#tools = tools
    this.#catalogue = catalogue
    this.#people = people
    this.#papers = papers
  }

  /** The open session of a register that may go on selling. Rejects with `session_closed`, `session_stale`. */
  async selling(register: Register): Promise<Session> {
    const { session } = await this.#tools.store.till.sessions.current(register.id)
    if (session === null) throw new HubError('session_closed', { register: register.id })
    const hours = register.sessionHoursMax
    if (hours !== undefined && this.#tools.clock.now() > Date.parse(session.openedAt) + hours * 3_600_000)
      throw new HubError('session_stale', { hours })
    return session
  }

  async open(
    params: TillParams<'till.session.open'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.session.open'>> {
    const { login, ...asked } = params
    const actor = await this.#people.authorise(caller, login, 'cashier', 'open a register')
    const { active } = this.#catalogue.must('register', asked.register)
    if (!active) throw new HubError('till_invalid', { path: 'register', reason: 'is not in use any more' })
    refuseWrongCoins(asked.coins, asked.counted, this.#catalogue.shop)
    const at = this.#tools.clock.now()
    const { repeated, ...session } = await this.#tools.store.till.sessions.open(
      {
        id: asked.id,
        register: asked.register,
        state: 'open',
        openedAt: isoTime(at),
        openedBy: actor.id,
        openingCounted: asked.counted,
        ...(asked.note !== undefined && { openingNote: asked.note }),
        closedAt: null,
        closedBy: null,
      },
      fingerprintOf('till.session.open', asked),
      at,
    )
    if (!repeated) this.#tools.publish('till.session.changed', session)
    return session
  }

  async get({ register }: TillParams<'till.session.get'>): Promise<TillResult<'till.session.get'>> {
    this.#catalogue.must('register', register)
    return this.#tools.store.till.sessions.current(register)
  }

  async list(filter: TillParams<'till.session.list'>): Promise<TillResult<'till.session.list'>> {
    return this.#tools.store.till.sessions.list(filter)
  }

  async report(
    { login, session }: TillParams<'till.session.report'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.session.report'>> {
    // Whoever looks on at the console may see figures, but is nobody's manager.
    const need = caller.role === 'monitor' ? 'minimal' : 'cashier'
    const actor = await this.#people.authorise(caller, login, need, 'see the report of a session')
    return this.#report(session, actor)
  }

  async print(
    { login, session, job }: TillParams<'till.session.print'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.session.print'>> {
    const actor = await this.#people.authorise(caller, login, 'cashier', 'print the report of a session')
    const report = await this.#report(session, actor)
    const { register } = report.session
    const printer = this.#catalogue.get('register', register)?.printer
    if (printer === undefined)
      throw new HubError('till_invalid', {
        path: 'session',
        reason: `the register ${register} has no printer`,
      })
    mustHaveDevice(this.#tools, printer, 'printing', 'session')
    await this.#papers.report(report, job, caller)
    return { job }
  }

  async close(
    params: TillParams<'till.session.close'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.session.close'>> {
    const approved = await approvals(this.#people, caller, params, 'close a register')
    for (let tries = 0; tries < sessionLimits.closeTriesMax; tries++) {
      const report = await this.#tryClose(params, approved)
      if (report !== undefined) return report
    }
    throw new HubError('rate_limited')
  }

  async moveCash(
    params: TillParams<'till.cash.move'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.cash.move'>> {
    const { id, session: sessionId, amount, reason, print } = params
    const approved = await approvals(this.#people, caller, params, 'put cash in or take it out')
    const { register } = await this.#session(sessionId)
    const { repeated, ...move } = await this.#inTurn(async () => {
      const approver = await this.#cashApprover(params, approved)
      const at = this.#tools.clock.now()
      return this.#tools.store.till.sessions.move(
        {
          ...{ id, session: sessionId, amount, reason, at: isoTime(at), by: approved.actor.id },
          ...(approver !== null && { approvedBy: approver.id }),
        },
        at,
      )
    })
    if (!repeated) this.#tools.publish('till.cash.moved', move)
    if (!this.#isFresh(Date.parse(move.at))) return move
    // Both under the id of the move: asked for again, the slip and the drawer are the same jobs.
    this.#moveDrawer(move, register, caller)
    if (print) void this.#papers.cashMove(move, register, jobIdOf('cash', id), caller)
    return move
  }

  async openDrawer(
    params: TillParams<'till.drawer.open'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.drawer.open'>> {
    const { login, id, register, reason } = params
    const actor = await this.#people.authorise(caller, login, 'cashier', 'open the drawer without a sale')
    const { drawer } = this.#catalogue.must('register', register)
    if (drawer === undefined)
      throw new HubError('till_invalid', {
        path: 'register',
        reason: `the register ${register} has no drawer`,
      })
    const { session } = await this.#tools.store.till.sessions.current(register)
    // The reason is on the disk before the drawer opens.
    const { at } = await this.#tools.store.till.sessions.drawerOpened(
      { id, register, session: session?.id ?? null, reason, by: actor.id },
      this.#tools.clock.now(),
    )
    if (this.#isFresh(at)) await this.#tools.openDrawer({ id: jobIdOf('drawer', id), device: drawer }, caller)
    return {}
  }

  /** Whoever takes out more than there should be needs a manager; what was taken out already needs nobody again. */
  async #cashApprover(
    { amount, id, session }: TillParams<'till.cash.move'>,
    approved: Approved,
  ): Promise<Actor | null> {
    if (amount > 0) return approved.by('cashier', 'put cash in')
    const { figures, register, report } = await this.#figures(session)
    const known = figures.cashMoves.some((move) => move.id === id)
    const most = cashOutMax(report, this.#isBlind(register, approved.actor))
    if (known || figures.session.state === 'closed' || -amount <= most)
      return approved.by('cashier', 'take cash out')
    return approved.by('manager', 'take out more cash than should be in the drawer')
  }

  /** Two moves at once are held against each other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastMove.then(work, work)
    this.#lastMove = turn.catch(() => {})
    return turn
  }

  async #session(id: string): Promise<Session> {
    const session = await this.#tools.store.till.sessions.get(id)
    if (session === undefined) throw new HubError('till_unknown', { kind: 'session', id })
    return session
  }

  async #report(id: string, actor: Actor): Promise<SessionReport> {
    const session = await this.#session(id)
    const closed = session.state === 'closed' ? await this.#tools.store.till.sessions.report(id) : undefined
    if (closed !== undefined) return closed
    const { report, register } = await this.#figures(id)
    return this.#isBlind(register, actor) ? blinded(report) : report
  }

  async #figures(id: string) {
    const figures = await this.#tools.store.till.sessions.figures(id)
    if (figures === undefined) throw new HubError('till_unknown', { kind: 'session', id })
    const register = this.#catalogue.get('register', figures.session.register)
    return { figures, register, report: reportOf(figures, this.#tools.clock.now(), this.#catalogue) }
  }

  #isBlind(register: Register | undefined, { right }: Actor): boolean {
    return register?.blindCount === true && !covers(right, 'manager')
  }

  /** The Z report, or undefined when something was sold or moved while it was made. */
  async #tryClose(
    params: TillParams<'till.session.close'>,
    approved: Approved,
  ): Promise<SessionReport | undefined> {
    const sessions = this.#tools.store.till.sessions
    const known = await this.#session(params.session)
    if (known.state === 'closed') return this.#closedAlready(known, params)
    const { figures, register, report } = await this.#figures(known.id)
    if (figures.session.state === 'closed') return this.#closedAlready(known, params)
    if (figures.drafts > 0) throw new HubError('session_drafts', { count: figures.drafts })
    const judged = judge(report, params.counts, register, this.#catalogue)
    const drawer = drawerMethod(register, this.#catalogue)
    const cash = params.counts.find(({ method }) => method === drawer?.id)
    refuseWrongCoins(params.coins, cash?.counted ?? 0, this.#catalogue.shop)
    const blind = this.#isBlind(register, approved.actor)
    const guessed = blind && !this.#blindCounts.allow(known.id, params.counts)
    if (guessed) await approved.by('manager', withDifference)
    if (judged.difference !== 0 && !params.acceptDifference)
      throw differenceFound(judged, blind, this.#catalogue.shop)
    const by = await approved.by(judged.beyond || guessed ? 'manager' : 'cashier', withDifference)

    // A clock that was set back ends no session before it began.
    const at = Math.max(this.#tools.clock.now(), Date.parse(known.openedAt))
    const session: Session = {
      ...figures.session,
      state: 'closed',
      closedAt: isoTime(at),
      closedBy: approved.actor.id,
    }
    const z: SessionReport = {
      ...report,
      session,
      at: isoTime(at),
      closing: {
        counts: judged.counts,
        coins: params.coins ?? null,
        note: params.note ?? null,
        approvedBy: by?.id ?? null,
      },
    }
    const closing = { lastSeq: figures.lastSeq, counted: judged.cash, session, report: z, at }
    try {
      if (!(await sessions.close(known.id, closing))) return undefined
    } catch (error) {
      // Another till was quicker, or this very request was sent twice.
      if (!(error instanceof HubError && error.code === 'session_closed')) throw error
      return this.#closedAlready(known, params)
    }
    this.#blindCounts.forget(known.id)
    this.#tools.publish('till.session.changed', session)
    return z
  }

  async #closedAlready(
    { id, register }: Session,
    params: TillParams<'till.session.close'>,
  ): Promise<SessionReport> {
    const report = await this.#tools.store.till.sessions.report(id)
    if (report === undefined || !isSameClosing(report, params))
      throw new HubError('session_closed', { register })
    return report
  }

  /** The jobs of what was filed long ago may be forgotten: asked for again they would open the drawer once more, with no entry. */
  #isFresh(at: number): boolean {
    return this.#tools.clock.now() - at <= sessionLimits.againMs
  }

  /** Cash that goes in or out needs an open drawer. That it does not open takes nothing back: the move is on the disk. */
  #moveDrawer({ id }: CashMove, register: string, caller: TillCaller): void {
    const device = this.#catalogue.get('register', register)?.drawer
    if (device === undefined) return
    this.#tools.openDrawer({ id: jobIdOf('cash-drawer', id), device }, caller).catch((error: unknown) => {
      this.#tools.log.warn({ register, move: id, error }, 'the drawer did not open for a cash move')
    })
  }
}

const withDifference = 'close a register with this difference'

const isoTime = (at: number): string => new Date(at).toISOString()

/** Throws `till_invalid` when the coins come to another sum than what was counted. */
function refuseWrongCoins(coins: Coins | undefined, counted: number, shop: Shop): void {
  if (coins === undefined) return
  const sum = coinSum(coins)
  if (sum !== counted)
    throw new HubError('till_invalid', {
      path: 'coins',
      reason: `come to ${moneyText(sum, shop)}, and ${moneyText(counted, shop)} was counted`,
    })
}

/** Who counts blindly is told that it differs, not by how much: that would be the answer. */
function differenceFound({ beyond, difference }: Judged, blind: boolean, shop: Shop): HubError {
  if (blind) return new HubError('difference_found', { difference: null, differenceText: '***' })
  return new HubError('difference_found', {
    ...{ difference, differenceText: moneyText(difference, shop) },
    right: beyond ? 'manager' : 'cashier',
  })
}
