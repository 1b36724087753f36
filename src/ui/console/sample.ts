/** A receipt that shows at a glance what a printer can do: sizes, columns, foreign letters, bar code, QR. */
import type { Block, Receipt } from '../../protocol/receipt.ts'
import { dateTimeText } from '../parts/time.ts'
import { say } from '../words/say.ts'

const items: readonly (readonly [string, string])[] = [
  ['2 x Espresso', '5,00'],
  ['1 x Žižkovská buchta', '2,40'],
  ['1 x Grüner Tee 日本', '3,20'],
  ['0,435 kg Äpfel', '1,26'],
]

function line(left: string, right: string, bold = false): Block {
  return {
    type: 'row',
    bold,
    columns: [
      { text: left, flex: 1 },
      { text: `${right} €`, align: 'right', width: 10 },
    ],
  }
}

/** `at`: ms since 1970; printed so that two samples can be told apart. */
export function sampleReceipt(at: number): Receipt {
  return {
    blocks: [
      { type: 'text', text: 'Café Žižkov', align: 'center', bold: true, size: 2 },
      { type: 'text', text: 'Café Žižkov 日本 €', align: 'center' },
      { type: 'text', text: dateTimeText(new Date(at).toISOString()), align: 'center', small: true },
      { type: 'rule' },
      ...items.map(([name, price]) => line(name, price)),
      { type: 'rule', style: 'double' },
      {
        type: 'row',
        bold: true,
        size: 2,
        columns: [
          { text: say('devices.total'), flex: 1 },
          { text: '11,86 €', align: 'right', flex: 1 },
        ],
      },
      { type: 'feed', lines: 1 },
      { type: 'text', text: say('devices.sampleTitle'), align: 'center', invert: true },
      { type: 'feed', lines: 1 },
      { type: 'barcode', symbology: 'ean13', data: '4006381333931', align: 'center' },
      { type: 'feed', lines: 1 },
      { type: 'qr', data: 'https://example.com/r/1', align: 'center' },
      { type: 'text', text: say('devices.sampleBy'), align: 'center', small: true },
      { type: 'cut' },
    ],
  }
}
