/** The IPP driver against its twin: documents, jobs in one and two steps, faults, outcomes, and what is asked after a loss. */
import { describe, expect, it } from 'vitest'
import type { Driver } from '../../../src/drivers/driver.ts'
import { printerUri } from '../../../src/drivers/printers/ipp/client.ts'
import { createIppDriver } from '../../../src/drivers/printers/ipp/driver.ts'
import { createIppTwin, type IppTwin, type IppTwinOptions } from '../../../src/drivers/printers/ipp/twin.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { newAttempt } from '../../support/driver-bench.ts'
import { openPrinter, print, settled } from '../labels/bench.ts'
import { everything, sharedImaging, squarePng } from '../labels/support.ts'

const imaging = sharedImaging()
const driver = createIppDriver({ imaging }) as unknown as Driver<never>
const open = (settings: Record<string, unknown> = {}, twin: Partial<IppTwinOptions> = {}) =>
  openPrinter<IppTwin>(driver, (clock) => createIppTwin({ clock, ...twin }), { settings })
const pdf = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64')
const textOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1')

describe('documents', () => {
  it('[IPP6] a receipt becomes pages of PDF on the paper of the settings', async () => {
    const bench = await open()
    const result = await print(bench, { receipt: everything, copies: 2 })
    expect(result).toEqual({ state: 'done', outcome: { confirmed: true, copies: 2, printerJob: 1 } })
    const [job] = bench.twin.jobs
    expect(textOf(job!.document)).toMatch(/^%PDF-1\.4[\s\S]*\/MediaBox \[0 0 595\.28 841\.89\]/)
    expect(Object.fromEntries(job!.attributes)).toMatchObject({
      copies: '2',
      media: 'iso_a4_210x297mm',
      'job-name': 'job-1',
    })
  })

  it('[IPP6] a printer without PDF gets PWG raster; one with neither is told so', async () => {
    const raster = await open({ dpi: 150 }, { formats: ['image/pwg-raster', 'image/urf'] })
    expect(raster.details).toMatchObject({ pdf: false, pwgRaster: true, urf: true })
    await print(raster, { text: 'a' })
    expect(textOf(raster.twin.jobs[0]!.document?.subarray(0, 13))).toBe('RaS2PwgRaster')
    const neither = await open({}, { formats: ['application/postscript'] })
    await expect(print(neither, { text: 'a' })).rejects.toMatchObject({ code: 'payload_unsupported' })
  })

  it('[IPP7] a PDF goes as it is, on paper that is not ours to choose', async () => {
    const bench = await open()
    await print(bench, { pdf })
    expect(textOf(bench.twin.jobs[0]!.document)).toBe('%PDF-1.4\n%%EOF\n')
    expect(bench.twin.jobs[0]!.attributes.has('media')).toBe(false)
    const refused = async (payload: object) => bench.printing.prepare(payload, 'job')
    await expect(refused({ pdf: Buffer.from('no').toString('base64') })).rejects.toMatchObject({
      code: 'params_invalid',
      context: { path: 'payload.pdf' },
    })
    await expect(refused({ pdf: '!' })).rejects.toMatchObject({ code: 'base64_invalid' })
    await expect(refused({ pdf, openDrawer: true })).rejects.toMatchObject({ code: 'payload_unsupported' })
    const raster = await open({}, { formats: ['image/pwg-raster'] })
    await expect(print(raster, { pdf })).rejects.toMatchObject({
      code: 'payload_unsupported',
      context: { path: 'payload.pdf' },
    })
    expect(raster.twin.jobs).toEqual([])
  })

  it('[IPP8] raw bytes are refused unless their format is set and the printer takes it', async () => {
    const raw = Buffer.from('@PJL').toString('base64')
    const unknown = await open()
    await expect((async () => unknown.printing.prepare({ raw }, 'job'))()).rejects.toMatchObject({
      code: 'payload_unsupported',
      context: { path: 'payload.raw' },
    })
    const other = await open({ rawFormat: 'application/vnd.hp-pcl' }, { formats: ['application/pdf'] })
    await expect(print(other, { raw })).rejects.toMatchObject({
      code: 'payload_unsupported',
      context: { path: 'payload.raw' },
    })
    const bench = await open({ rawFormat: 'application/vnd.hp-pcl' }, { formats: ['application/vnd.hp-pcl'] })
    expect(await print(bench, { raw })).toMatchObject({ state: 'done', outcome: { confirmed: true } })
    expect(textOf(bench.twin.jobs[0]!.document)).toBe('@PJL')
  })

  it('[IPP9] copies that the printer does not make: pages of ours come as often, a PDF is refused', async () => {
    const bench = await open({}, { copiesMax: 1 })
    expect(await print(bench, { text: 'a', copies: 3 })).toMatchObject({ state: 'done' })
    expect(textOf(bench.twin.jobs[0]!.document)).toContain('/Count 3')
    expect(bench.twin.jobs[0]!.attributes.has('copies')).toBe(false)
    await expect(print(bench, { pdf, copies: 2 })).rejects.toMatchObject({
      context: { path: 'payload.copies' },
    })
    const raster = await open({ dpi: 150 }, { copiesMax: 1, formats: ['image/pwg-raster'] })
    await print(raster, { text: 'a', copies: 3 })
    expect(textOf(raster.twin.jobs[0]!.document).match(/PwgRaster/g)).toHaveLength(3)
  })

  it('[IPP9] what would be too long as raster is refused with nothing sent', async () => {
    const bench = await open({ dpi: 600, marginMm: 0 }, { copiesMax: 1, formats: ['image/pwg-raster'] })
    const png = squarePng(1_000, 1_400, (x, y) => (x * 7 + y * 13 + ((x * y) >> 3)) % 5 < 2)
    const attempt = newAttempt()
    const payload = { receipt: { blocks: [{ type: 'image' as const, png, width: 2_000 }] }, copies: 20 }
    await expect(print(bench, payload, attempt)).rejects.toMatchObject({ code: 'receipt_too_long' })
    expect([attempt.sent, bench.twin.jobs]).toEqual([0, []])
  })

  it('[IPP9] paper, sides and the version of the protocol are settings', async () => {
    const bench = await open({
      paper: 'na_letter_8.5x11in',
      sides: 'one-sided',
      sendMedia: false,
      version: '1.1',
    })
    await print(bench, { text: 'a' })
    const { attributes, document } = bench.twin.jobs[0]!
    expect(textOf(document)).toContain('/MediaBox [0 0 612 792]')
    expect([attributes.get('sides'), attributes.has('media')]).toEqual(['one-sided', false])
  })
})

describe('jobs', () => {
  it('[IPP10] in two steps the job has a number before its document leaves, in one where it must be', async () => {
    const two = await open()
    await print(two, { text: 'a' })
    expect(two.twin.asked.filter((operation) => operation < 0x09)).toEqual([0x05, 0x06])
    const one = await open({}, { createsJobs: false })
    expect(await print(one, { text: 'a' })).toMatchObject({ state: 'done', outcome: { confirmed: true } })
    expect(one.twin.asked.filter((operation) => operation < 0x09)).toEqual([0x02])
  })

  it('[IPP11] a job is done when the printer calls it completed, and not before', async () => {
    const bench = await open({}, { printMs: 20_000 })
    const prepared = await bench.printing.prepare({ text: 'a' }, 'job')
    let ended = false
    const printing = bench.printing.print(prepared, newAttempt()).finally(() => {
      ended = true
    })
    await bench.clock.advance(19_000)
    expect(ended).toBe(false)
    expect(await settled(bench.clock, printing)).toMatchObject({
      state: 'done',
      outcome: { confirmed: true },
    })
  })

  it('[IPP11] aborted by the printer is failed, with its reasons', async () => {
    const bench = await open()
    bench.twin.abortsNext = true
    const result = await print(bench, { text: 'a' })
    expect(result).toMatchObject({ state: 'failed', error: { code: 'printer_error' } })
    if (result.state === 'failed') expect(JSON.stringify(result.error)).toContain('document-format-error')
  })

  it('[IPP12] a refused document is failed; a format that it does not take is the payload’s fault', async () => {
    const bench = await open()
    bench.twin.refuses = 0x0500
    expect(await print(bench, { text: 'a' })).toMatchObject({
      state: 'failed',
      error: { code: 'printer_error' },
    })
    // The empty job does not stay behind in the printer's way.
    expect(bench.twin.jobs.map(({ state, document }) => [state, document])).toEqual([[7, undefined]])
    const other = await open()
    other.twin.refuses = 0x040a
    expect(await print(other, { text: 'a' })).toMatchObject({
      state: 'failed',
      error: { code: 'payload_unsupported' },
    })
  })

  it('[IPP13] a printer with the job of somebody else is waited for', async () => {
    const bench = await open({}, { printMs: 4_000 })
    const prepared = await bench.printing.prepare({ text: 'a' }, 'job')
    const first = bench.printing.print(prepared, newAttempt('first'))
    await bench.clock.advance(100)
    // A job of another client, in its midst.
    const attempt = newAttempt('second')
    const second = bench.printing.print(prepared, attempt)
    expect(await settled(bench.clock, first)).toMatchObject({ state: 'done' })
    expect(await settled(bench.clock, second)).toMatchObject({ state: 'done' })
    const held = await open()
    held.twin.jobs.push({
      id: 99,
      name: 'theirs',
      format: '',
      attributes: new Map(),
      document: undefined,
      state: 3,
      reason: 'none',
    })
    const waits = newAttempt()
    const waiting = held.printing.print(await held.printing.prepare({ text: 'a' }, 'job'), waits)
    await held.clock.advance(5_000)
    expect([waits.sent, waits.waits]).toEqual([0, expect.arrayContaining(['device_busy'])])
    held.twin.jobs[0]!.state = 9
    expect(await settled(held.clock, waiting)).toMatchObject({ state: 'done' })
  })

  it('[IPP14] paper out holds a job up before it is sent, and in its midst; it goes on when there is some', async () => {
    const before = await open()
    before.twin.order({ order: 'paper', state: 'out' })
    const attempt = newAttempt()
    const prepared = await before.printing.prepare({ text: 'a' }, 'job')
    const printing = before.printing.print(prepared, attempt)
    await before.clock.advance(10_000)
    expect([attempt.sent, attempt.waits.at(-1)]).toEqual([0, 'paper_out'])
    before.twin.order({ order: 'paper', state: 'full' })
    expect(await settled(before.clock, printing)).toMatchObject({ state: 'done' })
    expect(before.faultCodes).toEqual([['paper_out'], []])

    const during = await open({ completionMsMax: 10_000 }, { printMs: 3_000 })
    const second = newAttempt()
    const run = during.printing.print(await during.printing.prepare({ text: 'a' }, 'job'), second)
    await during.clock.advance(1_000)
    during.twin.order({ order: 'cover', open: true })
    await during.clock.advance(60_000)
    expect([second.sent, second.waits.at(-1)]).toEqual([1, 'cover_open'])
    during.twin.order({ order: 'cover', open: false })
    expect(await settled(during.clock, run)).toMatchObject({ state: 'done', outcome: { confirmed: true } })
  })

  it('[IPP15] a job that stays in one state too long is unknown, and can be asked for', async () => {
    const bench = await open({ completionMsMax: 5_000 }, { printMs: 30_000 })
    expect(await print(bench, { text: 'a' }, newAttempt('slow-job'))).toMatchObject({ state: 'unknown' })
    const evidence = bench.printing.evidence!({ bytes: 1 })!
    const begun = bench.clock.monotonic()
    expect(await settled(bench.clock, bench.printing.inquire!('slow-job', evidence))).toBe('done')
    // It waited for the end: the hub asks once, when the printer is back.
    expect(bench.clock.monotonic() - begun).toBeGreaterThan(20_000)
    const ask = (job: string, by: string) => settled(bench.clock, bench.printing.inquire!(job, by))
    expect(await ask('other-job', 'ipp other-printer')).toBeUndefined()
    // The hub strikes evidence out once something else was printed; the number still proves it.
    expect(await ask('slow-job', '')).toBe('done')
    expect(bench.twin.jobs).toHaveLength(1)
  })

  it('[IPP15] an inquiry ends in time for a job that never ends, and with the device', async () => {
    const bench = await open({ completionMsMax: 5_000 }, { printMs: 10_000_000 })
    expect(await print(bench, { text: 'a' }, newAttempt('endless'))).toMatchObject({ state: 'unknown' })
    const evidence = bench.printing.evidence!({ bytes: 1 })!
    const begun = bench.clock.monotonic()
    expect(await settled(bench.clock, bench.printing.inquire!('endless', evidence))).toBeUndefined()
    expect(bench.clock.monotonic() - begun).toBeLessThan(310_000)
    const asking = bench.printing.inquire!('endless', evidence)
    asking.catch(() => {})
    await bench.clock.advance(3_000)
    await bench.device.stop()
    const outcome = await settled(bench.clock, asking, 100).catch((error: unknown) => error)
    expect(outcome === undefined || outcome instanceof HubError).toBe(true)
    expect(bench.clock.pending).toBe(1) // what the twin prints
  })

  it('[IPP15] a job that was tried again is not failed as long as one of its tries may still be printed', async () => {
    const bench = await open()
    bench.twin.abortsNext = true
    await print(bench, { text: 'a' }, newAttempt('again'))
    await print(bench, { text: 'a' }, newAttempt('again'))
    const later = await openPrinter<IppTwin>(driver, () => bench.twin)
    const evidence = later.printing.evidence!({ bytes: 1 })!
    const ask = () => settled(bench.clock, later.printing.inquire!('again', evidence))
    expect(await ask()).toBe('done')
    bench.twin.jobs[1]!.state = 5
    const asking = later.printing.inquire!('again', evidence)
    await later.clock.advance(10_000)
    bench.twin.jobs[1]!.state = 9
    expect(await settled(later.clock, asking)).toBe('done')
  })

  it.each(['queued-in-device', 'job-completed-with-errors'])(
    '[IPP11] completed with %s is not a proof: done, not confirmed, and no answer to an inquiry',
    async (reason) => {
      const bench = await open()
      bench.twin.completedReason = reason
      expect(await print(bench, { text: 'a' }, newAttempt('handed-on'))).toMatchObject({
        state: 'done',
        outcome: { confirmed: false },
      })
      const evidence = bench.printing.evidence!({ bytes: 1 })!
      expect(await settled(bench.clock, bench.printing.inquire!('handed-on', evidence))).toBeUndefined()
    },
  )

  it('[IPP15] a printer that has no time for the question is asked again; one that forgot the job leaves it unknown', async () => {
    const bench = await open({}, { printMs: 5_000 })
    const run = bench.printing.print(await bench.printing.prepare({ text: 'a' }, 'job'), newAttempt())
    await bench.clock.advance(1_500)
    bench.twin.refusesQuestions = 0x0507
    await bench.clock.advance(3_000)
    bench.twin.refusesQuestions = undefined
    expect(await settled(bench.clock, run)).toMatchObject({ state: 'done', outcome: { confirmed: true } })
    const forgotten = bench.printing.print(await bench.printing.prepare({ text: 'a' }, 'job'), newAttempt())
    await bench.clock.advance(1_500)
    bench.twin.refusesQuestions = 0x0406
    expect(await settled(bench.clock, forgotten)).toMatchObject({ state: 'unknown' })
  })

  it('[IPP15] after a new connection a job is found by its name', async () => {
    const bench = await open()
    await print(bench, { text: 'a' }, newAttempt('by-name'))
    bench.twin.abortsNext = true
    await print(bench, { text: 'a' }, newAttempt('bad-one'))
    // As after a restart of the hub: the numbers are forgotten, the printer is not.
    const again = await openPrinter<IppTwin>(driver, () => bench.twin)
    const evidence = again.printing.evidence!({ bytes: 1 })!
    const ask = (job: string) => settled(bench.clock, again.printing.inquire!(job, evidence))
    expect([await ask('by-name'), await ask('bad-one'), await ask('never-sent')]).toEqual([
      'done',
      'failed',
      undefined,
    ])
  })

  it('[IPP16] the end of the hub before the document cancels the job; nothing is printed', async () => {
    const bench = await open()
    const attempt = newAttempt()
    const prepared = await bench.printing.prepare({ text: 'a' }, 'job')
    const { length } = bench.twin.asked
    const printing = bench.printing.print(prepared, attempt)
    // Right after Create-Job was answered.
    while (bench.twin.asked.at(-1) !== 0x05) await Promise.resolve()
    attempt.abort()
    expect(await settled(bench.clock, printing)).toMatchObject({ state: 'failed' })
    expect(bench.twin.asked.length).toBeGreaterThan(length)
    expect(attempt.sent).toBe(0)
    expect(bench.twin.jobs.filter(({ document }) => document !== undefined)).toEqual([])
  })
})

it('[IPP16] a printer that falls silent does not keep the hub from its end: 500 ms after Create-Job', async () => {
  const bench = await open()
  const attempt = newAttempt()
  const prepared = await bench.printing.prepare({ text: 'a' }, 'job')
  const printing = bench.printing.print(prepared, attempt)
  while (bench.twin.asked.at(-1) !== 0x05) await Promise.resolve()
  attempt.abort()
  bench.twin.order({ order: 'silent', on: true })
  const begun = bench.clock.monotonic()
  expect(await settled(bench.clock, printing)).toMatchObject({ state: 'failed' })
  expect(bench.clock.monotonic() - begun).toBeLessThanOrEqual(500)
})

it('[IPP13] a printer that refused a document for being busy has nothing of it: lost then, it is a failure', async () => {
  const bench = await open({}, { createsJobs: false })
  bench.twin.refuses = 0x0507
  const attempt = newAttempt()
  const run = bench.printing.print(await bench.printing.prepare({ text: 'a' }, 'job'), attempt)
  await bench.clock.advance(1_000)
  bench.twin.order({ order: 'silent', on: true })
  expect(await settled(bench.clock, run)).toMatchObject({ state: 'failed' })
  expect(attempt.sent).toBe(1)
})

describe('the device', () => {
  it('[IPP17] the card tells what the printer can, and two lost answers that it is gone', async () => {
    const bench = await open()
    expect(bench.details).toMatchObject({
      model: 'Demo Page 100',
      pdf: true,
      pwgRaster: true,
      copiesMax: 99,
      color: false,
    })
    bench.twin.order({ order: 'silent', on: true })
    await bench.clock.advance(40_000)
    expect(bench.faultCodes).toEqual([['not_responding']])
    bench.twin.order({ order: 'silent', on: false })
    await bench.clock.advance(10_000)
    expect(bench.faultCodes).toEqual([['not_responding'], []])
  })

  it('[IPP18] the probe is Get-Printer-Attributes and nothing else', async () => {
    const bench = await openPrinter<IppTwin>(driver, (clock) => createIppTwin({ clock }), { start: false })
    const asked = driver.probe!(bench.transport, { clock: bench.clock, answerMsMax: 500 })
    expect(await settled(bench.clock, asked)).toEqual({ certain: true, model: 'Demo Page 100' })
    expect(bench.twin.asked).toEqual([0x0b])
  })

  it('[IPP19] the printer is called by the address of its port, encrypted or not', () => {
    expect(printerUri('ipp://printer.local:8631/ipp/print')).toBe('ipp://printer.local:8631/ipp/print')
    expect(printerUri('ipp://printer.local/ipp/print?tls=insecure')).toBe('ipps://printer.local/ipp/print')
    expect(printerUri('memory:demo')).toBe('ipp://localhost/ipp/print')
  })

  it('[IPP20] the twin refuses orders that are not for a page printer, and shows what was printed', async () => {
    const bench = await open()
    await print(bench, { text: 'a' }, newAttempt('shown'))
    expect(bench.twin.paper().svg).toContain('shown application/pdf')
    expect(() => bench.twin.order({ order: 'drawer', open: true })).toThrow(/cannot drawer/)
  })
})
