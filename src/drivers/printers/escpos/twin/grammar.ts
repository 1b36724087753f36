/** The ESC/POS commands that the twin knows: how long each is and which parameters it takes. */

/**
 * The form of one command. `args` fixed bytes follow the name; `more` further ones may depend on them; then comes data:
 * `data` bytes of it, or everything up to a NUL (`nulMax` bytes at most).
 */
export interface Form {
  readonly args: number
  readonly more?: (args: readonly number[]) => number
  readonly data?: (args: readonly number[]) => number
  readonly nulMax?: (args: readonly number[]) => number
  /** What is wrong with the parameters, if anything is. Such a command is recorded and not obeyed. */
  readonly check?: (args: readonly number[], data: Uint8Array) => string | undefined
  /** Acted on when it is received, not when its turn comes. */
  readonly realTime?: true
}

type Check = (value: number) => boolean
const any: Check = () => true
const of =
  (...allowed: number[]): Check =>
  (value) =>
    allowed.includes(value)
const range =
  (low: number, high: number): Check =>
  (value) =>
    value >= low && value <= high
const either =
  (...checks: Check[]): Check =>
  (value) =>
    checks.some((check) => check(value))
const onOff = of(0, 1, 48, 49)

/** A command of fixed length, one check a parameter. */
function fixed(...checks: Check[]): Form {
  return {
    args: checks.length,
    check: (args) => {
      const bad = checks.findIndex((check, i) => !check(args[i]!))
      return bad < 0 ? undefined : `parameter ${bad + 1} is ${args[bad]}`
    },
  }
}

const realTime = (form: Form): Form => ({ ...form, realTime: true })
const word = (low: number, high: number) => low + high * 256

/** `pL pH` and as many bytes of data: the form of everything with a parenthesis. */
function counted(check?: (data: Uint8Array) => string | undefined): Form {
  return {
    args: 2,
    data: ([low, high]) => word(low!, high!),
    check: (_, data) => check?.(data),
  }
}

function lengthIs(length: number, check?: (data: Uint8Array) => string | undefined) {
  return (data: Uint8Array) =>
    data.length === length ? check?.(data) : `${data.length} bytes of parameters, not ${length}`
}

const cutForms = {
  atOnce: of(0, 1, 48, 49),
  fed: of(65, 66, 97, 98, 103, 104),
}

export const barcodeSystems: Readonly<Record<number, string>> = {
  65: 'upca',
  66: 'upce',
  67: 'ean13',
  68: 'ean8',
  69: 'code39',
  70: 'itf',
  71: 'codabar',
  72: 'code93',
  73: 'code128',
  74: 'gs1-128',
}
const barcodeDataMax = 255

/**
 * By name. A name is written as the manuals write it: the control characters by name, the rest as it stands.
 * Parameter ranges are those of Epson's command reference for the TM-T88 and TM-m30 series.
 */
export const forms: Readonly<Record<string, Form>> = {
  HT: fixed(),
  LF: fixed(),
  CR: fixed(),

  'DLE EOT': realTime(fixed(range(1, 4))),
  'DLE ENQ': realTime(fixed(range(0, 2))),
  'DLE DC4': realTime(fixed(of(1), of(0, 1), range(1, 8))),

  'ESC @': fixed(),
  'ESC SP': fixed(any),
  'ESC !': fixed(any),
  'ESC $': fixed(any, any),
  'ESC \\': fixed(any, any),
  'ESC *': {
    args: 3,
    data: ([m, low, high]) => word(low!, high!) * (m! >= 32 ? 3 : 1),
    check: ([m, low, high]) =>
      !of(0, 1, 32, 33)(m!) ? `mode ${m}` : word(low!, high!) === 0 ? 'no columns' : undefined,
  },
  'ESC -': fixed(of(0, 1, 2, 48, 49, 50)),
  'ESC 2': fixed(),
  'ESC 3': fixed(any),
  'ESC =': fixed(of(1)),
  'ESC B': fixed(range(1, 9), range(1, 9)),
  'ESC D': {
    args: 0,
    nulMax: () => 32,
    check: (_, data) =>
      data.some((n, i) => i > 0 && n <= data[i - 1]!) ? 'tab stops do not rise' : undefined,
  },
  'ESC E': fixed(any),
  'ESC G': fixed(any),
  'ESC J': fixed(any),
  'ESC M': fixed(of(0, 1, 48, 49)),
  'ESC R': fixed(range(0, 15)),
  'ESC S': fixed(),
  'ESC U': fixed(any),
  'ESC V': fixed(of(0, 48)),
  'ESC a': fixed(of(0, 1, 2, 48, 49, 50)),
  'ESC c 3': fixed(any),
  'ESC c 4': fixed(any),
  'ESC c 5': fixed(any),
  'ESC d': fixed(any),
  'ESC i': fixed(),
  'ESC m': fixed(),
  'ESC p': fixed(onOff, any, any),
  'ESC r': fixed(onOff),
  'ESC t': fixed(any),
  'ESC {': fixed(any),
  'ESC ( A': counted((data) => (data.length < 1 ? 'no function' : undefined)),

  'FS !': fixed(any),
  'FS &': fixed(),
  'FS -': fixed(of(0, 1, 2, 48, 49, 50)),
  'FS .': fixed(),
  'FS C': fixed(onOff),
  'FS S': fixed(any, any),
  'FS W': fixed(any),
  'FS ( A': counted(),

  'GS !': fixed((n) => (n & 0x88) === 0),
  'GS B': fixed(any),
  'GS H': fixed(of(0, 1, 2, 3, 48, 49, 50, 51)),
  'GS I': fixed(either(range(1, 3), range(49, 51), range(65, 69))),
  'GS L': fixed(any, any),
  'GS P': fixed(any, any),
  'GS T': fixed(onOff),
  'GS V': {
    args: 1,
    more: ([m]) => (cutForms.fed(m!) ? 1 : 0),
    check: ([m]) => (cutForms.atOnce(m!) || cutForms.fed(m!) ? undefined : `mode ${m}`),
  },
  'GS W': fixed(any, any),
  'GS a': fixed(any),
  'GS b': fixed(any),
  'GS f': fixed(of(0, 1, 48, 49)),
  'GS g 0': fixed(of(0), any, any),
  'GS g 2': fixed(of(0), any, any),
  'GS h': fixed(range(1, 255)),
  'GS k': {
    args: 1,
    more: ([m]) => (m! >= 65 ? 1 : 0),
    data: ([m, n]) => (m! >= 65 ? n! : 0),
    nulMax: ([m]) => (m! < 65 ? barcodeDataMax : 0),
    check: ([m], data) =>
      barcodeSystems[m! < 65 ? m! + 65 : m!] === undefined || (m! > 6 && m! < 65)
        ? `barcode system ${m}`
        : data.length === 0
          ? 'no data'
          : undefined,
  },
  'GS r': fixed(of(1, 2, 49, 50)),
  'GS v 0': {
    args: 5,
    data: ([, xl, xh, yl, yh]) => word(xl!, xh!) * word(yl!, yh!),
    check: ([m, xl, xh, yl, yh]) =>
      !either(range(0, 3), range(48, 51))(m!)
        ? `mode ${m}`
        : word(xl!, xh!) === 0 || word(yl!, yh!) === 0
          ? 'no dots'
          : undefined,
  },
  'GS w': fixed(range(2, 6)),
  'GS ( D': counted(),
  'GS ( H': counted(
    lengthIs(6, ([fn, m, ...id]) =>
      fn !== 48 || m !== 48
        ? `function ${fn} ${m}`
        : id.every(range(0x20, 0x7e))
          ? undefined
          : 'the process id has bytes outside 20h to 7Eh',
    ),
  ),
  'GS ( K': counted(),
  'GS ( L': counted((data) => (data.length < 2 ? 'no function' : undefined)),
  'GS ( N': counted(),
  'GS ( k': counted((data) => (data.length < 3 ? 'no function' : undefined)),
  'GS 8 L': {
    args: 4,
    data: ([a, b, c, d]) => a! + b! * 0x100 + c! * 0x1_0000 + d! * 0x100_0000,
    check: (_, data) => (data.length < 2 ? 'no function' : undefined),
  },
}

const controlNames: Readonly<Record<number, string>> = {
  4: 'EOT',
  5: 'ENQ',
  9: 'HT',
  10: 'LF',
  13: 'CR',
  16: 'DLE',
  20: 'DC4',
  27: 'ESC',
  28: 'FS',
  29: 'GS',
  32: 'SP',
}

/** A byte as the manuals write it in a command's name. */
export function nameOf(byte: number): string {
  const control = controlNames[byte]
  if (control !== undefined) return control
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `${byte.toString(16).padStart(2, '0')}h`
}

const families = new Set(['GS (', 'FS (', 'ESC (', 'DLE'])

/** What a name read so far is: a command, the start of longer names, or nothing known. */
export function lookUp(name: string): Form | 'longer' | undefined {
  const form = forms[name]
  if (form !== undefined) return form
  if (families.has(name)) return 'longer'
  const prefix = `${name} `
  return Object.keys(forms).some((known) => known.startsWith(prefix)) ? 'longer' : undefined
}

/** Commands with a parenthesis say their length, so an unknown one can be skipped whole. */
export function skippable(name: string): Form | undefined {
  return /^(ESC|FS|GS) \( .+$/.test(name) ? counted() : undefined
}
