/** The receipt document: what a till wants on paper, independent of any printer's language. */
import { z } from 'zod'

export const receiptLimits = {
  blocksMax: 2_000,
  textCharsMax: 4_000,
  columnsMax: 8,
  barcodeCharsMax: 2_000,
  imagePngBase64CharsMax: 4_000_000,
  /** Two metres at 203 dpi. */
  rasterRowsMax: 16_000,
  copiesMax: 20,
  rawBase64CharsMax: 8_000_000,
} as const

const alignSchema = z.enum(['left', 'center', 'right'])
export type Align = z.infer<typeof alignSchema>

/** Line breaks are the only control characters that text may hold. */
const textSchema = z
  .string()
  .max(receiptLimits.textCharsMax)
  .regex(/^[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f]*$/, 'holds a control character; only line breaks may be used')

const styleShape = {
  bold: z.boolean().optional(),
  underline: z.boolean().optional(),
  invert: z.boolean().optional(),
  /** 1 normal, 2 double width and height, up to 4. */
  size: z.int().min(1).max(4).optional(),
  /** Small type (font B) where the printer has it. */
  small: z.boolean().optional(),
}

export const symbologySchema = z.enum([
  'ean13',
  'ean8',
  'upca',
  'upce',
  'code39',
  'code128',
  'itf',
  'gs1-128',
])
export type Symbology = z.infer<typeof symbologySchema>

export const textBlockSchema = z.strictObject({
  type: z.literal('text'),
  text: textSchema,
  align: alignSchema.optional(),
  ...styleShape,
})

export const columnSchema = z.strictObject({
  text: textSchema,
  align: alignSchema.optional(),
  /** Share of the free width; 1 when neither width nor flex is given. */
  flex: z.number().positive().max(100).optional(),
  /** Width in characters of the normal font. */
  width: z.int().min(1).max(80).optional(),
  bold: z.boolean().optional(),
})

export const blockSchema = z.discriminatedUnion('type', [
  textBlockSchema,
  z.strictObject({
    type: z.literal('row'),
    columns: z.array(columnSchema).min(1).max(receiptLimits.columnsMax),
    ...styleShape,
  }),
  z.strictObject({ type: z.literal('rule'), style: z.enum(['single', 'double', 'dashed']).optional() }),
  z.strictObject({
    type: z.literal('barcode'),
    symbology: symbologySchema,
    data: z.string().min(1).max(receiptLimits.barcodeCharsMax),
    align: alignSchema.optional(),
    /** Height in dots. */
    height: z.int().min(8).max(255).optional(),
    /** Width of the narrowest bar in dots. */
    module: z.int().min(2).max(6).optional(),
    /** Human-readable text below the bars; on by default. */
    text: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('qr'),
    data: z.string().min(1).max(receiptLimits.barcodeCharsMax),
    align: alignSchema.optional(),
    /** Module size in dots. */
    module: z.int().min(1).max(16).optional(),
    errorCorrection: z.enum(['L', 'M', 'Q', 'H']).optional(),
  }),
  z.strictObject({
    type: z.literal('pdf417'),
    data: z.string().min(1).max(receiptLimits.barcodeCharsMax),
    align: alignSchema.optional(),
    module: z.int().min(2).max(8).optional(),
  }),
  z.strictObject({
    type: z.literal('image'),
    /** Base64 of a PNG or JPEG file. */
    png: z.string().min(1).max(receiptLimits.imagePngBase64CharsMax),
    align: alignSchema.optional(),
    /** Width in dots; wider than the paper is scaled down to it. */
    width: z.int().min(8).max(2_000).optional(),
    dither: z.enum(['floyd-steinberg', 'threshold']).optional(),
  }),
  z.strictObject({
    type: z.literal('raster'),
    /** Dots of a row, and rows: more than the paper has are scaled down to it. */
    width: z.int().min(1).max(2_000),
    height: z.int().min(1).max(receiptLimits.rasterRowsMax),
    /** Base64 of the rows: a bit a dot, the highest first, 1 is black; each row in whole bytes. */
    bits: z.string().min(1).max(receiptLimits.imagePngBase64CharsMax),
    align: alignSchema.optional(),
  }),
  z.strictObject({ type: z.literal('feed'), lines: z.int().min(0).max(50).optional() }),
  z.strictObject({ type: z.literal('cut'), partial: z.boolean().optional() }),
  z.strictObject({ type: z.literal('pulse'), drawer: z.int().min(1).max(2).optional() }),
  z.strictObject({ type: z.literal('buzzer'), times: z.int().min(1).max(9).optional() }),
])

export const receiptSchema = z.strictObject({
  blocks: z.array(blockSchema).min(1).max(receiptLimits.blocksMax),
})

export type TextBlock = z.infer<typeof textBlockSchema>
export type Column = z.infer<typeof columnSchema>
export type Block = z.infer<typeof blockSchema>
export type BlockOf<T extends Block['type']> = Extract<Block, { type: T }>
export type Receipt = z.infer<typeof receiptSchema>
