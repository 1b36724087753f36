/** Changes single settings in the text of a TOML file and leaves everything else as it stands: comments, order, spacing. */
import { isDeepStrictEqual } from 'node:util'
import { parse as parseToml } from 'smol-toml'

export interface TomlChange {
  /** Such as `['tls', 'acme', 'email']`. */
  path: readonly string[]
  /** A text, number, boolean or a list of those; undefined takes the setting out. */
  value: unknown
}

/** `key = value` in the text; positions are in characters. */
interface Statement {
  path: string[]
  start: number
  valueStart: number
  valueEnd: number
  /** Behind the end of its line. */
  end: number
}

/** A stretch under one header; the first has none. */
interface Table {
  path: string[]
  /** True for `[[…]]`. */
  listed: boolean
  /** Behind the line of the header. */
  bodyStart: number
  /** Where the next header or the end of the text is. */
  end: number
  statements: Statement[]
}

/** Answers the new text, or a sentence that says why the change cannot be made in place. The text is valid TOML. */
export function editToml(text: string, { path, value }: TomlChange): { text: string } | { refused: string } {
  const wanted = parseToml(text) as Record<string, unknown>
  const before = plain(wanted)
  if (!changeValue(wanted, path, value)) return { refused: 'it is inside of something that is no table' }
  if (isDeepStrictEqual(before, plain(wanted))) return { text }
  const written = value === undefined ? undefined : tomlValue(value)
  if (value !== undefined && written === undefined)
    return { refused: 'only a text, a number, yes or no, or a list of those can be written' }
  for (const candidate of candidates(text, path, written)) {
    // Proof instead of trust: the file must now say exactly what was wanted, and nothing else.
    if (means(candidate, wanted)) return { text: candidate }
  }
  return { refused: 'it is written in a way that cannot be changed in place; change it in the file' }
}

function means(text: string, wanted: unknown): boolean {
  try {
    return isDeepStrictEqual(plain(parseToml(text)), plain(wanted))
  } catch {
    return false
  }
}

function* candidates(text: string, path: readonly string[], value: string | undefined): Generator<string> {
  const tables = readTables(text)
  const all = tables.filter(({ listed }) => !listed).flatMap(({ statements }) => statements)
  const same = all.find((statement) => isDeepStrictEqual(statement.path, [...path]))
  if (same !== undefined) {
    if (value === undefined) yield text.slice(0, same.start) + text.slice(same.end)
    else yield text.slice(0, same.valueStart) + value + text.slice(same.valueEnd)
    return
  }
  if (value === undefined) return
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const key = path.at(-1) as string
  const folder = path.slice(0, -1)
  const line = `${tomlKey(key)} = ${value}${newline}`
  const table = tables.find((each) => !each.listed && isDeepStrictEqual(each.path, folder))
  if (table !== undefined && (folder.length > 0 || table.statements.length > 0 || tables.length === 1)) {
    yield inserted(text, placeIn(text, table, key), line, newline)
  }
  // Written as `http.port = 1` above all tables: a header for it would be a second one.
  const sibling = all.findLast(({ path: other }) => isDeepStrictEqual(other.slice(0, -1), folder))
  if (sibling !== undefined) {
    const dotted = `${path.map(tomlKey).join('.')} = ${value}${newline}`
    yield inserted(text, sibling.end, dotted, newline)
  }
  const gap = text === '' || text.endsWith(`${newline}${newline}`) ? '' : newline
  yield inserted(text, text.length, `${gap}[${folder.map(tomlKey).join('.')}]${newline}${line}`, newline)
}

/** Behind a line that has the setting as a comment, else behind the last one of the table. */
function placeIn(text: string, table: Table, key: string): number {
  const from = table.bodyStart
  const commented = new RegExp(`^[ \\t]*#[ \\t]*${RegExp.escape(key)}[ \\t]*=.*$`, 'm')
  const found = commented.exec(text.slice(from, table.end))
  if (found !== null) return lineEnd(text, from + found.index)
  return table.statements.at(-1)?.end ?? from
}

function inserted(text: string, at: number, line: string, newline: string): string {
  const before = text.slice(0, at)
  const joint = before === '' || before.endsWith('\n') ? '' : newline
  return before + joint + line + text.slice(at)
}

/** A value of TOML, or undefined for what is not written. */
function tomlValue(value: unknown): string | undefined {
  if (typeof value === 'string') return tomlText(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  if (!Array.isArray(value)) return undefined
  const items = value.map((item) => (Array.isArray(item) ? undefined : tomlValue(item)))
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`
}

/** A basic string: JSON has the same escapes, and leaves DEL alone, which TOML does not take (https://toml.io/en/v1.0.0#string). */
const tomlText = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f')
const tomlKey = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : tomlText(key))

/** Sets or takes out what a path names. False when something on the way is no table. */
function changeValue(root: Record<string, unknown>, path: readonly string[], value: unknown): boolean {
  let table = root
  for (const name of path.slice(0, -1)) {
    if (table[name] === undefined && value === undefined) return true
    table[name] ??= {}
    const inner = table[name]
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return false
    table = inner as Record<string, unknown>
  }
  const key = path.at(-1) as string
  if (value === undefined) delete table[key]
  else table[key] = value
  return true
}

/** For comparing: without prototypes. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Headers and statements with their places. Knows strings and brackets, so that neither misleads it; values it passes over. */
function readTables(text: string): Table[] {
  const tables: Table[] = [{ path: [], listed: false, bodyStart: 0, end: text.length, statements: [] }]
  let at = 0
  while (at < text.length) {
    const start = at
    at = skip(text, at, /[ \t\r\n]*/y)
    if (at >= text.length) break
    if (text[at] === '#') {
      at = lineEnd(text, at)
    } else if (text[at] === '[') {
      const header = lineStart(text, at, start)
      const listed = text[at + 1] === '['
      const { path } = readKey(text, at + (listed ? 2 : 1))
      ;(tables.at(-1) as Table).end = header
      at = lineEnd(text, at)
      tables.push({ path, listed, bodyStart: at, end: text.length, statements: [] })
    } else {
      const table = tables.at(-1) as Table
      const { path, end } = readKey(text, at)
      const valueStart = skip(text, skip(text, end, /[ \t]*=/y), /[ \t]*/y)
      const valueEnd = readValue(text, valueStart)
      const statement = lineStart(text, at, start)
      at = lineEnd(text, valueEnd)
      table.statements.push({
        path: [...table.path, ...path],
        start: statement,
        valueStart,
        valueEnd,
        end: at,
      })
    }
  }
  return tables
}

function readKey(text: string, from: number): { path: string[]; end: number } {
  const path: string[] = []
  let at = from
  for (;;) {
    at = skip(text, at, /[ \t]*/y)
    const end = text[at] === '"' || text[at] === "'" ? readText(text, at) : skip(text, at, /[A-Za-z0-9_-]*/y)
    const word = text.slice(at, end)
    path.push(word.startsWith("'") ? word.slice(1, -1) : word.startsWith('"') ? unquoted(word) : word)
    at = skip(text, end, /[ \t]*/y)
    if (text[at] !== '.') return { path, end: at }
    at++
  }
}

const unquoted = (word: string): string => String((parseToml(`key = ${word}`) as { key: unknown }).key)

/** Where a value ends: at the line's end or a comment, except inside of strings and brackets. */
function readValue(text: string, from: number): number {
  let depth = 0
  let at = from
  let end = from
  while (at < text.length) {
    const char = text[at] as string
    if (char === '"' || char === "'") {
      at = readText(text, at)
      end = at
      continue
    }
    if (char === '#') {
      if (depth === 0) return end
      at = lineEnd(text, at)
      continue
    }
    if (char === '\n' && depth === 0) return end
    if (char === '[' || char === '{') depth++
    if (char === ']' || char === '}') depth--
    at++
    if (!/\s/.test(char)) end = at
  }
  return end
}

/** Behind the string that begins here, of one line or many. */
function readText(text: string, from: number): number {
  const quote = text[from] as string
  const triple = quote.repeat(3)
  const long = text.startsWith(triple, from)
  let at = from + (long ? 3 : 1)
  while (at < text.length) {
    if (quote === '"' && text[at] === '\\') at += 2
    else if (long && text.startsWith(triple, at))
      return skip(text, at + 3, quote === '"' ? /"{0,2}/y : /'{0,2}/y)
    else if (!long && text[at] === quote) return at + 1
    else at++
  }
  return at
}

function skip(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at
  return at + (pattern.exec(text)?.[0].length ?? 0)
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

const lineStart = (text: string, at: number, notBefore: number): number =>
  Math.max(notBefore, text.lastIndexOf('\n', at - 1) + 1)
