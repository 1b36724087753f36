/** What an entry of the audit log tells of the params of a call: short, and without secrets. */
import { handedOverNames, isSecretName } from '../secret-names.ts'

export const auditDetailLimits = {
  textCharsMax: 200,
  /** Fields of an object and items of a list. */
  partsMax: 30,
  depthMax: 5,
} as const

const struckOut = '…'
const handedOver: ReadonlySet<string> = new Set(handedOverNames)
const isSecret = (name: string): boolean => isSecretName(name) || handedOver.has(name.toLowerCase())

export function detailOf(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return shortObject(value, 0)
}

function shortObject(value: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  // A change of the configuration names what it changes in a field beside it.
  const hidesValue = typeof value.path === 'string' && isSecret(value.path.split('.').at(-1) ?? '')
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(
    fields
      .slice(0, auditDetailLimits.partsMax)
      .map(([name, field]) => [
        name.slice(0, auditDetailLimits.textCharsMax),
        isSecret(name) || (hidesValue && name === 'value') ? struckOut : short(field, depth + 1),
      ]),
  )
}

function short(value: unknown, depth: number): unknown {
  const { depthMax, partsMax, textCharsMax } = auditDetailLimits
  if (typeof value === 'string') {
    // Ports are URLs, and those may carry a password.
    const text = value.replace(/\/\/[^/@\s]*@/g, `//${struckOut}@`)
    return text.length > textCharsMax ? `${text.slice(0, textCharsMax)}${struckOut}` : text
  }
  if (typeof value !== 'object' || value === null) return value
  if (depth >= depthMax) return struckOut
  if (Array.isArray(value)) return value.slice(0, partsMax).map((item) => short(item, depth + 1))
  return shortObject(value as Record<string, unknown>, depth)
}
