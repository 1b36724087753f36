/** People at the till: who is employed, who has logged in, and what they may do. */
import { HubError } from '../../protocol/errors.ts'
import type { Approval, Employee, Right } from '../../protocol/till/people.ts'
import { covers } from '../../protocol/till/rights.ts'
import type { EmployeeRow, LoginRow } from '../../store/store.ts'
import type {
  Actor,
  CatalogueApi,
  PeopleApi,
  TillCaller,
  TillParams,
  TillResult,
  TillTools,
} from '../parts.ts'
import { FormerNames } from './former.ts'
import { Identification } from './identification.ts'
import { Pins } from './pins.ts'
import { badgeHash, badgeSalt, loginHash, newLogin } from './secrets.ts'

export const peopleLimits = {
  /** Employees of a shop: they are all kept in memory. */
  employeesMax: 2_000,
} as const

export class People implements PeopleApi {
  readonly #tools: TillTools
  readonly #catalogue: Pick<CatalogueApi, 'shop' | 'revision' | 'must'>
  readonly #pins = new Pins()
  readonly #identification: Identification
  readonly #former: FormerNames
  #employees = new Map<string, EmployeeRow>()
  #logins = new Map<string, LoginRow>()
  #salt = ''
  /** Changes of employees and new log-ins, one after the other: none rests on what another is changing. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(tools: TillTools, catalogue: Pick<CatalogueApi, 'shop' | 'revision' | 'must'>) {
    this.#tools = tools
    this.#catalogue = catalogue
    this.#former = new FormerNames(tools.store)
    this.#identification = new Identification({
      tools,
      pins: this.#pins,
      employee: (id) => this.#employees.get(id),
      byBadge: (badge) => {
        const hash = badgeHash(this.#salt, badge)
        return [...this.#employees.values()].find((row) => row.badge === hash)
      },
    })
  }

  /** Reads who is employed and logged in. */
  async start(): Promise<void> {
    const { people } = this.#tools.store.till
    this.#salt = await badgeSalt(this.#tools.store)
    const [employees, logins] = await Promise.all([people.employees(), people.logins(), this.#former.load()])
    this.#employees = new Map(employees.map((row) => [row.id, row]))
    this.#logins = new Map(logins.map((row) => [row.hash, row]))
  }

  get hasEmployees(): boolean {
    return this.#employees.size > 0
  }

  nameOf(id: string): string {
    return this.#employees.get(id)?.name ?? this.#former.of(id) ?? id
  }

  async authorise(caller: TillCaller, login: string | undefined, need: Right, act: string): Promise<Actor> {
    const actor = this.#actor(caller, login)
    if (!covers(actor.right, need)) throw new HubError('right_missing', { right: need, act })
    return actor
  }

  async approve(caller: TillCaller, approval: Approval, need: Right, act: string): Promise<Actor> {
    const { id, name, right } = await this.#identification.of(caller, approval, 'approval.')
    if (!covers(right, need)) throw new HubError('right_missing', { right: need, act })
    return { id, name, right }
  }

  async allow(
    caller: TillCaller,
    { login, approval }: { login?: string | undefined; approval?: Approval | undefined },
    need: Right,
    act: string,
  ): Promise<{ actor: Actor; approvedBy: Actor | null }> {
    const actor = this.#actor(caller, login)
    if (covers(actor.right, need)) return { actor, approvedBy: null }
    if (approval === undefined) throw new HubError('right_missing', { right: need, act })
    return { actor, approvedBy: await this.approve(caller, approval, need, act) }
  }

  async list(): Promise<TillResult<'till.employee.list'>> {
    const rows = [...this.#employees.values()]
    rows.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1))
    return { employees: rows.map(employeeOf) }
  }

  async put(
    params: TillParams<'till.employee.put'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.employee.put'>> {
    await this.authorise(caller, params.login, 'manager', 'change employees')
    const { id, name, right, active, pin, badge } = params.employee
    const before = this.#employees.get(id)
    const keepsPin = pin === undefined || (pin !== null && (await this.#isPin(pin, before)))
    const hashed = keepsPin ? undefined : pin === null ? null : await this.#pins.hash(pin)
    return this.#inTurn(async () => {
      // Whoever lost the right while the PIN was hashed has lost it.
      await this.authorise(caller, params.login, 'manager', 'change employees')
      const known = this.#employees.get(id)
      if (known === undefined && this.#employees.size >= peopleLimits.employeesMax)
        throw new HubError('till_invalid', {
          path: 'employee',
          reason: `the shop has ${peopleLimits.employeesMax} employees, its limit`,
        })
      const row: EmployeeRow = {
        id,
        name,
        right,
        active,
        pin: hashed === undefined ? (known?.pin ?? null) : hashed,
        badge: badge === undefined ? (known?.badge ?? null) : badge && badgeHash(this.#salt, badge),
      }
      this.#keepAManager(row)
      await this.#tools.store.till.people.put(row)
      this.#employees.set(id, row)
      if (known !== undefined && restsOnOther(known, row))
        this.#forgetLogins((login) => login.employee === id)
      this.#changed()
      return employeeOf(row)
    })
  }

  async remove(
    params: TillParams<'till.employee.remove'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.employee.remove'>> {
    return this.#inTurn(async () => {
      const { id } = params
      await this.authorise(caller, params.login, 'manager', 'remove employees')
      const known = this.#employees.get(id)
      if (known === undefined) {
        if (this.#former.of(id) !== undefined) return {}
        throw new HubError('till_unknown', { kind: 'employee', id })
      }
      const others = [...this.#employees.values()].filter((row) => row.id !== id)
      if (others.length > 0 && !others.some(canManage))
        throw new HubError('till_in_use', {
          id,
          reason: 'nobody else who can log in is a manager; make one first, or remove the others before',
        })
      await this.#former.keep(id, known.name)
      await this.#tools.store.till.people.remove(id)
      this.#employees.delete(id)
      this.#forgetLogins((login) => login.employee === id)
      this.#changed()
      return {}
    })
  }

  async login(params: TillParams<'till.login'>, caller: TillCaller): Promise<TillResult<'till.login'>> {
    const { register, ...proof } = params
    this.#catalogue.must('register', register)
    const found = await this.#identification.of(caller, proof)
    return this.#inTurn(async () => {
      // With another PIN meanwhile, this one proves nothing any more.
      if (this.#employees.get(found.id) !== found) throw new HubError('pin_wrong')
      const login = newLogin()
      const at = this.#tools.clock.now()
      const row = { hash: loginHash(login), employee: found.id, register, client: caller.client, at }
      const dropped = await this.#tools.store.till.people.insertLogin(row)
      for (const hash of dropped) this.#logins.delete(hash)
      this.#logins.set(row.hash, row)
      return { login, employee: employeeOf(found), register }
    })
  }

  /** One that is not there, or another client's, is no error: it is not logged in here. */
  async logout(params: TillParams<'till.logout'>, caller: TillCaller): Promise<TillResult<'till.logout'>> {
    const hash = loginHash(params.login)
    if (this.#logins.get(hash)?.client !== caller.client) return {}
    await this.#tools.store.till.people.deleteLogin(hash)
    this.#logins.delete(hash)
    return {}
  }

  /** Ends what a client that has been taken off the hub was logged in with. */
  async clientGone(client: string): Promise<void> {
    await this.#inTurn(async () => {
      const hashes = this.#forgetLogins((login) => login.client === client)
      await Promise.all(hashes.map((hash) => this.#tools.store.till.people.deleteLogin(hash)))
    })
  }

  #actor(caller: TillCaller, login: string | undefined): Actor {
    const { client, name, role } = caller
    // Whoever only looks on does nothing, employees or not.
    if (role === 'monitor') return { id: name, name, right: 'minimal' }
    if (!this.hasEmployees)
      return {
        id: name,
        name,
        right: role === 'cashier' ? this.#catalogue.shop.withoutEmployees : 'manager',
      }
    if (login === undefined && role !== 'cashier') return { id: name, name, right: 'manager' }
    const row = login === undefined ? undefined : this.#logins.get(loginHash(login))
    const employee = row?.client === client ? this.#employees.get(row.employee) : undefined
    if (!employee?.active) throw new HubError('login_required')
    return { id: employee.id, name: employee.name, right: employee.right }
  }

  /** Setting the PIN that is set already ends no log-in. */
  async #isPin(pin: string, row: EmployeeRow | undefined): Promise<boolean> {
    return row?.pin != null && (await this.#pins.matches(pin, row.pin))
  }

  /** With employees, one of them must be able to manage the others: otherwise only a technician could. */
  #keepAManager(changed: EmployeeRow): void {
    const others = [...this.#employees.values()].filter((row) => row.id !== changed.id)
    if (canManage(changed) || others.some(canManage)) return
    throw new HubError('till_invalid', {
      path: 'employee',
      reason: 'no active manager with a PIN or a badge would be left; the first employee must be one',
    })
  }

  #forgetLogins(which: (login: LoginRow) => boolean): string[] {
    const gone = [...this.#logins.values()].filter(which)
    for (const { hash } of gone) this.#logins.delete(hash)
    return gone.map(({ hash }) => hash)
  }

  #changed(): void {
    this.#tools.publish('till.catalogue.changed', {
      kind: 'employee',
      revision: this.#catalogue.revision,
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

const canManage = ({ active, badge, pin, right }: EmployeeRow): boolean =>
  active && right === 'manager' && (pin !== null || badge !== null)

const restsOnOther = (before: EmployeeRow, now: EmployeeRow): boolean =>
  before.right !== now.right ||
  before.active !== now.active ||
  before.pin !== now.pin ||
  before.badge !== now.badge

const employeeOf = ({ id, name, right, active, pin, badge }: EmployeeRow): Employee => ({
  id,
  name,
  right,
  active,
  hasPin: pin !== null,
  hasBadge: badge !== null,
})
