/** The settings of alerts: how long a trouble has to last, and who is told. */
import { z } from 'zod'
import { alertSeveritySchema } from '../../protocol/alert.ts'
import { pathSchema, variableSchema } from '../setting-schemas.ts'

export const alertsSection = z
  .strictObject({
    faultMs: z
      .int()
      .min(0)
      .max(3_600_000)
      .default(5_000)
      .describe('A fault that lasts so long is an alert, in ms; mended for so long it is none any more.'),
    goneMs: z
      .int()
      .min(1_000)
      .max(86_400_000)
      .default(60_000)
      .describe('A device that is away for so long is an alert, in ms.'),
    unknownMs: z
      .int()
      .min(0)
      .max(86_400_000)
      .default(90_000)
      .describe(
        'A job whose outcome nobody knows for so long is an alert, in ms; the device is asked before.',
      ),
    diskFreeMiB: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(500)
      .describe('Less free on the disk of the data folder is an alert, in MiB.'),
    certificateDays: z
      .int()
      .min(0)
      .max(365)
      .default(14)
      .describe('A certificate that ends within so many days is an alert.'),
    webhook: z
      .url()
      .max(1_000)
      .optional()
      .describe(
        'Address that is told of alerts, https or http to a private address. It needs secretFile or secretEnv. Left out: none.',
      ),
    severity: alertSeveritySchema
      .default('warning')
      .describe('The least that it is told of: "warning" or "critical".'),
    secretFile: pathSchema
      .optional()
      .describe('File whose text, without the line end, is the secret that its requests are signed with.'),
    secretEnv: variableSchema
      .optional()
      .describe('Where there is no such file: the environment variable of the hub that holds it.'),
    ca: pathSchema.optional().describe('PEM file with the root of a private authority.'),
  })
  .refine(
    ({ secretEnv, secretFile, webhook }) =>
      webhook === undefined || secretFile !== undefined || secretEnv !== undefined,
    { path: ['secretFile'], message: 'is needed, or secretEnv: what is sent is signed' },
  )
  .prefault({})
export type AlertSettings = z.infer<typeof alertsSection>
