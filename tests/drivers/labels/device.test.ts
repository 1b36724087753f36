/** What all label printers have in common: labels out of pages, faults, and when a job is believed to be done. */
import { describe, expect, it } from 'vitest'
import type { Driver } from '../../../src/drivers/driver.ts'
import { createZplDriver } from '../../../src/drivers/printers/zpl/driver.ts'
import { createZplTwin, type ZplTwin, type ZplTwinOptions } from '../../../src/drivers/printers/zpl/twin.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { newAttempt } from '../../support/driver-bench.ts'
import { openPrinter, print, settled } from './bench.ts'
import { inkBox, sharedImaging, squarePng } from './support.ts'

const imaging = sharedImaging()
const driver = createZplDriver({ imaging }) as unknown as Driver<never>
const open = (settings: Record<string, unknown> = {}, twin: Partial<ZplTwinOptions> = {}) =>
  openPrinter<ZplTwin>(driver, (clock) => createZplTwin({ clock, ...twin }), { settings })

describe('labels', () => {
  it('[LAB1] on continuous paper a label is as long as what is on it, and a cut begins the next', async () => {
    const bench = await open()
    await print(bench, {
      receipt: { blocks: [{ type: 'text', text: 'a\nb' }, { type: 'cut' }, { type: 'text', text: 'c' }] },
    })
    expect(bench.twin.strip.printed.map(({ width, height }) => [width, height])).toEqual([
      [832, 60],
      [832, 30],
    ])
  })

  it('[LAB2] on labels of fixed height it is centred, goes on on the next label, and a picture is made to fit', async () => {
    const bench = await open({ widthMm: 50, heightMm: 25 })
    await print(bench, { text: 'one line' })
    const [label] = bench.twin.strip.printed
    expect([label!.width, label!.height]).toEqual([400, 200])
    const { top, bottom } = inkBox(label!)
    expect(Math.abs(top + bottom - 200)).toBeLessThan(20)
    await print(bench, { text: Array(10).fill('line').join('\n') })
    expect(bench.twin.strip.printed.map(({ height }) => height)).toEqual([200, 200, 200])
    await print(bench, { image: squarePng(800, 800) })
    expect(inkBox(bench.twin.strip.printed[3]!)).toEqual({ left: 100, right: 299, top: 0, bottom: 199 })
    const high = await open({ widthMm: 50, heightMm: 25, vertical: 'top' })
    await print(high, { text: 'one line' })
    expect(inkBox(high.twin.strip.printed[0]!).top).toBeLessThan(20)
  })

  it.each([
    [203, 832],
    [300, 1_248],
    [600, 2_496],
  ])('[LAB3] at %i dpi a label of 104 mm is %i dots wide', async (dpi, dots) => {
    const bench = await open({ dpi })
    expect(bench.details).toMatchObject({ widthDots: dots, dpi })
    await print(bench, { text: 'a' })
    expect(bench.twin.strip.printed[0]!.width).toBe(dots)
  })

  it('[LAB4] copies of one label are the printer’s work, copies of several come in sets', async () => {
    const bench = await open()
    const one = await print(bench, { text: 'a', copies: 3 })
    expect(one).toEqual({ state: 'done', outcome: { confirmed: true, copies: 3, labels: 3 } })
    expect(bench.twin.strip.printed).toHaveLength(3)
    expect(bench.sent().toString('latin1').match(/\^XA/g)).toHaveLength(1)
    await print(bench, { text: 'a\fb\nb', copies: 2 })
    expect(bench.twin.strip.printed.slice(3).map(({ height }) => height)).toEqual([30, 60, 30, 60])
  })

  it('[LAB5] raw bytes go out as they are, as often as copies are wanted; PDF and a drawer are refused', async () => {
    const bench = await open()
    const raw = '^XA^PW400^LL80^FO0,0^GFA,2,2,1,FF00^FS^XZ\n'
    const before = bench.sent().length
    const result = await print(bench, { raw: Buffer.from(raw).toString('base64'), copies: 2 })
    expect(result).toMatchObject({ state: 'done', outcome: { confirmed: true, copies: 2 } })
    expect(bench.sent().subarray(before).toString().split(raw)).toHaveLength(3)
    expect(bench.twin.strip.printed).toHaveLength(2)
    for (const payload of [
      { pdf: 'AAAA' },
      { raw: 'AAAA', openDrawer: true },
      { text: 'a', openDrawer: true },
    ]) {
      const prepare = async () => bench.printing.prepare(payload, 'job')
      await expect(prepare()).rejects.toMatchObject({ code: 'payload_unsupported' })
    }
    await expect((async () => bench.printing.prepare({ raw: '!' }, 'job'))()).rejects.toMatchObject({
      code: 'base64_invalid',
      context: { path: 'payload.raw' },
    })
  })
})

describe('outcomes', () => {
  it('[LAB6] a job is confirmed when two answers in a row, asked for after it, say that nothing is left', async () => {
    const bench = await open({}, { printMs: 5_000 })
    const prepared = await bench.printing.prepare({ text: 'a', copies: 2 }, 'job')
    let ended = false
    const printing = bench.printing.print(prepared, newAttempt()).finally(() => {
      ended = true
    })
    await bench.clock.advance(9_000)
    expect([ended, bench.twin.strip.printed.length]).toEqual([false, 1])
    expect(await settled(bench.clock, printing)).toMatchObject({
      state: 'done',
      outcome: { confirmed: true },
    })
    expect(bench.twin.strip.printed).toHaveLength(2)
  })

  it('[LAB6] a printer that was never at work after the data has not said that it printed: done, not confirmed', async () => {
    const bench = await open()
    // As a clone does whose counters are always 0, or a printer that passed the format over.
    bench.twin.strip.add = () => {}
    const begun = bench.clock.monotonic()
    expect(await print(bench, { text: 'a' })).toMatchObject({ state: 'done', outcome: { confirmed: false } })
    expect(bench.clock.monotonic() - begun).toBeGreaterThanOrEqual(2_000)
    expect(bench.clock.monotonic() - begun).toBeLessThan(4_000)
  })

  it('[LAB6] nothing sent is nothing confirmed', async () => {
    const bench = await open()
    const attempt = newAttempt()
    expect(await print(bench, { raw: '' }, attempt)).toMatchObject({ outcome: { confirmed: false } })
    expect(attempt.sent).toBe(0)
  })

  it('[LAB7] a fault before a job holds it up, and nothing is sent until it is mended', async () => {
    const bench = await open()
    bench.twin.order({ order: 'cover', open: true })
    const attempt = newAttempt()
    const prepared = await bench.printing.prepare({ text: 'a' }, 'job')
    const printing = bench.printing.print(prepared, attempt)
    await bench.clock.advance(5_000)
    expect([attempt.sent, attempt.waits]).toEqual([0, ['cover_open']])
    bench.twin.order({ order: 'cover', open: false })
    expect(await settled(bench.clock, printing)).toMatchObject({ state: 'done' })
    expect(attempt.waits.at(-1)).toBeUndefined()
    expect(bench.faultCodes).toEqual([['cover_open'], []])
  })

  it('[LAB7] paper that ends in the midst stops the clock, and the job goes on when there is some', async () => {
    const bench = await open({ completionMsMax: 3_000 }, { printMs: 1_000 })
    const attempt = newAttempt()
    const prepared = await bench.printing.prepare({ text: 'a', copies: 4 }, 'job')
    const printing = bench.printing.print(prepared, attempt)
    await bench.clock.advance(1_500)
    bench.twin.order({ order: 'paper', state: 'out' })
    await bench.clock.advance(120_000)
    expect(attempt.waits).toContain('paper_out')
    expect(bench.twin.strip.printed).toHaveLength(1)
    bench.twin.order({ order: 'paper', state: 'full' })
    expect(await settled(bench.clock, printing)).toMatchObject({
      state: 'done',
      outcome: { confirmed: true },
    })
    expect(bench.twin.strip.printed).toHaveLength(4)
  })

  it('[LAB8] a printer that falls silent after the data leaves the outcome unknown, in time', async () => {
    const bench = await open({ completionMsMax: 4_000 })
    const attempt = newAttempt()
    const prepared = await bench.printing.prepare({ text: 'a' }, 'job')
    const printing = bench.printing.print(prepared, attempt)
    while (attempt.sent === 0) await bench.clock.advance(5)
    bench.twin.order({ order: 'silent', on: true })
    const begun = bench.clock.monotonic()
    const result = await settled(bench.clock, printing)
    expect(result).toMatchObject({ state: 'unknown', error: { code: 'job_outcome_unknown' } })
    expect(bench.clock.monotonic() - begun).toBeLessThan(10_000)
  })

  it('[LAB8] before the first byte a lost printer is a failure, after it unknown', async () => {
    const before = await open()
    before.twin.order({ order: 'silent', on: true })
    const attempt = newAttempt()
    expect(await print(before, { text: 'a' }, attempt)).toMatchObject({ state: 'failed' })
    expect(attempt.sent).toBe(0)
    const after = await open({}, { printMs: 60_000 })
    const prepared = await after.printing.prepare({ text: 'a' }, 'job')
    const printing = after.printing.print(prepared, newAttempt())
    await after.clock.advance(500)
    after.wire.close()
    expect(await settled(after.clock, printing)).toMatchObject({ state: 'unknown' })
  })

  it('[LAB9] a printer that is never asked is believed to have printed, unconfirmed', async () => {
    const bench = await open({ status: 'none' })
    bench.twin.order({ order: 'silent', on: true })
    expect(await print(bench, { text: 'a' })).toEqual({
      state: 'done',
      outcome: { confirmed: false, copies: 1, labels: 1 },
    })
    expect(bench.sent().toString('latin1')).not.toContain('~HS')
    const asked = await open({ completion: 'status' })
    expect(await print(asked, { text: 'a' })).toMatchObject({ outcome: { confirmed: false } })
  })

  it('[LAB10] an idle printer that stops answering is told as such, and its link is given up', async () => {
    const bench = await open()
    bench.twin.order({ order: 'silent', on: true })
    await bench.clock.advance(60_000)
    expect(bench.faultCodes.at(-1)).toEqual(['not_responding'])
    expect(await bench.transport.closed).toMatchObject({ by: 'ours' })
    expect(bench.clock.pending).toBe(0)
  })

  it('[LAB11] the end of the hub ends a job that waits for its turn, at once', async () => {
    const bench = await open({}, { printMs: 60_000 })
    const prepared = await bench.printing.prepare({ text: 'a' }, 'job')
    const first = bench.printing.print(prepared, newAttempt('first'))
    await bench.clock.advance(500)
    const attempt = newAttempt('second')
    const second = bench.printing.print(prepared, attempt)
    attempt.abort()
    const begun = bench.clock.monotonic()
    expect(await settled(bench.clock, second)).toMatchObject({ state: 'failed' })
    expect([attempt.sent, bench.clock.monotonic() - begun <= 500]).toEqual([0, true])
    expect(await settled(bench.clock, first)).toMatchObject({ state: 'unknown' })
  })

  it('[LAB11] the end of the hub ends a job that waits for paper, with nothing sent', async () => {
    const bench = await open()
    bench.twin.order({ order: 'paper', state: 'out' })
    const attempt = newAttempt()
    const prepared = await bench.printing.prepare({ text: 'a' }, 'job')
    const printing = bench.printing.print(prepared, attempt)
    await bench.clock.advance(2_000)
    attempt.abort()
    const result = await settled(bench.clock, printing)
    expect(result.state).toBe('failed')
    if (result.state === 'failed') expect(result.error).toBeInstanceOf(HubError)
    expect([attempt.sent, bench.twin.strip.left]).toEqual([0, 0])
  })
})
