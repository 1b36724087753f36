/** The codec's bytes on the simulated printer: another reading of the same manuals finds nothing to object to. */
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { documentText, receiptDocument } from '../../../scripts/bench/receipt-document.ts'
import { codePageNames } from '../../../src/drivers/printers/common/layout/code-pages.ts'
import type { Block } from '../../../src/protocol/receipt.ts'
import { encodeNow, encoderWith, newImaging } from './codec-support.ts'
import { twinBench } from './twin-bench.ts'

const imaging = newImaging()
afterAll(() => imaging.stop())

const everything: Block[] = [
  { type: 'text', text: 'Žluťoučký kůň', bold: true, underline: true, size: 2, align: 'center' },
  { type: 'text', text: 'small and inverted', small: true, invert: true, align: 'right' },
  { type: 'text', text: 'Привет Καλημέρα שלום 12.50 €' },
  {
    type: 'row',
    columns: [
      { text: 'Crème', flex: 1 },
      { text: '2 ×', width: 6 },
      { text: '1,00 €', width: 10, align: 'right', bold: true },
    ],
  },
  { type: 'rule' },
  { type: 'rule', style: 'double' },
  { type: 'barcode', symbology: 'ean13', data: '4006381333931', align: 'center' },
  { type: 'barcode', symbology: 'ean8', data: '96385074' },
  { type: 'barcode', symbology: 'upca', data: '036000291452' },
  { type: 'barcode', symbology: 'upce', data: '425261' },
  { type: 'barcode', symbology: 'code39', data: 'ABC-123' },
  { type: 'barcode', symbology: 'code128', data: 'ab\tc{1}123456', text: false, height: 40, module: 3 },
  { type: 'barcode', symbology: 'itf', data: '123456' },
  { type: 'barcode', symbology: 'gs1-128', data: '(10)ABC(01)09521234543213' },
  { type: 'qr', data: 'Grüße €', errorCorrection: 'H', align: 'right' },
  { type: 'pdf417', data: 'Grüße €' },
  { type: 'feed', lines: 2 },
  { type: 'pulse', drawer: 2 },
  { type: 'cut' },
]

it('[ESC2] every kind of block is printed without a violation, cut and kicked', () => {
  const { twin, send } = twinBench()
  send(encodeNow(encoderWith(), everything).copies[0]!)
  expect(twin.violations).toEqual([])
  expect(twin.pulses.length).toBe(1)
  expect(twin.tickets.length).toBe(1)
  const printed = twin.tickets[0]!.join('\n')
  for (const text of ['Žluťoučký kůň', 'small and inverted', 'Привет Καλημέρα', 'םולש', 'Crème', '1,00 €'])
    expect(printed).toContain(text)
})

it('[ESC8] Japanese on a printer that has it, in one line with European letters', () => {
  const { twin, send } = twinBench({ kanji: 'shift-jis' })
  const blocks: Block[] = [
    { type: 'text', text: '€ é ß Ž 日本 é abc テスト', underline: true },
    { type: 'cut' },
  ]
  send(encodeNow(encoderWith({ kanji: 'shift-jis' }), blocks).copies[0]!)
  expect(twin.violations).toEqual([])
  expect(twin.tickets[0]!.join('')).toContain('€ é ß Ž 日本 é abc テスト')
})

it('[ESC20] drawn lines and pictures are printed too, by both commands', async () => {
  for (const imageCommand of ['raster', 'graphics'] as const) {
    const { twin, send } = twinBench()
    const encoded = await encoderWith({ imageCommand }, imaging).prepare({
      text: '日本語\nplain\nعربى',
      copies: 2,
    })
    for (const copy of encoded.copies) send(copy)
    expect(twin.violations).toEqual([])
    expect(twin.tickets.length).toBe(2)
  }
})

it('[ESC4] the twin reads what the till wrote, whatever it was', () => {
  const chars = [...'abc 09é€ßŽřąğİЖяΩώñøþﾊ─']
  expect(codePageNames.length).toBe(35)
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...chars), { minLength: 1, maxLength: 40 }), (list) => {
      const text = `x${list.join('')}x`
      const { twin, send } = twinBench()
      send(encodeNow(encoderWith(), [{ type: 'text', text }, { type: 'cut' }]).copies[0]!)
      expect(twin.violations).toEqual([])
      expect(twin.tickets[0]![0]).toBe(text)
    }),
    { numRuns: 200 },
  )
})

it('[ESC29] the receipt of the benchmark comes out whole', () => {
  const { twin, send } = twinBench()
  const text = documentText(5)
  send(encodeNow(encoderWith(), receiptDocument(text).blocks).copies[0]!)
  expect(twin.violations).toEqual([])
  const printed = twin.tickets[0]!.join('\n')
  for (const [name, , price] of text.rows) {
    expect(printed).toContain(name)
    expect(printed).toContain(price)
  }
})
