/** What a scale says when it is asked for its weight, whatever its language. */
import type { Weight } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'

/** Why there is no weight, or how the scale stands; what a language does not tell is false. */
export interface ScaleStatus {
  motion: boolean
  over: boolean
  under: boolean
  /** It never found its zero, or the load is too far from it. */
  notZeroed: boolean
  /** Stands at the centre of zero. */
  zero: boolean
  /** A tare is taken off. */
  net: boolean
  /** Trouble of the scale itself, for a person: a broken memory, a lost calibration. Becomes the fault `scale_error`. */
  trouble?: string
}

export type Measure =
  | { kind: 'weight'; weight: Weight }
  | { kind: 'status'; status: ScaleStatus }
  /** The scale answered and does not want to: a price it refuses, a step out of turn. Readers get the error. */
  | { kind: 'refused'; error: HubError }
  | { kind: 'silent' }
  | { kind: 'invalid'; reason: string }

export const noStatus: ScaleStatus = {
  motion: false,
  over: false,
  under: false,
  notZeroed: false,
  zero: false,
  net: false,
}

/** A status with these bits on. */
export const statusOf = (bits: Partial<ScaleStatus>): Measure => ({
  kind: 'status',
  status: { ...noStatus, ...bits },
})

/** A status that stands in the way of a weight, as the error of a request; undefined when it does not. */
export function errorOfStatus(status: ScaleStatus, device: string): HubError | undefined {
  if (status.trouble !== undefined) return new HubError('answer_invalid', { device, reason: status.trouble })
  if (status.over) return new HubError('scale_over')
  if (status.under) return new HubError('scale_under')
  if (status.motion) return new HubError('scale_motion')
  if (status.notZeroed) return new HubError('scale_not_zeroed')
  return undefined
}
