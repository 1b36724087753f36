/** Input reports of keyboards as keys that are down: the boot layout, or whatever the report descriptor says. */
import { type HidField, type HidReport, parseHidDescriptor } from '../../framing/hid-descriptor.ts'
import { readBits, selectedUsage, splitReport } from '../../framing/hid-report.ts'

const keyboardPage = 0x07
const firstModifier = 0xe0
const lastModifier = 0xe7
/** Usages up to here say that the keyboard cannot tell which keys are down (1 is "too many"). */
const lastError = 3

export interface KeyState {
  /** Bits: left Ctrl, Shift, Alt, GUI, then the right ones. */
  readonly modifiers: number
  /** Usages of the other keys that are down, in the order of the report. */
  readonly keys: readonly number[]
}

/** Reads one report; undefined when it says nothing of keys, is too short, or says that too many are down. */
export type ReadKeys = (report: Uint8Array) => KeyState | undefined

/** `mod 00 k1 … k6` (HID 1.11, appendix B.1). */
function readBoot(report: Uint8Array): KeyState | undefined {
  if (report.length !== 8) return undefined
  const keys = [...report.subarray(2)].filter((usage) => usage !== 0)
  return keys.some((usage) => usage <= lastError) ? undefined : { modifiers: report[0] ?? 0, keys }
}

/** A reader for a device with this descriptor. Without one, or without keys in it, reports are taken for boot reports. */
export function keyReader(descriptorBytes: Uint8Array): ReadKeys {
  const descriptor = parseHidDescriptor(descriptorBytes)
  const reports = new Map(
    descriptor.reports.flatMap((report) => {
      const fields = keyFields(report)
      return fields.length === 0 ? [] : [[report.id, { bytes: report.bytes, fields }] as const]
    }),
  )
  if (reports.size === 0) return readBoot
  // A keyboard may spread its keys over several reports: what each said last holds.
  const last = new Map<number, KeyState>()
  return (report) => {
    const { id, body } = splitReport(descriptor, report) ?? {}
    const kind = id === undefined ? undefined : reports.get(id)
    if (id === undefined || body === undefined || kind === undefined || body.length < kind.bytes)
      return undefined
    const state = readFields(body, kind.fields)
    if (state === undefined || reports.size === 1) return state
    last.set(id, state)
    return together([...last.values()])
  }
}

function keyFields(report: HidReport): HidField[] {
  if (report.kind !== 'input') return []
  return report.fields.filter(
    ({ constant, bitSize, usages }) =>
      !constant && bitSize <= 16 && usages.some(({ page }) => page === keyboardPage),
  )
}

function readFields(body: Uint8Array, fields: readonly HidField[]): KeyState | undefined {
  let modifiers = 0
  const keys: number[] = []
  const add = (usage: number | undefined) => {
    if (usage === undefined || usage === 0) return
    if (usage >= firstModifier && usage <= lastModifier) modifiers |= 1 << (usage - firstModifier)
    else keys.push(usage)
  }
  for (const field of fields) {
    if (field.variable) for (const index of valuesOn(body, field)) add(usageAt(field, index))
    else
      for (let index = 0; index < field.count; index++) {
        const value = readBits(body, field.bitOffset + index * field.bitSize, field.bitSize)
        const selected = value === undefined ? undefined : selectedUsage(field, value)
        if (selected?.page === keyboardPage) add(selected.usage)
      }
  }
  return keys.some((usage) => usage <= lastError) ? undefined : { modifiers, keys }
}

/** Indexes of the values of a variable field that are not 0. Bytes of nothing, most of a bitmap, are stepped over. */
function* valuesOn(body: Uint8Array, { bitOffset, bitSize, count }: HidField): Generator<number> {
  for (let index = 0; index < count; index++) {
    const at = bitOffset + index * bitSize
    if (bitSize === 1 && at % 8 === 0 && index + 8 <= count && body[at / 8] === 0) index += 7
    else if (readBits(body, at, bitSize) !== 0) yield index
  }
}

/** The usage of a place in a variable field; undefined on another page. The last one stands for all places after it. */
function usageAt({ usages }: HidField, index: number): number | undefined {
  let left = index
  for (const { page, usage, last } of usages) {
    if (left <= last - usage) return page === keyboardPage ? usage + left : undefined
    left -= last - usage + 1
  }
  return undefined
}

function together(states: readonly KeyState[]): KeyState {
  return {
    modifiers: states.reduce((bits, state) => bits | state.modifiers, 0),
    keys: [...new Set(states.flatMap((state) => state.keys))],
  }
}
