/** ESC/POS displays: the bytes, as the manuals have them. */
import { expect, it } from 'vitest'
import { escposDisplay } from '../../../src/drivers/displays/escpos-display/driver.ts'
import { createEscposDisplayTwin } from '../../../src/drivers/displays/escpos-display/twin.ts'
import { newAttempt, settled } from '../../support/driver-bench.ts'
import { ascii, hex, openBench } from '../displays/bench.ts'

async function opened(settings: Record<string, unknown> = {}, rows = 2) {
  const bench = openBench(escposDisplay, (clock) => createEscposDisplayTwin({ clock, rows }), settings)
  await settled(bench.clock, bench.device.start())
  return bench
}

const blank = ascii(' '.repeat(20))
const frame = (upper: string, lower: string) => `1f240101${upper}1f240102${lower}`

it('[DME1] the greeting: ESC @, USA, code page, overwrite, cursor off, then the idle lines', async () => {
  const { writes } = await opened()
  expect(hex(writes[0])).toBe(`1b401b52001b74001f011f4300${frame(blank, blank)}`)
})

it('[DME2] a frame places the cursor for each line by US $', async () => {
  const { writes, displaying } = await opened()
  await displaying.show({ lines: ['Total', '5.00'] }, newAttempt())
  expect(hex(writes[1])).toBe(frame(ascii('Total'.padEnd(20)), ascii('5.00'.padEnd(20))))
})

it('[DME3] brightness by US X, the code page by its number or the one of the settings', async () => {
  const { writes, twin } = await opened({ brightness: 2, codePage: 'cp858' })
  expect(hex(writes[0]).startsWith('1b401b52001b74131f011f43001f5802')).toBe(true)
  expect([twin.screen.brightness, twin.screen.cursor]).toEqual([2, false])
  const other = await opened({ codePageNumber: 40, codePage: 'windows-1250', initialise: false })
  expect(hex(other.writes[0]).startsWith('1b52001b74281f011f4300')).toBe(true)
  // A page without a known number is not switched on.
  expect(hex((await opened({ codePage: 'windows-1250' })).writes[0]).startsWith('1b401b52001f01')).toBe(true)
})

it('[DME4] on a shared cable the display is selected before its bytes and the printer after them', async () => {
  const { writes, displaying, twin, transport } = await opened({ sharedCable: true })
  await displaying.show({ lines: ['x'] }, newAttempt())
  for (const write of writes) expect(hex(write)).toMatch(/^1b3d02.*1b3d01$/)
  // What a till sends to the printer behind it is not shown.
  await transport.write(Uint8Array.from(Buffer.from('receipt\n')))
  expect(twin.screen.lines[0]).toBe('x'.padEnd(20))
})

it('[DME2] a display of four rows gets all four', async () => {
  const { displaying, twin } = await opened({ rows: 4 }, 4)
  await displaying.show({ lines: ['one', 'two', 'three', 'four'] }, newAttempt())
  expect(twin.screen.lines.map((line) => line.trim())).toEqual(['one', 'two', 'three', 'four'])
})
