/** Who may in, as the contract has it, over a handle to `books.db`. */
import type { BookOperations } from './books.ts'
import type { Handle } from './handle.ts'
import {
  auditRow,
  originRecord,
  originRow,
  pairCodeRecord,
  pairCodeRow,
  tokenChange,
  tokenRecord,
  tokenRow,
  userRecord,
  userRow,
} from './rows.ts'
import type { AccessStore, SessionRow, TokenRow } from './store.ts'

export function accessOver(books: Handle<BookOperations>): AccessStore {
  const tokenUses = new LastUses()
  const sessionUses = new LastUses()
  const token = (row: TokenRow): TokenRow => {
    const use = tokenUses.newerThan(row.id, row.lastUsedAt)
    if (use === undefined) return row
    return { ...row, lastUsedAt: use.at, ...(use.from !== undefined && { lastUsedFrom: use.from }) }
  }
  const session = (row: SessionRow): SessionRow => {
    const use = sessionUses.newerThan(row.id, row.lastUsedAt)
    return use === undefined ? row : { ...row, lastUsedAt: use.at }
  }
  return {
    insertToken: (row) => books.write('tokens.insert', tokenRecord(row)),
    async tokenByHash(hash) {
      const row = await books.read('tokens.byHash', hash)
      return row && token(tokenRow(row))
    },
    async tokens() {
      return (await books.read('tokens.all')).map((row) => token(tokenRow(row)))
    },
    async touchToken(id, at, from) {
      const use = tokenUses.note(id, at, from)
      books.ride(`touch ${id}`, 'tokens.touch', id, use.at, use.from ?? null)
    },
    async changeToken(id, change) {
      return token(tokenRow(await books.write('tokens.change', id, tokenChange(change))))
    },
    deleteToken(id) {
      tokenUses.forget(id)
      return books.write('tokens.delete', id)
    },
    insertPairCode: (row) => books.write('codes.insert', pairCodeRecord(row)),
    async takePairCode(hash, now) {
      const code = await books.write('codes.take', hash, now)
      return code && pairCodeRow(code)
    },
    clearPairCodes: () => books.write('codes.clear'),

    async users() {
      return (await books.read('users.all')).map(userRow)
    },
    async userByName(name) {
      const user = await books.read('users.byName', name)
      return user && userRow(user)
    },
    insertUser: (row) => books.write('users.insert', userRecord(row)),
    async changeUser(id, change) {
      return userRow(await books.write('users.change', id, change))
    },
    deleteUser: (id) => books.write('users.delete', id),
    userLoggedIn: (id, at, from) => books.write('users.loggedIn', id, at, from),
    async setUpOwner(codeKey, codeHash, row) {
      const user = await books.write('users.setUp', codeKey, codeHash, userRecord(row))
      return user && userRow(user)
    },

    insertSession: (row) => books.write('sessions.insert', row),
    async sessionByHash(hash) {
      const row = await books.read('sessions.byHash', hash)
      return row && session(row)
    },
    async sessions() {
      return (await books.read('sessions.all')).map(session)
    },
    async touchSession(id, at) {
      books.ride(`session ${id}`, 'sessions.touch', id, sessionUses.note(id, at).at)
    },
    deleteSession(id) {
      sessionUses.forget(id)
      return books.write('sessions.delete', id)
    },
    async deleteSessionsOf(user, but = '') {
      const ended = await books.write('sessions.deleteOf', user, but)
      for (const id of ended) sessionUses.forget(id)
      return ended
    },
    clearSessions: () => books.write('sessions.clear'),

    async origins() {
      return (await books.read('origins.all')).map(originRow)
    },
    putOrigin: (row) => books.write('origins.put', originRecord(row)),
    deleteOrigin: (origin) => books.write('origins.delete', origin),

    appendAudit: ({ detail, ...row }, refusal = false) =>
      books.write('audit.append', { ...row, detail: JSON.stringify(detail), refusal: refusal ? 1 : 0 }),
    finishAudit: (id, result) => books.write('audit.finish', id, result),
    countAudit: (id, count) => books.write('audit.count', id, count),
    async audit(filter) {
      return (await books.read('audit.page', filter)).map(auditRow)
    },
  }
}

/** Uses that may not be written yet, at most one for each id. */
class LastUses {
  /** Sessions come and go; what is forgotten here was written long ago. */
  readonly #idsMax = 5_000
  readonly #uses = new Map<string, { at: number; from: string | undefined }>()

  /** The later of this use and the one known before. */
  note(id: string, at: number, from?: string): { at: number; from: string | undefined } {
    const known = this.#uses.get(id)
    if (known !== undefined && known.at > at) return known
    const use = { at, from: from ?? known?.from }
    this.#uses.delete(id)
    this.#uses.set(id, use)
    const oldest = this.#uses.size > this.#idsMax ? this.#uses.keys().next().value : undefined
    if (oldest !== undefined) this.#uses.delete(oldest)
    return use
  }

  newerThan(id: string, at: number | undefined): { at: number; from: string | undefined } | undefined {
    const use = this.#uses.get(id)
    return use !== undefined && use.at >= (at ?? 0) ? use : undefined
  }

  forget(id: string): void {
    this.#uses.delete(id)
  }
}
