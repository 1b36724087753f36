/** Ids of jobs that belong to an order: made of what they are for, so that asking again prints nothing twice. */
import { createHash } from 'node:crypto'

const jobCharsMax = 64
const hashChars = 32

/** Parts with dots between. What is too long ends in a hash of all of it. */
export function jobIdOf(...parts: readonly (string | number)[]): string {
  const id = parts.join('.')
  if (id.length <= jobCharsMax) return id
  const hash = createHash('sha256').update(id).digest('hex').slice(0, hashChars)
  return `${id.slice(0, jobCharsMax - hashChars - 1)}.${hash}`
}

/** Of the first receipt of an order, of its drawer, and of what a kitchen is told by a version of it. */
export const receiptJob = (order: string) => jobIdOf('r', order, 1)
export const drawerJob = (order: string) => jobIdOf('d', order)
export const kitchenJob = (order: string, version: number, kitchen: string) =>
  jobIdOf('k', order, version, kitchen)
