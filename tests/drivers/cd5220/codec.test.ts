/** CD5220: the bytes, as the manual has them. */
import { expect, it } from 'vitest'
import { cd5220 } from '../../../src/drivers/displays/cd5220/driver.ts'
import { createCd5220Twin } from '../../../src/drivers/displays/cd5220/twin.ts'
import { newAttempt, settled } from '../../support/driver-bench.ts'
import { ascii, hex, openBench } from '../displays/bench.ts'

async function opened(settings: Record<string, unknown> = {}) {
  const bench = openBench(cd5220, (clock) => createCd5220Twin({ clock }), settings)
  await settled(bench.clock, bench.device.start())
  await bench.displaying.show({ lines: ['Total', '5.00'] }, newAttempt())
  return bench
}

const [upper, lower] = [ascii('Total'.padEnd(20)), ascii('5.00'.padEnd(20))]

it('[CDP1] the greeting: ESC @, CLR out of string mode, overwrite mode', async () => {
  const { writes } = await opened()
  expect(hex(writes[0]).startsWith('1b400c1b111b5141')).toBe(true)
})

it('[CDP2] lines are written by ESC Q A and ESC Q B, each ended by CR', async () => {
  const { writes } = await opened()
  expect(hex(writes[1])).toBe(`1b5141${upper}0d1b5142${lower}0d`)
})

it('[CDP3] or by placing the cursor with ESC l, for displays without line commands', async () => {
  const { writes } = await opened({ lineWrite: 'position' })
  expect(hex(writes[1])).toBe(`1b6c0101${upper}1b6c0102${lower}`)
})

it('[CDP4] brightness, cursor, letters of a country and a code page only when they are set', async () => {
  const { writes, twin } = await opened({ brightness: 3, cursorOff: true, font: 'G', codePageNumber: 16 })
  expect(hex(writes[0]).startsWith('1b400c1b66471b74101b111b2a031b5f001b5141')).toBe(true)
  expect([twin.screen.brightness, twin.screen.cursor]).toEqual([3, false])
})

it('[CDP5] the simulated pole is deaf to everything but line commands in string mode, until CLR', async () => {
  const { twin, transport } = await opened()
  await transport.write(Uint8Array.from([0x1b, 0x6c, 1, 1, 0x58]))
  expect(twin.screen.lines[0]).toBe('Total'.padEnd(20))
  await transport.write(Uint8Array.from([0x0c, 0x58]))
  expect(twin.screen.lines[0]).toBe('X'.padEnd(20))
})
