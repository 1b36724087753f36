/** Receipts drawn as pictures: what is on them, where pages end, and what is refused with which path. */
import { describe, expect, it } from 'vitest'
import { bands, isBlack } from '../../../src/drivers/imaging/bitmap.ts'
import { pictureLimits, ReceiptPicture } from '../../../src/drivers/printers/common/receipt-picture.ts'
import type { PrintPayload } from '../../../src/protocol/job.ts'
import { codesOn, ean, everything, ink, inkBox, sharedImaging, squarePng, url } from './support.ts'

const imaging = sharedImaging()
const narrow = { widthDots: 384, columns: 32 }
const usual = { widthDots: 576, columns: 48 }
const label = { widthDots: 832, columns: 69 }
const page = { widthDots: 2_244, heightDots: 3_271, columns: 80 }
const draw = (payload: PrintPayload, layout: ConstructorParameters<typeof ReceiptPicture>[1] = usual) =>
  new ReceiptPicture(imaging, layout).draw(payload)
const text = (text: string, more: object = {}): PrintPayload => ({
  receipt: { blocks: [{ type: 'text', text, ...more }] },
})

describe('what is drawn', () => {
  it.each([narrow, usual, label, page])('[PIC1] every kind of block on $widthDots dots', async (layout) => {
    const pages = await draw({ receipt: everything }, layout)
    expect(pages.map(({ width }) => width)).toEqual(pages.map(() => layout.widthDots))
    expect(pages.reduce((sum, each) => sum + ink(each), 0)).toBeGreaterThan(layout.widthDots * 20)
    const codes = (await Promise.all(pages.map(codesOn))).flat()
    expect(codes).toEqual(expect.arrayContaining([`EAN-13:${ean}`, `QR-Code:${url}`]))
  })

  it('[PIC2] every script that a shipped font has; others are refused with path and character', async () => {
    for (const word of ['Grüße', 'Ελλάδα', 'Привет', 'שלום', 'مرحبا', '日本語']) {
      const [drawn] = await draw(text(word))
      expect(ink(drawn!)).toBeGreaterThan(100)
    }
    await expect(draw(text('a ไทย'))).rejects.toMatchObject({
      code: 'text_unprintable',
      context: { path: 'payload.receipt.blocks[0].text', characters: expect.stringContaining('ไ') },
    })
  })

  it('[PIC3] alignment, sizes and inversion stand where they belong', async () => {
    const [left, center, right] = await Promise.all(
      (['left', 'center', 'right'] as const).map(async (align) =>
        inkBox((await draw(text('HHHH', { align })))[0]!),
      ),
    )
    expect(left!.left).toBeLessThan(12)
    expect(Math.abs(center!.left + center!.right - 576)).toBeLessThan(12)
    expect(right!.right).toBeGreaterThan(560)
    const [plain] = await draw(text('HHHH'))
    const [large] = await draw(text('HHHH', { size: 3 }))
    expect(large!.height).toBe(plain!.height * 3)
    const [inverted] = await draw(text(' ', { invert: true }))
    expect(isBlack(inverted!, 5, 5)).toBe(true)
  })

  it('[PIC3] a row keeps its columns apart, and wraps each in its own', async () => {
    const columns = [
      { text: 'aaaa bbbb cccc dddd', flex: 1 },
      { text: 'X', align: 'right' as const, width: 40 },
    ]
    const [drawn] = await draw({ receipt: { blocks: [{ type: 'row', columns }] } })
    // 48 cells: 40 and a gap leave 7, so four lines; the right column ends at the paper's edge.
    expect(drawn!.height).toBe(30 * 4)
    expect(inkBox(drawn!).right).toBeGreaterThan(560)
    expect(inkBox(bands(drawn!, 30)[1]!).right).toBeLessThan(7 * 12)
  })

  it('[PIC4] sizes in dots grow with the grid, so that a receipt looks the same on every head', async () => {
    const payload: PrintPayload = { receipt: { blocks: [{ type: 'qr', data: url, module: 4 }] } }
    const [at203] = await draw(payload, { widthDots: 384, columns: 32 })
    const [at406] = await draw(payload, { widthDots: 768, columns: 32 })
    const [small, large] = [inkBox(at203!), inkBox(at406!)]
    expect(large.right - large.left + 1).toBe(2 * (small.right - small.left + 1))
    const [picture] = await draw(
      { receipt: { blocks: [{ type: 'image', png: squarePng(50, 50) }] } },
      {
        widthDots: 768,
        columns: 32,
      },
    )
    expect(inkBox(picture!).right).toBe(99)
  })

  it('[PIC5] a symbol too wide for the paper gets narrower modules, and is refused below two dots', async () => {
    const code128 = (data: string, module: number): PrintPayload => ({
      receipt: { blocks: [{ type: 'barcode', symbology: 'code128', data, module, align: 'center' }] },
    })
    expect(codesOn((await draw(code128('A-LONG-ONE-1234', 6)))[0]!)).toEqual(['CODE-128:A-LONG-ONE-1234'])
    await expect(draw(code128('A'.repeat(40), 3), narrow)).rejects.toMatchObject({
      code: 'barcode_invalid',
      context: {
        path: 'payload.receipt.blocks[0].data',
        reason: expect.stringContaining('the paper has 384'),
      },
    })
    const qr: PrintPayload = { receipt: { blocks: [{ type: 'qr', data: 'x'.repeat(900), module: 16 }] } }
    expect(codesOn((await draw(qr))[0]!)).toEqual([`QR-Code:${'x'.repeat(900)}`])
  })

  it('[PIC5] the check digit that a number may come without is drawn, bars and text', async () => {
    const payload: PrintPayload = {
      receipt: { blocks: [{ type: 'barcode', symbology: 'ean13', data: ean.slice(0, 12), align: 'center' }] },
    }
    expect(codesOn((await draw(payload))[0]!)).toEqual([`EAN-13:${ean}`])
    for (const data of ['123456', '01234565', '01234500005']) {
      const upce: PrintPayload = { receipt: { blocks: [{ type: 'barcode', symbology: 'upce', data }] } }
      expect(ink((await draw(upce))[0]!)).toBeGreaterThan(1_000)
    }
  })
})

describe('pages', () => {
  it('[PIC6] a cut or a form feed ends a page, pages without anything on them are left out', async () => {
    const receipt = (...blocks: object[]) => ({ receipt: { blocks } }) as PrintPayload
    const [a, cut, feed] = [{ type: 'text', text: 'a' }, { type: 'cut' }, { type: 'feed' }]
    expect(await draw(receipt(a!, cut!, a!, feed!, cut!, cut!, feed!))).toHaveLength(2)
    expect(await draw({ ...receipt(a!, cut!, a!), cut: false })).toHaveLength(1)
    expect(await draw({ text: 'one\ftwo\n' })).toHaveLength(2)
    await expect(draw(receipt({ type: 'pulse' }))).rejects.toMatchObject({ code: 'params_invalid' })
  })

  it('[PIC7] on paper of fixed height lines stay whole and go on on the next page', async () => {
    const lines = Array.from({ length: 10 }, (_, index) => `line ${index}`).join('\n')
    const pages = await draw({ text: lines }, { ...usual, heightDots: 100 })
    // Three lines of 30 rows fit 100.
    expect(pages.map(({ height }) => height)).toEqual([90, 90, 90, 30])
    const [picture] = await draw({ image: squarePng(300, 900) }, { ...usual, heightDots: 450 })
    expect(inkBox(picture!)).toEqual({ left: 213, right: 362, top: 0, bottom: 449 })
  })

  it('[PIC7] what is longer than a page is cut where the page ends, and nothing of it is lost', async () => {
    const tall = text('H', { size: 4 })
    const [whole] = await draw(tall)
    const pages = await draw(tall, { ...usual, heightDots: 50 })
    expect(pages.map(({ height }) => height)).toEqual([50, 50, 20])
    expect(pages.reduce((sum, each) => sum + ink(each), 0)).toBe(ink(whole!))
  })
})

describe('what is refused', () => {
  const block = (block: object) =>
    ({ receipt: { blocks: [{ type: 'text', text: 'a' }, block] } }) as PrintPayload
  it.each<[string, PrintPayload, string, string]>([
    [
      'a wrong check digit',
      block({ type: 'barcode', symbology: 'ean13', data: '4006381333930' }),
      'barcode_invalid',
      'payload.receipt.blocks[1].data',
    ],
    [
      'letters in an EAN',
      block({ type: 'barcode', symbology: 'ean8', data: 'ABC' }),
      'barcode_invalid',
      'payload.receipt.blocks[1].data',
    ],
    [
      'too much for a QR code',
      block({ type: 'qr', data: 'x'.repeat(2_000), errorCorrection: 'H' }),
      'barcode_invalid',
      'payload.receipt.blocks[1].data',
    ],
    [
      'a picture that is none',
      block({ type: 'image', png: 'AAAA' }),
      'image_invalid',
      'payload.receipt.blocks[1].png',
    ],
    [
      'base64 that is none',
      block({ type: 'image', png: '!' }),
      'base64_invalid',
      'payload.receipt.blocks[1].png',
    ],
    ['a picture that is none', { image: 'AAAA' }, 'image_invalid', 'payload.image'],
    ['a drawer', { text: 'a', openDrawer: true }, 'payload_unsupported', 'payload.openDrawer'],
    ['a control character', { text: 'a\x07' }, 'params_invalid', 'payload.text'],
    [
      'columns wider than the paper',
      block({
        type: 'row',
        columns: [
          { text: 'a', width: 40 },
          { text: 'b', width: 40 },
        ],
      }),
      'payload_unsupported',
      'payload.receipt.blocks[1].columns',
    ],
  ])('[PIC8] %s, with its code and path', async (_, payload, code, path) => {
    await expect(draw(payload)).rejects.toMatchObject({ code, context: { path } })
  })

  it('[PIC9] more than the limits of one job, before it is drawn', async () => {
    const rows = Math.floor(pictureLimits.jobBytesMax / (832 / 8))
    const lines = (count: number): PrintPayload => ({ text: Array(count).fill('a').join('\n') })
    // 30 rows a line: lines of 8 times the size reach the limit of memory before that of lines.
    const many = { receipt: { blocks: Array(1_200).fill({ type: 'feed', lines: 50 }) } } as PrintPayload
    expect(1_200 * 50 * 30).toBeGreaterThan(rows)
    await expect(draw(many, label)).rejects.toMatchObject({ code: 'receipt_too_long' })
    await expect(draw(lines(20_001))).rejects.toMatchObject({
      code: 'receipt_too_long',
      context: { what: 'lines' },
    })
    const pages = Array(pictureLimits.pagesMax).fill('a').join('\f')
    expect(await draw({ text: pages }, narrow)).toHaveLength(pictureLimits.pagesMax)
    await expect(draw({ text: `${pages}\fa` }, narrow)).rejects.toMatchObject({
      code: 'receipt_too_long',
      context: { max: pictureLimits.pagesMax, what: 'pages' },
    })
  })
})
