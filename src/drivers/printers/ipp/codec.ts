/** IPP messages as values: RFC 8010 (encoding) and RFC 8011 (names of tags). Pure. */

/** Delimiter tags (RFC 8010, 3.5.1). */
export const groupTags = { operation: 1, job: 2, end: 3, printer: 4, unsupported: 5 } as const

/** Value tags (RFC 8010, 3.5.2). */
export const valueTags = {
  integer: 0x21,
  boolean: 0x22,
  enum: 0x23,
  octetString: 0x30,
  dateTime: 0x31,
  resolution: 0x32,
  range: 0x33,
  collection: 0x34,
  textWithLanguage: 0x35,
  nameWithLanguage: 0x36,
  endCollection: 0x37,
  text: 0x41,
  name: 0x42,
  keyword: 0x44,
  uri: 0x45,
  uriScheme: 0x46,
  charset: 0x47,
  language: 0x48,
  mimeType: 0x49,
  memberName: 0x4a,
} as const

export const ippLimits = {
  /** Values of one message together, those of collections and the names of their members too. */
  valuesMax: 20_000,
  /** Groups of attributes of one message: one for each job or document in an answer. */
  groupsMax: 1_000,
  /** Collections within collections. */
  depthMax: 8,
  /** Longest name or value, in bytes: the length is a signed 16-bit number. */
  valueBytesMax: 32_767,
} as const

export interface IppResolution {
  readonly x: number
  readonly y: number
  /** 3: dots an inch; 4: dots a centimetre. */
  readonly units: number
}
export interface IppRange {
  readonly lower: number
  readonly upper: number
}
export interface IppLanguageText {
  readonly language: string
  readonly text: string
}
export interface IppCollection {
  readonly members: readonly IppAttribute[]
}

/** `value` by tag: numbers for integer and enum, bytes for octetString, dateTime and what is not known here. */
export interface IppValue {
  readonly tag: number
  readonly value:
    | number
    | boolean
    | string
    | Uint8Array
    | IppResolution
    | IppRange
    | IppLanguageText
    | IppCollection
}

export interface IppAttribute {
  readonly name: string
  /** At least one. */
  readonly values: readonly IppValue[]
}

export interface IppGroup {
  readonly tag: number
  readonly attributes: readonly IppAttribute[]
}

export interface IppMessage {
  readonly version: readonly [major: number, minor: number]
  /** Operation of a request, status of an answer. */
  readonly code: number
  readonly requestId: number
  readonly groups: readonly IppGroup[]
  /** What follows the attributes: the document. */
  readonly data: Uint8Array
}

const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder()

const isText = (tag: number): boolean => tag >= 0x40 && tag <= 0x5f

class Writer {
  #bytes = new Uint8Array(1_024)
  #length = 0

  u8(value: number): void {
    this.#grow(1)
    this.#bytes[this.#length++] = value
  }

  u16(value: number): void {
    this.u8((value >> 8) & 0xff)
    this.u8(value & 0xff)
  }

  i32(value: number): void {
    this.u16((value >> 16) & 0xffff)
    this.u16(value & 0xffff)
  }

  bytes(bytes: Uint8Array): void {
    this.#grow(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Bytes with their length in front. Longer ones than a message can hold are cut. */
  sized(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, ippLimits.valueBytesMax)
    this.u16(kept.length)
    this.bytes(kept)
  }

  end(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  #grow(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#length + count, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}

export function encodeIpp(message: IppMessage): Uint8Array<ArrayBuffer> {
  const out = new Writer()
  out.u8(message.version[0])
  out.u8(message.version[1])
  out.u16(message.code)
  out.i32(message.requestId)
  for (const group of message.groups) {
    out.u8(group.tag)
    for (const { name, values } of group.attributes) {
      for (const [index, value] of values.entries()) writeValue(out, index === 0 ? name : '', value)
    }
  }
  out.u8(groupTags.end)
  const head = out.end()
  // A document is long: it is copied once.
  const whole = new Uint8Array(head.length + message.data.length)
  whole.set(head)
  whole.set(message.data, head.length)
  return whole
}

function writeValue(out: Writer, name: string, { tag, value }: IppValue): void {
  out.u8(tag)
  out.sized(utf8.encode(name))
  if (typeof value === 'object' && 'members' in value) {
    out.u16(0)
    for (const { name: member, values } of value.members) {
      out.u8(valueTags.memberName)
      out.u16(0)
      out.sized(utf8.encode(member))
      for (const each of values) writeValue(out, '', each)
    }
    out.u8(valueTags.endCollection)
    out.u16(0)
    out.u16(0)
    return
  }
  out.sized(valueBytes(tag, value))
}

function valueBytes(tag: number, value: Exclude<IppValue['value'], IppCollection>): Uint8Array {
  const out = new Writer()
  if (typeof value === 'string') return utf8.encode(value)
  if (value instanceof Uint8Array) return value
  if (typeof value === 'boolean') out.u8(value ? 1 : 0)
  else if (typeof value === 'number') {
    if (tag === valueTags.boolean) out.u8(value)
    else out.i32(value)
  } else if ('x' in value) {
    out.i32(value.x)
    out.i32(value.y)
    out.u8(value.units)
  } else if ('lower' in value) {
    out.i32(value.lower)
    out.i32(value.upper)
  } else {
    out.sized(utf8.encode(value.language))
    out.sized(utf8.encode(value.text))
  }
  return out.end()
}

/** Why bytes are not an IPP message: part of a sentence. */
class NotIpp {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  at = 0
  #values = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  u8(): number {
    this.#need(1)
    return this.#view.getUint8(this.at++)
  }

  u16(): number {
    this.#need(2)
    this.at += 2
    return this.#view.getUint16(this.at - 2)
  }

  i32(): number {
    this.#need(4)
    this.at += 4
    return this.#view.getInt32(this.at - 4)
  }

  take(count: number): Uint8Array {
    this.#need(count)
    this.at += count
    return this.#bytes.slice(this.at - count, this.at)
  }

  sized(): Uint8Array {
    return this.take(this.u16())
  }

  /** One more value, or name of a member. */
  count(): void {
    this.#values += 1
    if (this.#values > ippLimits.valuesMax) throw new NotIpp(`it has more than ${ippLimits.valuesMax} values`)
  }

  rest(): Uint8Array {
    return this.#bytes.slice(this.at)
  }

  #need(count: number): void {
    if (this.at + count > this.#bytes.length) throw new NotIpp('it ends in the middle')
  }
}

/** A message out of its bytes, or the reason why they are none. Never throws. */
export function decodeIpp(bytes: Uint8Array): IppMessage | { readonly reason: string } {
  try {
    return readMessage(new Reader(bytes))
  } catch (error) {
    if (error instanceof NotIpp) return { reason: error.reason }
    throw error
  }
}

function readMessage(reader: Reader): IppMessage {
  const version = [reader.u8(), reader.u8()] as const
  if (version[0] < 1 || version[0] > 2) throw new NotIpp(`it has the version ${version[0]}.${version[1]}`)
  const code = reader.u16()
  const requestId = reader.i32()
  const groups: { tag: number; attributes: { name: string; values: IppValue[] }[] }[] = []
  for (let tag = reader.u8(); tag !== groupTags.end; tag = reader.u8()) {
    if (tag < 0x10) {
      if (groups.length >= ippLimits.groupsMax)
        throw new NotIpp(`it has more than ${ippLimits.groupsMax} groups`)
      groups.push({ tag, attributes: [] })
      continue
    }
    const attributes = groups.at(-1)?.attributes
    if (attributes === undefined) throw new NotIpp('an attribute stands outside of a group')
    const name = fromUtf8.decode(reader.sized())
    const value = readValue(reader, tag, 0)
    if (name !== '') attributes.push({ name, values: [value] })
    else if (attributes.length === 0) throw new NotIpp('a value has no attribute')
    else attributes.at(-1)!.values.push(value)
  }
  return { version, code, requestId, groups, data: reader.rest() }
}

function readValue(reader: Reader, tag: number, depth: number): IppValue {
  reader.count()
  const bytes = reader.sized()
  if (tag === valueTags.collection) return { tag, value: readCollection(reader, depth + 1) }
  return { tag, value: scalarOf(tag, bytes) }
}

function readCollection(reader: Reader, depth: number): IppCollection {
  if (depth > ippLimits.depthMax) throw new NotIpp('its collections are too deep')
  const members: { name: string; values: IppValue[] }[] = []
  for (let tag = reader.u8(); tag !== valueTags.endCollection; tag = reader.u8()) {
    if (tag < 0x10) throw new NotIpp('a collection has no end')
    reader.sized()
    if (tag === valueTags.memberName) {
      reader.count()
      members.push({ name: fromUtf8.decode(reader.sized()), values: [] })
    } else {
      const value = readValue(reader, tag, depth)
      if (members.length === 0) throw new NotIpp('a member has no name')
      members.at(-1)!.values.push(value)
    }
  }
  reader.sized()
  reader.sized()
  return { members: members.filter(({ values }) => values.length > 0) }
}

/** A value whose length is not that of its tag stays as bytes. */
function scalarOf(tag: number, bytes: Uint8Array): Exclude<IppValue['value'], IppCollection> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isText(tag)) return fromUtf8.decode(bytes)
  switch (tag) {
    case valueTags.integer:
    case valueTags.enum:
      return bytes.length === 4 ? view.getInt32(0) : bytes
    case valueTags.boolean:
      return bytes.length === 1 ? bytes[0] !== 0 : bytes
    case valueTags.resolution:
      return bytes.length === 9
        ? { x: view.getInt32(0), y: view.getInt32(4), units: view.getUint8(8) }
        : bytes
    case valueTags.range:
      return bytes.length === 8 ? { lower: view.getInt32(0), upper: view.getInt32(4) } : bytes
    case valueTags.textWithLanguage:
    case valueTags.nameWithLanguage:
      return languageText(bytes) ?? bytes
    default:
      return bytes
  }
}

function languageText(bytes: Uint8Array): IppLanguageText | undefined {
  if (bytes.length < 4) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const languageEnd = 2 + view.getUint16(0)
  if (languageEnd + 2 > bytes.length) return undefined
  const textEnd = languageEnd + 2 + view.getUint16(languageEnd)
  if (textEnd !== bytes.length) return undefined
  return {
    language: fromUtf8.decode(bytes.subarray(2, languageEnd)),
    text: fromUtf8.decode(bytes.subarray(languageEnd + 2)),
  }
}

/** The values of an attribute in the groups of one tag; none when it is not there. */
export function valuesOf(message: IppMessage, group: number, name: string): readonly IppValue[] {
  for (const { tag, attributes } of message.groups) {
    if (tag !== group) continue
    const found = attributes.find((attribute) => attribute.name === name)
    if (found !== undefined) return found.values
  }
  return []
}

/** Texts of an attribute, of whatever kind of text they are. */
export function textsOf(values: readonly IppValue[]): string[] {
  return values.flatMap(({ value }) => {
    if (typeof value === 'string') return [value]
    return typeof value === 'object' && 'text' in value ? [value.text] : []
  })
}

export function numbersOf(values: readonly IppValue[]): number[] {
  return values.flatMap(({ value }) => (typeof value === 'number' ? [value] : []))
}
