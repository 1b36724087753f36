/** Somebody else's Star commands (receiptline): our twin reads them as their author meant them, and ours are the same bytes. */
import { createRequire } from 'node:module'
import { PNG } from 'pngjs'
import { expect, it } from 'vitest'
import { ascii, bodyHex, hex, twinAlone } from './bench.ts'

interface Receiptline {
  transform(document: string, printer: object): string
}
const { transform } = createRequire(import.meta.url)('receiptline') as Receiptline

const receiptline = (document: string, command: string): Uint8Array =>
  ascii(transform(document, { command, cpl: 48, encoding: 'multilingual', cutting: true, gradient: false }))

const document = [
  '^^^Café ß €|',
  '"bold" and _under_ and `inv`',
  'Žižek | 12,50 €',
  '{code:4006381333931; option:ean,3,72,hri}',
  '{code:ABC%1;option:code128,2,60,nohri}',
  '{code:https://example.com;option:qrcode,4,m}',
  '---',
  'the end',
].join('\n')

it.each(['starsbcs', 'starlinesbcs'])('[STAR60] the twin reads what receiptline makes: %s', (command) => {
  const { twin, send, wire } = twinAlone()
  send(receiptline(document, command))
  expect(twin.violations).toEqual([])
  expect(twin.cuts).toBe(1)
  const printed = twin.tickets[0]!
  const text = printed.join('\n')
  for (const line of [
    'Café ß €',
    'bold and under and inv',
    'the end',
    '[ean13 4006381333931]',
    '[code128 ABC%1]',
  ])
    expect(text).toContain(line)
  expect(printed.some((line) => /Žižek +12,50 €/.test(line))).toBe(true)
  expect(twin.images).toBeGreaterThan(0)
  // It ends with ESC GS ETX 1 0 0, which the twin answers.
  expect(wire.take()).toBe('1b1d030100000100')
})

it('[STAR60] the styles that receiptline means are those that the twin shows', () => {
  const { twin, send } = twinAlone()
  send(receiptline('{width:*}\n"bold" _under_ `inv`\n^^^big', 'starsbcs'))
  const styles = new Map<string, object>()
  for (const item of twin.model.tickets[0]!.items)
    if (item.kind === 'text') for (const { char, style } of item.cells) styles.set(char, style)
  expect(styles.get('b')).toMatchObject({ scaleX: 2, scaleY: 2 })
  expect(styles.get('l')).toMatchObject({ bold: true, invert: false })
  expect(styles.get('u')).toMatchObject({ bold: false, underline: 1 })
  expect(styles.get('v')).toMatchObject({ invert: true, underline: 0 })
})

it('[STAR60] a document of dots only', () => {
  const { twin, send } = twinAlone({ graphicOnly: true })
  const black = new PNG({ width: 48, height: 8 })
  black.data.fill(0xff)
  for (let pixel = 0; pixel < black.data.length; pixel += 4) black.data.fill(0, pixel, pixel + 3)
  const bytes = receiptline(`{image:${PNG.sync.write(black).toString('base64')}}\n=`, 'stargraphic')
  send(bytes)
  const cuts = hex(bytes).split('1b 0c 00').length - 1
  expect(cuts).toBeGreaterThan(0)
  expect([twin.cuts, twin.violations]).toEqual([cuts, []])
  const image = twin.model.tickets[0]!.items.find(({ kind }) => kind === 'image')
  const dots =
    image?.kind === 'image'
      ? image.bitmap.bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
      : 0
  expect(dots).toBe(48 * 8)
})

it('[STAR2] barcodes are the same bytes as receiptline makes', () => {
  const cases: [string, Parameters<typeof bodyHex>[0][number]][] = [
    [
      '{code:4006381333931; option:ean,3,72,hri}',
      { type: 'barcode', symbology: 'ean13', data: '4006381333931', module: 3, height: 72 },
    ],
    [
      '{code:96385074; option:ean,2,60,nohri}',
      { type: 'barcode', symbology: 'ean8', data: '96385074', module: 2, height: 60, text: false },
    ],
    [
      '{code:12345678;option:itf,3,60,hri}',
      { type: 'barcode', symbology: 'itf', data: '12345678', module: 3, height: 60 },
    ],
    [
      '{code:ABC%1;option:code128,2,60,hri}',
      { type: 'barcode', symbology: 'code128', data: 'ABC%1', module: 2, height: 60 },
    ],
  ]
  for (const [code, block] of cases) {
    expect(hex(receiptline(code, 'starsbcs'))).toContain(bodyHex([block]))
  }
})

it('[STAR2] styles, cut and alignment are the same commands as receiptline sends', () => {
  const theirs = hex(receiptline('{width:*}\n"b"|\n|r\n`i`', 'starsbcs'))
  // Digits stand for themselves in parameters, so ESC d 3 may be 03h or 33h.
  for (const command of ['1b 45', '1b 46', '1b 34', '1b 35', '1b 1d 61', '1b 64', '1b 69 00 00'])
    expect(theirs).toContain(command)
  const ours = bodyHex([
    { type: 'text', text: 'b', bold: true, invert: true, size: 2, align: 'right' },
    { type: 'cut' },
  ])
  for (const command of ['1b 45', '1b 46', '1b 34', '1b 35', '1b 1d 61', '1b 64', '1b 69 00 00'])
    expect(ours).toContain(command)
})
