/** Who sells where: the register, its session, and whoever has logged in at this till. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { newId } from '../../../protocol/client-core.ts'
import { HubError, toHubError } from '../../../protocol/errors.ts'
import type { Register } from '../../../protocol/till/catalogue.ts'
import type { Approval, Employee, Right } from '../../../protocol/till/people.ts'
import { covers } from '../../../protocol/till/rights.ts'
import type { CashMove, Coins, Session, SessionReport } from '../../../protocol/till/session.ts'
import type { UiClock } from '../../parts/time.ts'
import type { Desk, Journal, Link, Queue, Settings, Shelf } from '../contract.ts'
import { answerLost } from '../link/answers.ts'

/**
 * What is kept of a log-in. In the storage of the tab, not of the browser: a reload goes on, and whoever opens the browser the next
 * day is nobody.
 */
interface Kept {
  login: string
  employee: Employee
  locked: boolean
}
const loginKey = 'tillbridge.till.login'

interface DeskParts {
  link: Pick<Link, 'call' | 'onFresh' | 'role' | 'stage' | 'subscribe'>
  shelf: Pick<Shelf, 'get' | 'ready' | 'revision' | 'shop'>
  journal: Journal
  settings: Pick<Settings, 'lockMinutes' | 'register'>
  queue: Pick<Queue, 'add'>
  clock: UiClock
  /** sessionStorage. */
  tab: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
}

/** `null`: the hub has not said yet. */
interface Known {
  session: Session | null
  openingExpected: number
  employees: readonly Employee[]
}

export class TillDesk implements Desk {
  readonly #parts: DeskParts
  readonly #known = signal<Known | null>(null)
  readonly #login = signal<Kept | null>(null)
  #stopIdle: () => void = () => undefined

  readonly training: Signal<boolean> = signal(false)
  readonly register: ReadonlySignal<Register | undefined>
  readonly session = computed(() => this.#known.value?.session ?? null)
  readonly openingExpected = computed(() => this.#known.value?.openingExpected ?? 0)
  readonly employees = computed(() => (this.#known.value?.employees ?? []).filter(({ active }) => active))
  readonly employee = computed(() => this.#login.value?.employee ?? null)
  readonly login = computed(() => this.#login.value?.login)
  readonly stage: Desk['stage']

  constructor(parts: DeskParts) {
    this.#parts = parts
    const { settings, shelf } = parts
    this.register = computed(() => {
      shelf.revision.value
      const id = settings.register.value
      return id === null ? undefined : shelf.get('register', id)
    })
    this.stage = computed(() => {
      const known = this.#known.value
      if (this.register.value === undefined || known === null) return 'register'
      if (this.employees.value.length > 0 && this.#login.value === null) return 'login'
      if (this.#login.value?.locked) return 'locked'
      return known.session === null ? 'opening' : 'open'
    })
  }

  async start(): Promise<void> {
    const { journal, link, settings, tab } = this.#parts
    try {
      this.#login.value = JSON.parse(tab.getItem(loginKey) ?? 'null') as Kept | null
    } catch {
      this.#login.value = null
    }
    this.#login.subscribe((kept) => {
      if (kept === null) tab.removeItem(loginKey)
      else tab.setItem(loginKey, JSON.stringify(kept))
    })
    // What was last known: a till that is reloaded while the hub is gone sells on.
    const { register } = settings
    if (register.peek() !== null)
      this.#known.value = (await journal.read<Known>(`desk/${register.peek()}`)) ?? null
    link.onFresh(() => void this.#refresh())
    link.subscribe(['till.session.changed'], ({ data }) => {
      const known = this.#known.peek()
      if (data.register !== register.peek() || known === null) return
      if (data.state === 'open') this.#know({ ...known, session: data })
      else if (known.session?.id === data.id) void this.#refresh()
    })
    link.subscribe(['till.catalogue.changed'], ({ data }) => {
      if (data.kind === 'employee') void this.#refresh()
    })
  }

  may(right: Right): boolean {
    const employee = this.#login.value?.employee
    if (employee !== undefined) return covers(employee.right, right)
    if (this.employees.value.length > 0) return false
    const { role } = this.#parts.link
    const own =
      role.value === 'technician' || role.value === 'owner'
        ? 'manager'
        : this.#parts.shelf.shop.value.withoutEmployees
    return covers(own, right)
  }

  async choose(register: string): Promise<void> {
    this.#known.value = null
    this.#parts.settings.register.value = register
    await this.#refresh()
  }

  async logIn(who: { employee?: string; pin?: string; badge?: string }): Promise<void> {
    const register = this.#mustRegister().id
    const { employee, login } = await this.#parts.link.call('till.login', { register, ...who })
    const before = this.#login.peek()
    this.#login.value = { login, employee, locked: false }
    // Whoever was there before has gone: their secret is of no use any more.
    if (before !== null && before.login !== login)
      this.#parts.link.call('till.logout', { login: before.login }).catch(() => undefined)
    this.touched()
  }

  lock(): void {
    const kept = this.#login.peek()
    if (kept !== null) this.#login.value = { ...kept, locked: true }
  }

  /** Back without a PIN: only where the hub cannot be asked, or whoever it is has none. */
  unlock(): void {
    const kept = this.#login.peek()
    if (kept === null || (kept.employee.hasPin && this.#parts.link.stage.peek() === 'online')) return
    this.#login.value = { ...kept, locked: false }
    this.touched()
  }

  async logOut(): Promise<void> {
    const kept = this.#login.peek()
    this.#login.value = null
    this.training.value = false
    if (kept !== null)
      await this.#parts.link.call('till.logout', { login: kept.login }).catch(() => undefined)
    else this.#parts.settings.register.value = null
  }

  async open(counted: number, { coins, note }: { coins?: Coins; note?: string } = {}): Promise<void> {
    const session = await this.#parts.link.call('till.session.open', {
      ...this.by(),
      id: newId(),
      register: this.#mustRegister().id,
      counted,
      ...(coins !== undefined && { coins }),
      ...(note !== undefined && note !== '' && { note }),
    })
    this.#know({
      session,
      openingExpected: session.openingExpected,
      employees: this.#known.peek()?.employees ?? [],
    })
  }

  report(session?: string): Promise<SessionReport> {
    return this.#parts.link.call('till.session.report', {
      ...this.by(),
      session: session ?? this.#mustSession().id,
    })
  }

  async close(asked: Parameters<Desk['close']>[0]): Promise<SessionReport> {
    const report = await this.#parts.link.call('till.session.close', {
      ...this.by(),
      session: this.#mustSession().id,
      ...asked,
    })
    await this.#refresh()
    return report
  }

  async moveCash(amount: number, reason: string, approval?: Approval): Promise<CashMove | undefined> {
    if (this.training.value) return undefined
    const params = {
      ...this.by(),
      id: newId(),
      session: this.#mustSession().id,
      amount,
      reason,
      ...(approval !== undefined && { approval }),
    }
    const { link, queue } = this.#parts
    const sent = link.stage.peek() === 'online'
    if (sent) {
      try {
        return await link.call('till.cash.move', params)
      } catch (thrown) {
        if (!answerLost(toHubError(thrown).code)) throw thrown
      }
    }
    const state = sent ? 'doubt' : 'waiting'
    await queue.add({ method: 'till.cash.move', params, label: reason, amount, state })
    return undefined
  }

  async openDrawer(reason: string): Promise<void> {
    if (this.training.value) return
    const register = this.#mustRegister().id
    await this.#parts.link.call('till.drawer.open', { ...this.by(), id: newId(), register, reason })
  }

  touched(): void {
    this.#stopIdle()
    const minutes = this.#parts.settings.lockMinutes.peek()
    if (minutes > 0 && this.#login.peek() !== null)
      this.#stopIdle = this.#parts.clock.after(minutes * 60_000, () => this.lock())
  }

  by(): { login?: string } {
    const login = this.login.peek()
    return login === undefined ? {} : { login }
  }

  #mustRegister(): Register {
    const register = this.register.peek()
    if (register === undefined) throw new HubError('till_unknown', { kind: 'register', id: '' })
    return register
  }

  #mustSession(): Session {
    const session = this.session.peek()
    if (session === null) throw new HubError('session_closed', { register: this.register.peek()?.name ?? '' })
    return session
  }

  #know(known: Known): void {
    this.#known.value = known
    const register = this.#parts.settings.register.peek()
    if (register !== null) void this.#parts.journal.write(`desk/${register}`, known)
  }

  async #refresh(): Promise<void> {
    const { link, settings } = this.#parts
    const register = settings.register.peek()
    if (register === null || link.stage.peek() !== 'online') return
    try {
      const [{ session, openingExpected }, { employees }] = await Promise.all([
        link.call('till.session.get', { register }),
        link.call('till.employee.list', {}),
      ])
      if (settings.register.peek() !== register) return
      this.#know({ session, openingExpected, employees })
      const kept = this.#login.peek()
      const still = employees.find(({ active, id }) => active && id === kept?.employee.id)
      if (kept !== null) this.#login.value = still === undefined ? null : { ...kept, employee: still }
    } catch (thrown) {
      // The register is gone: another one has to be chosen.
      if (toHubError(thrown).code === 'till_unknown') settings.register.value = null
    }
  }
}
