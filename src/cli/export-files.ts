/** Writes the ledger to files piece by piece, so that a million orders need little memory. */
import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { errorText, HubError } from '../protocol/errors.ts'
import type { LedgerEntry, LedgerStore } from '../store/store.ts'
import { type CsvTable, csvTables, headerOf, rowsOf } from './export-csv.ts'

/** ms since 1970: from the first up to, and without, the second. */
export interface Period {
  from: number
  until: number
}

export interface WrittenFile {
  size: number
  /** In hex. */
  sha256: string
}

/** Entries read at once. */
const pageRows = 500
/** Text kept before it is written. */
const bufferChars = 256 * 1024

/** All entries of the ledger, in order. */
export async function* entriesOf(ledger: Pick<LedgerStore, 'after'>): AsyncGenerator<LedgerEntry> {
  let after = 0
  for (;;) {
    const page = await ledger.after(after, pageRows)
    const last = page.at(-1)
    if (last === undefined) return
    yield* page
    after = last.seq
  }
}

export const isWithin = ({ at }: LedgerEntry, { from, until }: Period): boolean => at >= from && at < until

/** Text on its way to a file, whose name shows when all of it is on the disk. */
export class TextFile {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #hash = createHash('sha256')
  #waiting: string[] = []
  #chars = 0
  #size = 0

  private constructor(path: string, handle: FileHandle) {
    this.#path = path
    this.#handle = handle
  }

  static async create(path: string): Promise<TextFile> {
    return onDisk(async () => {
      await rm(`${path}.part`, { force: true })
      return new TextFile(path, await open(`${path}.part`, 'wx', 0o600))
    })
  }

  async write(text: string): Promise<void> {
    this.#waiting.push(text)
    this.#chars += text.length
    if (this.#chars >= bufferChars) await this.#flush()
  }

  /** All of it is on the disk; `show` gives it its name. */
  async finish(): Promise<WrittenFile> {
    return onDisk(async () => {
      await this.#flush()
      await this.#handle.sync()
      await this.#handle.close()
      return { size: this.#size, sha256: this.#hash.digest('hex') }
    })
  }

  show(): Promise<void> {
    return onDisk(() => rename(`${this.#path}.part`, this.#path))
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => {})
    await rm(`${this.#path}.part`, { force: true }).catch(() => {})
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#waiting.join(''))
    this.#waiting = []
    this.#chars = 0
    this.#size += bytes.length
    this.#hash.update(bytes)
    await onDisk(() => this.#handle.writeFile(bytes))
  }
}

/** Writes to files that appear when all of them are on the disk. */
export async function withFiles<T>(
  paths: readonly string[],
  work: (files: readonly TextFile[]) => Promise<T>,
): Promise<{ result: T; written: WrittenFile[] }> {
  const files: TextFile[] = []
  try {
    for (const path of paths) files.push(await TextFile.create(path))
    const result = await work(files)
    const written: WrittenFile[] = []
    for (const file of files) written.push(await file.finish())
    for (const file of files) await file.show()
    return { result, written }
  } catch (error) {
    for (const file of files) await file.abandon()
    throw error
  }
}

/** One entry a line, as the ledger has it: whoever reads it can prove the chain. */
export const entryLine = (entry: LedgerEntry): string => `${JSON.stringify(entry)}\n`

export async function writeEntries(
  ledger: LedgerStore,
  path: string,
  period: Period,
): Promise<{ entries: number }> {
  const { result } = await withFiles([path], async ([file]) => {
    let entries = 0
    for await (const entry of entriesOf(ledger)) {
      if (!isWithin(entry, period)) continue
      entries++
      await file?.write(entryLine(entry))
    }
    return entries
  })
  return { entries: result }
}

/** `sales.csv` becomes `sales-orders.csv`, `sales-lines.csv`, `sales-payments.csv`, `sales-taxes.csv`. */
export async function writeCsv(
  ledger: LedgerStore,
  path: string,
  period: Period,
  mayWrite: (path: string) => void,
): Promise<{ files: string[]; orders: number }> {
  const stem = path.replace(/\.csv$/i, '')
  const paths = csvTables.map((table) => `${stem}-${table}.csv`)
  for (const each of paths) mayWrite(each)
  const { result } = await withFiles(paths, async (files) => {
    const tables = new CsvFiles(files)
    await tables.begin()
    for await (const entry of entriesOf(ledger)) if (isWithin(entry, period)) await tables.add(entry)
    return tables.orders
  })
  return { files: paths, orders: result }
}

/** The four tables, in the order of `csvTables`. */
export class CsvFiles {
  readonly #files: readonly TextFile[]
  orders = 0

  constructor(files: readonly TextFile[]) {
    this.#files = files
  }

  async begin(): Promise<void> {
    for (const [at, table] of csvTables.entries()) await this.#files[at]?.write(headerOf(table))
  }

  /** Other entries than orders are passed over. */
  async add(entry: LedgerEntry): Promise<void> {
    if (entry.kind !== 'order') return
    this.orders++
    const rows: Record<CsvTable, string> = rowsOf(entry)
    for (const [at, table] of csvTables.entries()) await this.#files[at]?.write(rows[table])
  }
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new HubError('store_unavailable', { reason: errorText(error) }, error)
  }
}
