/** Searching the catalogue: the index of this thread follows the tables by revision, then tells which rows are wanted. */
import type { DatabaseSync } from 'node:sqlite'
import { customerTerms, type Findable, productTerms } from '../../protocol/till/search-words.ts'
import type { SearchQuery } from './catalogue-contract.ts'
import { SearchIndex } from './catalogue-search.ts'

export function catalogueSearch(db: DatabaseSync) {
  const products = followed(db, 'product')
  const customers = followed(db, 'customer')
  return {
    'catalogue.searchProducts': ({ text, category, favourites, limit }: SearchQuery): string[] =>
      products({
        terms: productTerms(text),
        categories: category === undefined ? undefined : new Set(category),
        // Ranks of favourites begin with 0.
        rankPrefix: favourites === true ? '0' : '',
        limit,
      }),
    'catalogue.searchCustomers': ({ text, limit }: SearchQuery): string[] =>
      customers({ terms: customerTerms(text), categories: undefined, rankPrefix: '', limit }),
  }
}

const gone: Findable = { rank: null, names: '', codes: '', category: null }

type Changed = Findable & { ord: number; revision: number }

function followed(db: DatabaseSync, kind: 'product' | 'customer') {
  const selectRevision = db.prepare('SELECT revision FROM till_catalogue')
  // In the order of rank, so that the first filling only appends.
  const selectChanged = db.prepare(
    `SELECT ord, revision, rank, names, codes, category FROM till_search
     WHERE kind = '${kind}' AND revision > ? ORDER BY rank`,
  )
  const selectDoc = db.prepare(`SELECT doc_json AS doc FROM till_${kind}s WHERE ord = ?`)
  const selectOne = db.prepare(
    `SELECT ord, revision, rank, names, codes, category FROM till_search WHERE kind = '${kind}' AND ord = ?`,
  )
  const selectWritten = db.prepare('SELECT total_changes() AS changes')
  const index = new SearchIndex()
  let known = 0
  /** Seen within a transaction that may have been undone since. */
  const doubtful = new Set<number>()

  const follow = () => {
    for (const ord of doubtful) index.put(ord, (selectOne.get(ord) as Changed | undefined) ?? gone)
    doubtful.clear()
    const now = selectRevision.get()?.revision as number
    if (now === known) return
    // A thread that only reads sees nothing that can still be undone.
    const undoable = db.isTransaction && (selectWritten.get()?.changes as number) > 0
    for (const row of selectChanged.iterate(known) as Iterable<Changed>) {
      index.put(row.ord, row)
      if (undoable) doubtful.add(row.ord)
    }
    if (!undoable) known = now
  }
  return (filter: Parameters<SearchIndex['search']>[0]): string[] => {
    follow()
    return index
      .search(filter)
      .map((ord) => selectDoc.get(ord)?.doc as string | undefined)
      .filter((doc) => doc !== undefined)
  }
}
