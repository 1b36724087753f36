/** EPL2 to the byte, against its twin's parser, and when a job is believed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Driver } from '../../../src/drivers/driver.ts'
import { createBitmap, fillBlack } from '../../../src/drivers/imaging/bitmap.ts'
import { EplReader, labelForm, readIdentity, readStatus } from '../../../src/drivers/printers/epl/codec.ts'
import { createEplDriver } from '../../../src/drivers/printers/epl/driver.ts'
import { createEplTwin, type EplTwin } from '../../../src/drivers/printers/epl/twin.ts'
import { newAttempt } from '../../support/driver-bench.ts'
import { openPrinter, print, settled } from '../labels/bench.ts'
import { expectEveryDot } from '../labels/every-dot.ts'
import { codesOn, sharedImaging, url } from '../labels/support.ts'

const imaging = sharedImaging()
const driver = createEplDriver({ imaging }) as unknown as Driver<never>
const open = (settings: Record<string, unknown> = {}, printMs = 300) =>
  openPrinter<EplTwin>(driver, (clock) => createEplTwin({ clock, printMs }), { settings })
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('forms', () => {
  it('[EPL1] a label is a form with one picture, in which 1 is white', () => {
    const page = createBitmap(16, 2)
    fillBlack(page, 0, 0, 8, 1)
    expect(textOf(labelForm(page, { copies: 2, told: true, gapDots: 24 }))).toBe(
      '\nN\nq16\nQ2,24\nGW0,0,1,2,\x00\xff\nP2\n',
    )
    expect(textOf(labelForm(page, { copies: 1, told: false, gapDots: 0, darkness: 8, speed: 3 }))).toBe(
      '\nN\nD8\nS3\nGW0,0,1,2,\x00\xff\nP1\n',
    )
  })

  it('[EPL1] the twin, which has a parser of its own, gets every dot back', () => {
    expectEveryDot(
      (clock) => createEplTwin({ clock }),
      (page) => labelForm(page, { copies: 1, told: true, gapDots: 0 }),
    )
  })

  it('[EPL2] continuous paper has no gap, labels of fixed height have that of the settings', async () => {
    const roll = await open()
    await print(roll, { receipt: { blocks: [{ type: 'qr', data: url, module: 8 }] } })
    await roll.clock.advance(1_000)
    expect(roll.twin.told).toMatchObject({ width: 832, gap: 0 })
    expect(codesOn(roll.twin.strip.printed[0]!)).toEqual([`QR-Code:${url}`])
    const labels = await open({ widthMm: 50, heightMm: 30, gapMm: 2 })
    await print(labels, { text: 'a' })
    expect(labels.twin.told).toEqual({ width: 400, length: 240, gap: 16 })
  })
})

describe('answers', () => {
  it('[EPL3] codes of ^ee: what a person can mend blocks, mistakes in what was sent do not', () => {
    expect(readStatus('00')).toEqual({ faults: [], busy: false })
    const codes = (line: string) =>
      readStatus(line)?.faults.map(({ code, blocking }) => `${code} ${blocking}`)
    expect(codes('07')).toEqual(['paper_out true'])
    expect(codes('11')).toEqual(['cover_open true'])
    expect(codes('12')).toEqual(['paused true'])
    expect(codes('01,11')).toEqual(['printer_error false', 'cover_open true'])
    for (const line of ['', '0', '000', '1,2', 'ab', '00;11']) expect(readStatus(line)).toBeUndefined()
  })

  it('[EPL4] ACK and NAK stand between the lines, flow control anywhere', () => {
    const reader = new EplReader()
    const kinds = (text: string) => reader.push(Buffer.from(text, 'latin1')).map(({ kind }) => kind)
    expect(kinds('\x060\x110\r\n\x06')).toEqual(['printed', 'status', 'printed'])
    expect(reader.push(Buffer.from('\x1501\x13'))).toEqual([{ kind: 'refused', code: '01' }])
    // The status tells of these.
    expect(kinds('\x1507\x13\x1511')).toEqual([])
  })

  it('[EPL5] the first line of UQ names the firmware', () => {
    expect(readIdentity('UKQ1935HLU  V4.42')).toEqual({ model: 'UKQ1935HLU', firmware: 'V4.42' })
    for (const line of ['Page Mode', 'V4.42', 'USB 1']) expect(readIdentity(line)).toBeUndefined()
  })

  it('[EPL6] any bytes never throw, and after them an answer is read', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 5 }), (pieces) => {
        const reader = new EplReader()
        for (const piece of pieces) reader.push(piece)
        expect(reader.push(Buffer.from('\n00\r\n')).at(-1)).toEqual({
          kind: 'status',
          status: { faults: [], busy: false },
        })
      }),
    )
  })
})

describe('outcomes', () => {
  it('[EPL7] with acks a job is confirmed by one ACK for each print command, and not before', async () => {
    const bench = await open({ completion: 'acks' }, 3_000)
    expect(bench.twin.reports).toBe(true)
    const prepared = await bench.printing.prepare({ text: 'a\fb' }, 'job')
    let ended = false
    const printing = bench.printing.print(prepared, newAttempt()).finally(() => {
      ended = true
    })
    await bench.clock.advance(5_000)
    expect([ended, bench.twin.strip.printed.length]).toEqual([false, 1])
    expect(await settled(bench.clock, printing)).toMatchObject({
      state: 'done',
      outcome: { confirmed: true, labels: 2 },
    })
  })

  it('[EPL7] without acks, and for raw bytes, nothing is confirmed', async () => {
    const plain = await open()
    expect(await print(plain, { text: 'a' })).toMatchObject({ state: 'done', outcome: { confirmed: false } })
    const acks = await open({ completion: 'acks' })
    const raw = Buffer.from('\nN\nq100\nQ50,0\nP1\n').toString('base64')
    expect(await print(acks, { raw })).toMatchObject({ state: 'done', outcome: { confirmed: false } })
  })

  it('[EPL7] after raw bytes an ACK may be theirs: no job on this link is confirmed any more', async () => {
    const bench = await open({ completion: 'acks' }, 5_000)
    const raw = Buffer.from('\nN\nq100\nQ50,0\nP1\nP1\n').toString('base64')
    await print(bench, { raw })
    expect(await print(bench, { text: 'a' })).toMatchObject({ state: 'done', outcome: { confirmed: false } })
  })

  it('[EPL7] an ACK that is owed when a job is given up is not taken for that of the next: the link is given up', async () => {
    const bench = await open({ completion: 'acks', completionMsMax: 1_000 }, 60_000)
    expect(await print(bench, { text: 'a' })).toMatchObject({ state: 'unknown' })
    expect(await bench.transport.closed).toMatchObject({ by: 'ours' })
  })

  it('[EPL8] a refused command gives the link up and leaves the outcome unknown', async () => {
    const bench = await open({ completion: 'acks' }, 2_000)
    const prepared = await bench.printing.prepare({ text: 'a' }, 'job')
    const printing = bench.printing.print(prepared, newAttempt())
    await bench.clock.advance(500)
    bench.wire.write(Buffer.from('\x1504'))
    expect(await settled(bench.clock, printing)).toMatchObject({ state: 'unknown' })
  })

  it('[EPL9] the probe is UQ, and model and firmware are on the card where it is asked', async () => {
    const bench = await openPrinter<EplTwin>(driver, (clock) => createEplTwin({ clock }), { start: false })
    const asked = driver.probe!(bench.transport, { clock: bench.clock, answerMsMax: 500 })
    await bench.clock.advance(100)
    expect(await asked).toEqual({ model: 'UKQ1935HLU', firmware: 'V4.42', certain: true })
    expect(bench.sent().toString()).toBe('\nUQ\n')
    expect((await open({ identity: true })).details).toMatchObject({ model: 'UKQ1935HLU' })
  })

  it('[EPL10] the twin refuses orders that are not for a label printer, and tells its paper by ^ee', async () => {
    const bench = await open()
    bench.twin.order({ order: 'paper', state: 'out' })
    await bench.clock.advance(12_000)
    expect(bench.faultCodes.at(-1)).toEqual(['paper_out'])
    expect(() => bench.twin.order({ order: 'motion', on: true })).toThrow(/cannot motion/)
  })
})
