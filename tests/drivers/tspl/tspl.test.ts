/** TSPL to the byte, against its twin's parser, and when a job is believed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Driver } from '../../../src/drivers/driver.ts'
import { createBitmap, fillBlack } from '../../../src/drivers/imaging/bitmap.ts'
import {
  labelProgram,
  nameBytesMax,
  readIdentity,
  readStatusByte,
  readStatusFrame,
  TsplReader,
} from '../../../src/drivers/printers/tspl/codec.ts'
import { createTsplDriver } from '../../../src/drivers/printers/tspl/driver.ts'
import {
  createTsplTwin,
  type TsplTwin,
  type TsplTwinOptions,
} from '../../../src/drivers/printers/tspl/twin.ts'
import { newAttempt } from '../../support/driver-bench.ts'
import { openPrinter, print, settled } from '../labels/bench.ts'
import { expectEveryDot } from '../labels/every-dot.ts'
import { codesOn, sharedImaging, url } from '../labels/support.ts'

const imaging = sharedImaging()
const driver = createTsplDriver({ imaging }) as unknown as Driver<never>
const open = (settings: Record<string, unknown> = {}, twin: Partial<TsplTwinOptions> = {}) =>
  openPrinter<TsplTwin>(driver, (clock) => createTsplTwin({ clock, ...twin }), { settings })
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('programs', () => {
  it('[TSPL1] a label is a program with one picture, in which 1 is white', () => {
    const page = createBitmap(80, 20)
    fillBlack(page, 0, 0, 8, 1)
    const dots = `\x00${'\xff'.repeat(19)}`
    expect(textOf(labelProgram(page, { copies: 2, dotsPerMm: 8, media: 'gap', gapMm: 0 }))).toBe(
      `\r\nSIZE 10 mm,2.5 mm\r\nGAP 0 mm,0 mm\r\nCLS\r\nBITMAP 0,0,1,20,0,${dots}\r\nPRINT 1,2\r\n`,
    )
    const set = { copies: 1, dotsPerMm: 8, media: 'mark', gapMm: 4, darkness: 9, speed: 3.5 } as const
    expect(textOf(labelProgram(page, set))).toContain('BLINE 4 mm,0 mm\r\nDENSITY 9\r\nSPEED 3.5\r\nCLS')
  })

  it('[TSPL1] the twin, which has a parser of its own, gets every dot back', () => {
    expectEveryDot(
      (clock) => createTsplTwin({ clock }),
      (page) => labelProgram(page, { copies: 1, dotsPerMm: 8, media: 'gap', gapMm: 0 }),
    )
  })

  it('[TSPL2] continuous paper has no gap, labels of fixed height have that of the settings', async () => {
    const roll = await open()
    await print(roll, { receipt: { blocks: [{ type: 'qr', data: url, module: 8 }] } })
    await roll.clock.advance(1_000)
    expect(roll.twin.told).toMatchObject({ width: 104, gap: 0, mark: false })
    expect(codesOn(roll.twin.strip.printed[0]!)).toEqual([`QR-Code:${url}`])
    const labels = await open({ widthMm: 50, heightMm: 30, gapMm: 2, media: 'mark' })
    await print(labels, { text: 'a' })
    expect(labels.twin.told).toEqual({ width: 50, height: 30, gap: 2, mark: true })
  })
})

describe('answers', () => {
  it.each([
    [0x01, ['cover_open']],
    [0x02, ['media_jam']],
    [0x04, ['paper_out']],
    [0x08, ['ribbon_out']],
    [0x10, ['paused']],
    [0x41, ['cover_open']],
    [0x80, ['overheated']],
    [0x1c, ['paper_out', 'ribbon_out']],
  ])('[TSPL3] the byte %i of ESC !? tells %j', (byte, codes) => {
    const { faults, busy } = readStatusByte(byte)
    expect([faults.map(({ code }) => code), busy]).toEqual([codes, false])
  })

  it('[TSPL3] bit 5 is printing, 0 is ready', () => {
    expect(readStatusByte(0x20)).toEqual({ faults: [], busy: true })
    expect(readStatusByte(0)).toEqual({ faults: [], busy: false })
  })

  it.each<[string, string[], boolean]>([
    ['@@@@', [], false],
    ['P@@@', [], true],
    ['W@@@', [], true],
    ['`@@@', ['paused'], false],
    ['E@@A', ['paper_out'], false],
    ['E@@B', ['media_jam'], false],
    ['E@@D', ['ribbon_out'], false],
    ['E@@`', ['cover_open'], false],
    ['E@A@', ['overheated'], false],
    ['E@H@', ['cutter_jam'], false],
    ['E@@@', ['printer_error'], false],
  ])('[TSPL4] the answer %s to ESC !S tells %j', (text, codes, busy) => {
    const status = readStatusFrame(Buffer.from(text, 'latin1'))
    expect([status?.faults.map(({ code }) => code), status?.busy]).toEqual([codes, busy])
  })

  it('[TSPL4] four bytes with bit 6 and without bit 7, in their frame; anything else is no status', () => {
    for (const text of ['@@@', '@@@@@', '\x00@@@', '@@@\xc0']) {
      expect(readStatusFrame(Buffer.from(text, 'latin1'))).toBeUndefined()
    }
    const reader = new TsplReader('frame')
    reader.expect('status')
    expect(reader.push(Buffer.from('\x02@@@@@\x03\x02@@@A\x03'))).toHaveLength(1)
  })

  it('[TSPL5] a byte that nobody asked for is no answer', () => {
    const reader = new TsplReader('byte')
    expect(reader.push(Uint8Array.of(0, 1, 2))).toEqual([])
    reader.expect('status')
    expect(reader.push(Uint8Array.of(0, 1, 2))).toEqual([
      { kind: 'status', status: { faults: [], busy: false } },
    ])
  })

  it('[TSPL6] any bytes never throw, and after them an answer is read', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (pieces) => {
        const reader = new TsplReader('frame')
        reader.expect('identity')
        for (const piece of pieces) reader.push(piece)
        reader.expect('status')
        expect(reader.push(Buffer.from('\x02@@@@\x03\r\n'))).toHaveLength(1)
      }),
    )
    const name = (length: number) => `T${'1'.repeat(length - 1)}`
    expect(readIdentity(name(nameBytesMax))).toBeDefined()
    expect(readIdentity(name(nameBytesMax + 1))).toBeUndefined()
    for (const text of ['', 'ok', 'UNKNOWN', '~!T', '123']) expect(readIdentity(text)).toBeUndefined()
  })
})

describe('outcomes', () => {
  it.each(['byte', 'frame'] as const)(
    '[TSPL7] with the %s a job is confirmed when it said that it printed, and then that it does not',
    async (statusQuestion) => {
      const settings = { completion: 'printing-seen', statusQuestion }
      const bench = await open(settings, { printMs: 3_000 })
      const prepared = await bench.printing.prepare({ text: 'a', copies: 2 }, 'job')
      let ended = false
      const printing = bench.printing.print(prepared, newAttempt()).finally(() => {
        ended = true
      })
      await bench.clock.advance(5_000)
      expect([ended, bench.twin.strip.printed.length]).toEqual([false, 1])
      expect(await settled(bench.clock, printing)).toMatchObject({
        state: 'done',
        outcome: { confirmed: true },
      })
    },
  )

  it('[TSPL7] one that never says that it prints leaves the outcome unknown, where it is expected to', async () => {
    const settings = { completion: 'printing-seen', completionMsMax: 3_000 }
    const bench = await open(settings, { saysPrinting: false })
    expect(await print(bench, { text: 'a' })).toMatchObject({ state: 'unknown' })
    const other = await open({}, { saysPrinting: false })
    expect(await print(other, { text: 'a' })).toMatchObject({ state: 'done', outcome: { confirmed: false } })
  })

  it('[TSPL8] the probe asks for the status, then ~!T, and the model is on the card where it is asked', async () => {
    const bench = await openPrinter<TsplTwin>(driver, (clock) => createTsplTwin({ clock }), { start: false })
    const asked = driver.probe!(bench.transport, { clock: bench.clock, answerMsMax: 500 })
    await bench.clock.advance(100)
    expect(await asked).toEqual({ model: 'TE200', certain: true })
    expect(bench.sent().toString()).toBe('\u001b!S~!T\r\n')
    expect((await open({ identity: true })).details).toMatchObject({ model: 'TE200' })
  })

  it('[TSPL9] the twin refuses orders that are not for a label printer, and tells its cover', async () => {
    const bench = await open()
    bench.twin.order({ order: 'cover', open: true })
    await bench.clock.advance(12_000)
    expect(bench.faultCodes.at(-1)).toEqual(['cover_open'])
    expect(() => bench.twin.order({ order: 'motion', on: true })).toThrow(/cannot motion/)
  })
})
