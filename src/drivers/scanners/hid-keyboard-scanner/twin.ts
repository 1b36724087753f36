/** The simulated typing scanner: a USB keyboard that presses keys for a code, as a real one is programmed to. */
import { HubError } from '../../../protocol/errors.ts'
import type { DriverClock } from '../../driver.ts'
import type { HidFace, TransportFaces } from '../../transports/transport.ts'
import { ScannerTwin } from '../common/twin/scanner-twin.ts'

/** A key pressed with modifiers held: usage of the keyboard page, and the first byte of a boot report. */
export interface TwinKey {
  key: number
  modifiers?: number
}

export interface HidKeyboardScannerTwinOptions {
  clock: DriverClock
  /** How it types what `keys` does not say: on a US keyboard, or every character as an ALT code. */
  layout?: 'us' | 'alt'
  /** The keys of a character on the keyboard it is programmed for; undefined: as `layout` says. */
  keys?: (character: string) => readonly TwinKey[] | undefined
  suffix?: 'enter' | 'tab' | 'none'
  /** What it types for GS inside a code. */
  gs?: 'control' | 'alt' | 'f8'
  /** Types the AIM identifier of an order that has one. */
  aim?: boolean
  /**
   * `each` lets go of every key before the next; `rolling` presses the next one first where it can; `together` presses up to
   * six keys in one report.
   */
  style?: 'each' | 'rolling' | 'together'
  /** Time between two reports, in ms; 0 types a code at once. A full-speed keyboard has 1 to 8 ms. */
  everyMs?: number
}

const shift = 0x02
const leftAlt = 0x04
const ctrl = 0x01
const togetherMax = 6

/** The boot keyboard of HID 1.11, appendix B.1: a byte of modifiers, a reserved one, six keys, five lamps. */
export const bootKeyboardDescriptor = Uint8Array.from([
  0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01,
  0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x05, 0x75, 0x01, 0x05, 0x08, 0x19, 0x01,
  0x29, 0x05, 0x91, 0x02, 0x95, 0x01, 0x75, 0x03, 0x91, 0x01, 0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65,
  0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xc0,
])

const unshifted = "1234567890\r\x1b\b\t -=[]\\\0;'`,./"
const shifted = '!@#$%^&*()\0\0\0\0\0_+{}|\0:"~<>?'

/** A US keyboard from the usage tables: letters from 04, the other signs in their order from 1E. */
function usKey(character: string): TwinKey | undefined {
  if (/^[a-z]$/.test(character)) return { key: 0x04 + character.charCodeAt(0) - 0x61 }
  if (/^[A-Z]$/.test(character)) return { key: 0x04 + character.charCodeAt(0) - 0x41, modifiers: shift }
  if (character === '\0') return undefined
  const plain = unshifted.indexOf(character)
  if (plain >= 0) return { key: 0x1e + plain }
  const upper = shifted.indexOf(character)
  return upper >= 0 ? { key: 0x1e + upper, modifiers: shift } : undefined
}

function altKeys(code: string): TwinKey[] {
  return Array.from(code, (digit) => ({
    key: digit === '0' ? 0x62 : 0x58 + Number(digit),
    modifiers: leftAlt,
  }))
}

/** ALT and the code of a character; the euro as Windows-1252 has it, what has no code there as in Unicode. */
function altCode(character: string): TwinKey[] {
  const code = character === '€' ? 128 : (character.codePointAt(0) ?? 0)
  if (code > 0xffff) return altKeys('063')
  return altKeys(code > 0xff ? String(code) : `0${String(code).padStart(3, '0')}`)
}

export class HidKeyboardScannerTwin extends ScannerTwin {
  readonly faces: TransportFaces
  readonly #options: Required<Omit<HidKeyboardScannerTwinOptions, 'keys'>> &
    Pick<HidKeyboardScannerTwinOptions, 'keys'>

  constructor(options: HidKeyboardScannerTwinOptions) {
    super(options.clock)
    this.#options = {
      layout: 'us',
      suffix: 'enter',
      gs: 'control',
      aim: true,
      style: 'each',
      everyMs: 0,
      ...options,
    }
    this.faces = { hid: face }
  }

  override scan(code: string, aim?: string): void {
    const keys = Array.from((this.#options.aim ? (aim ?? '') : '') + code).map((text) => this.#keysOf(text))
    if (this.#options.suffix !== 'none') keys.push([{ key: this.#options.suffix === 'enter' ? 0x28 : 0x2b }])
    this.send(this.#reports(keys))
  }

  /** Presses keys as they are and lets go of each. */
  press(...keys: readonly TwinKey[]): void {
    this.send(this.#reports(keys.map((key) => [key])))
  }

  protected override get everyMs(): number {
    return this.#options.everyMs
  }

  #keysOf(character: string): readonly TwinKey[] {
    const { keys, layout, gs } = this.#options
    if (character === '\x1d') {
      if (gs === 'f8') return [{ key: 0x41 }]
      return gs === 'alt' ? altKeys('029') : [{ key: 0x30, modifiers: ctrl }]
    }
    const programmed = keys?.(character)
    if (programmed !== undefined) return programmed
    const us = layout === 'us' ? usKey(character) : undefined
    return us === undefined ? altCode(character) : [us]
  }

  /** One list of keys a character. ALT stays down for the digits of one code and is let go between two. */
  #reports(characters: readonly (readonly TwinKey[])[]): Uint8Array[] {
    const reports: Uint8Array[] = []
    const say = (modifiers: number, ...keys: number[]) => {
      const report = new Uint8Array(8)
      report[0] = modifiers
      report.set(keys, 2)
      reports.push(report)
    }
    let down: { modifiers: number; keys: number[] } = { modifiers: 0, keys: [] }
    for (const keys of characters) {
      const isCode = keys.some(({ modifiers }) => modifiers === leftAlt)
      for (const { key, modifiers = 0 } of keys) {
        const free = down.modifiers === modifiers && !isCode && !down.keys.includes(key)
        const { style } = this.#options
        if (style === 'together' && free && down.keys.length < togetherMax && reports.length > 0) {
          if (down.keys.length > 0) reports.pop()
          down = { modifiers, keys: [...down.keys, key] }
        } else {
          // What cannot be held on is let go of first: the same key, another modifier, a code.
          const rolls = style === 'rolling' && free && down.keys.length > 0
          if (down.keys.length > 0 && !rolls) say(isCode ? modifiers : 0)
          if (rolls) say(modifiers, ...down.keys.slice(-1), key)
          down = { modifiers, keys: [key] }
        }
        say(modifiers, ...down.keys)
      }
      if (isCode) {
        say(0)
        down = { modifiers: 0, keys: [] }
      }
    }
    say(0)
    return reports
  }
}

const unknown = () =>
  new HubError('answer_invalid', { device: 'keyboard', reason: 'it has no feature reports' })
const face: HidFace = {
  vendorId: 0xffff,
  productId: 0x0001,
  usagePage: 0x01,
  usage: 0x06,
  maker: 'Tillbridge',
  product: 'Simulated keyboard scanner',
  serial: '',
  descriptor: bootKeyboardDescriptor,
  sendFeature: () => Promise.reject(unknown()),
  getFeature: () => Promise.reject(unknown()),
}

/** A scanner as it leaves the factory: US keyboard, Enter after each code, AIM identifiers on. */
export function createHidKeyboardScannerTwin(options: HidKeyboardScannerTwinOptions): HidKeyboardScannerTwin {
  return new HidKeyboardScannerTwin(options)
}
