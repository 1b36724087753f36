/** The SQL of the catalogue: runs next to the database; things are JSON text. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { HubError } from '../../protocol/errors.ts'
import type { CatalogueKind, Customer, Product } from '../../protocol/till/catalogue.ts'
import { type Findable, findableCustomer, findableProduct } from '../../protocol/till/search-words.ts'
import type { Append } from '../ledger.ts'
import type { ThingRow } from './catalogue-contract.ts'
import { catalogueSearch } from './catalogue-find.ts'
import { catalogueUse } from './catalogue-use.ts'

/** A thing on its way in; `doc` is its JSON. */
export interface ThingRecord {
  kind: CatalogueKind | 'shop'
  id: string
  doc: string
}

export type LargeKind = 'product' | 'customer'

export interface PageQuery {
  kind: CatalogueKind
  since: number | undefined
  after: string | undefined
  limit: number
}

/** Changed things are sorted when they are fewer; otherwise the kind is read in the order of its ids. */
const sortedChangesMax = 2_000

/** A code with the thing that has it; `quantity` is that of a pack. */
interface Code {
  code: string
  quantity: string | null
}

export function catalogueOperations(db: DatabaseSync, append: Append) {
  const selectRevision = db.prepare('SELECT revision FROM till_catalogue')
  const updateRevision = db.prepare('UPDATE till_catalogue SET revision = ?')
  const selectSmall = db.prepare(
    'SELECT kind, id, revision, doc_json AS doc FROM till_things ORDER BY kind, id',
  )
  const selectThing = db.prepare('SELECT doc_json AS doc FROM till_things WHERE kind = ? AND id = ?')
  const putThing = db.prepare('INSERT OR REPLACE INTO till_things VALUES (?, ?, ?, ?)')
  const deleteThing = db.prepare('DELETE FROM till_things WHERE kind = ? AND id = ?')
  const putRemoved = db.prepare('INSERT OR REPLACE INTO till_removed VALUES (?, ?, ?)')
  const deleteRemoved = db.prepare('DELETE FROM till_removed WHERE kind = ? AND id = ?')
  const large = { product: largeTable(db, 'product'), customer: largeTable(db, 'customer') }

  const revisionNow = () => selectRevision.get()?.revision as number
  const docOf = ({ kind, id }: ThingRecord): string | undefined =>
    isLarge(kind) ? large[kind].one(id)?.doc : (selectThing.get(kind, id)?.doc as string | undefined)

  const put = (records: readonly ThingRecord[], at?: number): number => {
    // Of one id the last counts, so that codes are those that stay.
    const last = new Map(records.map((record) => [`${record.kind} ${record.id}`, record]))
    const changed = [...last.values()].filter((record) => docOf(record) !== record.doc)
    for (const kind of ['product', 'customer'] as const)
      large[kind].refuseTakenCodes(changed.filter((record) => record.kind === kind))
    if (changed.length === 0) return revisionNow()
    const revision = revisionNow() + 1
    updateRevision.run(revision)
    // Codes that are given up first: things of one step may swap them.
    for (const { kind, id } of changed) if (isLarge(kind)) large[kind].dropCodes(id)
    for (const { kind, id, doc } of changed) {
      deleteRemoved.run(kind, id)
      if (isLarge(kind)) large[kind].put(id, doc, revision)
      else putThing.run(kind, id, revision, doc)
      if (kind === 'customer' && at !== undefined) append('customer', JSON.stringify({ id, revision }), at)
    }
    return revision
  }

  const remove = (kind: CatalogueKind, id: string): { revision: number; removed: boolean } => {
    const revision = revisionNow() + 1
    const removed = isLarge(kind) ? large[kind].remove(id, revision) : deleteThing.run(kind, id).changes === 1
    if (!removed) return { revision: revision - 1, removed }
    updateRevision.run(revision)
    putRemoved.run(kind, id, revision)
    return { revision, removed }
  }

  return {
    reads: {
      'catalogue.revision': revisionNow,
      'catalogue.small': () => selectSmall.all() as unknown as ThingRow[],
      'catalogue.page': pages(db, revisionNow),
      'catalogue.many': (kind: LargeKind, ids: readonly string[]): string[] =>
        ids.map((id) => large[kind].one(id)?.doc).filter((doc) => doc !== undefined),
      'catalogue.byCode': (kind: LargeKind, code: string) => large[kind].byCode(code),
      'catalogue.owners': (kind: LargeKind, codes: readonly string[]): [code: string, id: string][] =>
        codes.flatMap((code) => {
          const owner = large[kind].byCode(code)?.id
          return owner === undefined ? [] : [[code, owner] as [string, string]]
        }),
      ...catalogueSearch(db),
      ...catalogueUse(db),
    },
    writes: { 'catalogue.put': put, 'catalogue.remove': remove },
  }
}

export const isLarge = (kind: string): kind is LargeKind => kind === 'product' || kind === 'customer'

/** What is inactive gives its codes free: the next article may carry them. */
function codesOf(kind: LargeKind, doc: string): Code[] {
  const thing = JSON.parse(doc) as Product & Customer
  if (!thing.active) return []
  if (kind === 'customer') return thing.barcode === undefined ? [] : [{ code: thing.barcode, quantity: null }]
  return [
    ...thing.barcodes.map((code) => ({ code, quantity: null })),
    ...thing.packs.map(({ barcode, quantity }) => ({ code: barcode, quantity })),
  ]
}

const findable = (kind: LargeKind, doc: string): Findable =>
  kind === 'product' ? findableProduct(JSON.parse(doc)) : findableCustomer(JSON.parse(doc))

function largeTable(db: DatabaseSync, kind: LargeKind) {
  const table = `till_${kind}s`
  const codes = `till_${kind}_codes`
  const selectOne = db.prepare(`SELECT ord, id, doc_json AS doc FROM ${table} WHERE id = ?`)
  const selectByCode = db.prepare(
    `SELECT id, doc_json AS doc, ${kind === 'product' ? 'quantity' : 'NULL AS quantity'}
     FROM ${codes} JOIN ${table} ON ord = ${kind} WHERE code = ?`,
  )
  const upsert = db.prepare(
    `INSERT INTO ${table} (id, revision, doc_json) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, doc_json = excluded.doc_json RETURNING ord`,
  )
  const deleteOne = db.prepare(`DELETE FROM ${table} WHERE id = ? RETURNING ord`)
  const deleteCodes = db.prepare(
    `DELETE FROM ${codes} WHERE ${kind} = (SELECT ord FROM ${table} WHERE id = ?)`,
  )
  const insertCode = db.prepare(
    kind === 'product' ? `INSERT INTO ${codes} VALUES (?, ?, ?)` : `INSERT INTO ${codes} VALUES (?, ?)`,
  )
  const putSearch = db.prepare(`INSERT OR REPLACE INTO till_search VALUES ('${kind}', ?, ?, ?, ?, ?, ?)`)

  const byCode = (code: string) =>
    selectByCode.get(code) as { id: string; doc: string; quantity: string | null } | undefined
  return {
    byCode,
    one: (id: string) => selectOne.get(id) as { ord: number; id: string; doc: string } | undefined,
    /** Throws `till_invalid` for a code of a thing that is not among the records, or of two that are. */
    refuseTakenCodes(records: readonly ThingRecord[]): void {
      const ids = new Set(records.map(({ id }) => id))
      const taken = new Map<string, string>()
      for (const { id, doc } of records)
        for (const { code } of codesOf(kind, doc)) {
          const stored = byCode(code)?.id
          const owner = taken.get(code) ?? (stored !== undefined && !ids.has(stored) ? stored : undefined)
          if (owner !== undefined)
            throw new HubError('till_invalid', {
              path: codePath(kind),
              reason: takenCode(kind, code, owner, id),
            })
          taken.set(code, id)
        }
    },
    dropCodes: (id: string) => deleteCodes.run(id),
    put(id: string, doc: string, revision: number): void {
      const ord = upsert.get(id, revision, doc)?.ord as number
      for (const { code, quantity } of codesOf(kind, doc))
        insertCode.run(...(kind === 'product' ? [code, ord, quantity] : [code, ord]))
      const { rank, names, codes: found, category } = findable(kind, doc)
      putSearch.run(ord, revision, rank, names, found, category)
    },
    remove(id: string, revision: number): boolean {
      const ord = deleteOne.get(id)?.ord as number | undefined
      if (ord === undefined) return false
      // Stays as a mark, so that every search forgets it.
      putSearch.run(ord, revision, null, '', '', null)
      return true
    },
  }
}

const codePath = (kind: LargeKind): string => (kind === 'product' ? 'barcodes' : 'barcode')

const takenCode = (kind: LargeKind, code: string, owner: string, id: string): string =>
  owner === id ? `${code} is given twice` : `${code} belongs to the ${kind} ${owner} already`

function pages(db: DatabaseSync, revisionNow: () => number) {
  const source = (kind: CatalogueKind): { from: string; args: SQLInputValue[] } =>
    isLarge(kind)
      ? { from: `till_${kind}s WHERE 1`, args: [] }
      : { from: 'till_things WHERE kind = ?', args: [kind] }
  const selectRemoved = db.prepare(
    'SELECT id FROM till_removed WHERE kind = ? AND id > ? AND revision > ? ORDER BY id LIMIT ?',
  )
  const manyChanged = (kind: LargeKind, since: number): boolean =>
    db
      .prepare(`SELECT 1 FROM till_${kind}s WHERE revision > ? LIMIT 1 OFFSET ${sortedChangesMax}`)
      .get(since) !== undefined
  return ({ kind, since = 0, after = '', limit }: PageQuery) => {
    const { from, args } = source(kind)
    // The unary plus keeps the planner from the index by revision.
    const revision = isLarge(kind) && (since === 0 || manyChanged(kind, since)) ? '+revision' : 'revision'
    const things = db
      .prepare(
        `SELECT id, revision, doc_json AS doc FROM ${from} AND ${revision} > ? AND id > ? ORDER BY id LIMIT ?`,
      )
      .all(...args, since, after, limit + 1) as unknown as Omit<ThingRow, 'kind'>[]
    const removed = since === 0 ? [] : selectRemoved.all(kind, after, since, limit + 1)
    const ids = [...things.map(({ id }) => id), ...removed.map(({ id }) => id as string)].sort(byBytes)
    const next = ids.length > limit ? ids[limit - 1] : undefined
    const within = (id: string) => next === undefined || id <= next
    return {
      things: things.filter(({ id }) => within(id)).map((thing): ThingRow => ({ kind, ...thing })),
      removed: removed.map(({ id }) => id as string).filter(within),
      revision: revisionNow(),
      next,
    }
  }
}

/** As SQLite sorts ids: they are ASCII. */
const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
