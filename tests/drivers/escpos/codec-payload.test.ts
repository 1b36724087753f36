/** Whole payloads: kinds of content, copies, cuts, drawers, pictures, and errors that name what is wrong. */
import { PNG } from 'pngjs'
import { afterAll, describe, expect, it } from 'vitest'
import { documentText, receiptDocument } from '../../../scripts/bench/receipt-document.ts'
import { codecLimits } from '../../../src/drivers/printers/common/layout/encoder.ts'
import { type Block, receiptLimits, receiptSchema } from '../../../src/protocol/receipt.ts'
import { bodyHex, encodeNow, encoderWith, hex, newImaging, preamble, readBack } from './codec-support.ts'

const imaging = newImaging()
afterAll(() => imaging.stop())

function png(width: number, height: number, black: (x: number, y: number) => boolean): string {
  const image = new PNG({ width, height })
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      image.data.fill(black(x, y) ? 0 : 255, (y * width + x) * 4, (y * width + x) * 4 + 3)
  }
  for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255
  return PNG.sync.write(image).toString('base64')
}
const black = (width: number, height: number) => png(width, height, () => true)

describe('[ESC22] cuts', () => {
  const cutsOf = (blocks: Block[], cut?: boolean) => {
    const encoded = encoderWith().prepare({ receipt: { blocks }, ...(cut === undefined ? {} : { cut }) })
    if (encoded instanceof Promise) throw new Error('worker')
    const sent = hex(encoded.copies[0]!).match(/1d 56 0/g)?.length ?? 0
    expect(encoded.cuts).toBe(sent)
    return sent
  }
  const text: Block = { type: 'text', text: 'x' }
  const cut: Block = { type: 'cut' }

  it('a receipt is cut where its blocks say', () => {
    expect([cutsOf([text]), cutsOf([text, cut, text, cut])]).toEqual([0, 2])
  })

  it('cut true cuts at the end unless the receipt ends so, cut false nowhere', () => {
    expect(cutsOf([text], true)).toBe(1)
    expect(cutsOf([text, cut], true)).toBe(1)
    expect(cutsOf([text, cut, { type: 'pulse' }, { type: 'buzzer' }], true)).toBe(1)
    expect(cutsOf([text, cut, text], true)).toBe(2)
    expect(cutsOf([text, cut, text, cut], false)).toBe(0)
  })

  it('text and images are cut unless told otherwise, raw is not unless told so', () => {
    const encoder = encoderWith()
    const ends = (payload: Parameters<typeof encoder.prepare>[0]) => {
      const encoded = encoder.prepare(payload)
      if (encoded instanceof Promise) throw new Error('worker')
      return hex(encoded.copies[0]!).endsWith('1d 56 01')
    }
    const raw = Buffer.from('x').toString('base64')
    expect([ends({ text: 'x' }), ends({ text: 'x', cut: false })]).toEqual([true, false])
    expect([ends({ image: black(8, 8) }), ends({ image: black(8, 8), cut: false })]).toEqual([true, false])
    expect([ends({ raw }), ends({ raw, cut: true })]).toEqual([false, true])
  })
})

describe('[ESC23] copies and drawers', () => {
  it('copies are the same bytes, counted together', () => {
    const encoded = encoderWith().prepare({ text: 'x', copies: 3 })
    if (encoded instanceof Promise) throw new Error('worker')
    expect(encoded.copies.length).toBe(3)
    expect(new Set(encoded.copies).size).toBe(1)
    expect(encoded.bytes).toBe(encoded.copies[0]!.length * 3)
  })

  it('the drawer opens once, before the first copy prints', () => {
    const encoded = encoderWith().prepare({ text: 'x', copies: 2, openDrawer: true, cut: false })
    if (encoded instanceof Promise) throw new Error('worker')
    expect(encoded.copies.map(hex)).toEqual([`${preamble} 1b 70 00 19 fa 78 0a`, `${preamble} 78 0a`])
    expect([encoded.pulses, encoded.bytes]).toEqual([
      1,
      encoded.copies[0]!.length + encoded.copies[1]!.length,
    ])
  })

  it('a pulse block opens the drawer it names, in its place', () => {
    const blocks: Block[] = [
      { type: 'text', text: 'a' },
      { type: 'pulse', drawer: 2 },
      { type: 'text', text: 'b' },
    ]
    expect(bodyHex(blocks, { drawerPulseOnMs: 100, drawerPulseOffMs: 400 })).toBe(
      '61 0a 1b 70 01 32 c8 62 0a',
    )
  })

  it('a printer without a drawer refuses', () => {
    const without = encoderWith({ drawer: false })
    const unsupported = (path: string) =>
      expect.objectContaining({ code: 'payload_unsupported', context: expect.objectContaining({ path }) })
    expect(() => encodeNow(without, [{ type: 'pulse' }])).toThrow(unsupported('payload.receipt.blocks[0]'))
    expect(() => without.prepare({ text: 'x', openDrawer: true })).toThrow(unsupported('payload.openDrawer'))
  })
})

describe('[ESC25] raw', () => {
  it('goes out as it is, nothing before it, the drawer first', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const encoded = encoderWith().prepare({ raw: Buffer.from(bytes).toString('base64'), openDrawer: true })
    if (encoded instanceof Promise) throw new Error('worker')
    expect(hex(encoded.copies[0]!)).toBe(`1b 70 00 19 fa ${hex(bytes)}`)
  })

  it.each(['AAA', 'AA=A', 'A-AA', 'AA A', 'AAA\n', '====', 'AB=='])('%j is not base64', (raw) => {
    expect(() => encoderWith().prepare({ raw })).toThrow(
      expect.objectContaining({ code: 'base64_invalid', context: { path: 'payload.raw' } }),
    )
  })
})

describe('[ESC26] plain text', () => {
  const shown = (text: string) => {
    const encoded = encoderWith().prepare({ text, cut: false })
    if (encoded instanceof Promise) throw new Error('worker')
    return readBack(encoded.copies[0]!)
      .map((part) => ('text' in part ? part.text : ''))
      .join('')
  }

  it('wraps, keeps empty lines, sets tabs every eight cells and takes a form feed for a line break', () => {
    expect(shown('a\tb\n\nlonger than\teight\fnext\n')).toBe('a       b\n\nlonger than     eight\nnext\n')
    expect(shown('12345678\tx')).toBe('12345678        x\n')
    expect(shown('x'.repeat(49))).toBe(`${'x'.repeat(48)}\nx\n`)
  })

  it.each(['a\x1bb', '\x00', 'x\x7f', '\x1d'])('%j holds a control character and is refused', (text) => {
    expect(() => encoderWith().prepare({ text })).toThrow(
      expect.objectContaining({
        code: 'params_invalid',
        context: { path: 'payload.text', reason: 'holds a control character' },
      }),
    )
  })
})

describe('[ESC20] pictures', () => {
  const rasters = (blocks: Block[], settings = {}) =>
    readBack(encodeNow(encoderWith(settings), blocks).copies[0]!).flatMap((part) =>
      'raster' in part ? [part.raster] : [],
    )

  it('go out in bands that the printer’s buffer holds', () => {
    expect(rasters([{ type: 'image', png: black(8, 600) }]).map(({ rows }) => rows)).toEqual([256, 256, 88])
    expect(
      rasters([{ type: 'image', png: black(8, 50) }], { imageBandRows: 24 }).map(({ rows }) => rows),
    ).toEqual([24, 24, 2])
  })

  it('stand where they were asked to, to the dot, with nothing on their right', () => {
    const at = (align: 'left' | 'center' | 'right') => {
      const { widthBytes, data } = rasters([{ type: 'image', png: black(10, 8), align }], {
        widthDots: 100,
      })[0]!
      const row = Array.from(data.subarray(0, widthBytes), (byte) => byte.toString(2).padStart(8, '0')).join(
        '',
      )
      return [row.indexOf('1'), row.lastIndexOf('1')]
    }
    expect([at('left'), at('center'), at('right')]).toEqual([
      [0, 9],
      [45, 54],
      [90, 99],
    ])
  })

  it('wider than the paper are scaled down to it, narrower ones as asked', () => {
    const size = (block: object, settings = {}) => {
      const { widthBytes, rows } = rasters([{ type: 'image', ...block } as Block], settings)[0]!
      return [widthBytes, rows]
    }
    expect(size({ png: black(200, 100) }, { widthDots: 104 })).toEqual([13, 52])
    expect(size({ png: black(200, 100), width: 40 })).toEqual([5, 20])
    expect(size({ png: black(20, 10), width: 40 })).toEqual([5, 20])
    expect(size({ png: black(20, 10), width: 2_000 }, { widthDots: 104 })).toEqual([13, 52])
  })

  it('follow a line that was aligned, at the left', () => {
    const bytes = bodyHex([
      { type: 'text', text: 'x', align: 'right' },
      { type: 'image', png: black(8, 1) },
    ])
    expect(bytes).toBe('1b 61 02 78 0a 1b 61 00 1d 76 30 00 01 00 01 00 ff')
  })

  it('[ESC21] go out as graphics where the printer wants them so', () => {
    expect(bodyHex([{ type: 'image', png: black(8, 2) }], { imageCommand: 'graphics' })).toBe(
      '1d 28 4c 0c 00 30 70 30 01 01 31 08 00 02 00 ff ff 1d 28 4c 02 00 30 32',
    )
  })

  it('larger ones come from the worker, in their place', async () => {
    const blocks: Block[] = [
      { type: 'text', text: 'a' },
      { type: 'image', png: black(600, 300) },
      { type: 'text', text: 'b' },
    ]
    const encoded = encoderWith({}, imaging).prepare({ receipt: { blocks } })
    expect(encoded).toBeInstanceOf(Promise)
    const parts = readBack((await encoded).copies[0]!)
    const kinds = parts.map((part) => ('raster' in part ? part.raster.rows : 'text' in part ? part.text : ''))
    expect(kinds.filter((kind) => kind !== '')).toEqual(['a\n', 256, 32, 'b\n'])
  })

  it('symbols that the printer cannot make itself are pictures', async () => {
    const encoder = encoderWith({ nativeQr: false, nativePdf417: false }, imaging)
    const blocks: Block[] = [
      { type: 'qr', data: 'hello', module: 4, align: 'center' },
      { type: 'pdf417', data: 'hello' },
    ]
    const parts = readBack((await encoder.prepare({ receipt: { blocks } })).copies[0]!)
    const found = parts.flatMap((part) => ('raster' in part ? [part.raster] : []))
    // Version 1 has 21 modules, in the middle of 576 dots.
    expect(found[0]).toMatchObject({ rows: 84, widthBytes: (246 + 84 + 6) / 8 })
    expect(found.length).toBe(2)
  })
})

describe('[ESC27] errors name what is wrong', () => {
  const image = (data: string): Block => ({ type: 'image', png: data })
  it.each<[string, Block, string, string]>([
    ['base64', image('%%%%'), 'base64_invalid', 'payload.receipt.blocks[1].png'],
    [
      'no image',
      image(Buffer.from('GIF89a').toString('base64')),
      'image_invalid',
      'payload.receipt.blocks[1].png',
    ],
    [
      'barcode',
      { type: 'barcode', symbology: 'ean13', data: '1' },
      'barcode_invalid',
      'payload.receipt.blocks[1].data',
    ],
  ])('%s', (_, block, code, path) => {
    expect(() => encodeNow(encoderWith(), [{ type: 'feed' }, block])).toThrow(
      expect.objectContaining({ code, context: expect.objectContaining({ path }) }),
    )
  })

  it('of pictures under way when something else is wrong, only one error comes', async () => {
    const blocks: Block[] = [image(black(600, 300)), { type: 'barcode', symbology: 'ean8', data: '1' }]
    expect(() => encoderWith({}, imaging).prepare({ receipt: { blocks } })).toThrow(
      expect.objectContaining({ code: 'barcode_invalid' }),
    )
    await imaging.stop()
  })

  it('a PDF is for page printers', () => {
    expect(() => encoderWith().prepare({ pdf: 'JVBERi0=' })).toThrow(
      expect.objectContaining({
        code: 'payload_unsupported',
        context: expect.objectContaining({ path: 'payload.pdf' }),
      }),
    )
  })

  it('the path begins as the caller says', () => {
    expect(() => encoderWith().prepare({ pdf: 'JVBERi0=' }, 'params.payload')).toThrow(
      expect.objectContaining({ context: expect.objectContaining({ path: 'params.payload.pdf' }) }),
    )
  })
})

describe('[ESC28] limits', () => {
  it('small pictures drawn large, again and again, are too long before they fill the memory', async () => {
    const encoder = encoderWith({}, imaging)
    const picture = (shade: number): Block => ({
      type: 'image',
      png: png(20, 500, (x, y) => (x ^ y) % 7 === shade),
      width: 576,
    })
    const sheet = (pictures: Block[]) =>
      Promise.resolve().then(() => encoder.prepare({ receipt: { blocks: pictures } }))
    const [one] = (await sheet([picture(1)])).copies
    const fit = Math.floor(codecLimits.copyBytesMax / one!.length)
    expect((await sheet(Array(fit).fill(picture(1)))).bytes).toBeGreaterThan(codecLimits.copyBytesMax * 0.9)
    await expect(sheet(Array(fit + 1).fill(picture(1)))).rejects.toMatchObject({ code: 'receipt_too_long' })
    // At once too, without the worker.
    const small: Block = { type: 'image', png: black(512, 256) }
    const tooMany = Math.ceil(codecLimits.copyBytesMax / (64 * 256))
    await expect(sheet(Array(tooMany).fill(small))).rejects.toMatchObject({ code: 'receipt_too_long' })
  })

  it('the same picture in one job is worked out once, another width or the next job anew', () => {
    let dithered = 0
    const counting = Object.assign(Object.create(imaging) as typeof imaging, {
      dither: (...args: Parameters<typeof imaging.dither>) => {
        dithered++
        return imaging.dither(...args)
      },
    })
    const encoder = encoderWith({}, counting)
    const logo: Block = { type: 'image', png: black(64, 32) }
    const blocks: Block[] = [logo, { ...logo, align: 'center' }, logo, { ...logo, width: 32 }]
    void encoder.prepare({ receipt: { blocks } })
    expect(dithered).toBe(2)
    void encoder.prepare({ receipt: { blocks } })
    expect(dithered).toBe(4)
  })

  it('a receipt of 2,000 blocks is encoded at once and whole', () => {
    const kinds: Block[] = [
      { type: 'text', text: 'Žluťoučký kůň 12,50 €', bold: true },
      {
        type: 'row',
        columns: [{ text: 'a long name of a thing that has to wrap somewhere', flex: 2 }, { text: '1,00 €' }],
      },
      { type: 'rule' },
      { type: 'barcode', symbology: 'code128', data: 'ABC-123456' },
    ]
    const blocks = Array.from({ length: receiptLimits.blocksMax }, (_, index) => kinds[index % kinds.length]!)
    expect(receiptSchema.safeParse({ blocks }).success).toBe(true)
    const encoded = encodeNow(encoderWith(), blocks)
    expect(hex(encoded.copies[0]!).match(/1d 6b 49/g)?.length).toBe(500)
    expect(hex(encoded.copies[0]!).match(/1b 45 01/g)?.length).toBe(500)
  })

  it('the longest text is encoded', () => {
    const encoded = encodeNow(encoderWith(), [{ type: 'text', text: 'wörd '.repeat(800) }])
    expect(
      readBack(encoded.copies[0]!)
        .map((part) => ('text' in part ? part.text : ''))
        .join('')
        .split('\n').length,
    ).toBe(90)
  })

  it('each job is its own: what one left behind does not show in the next', () => {
    const encoder = encoderWith()
    const blocks: Block[] = [{ type: 'text', text: 'é', bold: true, align: 'center' }]
    const first = hex(encodeNow(encoder, blocks).copies[0]!)
    expect(() => encodeNow(encoder, [...blocks, { type: 'qr', data: 'x'.repeat(3_000) }])).toThrow()
    expect(hex(encodeNow(encoder, blocks).copies[0]!)).toBe(first)
  })

  it('jobs that wait for the worker do not mix', async () => {
    const encoder = encoderWith({}, imaging)
    const alone = await Promise.all(['日', '本'].map((text) => encoderWith({}, imaging).prepare({ text })))
    const both = await Promise.all([encoder.prepare({ text: '日' }), encoder.prepare({ text: '本' })])
    expect(both.map(({ copies }) => hex(copies[0]!))).toEqual(alone.map(({ copies }) => hex(copies[0]!)))
    expect(both.map(({ substituted }) => substituted)).toEqual([['日'], ['本']])
  })
})

it('[ESC29] a receipt without drawn text or large pictures is encoded at once', () => {
  const encoded = encodeNow(encoderWith(), receiptDocument(documentText(7)).blocks)
  expect(encoded.copies[0]!.length).toBe(encoded.bytes)
  expect(encoded).toMatchObject({ substituted: [], cuts: 1, pulses: 0 })
})
