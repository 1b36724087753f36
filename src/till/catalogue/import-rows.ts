/** The rows of an import, whatever they are written in: fields by name, or what is wrong with the row. */
import type { CatalogueKind } from '../../protocol/till/catalogue.ts'
import { type ColumnForm, columnsOf, readCell } from './columns.ts'
import { csvRecords } from './csv.ts'
import { jsonRows } from './json-rows.ts'

export interface ImportProblem {
  row: number
  column: string | null
  reason: string
}

export interface ImportRow {
  /** As a table program counts it. */
  row: number
  /** Only those that the row has; undefined for one that is empty, and so is cleared. */
  fields?: Record<string, unknown>
  problem?: ImportProblem
  /** True for what is told of the columns: it is no row of things. */
  header?: boolean
}

export function importRows(kind: CatalogueKind, format: 'csv' | 'json', text: string): Generator<ImportRow> {
  return format === 'csv' ? fromCsv(kind, text) : fromJson(text)
}

function* fromJson(text: string): Generator<ImportRow> {
  for (const { row, value, fault } of jsonRows(text)) {
    if (fault !== undefined) yield { row, problem: { row, column: null, reason: fault } }
    else if (typeof value !== 'object' || value === null || Array.isArray(value))
      yield { row, problem: { row, column: null, reason: 'is not an object' } }
    else yield { row, fields: value as Record<string, unknown> }
  }
}

function* fromCsv(kind: CatalogueKind, text: string): Generator<ImportRow> {
  const records = csvRecords(text)
  const first = records.next()
  if (first.done === true) return
  const known = columnsOf(kind)
  const byName = new Map([...known.keys()].map((name) => [name.toLowerCase(), name]))
  const columns: (string | undefined)[] = []
  let misspelt = false
  for (const cell of first.value.cells) {
    const name = byName.get(cell.toLowerCase())
    const twice = name !== undefined && columns.includes(name)
    columns.push(twice ? undefined : name)
    if (name === undefined || twice) {
      const meant = twice ? undefined : nearest(cell.toLowerCase(), byName)
      misspelt ||= meant !== undefined
      const reason = twice
        ? 'is there twice'
        : meant === undefined
          ? `is not a column of ${kind}; there are ${[...known.keys()].join(', ')}`
          : `is not a column of ${kind}; ${meant} is. Nothing was read: correct the name`
      yield { ...problemAt(first.value.row, cell.slice(0, 60), reason), header: true }
    }
  }
  // A price that came in as nothing, because its column was misspelt, would be sold at.
  if (misspelt) return
  for (const { row, cells, fault } of records) {
    if (fault !== undefined) yield problemAt(row, null, fault)
    else if (cells.length > columns.length && cells.slice(columns.length).some((cell) => cell !== ''))
      yield problemAt(row, null, `has ${cells.length} cells; there are ${columns.length} columns`)
    else yield csvRow(row, cells, columns, known)
  }
}

function csvRow(
  row: number,
  cells: readonly string[],
  columns: readonly (string | undefined)[],
  known: ReadonlyMap<string, ColumnForm>,
): ImportRow {
  const fields: Record<string, unknown> = {}
  for (const [index, column] of columns.entries()) {
    const text = cells[index]
    if (column === undefined || text === undefined) continue
    if (text === '') {
      fields[column] = undefined
      continue
    }
    const cell = readCell(known.get(column) as ColumnForm, text)
    if ('reason' in cell) return problemAt(row, column, cell.reason)
    fields[column] = cell.value
  }
  return { row, fields }
}

/** The column that was meant: one letter more, fewer or other. */
function nearest(cell: string, byName: ReadonlyMap<string, string>): string | undefined {
  for (const [small, name] of byName) if (cell.length > 2 && isOneOff(cell, small)) return name
  return undefined
}

function isOneOff(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  const [restA, restB] = [a.slice(at), b.slice(at)]
  return restA.slice(1) === restB.slice(1) || restA === restB.slice(1) || restA.slice(1) === restB
}

const problemAt = (row: number, column: string | null, reason: string): ImportRow => ({
  row,
  problem: { row, column, reason },
})
