/** Logic Controls, UTC and ADM: the bytes, as the manuals have them. */
import { expect, it } from 'vitest'
import { logicControls } from '../../../src/drivers/displays/logic-controls/driver.ts'
import { createLogicControlsTwin } from '../../../src/drivers/displays/logic-controls/twin.ts'
import { newAttempt, settled } from '../../support/driver-bench.ts'
import { ascii, hex, openBench } from '../displays/bench.ts'

type Dialect = 'lci' | 'utc-standard' | 'utc-enhanced' | 'adm'

async function opened(dialect: Dialect, settings: Record<string, unknown> = {}) {
  const bench = openBench(logicControls, (clock) => createLogicControlsTwin({ clock, dialect }), {
    dialect,
    ...settings,
  })
  await settled(bench.clock, bench.device.start())
  await bench.displaying.show({ lines: ['Total', '5.00'] }, newAttempt())
  return bench
}

const [upper, lower] = [ascii('Total'.padEnd(20)), ascii('5.00'.padEnd(20))]

it('[LCI1] greets with 1F, overwrite mode and cursor off, and brightness where it is set', async () => {
  expect(hex((await opened('lci')).writes[0]).startsWith('1f11141000')).toBe(true)
  for (const [level, byte] of [
    [1, '20'],
    [2, '40'],
    [3, '60'],
    [4, 'ff'],
  ] as const) {
    const { writes, twin } = await opened('lci', { brightness: level, cursorOff: false })
    expect(hex(writes[0]).startsWith(`1f1104${byte}1000`)).toBe(true)
    expect(twin.screen.brightness).toBe(level)
  }
})

it('[LCI2] places the cursor with 10 and the cell, 00 and 14 hex', async () => {
  expect(hex((await opened('lci')).writes[1])).toBe(`1000${upper}1014${lower}`)
  expect(hex((await opened('utc-standard')).writes[1])).toBe(`1000${upper}1014${lower}`)
})

it('[LCI3] UTC standard has no brightness', async () => {
  expect(hex((await opened('utc-standard', { brightness: 2 })).writes[0]).startsWith('1f11141000')).toBe(true)
})

it('[LCI4] UTC enhanced: ESC d into the set, then ESC u A and ESC u B with CR', async () => {
  const { writes } = await opened('utc-enhanced')
  expect(hex(writes[0]).startsWith('1b641b7541')).toBe(true)
  expect(hex(writes[1])).toBe(`1b7541${upper}0d1b7542${lower}0d`)
  const inIt = openBench(logicControls, (clock) => createLogicControlsTwin({ clock }), {
    dialect: 'utc-enhanced',
    enterEnhanced: false,
  })
  await settled(inIt.clock, inIt.device.start())
  expect(hex(inIt.writes[0]).startsWith('1b7541')).toBe(true)
})

it('[LCI5] ADM: 0C clears, 0E and 0F begin the lines, CR ends them unless it is set off', async () => {
  const { writes } = await opened('adm')
  expect(hex(writes[0]).startsWith('0c0e')).toBe(true)
  expect(hex(writes[1])).toBe(`0e${upper}0d0f${lower}0d`)
  expect(hex((await opened('adm', { admLineEnd: 'none' })).writes[1])).toBe(`0e${upper}0f${lower}`)
})
