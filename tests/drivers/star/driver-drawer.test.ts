/** The drawer on a Star printer, and what its twin obeys. */
import { describe, expect, it } from 'vitest'
import type { HubError } from '../../../src/protocol/errors.ts'
import { Bench } from './bench.ts'

const done = (confirmed: boolean, copies = 1) => ({ state: 'done', outcome: { confirmed, copies } })

describe('drawer', () => {
  it('[STAR50] confirmed when it was shut and its switch shows it open; an open one confirms nothing', async () => {
    const bench = await new Bench().start()
    expect(await bench.until(bench.kick().result)).toEqual({ state: 'done', outcome: { confirmed: true } })
    expect(bench.twin.pulses).toMatchObject([{ pin: 2, onMs: 200, offMs: 800, realTime: false }])
    expect(bench.drawer).toEqual([true])
    expect(await bench.until(bench.kick().result)).toEqual({
      state: 'done',
      outcome: { confirmed: false, wasOpen: true },
    })
  })

  it('[STAR50] one given up while a ticket has the turn ends at once, and never opens it', async () => {
    const bench = await new Bench({ twin: { printMsPerLine: 4_000 } }).start()
    const ticket = await bench.print('a\nb')
    const kick = bench.kick()
    await bench.clock.advance(100)
    kick.abort()
    await bench.clock.advance(100)
    const ended = await Promise.race([kick.result, 'not yet'])
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'port_closed' } })
    expect(await bench.until(ticket.result)).toEqual(done(true))
    await bench.clock.advance(5_000)
    expect([kick.sent(), bench.twin.pulses]).toEqual([false, []])
  })

  it('[STAR50] the other polarity, and a drawer without a switch', async () => {
    const low = await new Bench({
      twin: { drawerOpenLevel: 'low' },
      settings: { drawerOpenLevel: 'low' },
    }).start()
    expect(await low.until(low.kick().result)).toMatchObject({ outcome: { confirmed: true } })
    const blind = await new Bench({ settings: { drawerSense: false } }).start()
    expect(await blind.until(blind.kick(2).result)).toMatchObject({ outcome: { confirmed: false } })
    expect(blind.twin.pulses.map(({ pin }) => pin)).toEqual([5])
    expect(blind.drawer).toEqual([])
  })

  it('[STAR51] out of paper nothing is sent, unless the printer obeys FS at once', async () => {
    for (const [drawerRealTime, pulses] of [
      [false, []],
      [true, [true]],
    ] as const) {
      const bench = await new Bench({ settings: { drawerRealTime } }).start()
      bench.twin.order({ order: 'paper', state: 'out' })
      await bench.clock.advance(10)
      expect(bench.device.drawer!.opensDespite!('paper_out')).toBe(drawerRealTime)
      const result = await bench.until(bench.kick().result)
      expect(result.state).toBe(drawerRealTime ? 'done' : 'failed')
      if (result.state === 'failed') expect((result.error as HubError).code).toBe('paper_out')
      bench.twin.order({ order: 'paper', state: 'full' })
      await bench.clock.advance(1_000)
      expect(bench.twin.pulses.map(({ realTime }) => realTime)).toEqual(pulses)
    }
  })

  it('[STAR50] a printer without a drawer has no such capability', async () => {
    const bench = await new Bench({ settings: { drawer: false }, twin: { drawer: false } }).start()
    expect([bench.device.capabilities, bench.device.drawer]).toEqual([['printing'], undefined])
    expect(() => bench.device.printing!.prepare({ text: 'a', openDrawer: true }, 'job-1')).toThrow(/drawer/)
  })
})

describe('the twin', () => {
  it('[STAR61] refuses orders that it does not know', () => {
    const { twin } = new Bench()
    expect(() => twin.order({ order: 'load', grams: 5 })).toThrow(/does not know load/)
    const bare = new Bench({ twin: { drawer: false } }).twin
    expect(() => bare.order({ order: 'drawer', open: true })).toThrow(/no drawer/)
  })

  it('[STAR62] on Ethernet the status has its length behind it, and the driver reads it', async () => {
    const bench = await new Bench({ twin: { ethernet: true }, settings: { completion: 'etb' } }).start()
    expect(await bench.until((await bench.print()).result)).toEqual(done(true))
  })

  it('[STAR63] what the buffer has no room for is lost', async () => {
    const bench = await new Bench({ twin: { bufferBytes: 16 } }).start()
    bench.twin.order({ order: 'cover', open: true })
    bench.transport.write(new Uint8Array(40).fill(0x41))
    await bench.clock.advance(10)
    bench.twin.order({ order: 'cover', open: false })
    expect(bench.twin.uncut).toEqual([])
  })
})
