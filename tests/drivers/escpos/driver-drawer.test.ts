/** The drawer: kicked, sensed in both polarities, and never opened later by accident. */
import { afterEach, describe, expect, it } from 'vitest'
import { drawerTimes } from '../../../src/drivers/printers/common/run/drawer.ts'
import { faultCodeSchema } from '../../../src/protocol/device.ts'
import { settle } from '../../support/clock.ts'
import { verdict } from '../../support/driver-bench.ts'
import { Bench, type BenchOptions } from './driver-bench.ts'

let bench: Bench
const started = async (options: BenchOptions = {}) => {
  bench = await new Bench(options).start()
  return bench
}
afterEach(async () => {
  await bench?.device.stop()
  bench?.twin.stop()
})

const realTime: BenchOptions = { settings: { drawerRealTime: true } }
const unreported: BenchOptions = { twin: { asb: false }, settings: { status: 'dle-eot' } }

describe('opening', () => {
  let polarities = 0
  for (const level of ['high', 'low'] as const) {
    for (const reports of [true, false]) {
      it(`[ESC64] confirmed when the switch shows it: ${level} is open, ${reports ? 'reported' : 'asked for'}`, async () => {
        const how = reports ? {} : unreported
        await started({
          twin: { ...how.twin, drawerOpenLevel: level },
          settings: { ...how.settings, drawerOpenLevel: level },
        })
        expect(bench.details).toMatchObject({ drawer_open: false })
        const result = await bench.until(bench.kick().result)
        expect(result).toEqual({ state: 'done', outcome: { confirmed: true } })
        expect(bench.drawer).toEqual([true])
        expect(bench.details).toMatchObject({ drawer_open: true })
        bench.twin.order({ order: 'drawer', open: false })
        await bench.clock.advance(10_000)
        expect(bench.drawer).toEqual([true, false])
        polarities++
      })
    }
  }
  it('[ESC64] both polarities were tried both ways', () => {
    bench = undefined as unknown as Bench
    expect(polarities).toBe(4)
  })

  it('[ESC64] with the wrong level configured it is never confirmed', async () => {
    await started({ twin: { drawerOpenLevel: 'low' }, settings: { drawerOpenLevel: 'high' } })
    const result = await bench.until(bench.kick().result)
    expect(result).toMatchObject({ state: 'done', outcome: { confirmed: false } })
  })

  it('[ESC64] a drawer that does not spring open within a second: done, not confirmed', async () => {
    await started({ twin: { drawer: false, drawerOpenLevel: 'low' }, settings: { drawerOpenLevel: 'low' } })
    const kick = bench.kick()
    let ended = false
    void kick.result.then(() => {
      ended = true
    })
    await bench.clock.advance(drawerTimes.openMsMax - 1)
    expect(ended).toBe(false)
    await bench.clock.advance(1)
    expect(await kick.result).toEqual({ state: 'done', outcome: { confirmed: false } })
    expect(bench.twin.pulses).toHaveLength(1)
  })

  it('[ESC64] an open drawer confirms nothing', async () => {
    await started()
    bench.twin.order({ order: 'drawer', open: true })
    await settle()
    const result = await bench.until(bench.kick().result)
    expect(result).toEqual({ state: 'done', outcome: { confirmed: false, wasOpen: true } })
  })

  it('[ESC64] no switch wired: not confirmed, no events, nothing on the card', async () => {
    await started({ settings: { drawerSense: false } })
    expect(await bench.until(bench.kick().result)).toEqual({ state: 'done', outcome: { confirmed: false } })
    expect(bench.drawer).toEqual([])
    expect(bench.details).not.toHaveProperty('drawer_open')
  })

  it('[ESC65] the pulse has the pin and the times of the settings', async () => {
    await started({ settings: { drawerPulseOnMs: 100, drawerPulseOffMs: 400 } })
    await bench.until(bench.kick(1).result)
    await bench.until(bench.kick(2).result)
    expect(bench.twin.pulses).toEqual([
      { pin: 2, onMs: 100, offMs: 400, realTime: false },
      { pin: 5, onMs: 100, offMs: 400, realTime: false },
    ])
  })

  it('[ESC65] without a drawer in the settings there is no such capability', async () => {
    await started({ settings: { drawer: false } })
    expect(bench.device.capabilities).toEqual(['printing'])
    expect(bench.device.drawer).toBeUndefined()
  })
})

describe('not opening', () => {
  it('[ESC66] a printer out of paper: failed with paper_out, and nothing opens when paper is loaded', async () => {
    await started()
    bench.twin.order({ order: 'paper', state: 'out' })
    await settle()
    const kick = bench.kick()
    expect(verdict(await bench.until(kick.result))).toBe('failed paper_out')
    expect(kick.sent()).toBe(false)
    bench.twin.order({ order: 'paper', state: 'full' })
    await bench.clock.advance(60_000)
    expect(bench.twin.pulses).toEqual([])
  })

  it.each([
    ['paper_out', { order: 'paper', state: 'out' }],
    ['cover_open', { order: 'cover', open: true }],
  ] as const)('[ESC66] unless the printer opens it at once: %s', async (fault, order) => {
    await started(realTime)
    bench.twin.order(order)
    await settle()
    expect(bench.device.drawer!.opensDespite!(fault)).toBe(true)
    expect(await bench.until(bench.kick().result)).toMatchObject({ outcome: { confirmed: true } })
    expect(bench.twin.pulses).toEqual([{ pin: 2, onMs: 100, offMs: 100, realTime: true }])
  })

  it('[ESC66] with an error nothing is sent, even where the printer opens it at once', async () => {
    await started(realTime)
    bench.twin.order({ order: 'paper', state: 'out' })
    bench.twin.fault('cutter_jam')
    await settle()
    expect(bench.faultCodes).toEqual(['paper_out', 'cutter_jam'])
    const kick = bench.kick()
    expect(verdict(await bench.until(kick.result))).toBe('failed cutter_jam')
    expect(kick.sent()).toBe(false)
  })

  it('[ESC66] which faults it opens despite: those of an offline printer, where it has the real-time pulse', async () => {
    const opens = () => faultCodeSchema.options.filter((code) => bench.device.drawer!.opensDespite!(code))
    await started(realTime)
    expect(opens().sort()).toEqual(['cover_open', 'offline', 'paper_out'])
    await bench.device.stop()
    bench.twin.stop()
    await started()
    expect(opens()).toEqual([])
  })

  it('[ESC67] a link lost before the pulse: failed; a dead peer too', async () => {
    await started()
    bench.twin.order({ order: 'silent', on: true })
    const dead = bench.kick()
    expect(verdict(await bench.until(dead.result))).toBe('failed port_closed')
    expect(dead.sent()).toBe(false)
    expect(verdict(await bench.until(bench.kick().result))).toBe('failed port_closed')
    expect(bench.twin.pulses).toEqual([])
  })

  it('[ESC67] a link lost within or after the pulse: unknown, whatever the drawer did', async () => {
    let cases = 0
    // The status question has 3 bytes, the pulse 5.
    for (let bytes = 1; bytes <= 8; bytes++) {
      await started({ twin: { drawer: false, drawerOpenLevel: 'low' }, settings: { drawerOpenLevel: 'low' } })
      bench.twin.fault('drop_after_bytes', bytes)
      const kick = bench.kick()
      const result = await bench.until(kick.result)
      expect(result.state, `${bytes} bytes`).toBe(bytes <= 3 ? 'failed' : 'unknown')
      expect(kick.sent()).toBe(bytes > 3)
      cases++
    }
    expect(cases).toBe(8)
  })

  it('[ESC67] the end of the attempt while it waits for the switch: unknown', async () => {
    await started({ twin: { drawer: false, drawerOpenLevel: 'low' }, settings: { drawerOpenLevel: 'low' } })
    const kick = bench.kick()
    await settle()
    kick.abort()
    await settle()
    expect(verdict(await kick.result)).toBe('unknown job_outcome_unknown')
  })

  it('[ESC68] a kick waits for the ticket under way', async () => {
    await started({ twin: { printMsPerLine: 25 } })
    const job = await bench.print('line\n'.repeat(40))
    const kick = bench.kick()
    await bench.clock.advance(500)
    expect(bench.twin.pulses).toEqual([])
    await bench.until(job.result)
    await bench.until(kick.result)
    expect(bench.twin.pulses).toHaveLength(1)
    expect(bench.twin.tickets[0]!.filter((line) => line === 'line')).toHaveLength(40)
  })
})

describe('past a ticket that waits for paper', () => {
  const lines = (text: string) => bench.twin.tickets.flat().filter((line) => line === text).length
  const stuck = async (options: BenchOptions = {}, copies = 1) => {
    await started({ ...options, settings: { drawerRealTime: true, ...options.settings } })
    bench.twin.fault('paper_out_after_lines', 5)
    const job = await bench.print({ text: 'line\n'.repeat(20), copies })
    await bench.clock.advance(3_000)
    expect(job.waits.at(-1)).toBe('paper_out')
    return job
  }
  const mend = () => bench.twin.order({ order: 'paper', state: 'full' })

  for (const [name, how] of [
    ['reported', {}],
    ['asked for', unreported],
  ] as const) {
    it(`[ESC70] in its midst, status ${name}: opens at once; the ticket comes out whole and once`, async () => {
      const job = await stuck(how)
      const begun = bench.clock.monotonic()
      expect(await bench.until(bench.kick().result)).toEqual({ state: 'done', outcome: { confirmed: true } })
      expect(bench.clock.monotonic() - begun).toBeLessThanOrEqual(drawerTimes.openMsMax)
      expect(bench.twin.pulses).toEqual([{ pin: 2, onMs: 100, offMs: 100, realTime: true }])
      mend()
      expect(await bench.until(job.result)).toMatchObject({ state: 'done', outcome: { confirmed: true } })
      expect(lines('line')).toBe(20)
      expect(bench.twin.violations).toEqual([])
    })
  }

  it('[ESC70] before its first byte', async () => {
    await started(realTime)
    bench.twin.order({ order: 'paper', state: 'out' })
    await settle()
    const job = await bench.print('line\n')
    await settle()
    expect(await bench.until(bench.kick().result)).toMatchObject({ outcome: { confirmed: true } })
    expect(job.sent()).toBe(false)
    mend()
    expect((await bench.until(job.result)).state).toBe('done')
    expect(lines('line')).toBe(1)
  })

  it('[ESC70] two kicks: one pulse after the other, none ignored', async () => {
    await stuck({ twin: { drawer: false, drawerOpenLevel: 'low' }, settings: { drawerOpenLevel: 'low' } })
    const kicks = [bench.kick(1), bench.kick(2)]
    await bench.clock.advance(drawerTimes.openMsMax - 1)
    expect(bench.twin.pulses).toHaveLength(1)
    for (const kick of kicks) expect((await bench.until(kick.result)).state).toBe('done')
    expect(bench.twin.pulses.map(({ pin }) => pin)).toEqual([2, 5])
  })

  it('[ESC70] within its bytes nothing is sent: failed with the fault, and nothing opens later', async () => {
    await started({ settings: { drawerRealTime: true }, twin: { bufferBytes: 512 } })
    bench.twin.fault('paper_out_after_lines', 5)
    const job = await bench.print('line\n'.repeat(2_000))
    await bench.clock.advance(1_000)
    const kick = bench.kick()
    expect(verdict(await bench.until(kick.result, 5_000))).toBe('failed paper_out')
    expect(kick.sent()).toBe(false)
    mend()
    await bench.until(job.result)
    expect(bench.twin.pulses).toEqual([])
  })

  it('[ESC70] no answer: failed with the fault, nothing sent, and the ticket is not given up for it', async () => {
    const job = await stuck()
    bench.twin.order({ order: 'silent', on: true })
    const kick = bench.kick()
    expect(verdict(await bench.until(kick.result, 5_000))).toBe('failed paper_out')
    expect(kick.sent()).toBe(false)
    bench.twin.order({ order: 'silent', on: false })
    mend()
    expect(await bench.until(job.result)).toMatchObject({ state: 'done' })
    expect(bench.twin.pulses).toEqual([])
  })

  it('[ESC70] paper loaded meanwhile: it waits for the ticket again, by the pulse in turn', async () => {
    const job = await stuck({ ...unreported, twin: { ...unreported.twin, printMsPerLine: 25 } })
    mend()
    const kick = bench.kick()
    await bench.until(job.result)
    expect((await bench.until(kick.result)).state).toBe('done')
    expect(bench.twin.pulses.map(({ realTime }) => realTime)).toEqual([false])
    expect(lines('line')).toBe(20)
  })

  it('[ESC66] a printer without the real-time pulse: failed at once, and nothing opens later', async () => {
    const job = await stuck({ settings: { drawerRealTime: false } })
    const kick = bench.kick()
    expect(verdict(await bench.until(kick.result, 1_000))).toBe('failed paper_out')
    expect(kick.sent()).toBe(false)
    mend()
    expect((await bench.until(job.result)).state).toBe('done')
    await bench.clock.advance(60_000)
    expect(bench.twin.pulses).toEqual([])
  })
})
