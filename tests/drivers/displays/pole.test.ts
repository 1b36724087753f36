/** What all poles have in common: frames without flicker, idle text, honest outcomes, and parsers that take anything. */
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { aedex } from '../../../src/drivers/displays/aedex/driver.ts'
import { createAedexTwin } from '../../../src/drivers/displays/aedex/twin.ts'
import { cd5220 } from '../../../src/drivers/displays/cd5220/driver.ts'
import { createCd5220Twin } from '../../../src/drivers/displays/cd5220/twin.ts'
import { keptBytesMax, type PoleTwin } from '../../../src/drivers/displays/common/twin/pole-twin.ts'
import { dsp800 } from '../../../src/drivers/displays/dsp-800/driver.ts'
import { createDsp800Twin } from '../../../src/drivers/displays/dsp-800/twin.ts'
import { escposDisplay } from '../../../src/drivers/displays/escpos-display/driver.ts'
import { createEscposDisplayTwin } from '../../../src/drivers/displays/escpos-display/twin.ts'
import { logicControls } from '../../../src/drivers/displays/logic-controls/driver.ts'
import { createLogicControlsTwin } from '../../../src/drivers/displays/logic-controls/twin.ts'
import type { Driver, DriverClock } from '../../../src/drivers/driver.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import { TestClock } from '../../support/clock.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { MemoryWire } from '../../support/twin-memory.ts'
import { ttyTwin } from '../../support/twin-pty.ts'
import { serveTwin } from '../../support/twin-tcp.ts'
import { confirmed, hex, openBench, openOn } from './bench.ts'

interface Language {
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: drivers of any settings
  driver: Driver<any>
  createTwin(clock: DriverClock): PoleTwin
  settings: Record<string, unknown>
}

const dialects = ['lci', 'utc-standard', 'utc-enhanced', 'adm'] as const
const languages: Language[] = [
  {
    name: 'escpos-display',
    driver: escposDisplay,
    createTwin: (clock) => createEscposDisplayTwin({ clock, encoding: 'windows-1252' }),
    settings: {},
  },
  {
    name: 'escpos-display on a shared cable',
    driver: escposDisplay,
    createTwin: (clock) => createEscposDisplayTwin({ clock, encoding: 'windows-1252' }),
    settings: { sharedCable: true },
  },
  ...(['line', 'position'] as const).map((lineWrite) => ({
    name: `cd5220 by ${lineWrite}`,
    driver: cd5220,
    createTwin: (clock: DriverClock) => createCd5220Twin({ clock, encoding: 'windows-1252' }),
    settings: { lineWrite },
  })),
  {
    name: 'dsp-800',
    driver: dsp800,
    createTwin: (clock) => createDsp800Twin({ clock, encoding: 'windows-1252' }),
    settings: { answers: 'always' },
  },
  ...(['both', 'lines'] as const).map((lineWrite) => ({
    name: `aedex by ${lineWrite}`,
    driver: aedex,
    createTwin: (clock: DriverClock) => createAedexTwin({ clock, encoding: 'windows-1252' }),
    settings: { lineWrite },
  })),
  ...dialects.map((dialect) => ({
    name: `logic-controls as ${dialect}`,
    driver: logicControls,
    createTwin: (clock: DriverClock) => createLogicControlsTwin({ clock, dialect, encoding: 'windows-1252' }),
    settings: { dialect },
  })),
]

async function started(
  { driver, createTwin, settings }: Language,
  more: Record<string, unknown> = {},
  chunk?: number,
) {
  const bench = openBench(driver, createTwin, { codePage: 'windows-1252', ...settings, ...more }, chunk)
  await settled(bench.clock, bench.device.start())
  return bench
}

describe.each(languages)('$name', (language) => {
  it('[POLE6] shows what it is given, in one write a job and without ever wiping the glass', async () => {
    const { displaying, twin, clock, writes } = await started(language)
    const wipes = twin.screen.wipes
    for (const lines of [['Grüezi', '5.00 €'], ['second'], ['a line that is longer than it', 'x']]) {
      const before = writes.length
      await settled(clock, displaying.show({ lines }, newAttempt()))
      expect(writes.length).toBe(before + 1)
      expect(twin.screen.lines).toEqual([0, 1].map((row) => (lines[row] ?? '').slice(0, 20).padEnd(20)))
    }
    expect(twin.screen.wipes).toBe(wipes)
  })

  it('[POLE6] whatever the letters, and however the line cuts the bytes, they come out on the glass', async () => {
    const { displaying, twin, clock } = await started(language, {}, 3)
    const line = fc
      .string({ unit: 'grapheme-ascii', maxLength: 24 })
      .map((text) => text.replaceAll('!#', '!.'))
    await fc.assert(
      fc.asyncProperty(line, line, async (upper, lower) => {
        await settled(clock, displaying.show({ lines: [upper, lower] }, newAttempt()))
        expect(twin.screen.lines).toEqual([upper, lower].map((text) => text.slice(0, 20).padEnd(20)))
      }),
      { numRuns: 100 },
    )
  })

  it('[POLE7] the idle text stands there after the start and after a clear', async () => {
    const idle = ['Welcome'.padEnd(20), 'Open till 18:00'.padEnd(20)]
    const { displaying, twin, clock } = await started(language, { idleLines: ['Welcome', 'Open till 18:00'] })
    expect(twin.screen.lines).toEqual(idle)
    await settled(clock, displaying.show({ message: 'Thank you' }, newAttempt()))
    expect(twin.screen.lines).not.toEqual(idle)
    await settled(clock, displaying.clear(newAttempt()))
    expect(twin.screen.lines).toEqual(idle)
  })

  it('[POLE10] whatever comes, the simulated display keeps its shape and a bounded memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const twin = language.createTwin(new TestClock())
        const wire = new MemoryWire()
        twin.attach(wire)
        wire.send(bytes)
        expect(twin.screen.lines.map((line) => line.length)).toEqual([20, 20])
        expect(twin.paper?.()?.svg.length).toBeLessThan(10_000)
        twin.stop()
      }),
      { numRuns: 200 },
    )
  })
})

const pole = languages[0] as Language

describe('a pole', () => {
  it('[POLE8] that says nothing has done it, unconfirmed', async () => {
    const { displaying, clock } = await started(pole)
    const attempt = newAttempt()
    expect(await settled(clock, displaying.show({ lines: ['x'] }, attempt))).toEqual({
      state: 'done',
      outcome: { confirmed: false },
    })
    expect(attempt.sent).toBe(1)
  })

  it('[POLE8] whose cable is pulled before a byte left has failed, and after it is unknown', async () => {
    const early = await started(pole)
    early.wire.pause(true)
    const pending = early.displaying.show({ lines: ['x'] }, newAttempt())
    early.wire.close()
    expect(await settled(early.clock, pending)).toMatchObject({
      state: 'failed',
      error: { code: 'port_closed' },
    })
    const late = await started(pole, {}, 10)
    // The first piece is taken, the rest never.
    late.wire.onBytes(() => late.wire.close())
    expect(await settled(late.clock, late.displaying.show({ lines: ['x'] }, newAttempt()))).toMatchObject({
      state: 'unknown',
      error: { code: 'job_outcome_unknown' },
    })
  })

  it('[POLE9] sends nothing after a stop or for an aborted job', async () => {
    const { displaying, device, writes } = await started(pole)
    const sent = writes.length
    const attempt = newAttempt()
    attempt.abort()
    expect(confirmed(await displaying.show({ lines: ['x'] }, attempt))).toBe('port_closed')
    await device.stop()
    expect(confirmed(await displaying.clear(newAttempt()))).toBe('port_closed')
    expect(writes.length).toBe(sent)
    expect(attempt.sent).toBe(0)
  })

  it('[POLE3] refuses before sending what no letters can show', async () => {
    const { displaying, writes } = await started(pole)
    const sent = writes.length
    const attempt = newAttempt()
    expect(confirmed(await displaying.show({ qr: { data: 'https://example.com' } }, attempt))).toBe(
      'payload_unsupported',
    )
    expect([writes.length, attempt.sent]).toEqual([sent, 0])
  })

  it('[POLE12] greets with the bytes of the settings instead of its own', async () => {
    const { writes } = await started(pole, { init: [0x02, 0x05, 0x43] })
    expect(hex(writes[0]).startsWith('020543')).toBe(true)
    expect(hex(writes[0])).not.toContain('1b40')
  })

  it('[POLE10] a command that never ends is given up at 256 bytes', async () => {
    const twin = createCd5220Twin({ clock: new TestClock() })
    const wire = new MemoryWire()
    twin.attach(wire)
    // ESC Q A and text: one byte short of the limit the command still waits, at the limit it is taken as it is.
    wire.send(Uint8Array.from([0x1b, 0x51, 0x41, ...new Array(keptBytesMax - 4).fill(0x41)]))
    expect(twin.screen.lines[0]?.trim()).toBe('')
    wire.send(Uint8Array.of(0x41))
    expect(twin.screen.lines[0]).toBe('A'.repeat(20))
  })

  it('[POLE13] the simulated display refuses the orders of other devices', () => {
    const twin = pole.createTwin(new TestClock())
    expect(() => twin.order({ order: 'load', grams: 1 })).toThrow(/params_invalid/)
    twin.order({ order: 'plug', on: false })
    expect(twin.plugged).toBe(false)
  })

  it('[POLE13] its picture has the letters that are lit, and no markup of theirs', async () => {
    const { displaying, twin, clock } = await started(pole)
    await settled(clock, displaying.show({ lines: ['<&>'] }, newAttempt()))
    const { svg, drawerOpen } = twin.paper()
    expect(svg.match(/<text /g)).toHaveLength(3)
    expect(svg).toContain('>&lt;</text>')
    expect(drawerOpen).toBe(false)
  })
})

describe('on real wires', () => {
  const openTransport = createOpenTransport(systemClock, new MemoryPorts(systemClock))

  it.each(languages.filter(({ name }) => ['escpos-display', 'dsp-800', 'cd5220 by line'].includes(name)))(
    '[POLE11] $name works over a tty',
    async ({ driver, createTwin, settings }) => {
      const twin = createTwin(systemClock)
      const tty = await ttyTwin(twin)
      onTestFinished(() => tty.stop())
      const transport = await openTransport(parsePortUrl(`serial:${tty.path}`), driver.portDefaults)
      onTestFinished(() => transport.close())
      const device = openOn(driver, transport, systemClock, settings)
      await device.start()
      await device.displaying?.show({ lines: ['over a tty'] }, newAttempt())
      await expect.poll(() => twin.screen.lines[0]).toBe('over a tty'.padEnd(20))
    },
  )

  it('[POLE11] works over TCP, and a connection that is gone fails the next job', async () => {
    const twin = pole.createTwin(systemClock)
    const server = await serveTwin(twin)
    onTestFinished(() => server.close())
    const transport = await openTransport(parsePortUrl(`tcp://127.0.0.1:${server.port}`))
    onTestFinished(() => transport.close())
    const device = openOn(pole.driver, transport, systemClock, {})
    await device.start()
    await device.displaying?.show({ lines: ['over TCP'] }, newAttempt())
    await expect.poll(() => twin.screen.lines[0]).toBe('over TCP'.padEnd(20))
    twin.order({ order: 'plug', on: false })
    await transport.closed
    expect(confirmed((await device.displaying?.show({ lines: ['x'] }, newAttempt())) as never)).toBe(
      'port_closed',
    )
    expect(await codeOf(openOn(pole.driver, transport, systemClock, {}).start())).toBe('port_closed')
  })
})
