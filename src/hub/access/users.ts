/** Users of the console: people with a name, a password and a role. */
import { HubError } from '../../protocol/errors.ts'
import type { Params, Result } from '../../protocol/methods.ts'
import type { Store, UserRow } from '../../store/store.ts'
import type { Caller } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { LockOut } from './lockout.ts'
import { type Passwords, refuseWeak } from './passwords.ts'
import type { Sessions } from './sessions.ts'

interface Tools {
  store: Store
  clock: Clock
  newId: () => string
  passwords: Passwords
  sessions: Sessions
  lockOut: LockOut
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

  /** Throws `user_unknown` for a client, which has none, `password_wrong`, `password_weak`, `locked_out`. */
  async ownPassword({ current, next }: Params<'user.password'>, caller: Caller): Promise<void> {
    const { hubName, lockOut, passwords, sessions, store } = this.#tools
    if (caller.user === undefined) throw new HubError('user_unknown', { id: caller.client })
    const right = lockOut.begin(caller.from ?? 'box')
    const user = await this.#mustHave(caller.user)
    if (!(await passwords.matches(current, user.password))) throw new HubError('password_wrong')
    right()
    refuseWeak(next, [user.name, hubName], 'next')
    await store.access.changeUser(user.id, { password: await passwords.hash(next) })
    await sessions.endOf(user.id, caller.client)
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
