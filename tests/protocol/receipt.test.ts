/** Limits of receipts and jobs, each at its edge. */
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import {
  jobIdSchema,
  jobLimits,
  jobSubmitSchema,
  printContents,
  printPayloadSchema,
} from '../../src/protocol/job.ts'
import { blockSchema, receiptLimits, receiptSchema } from '../../src/protocol/receipt.ts'

const text = (chars: number) => ({ type: 'text', text: 'x'.repeat(chars) })
const blocks = (count: number) => ({ blocks: Array.from({ length: count }, () => ({ type: 'rule' })) })
const row = (count: number) => ({
  type: 'row',
  columns: Array.from({ length: count }, () => ({ text: 'x' })),
})
const job = (id: string) => ({ id, device: 'p', kind: 'print' })

/** Schema, what it takes at the edge, what is just beyond it. */
const edges: [string, z.ZodType, unknown, unknown][] = [
  ['blocks, least', receiptSchema, blocks(1), blocks(0)],
  ['blocks, most', receiptSchema, blocks(receiptLimits.blocksMax), blocks(receiptLimits.blocksMax + 1)],
  [
    'characters of a text',
    blockSchema,
    text(receiptLimits.textCharsMax),
    text(receiptLimits.textCharsMax + 1),
  ],
  ['columns, least', blockSchema, row(1), row(0)],
  ['columns, most', blockSchema, row(receiptLimits.columnsMax), row(receiptLimits.columnsMax + 1)],
  ['size', blockSchema, { ...text(1), size: 4 }, { ...text(1), size: 5 }],
  [
    'characters of a barcode',
    blockSchema,
    { type: 'qr', data: 'x'.repeat(receiptLimits.barcodeCharsMax) },
    { type: 'qr', data: 'x'.repeat(receiptLimits.barcodeCharsMax + 1) },
  ],
  [
    'characters of a picture',
    blockSchema,
    { type: 'image', png: 'A'.repeat(receiptLimits.imagePngBase64CharsMax) },
    { type: 'image', png: 'A'.repeat(receiptLimits.imagePngBase64CharsMax + 1) },
  ],
  ['lines of a feed', blockSchema, { type: 'feed', lines: 50 }, { type: 'feed', lines: 51 }],
  ['drawer', blockSchema, { type: 'pulse', drawer: 2 }, { type: 'pulse', drawer: 3 }],
  [
    'copies',
    printPayloadSchema,
    { text: 'x', copies: receiptLimits.copiesMax },
    { text: 'x', copies: receiptLimits.copiesMax + 1 },
  ],
  [
    'characters of raw',
    printPayloadSchema,
    { raw: 'A'.repeat(receiptLimits.rawBase64CharsMax) },
    { raw: 'A'.repeat(receiptLimits.rawBase64CharsMax + 1) },
  ],
  [
    'characters of a plain text',
    printPayloadSchema,
    { text: 'x'.repeat(jobLimits.textCharsMax) },
    { text: 'x'.repeat(jobLimits.textCharsMax + 1) },
  ],
  ['job id, longest', jobIdSchema, 'x'.repeat(64), 'x'.repeat(65)],
  ['job id, shortest', jobIdSchema, 'x', ''],
  ['job id, characters', jobIdSchema, 'A-Za-z0-9._-', 'a b'],
  ['job', jobSubmitSchema, job('a'), job('ä')],
]

describe('limits', () => {
  it.each(edges)('%s', (_name, schema, edge, beyond) => {
    expect(schema.safeParse(edge).success).toBe(true)
    expect(schema.safeParse(beyond).success).toBe(false)
  })

  it('allow line breaks in text and no other control character', () => {
    const refused: number[] = []
    for (let code = 0; code < 0x20; code++)
      if (!blockSchema.safeParse({ type: 'text', text: `a${String.fromCharCode(code)}b` }).success)
        refused.push(code)
    const allowed = [0x0a, 0x0d]
    expect(refused).toEqual(
      Array.from({ length: 0x20 }, (_, code) => code).filter((code) => !allowed.includes(code)),
    )
    expect(blockSchema.safeParse({ type: 'text', text: '\x7f' }).success).toBe(false)
    expect(blockSchema.safeParse({ type: 'text', text: 'Café Žižkov 日本 😀' }).success).toBe(true)
  })

  it('want exactly one content in a print', () => {
    const contents = { receipt: blocks(1), text: 'x', raw: 'AA==', image: 'AA==', pdf: 'AA==' }
    let tried = 0
    for (let mask = 0; mask < 1 << printContents.length; mask++) {
      const chosen = printContents.filter((_, bit) => (mask >> bit) & 1)
      const payload = Object.fromEntries(chosen.map((name) => [name, contents[name]]))
      expect([chosen, printPayloadSchema.safeParse(payload).success]).toEqual([chosen, chosen.length === 1])
      tried++
    }
    expect(tried).toBe(32)
  })
})
