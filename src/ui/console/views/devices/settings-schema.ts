/** The settings of a driver as fields of a form: unions that a field can show are made plain, the rest is told apart. */
import type { Schema } from '../../../parts/schema-values.ts'
import { bare, kindOf } from '../../../parts/schema-values.ts'

/** A range of so many numbers beside a word is a list to choose from. */
const choicesMax = 24

export interface SettingsFields {
  /** What the form shows. */
  schema: Schema
  /** Names of settings that have no field: maps and the like, edited as JSON. */
  asJson: readonly string[]
}

/** `schema`: one property for each setting, as `device.settings` answers it. */
export function settingsFields(schema: Schema): SettingsFields {
  const properties: Record<string, Schema> = {}
  const asJson: string[] = []
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const plain = plainOf(property)
    if (kindOf(bare(plain)) === 'other') asJson.push(name)
    else properties[name] = plain
  }
  return { schema: { type: 'object', properties }, asJson }
}

/** `"auto"` or 0 to 4 as five choices; a word or a pattern as a text; a pair of numbers as a list. */
function plainOf(property: Schema): Schema {
  const { prefixItems } = property as { prefixItems?: readonly Schema[] }
  if (property.type === 'array' && prefixItems?.[0] !== undefined)
    return { ...property, items: prefixItems[0] }
  const parts = property.anyOf ?? property.oneOf
  if (parts === undefined) return property
  const { anyOf: _any, oneOf: _one, ...rest } = property
  const choices = parts.flatMap(choicesOfPart)
  if (!choices.includes(undefined)) return { ...rest, enum: choices }
  if (parts.every(({ type }) => type === 'string')) return { ...rest, type: 'string' }
  return property
}

function choicesOfPart(part: Schema): readonly unknown[] {
  if ('const' in part) return [part.const]
  if (part.enum !== undefined) return part.enum
  const { type, minimum, maximum } = part
  if (type !== 'integer' || minimum === undefined || maximum === undefined) return [undefined]
  if (maximum - minimum >= choicesMax) return [undefined]
  return Array.from({ length: maximum - minimum + 1 }, (_, index) => minimum + index)
}
