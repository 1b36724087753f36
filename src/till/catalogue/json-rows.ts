/** Reads the objects of a JSON array or of JSON lines one by one, so that a long text never keeps the hub from other work. */

export interface JsonRow {
  /** Place in the array, or number of the line; from 1. */
  row: number
  value?: unknown
  fault?: string
}

export function* jsonRows(text: string): Generator<JsonRow> {
  const first = text.search(/[^\s\uFEFF]/)
  if (first === -1) return
  if (text[first] === '[') yield* arrayRows(text, first + 1)
  else yield* lineRows(text)
}

function* lineRows(text: string): Generator<JsonRow> {
  let row = 1
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at < text.length; row++) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end === -1 ? text.length : end).trim()
    at = end === -1 ? text.length : end + 1
    if (line !== '') yield parsed(row, line)
  }
}

function* arrayRows(text: string, from: number): Generator<JsonRow> {
  let at = from
  for (let row = 1; ; row++) {
    while (/[\s,]/.test(text[at] ?? '')) at++
    if (text[at] === ']') return
    const end = endOfValue(text, at)
    if (end === undefined) {
      yield { row, fault: 'the text ends within the array' }
      return
    }
    yield parsed(row, text.slice(at, end))
    at = end
  }
}

function parsed(row: number, json: string): JsonRow {
  try {
    return { row, value: JSON.parse(json) as unknown }
  } catch {
    return { row, fault: 'is not valid JSON' }
  }
}

const quote = 34
const backslash = 92

/** Behind the value that begins here: at its comma, or at the bracket that closes the array. */
function endOfValue(text: string, from: number): number | undefined {
  let depth = 0
  let quoted = false
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === backslash) at++
      else if (code === quote) quoted = false
    } else if (code === quote) quoted = true
    else if (code === 123 || code === 91) depth++
    else if (code === 125 || code === 93) {
      if (depth === 0) return at
      depth--
    } else if (code === 44 && depth === 0) return at
  }
  return undefined
}
