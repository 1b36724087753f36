/** Columns of an import: which there are for a kind, and how the text of a cell becomes the value of a field. */
import { type CatalogueKind, catalogueSchemas } from '../../protocol/till/catalogue.ts'

/** How a cell is read. */
export type ColumnForm =
  | 'text'
  | 'decimal'
  | 'number'
  | 'yes-no'
  | 'list'
  | 'packs'
  | 'attributes'
  | 'taxes'
  | 'json'

/** Answers the value, or why there is none. */
export type Cell = { value: unknown } | { reason: string }

/** What zod tells of a schema; the rest of it does not matter here. */
interface Definition {
  type: string
  innerType?: { _zod: { def: Definition } }
  element?: { _zod: { def: Definition } }
}

const decimals: ReadonlySet<string> = new Set(['price', 'cost', 'amount', 'rounding', 'factor'])
const special: Readonly<Record<string, ColumnForm>> = {
  'product.packs': 'packs',
  'product.attributes': 'attributes',
  'fiscalPosition.taxes': 'taxes',
}

export function columnsOf(kind: CatalogueKind): ReadonlyMap<string, ColumnForm> {
  const { shape } = catalogueSchemas[kind]
  return new Map(
    Object.entries(shape).map(([name, schema]) => [
      name,
      special[`${kind}.${name}`] ?? formOf(name, schema._zod.def as Definition),
    ]),
  )
}

function formOf(name: string, { type, innerType, element }: Definition): ColumnForm {
  if (innerType !== undefined) return formOf(name, innerType._zod.def)
  switch (type) {
    case 'boolean':
      return 'yes-no'
    case 'number':
      return 'number'
    case 'array':
      return element?._zod.def.type === 'string' ? 'list' : 'json'
    case 'object':
      return 'json'
    default:
      return decimals.has(name) ? 'decimal' : 'text'
  }
}

const yes: ReadonlySet<string> = new Set(['true', 'yes', '1', 'x'])
const no: ReadonlySet<string> = new Set(['false', 'no', '0'])

/** The cell is not empty. */
export function readCell(form: ColumnForm, text: string): Cell {
  switch (form) {
    case 'text':
      return { value: text }
    case 'decimal':
      return { value: plainDecimal(text) }
    case 'number': {
      const number = Number(plainDecimal(text))
      return Number.isFinite(number) ? { value: number } : { reason: 'is not a number' }
    }
    case 'yes-no': {
      const small = text.toLowerCase()
      if (yes.has(small)) return { value: true }
      return no.has(small) ? { value: false } : { reason: 'is not true or false' }
    }
    case 'list':
      return { value: parts(text) }
    case 'packs':
      return text.startsWith('[') ? json(text) : packs(text)
    case 'attributes':
      return text.startsWith('[') ? json(text) : attributes(text)
    case 'taxes':
      return text.startsWith('[') ? json(text) : mappedTaxes(text)
    case 'json':
      return json(text)
  }
}

/** `1.234,56`, `1,234.56` and `1,99` as decimal text; a lone comma is the decimal one. What is none stays as it is. */
export function plainDecimal(text: string): string {
  if (/^-?\d{1,3}(\.\d{3})+,\d+$/.test(text)) return text.replaceAll('.', '').replace(',', '.')
  if (/^-?\d{1,3}(,\d{3})+\.\d+$/.test(text)) return text.replaceAll(',', '')
  if (/^-?\d+,\d+$/.test(text)) return text.replace(',', '.')
  return text
}

const parts = (text: string): string[] =>
  text
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** `6 x 4006381333931|24 x 4006381333948`. */
function packs(text: string): Cell {
  const value = []
  for (const part of parts(text)) {
    const [, quantity, barcode] = /^([\d.,]+)\s*[x*×]\s*(.+)$/i.exec(part) ?? []
    if (quantity === undefined || barcode === undefined)
      return { reason: `${part} is not a pack such as 6 x 4006381333931` }
    value.push({ barcode, quantity: plainDecimal(quantity) })
  }
  return { value }
}

/** `Size=M|Colour=Red`. */
function attributes(text: string): Cell {
  const value = []
  for (const part of parts(text)) {
    const at = part.indexOf('=')
    if (at < 1) return { reason: `${part} is not an attribute such as Size=M` }
    value.push({ name: part.slice(0, at).trim(), value: part.slice(at + 1).trim() })
  }
  return { value }
}

/** `high>low|other>a+b|gone>`; `none` removes every tax. */
function mappedTaxes(text: string): Cell {
  if (text.toLowerCase() === 'none') return { value: null }
  const value = []
  for (const part of parts(text)) {
    const at = part.indexOf('>')
    if (at < 1) return { reason: `${part} does not say which tax becomes which, such as high>low` }
    const to = part.slice(at + 1).split('+')
    value.push({ from: part.slice(0, at).trim(), to: to.map((id) => id.trim()).filter((id) => id !== '') })
  }
  return { value }
}

function json(text: string): Cell {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { reason: 'is not JSON' }
  }
}
