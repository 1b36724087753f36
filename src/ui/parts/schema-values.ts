/** What a form derived from a JSON Schema knows of its fields: kinds, paths, defaults, and what is wrong with a value. */
import { say } from '../words/say.ts'

/** The part of JSON Schema, draft 2020-12, that settings are made of. */
export interface Schema {
  type?: string | readonly string[]
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  items?: Schema
  enum?: readonly unknown[]
  const?: unknown
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  default?: unknown
  title?: string
  description?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  pattern?: string
  format?: string
  /** Changed in the file only. */
  readOnly?: boolean
}

/** `other`: what no field here can show, such as a list of tables. */
export type FieldKind = 'section' | 'choice' | 'switch' | 'number' | 'text' | 'choices' | 'lines' | 'other'

export function kindOf(schema: Schema): FieldKind {
  if (choicesOf(schema) !== undefined) return 'choice'
  const { type, items, properties } = schema
  if (properties !== undefined) return 'section'
  if (type === 'boolean') return 'switch'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'string') return 'text'
  if (type !== 'array' || items === undefined) return 'other'
  if (choicesOf(items) !== undefined) return 'choices'
  return ['string', 'integer', 'number'].includes(String(items.type)) ? 'lines' : 'other'
}

/** The values of an enum, however the schema writes it. */
export function choicesOf(schema: Schema): readonly unknown[] | undefined {
  if (schema.enum !== undefined) return schema.enum
  const parts = schema.anyOf ?? schema.oneOf
  if (parts === undefined || parts.length === 0) return undefined
  const values = parts.flatMap((part) => ('const' in part ? [part.const] : (part.enum ?? [undefined])))
  return values.includes(undefined) ? undefined : values
}

/** What may be null or left out is shown as what it otherwise is. */
export function bare(schema: Schema): Schema {
  const parts = schema.anyOf ?? schema.oneOf
  const others = parts?.filter((part) => part.type !== 'null')
  if (parts === undefined || others?.length !== 1 || others[0] === undefined) {
    if (!Array.isArray(schema.type)) return schema
    return { ...schema, type: schema.type.find((type) => type !== 'null') ?? 'string' }
  }
  const { anyOf: _any, oneOf: _one, ...rest } = schema
  return { ...others[0], ...rest }
}

type Tree = Readonly<Record<string, unknown>>

/** The value at `a.b.c`, or undefined. */
export function valueAt(tree: Tree, path: string): unknown {
  let at: unknown = tree
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Tree)[key]
  }
  return at
}

/** The tree with another value at a path; undefined takes it out. */
export function withValue(tree: Tree, path: string, value: unknown): Tree {
  const [key = '', ...rest] = path.split('.')
  const inner = tree[key]
  if (rest.length === 0) {
    const { [key]: _old, ...others } = tree
    return value === undefined ? others : { ...others, [key]: value }
  }
  const below = typeof inner === 'object' && inner !== null ? (inner as Tree) : {}
  return { ...tree, [key]: withValue(below, rest.join('.'), value) }
}

/** Every field of a schema by its path, sections left out. */
export function fieldsOf(schema: Schema, before = ''): readonly { path: string; schema: Schema }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const found = bare(property)
    const path = before + key
    return kindOf(found) === 'section' ? fieldsOf(found, `${path}.`) : [{ path, schema: found }]
  })
}

export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** What is wrong with a value, as a sentence; undefined when nothing is, as far as the schema tells. */
export function problemOf(schema: Schema, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  switch (kindOf(schema)) {
    case 'number':
      return numberProblem(schema, value)
    case 'text':
      return textProblem(schema, value)
    case 'lines':
      return linesProblem(schema, value)
    default:
      return undefined
  }
}

function numberProblem(schema: Schema, value: unknown): string | undefined {
  const { minimum, maximum } = schema
  if (typeof value !== 'number' || Number.isNaN(value)) return say('box.form.notNumber')
  if (schema.type === 'integer' && !Number.isInteger(value)) return say('box.form.notWhole')
  if (minimum !== undefined && value < minimum) return say('box.form.tooSmall', { min: minimum })
  if (maximum !== undefined && value > maximum) return say('box.form.tooLarge', { max: maximum })
  return undefined
}

function textProblem(schema: Schema, value: unknown): string | undefined {
  const { maxLength, minLength, pattern } = schema
  if (typeof value !== 'string') return undefined
  if (minLength !== undefined && value.trim().length < minLength)
    return say('box.form.tooShort', { min: minLength })
  if (maxLength !== undefined && value.length > maxLength) return say('box.form.tooLong', { max: maxLength })
  if (pattern !== undefined && !fits(pattern, value)) return say('box.form.wrongForm')
  return undefined
}

function linesProblem(schema: Schema, value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined
  const { items, maxItems, minItems } = schema
  if (maxItems !== undefined && value.length > maxItems) return say('box.form.tooMany', { max: maxItems })
  if (minItems !== undefined && value.length < minItems) return say('box.form.tooFew', { min: minItems })
  if (items === undefined) return undefined
  for (const [index, item] of value.entries()) {
    const problem = problemOf(items, item)
    if (problem !== undefined) return say('box.form.line', { line: index + 1, problem })
  }
  return undefined
}

/** A pattern that this browser cannot read is the hub's to check. */
function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}
