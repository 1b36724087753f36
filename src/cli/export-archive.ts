/** The signed archive of a period: ledger, seals, keys, tables, and a manifest that vouches for each of them. */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type TarEntry, writeTar } from '../hub/care/tar.ts'
import { systemClock } from '../hub/clock.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import { LedgerKey, ledgerKeyName } from '../store/ledger-key.ts'
import type { LedgerKeyRow, LedgerStore, Store } from '../store/store.ts'
import { csvTables, withOrder } from './export-csv.ts'
import {
  CsvFiles,
  entriesOf,
  entryLine,
  isWithin,
  type Period,
  type WrittenFile,
  withFiles,
} from './export-files.ts'

/** In `manifest.json`. Times are ISO; amounts in minor units, by register. */
interface Manifest {
  format: 1
  hub: string
  at: string
  /** Null: from the first, up to the last. */
  period: { from: string | null; until: string | null }
  /** One piece of the chain, with those in between that the clock, or a late filing, put outside the period. */
  entries: { count: number; first: number | null; last: number | null }
  /** Hash of the entry before the first, and of the last: the chain goes through them. */
  chain: { before: string | null; last: string | null }
  /** Of the period, as in the tables. */
  orders: number
  totals: Record<string, number>
  /** Since the register exists, up to the end of the period. */
  grandTotals: Record<string, number>
  files: ({ name: string } & WrittenFile)[]
  /** Id of the key in `manifest.sig`, an Ed25519 signature in base64 over the bytes of the manifest; null for none. */
  signedBy: string | null
}

const sealRows = 500

export async function writeArchive(
  store: Store,
  data: string,
  path: string,
  period: Period,
): Promise<{ manifest: Manifest; signedBy: string | null }> {
  const work = await mkdtemp(join(dirname(path), '.tillbridge-export-')).catch((error: unknown) => {
    throw new HubError('store_unavailable', { reason: errorText(error) }, error)
  })
  try {
    const { names, written, figures, keys } = await writeParts(store.ledger, work, period)
    const key = keyOf(data, keys)
    const manifest: Manifest = {
      format: 1,
      hub: (await store.getMeta('hub')) ?? '',
      at: isoOf(systemClock.now()),
      period: {
        from: period.from === 0 ? null : isoOf(period.from),
        until: period.until === Number.MAX_SAFE_INTEGER ? null : isoOf(period.until),
      },
      ...figures,
      files: names.map((name, at) => ({ name, ...written[at]! })),
      signedBy: key?.id ?? null,
    }
    await pack(manifest, key, work, path)
    return { manifest, signedBy: manifest.signedBy }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function writeParts(ledger: LedgerStore, work: string, period: Period) {
  const names = ['ledger.jsonl', 'seals.jsonl', 'keys.json', ...csvTables.map((table) => `${table}.csv`)]
  const paths = names.map((name) => join(work, name))
  const { result, written } = await withFiles(paths, async ([lines, seals, keyFile, ...tables]) => {
    const span = await ledger.span(period.from, period.until)
    const figures = new Figures(span)
    const csv = new CsvFiles(tables)
    await csv.begin()
    for await (const entry of entriesOf(ledger)) {
      const within = isWithin(entry, period)
      // What the till writes meanwhile is of the next archive.
      if (within && (span === undefined || entry.seq > span.last)) break
      if (figures.count(entry, within, entry.at < period.until)) await lines?.write(entryLine(entry))
      if (within) await csv.add(entry)
    }
    if (span !== undefined) {
      for await (const seal of sealsOf(ledger, span.first - 1)) {
        await seals?.write(`${JSON.stringify(seal)}\n`)
        // The first at or behind the last entry proves it too.
        if (seal.seq >= span.last) break
      }
    }
    const keys = await ledger.keys()
    await keyFile?.write(`${JSON.stringify(keys, undefined, 1)}\n`)
    return { figures, keys }
  })
  const { entries, chain, orders, totals, grandTotals } = result.figures
  return { names, written, keys: result.keys, figures: { entries, chain, orders, totals, grandTotals } }
}

/** What the manifest tells of the entries, kept while they pass by. */
class Figures {
  readonly entries: Manifest['entries']
  readonly chain: Manifest['chain'] = { before: null, last: null }
  readonly totals: Record<string, number> = {}
  readonly grandTotals: Record<string, number> = {}
  orders = 0
  #before: string | null = null

  constructor(span: { first: number; last: number } | undefined) {
    this.entries = { count: 0, first: span?.first ?? null, last: span?.last ?? null }
  }

  /** True for an entry that is in the archive. */
  count(
    entry: { seq: number; hash: string; kind: string; body: string },
    within: boolean,
    untilNow: boolean,
  ): boolean {
    const { seq, hash, kind } = entry
    const { first, last } = this.entries
    const taken = first !== null && last !== null && seq >= first && seq <= last
    if (taken) {
      if (seq === first) this.chain.before = this.#before
      this.entries.count++
      this.chain.last = hash
    }
    this.#before = hash
    if (kind === 'order' && untilNow) {
      const [register, total] = withOrder(entry, (order) => [order.register, order.totals.total] as const)
      this.grandTotals[register] = (this.grandTotals[register] ?? 0) + total
      if (within) {
        this.orders++
        this.totals[register] = (this.totals[register] ?? 0) + total
      }
    }
    return taken
  }
}

async function* sealsOf(ledger: LedgerStore, from: number) {
  let after = from
  for (;;) {
    const page = await ledger.seals(after, sealRows)
    const last = page.at(-1)
    if (last === undefined) return
    yield* page
    after = last.seq
  }
}

/** The key of the box, when the ledger knows it. */
function keyOf(data: string, keys: readonly LedgerKeyRow[]): LedgerKey | undefined {
  const key = LedgerKey.existing(join(data, ledgerKeyName))
  return key !== undefined && keys.some(({ id }) => id === key.id) ? key : undefined
}

async function pack(
  manifest: Manifest,
  key: LedgerKey | undefined,
  work: string,
  path: string,
): Promise<void> {
  const text = `${JSON.stringify(manifest, undefined, 1)}\n`
  const small = (name: string, content: string): TarEntry => {
    const bytes = Buffer.from(content)
    return { name, size: bytes.length, content: [bytes] }
  }
  const entries: TarEntry[] = [
    small('manifest.json', text),
    ...(key === undefined ? [] : [small('manifest.sig', key.sign(text))]),
    ...manifest.files.map(({ name, size }) => ({ name, size, content: createReadStream(join(work, name)) })),
  ]
  const unfinished = join(work, 'archive.tar')
  const tar = writeTar(entries, Date.parse(manifest.at))
  try {
    await pipeline(tar, createWriteStream(unfinished, { flags: 'wx', mode: 0o600, flush: true }))
    await rename(unfinished, path)
  } catch (error) {
    throw new HubError('store_unavailable', { reason: errorText(error) }, error)
  }
}

const isoOf = (ms: number): string => new Date(ms).toISOString()
