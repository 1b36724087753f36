/** The signed archive of a period: ledger, seals, keys, tables, and a manifest that vouches for each of them. */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type TarEntry, writeTar } from '../hub/care/tar.ts'
import { systemClock } from '../hub/clock.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import type { PaidOrder } from '../protocol/till/order.ts'
import { LedgerKey, ledgerKeyName } from '../store/ledger-key.ts'
import type { LedgerKeyRow, LedgerStore, Store } from '../store/store.ts'
import { csvTables } from './export-csv.ts'
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
  entries: { count: number; first: number | null; last: number | null }
  /** Hash of the entry before the first, and of the last: the chain goes through them. */
  chain: { before: string | null; last: string | null }
  orders: number
  /** Of the period. */
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
    const keys = await store.ledger.keys()
    const { names, written, figures } = await writeParts(store.ledger, keys, work, period)
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

async function writeParts(ledger: LedgerStore, keys: readonly LedgerKeyRow[], work: string, period: Period) {
  const names = ['ledger.jsonl', 'seals.jsonl', 'keys.json', ...csvTables.map((table) => `${table}.csv`)]
  const paths = names.map((name) => join(work, name))
  const { result, written } = await withFiles(paths, async ([lines, seals, keyFile, ...tables]) => {
    const figures = new Figures()
    const csv = new CsvFiles(tables)
    await csv.begin()
    for await (const entry of entriesOf(ledger)) {
      const within = isWithin(entry, period)
      figures.count(entry, within, entry.at < period.until)
      if (!within) continue
      await lines?.write(entryLine(entry))
      await csv.add(entry)
    }
    const { first, last } = figures.entries
    if (first !== null && last !== null) {
      for await (const seal of sealsOf(ledger, first - 1)) {
        await seals?.write(`${JSON.stringify(seal)}\n`)
        // The first at or behind the last entry proves it too.
        if (seal.seq >= last) break
      }
    }
    await keyFile?.write(`${JSON.stringify(keys, undefined, 1)}\n`)
    return figures
  })
  const { entries, chain, orders, totals, grandTotals } = result
  return { names, written, figures: { entries, chain, orders, totals, grandTotals } }
}

/** What the manifest tells of the entries, kept while they pass by. */
class Figures {
  readonly entries: Manifest['entries'] = { count: 0, first: null, last: null }
  readonly chain: Manifest['chain'] = { before: null, last: null }
  readonly totals: Record<string, number> = {}
  readonly grandTotals: Record<string, number> = {}
  orders = 0
  #before: string | null = null

  count(
    { seq, hash, kind, body }: { seq: number; hash: string; kind: string; body: string },
    within: boolean,
    untilNow: boolean,
  ): void {
    if (within) {
      this.entries.count++
      if (this.entries.first === null) this.chain.before = this.#before
      this.entries.first ??= seq
      this.entries.last = seq
      this.chain.last = hash
    }
    this.#before = hash
    if (kind !== 'order' || !untilNow) return
    const { register, totals } = JSON.parse(body) as PaidOrder
    this.grandTotals[register] = (this.grandTotals[register] ?? 0) + totals.total
    if (!within) return
    this.orders++
    this.totals[register] = (this.totals[register] ?? 0) + totals.total
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
