/** The driver against its twin: greeting, live status, confirmation, faults and inquiry. */
import { describe, expect, it } from 'vitest'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import { createStarDriver } from '../../../src/drivers/printers/star/driver.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { verdict } from '../../support/driver-bench.ts'
import { Bench, hex } from './bench.ts'

const done = (confirmed: boolean, copies = 1) => ({ state: 'done', outcome: { confirmed, copies } })
const raw = (...bytes: number[]) => ({ raw: Buffer.from(bytes).toString('base64') })

describe('greeting', () => {
  it('[STAR30] asks for the status, switches automatic status on, asks for the counter; prints and opens nothing', async () => {
    const bench = await new Bench().start()
    expect(hex(Uint8Array.from(bench.sent))).toBe('1b 06 01 1b 1e 61 01 1b 1d 03 00 00 00')
    expect(bench.twin.paper().revision).toBe(0)
    expect(bench.twin.pulses).toEqual([])
    expect(bench.details).toMatchObject({ completion: 'document', status: 'asb', mode: 'prnt', columns: 48 })
  })

  it('[STAR30] a printer that says nothing is asked twice, then the start fails', async () => {
    const bench = new Bench({ twin: { asks: false } })
    bench.open()
    await expect(bench.until(bench.device.start())).rejects.toMatchObject({ code: 'answer_timeout' })
    expect(hex(Uint8Array.from(bench.sent))).toBe('1b 06 01 1b 06 01')
  })

  it('[STAR32] one without ESC GS ETX gets the ETB counter, one without either is never believed', async () => {
    const etb = await new Bench({ twin: { marks: false } }).start()
    expect(etb.details).toMatchObject({ completion: 'etb' })
    const none = await new Bench({ twin: { marks: false, counts: false } }).start()
    expect(none.details).toMatchObject({ completion: 'none' })
    const shared = await new Bench({ twin: { marks: false }, settings: { shared: true } }).start()
    expect(shared.details).toMatchObject({ completion: 'none' })
    for (const [bench, confirmed] of [
      [etb, true],
      [none, false],
      [shared, false],
    ] as const) {
      expect(await bench.until((await bench.print()).result)).toEqual(done(confirmed))
      expect(bench.twin.tickets).toEqual([['Hello']])
    }
  })

  it('[STAR33] a printer that goes offline on the question is asked again when it is back', async () => {
    const bench = new Bench({ twin: { marks: false } })
    bench.open()
    const started = bench.device.start()
    await bench.clock.advance(500)
    bench.twin.order({ order: 'cover', open: true })
    await bench.until(started)
    bench.twin.order({ order: 'cover', open: false })
    await bench.clock.advance(3_000)
    expect(bench.details).toMatchObject({ completion: 'etb' })
    expect(await bench.until((await bench.print()).result)).toEqual(done(true))
  })

  it('[STAR33] the counter is asked for when the printer is online', async () => {
    const bench = new Bench()
    bench.twin.order({ order: 'cover', open: true })
    await bench.start()
    expect(bench.faultCodes).toEqual(['cover_open'])
    expect(hex(Uint8Array.from(bench.sent))).toBe('1b 06 01 1b 1e 61 01')
    bench.twin.order({ order: 'cover', open: false })
    await bench.clock.advance(100)
    expect(hex(Uint8Array.from(bench.sent))).toMatch(/1b 1d 03 00 00 00$/)
    expect(bench.faultCodes).toEqual([])
  })
})

it('[STAR35] probe sends ESC ACK SOH and nothing else, and is certain of a status', async () => {
  const bench = new Bench()
  bench.open()
  await bench.device.stop()
  const [transport, end] = memoryPair('probe', { clock: bench.clock })
  const sent: number[] = []
  bench.twin.attach({
    write: (bytes) => end.write(bytes),
    onBytes: (listener) =>
      end.onBytes((bytes) => {
        sent.push(...bytes)
        listener(bytes)
      }),
    close: () => end.close(),
  })
  const { probe } = createStarDriver({ imaging: new Imaging({ clock: bench.clock }) })
  const asked = probe!(transport, { clock: bench.clock, answerMsMax: 1_000 })
  expect(await bench.until(asked)).toEqual({ maker: 'Star', certain: true })
  expect(hex(Uint8Array.from(sent))).toBe('1b 06 01')
  await transport.close()
})

describe('live status', () => {
  it('[STAR31] faults and the drawer come by themselves, and nothing after stop', async () => {
    const bench = await new Bench().start()
    bench.twin.order({ order: 'paper', state: 'low' })
    await bench.clock.advance(10)
    expect(bench.faultCodes).toEqual(['paper_low'])
    bench.twin.fault('overheat')
    await bench.clock.advance(10)
    expect(bench.faultCodes).toEqual(['overheated', 'paper_low'])
    bench.twin.order({ order: 'drawer', open: true })
    bench.twin.order({ order: 'drawer', open: false })
    await bench.clock.advance(10)
    expect(bench.drawer).toEqual([true, false])
    await bench.device.stop()
    const told = bench.faults.length
    bench.twin.order({ order: 'paper', state: 'out' })
    await bench.clock.advance(60_000)
    expect(bench.faults.length).toBe(told)
  })

  it('[STAR31] a printer that has to be asked is asked', async () => {
    const bench = await new Bench({ settings: { status: 'ask' } }).start()
    bench.twin.order({ order: 'cover', open: true })
    await bench.clock.advance(11_000)
    expect(bench.faultCodes).toEqual(['cover_open'])
    bench.twin.order({ order: 'cover', open: false })
    await bench.clock.advance(2_100)
    expect(bench.faultCodes).toEqual([])
  })

  it('[STAR34] one that dies is noticed: not_responding, and the link is closed', async () => {
    const bench = await new Bench().start()
    bench.twin.order({ order: 'silent', on: true })
    await bench.clock.advance(20_000)
    expect(bench.faultCodes).toEqual(['not_responding'])
    expect(await bench.transport.closed).toMatchObject({ by: 'ours' })
  })
})

describe('printing', () => {
  it('[STAR40] an id behind each copy; done when it is echoed, and not before the paper has moved', async () => {
    const bench = await new Bench({ twin: { printMsPerLine: 1_000 } }).start()
    const job = await bench.print({ text: 'one\ntwo', copies: 2 })
    await bench.clock.advance(1_500)
    let ended = false
    void job.result.then(() => {
      ended = true
    })
    await bench.clock.advance(100)
    expect(ended).toBe(false)
    expect(await bench.until(job.result)).toEqual(done(true, 2))
    expect(bench.twin.tickets).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ])
    expect(new Set(bench.twin.ended).size).toBe(2)
  })

  it('[STAR41] ETB: the count has to go one on, over more than one round of the counter, and never to 0', async () => {
    const bench = await new Bench({ settings: { completion: 'etb' } }).start()
    for (let job = 1; job <= 70; job++) {
      const result = await bench.until((await bench.print('x', `job-${job}`)).result)
      expect(result).toEqual(done(true))
    }
    expect(bench.twin.tickets.length).toBe(20)
    // One before the first job, and each time the counter passes 0 it takes two.
    expect(bench.twin.etbs).toBe(73)
  })

  it('[STAR41] the same on a printer that has to be asked', async () => {
    const bench = await new Bench({ settings: { completion: 'etb', status: 'ask' } }).start()
    expect(await bench.until((await bench.print()).result)).toEqual(done(true))
  })

  it('[STAR49] a count that a job left open: the next job begins anew, also when the printer was switched off and on', async () => {
    for (const powerCycle of [false, true]) {
      for (const status of ['asb', 'ask'] as const) {
        const settings = { completion: 'etb', status, completionMsMax: 5_000 } as const
        const bench = await new Bench({ settings }).start()
        await bench.until((await bench.print('one', 'job-1')).result)
        bench.twin.order({ order: 'silent', on: true })
        const lost = await bench.until((await bench.print(raw(0x41, 0x0a), 'job-2')).result)
        expect(lost.state).not.toBe('done')
        bench.twin.order({ order: 'silent', on: false })
        if (bench.deviceLost) await bench.again()
        if (powerCycle) bench.twin.forgetCounters()
        const next = await bench.until((await bench.print('three', 'job-3')).result)
        expect([powerCycle, status, next]).toEqual([powerCycle, status, done(true)])
        const answered = bench.device.printing!.inquire!('job-2', '{}')
        // Printed it was; after the loss of power nothing tells any more.
        expect(await bench.until(answered)).toBe(powerCycle || bench.connections > 1 ? undefined : 'done')
      }
    }
  })

  it('[STAR49] a counter that stands still: the link is given up, and nothing was sent', async () => {
    const bench = await new Bench({ settings: { completion: 'etb', completionMsMax: 1_000 } }).start()
    await bench.until((await bench.print('zero', 'job-0')).result)
    bench.twin.holdCounter = true
    const first = await bench.until((await bench.print('one', 'job-1')).result)
    expect(verdict(first)).toBe('unknown job_outcome_unknown')
    const next = await bench.print('two', 'job-2')
    expect(verdict(await bench.until(next.result))).toBe('failed port_closed')
    expect(next.sent()).toBe(false)
    expect(bench.twin.tickets).toEqual([['zero'], ['one']])
  })

  it('[STAR49] the ETB of a job on an earlier connection is not taken for the end of the next job', async () => {
    const bench = await new Bench({
      twin: { printMsPerLine: 1_000 },
      settings: { completion: 'etb' },
    }).start()
    const old = await bench.print('old\njob', 'job-1')
    // Everything is in the printer, nothing is on the paper, and the hub starts again.
    await bench.clock.advance(600)
    void old.result.catch(() => undefined)
    await bench.again()
    const next = await bench.print('a\nb\nc\nd', 'job-2')
    const paperAtEnd = next.result.then((result) => ({ result, tickets: bench.twin.tickets.length }))
    expect(await bench.until(paperAtEnd)).toEqual({ result: done(true), tickets: 2 })
  })

  it('[STAR49] the ETBs of raw bytes are not taken for the end of the next job', async () => {
    const bench = await new Bench({
      twin: { printMsPerLine: 500 },
      settings: { completion: 'etb' },
    }).start()
    await bench.until((await bench.print('zero', 'job-0')).result)
    const own = await bench.print(raw(0x41, 0x0a, 0x42, 0x0a, 0x17), 'job-1')
    expect(await bench.until(own.result)).toEqual(done(false))
    const next = await bench.print('a\nb\nc\nd', 'job-2')
    const paperAtEnd = next.result.then((result) => ({ result, tickets: bench.twin.tickets.length }))
    expect(await bench.until(paperAtEnd)).toEqual({ result: done(true), tickets: 2 })
  })

  it('[STAR49] a job given up while the counter is awaited ends at once, also on a printer that has to be asked', async () => {
    const settings = { completion: 'etb', status: 'ask' } as const
    const bench = await new Bench({ settings }).start()
    bench.twin.holdCounter = true
    const job = await bench.print()
    await bench.clock.advance(300)
    bench.twin.order({ order: 'silent', on: true })
    await bench.clock.advance(150)
    job.abort()
    let result: unknown
    void job.result.then((ended) => {
      result = ended
    })
    await bench.clock.advance(500)
    expect(result).toMatchObject({ state: 'failed' })
    expect(job.sent()).toBe(false)
  })

  it('[STAR49] the next job never begins at a count of 0, which a printer that was switched off and on shows', async () => {
    const bench = await new Bench({ settings: { completion: 'etb' } }).start()
    for (let job = 0; job < 30; job++) await bench.until((await bench.print('x', `job-${job}`)).result)
    const { etbs } = bench.twin
    await bench.again()
    expect(await bench.until((await bench.print('y', 'job-y')).result)).toEqual(done(true))
    // 31 are counted: one to 0, one more, and that of the job.
    expect([etbs, bench.twin.etbs]).toEqual([31, 34])
  })

  it('[STAR48] a job given up while another has the turn ends at once, and is not printed', async () => {
    const bench = await new Bench({ twin: { printMsPerLine: 4_000 } }).start()
    const first = await bench.print('a\nb', 'job-1')
    const second = await bench.print('c', 'job-2')
    second.abort()
    await bench.clock.advance(100)
    const ended = await Promise.race([second.result, 'not yet'])
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'port_closed' } })
    expect(await bench.until(first.result)).toEqual(done(true))
    await bench.clock.advance(5_000)
    expect([second.sent(), bench.twin.tickets]).toEqual([false, [['a', 'b']]])
  })

  it('[STAR42] a printer that never says is never confirmed', async () => {
    const bench = await new Bench({ settings: { completion: 'none' } }).start()
    expect(await bench.until((await bench.print()).result)).toEqual(done(false))
  })

  it('[STAR43] raw bytes with an ETB of their own: confirmed by an id, not by the counter', async () => {
    for (const [completion, confirmed] of [
      ['document', true],
      ['etb', false],
    ] as const) {
      const bench = await new Bench({ settings: { completion } }).start()
      const job = await bench.print(raw(0x41, 0x0a, 0x17))
      expect(await bench.until(job.result)).toEqual(done(confirmed))
    }
  })

  it('[STAR44] out of paper in the midst: waits and says so, goes on when it is loaded, prints once', async () => {
    const bench = await new Bench({ twin: { printMsPerLine: 100 } }).start()
    bench.twin.endPaperAfter(5)
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`)
    const job = await bench.print({ text: lines.join('\n') })
    await bench.clock.advance(60_000)
    expect(job.waits.at(-1)).toBe('paper_out')
    bench.twin.order({ order: 'paper', state: 'full' })
    expect(await bench.until(job.result)).toEqual(done(true))
    expect(bench.twin.tickets).toEqual([lines])
  })

  it('[STAR44] with a blocking fault before the job nothing is sent', async () => {
    const bench = await new Bench().start()
    bench.twin.fault('cutter')
    await bench.clock.advance(10)
    const job = await bench.print()
    await bench.clock.advance(30_000)
    expect([job.sent(), job.waits]).toEqual([false, ['cutter_jam']])
    bench.twin.fault('cutter', false)
    expect(await bench.until(job.result)).toEqual(done(true))
  })

  it('[STAR45] silence after the data is unknown after completionMsMax, and a late echo settles it', async () => {
    const bench = await new Bench({
      twin: { printMsPerLine: 8_000 },
      settings: { completionMsMax: 5_000, status: 'none' },
    }).start()
    const job = await bench.print('a\nb')
    const result = await bench.until(job.result)
    expect(verdict(result)).toBe('unknown job_outcome_unknown')
    const evidence = '{}'
    expect(await bench.until(bench.device.printing!.inquire!('job-1', evidence))).toBeUndefined()
    await bench.clock.advance(20_000)
    expect(await bench.until(bench.device.printing!.inquire!('job-1', evidence))).toBe('done')
  })

  it('[STAR48] a cable pulled in the midst is unknown, before the first byte failed', async () => {
    const bench = await new Bench({ twin: { printMsPerLine: 1_000 } }).start()
    const job = await bench.print('a\nb\nc')
    await bench.clock.advance(500)
    bench.twin.order({ order: 'plug', on: false })
    const result = await bench.until(job.result)
    expect(verdict(result)).toBe('unknown job_outcome_unknown')
    const after = await bench.print('late', 'job-2')
    expect(verdict(await bench.until(after.result))).toBe('failed port_closed')
    expect(after.sent()).toBe(false)
  })
})

describe('inquiry after a lost link', () => {
  /** Prints a job of which the end is not heard, and comes back on another connection. */
  async function lost(completion: 'document' | 'etb', printed: boolean, powerCycle = false, settings = {}) {
    const bench = await new Bench({ settings: { completion, ...settings } }).start()
    // A counter that stands at 0 is that of a printer that was just switched on.
    await bench.until((await bench.print('before', 'job-0')).result)
    const payload = { text: 'mine', copies: 2 }
    const evidence = await bench.evidenceOf(payload)
    if (!printed) bench.twin.order({ order: 'fault', fault: 'drop' })
    else bench.twin.order({ order: 'silent', on: true })
    const job = await bench.print(payload)
    const result = await bench.until(job.result)
    bench.twin.order({ order: 'fault', fault: 'none' })
    bench.twin.order({ order: 'silent', on: false })
    if (powerCycle) {
      bench.twin.order({ order: 'plug', on: false })
      bench.twin.order({ order: 'plug', on: true })
    }
    await bench.again()
    const answer =
      evidence === undefined
        ? 'no evidence'
        : await bench.until(bench.device.printing!.inquire!('job-1', evidence))
    return { result: verdict(result), answer }
  }

  it.each(['document', 'etb'] as const)(
    '[STAR46] %s: a counter that does not stand where the job brings it proves nothing',
    async (completion) => {
      expect(await lost(completion, false)).toMatchObject({ answer: undefined })
    },
  )

  it.each(['document', 'etb'] as const)(
    '[STAR46] %s: switched off and on, the counter proves nothing',
    async (completion) => {
      expect(await lost(completion, true, true)).toMatchObject({ answer: undefined })
    },
  )

  it.each(['document', 'etb'] as const)('[STAR46] %s: risen by all copies is done', async (completion) => {
    const bench = await new Bench({ settings: { completion } }).start()
    await bench.until((await bench.print('before', 'job-0')).result)
    const payload = { text: 'mine', copies: 2 }
    const evidence = (await bench.evidenceOf(payload))!
    expect(await bench.until((await bench.print(payload)).result)).toEqual(done(true, 2))
    // A hub that died before it wrote the outcome down comes back.
    await bench.again()
    expect(await bench.until(bench.device.printing!.inquire!('job-1', evidence))).toBe('done')
    const less = JSON.stringify({ ...JSON.parse(evidence), copies: 1 })
    expect(await bench.until(bench.device.printing!.inquire!('job-1', less))).toBeUndefined()
  })

  it('[STAR46] while an end is still awaited there is no evidence: it would move the counter by itself', async () => {
    for (const completion of ['document', 'etb'] as const) {
      const bench = await new Bench({
        twin: { printMsPerLine: 4_000 },
        settings: { completion, completionMsMax: 6_000 },
      }).start()
      await bench.until((await bench.print('a', 'job-0')).result)
      const before = await bench.evidenceOf({ text: 'mine' })
      const late = await bench.until((await bench.print('b\nc\nd\ne', 'job-1')).result)
      const during = await bench.evidenceOf({ text: 'mine' })
      await bench.clock.advance(30_000)
      const after = await bench.evidenceOf({ text: 'mine' })
      expect([late.state, during]).toEqual(['unknown', ''])
      expect(JSON.parse(after!).count).toBe(JSON.parse(before!).count + 1)
    }
  })

  it('[STAR46] raw bytes that move or clear a counter give no evidence', async () => {
    const bench = await new Bench().start()
    for (const bytes of [
      [0x17],
      [0x18],
      [0x1b, 0x1d, 0x03, 0x01, 0, 0],
      [0x1b, 0x1d, 0x03, 0x02, 0, 0],
      [0x1b, 0x1e, 0x45, 0],
    ]) {
      expect([bytes, await bench.evidenceOf(raw(0x41, 0x0a, ...bytes))]).toEqual([bytes, undefined])
    }
    expect(await bench.evidenceOf(raw(0x41, 0x1b, 0x1d, 0x0a))).toBeTypeOf('string')
  })

  it('[STAR47] a printer that others use too gives no evidence', async () => {
    expect(await lost('document', true, false, { shared: true })).toMatchObject({ answer: 'no evidence' })
  })
})
