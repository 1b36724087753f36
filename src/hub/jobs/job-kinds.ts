/** What each kind of job asks of a device. */
import type { Capability } from '../../protocol/device.ts'
import type { JobKind } from '../../protocol/job.ts'

export const capabilityOf: Readonly<Record<JobKind, Capability>> = {
  print: 'printing',
  'drawer.open': 'drawer',
  'display.show': 'displaying',
  'display.clear': 'displaying',
  'scale.zero': 'weighing',
  'scale.tare': 'weighing',
  payment: 'paying',
  refund: 'paying',
  settlement: 'paying',
}

/** Wanted now or never: it expires within seconds. */
export const isInstant = (kind: JobKind): boolean =>
  kind !== 'print' && kind !== 'payment' && kind !== 'refund' && kind !== 'settlement'
