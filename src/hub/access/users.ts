/** Users of the console: people with a name, a password and a role. */
import { HubError } from '../../protocol/errors.ts'
import type { Params, Result } from '../../protocol/methods.ts'
import type { Store, UserRow } from '../../store/store.ts'
import { type Clock, isoTime } from '../clock.ts'
import { type Passwords, refuseWeak } from './passwords.ts'
import type { Sessions } from './sessions.ts'

interface Tools {
  store: Store
  clock: Clock
  newId: () => string
  passwords: Passwords
  sessions: Sessions
  hubName: string
}

export class Users {
  readonly #tools: Tools

  constructor(tools: Tools) {
    this.#tools = tools
  }

  async list(): Promise<Result<'user.list'>> {
    return { users: (await this.#tools.store.access.users()).map(shown) }
  }

  /** Throws `user_exists`, `password_weak`. */
  async add({ name, role, password }: Params<'user.add'>): Promise<Result<'user.add'>> {
    const { clock, hubName, newId, passwords, store } = this.#tools
    refuseWeak(password, [name, hubName])
    const row: UserRow = {
      id: newId(),
      name,
      role,
      password: await passwords.hash(password),
      createdAt: clock.now(),
    }
    await store.access.insertUser(row)
    return shown(row)
  }

  /** Throws `user_unknown`, `user_exists`, `owner_last`, `password_weak`. */
  async change({ id, name, role, password }: Params<'user.change'>): Promise<Result<'user.change'>> {
    const { hubName, passwords, sessions, store } = this.#tools
    const before = await this.#mustHave(id)
    if (password !== undefined) refuseWeak(password, [name ?? before.name, hubName])
    const hash = password === undefined ? undefined : await passwords.hash(password)
    const row = await store.access.changeUser(id, {
      ...(name !== undefined && { name }),
      ...(role !== undefined && { role }),
      ...(hash !== undefined && { password: hash }),
    })
    if (hash !== undefined || row.role !== before.role) await sessions.endOf(id)
    return shown(row)
  }

  /** Throws `user_unknown`, `owner_last`. */
  async remove(id: string): Promise<void> {
    await this.#tools.store.access.deleteUser(id)
    this.#tools.sessions.forgetOf(id)
  }

  /** The user, who knows the own password. Throws `user_unknown`, `password_wrong`. */
  async prove(id: string, password: string): Promise<UserRow> {
    const user = await this.#mustHave(id)
    if (!(await this.#tools.passwords.matches(password, user.password))) throw new HubError('password_wrong')
    return user
  }

  /** Sets a password that was looked at before; the sessions of the user end, but one. */
  async changePassword({ id }: UserRow, password: string, session: string): Promise<void> {
    const { passwords, sessions, store } = this.#tools
    await store.access.changeUser(id, { password: await passwords.hash(password) })
    await sessions.endOf(id, session)
  }

  async #mustHave(id: string): Promise<UserRow> {
    const user = (await this.#tools.store.access.users()).find((row) => row.id === id)
    if (user === undefined) throw new HubError('user_unknown', { id })
    return user
  }
}

function shown({ id, name, role, createdAt, lastLoginAt, lastLoginFrom }: UserRow): Result<'user.add'> {
  return {
    id,
    name,
    role,
    createdAt: isoTime(createdAt),
    lastLoginAt: lastLoginAt === undefined ? null : isoTime(lastLoginAt),
    lastLoginFrom: lastLoginFrom ?? null,
  }
}
