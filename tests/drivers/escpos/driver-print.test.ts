/** Printing with a known end: confirmed, paused by faults, unknown when nobody can tell, settled by inquiry. */
import { afterEach, describe, expect, it } from 'vitest'
import { runLimits } from '../../../src/drivers/printers/common/run/print-run.ts'
import { fencingLimits } from '../../../src/drivers/printers/escpos/fencing.ts'
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

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}`).join('\n')
const printed = () => bench.twin.tickets.length
/** What the twin found wrong. FS . is sent for printers that begin in Chinese, and the twin has no two-byte characters. */
const wrongs = () => bench.twin.violations.filter(({ command }) => command !== 'FS .')
/** Prints at 25 ms a line, so that there is time for things to go wrong. */
const slowPaper = { printMsPerLine: 25 }

describe('confirmation', () => {
  it('[ESC50] by process id: done when the printer says that the data is printed, not before', async () => {
    await started({ twin: slowPaper })
    const asked = bench.twin.printedJobs.length
    const job = await bench.print(lines(20))
    let ended = false
    void job.result.then(() => {
      ended = true
    })
    await bench.clock.advance(400)
    expect(ended).toBe(false)
    expect(printed()).toBe(0)
    const result = await bench.until(job.result)
    expect(result).toEqual({ state: 'done', outcome: { confirmed: true, copies: 1 } })
    expect(printed()).toBe(1)
    expect(bench.twin.printedJobs).toHaveLength(asked + 1)
    expect(job.sent()).toBe(true)
    expect(wrongs()).toEqual([])
  })

  it('[ESC50] every attempt has its own process id', async () => {
    await started()
    for (let i = 0; i < 50; i++) await bench.until((await bench.print('x\n', `job-${i}`)).result)
    // With the one of the greeting.
    expect(new Set(bench.twin.printedJobs).size).toBe(51)
  })

  it('[ESC51] by status after data', async () => {
    await started({ twin: slowPaper, settings: { completion: 'status-after-data' } })
    const job = await bench.print(lines(20))
    await bench.clock.advance(400)
    expect(printed()).toBe(0)
    const result = await bench.until(job.result)
    expect(result).toEqual({ state: 'done', outcome: { confirmed: true, copies: 1 } })
    expect(printed()).toBe(1)
  })

  it('[ESC52] completion none: done and not confirmed', async () => {
    await started({ settings: { completion: 'none' } })
    const result = await bench.until((await bench.print()).result)
    expect(result).toEqual({ state: 'done', outcome: { confirmed: false, copies: 1 } })
  })

  it('[ESC53] each copy is confirmed by itself', async () => {
    await started({ twin: slowPaper })
    const result = await bench.until((await bench.print({ text: lines(5), copies: 3 })).result)
    expect(result).toEqual({ state: 'done', outcome: { confirmed: true, copies: 3 } })
    expect(printed()).toBe(3)
    expect(bench.twin.printedJobs).toHaveLength(1 + 3)
  })

  it('[ESC53] when a later copy fails the outcome is unknown and tells how many are printed', async () => {
    await started({ twin: slowPaper })
    const job = await bench.print({ text: lines(5), copies: 3 })
    while (printed() < 2) await bench.clock.advance(25)
    bench.twin.order({ order: 'plug', on: false })
    const result = await bench.until(job.result)
    expect(verdict(result)).toBe('unknown job_outcome_unknown')
    expect(result).toMatchObject({ error: { context: { reason: 'link_lost' } } })
    expect(result).toMatchObject({
      error: { context: { copiesPrinted: expect.toSatisfy((n) => n === 1 || n === 2) } },
    })
  })

  it('[ESC54] no answer after the data and no fault: unknown after completionMsMax, and not a moment earlier', async () => {
    await started({ settings: { completionMsMax: 5_000 } })
    const job = await bench.print()
    bench.twin.order({ order: 'silent', on: true })
    let ended = false
    void job.result.then(() => {
      ended = true
    })
    await bench.clock.advance(4_999)
    expect(ended).toBe(false)
    await bench.clock.advance(1)
    const result = await job.result
    expect(verdict(result)).toBe('unknown job_outcome_unknown')
    expect(result).toMatchObject({ error: { context: { reason: 'no_answer', copiesPrinted: 0 } } })
  })

  it('[ESC54] a word that comes late over a slow line is not believed; late for the paper it is', async () => {
    for (const slow of [true, false]) {
      const bench = await new Bench({ twin: { printMsPerLine: slow ? 0 : 4_000 } }).start()
      if (slow) bench.twin.order({ order: 'fault', fault: 'slow' })
      const result = await bench.until((await bench.print()).result)
      expect(verdict(result)).toBe(slow ? 'unknown job_outcome_unknown' : 'done')
      // Nor is it when somebody asks later.
      const later = bench.until(bench.device.printing!.inquire!('job-1', ''))
      expect(await later).toBe(slow ? undefined : 'done')
    }
  })

  it('[ESC54] as long as the outcome may still come, silence is not taken for the death of the printer', async () => {
    await started({ settings: { completionMsMax: 60_000 } })
    const job = await bench.print()
    bench.twin.order({ order: 'silent', on: true })
    const result = await bench.until(job.result)
    expect(result).toMatchObject({ error: { context: { reason: 'no_answer' } } })
    expect(bench.clock.monotonic()).toBeGreaterThanOrEqual(60_000)
  })

  it('[ESC54] a long ticket has a second more for each full KB', async () => {
    await started({ settings: { completionMsMax: 5_000 } })
    const job = await bench.print({ raw: Buffer.alloc(3 * 1024, 'x').toString('base64') })
    bench.twin.order({ order: 'silent', on: true })
    const begun = bench.clock.monotonic()
    await bench.until(job.result)
    expect(bench.clock.monotonic() - begun).toBe(8_000)
  })

  it('[ESC54] [ESC55] a sheet of vouchers, few bytes and much paper, is done on a slow printer with a small buffer', async () => {
    await started({ twin: { printMsPerLine: 75 } })
    const voucher = [
      { type: 'text', text: 'Coffee', size: 4 },
      { type: 'qr', data: 'https://example.org/voucher' },
      { type: 'cut' },
    ] as const
    const blocks = Array.from({ length: 200 }, () => voucher).flat()
    const job = await bench.print({ receipt: { blocks } })
    const begun = bench.clock.monotonic()
    expect(await bench.until(job.result, 600_000)).toMatchObject({
      state: 'done',
      outcome: { confirmed: true },
    })
    expect(bench.clock.monotonic() - begun).toBeGreaterThan(120_000)
  })

  it.each([
    ['a', 'GS r at the head', '\x1dr\x01', ''],
    ['b', 'GS I and GS r at both ends', '\x1dI\x01\x1dr\x01', '\x1dr\x02'],
  ])(
    '[ESC51] (%s) raw bytes with questions of their own, %s: done when printed, and nothing left for the next job',
    async (_, _name, head, tail) => {
      await started({ twin: slowPaper, settings: { completion: 'status-after-data' } })
      const document = `${head}${'line\n'.repeat(40)}\x1dV\x00${tail}`
      const job = await bench.print({ raw: Buffer.from(document, 'latin1').toString('base64') })
      expect(await bench.until(job.result)).toEqual({
        state: 'done',
        outcome: { confirmed: true, copies: 1 },
      })
      expect(printed()).toBe(1)
      const next = await bench.print(lines(20), 'job-2')
      expect(await bench.until(next.result)).toMatchObject({ state: 'done', outcome: { confirmed: true } })
      expect(printed()).toBe(2)
    },
  )

  it('[ESC51] beyond rawQuestionsMax possible questions raw bytes are sent unconfirmed', async () => {
    for (const [count, confirmed] of [
      [fencingLimits.rawQuestionsMax, true],
      [fencingLimits.rawQuestionsMax + 1, false],
    ] as const) {
      await started({ settings: { completion: 'status-after-data' } })
      const job = await bench.print({
        raw: Buffer.from('\x1dr\x01'.repeat(count), 'latin1').toString('base64'),
      })
      expect(await bench.until(job.result)).toMatchObject({ state: 'done', outcome: { confirmed } })
      await bench.device.stop()
    }
  })

  it('[ESC55] a job is handed over in pieces of at most 2 KB, and nothing is asked in its midst', async () => {
    const sizes: number[] = []
    let listening = false
    await started({
      twin: { asb: false },
      settings: { status: 'dle-eot' },
      onSent: (bytes) => {
        if (listening) sizes.push(bytes.length)
      },
    })
    await bench.clock.advance(1)
    const big = { raw: Buffer.alloc(100_000, `${'abcdefg'.repeat(9)}\n`).toString('base64') }
    const job = await bench.print(big)
    listening = true
    expect(verdict(await bench.until(job.result))).toBe('done')
    const body = sizes.slice(sizes.findIndex((size) => size > 3))
    expect(Math.max(...sizes)).toBe(runLimits.pieceBytesMax)
    // After the first piece of the body every write is a full piece, but for the last.
    const lastPiece = body.findIndex((size) => size < runLimits.pieceBytesMax)
    expect(lastPiece).toBeGreaterThanOrEqual(Math.floor(100_000 / runLimits.pieceBytesMax))
    expect(bench.twin.hiddenRealTime).toBe(0)
    expect(wrongs()).toEqual([])
  })
})

describe('faults', () => {
  it('[ESC56] out of paper before the job: waits without sending a byte, goes on when it is loaded', async () => {
    await started()
    bench.twin.order({ order: 'paper', state: 'out' })
    await settle()
    const before = bench.twin.bytesReceived
    const job = await bench.print()
    await bench.clock.advance(10_000)
    expect(job.sent()).toBe(false)
    expect(job.waits).toEqual(['paper_out'])
    expect(bench.twin.bytesReceived).toBe(before)
    await bench.clock.advance(600_000)
    expect(job.sent()).toBe(false)
    bench.twin.order({ order: 'paper', state: 'full' })
    expect(verdict(await bench.until(job.result))).toBe('done')
    expect(job.waits).toEqual(['paper_out', undefined])
    expect(printed()).toBe(1)
  })

  it('[ESC56] the same without automatic status', async () => {
    await started({ twin: { asb: false }, settings: { status: 'dle-eot' } })
    bench.twin.order({ order: 'cover', open: true })
    const job = await bench.print()
    await bench.clock.advance(10_000)
    expect(job.sent()).toBe(false)
    expect(job.waits).toEqual(['cover_open'])
    bench.twin.order({ order: 'cover', open: false })
    expect(verdict(await bench.until(job.result))).toBe('done')
    expect(printed()).toBe(1)
  })

  for (const [name, options] of [
    ['process id', {}],
    ['status after data', { settings: { completion: 'status-after-data' } }],
    ['no automatic status', { twin: { asb: false }, settings: { status: 'dle-eot' } }],
  ] as [string, BenchOptions][]) {
    it(`[ESC57] out of paper in the midst of a ticket pauses it for hours, then it is done (${name})`, async () => {
      await started({ ...options, twin: { ...slowPaper, ...options.twin } })
      bench.twin.fault('paper_out_after_lines', 10)
      const job = await bench.print(lines(40))
      await bench.clock.advance(3 * 3_600_000)
      expect(job.waits).toEqual(['paper_out'])
      expect(printed()).toBe(0)
      bench.twin.order({ order: 'paper', state: 'full' })
      expect(await bench.until(job.result)).toEqual({
        state: 'done',
        outcome: { confirmed: true, copies: 1 },
      })
      expect(job.waits).toEqual(['paper_out', undefined])
      expect(bench.twin.tickets).toHaveLength(1)
      expect(bench.twin.tickets[0]!.filter((line) => line.startsWith('line '))).toHaveLength(40)
    })
  }

  it('[ESC57] the cover opened and shut in the midst of a ticket pauses it', async () => {
    await started({ twin: slowPaper })
    const job = await bench.print(lines(40))
    await bench.clock.advance(200)
    bench.twin.order({ order: 'cover', open: true })
    await bench.clock.advance(60_000)
    bench.twin.order({ order: 'cover', open: false })
    expect(verdict(await bench.until(job.result))).toBe('done')
    expect(job.waits).toEqual(['cover_open', undefined])
  })

  it('[ESC58] out of paper while the data is still going out: the rest is held back for hours', async () => {
    await started({ twin: { ...slowPaper, bufferBytes: 4_096 }, lineMsPerByte: 1 })
    bench.twin.fault('paper_out_after_lines', 100)
    const job = await bench.print(lines(1_000))
    await bench.clock.advance(3_600_000)
    expect(job.waits).toEqual(['paper_out'])
    const held = bench.twin.bytesReceived
    expect(held).toBeLessThan(6_000)
    bench.twin.order({ order: 'paper', state: 'full' })
    expect(verdict(await bench.until(job.result, 600_000))).toBe('done')
    expect(job.waits).toEqual(['paper_out', undefined])
    expect(bench.twin.tickets[0]!.filter((line) => line.startsWith('line '))).toHaveLength(1_000)
  })

  it('[ESC58] a piece that was under way when the buffer was full ends the link after 10 s: unknown', async () => {
    await started({ twin: { ...slowPaper, bufferBytes: 4_096 } })
    bench.twin.fault('paper_out_after_lines', 10)
    const job = await bench.print(lines(1_500))
    await bench.clock.advance(9_000)
    expect(job.waits).toEqual(['paper_out'])
    const result = await bench.until(job.result)
    expect(verdict(result)).toBe('unknown job_outcome_unknown')
    expect(result).toMatchObject({ error: { cause: { code: 'write_timeout' } } })
  })

  it('[ESC54] a mechanism that stands still and says that all is well: unknown', async () => {
    await started()
    bench.twin.fault('busy', true)
    const job = await bench.print()
    expect(verdict(await bench.until(job.result))).toBe('unknown job_outcome_unknown')
    expect(printed()).toBe(0)
  })

  it('[ESC59] the end of the attempt before anything was sent: failed, and nothing was sent', async () => {
    await started()
    bench.twin.order({ order: 'paper', state: 'out' })
    await settle()
    const before = bench.twin.bytesReceived
    const job = await bench.print()
    await settle()
    job.abort()
    await settle()
    expect((await job.result).state).toBe('failed')
    expect(job.sent()).toBe(false)
    bench.twin.order({ order: 'paper', state: 'full' })
    await bench.clock.advance(1_000)
    expect(bench.twin.bytesReceived).toBe(before)
  })

  it('[ESC59] the end of the attempt after something was sent: unknown at once', async () => {
    await started({ twin: slowPaper })
    const job = await bench.print(lines(40))
    await bench.clock.advance(100)
    expect(job.sent()).toBe(true)
    job.abort()
    await settle()
    const result = await job.result
    expect(verdict(result)).toBe('unknown job_outcome_unknown')
    expect(result).toMatchObject({ error: { context: { reason: 'stopped' } } })
  })
})

describe('lost links', () => {
  it('[ESC60] unplugged before the job: failed with port_closed, so that the hub tries again', async () => {
    await started()
    bench.twin.order({ order: 'plug', on: false })
    await settle()
    const job = await bench.print()
    expect(verdict(await bench.until(job.result))).toBe('failed port_closed')
    expect(job.sent()).toBe(false)
  })

  it('[ESC60] a dead peer is found out before a byte of the job is sent', async () => {
    await started()
    await bench.clock.advance(runLimits.freshMsMax + 1)
    bench.twin.order({ order: 'silent', on: true })
    const job = await bench.print()
    expect(verdict(await bench.until(job.result))).toBe('failed port_closed')
    expect(job.sent()).toBe(false)
    expect(bench.twin.printedText()).toBe('')
    await expect(bench.transport.closed).resolves.toMatchObject({ by: 'ours' })
  })

  it('[ESC60] unplugged in the midst of the job: unknown', async () => {
    await started({ twin: slowPaper })
    const job = await bench.print(lines(40))
    await bench.clock.advance(200)
    bench.twin.order({ order: 'plug', on: false })
    const result = await bench.until(job.result)
    expect(verdict(result)).toBe('unknown job_outcome_unknown')
    expect(result).toMatchObject({ error: { context: { reason: 'link_lost' } } })
  })
})

describe('inquiry', () => {
  it('[ESC61] a process id that came after the time limit settles the job as done', async () => {
    await started({ settings: { completionMsMax: 5_000 } })
    bench.twin.fault('busy', true)
    const evidence = ''
    const job = await bench.print()
    expect(verdict(await bench.until(job.result))).toBe('unknown job_outcome_unknown')
    await expect(bench.until(bench.device.printing!.inquire!('job-1', evidence))).resolves.toBeUndefined()
    bench.twin.fault('busy', false)
    await expect(bench.until(bench.device.printing!.inquire!('job-1', evidence))).resolves.toBe('done')
    expect(printed()).toBe(1)
  })

  it('[ESC61] the same with status after data', async () => {
    await started({ settings: { completion: 'status-after-data', completionMsMax: 5_000 } })
    bench.twin.fault('busy', true)
    const job = await bench.print()
    expect(verdict(await bench.until(job.result))).toBe('unknown job_outcome_unknown')
    bench.twin.fault('busy', false)
    await settle()
    await expect(bench.until(bench.device.printing!.inquire!('job-1', ''))).resolves.toBe('done')
  })

  it('[ESC62] an answer left open by one job is not taken for that of the next', async () => {
    await started({ settings: { completion: 'status-after-data', completionMsMax: 5_000 } })
    bench.twin.fault('busy', true)
    const first = await bench.print('first\n', 'first')
    expect(verdict(await bench.until(first.result))).toBe('unknown job_outcome_unknown')
    // The printer still stands: the next job is not sent behind it, and the link is given up.
    const second = await bench.print('second\n', 'second')
    expect(verdict(await bench.until(second.result))).toBe('failed port_closed')
    expect(second.sent()).toBe(false)
  })

  it('[ESC62] an answer that may be that of either job settles neither the first as done', async () => {
    await started({ settings: { completion: 'status-after-data', completionMsMax: 5_000 } })
    bench.twin.order({ order: 'silent', on: true })
    const first = await bench.print('first\n', 'first')
    expect(verdict(await bench.until(first.result))).toBe('unknown job_outcome_unknown')
    bench.twin.order({ order: 'silent', on: false })
    const second = await bench.print('second\n', 'second')
    expect(verdict(await bench.until(second.result))).toBe('done')
    await expect(bench.until(bench.device.printing!.inquire!('first', ''))).resolves.toBeUndefined()
  })

  it('[ESC62] once the open answer has come the next job is printed and confirmed by its own', async () => {
    await started({
      twin: slowPaper,
      settings: { completion: 'status-after-data', completionMsMax: 5_000 },
    })
    bench.twin.fault('busy', true)
    const first = await bench.print('first\n', 'first')
    expect(verdict(await bench.until(first.result))).toBe('unknown job_outcome_unknown')
    bench.twin.fault('busy', false)
    const second = await bench.print(lines(30), 'second')
    expect(verdict(await bench.until(second.result))).toBe('done')
    expect(printed()).toBe(2)
  })

  it('[ESC63] the cut counter tells on the next connection that the job was finished', async () => {
    await started({ twin: slowPaper, settings: { cutCounter: true } })
    expect(bench.details).toMatchObject({ cuts: 0 })
    const prepared = await bench.device.printing!.prepare({ text: lines(20) }, 'job-1')
    const evidence = bench.device.printing!.evidence!(prepared)!
    const job = await bench.print(lines(20))
    await bench.clock.advance(200)
    bench.twin.fault('drop_after_bytes', 0)
    expect(verdict(await bench.until(job.result))).toBe('unknown job_outcome_unknown')
    await bench.clock.advance(5_000)
    expect(printed()).toBe(1)
    await bench.start()
    await expect(bench.until(bench.device.printing!.inquire!('job-1', evidence))).resolves.toBe('done')
  })

  it('[ESC63] a counter that did not move, or moved too far, tells nothing', async () => {
    await started({ settings: { cutCounter: true } })
    const prepared = await bench.device.printing!.prepare({ text: 'never sent\n' }, 'job-0')
    const evidence = bench.device.printing!.evidence!(prepared)!
    const inquire = () => bench.until(bench.device.printing!.inquire!('job-0', evidence))
    await expect(inquire()).resolves.toBeUndefined()
    await bench.until((await bench.print('a\n', 'job-a')).result)
    await bench.until((await bench.print('b\n', 'job-b')).result)
    await expect(inquire()).resolves.toBeUndefined()
    await expect(
      bench.until(bench.device.printing!.inquire!('job-0', 'not evidence')),
    ).resolves.toBeUndefined()
  })

  it('[ESC63] the evidence of another printer tells nothing', async () => {
    await started({ settings: { cutCounter: true } })
    const prepared = await bench.device.printing!.prepare({ text: 'x\n' }, 'job-0')
    const evidence = bench.device.printing!.evidence!(prepared)!
    const other = JSON.stringify({ ...JSON.parse(evidence), serial: 'ANOTHER' })
    await bench.until((await bench.print('x\n', 'job-0')).result)
    // On a new connection, where no confirmation of its own is known.
    await bench.start()
    await expect(bench.until(bench.device.printing!.inquire!('job-0', other))).resolves.toBeUndefined()
    await expect(bench.until(bench.device.printing!.inquire!('job-0', evidence))).resolves.toBe('done')
  })

  it('[ESC63] a printer that does not answer for its counter is asked once', async () => {
    await started({ twin: { cutCounter: false }, settings: { cutCounter: true } })
    const prepared = await bench.device.printing!.prepare({ text: 'x\n' }, 'job-0')
    expect(bench.device.printing!.evidence!(prepared)).toBeUndefined()
    const before = bench.clock.monotonic()
    const job = await bench.print()
    await settle()
    expect(verdict(await job.result)).toBe('done')
    expect(bench.clock.monotonic()).toBe(before)
  })
})
