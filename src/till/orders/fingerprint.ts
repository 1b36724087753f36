/** What "the same content" means: a hash of a request that does not depend on the order of its fields. */
import { createHash } from 'node:crypto'

/** SHA-256 in hex over the method and its params as canonical JSON. Absent and undefined are one. */
export function fingerprintOf(method: string, params: object): string {
  return createHash('sha256')
    .update(`${method} ${canonical(params)}`)
    .digest('hex')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`
}
