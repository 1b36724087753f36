/** A HID drawer: its settings as reports, and what becomes of an opening. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openReport, senseOf } from '../../../src/drivers/drawers/hid-drawer/codec.ts'
import { hidDrawer } from '../../../src/drivers/drawers/hid-drawer/driver.ts'
import { hidDrawerLimits } from '../../../src/drivers/drawers/hid-drawer/settings.ts'
import {
  createHidDrawerTwin,
  type HidDrawerTwin,
  type HidDrawerTwinOptions,
} from '../../../src/drivers/drawers/hid-drawer/twin.ts'
import type { Attempt, AttemptResult, DrawerKicking, OpenDevice } from '../../../src/drivers/driver.ts'
import type { DrawerOpenPayload } from '../../../src/protocol/job.ts'
import { settle, type TestClock } from '../../support/clock.ts'
import { openBench } from '../../support/driver-bench.ts'

const settingsOf = (settings: Record<string, unknown>) => hidDrawer.settings.parse(settings)

interface Bench {
  clock: TestClock
  twin: HidDrawerTwin
  device: OpenDevice
  /** What the listener was told: open or shut. */
  moves: boolean[]
  sent: number
  abort(): void
  open(payload?: DrawerOpenPayload): Promise<AttemptResult>
}

async function openDrawer(
  settings: Record<string, unknown>,
  options: Partial<HidDrawerTwinOptions> = {},
): Promise<Bench> {
  const { clock, twin, device, drawer } = openBench(
    hidDrawer,
    (clock) => createHidDrawerTwin({ clock, ...options }),
    { settings },
  )
  await device.start()
  const controller = new AbortController()
  const bench: Bench = {
    clock,
    twin,
    device,
    moves: drawer,
    sent: 0,
    abort: () => controller.abort(),
    async open(payload = {}) {
      const attempt: Attempt = {
        jobId: 'job-1',
        sending: () => void bench.sent++,
        waiting() {},
        signal: controller.signal,
      }
      return (device.drawer as DrawerKicking).openDrawer(payload, attempt)
    },
  }
  return bench
}

const sensing = { openReport: '0001', sense: 'input' }
const speaking: Partial<HidDrawerTwinOptions> = { openSays: [1], closedSays: [0] }
const done = (confirmed: boolean) => ({ state: 'done', outcome: { confirmed } })

describe('settings as reports', () => {
  it('[HDR1] the reports of both drawers, or none', () => {
    const settings = settingsOf({ openReport: '02ff00', openReport2: '0001' })
    expect([openReport(settings, 1), openReport(settings, 2)]).toEqual([
      Uint8Array.of(2, 0xff, 0),
      Uint8Array.of(0, 1),
    ])
    expect(openReport(settingsOf({}), 1)).toBeUndefined()
  })

  it('[HDR2] the bits of one byte say open; short reports and other ids say nothing', () => {
    const settings = settingsOf({
      sense: 'input',
      senseByte: 2,
      senseMask: 0x06,
      senseOpen: 0x02,
      senseReportId: 5,
    })
    const says = (...bytes: number[]) => senseOf(Uint8Array.from(bytes), settings)
    expect([says(5, 0, 0x02), says(5, 0, 0xfb), says(5, 0, 0x06), says(5, 0, 0)]).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect([says(5, 0), says(4, 0, 2), says()]).toEqual([undefined, undefined, undefined])
    expect(senseOf(Uint8Array.of(1), settingsOf({}))).toBeUndefined()
  })

  it('[HDR9] any report gives an answer, and every byte one of two', () => {
    const settings = settingsOf({ sense: 'input', senseByte: 1, senseMask: 0x81, senseOpen: 0x80 })
    const seen = new Set<boolean | undefined>()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (report) => {
        const says = senseOf(report, settings)
        seen.add(says)
        expect(says === undefined).toBe(report.length < 2)
      }),
      { numRuns: 2_000 },
    )
    expect(seen.size).toBe(3)
  })

  it('[HDR9] settings that say nothing sensible are refused, at their edges', () => {
    const ok = (settings: Record<string, unknown>) => hidDrawer.settings.safeParse(settings).success
    const { openReportBytesMax } = hidDrawerLimits
    expect(ok({ openReport: '00'.repeat(openReportBytesMax) })).toBe(true)
    expect(ok({ openReport: '00'.repeat(openReportBytesMax + 1) })).toBe(false)
    expect([ok({ openReport: '0' }), ok({ openReport: 'FF' }), ok({ openReport2: 'zz' })]).toEqual([
      false,
      false,
      false,
    ])
    expect([ok({ senseMask: 3, senseOpen: 3 }), ok({ senseMask: 2, senseOpen: 3 })]).toEqual([true, false])
    expect([ok({ senseByte: 63 }), ok({ senseByte: 64 }), ok({ senseMask: 0 })]).toEqual([true, false, false])
  })
})

describe('opening', () => {
  it('[HDR1] without a report nothing is sent, and the setting is named', async () => {
    const bench = await openDrawer({ openReport: '0001' })
    expect(await bench.open({ drawer: 2 })).toMatchObject({
      state: 'failed',
      error: { code: 'payload_unsupported', context: { reason: expect.stringContaining('openReport2') } },
    })
    expect([bench.sent, bench.twin.kicks]).toEqual([0, 0])
  })

  it.each(['output', 'feature'] as const)(
    '[HDR4] by %s report, without sensing: done, not confirmed',
    async (openVia) => {
      const bench = await openDrawer({ openReport: '0001', openVia }, { openVia })
      expect(await bench.open()).toEqual(done(false))
      expect([bench.sent, bench.twin.kicks, bench.twin.isOpen]).toEqual([1, 1, true])
    },
  )

  it('[HDR5] done and confirmed when it says open after the command, also late', async () => {
    const bench = await openDrawer(sensing, { ...speaking, travelMs: 900 })
    const opening = bench.open()
    await bench.clock.advance(899)
    await bench.clock.advance(1)
    expect(await opening).toEqual(done(true))
    expect(bench.moves).toEqual([true])
    expect(bench.clock.pending).toBe(0)
  })

  it('[HDR6] held shut: stuck, when it says so after the command', async () => {
    const bench = await openDrawer(sensing, { ...speaking, everyMs: 200 })
    bench.twin.stick(true)
    const opening = bench.open()
    await bench.clock.advance(1_000)
    expect(await opening).toMatchObject({ state: 'failed', error: { code: 'drawer_stuck' } })
    expect(bench.moves).toEqual([false])
  })

  it('[HDR7] silent after it has spoken: unknown; never spoken: done, not confirmed', async () => {
    const bench = await openDrawer(sensing, speaking)
    expect(await bench.open()).toEqual(done(true))
    bench.twin.order({ order: 'drawer', open: false })
    await settle()
    bench.twin.stick(true)
    const opening = bench.open()
    await bench.clock.advance(1_000)
    expect(await opening).toMatchObject({ state: 'unknown', error: { code: 'job_outcome_unknown' } })
    const mute = await openDrawer(sensing, {})
    const unheard = mute.open()
    await mute.clock.advance(1_000)
    expect(await unheard).toEqual(done(false))
  })

  it('[HDR7] one that is open already need not say so again', async () => {
    const bench = await openDrawer(sensing, speaking)
    bench.twin.order({ order: 'drawer', open: true })
    await settle()
    const opening = bench.open()
    await bench.clock.advance(1_000)
    expect(await opening).toEqual(done(false))
  })

  it('[HDR3] each change is told once, also those that nobody asked for', async () => {
    const bench = await openDrawer(sensing, speaking)
    for (const open of [true, true, false, true]) {
      bench.twin.order({ order: 'drawer', open })
      await settle()
    }
    expect(bench.moves).toEqual([true, false, true])
    await bench.device.stop()
    bench.twin.order({ order: 'drawer', open: false })
    await settle()
    expect(bench.moves).toEqual([true, false, true])
  })
})

describe('endings', () => {
  it.each(['output', 'feature'] as const)(
    '[HDR8] a cable lost at the %s report: unknown',
    async (openVia) => {
      const bench = await openDrawer({ ...sensing, openVia }, { ...speaking, openVia })
      bench.twin.order({ order: 'fault', fault: 'drop' })
      expect(await bench.open()).toMatchObject({ state: 'unknown', error: { code: 'port_closed' } })
      expect([bench.sent, bench.clock.pending]).toEqual([1, 0])
    },
  )

  it('[HDR8] a stop after the command: unknown; before it nothing is sent', async () => {
    const bench = await openDrawer(sensing, { ...speaking, travelMs: 500 })
    const opening = bench.open()
    await settle()
    bench.abort()
    expect(await opening).toMatchObject({ state: 'unknown', error: { code: 'job_outcome_unknown' } })
    expect(await bench.open()).toMatchObject({ state: 'failed', error: { code: 'stopping' } })
    const gone = await openDrawer(sensing, speaking)
    gone.twin.order({ order: 'plug', on: false })
    await settle()
    expect(await gone.open()).toMatchObject({ state: 'failed', error: { code: 'port_closed' } })
    expect([bench.sent, gone.sent, gone.twin.kicks]).toEqual([1, 0, 0])
  })

  it('[HDR8] plugged in again it does not open by itself', async () => {
    const bench = await openDrawer(sensing, speaking)
    bench.twin.order({ order: 'plug', on: false })
    await settle()
    await bench.open()
    bench.twin.order({ order: 'plug', on: true })
    await bench.clock.advance(60_000)
    expect([bench.twin.kicks, bench.twin.isOpen]).toEqual([0, false])
  })

  it('[HDR10] the twin refuses orders of other devices, and other reports do not open it', async () => {
    const bench = await openDrawer({ openReport: '0002' }, speaking)
    expect(() => bench.twin.order({ order: 'load', grams: 1 })).toThrow(/a drawer cannot/)
    await bench.open()
    expect([bench.twin.kicks, bench.twin.isOpen]).toEqual([0, false])
  })
})
