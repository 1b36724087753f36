/** The SQL of access: tokens, pairing codes, users, sessions, origins, the audit log. Runs next to the database. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../protocol/errors.ts'
import {
  type AuditFilter,
  type AuditRow,
  nameKey,
  type OriginRow,
  type PairCodeRow,
  type SessionRow,
  type storeLimits,
  type TokenRow,
  type UserRow,
} from './store.ts'

type Nullable<T, K extends keyof T> = Omit<T, K> & { [P in K]: Exclude<T[P], undefined> | null }

/** Rows as the columns hold them; absent is null, lists are JSON text. */
export type TokenRecord = Omit<Nullable<Required<TokenRow>, 'lastUsedAt' | 'lastUsedFrom'>, 'devices'> & {
  devices: string | null
}
export type PairCodeRecord = Omit<Nullable<Required<PairCodeRow>, 'name'>, 'devices'> & {
  devices: string | null
}
export type UserRecord = Nullable<Required<UserRow>, 'lastLoginAt' | 'lastLoginFrom'>
export type OriginRecord = Nullable<Omit<Required<OriginRow>, 'allowed'>, 'lastSeenAt' | 'lastSeenFrom'> & {
  allowed: 0 | 1
}
export type AuditRecord = Omit<AuditRow, 'detail'> & { detail: string }
export type NewAuditRecord = Omit<AuditRecord, 'id'> & { refusal: 0 | 1 }
/** Absent fields stay. */
export type UserChange = Partial<Pick<UserRow, 'name' | 'role' | 'password'>>
export type TokenChange = { name?: string; devices?: string | null }

type AccessLimits = {
  readonly [K in keyof typeof storeLimits &
    ('auditActsMax' | 'auditRefusalsMax' | 'auditAgeMsMax' | 'sessionsMax' | 'pairCodesMax')]: number
}

/** Entries dropped by one that comes: pruning keeps up, and no single write is slow. */
const auditPruneRows = 20

export function accessOperations(db: DatabaseSync, limits: AccessLimits) {
  const tokens = tokenOperations(db, limits)
  const users = userOperations(db)
  const sessions = sessionOperations(db, limits)
  const origins = originOperations(db)
  const audit = auditOperations(db, limits)
  return {
    reads: { ...tokens.reads, ...users.reads, ...sessions.reads, ...origins.reads, ...audit.reads },
    writes: { ...tokens.writes, ...users.writes, ...sessions.writes, ...origins.writes, ...audit.writes },
  }
}

function tokenOperations(db: DatabaseSync, limits: AccessLimits) {
  const columns =
    'id, name, role, hash, created_at AS "createdAt", last_used_at AS "lastUsedAt", devices_json AS devices, last_used_from AS "lastUsedFrom"'
  const insertToken = db.prepare('INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const selectToken = db.prepare(`SELECT ${columns} FROM tokens WHERE hash = ?`)
  const selectTokens = db.prepare(`SELECT ${columns} FROM tokens ORDER BY created_at, id`)
  const touchToken = db.prepare(
    `UPDATE tokens SET last_used_from = iif(? >= coalesce(last_used_at, 0), coalesce(?, last_used_from), last_used_from),
       last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?`,
  )
  const renameToken = db.prepare('UPDATE tokens SET name = ? WHERE id = ?')
  const holdToken = db.prepare('UPDATE tokens SET devices_json = ? WHERE id = ?')
  const selectById = db.prepare(`SELECT ${columns} FROM tokens WHERE id = ?`)
  const deleteToken = db.prepare('DELETE FROM tokens WHERE id = ?')
  const insertCode = db.prepare('INSERT OR REPLACE INTO pair_codes VALUES (?, ?, ?, ?, ?)')
  const takeCode = db.prepare(
    'DELETE FROM pair_codes WHERE hash = ? RETURNING hash, role, name, expires_at AS "expiresAt", devices_json AS devices',
  )
  const dropSurplus = db.prepare(
    'DELETE FROM pair_codes WHERE hash IN (SELECT hash FROM pair_codes ORDER BY expires_at DESC LIMIT -1 OFFSET ?)',
  )
  const dropExpired = db.prepare('DELETE FROM pair_codes WHERE expires_at <= ?')
  const clearCodes = db.prepare('DELETE FROM pair_codes')
  return {
    reads: {
      'tokens.byHash': (hash: string) => selectToken.get(hash) as unknown as TokenRecord | undefined,
      'tokens.all': () => selectTokens.all() as unknown as TokenRecord[],
    },
    writes: {
      'tokens.insert': (row: TokenRecord): void => {
        const { id, name, role, hash, createdAt, lastUsedAt, devices, lastUsedFrom } = row
        insertToken.run(id, name, role, hash, createdAt, lastUsedAt, devices, lastUsedFrom)
      },
      'tokens.touch': (id: string, at: number, from: string | null): void => {
        touchToken.run(at, from, at, id)
      },
      'tokens.change': (id: string, { name, devices }: TokenChange): TokenRecord => {
        if (selectById.get(id) === undefined) throw new HubError('token_unknown', { id })
        if (name !== undefined) renameToken.run(name, id)
        if (devices !== undefined) holdToken.run(devices, id)
        return selectById.get(id) as unknown as TokenRecord
      },
      'tokens.delete': (id: string) => deleteToken.run(id).changes === 1,
      'codes.insert': (row: PairCodeRecord): void => {
        dropSurplus.run(limits.pairCodesMax - 1)
        insertCode.run(row.hash, row.role, row.name, row.expiresAt, row.devices)
      },
      'codes.take': (hash: string, now: number) => {
        dropExpired.run(now)
        return takeCode.get(hash) as unknown as PairCodeRecord | undefined
      },
      'codes.clear': () => Number(clearCodes.run().changes),
    },
  }
}

function userOperations(db: DatabaseSync) {
  const columns =
    'id, name, role, password, created_at AS "createdAt", last_login_at AS "lastLoginAt", last_login_from AS "lastLoginFrom"'
  const select = (condition: string) => db.prepare(`SELECT ${columns} FROM users ${condition}`)
  const selectUsers = select('ORDER BY created_at, id')
  const selectById = select('WHERE id = ?')
  const selectByName = select('WHERE name_key = ?')
  const countOwners = db.prepare("SELECT count(*) AS owners FROM users WHERE role = 'owner'")
  const insertUser = db.prepare('INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const updateUser = db.prepare(
    'UPDATE users SET name = ?, name_key = ?, role = ?, password = ? WHERE id = ?',
  )
  const deleteUser = db.prepare('DELETE FROM users WHERE id = ?')
  const touchLogin = db.prepare('UPDATE users SET last_login_at = ?, last_login_from = ? WHERE id = ?')
  const endSessions = db.prepare('DELETE FROM sessions WHERE user = ?')
  const selectMeta = db.prepare('SELECT value FROM meta WHERE key = ?')
  const deleteMeta = db.prepare('DELETE FROM meta WHERE key = ?')

  const byId = (id: string) => selectById.get(id) as unknown as UserRecord | undefined
  const byName = (name: string) => selectByName.get(nameKey(name)) as unknown as UserRecord | undefined
  const mustHave = (id: string): UserRecord => {
    const user = byId(id)
    if (user === undefined) throw new HubError('user_unknown', { id })
    return user
  }
  const keepAnOwner = ({ name, role }: UserRecord): void => {
    if (role === 'owner' && Number(countOwners.get()?.owners) === 1)
      throw new HubError('owner_last', { name })
  }
  const refuseTaken = (name: string, but?: string): void => {
    const other = byName(name)
    if (other !== undefined && other.id !== but) throw new HubError('user_exists', { name: other.name })
  }
  const insert = (row: UserRecord): void => {
    const { id, name, role, password, createdAt, lastLoginAt, lastLoginFrom } = row
    insertUser.run(id, name, nameKey(name), role, password, createdAt, lastLoginAt, lastLoginFrom)
  }
  const change = (user: UserRecord, wanted: UserChange): UserRecord => {
    const { name, role, password } = { ...user, ...wanted }
    updateUser.run(name, nameKey(name), role, password, user.id)
    return mustHave(user.id)
  }
  return {
    reads: {
      'users.all': () => selectUsers.all() as unknown as UserRecord[],
      'users.byName': (name: string) => byName(name),
    },
    writes: {
      'users.insert': (row: UserRecord): void => {
        refuseTaken(row.name)
        insert(row)
      },
      'users.change': (id: string, wanted: UserChange): UserRecord => {
        const user = mustHave(id)
        if (wanted.name !== undefined) refuseTaken(wanted.name, id)
        if (wanted.role !== undefined && wanted.role !== 'owner') keepAnOwner(user)
        return change(user, wanted)
      },
      'users.delete': (id: string): void => {
        keepAnOwner(mustHave(id))
        deleteUser.run(id)
      },
      'users.loggedIn': (id: string, at: number, from: string): void => {
        touchLogin.run(at, from, id)
      },
      /** The code goes with the owner it makes, in one step: it works once, and a crash in between loses neither. */
      'users.setUp': (codeKey: string, codeHash: string, row: UserRecord): UserRecord | undefined => {
        if (selectMeta.get(codeKey)?.value !== codeHash) return undefined
        deleteMeta.run(codeKey)
        const known = byName(row.name)
        if (known === undefined) {
          insert(row)
          return mustHave(row.id)
        }
        endSessions.run(known.id)
        return change(known, { name: row.name, role: 'owner', password: row.password })
      },
    },
  }
}

function sessionOperations(db: DatabaseSync, limits: AccessLimits) {
  const columns =
    'hash, id, user, created_at AS "createdAt", last_used_at AS "lastUsedAt", from_addr AS "from", agent, expires_at AS "expiresAt"'
  const select = db.prepare(`SELECT ${columns} FROM sessions WHERE hash = ?`)
  const selectAll = db.prepare(`SELECT ${columns} FROM sessions ORDER BY created_at, id`)
  const insert = db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const dropOver = db.prepare('DELETE FROM sessions WHERE expires_at <= ? RETURNING id')
  const dropOldest = db.prepare(
    'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions ORDER BY last_used_at DESC LIMIT -1 OFFSET ?) RETURNING id',
  )
  const touch = db.prepare('UPDATE sessions SET last_used_at = max(last_used_at, ?) WHERE id = ?')
  const remove = db.prepare('DELETE FROM sessions WHERE id = ?')
  const removeOf = db.prepare('DELETE FROM sessions WHERE user = ? AND id <> ? RETURNING id')
  const removeAll = db.prepare('DELETE FROM sessions')
  return {
    reads: {
      'sessions.byHash': (hash: string) => select.get(hash) as unknown as SessionRow | undefined,
      'sessions.all': () => selectAll.all() as unknown as SessionRow[],
    },
    writes: {
      'sessions.insert': (row: SessionRow): string[] => {
        const dropped = [...dropOver.all(row.createdAt), ...dropOldest.all(limits.sessionsMax - 1)]
        const { hash, id, user, createdAt, lastUsedAt, from, agent, expiresAt } = row
        insert.run(hash, id, user, createdAt, lastUsedAt, from, agent, expiresAt)
        return dropped.map((row) => String(row.id))
      },
      'sessions.touch': (id: string, at: number): void => {
        touch.run(at, id)
      },
      'sessions.delete': (id: string) => remove.run(id).changes === 1,
      'sessions.deleteOf': (user: string, but: string) =>
        removeOf.all(user, but).map((row) => String(row.id)),
      'sessions.clear': () => Number(removeAll.run().changes),
    },
  }
}

function originOperations(db: DatabaseSync) {
  const selectAll = db.prepare(
    'SELECT origin, allowed, last_seen_at AS "lastSeenAt", last_seen_from AS "lastSeenFrom", refused FROM origins ORDER BY origin',
  )
  const replace = db.prepare('INSERT OR REPLACE INTO origins VALUES (?, ?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM origins WHERE origin = ?')
  return {
    reads: { 'origins.all': () => selectAll.all() as unknown as OriginRecord[] },
    writes: {
      'origins.put': ({ origin, allowed, lastSeenAt, lastSeenFrom, refused }: OriginRecord): void => {
        replace.run(origin, allowed, lastSeenAt, lastSeenFrom, refused)
      },
      'origins.delete': (origin: string) => remove.run(origin).changes === 1,
    },
  }
}

function auditOperations(db: DatabaseSync, limits: AccessLimits) {
  const insert = db.prepare(
    `INSERT INTO audit (at, who, role, from_addr, act, detail_json, result, count, refusal)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
  )
  const finish = db.prepare('UPDATE audit SET result = ? WHERE id = ?')
  const count = db.prepare('UPDATE audit SET count = ? WHERE id = ?')
  const dropBeyond = db.prepare(
    `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE refusal = ?1 AND id <=
       (SELECT id FROM audit WHERE refusal = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2) ORDER BY id LIMIT ?3)`,
  )
  const dropOld = db.prepare(
    'DELETE FROM audit WHERE id IN (SELECT id FROM (SELECT id, at FROM audit ORDER BY id LIMIT ?) WHERE at <= ?)',
  )
  const selectPage = db.prepare(
    `SELECT id, at, who, role, from_addr AS "from", act, detail_json AS detail, result, count FROM audit
     WHERE id < ?1 AND (?2 = '' OR instr(lower(act || ' ' || coalesce(who, '') || ' ' || coalesce(from_addr, '')), ?2) > 0)
     ORDER BY id DESC LIMIT ?3`,
  )
  return {
    reads: {
      'audit.page': ({ text, before, limit }: AuditFilter) =>
        selectPage.all(
          before ?? Number.MAX_SAFE_INTEGER,
          (text ?? '').toLowerCase(),
          limit,
        ) as unknown as AuditRecord[],
    },
    writes: {
      'audit.append': (row: NewAuditRecord): number => {
        const { at, who, role, from, act, detail, result, refusal } = row
        const added = insert.get(at, who, role, from, act, detail, result, row.count, refusal)
        const max = refusal === 1 ? limits.auditRefusalsMax : limits.auditActsMax
        dropBeyond.run(refusal, max, auditPruneRows)
        dropOld.run(auditPruneRows, at - limits.auditAgeMsMax)
        return Number(added?.id)
      },
      'audit.finish': (id: number, result: string): void => {
        finish.run(result, id)
      },
      'audit.count': (id: number, times: number): void => {
        count.run(times, id)
      },
    },
  }
}
