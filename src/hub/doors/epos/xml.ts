/**
 * A small reader of XML: elements, attributes, text. What receipts need and no more; document types, which is where the dangers of XML
 * live, are refused. Namespaces are looked over: a name is what follows the colon.
 */
import { HubError } from '../../../protocol/errors.ts'
import { eposLimits } from './epos-limits.ts'

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** All text directly in it, as it stands. */
  readonly text: string
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[]
  text: string
}

const namePattern = /[A-Za-z_][\w.:-]*/y
const attributePattern = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const tagEndPattern = /\s*(\/?)>/y
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The root element. Throws HubError `params_invalid` with what is wrong and where. */
export function readXml(text: string): XmlElement {
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  let elements = 0
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  const take = (piece: string, where: number, cdata = false) => {
    const inside = open.at(-1)
    if (inside !== undefined) inside.text += cdata ? piece : decoded(piece, where)
    else if (/\S/.test(piece)) throw wrong('text outside of any element', where)
  }
  while (at < text.length) {
    const next = text.indexOf('<', at)
    const end = next < 0 ? text.length : next
    if (end > at) take(text.slice(at, end), at)
    if (next < 0) break
    const beginning = next
    if (text.startsWith('<!--', next)) at = after(text, '-->', next)
    else if (text.startsWith('<![CDATA[', next)) {
      at = after(text, ']]>', next)
      take(text.slice(next + 9, at - 3), next, true)
    } else if (text.startsWith('<?', next)) at = after(text, '?>', next)
    else if (text.startsWith('<!', next)) throw wrong('a document type, which is not taken', next)
    else if (text.startsWith('</', next)) {
      at = after(text, '>', next)
      const closed = open.pop()
      const name = localName(text.slice(next + 2, at - 1).trimEnd())
      if (closed === undefined || closed.name !== name) throw wrong(`</${name}> closes nothing`, beginning)
    } else {
      if (root !== undefined && open.length === 0) throw wrong('a second root', beginning)
      if (++elements > eposLimits.elementsMax)
        throw wrong(`more than ${eposLimits.elementsMax} elements`, next)
      const read = readTag(text, next)
      const element: OpenElement = { name: read.name, attributes: read.attributes, children: [], text: '' }
      open.at(-1)?.children.push(element)
      root ??= element
      at = read.end
      if (!read.empty) {
        if (open.length >= eposLimits.depthMax) throw wrong(`deeper than ${eposLimits.depthMax} levels`, next)
        open.push(element)
      }
    }
  }
  if (open.length > 0) throw wrong(`<${open.at(-1)?.name}> is not closed`, text.length)
  if (root === undefined) throw wrong('no element', 0)
  return root
}

function readTag(
  text: string,
  start: number,
): { name: string; attributes: Record<string, string>; empty: boolean; end: number } {
  namePattern.lastIndex = start + 1
  const [full] = namePattern.exec(text) ?? []
  if (full === undefined) throw wrong('a tag without a name', start)
  let at = start + 1 + full.length
  const attributes: Record<string, string> = Object.create(null) as Record<string, string>
  let count = 0
  for (;;) {
    attributePattern.lastIndex = at
    const found = attributePattern.exec(text)
    if (found === null) break
    const [whole, name = '', double, single] = found
    if (++count > eposLimits.attributesMax) throw wrong('too many attributes', at)
    if (name in attributes) throw wrong(`${name} twice`, at)
    attributes[name] = decoded(double ?? single ?? '', at)
    at += whole.length
  }
  tagEndPattern.lastIndex = at
  const end = tagEndPattern.exec(text)
  if (end === null) throw wrong(`<${full}> is not well formed`, start)
  return { name: localName(full), attributes, empty: end[1] === '/', end: at + end[0].length }
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  if (at < 0) throw wrong(`no ${mark}`, from)
  return at + mark.length
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

function decoded(text: string, at: number): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;&]{0,10});?/g, (whole, body: string) => {
    const character = whole.endsWith(';') ? entityOf(body) : undefined
    if (character === undefined) throw wrong(`${whole.slice(0, 12)} is no character`, at)
    return character
  })
}

function entityOf(body: string): string | undefined {
  if (!body.startsWith('#')) return Object.hasOwn(named, body) ? named[body] : undefined
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(body) ?? []
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  const surrogate = code >= 0xd800 && code <= 0xdfff
  return Number.isNaN(code) || code === 0 || code > 0x10ffff || surrogate
    ? undefined
    : String.fromCodePoint(code)
}

const wrong = (what: string, at: number): HubError =>
  new HubError('params_invalid', { path: 'the XML', reason: `has ${what}, at character ${at}` })
