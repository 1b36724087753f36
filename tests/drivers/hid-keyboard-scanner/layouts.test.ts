/** The tables of keyboards against xkb-data, by way of libxkbcommon: somebody else's word for every key. */
import { describe, expect, it } from 'vitest'
import { readXkb, sources } from '../../../scripts/keyboard-layouts.ts'
import { layoutTables } from '../../../src/drivers/scanners/hid-keyboard-scanner/layout-tables.ts'
import {
  deadMark,
  keyUsages,
  layoutIds,
  layouts,
  windowsDepartures,
} from '../../../src/drivers/scanners/hid-keyboard-scanner/layouts.ts'
import { placesOf } from './xkb.ts'

const deadKeysyms: Readonly<Record<string, string>> = {
  '`': 'dead_grave',
  '´': 'dead_acute',
  '^': 'dead_circumflex',
  '~': 'dead_tilde',
  '¯': 'dead_macron',
  '˘': 'dead_breve',
  '˙': 'dead_abovedot',
  '¨': 'dead_diaeresis',
  '˚': 'dead_abovering',
  '˝': 'dead_doubleacute',
  ˇ: 'dead_caron',
  '¸': 'dead_cedilla',
  '˛': 'dead_ogonek',
}
const departed = (layout: string, usage: number, level: number) =>
  windowsDepartures.find((each) => each.layout === layout && each.usage === usage && each.level === level)

describe('the tables', () => {
  it('[HKS4] are what scripts/keyboard-layouts.ts writes today', () => {
    expect(layoutTables.map(({ id }) => id)).toEqual(sources.map(({ id }) => id))
    for (const [index, source] of sources.entries()) {
      const { levels, decimal } = readXkb(source)
      const table = layoutTables[index]
      expect(table?.levels, source.id).toEqual(levels.map((rows) => rows.map((row) => row.join(' '))))
      expect(table?.decimal).toBe(decimal)
    }
  })

  it.each(layoutIds)(
    '[HKS4] %s: libxkbcommon types every character with the key and level that the table has',
    (id) => {
      const layout = layouts.find((candidate) => candidate.id === id)
      let checked = 0
      for (const usage of keyUsages.flat()) {
        for (const [level, cell] of (layout?.keys.get(usage) ?? []).entries()) {
          if (cell === undefined || departed(id, usage, level) !== undefined) continue
          const accent = cell.length > 1 && cell.startsWith(deadMark) ? cell.slice(1) : undefined
          const places = placesOf(id, accent === undefined ? cell : (deadKeysyms[accent] ?? accent))
          expect(places, `${cell} on ${usage.toString(16)}`).toContainEqual({ usage, level })
          checked++
        }
      }
      expect(checked).toBeGreaterThanOrEqual(95)
    },
  )

  it('[HKS5] leave xkb only where Windows has a dead key', () => {
    expect(windowsDepartures.length).toBeGreaterThan(0)
    for (const { layout, usage, level, cell } of windowsDepartures) {
      const live = cell.slice(deadMark.length)
      expect(placesOf(layout, live), `${layout} ${live}`).toContainEqual({ usage, level })
      expect(layouts.find(({ id }) => id === layout)?.keys.get(usage)?.[level]).toBe(cell)
    }
  })

  it('[HKS4] have every character of ASCII, except what the keyboard does not have', () => {
    const missing = layouts.map(({ id, keys }) => {
      const cells = new Set([...keys.values()].flat().map((cell) => cell?.replace(deadMark, '')))
      const absent = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index))
      return [id, absent.filter((character) => !cells.has(character)).join('')]
    })
    expect(missing.filter(([, absent]) => absent !== '')).toEqual([])
  })
})
