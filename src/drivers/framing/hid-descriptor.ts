/**
 * Reads HID report descriptors: which reports a device has, and which bits of them mean what. Pure; any bytes give an answer.
 * Source: Device Class Definition for HID 1.11, sections 5.4 to 6.2.2.
 */

export const hidDescriptorLimits = {
  /** The kernel takes no longer descriptor either (HID_MAX_DESCRIPTOR_SIZE), in bytes. */
  descriptorBytesMax: 4_096,
  /** Items looked at. */
  itemsMax: 2_048,
  /** Collections inside each other, and states pushed. */
  depthMax: 16,
  fieldsMax: 1_024,
  /** Usages and ranges of usages before one main item. */
  usagesMax: 1_024,
  /** Longest report, in bits: the kernel takes 16 KiB. */
  reportBitsMax: 16_384 * 8,
  collectionsMax: 256,
} as const

export interface HidUsage {
  readonly page: number
  readonly usage: number
}

/** `usage` to `last` on one page; a single usage has `last` equal to `usage`. */
export interface HidUsageRange extends HidUsage {
  readonly last: number
}

/** Type of a collection, HID 1.11 section 6.2.2.6: 0 physical, 1 application, 2 logical, … */
export interface HidCollection extends HidUsage {
  readonly type: number
}

export type HidReportKind = 'input' | 'output' | 'feature'

export interface HidField {
  readonly kind: HidReportKind
  /** 0 on a device without report ids. */
  readonly reportId: number
  /** Place of the first bit in the report, the id not counted. */
  readonly bitOffset: number
  /** Size of one value, in bits. */
  readonly bitSize: number
  readonly count: number
  readonly usages: readonly HidUsageRange[]
  /** Padding: it means nothing. */
  readonly constant: boolean
  /** True: each value belongs to the usage of its place. False (array): a value says which of the usages is on. */
  readonly variable: boolean
  readonly relative: boolean
  readonly logicalMin: number
  readonly logicalMax: number
  /** Unit as the descriptor has it, 0 for none. */
  readonly unit: number
  /** Power of ten, -8 to 7. */
  readonly unitExponent: number
  /** Collections around it, the outermost first. */
  readonly path: readonly HidCollection[]
}

export interface HidReport {
  readonly kind: HidReportKind
  readonly id: number
  /** Length in bytes, the id not counted. */
  readonly bytes: number
  readonly fields: readonly HidField[]
}

export interface HidDescriptor {
  /** Top collections, in their order. */
  readonly collections: readonly HidCollection[]
  readonly reports: readonly HidReport[]
  /** The first byte of each report is its id. */
  readonly hasIds: boolean
  /** Why the rest was not read: it is cut off, or breaks a rule or a limit. */
  readonly problem?: string
}

interface Globals {
  page: number
  logicalMin: number
  /** As it was sent: whether it has a sign depends on the minimum. */
  logicalMax: { signed: number; unsigned: number }
  unitExponent: number
  unit: number
  reportSize: number
  reportId: number
  reportCount: number
}

/** A usage with its own page has it in the upper 16 bits; one without gets the page that holds at the main item. */
interface LocalUsage {
  page: number | undefined
  usage: number
  last: number
}

interface Item {
  type: number
  tag: number
  size: number
  signed: number
  unsigned: number
}

const kinds: Readonly<Record<number, HidReportKind>> = { 8: 'input', 9: 'output', 11: 'feature' }

/** Parses a descriptor. What cannot be read ends it; what came before stands. */
export function parseHidDescriptor(bytes: Uint8Array): HidDescriptor {
  return new DescriptorReader().read(bytes)
}

class DescriptorReader {
  #globals: Globals = {
    page: 0,
    logicalMin: 0,
    logicalMax: { signed: 0, unsigned: 0 },
    unitExponent: 0,
    unit: 0,
    reportSize: 0,
    reportId: 0,
    reportCount: 0,
  }
  readonly #pushed: Globals[] = []
  readonly #path: HidCollection[] = []
  readonly #top: HidCollection[] = []
  readonly #fields: HidField[] = []
  readonly #bits = new Map<string, number>()
  #usages: LocalUsage[] = []
  #usageMin: LocalUsage | undefined
  /** Inside a delimited set only the first usage, the preferred one, is taken. */
  #inSet = false
  #setHasUsage = false
  #collections = 0
  #hasIds = false

  read(bytes: Uint8Array): HidDescriptor {
    const problem = this.#readAll(bytes)
    const reports = [...this.#bits].map(([key, bits]): HidReport => {
      const [kind, id] = key.split(' ') as [HidReportKind, string]
      const fields = this.#fields.filter((field) => field.kind === kind && field.reportId === Number(id))
      return { kind, id: Number(id), bytes: Math.ceil(bits / 8), fields }
    })
    const descriptor = { collections: this.#top, reports, hasIds: this.#hasIds }
    return problem === undefined ? descriptor : { ...descriptor, problem }
  }

  #readAll(bytes: Uint8Array): string | undefined {
    const { descriptorBytesMax, itemsMax } = hidDescriptorLimits
    if (bytes.length > descriptorBytesMax) return `it is longer than ${descriptorBytesMax} bytes`
    let at = 0
    for (let items = 0; at < bytes.length; items++) {
      if (items >= itemsMax) return `it has more than ${itemsMax} items`
      const prefix = bytes[at] ?? 0
      if (prefix === 0xfe) {
        // A long item: its length in the next byte, nothing in it has a meaning yet.
        at += 3 + (bytes[at + 1] ?? 0)
        continue
      }
      const size = [0, 1, 2, 4][prefix & 3] ?? 0
      if (at + 1 + size > bytes.length) return 'it is cut off'
      const problem = this.#take(readItem(bytes, at, prefix, size))
      if (problem !== undefined) return problem
      at += 1 + size
    }
    if (at > bytes.length) return 'it is cut off'
    return this.#path.length > 0 ? 'a collection has no end' : undefined
  }

  #take(item: Item): string | undefined {
    if (item.type === 0) return this.#takeMain(item)
    if (item.type === 1) return this.#takeGlobal(item)
    return item.type === 2 ? this.#takeLocal(item) : undefined
  }

  #takeMain(item: Item): string | undefined {
    const kind = kinds[item.tag]
    const problem =
      kind !== undefined
        ? this.#addField(kind, item.unsigned)
        : item.tag === 10
          ? this.#openCollection(item.unsigned)
          : item.tag === 12
            ? this.#closeCollection()
            : undefined
    this.#usages = []
    this.#usageMin = undefined
    this.#inSet = false
    return problem
  }

  #openCollection(type: number): string | undefined {
    if (this.#path.length >= hidDescriptorLimits.depthMax) return 'its collections are too deep'
    if (this.#collections++ >= hidDescriptorLimits.collectionsMax) return 'it has too many collections'
    const { page = 0, usage = 0 } = this.#ranges()[0] ?? {}
    const collection = { page, usage, type }
    if (this.#path.length === 0) this.#top.push(collection)
    this.#path.push(collection)
    return undefined
  }

  #closeCollection(): string | undefined {
    return this.#path.pop() === undefined ? 'a collection ends that has not begun' : undefined
  }

  #addField(kind: HidReportKind, flags: number): string | undefined {
    const { reportId, reportSize, reportCount, logicalMin, logicalMax, unit, unitExponent } = this.#globals
    const key = `${kind} ${reportId}`
    const bitOffset = this.#bits.get(key) ?? 0
    const end = bitOffset + reportSize * reportCount
    if (end > hidDescriptorLimits.reportBitsMax) return 'a report is too long'
    if (this.#fields.length >= hidDescriptorLimits.fieldsMax) return 'it has too many fields'
    this.#bits.set(key, end)
    if (reportSize === 0 || reportCount === 0) return undefined
    this.#fields.push({
      kind,
      reportId,
      bitOffset,
      bitSize: reportSize,
      count: reportCount,
      usages: this.#ranges(),
      constant: (flags & 1) !== 0,
      variable: (flags & 2) !== 0,
      relative: (flags & 4) !== 0,
      logicalMin,
      // Many descriptors write 0 to 255 as 15 00 25 FF: a maximum has a sign only where the minimum is below zero.
      logicalMax: logicalMin < 0 ? logicalMax.signed : logicalMax.unsigned,
      unit,
      unitExponent,
      path: [...this.#path],
    })
    return undefined
  }

  #takeGlobal(item: Item): string | undefined {
    const globals = this.#globals
    switch (item.tag) {
      case 0:
        globals.page = item.unsigned & 0xffff
        return undefined
      case 1:
        globals.logicalMin = item.signed
        return undefined
      case 2:
        globals.logicalMax = { signed: item.signed, unsigned: item.unsigned }
        return undefined
      case 5:
        globals.unitExponent = signExtend(item.unsigned & 0x0f, 4)
        return undefined
      case 6:
        globals.unit = item.unsigned
        return undefined
      case 7:
        globals.reportSize = item.unsigned
        return undefined
      case 8:
        if (item.unsigned === 0 || item.unsigned > 255) return 'a report id is not 1 to 255'
        globals.reportId = item.unsigned
        this.#hasIds = true
        return undefined
      case 9:
        globals.reportCount = item.unsigned
        return undefined
      case 10:
        if (this.#pushed.length >= hidDescriptorLimits.depthMax) return 'its states are pushed too deep'
        this.#pushed.push({ ...globals })
        return undefined
      case 11: {
        const popped = this.#pushed.pop()
        if (popped === undefined) return 'a state is popped that was not pushed'
        this.#globals = popped
        return undefined
      }
      default:
        return undefined
    }
  }

  #takeLocal(item: Item): string | undefined {
    const page = item.size === 4 ? item.unsigned >>> 16 : undefined
    const usage = item.size === 4 ? item.unsigned & 0xffff : item.unsigned
    switch (item.tag) {
      case 0:
        return this.#addUsage({ page, usage, last: usage })
      case 1:
        this.#usageMin = { page, usage, last: usage }
        return undefined
      case 2: {
        const first = this.#usageMin
        this.#usageMin = undefined
        if (first === undefined || usage < first.usage) return 'a range of usages has no beginning'
        return this.#addUsage({ page: first.page ?? page, usage: first.usage, last: usage })
      }
      case 10:
        this.#inSet = item.unsigned === 1
        this.#setHasUsage = false
        return undefined
      default:
        return undefined
    }
  }

  #addUsage(usage: LocalUsage): string | undefined {
    if (this.#inSet && this.#setHasUsage) return undefined
    this.#setHasUsage = true
    if (this.#usages.length >= hidDescriptorLimits.usagesMax) return 'it has too many usages'
    this.#usages.push(usage)
    return undefined
  }

  #ranges(): HidUsageRange[] {
    return this.#usages.map(({ page, usage, last }) => ({ page: page ?? this.#globals.page, usage, last }))
  }
}

function readItem(bytes: Uint8Array, at: number, prefix: number, size: number): Item {
  let unsigned = 0
  for (let index = size; index > 0; index--) unsigned = unsigned * 256 + (bytes[at + index] ?? 0)
  return {
    type: (prefix >> 2) & 3,
    tag: prefix >> 4,
    size,
    unsigned,
    signed: size === 0 ? 0 : signExtend(unsigned, size * 8),
  }
}

function signExtend(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}
