/** Jobs: requests to a device that are named by the client and recorded before they act. */
import { z } from 'zod'
import { deviceIdSchema } from './device.ts'
import { receiptLimits, receiptSchema } from './receipt.ts'

export const jobLimits = {
  queueJobsMax: 500,
  expiryMsMax: 7 * 24 * 3_600_000,
  waitMsMax: 60_000,
  listMax: 500,
  textCharsMax: 200_000,
  picturesMax: 200,
  displayItemsMax: 500,
} as const

export const jobIdSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'is not 1 to 64 of A-Za-z0-9._-')

export const jobStateSchema = z.enum(['pending', 'running', 'done', 'failed', 'expired', 'unknown'])
export type JobState = z.infer<typeof jobStateSchema>

export const endedStates: ReadonlySet<JobState> = new Set(['done', 'failed', 'expired', 'unknown'])

export const jobKindSchema = z.enum([
  'print',
  'drawer.open',
  'display.show',
  'display.clear',
  'scale.zero',
  'scale.tare',
  'payment',
  'refund',
  'settlement',
])
export type JobKind = z.infer<typeof jobKindSchema>

const base64Schema = z.string().min(1).max(receiptLimits.rawBase64CharsMax)

export const printContents = ['receipt', 'text', 'raw', 'image', 'pdf'] as const

export const printPayloadSchema = z
  .strictObject({
    receipt: receiptSchema.optional(),
    text: z.string().min(1).max(jobLimits.textCharsMax).optional(),
    /** Base64 of bytes in the printer's own language. */
    raw: base64Schema.optional(),
    /** Pictures among raw bytes, in order: the printer's driver puts each into the printer's own language. */
    pictures: z
      .array(
        z.strictObject({
          /** How many raw bytes come before it. */
          at: z.int().min(0).max(receiptLimits.rawBase64CharsMax),
          /** Base64 of a PNG or JPEG file. */
          image: z.string().min(1).max(receiptLimits.imagePngBase64CharsMax),
          dither: z.enum(['floyd-steinberg', 'threshold']).optional(),
        }),
      )
      .max(jobLimits.picturesMax)
      .refine((all) => all.every(({ at }, index) => at >= (all[index - 1]?.at ?? 0)), 'are not in order')
      .optional(),
    /** Base64 of a PNG or JPEG file. */
    image: base64Schema.optional(),
    pdf: base64Schema.optional(),
    copies: z.int().min(1).max(receiptLimits.copiesMax).optional(),
    /** Cut after each copy. Default: true for text and image, as the blocks say for a receipt, false for raw. */
    cut: z.boolean().optional(),
    openDrawer: z.boolean().optional(),
  })
  .refine((payload) => printContents.filter((name) => payload[name] !== undefined).length === 1, {
    message: 'needs exactly one of receipt, text, raw, image, pdf',
  })
  .refine(({ pictures, raw }) => pictures === undefined || raw !== undefined, {
    path: ['pictures'],
    message: 'come with raw only',
  })
export type PrintPayload = z.infer<typeof printPayloadSchema>

export const drawerOpenPayloadSchema = z.strictObject({
  /** 1 or 2: the pin of the connector. */
  drawer: z.int().min(1).max(2).optional(),
  /** Why it was opened, for the log: `sale`, `no_sale`, … */
  reason: z.string().max(200).optional(),
})
export type DrawerOpenPayload = z.infer<typeof drawerOpenPayloadSchema>

/** Amounts are texts as the till writes them, with currency and decimals of the shop. */
export const displayShowPayloadSchema = z
  .strictObject({
    /** Lines for a display of letters, top first; without them it shows the last item and the total. */
    lines: z.array(z.string().max(80)).min(1).max(8).optional(),
    /** The cart. */
    items: z
      .array(
        z.strictObject({
          text: z.string().min(1).max(200),
          quantity: z.string().max(20).optional(),
          amount: z.string().max(30).optional(),
        }),
      )
      .max(jobLimits.displayItemsMax)
      .optional(),
    total: z
      .strictObject({ label: z.string().max(40).optional(), amount: z.string().min(1).max(30) })
      .optional(),
    /** A code to be scanned by the customer's phone; only displays with pixels show it. */
    qr: z
      .strictObject({ data: z.string().min(1).max(1_000), caption: z.string().max(200).optional() })
      .optional(),
    message: z.string().min(1).max(400).optional(),
  })
  .refine((payload) => Object.values(payload).some((part) => part !== undefined), {
    message: 'needs at least one of lines, items, total, qr, message',
  })
export type DisplayShowPayload = z.infer<typeof displayShowPayloadSchema>

export const scaleTarePayloadSchema = z.strictObject({
  /** A known tare as a decimal string in the scale's unit; without it the load on the scale is tared. `"0"` clears. */
  weight: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,3})?$/, 'is not a decimal weight')
    .optional(),
})
export type ScaleTarePayload = z.infer<typeof scaleTarePayloadSchema>

const amountSchema = z.int().min(0).max(99_999_999_99)
export const paymentPayloadSchema = z.strictObject({
  /** Minor units. */
  amount: amountSchema,
  currency: z.string().regex(/^[A-Z]{3}$/, 'is not an ISO 4217 code'),
  reference: z.string().min(1).max(100),
  tip: amountSchema.optional(),
})

const emptySchema = z.strictObject({})

/** The payload of each kind. */
export const jobPayloadSchemas = {
  print: printPayloadSchema,
  'drawer.open': drawerOpenPayloadSchema,
  'display.show': displayShowPayloadSchema,
  'display.clear': emptySchema,
  'scale.zero': emptySchema,
  'scale.tare': scaleTarePayloadSchema,
  payment: paymentPayloadSchema,
  refund: paymentPayloadSchema,
  settlement: emptySchema,
} as const satisfies Record<JobKind, z.ZodType>

export type JobPayload = { [K in JobKind]: z.infer<(typeof jobPayloadSchemas)[K]> }

export const jobSubmitSchema = z.strictObject({
  id: jobIdSchema,
  device: deviceIdSchema,
  kind: jobKindSchema,
  /** Checked against the schema of the kind. */
  payload: z.record(z.string(), z.unknown()).default({}),
  /** After this moment the job is never sent. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
  /** The lease that gives the right to use a leased device. */
  lease: z.string().max(64).optional(),
})
export type JobSubmit = z.infer<typeof jobSubmitSchema>

export const jobErrorSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  who: z.enum(['operator', 'technician', 'developer', 'retry']),
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})

export const jobOutcomeSchema = z.looseObject({
  /** True when the device itself said that it did it; false when it is a model that never answers. */
  confirmed: z.boolean().optional(),
  /** Who ruled on an unknown outcome: `inquiry` or `person`. */
  settledBy: z.enum(['inquiry', 'person']).optional(),
})
export type JobOutcome = z.infer<typeof jobOutcomeSchema>

export const jobSchema = z.strictObject({
  id: jobIdSchema,
  /** Where it runs; differs from the device asked for when it moved to a backup printer. */
  device: z.string(),
  kind: jobKindSchema,
  state: jobStateSchema,
  outcome: jobOutcomeSchema.optional(),
  error: jobErrorSchema.optional(),
  attempts: z.int().min(0),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().optional(),
  expiresAt: z.iso.datetime(),
  /** Why it waits, as a fault or error code: `paper_out`, `device_absent`. */
  waitingFor: z.string().optional(),
  /** The device it was submitted to, when it moved. */
  movedFrom: z.string().optional(),
  /** Name of the client that submitted it. */
  client: z.string(),
})
export type Job = z.infer<typeof jobSchema>

export const jobSettleOutcomeSchema = z.enum(['done', 'failed'])
