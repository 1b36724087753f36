/** The drawer: kicked, sensed in both polarities, and never opened later by accident. */
import { afterEach, describe, expect, it } from 'vitest'
import { drawerTimes } from '../../../src/drivers/printers/escpos/drawer.ts'
import { settle } from '../../support/clock.ts'
import { Bench, type BenchOptions, verdict } from './driver-bench.ts'

let bench: Bench
const started = async (options: BenchOptions = {}) => {
  bench = await new Bench(options).start()
  return bench
}
afterEach(async () => {
  await bench?.device.stop()
  bench?.twin.stop()
})

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

  it('[ESC66] unless the model opens it at once', async () => {
    await started({ quirks: [{ name: 'drawer_real_time', value: true, reason: 'test' }] })
    bench.twin.order({ order: 'paper', state: 'out' })
    await settle()
    expect(await bench.until(bench.kick().result)).toMatchObject({ outcome: { confirmed: true } })
    expect(bench.twin.pulses).toEqual([{ pin: 2, onMs: 100, offMs: 100, realTime: true }])
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
