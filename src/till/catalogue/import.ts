/** Importing many things of one kind: what is right comes in, slice by slice, what is wrong is told by its row. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { HubError } from '../../protocol/errors.ts'
import { parseBy } from '../../protocol/messages.ts'
import { tillLimits } from '../../protocol/till/amounts.ts'
import {
  type CatalogueKind,
  type CatalogueThing,
  type Customer,
  catalogueSchemas,
  type Product,
} from '../../protocol/till/catalogue.ts'
import type { CatalogueStore } from '../../store/store.ts'
import type { PeopleApi, TillCaller, TillParams, TillResult, TillTools } from '../parts.ts'
import type { Catalogue } from './catalogue.ts'
import { wrongIn } from './checks.ts'
import { type ImportProblem, type ImportRow, importRows } from './import-rows.ts'
import { isSmall, type SmallThings } from './memory.ts'

export const importLimits = {
  /** Rows in one commit: between two, sales go on. */
  sliceRows: 200,
  /** Problems told; of more only their number. */
  problemsMax: 100,
  /** Rows counted before others have their turn. */
  countedRows: 1_000,
} as const

type Report = TillResult<'till.catalogue.import'>
type Thing = CatalogueThing<CatalogueKind>

interface Checked {
  row: ImportRow
  thing: Thing
  state: 'added' | 'changed' | 'same'
}

export class CatalogueImport {
  readonly #tools: TillTools
  readonly #catalogue: Catalogue
  readonly #people: () => PeopleApi

  constructor(tools: TillTools, catalogue: Catalogue, people: () => PeopleApi) {
    this.#tools = tools
    this.#catalogue = catalogue
    this.#people = people
  }

  /** Rejects with `till_invalid` for a text of more rows than `importRowsMax`; nothing has been changed then. */
  async run(
    { login, kind, format, text, dry }: TillParams<'till.catalogue.import'>,
    caller: TillCaller,
  ): Promise<Report> {
    await this.#people().authorise(caller, login, 'manager', 'import into the catalogue')
    await refuseTooMany(importRows(kind, format, text))
    const importing = new Importing(this.#tools.store.till.catalogue, this.#catalogue, kind, dry)
    try {
      await importing.run(importRows(kind, format, text))
    } finally {
      // What came in before a full disk is there.
      if (importing.changed) this.#catalogue.announce(kind)
    }
    return importing.report
  }
}

async function refuseTooMany(rows: Generator<ImportRow>): Promise<void> {
  let count = 0
  for (const { header } of rows) {
    if (header === true) continue
    count++
    if (count > tillLimits.importRowsMax)
      throw new HubError('till_invalid', {
        path: 'text',
        reason: `has more than ${tillLimits.importRowsMax} rows; import it in parts`,
      })
    if (count % importLimits.countedRows === 0) await nextTurn()
  }
}

/** One import under way. */
class Importing {
  readonly report: Report
  readonly #store: CatalogueStore
  readonly #catalogue: Catalogue
  readonly #kind: CatalogueKind
  readonly #dry: boolean
  /** Ids and codes of this text, with the rows that have them. */
  readonly #rowOfId = new Map<string, number>()
  readonly #rowOfCode = new Map<string, number>()
  /** What would be there, when nothing is changed. */
  readonly #imagined: SmallThings | undefined
  /** Rows that may name one that comes later. */
  #again: ImportRow[] = []
  /** Rows that were counted. */
  readonly #seen = new WeakSet<ImportRow>()

  constructor(store: CatalogueStore, catalogue: Catalogue, kind: CatalogueKind, dry: boolean) {
    this.#store = store
    this.#catalogue = catalogue
    this.#kind = kind
    this.#dry = dry
    this.#imagined = dry ? catalogue.surroundings.small.copy() : undefined
    this.report = { kind, rows: 0, added: 0, changed: 0, same: 0, refused: 0, problems: [] }
  }

  get changed(): boolean {
    return !this.#dry && this.report.added + this.report.changed > 0
  }

  async run(rows: Iterable<ImportRow>): Promise<void> {
    await this.#pass(rows, isSmall(this.#kind))
    for (let before = 0; this.#again.length > 0 && this.#again.length !== before; ) {
      before = this.#again.length
      await this.#pass(this.#again.splice(0), true)
    }
    // What still names something that is not there is told now.
    await this.#pass(this.#again.splice(0), false)
    if (this.report.rows === 0 && this.report.problems.length === 0)
      this.#tell({ row: 1, column: null, reason: 'there is nothing to import: no row was found' })
    this.report.problems.sort((a, b) => a.row - b.row)
  }

  async #pass(rows: Iterable<ImportRow>, patient: boolean): Promise<void> {
    let slice: ImportRow[] = []
    const end = async () => {
      const waiting = slice
      slice = []
      await this.#catalogue.inTurn(() => this.#slice(waiting, patient))
      await nextTurn()
    }
    for (const row of rows) {
      slice.push(row)
      if (slice.length >= importLimits.sliceRows) await end()
    }
    if (slice.length > 0) await end()
  }

  async #slice(rows: readonly ImportRow[], patient: boolean): Promise<void> {
    const named = rows.filter((row) => this.#hasFields(row))
    const ids = await this.#idsOf(named)
    const known = await this.#known([...ids.values()])
    const now = this.#catalogue.surroundings.small
    const small = this.#imagined ?? (isSmall(this.#kind) ? now.copy() : now)
    const checked: Checked[] = []
    for (const row of named) {
      const id = ids.get(row)
      const thing = id === undefined ? undefined : this.#parse(row, id, known.get(id))
      if (id === undefined || thing === undefined) continue
      const wrong = await wrongIn(this.#kind, thing as never, { small, store: this.#store })
      if (wrong !== undefined && patient) {
        this.#again.push(row)
        continue
      }
      if (wrong !== undefined) {
        this.#refuse(row.row, wrong.path, wrong.reason)
        continue
      }
      if (isSmall(this.#kind)) small.set(this.#kind, thing)
      checked.push({ row, thing, state: stateOf(thing, known.get(id)) })
    }
    const free = await this.#withFreeCodes(checked)
    if (this.#dry) this.#count(free)
    else await this.#put(free)
  }

  /** Of a row that is wrong in itself it says so. */
  #hasFields(row: ImportRow): boolean {
    if (row.header !== true && !this.#seen.has(row)) this.report.rows++
    this.#seen.add(row)
    if (row.problem === undefined) return true
    if (row.header === true) this.#tell(row.problem)
    else this.#refuse(row.problem.row, row.problem.column ?? '', row.problem.reason)
    return false
  }

  /** The id that a row has, or that follows from its reference or code. One row for one id. */
  async #idsOf(rows: readonly ImportRow[]): Promise<Map<ImportRow, string>> {
    const codes = rows
      .filter(({ fields }) => idIn(fields) === undefined)
      .flatMap(({ fields }) => codesIn(fields))
    const owners =
      isSmall(this.#kind) || codes.length === 0 ? undefined : await this.#store.owners(this.#kind, codes)
    const ids = new Map<ImportRow, string>()
    for (const row of rows) {
      const [code] = codesIn(row.fields)
      const owner = code === undefined ? undefined : owners?.get(code)
      const id =
        idIn(row.fields) ??
        (isSmall(this.#kind) ? undefined : (owner ?? idOf(referenceIn(row.fields) ?? code)))
      const other = id === undefined ? undefined : this.#rowOfId.get(id)
      if (id === undefined) {
        const from =
          this.#kind === 'product'
            ? ', and neither a reference nor a barcode'
            : this.#kind === 'customer'
              ? ' and no barcode'
              : ''
        this.#refuse(row.row, 'id', `there is no id${from}`)
      } else if (other !== undefined && other !== row.row)
        this.#refuse(row.row, 'id', `${id} is in row ${other} already`)
      else {
        this.#rowOfId.set(id, row.row)
        ids.set(row, id)
      }
    }
    return ids
  }

  async #known(ids: readonly string[]): Promise<ReadonlyMap<string, Thing>> {
    const kind = this.#kind
    let things: (Thing | undefined)[]
    if (kind === 'product') things = await this.#store.products(ids)
    else if (kind === 'customer') things = await this.#store.customers(ids)
    else things = ids.map((id) => this.#catalogue.get(kind, id))
    return new Map(things.filter((thing) => thing !== undefined).map((thing) => [thing.id, thing]))
  }

  /** What is there, with the fields that the row has. */
  #parse({ row, fields }: ImportRow, id: string, before: Thing | undefined): Thing | undefined {
    const merged: Record<string, unknown> = { ...before, ...fields, id }
    for (const [name, value] of Object.entries(merged)) if (value === undefined) delete merged[name]
    try {
      return parseBy(catalogueSchemas[this.#kind], merged) as Thing
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      const path = String(error.context.path ?? '')
      const name = path.split(/[.[]/)[0] ?? ''
      const reason = name in merged || path === '' ? String(error.context.reason) : 'is missing'
      this.#refuse(row, path, reason)
      return undefined
    }
  }

  /** Those whose codes nobody else has, in this text or in the catalogue. */
  async #withFreeCodes(checked: readonly Checked[]): Promise<Checked[]> {
    const kind = this.#kind
    if (isSmall(kind)) return [...checked]
    const codes = checked.flatMap(({ thing }) => codesIn({ ...thing }))
    const owners = codes.length === 0 ? undefined : await this.#store.owners(kind, codes)
    return checked.filter(({ row: { row }, thing }) => {
      if (!(thing as Product | Customer).active) return true
      for (const code of codesIn({ ...thing })) {
        const owner = owners?.get(code)
        const other = this.#rowOfCode.get(code)
        const reason =
          other !== undefined && other !== row
            ? `${code} is in row ${other} already`
            : owner !== undefined && owner !== thing.id
              ? `${code} belongs to the ${kind} ${owner} already`
              : undefined
        if (reason !== undefined) {
          this.#refuse(row, kind === 'product' ? 'barcodes' : 'barcode', reason)
          return false
        }
        this.#rowOfCode.set(code, row)
      }
      return true
    })
  }

  async #put(checked: readonly Checked[]): Promise<void> {
    const changed = checked.filter(({ state }) => state !== 'same')
    if (changed.length > 0)
      await this.#catalogue.applyQuietly(changed.map(({ thing }) => ({ kind: this.#kind, thing })))
    this.#count(checked)
  }

  #count(checked: readonly Checked[]): void {
    for (const { state } of checked) this.report[state]++
  }

  #refuse(row: number, path: string, reason: string): void {
    this.report.refused++
    this.#tell({ row, column: path === '' ? null : path, reason })
  }

  #tell(problem: ImportProblem): void {
    if (this.report.problems.length < importLimits.problemsMax) this.report.problems.push(problem)
  }
}

const stateOf = (thing: Thing, before: Thing | undefined): Checked['state'] =>
  before === undefined ? 'added' : JSON.stringify(thing) === JSON.stringify(before) ? 'same' : 'changed'

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const idIn = (fields: ImportRow['fields']): string | undefined => textIn(fields?.id)
const referenceIn = (fields: ImportRow['fields']): string | undefined => textIn(fields?.reference)

/** Whatever a row holds in the places of codes. */
function codesIn(fields: ImportRow['fields']): string[] {
  const { barcode, barcodes, packs } = fields ?? {}
  const all = [
    barcode,
    ...(Array.isArray(barcodes) ? barcodes : []),
    ...(Array.isArray(packs) ? packs.map((pack: { barcode?: unknown } | null) => pack?.barcode) : []),
  ]
  return all.map(textIn).filter((code) => code !== undefined)
}

/** An id out of what the shop calls it: `AB 12/3` is AB-12-3. */
function idOf(name: string | undefined): string | undefined {
  const id = name?.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64)
  return id === undefined || /^-*$/.test(id) ? undefined : id
}
