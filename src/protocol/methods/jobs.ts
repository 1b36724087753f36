/** Leases and jobs. */
import { z } from 'zod'
import { deviceIdSchema } from '../device.ts'
import {
  jobIdSchema,
  jobLimits,
  jobSchema,
  jobSettleOutcomeSchema,
  jobStateSchema,
  jobSubmitSchema,
} from '../job.ts'
import { audited, emptySchema, everyone, method, sellers } from './method.ts'

export const leaseLimits = { leaseMsMin: 100, leaseMsMax: 10 * 60_000 } as const

const byJobSchema = z.strictObject({ id: jobIdSchema })
const leaseSchema = z.strictObject({
  lease: z.string(),
  expiresAt: z.iso.datetime(),
  /** Rises with every grant on the device, also across restarts of the hub. */
  fence: z.int().positive(),
})
export const jobMethods = {
  'lease.acquire': method(
    sellers,
    'Take the right to use a device alone until a time',
    z.strictObject({
      device: deviceIdSchema,
      ms: z.int().min(leaseLimits.leaseMsMin).max(leaseLimits.leaseMsMax),
    }),
    leaseSchema,
  ),
  'lease.renew': method(
    sellers,
    'Keep a lease for longer',
    z.strictObject({
      lease: z.string().max(64),
      ms: z.int().min(leaseLimits.leaseMsMin).max(leaseLimits.leaseMsMax),
    }),
    leaseSchema,
  ),
  'lease.release': method(
    sellers,
    'Give a lease back',
    z.strictObject({ lease: z.string().max(64) }),
    emptySchema,
  ),

  'job.submit': method(
    sellers,
    'Ask a device to do something. The id makes it safe to ask again',
    jobSubmitSchema,
    jobSchema,
  ),
  'job.get': method(everyone, 'One job', byJobSchema, jobSchema),
  'job.list': method(
    everyone,
    'Jobs, newest first',
    z.strictObject({
      device: deviceIdSchema.optional(),
      state: jobStateSchema.optional(),
      /** Only jobs whose id, client, kind, device or error code contains this text, whatever its case. */
      text: z.string().trim().min(1).max(100).optional(),
      limit: z.int().min(1).max(jobLimits.listMax).optional(),
      /** `next` of the answer before. */
      before: z.string().max(64).optional(),
    }),
    z.strictObject({ jobs: z.array(jobSchema), next: z.string().optional() }),
  ),
  'job.cancel': method(sellers, 'Drop a job of which nothing was sent', byJobSchema, jobSchema),
  'job.settle': method(
    sellers,
    'Say what really happened to a job whose outcome is unknown',
    z.strictObject({ id: jobIdSchema, outcome: jobSettleOutcomeSchema }),
    jobSchema,
    audited,
  ),
  'job.repeat': method(
    sellers,
    'Print an ended print job once more, as a new job of the id `as`, on the same printer or another',
    z.strictObject({ id: jobIdSchema, as: jobIdSchema, device: deviceIdSchema.optional() }),
    jobSchema,
    audited,
  ),
  'job.wait': method(
    sellers,
    'Answers when the job has ended, or after `ms` with the job as it is',
    z.strictObject({ id: jobIdSchema, ms: z.int().min(0).max(jobLimits.waitMsMax) }),
    jobSchema,
  ),
} as const
