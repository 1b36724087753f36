/** AEDEX: the bytes, as the manual has them. */
import { expect, it } from 'vitest'
import { aedex } from '../../../src/drivers/displays/aedex/driver.ts'
import { createAedexTwin } from '../../../src/drivers/displays/aedex/twin.ts'
import { newAttempt, settled } from '../../support/driver-bench.ts'
import { ascii, hex, openBench } from '../displays/bench.ts'

async function opened(settings: Record<string, unknown> = {}, lines = ['Total', '5.00']) {
  const bench = openBench(aedex, (clock) => createAedexTwin({ clock }), settings)
  await settled(bench.clock, bench.device.start())
  await bench.displaying.show({ lines }, newAttempt())
  return bench
}

const [upper, lower] = [ascii('Total'.padEnd(20)), ascii('5.00'.padEnd(20))]

it('[AED1] each line has its command, !#1 and !#2, ended by CR', async () => {
  expect(hex((await opened()).writes[1])).toBe(`212331${upper}0d212332${lower}0d`)
})

it('[AED2] or both together, !#9', async () => {
  expect(hex((await opened({ lineWrite: 'both' })).writes[1])).toBe(`212339${upper}${lower}0d`)
  expect(hex((await opened({ lineWrite: 'both', rows: 1 })).writes[1])).toBe(`212331${upper}0d`)
})

it('[AED3] no greeting of its own, unless the reset of the PDx3 is set', async () => {
  expect(hex((await opened()).writes[0]).startsWith('212331')).toBe(true)
  expect(hex((await opened({ reset: true })).writes[0]).startsWith('2123410d212331')).toBe(true)
})

it('[AED4] the attention characters inside a text are broken up, so that no text is a command', async () => {
  const { twin, writes } = await opened({}, ['Hot!#25', 'a'])
  expect(hex(writes[1])).toContain(ascii('Hot! 25'))
  expect(twin.screen.lines).toEqual(['Hot! 25'.padEnd(20), 'a'.padEnd(20)])
  // Also where they meet at the seam of two lines.
  const seam = await opened(
    { lineWrite: 'both' },
    ['12345678901234567890', 'b'].map((text) => `${text}`),
  )
  expect(seam.twin.screen.lines).toEqual(['12345678901234567890', 'b'.padEnd(20)])
  const met = await opened({ lineWrite: 'both' }, ['1234567890123456789!', '#1 cola'])
  expect(met.twin.screen.lines).toEqual(['1234567890123456789!', ' 1 cola'.padEnd(20)])
})

it('[AED5] other attention characters are those of the settings', async () => {
  expect(hex((await opened({ attention: [0x7e, 0x40] })).writes[1])).toBe(`7e4031${upper}0d7e4032${lower}0d`)
})
