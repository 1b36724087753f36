/** Keyboard layouts: which character a key stands for, by its place on the keyboard and the level that is held. */
import { layoutTables } from './layout-tables.ts'

export type LayoutId = (typeof layoutTables)[number]['id']
export const layoutIds = layoutTables.map(({ id }) => id) as [LayoutId, ...LayoutId[]]

/** Stands before the accent of a dead key. */
export const deadMark = '†'
const nothing = '∅'

/** 0 plain, 1 shift, 2 AltGr, 3 shift and AltGr. */
export type Level = 0 | 1 | 2 | 3

export interface Layout {
  readonly id: LayoutId
  readonly name: string
  /** What the decimal key of the keypad types. */
  readonly decimal: string
  /** By usage of the keyboard page: what each level types, `deadMark` and an accent for a dead key, undefined for nothing. */
  readonly keys: ReadonlyMap<number, readonly (string | undefined)[]>
}

const run = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** Usages of the keys of the tables (HID Usage Tables 1.5, section 10): the letters by where they are on a US keyboard. */
export const keyUsages: readonly (readonly number[])[] = [
  [0x35, ...run(0x1e, 0x27), 0x2d, 0x2e],
  [0x14, 0x1a, 0x08, 0x15, 0x17, 0x1c, 0x18, 0x0c, 0x12, 0x13, 0x2f, 0x30],
  [0x04, 0x16, 0x07, 0x09, 0x0a, 0x0b, 0x0d, 0x0e, 0x0f, 0x33, 0x34, 0x31],
  [0x64, 0x1d, 0x1b, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38],
]

/** The key beside Enter has a second usage, for keyboards that are not American. */
const sameKeys: readonly (readonly [usage: number, as: number])[] = [[0x32, 0x31]]

/**
 * Where Windows has a dead key and xkb a live one. Scanners are programmed for Windows: they send a space after it.
 * Unconfirmed on hardware.
 */
export const windowsDepartures: readonly { layout: LayoutId; usage: number; level: Level; cell: string }[] = [
  { layout: 'fr', usage: 0x1f, level: 2, cell: '†~' },
  { layout: 'fr', usage: 0x24, level: 2, cell: '†`' },
  { layout: 'es', usage: 0x21, level: 2, cell: '†~' },
]

function read(table: (typeof layoutTables)[number]): Layout {
  const keys = new Map<number, (string | undefined)[]>()
  const levels = table.levels.map((rows) => rows.map((row) => row.split(' ')))
  keyUsages.forEach((row, rowIndex) => {
    row.forEach((usage, index) => {
      const cells = levels.map((rows) => rows[rowIndex]?.[index])
      keys.set(
        usage,
        cells.map((cell) => (cell === nothing ? undefined : cell)),
      )
    })
  })
  for (const { layout, usage, level, cell } of windowsDepartures) {
    const cells = keys.get(usage)
    if (layout === table.id && cells !== undefined) cells[level] = cell
  }
  for (const [usage, as] of sameKeys) keys.set(usage, keys.get(as) ?? [])
  return { id: table.id, name: table.name, decimal: table.decimal, keys }
}

export const layouts: readonly Layout[] = layoutTables.map(read)
const byId = new Map(layouts.map((layout) => [layout.id, layout]))

export function layoutOf(id: LayoutId): Layout {
  // Every id of the type has a table.
  return byId.get(id) as Layout
}
