/** ZPL to the byte, against its twin's parser, and against somebody else's renderer. */
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { type Bitmap, createBitmap, fillBlack, isBlack } from '../../../src/drivers/imaging/bitmap.ts'
import { ReceiptPicture } from '../../../src/drivers/printers/common/receipt-picture.ts'
import {
  answerBytesMax,
  compressedHex,
  labelFormat,
  readIdentity,
  readStatus,
  ZplReader,
} from '../../../src/drivers/printers/zpl/codec.ts'
import { createZplTwin } from '../../../src/drivers/printers/zpl/twin.ts'
import { TestClock } from '../../support/clock.ts'
import { MemoryWire } from '../../support/twin-memory.ts'
import { codesIn, ean, everything, sharedImaging, url } from '../labels/support.ts'

const imaging = sharedImaging()
const plain = { copies: 1, media: 'printer' } as const
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

function bitmapOf(rows: readonly string[]): Bitmap {
  const bitmap = createBitmap(rows[0]!.length * 4, rows.length)
  bitmap.data.set(Buffer.from(rows.join(''), 'hex'))
  return bitmap
}

describe('formats', () => {
  it('[ZPL1] one format holds the label as one picture, with nothing set that was not asked for', () => {
    const page = createBitmap(16, 2)
    fillBlack(page, 0, 0, 8, 1)
    expect(textOf(labelFormat(page, plain))).toBe('^XA^PON^LH0,0^PW16^LL2^FO0,0^GFA,2,2,1,FF,^FS^PQ1^XZ\r\n')
    expect(textOf(labelFormat(page, { copies: 12, media: 'gap', darkness: 7, speed: 4 }))).toBe(
      '~SD07^XA^MNY^PR4^PON^LH0,0^PW16^LL2^FO0,0^GFA,2,2,1,FF,^FS^PQ12^XZ\r\n',
    )
  })

  it.each([
    ['00000000', ','],
    ['FFFFFFFF', 'NF'],
    ['12345678', '12345678'],
    ['11122222', 'I1K2'],
    ['1F000000', '1F,'],
    ['10000001', '1L01'],
  ])('[ZPL2] the row %s is %s', (row, text) => {
    expect(compressedHex(bitmapOf([row]))).toBe(text)
  })

  it('[ZPL2] long runs are counted in twenties, a row like the one before is a colon', () => {
    const long = `1${'2'.repeat(419)}${'3'.repeat(79)}1`
    expect(compressedHex(bitmapOf([long, long]))).toBe('1z2Y2iY31:')
  })

  const pages = fc
    .record({ width: fc.integer({ min: 1, max: 300 }), height: fc.integer({ min: 1, max: 40 }) })
    .chain(({ width, height }) =>
      fc
        .array(fc.tuple(fc.nat(299), fc.nat(39), fc.integer({ min: 1, max: 300 }), fc.nat(40)), {
          maxLength: 8,
        })
        .map((boxes) => {
          const bitmap = createBitmap(width, height)
          for (const [x, y, w, h] of boxes) fillBlack(bitmap, x, y, w, h)
          return bitmap
        }),
    )

  it('[ZPL2] the twin, which has a parser of its own, gets every dot back', () => {
    fc.assert(
      fc.property(
        pages,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 50 }),
        (page, copies, piece) => {
          const twin = createZplTwin({ clock: new TestClock() })
          const wire = new MemoryWire()
          twin.attach(wire)
          const bytes = labelFormat(page, { ...plain, copies })
          for (let at = 0; at < bytes.length; at += piece) wire.send(bytes.subarray(at, at + piece))
          expect(twin.strip.left).toBe(copies)
          twin.strip.forget()
          const seen: Bitmap[] = []
          twin.strip.add = (label) => void seen.push(label)
          wire.send(bytes)
          const [label] = seen
          expect([label!.width, label!.height]).toEqual([page.width, page.height])
          expect(Buffer.from(label!.data).equals(Buffer.from(page.data))).toBe(true)
          expect(twin.unknown).toEqual([])
          twin.stop()
        },
      ),
      { numRuns: 150 },
    )
  })

  it('[ZPL3] another renderer draws the same dots, and zbar reads bars and QR code of a receipt', async () => {
    const [page] = await new ReceiptPicture(imaging, { widthDots: 576, columns: 48 }).draw({
      receipt: everything,
    })
    const { Render } = createRequire(import.meta.url)('zpl-renderer-js') as typeof import('zpl-renderer-js')
    const zpl = textOf(labelFormat(page!, plain))
    const base64 = await Render(zpl, page!.width / 8, Math.ceil(page!.height / 8), 8)
    const rendered = Buffer.from(base64.replace(/^data:[^,]*,/, ''), 'base64')
    expect(codesIn(rendered)).toEqual(expect.arrayContaining([`EAN-13:${ean}`, `QR-Code:${url}`]))
    const png = PNG.sync.read(rendered)
    let wrong = 0
    for (let y = 0; y < page!.height; y++) {
      for (let x = 0; x < page!.width; x++)
        if (png.data[(y * png.width + x) * 4]! < 128 !== isBlack(page!, x, y)) wrong++
    }
    expect(wrong).toBe(0)
  })
})

const good = ['030,0,0,1245,000,0,0,0,000,0,0,0', '001,0,0,0,1,2,4,0,00000000,1,000', '1234,0'] as const
const status = (changes: [line: 0 | 1, field: number, value: string][], leftMax = 9_999) => {
  const lines = good.map((line) => line.split(','))
  for (const [line, field, value] of changes) lines[line]![field] = value
  return readStatus(lines[0]!.join(','), lines[1]!.join(','), lines[2]!.join(','), leftMax)
}

describe('answers', () => {
  it.each<[string, 0 | 1, number, string, boolean]>([
    ['paper_out', 0, 1, '1', true],
    ['paused', 0, 2, '1', true],
    ['printer_error', 0, 9, '1', false],
    ['printer_error', 0, 10, '1', false],
    ['overheated', 0, 11, '1', true],
    ['cover_open', 1, 2, '1', true],
    ['ribbon_out', 1, 3, '1', true],
  ])('[ZPL4] %s is told by line %i, field %i of ~HS', (code, line, field, value, blocking) => {
    expect(status([])).toEqual({ faults: [], busy: false })
    expect(status([[line, field, value]])?.faults).toMatchObject([{ code, blocking }])
  })

  it('[ZPL4] the pause that comes with a fault is not told beside it', () => {
    expect(
      status([
        [0, 1, '1'],
        [0, 2, '1'],
      ])?.faults.map(({ code }) => code),
    ).toEqual(['paper_out'])
  })

  it('[ZPL5] formats in the buffer, a full buffer, half a format and labels left mean that it is at work', () => {
    expect(status([[0, 4, '001']])?.busy).toBe(true)
    expect(status([[0, 5, '1']])?.busy).toBe(true)
    expect(status([[0, 7, '1']])?.busy).toBe(true)
    expect(status([[1, 8, '00000001']])?.busy).toBe(true)
    expect(status([[1, 8, '00009999']])?.busy).toBe(true)
    // A clone counts its paper there after its head was opened.
    expect(status([[1, 8, '01335508']])?.busy).toBe(false)
    expect(status([[1, 8, '01335508']], 99_999_999)?.busy).toBe(true)
  })

  it.each([
    ['030,0,0,1245,000,0,0,0,000,0,0', good[1], good[2]],
    [good[0], '001,0,2,0,1,2,4,0,00000000,1,000', good[2]],
    [good[0], good[1], 'x'],
  ])('[ZPL6] what is not as the manual has it is no status', (first, second, third) => {
    expect(readStatus(first!, second!, third!, 9_999)).toBeUndefined()
  })

  it('[ZPL6] any bytes, in any pieces, never throw and keep little', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 10 }), (pieces) => {
        const reader = new ZplReader()
        for (const piece of pieces) reader.push(piece)
        reader.expect()
        const frames = good.map((line) => `\x02${line}\x03\r\n`).join('')
        const answers = reader.push(Buffer.from(frames))
        expect(answers).toEqual([{ kind: 'status', status: { faults: [], busy: false } }])
      }),
    )
    const reader = new ZplReader()
    const identity = (name: string) => Buffer.from(`\x02${name},V1.0,8,512KB\x03`)
    expect(reader.push(identity('Z'.repeat(60)))).toHaveLength(1)
    reader.push(Buffer.alloc(answerBytesMax * 4, 0x41))
    expect(reader.push(identity('ZD421'))).toHaveLength(1)
  })

  it('[ZPL7] a model names itself in the answer to ~HI', () => {
    expect(readIdentity('ZD421-203dpi,V93.21.19Z,8,8192KB')).toEqual({
      model: 'ZD421-203dpi',
      firmware: 'V93.21.19Z',
    })
    expect(readIdentity('GK420d-200dpi,V61.17.17Z,8,2104KB,X')).toMatchObject({ model: 'GK420d-200dpi' })
    expect(readIdentity(good[0])).toBeUndefined()
  })
})
