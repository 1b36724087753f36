/** Scans as values: a text, and what marks its symbology, to a code with GS1 data. Pure; no text is ever refused. */
import type { Scan } from '../../protocol/device.ts'
import { controlText } from './controls.ts'
import { type Gs1Elements, groupSeparator, parseDigitalLink, parseElementStrings } from './gs1.ts'
import { bySize, carriesGs1, guessSymbology, isRetail, readAim, type Symbology } from './symbologies.ts'

/** A code, and what is known of its symbology. */
export interface ScanMark {
  /** The AIM identifier, when it came apart from the code: `]E0`. It beats `symbology` where it names one. */
  aim?: string | undefined
  symbology?: Symbology | undefined
}

export interface Gs1Options {
  /** What the scanner sends in place of GS: characters, or names of control characters. */
  gsCharacters?: readonly string[]
  /** Look for GS1 data in codes whose symbology is not known, too. */
  gs1Guess?: boolean
}

export interface MarkOptions {
  prefixes: readonly string[]
  aim: 'auto' | 'off'
  codeIds: Readonly<Record<string, Symbology>>
}

/** The scan of a code without prefixes and marks, or undefined when it is empty. A code with no mark at all has its symbology guessed. */
export function scanOf(
  text: string,
  { aim, symbology, ...options }: ScanMark & Gs1Options,
): Scan | undefined {
  if (text === '') return undefined
  const identified = aim?.length === 3 ? readAim(aim + text) : undefined
  const byAim = identified?.marked === true ? identified.symbology : undefined
  const { code, gs1 } = readGs1(text, byAim, symbology, options)
  const marked = identified?.marked === true || symbology !== undefined
  const byMaker = symbology === undefined ? undefined : bySize(symbology, code)
  const told = byAim ?? byMaker ?? (marked ? undefined : guessSymbology(code))
  return { code, ...(told === undefined ? {} : { symbology: told }), ...(gs1 === undefined ? {} : { gs1 }) }
}

/** The scan in a text as the scanner sent it: prefixes and marks are taken off. undefined: there is nothing else in it. */
export function readScan(text: string, options: MarkOptions & Gs1Options): Scan | undefined {
  const { code, ...mark } = readMark(withoutPrefixes(text, options.prefixes), options)
  return scanOf(code, { ...mark, ...options, aim: mark.aim })
}

/** Each prefix at most once, in whatever order they come. */
export function withoutPrefixes(text: string, prefixes: readonly string[]): string {
  const left = new Set(prefixes.map(controlText))
  let rest = text
  for (;;) {
    const found = [...left].filter((prefix) => rest.startsWith(prefix)).sort((a, b) => b.length - a.length)[0]
    if (found === undefined) return rest
    left.delete(found)
    rest = rest.slice(found.length)
  }
}

/** Takes off what says the symbology: the AIM identifier, or else the maker's own mark. */
function readMark(text: string, options: MarkOptions): ScanMark & { code: string } {
  if (options.aim === 'auto') {
    const { marked, code } = readAim(text)
    if (marked) return { code, aim: text.slice(0, 3) }
  }
  const id = Object.keys(options.codeIds)
    .filter((candidate) => text.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0]
  if (id === undefined) return { code: text }
  return { code: text.slice(id.length), symbology: options.codeIds[id] }
}

/**
 * GS1 data where the symbology promises it, where separators show it, or in a Digital Link. Malformed data is no data. The
 * makers mark GS1-128 as Code 128, so that only an AIM identifier says that there is none.
 */
function readGs1(
  code: string,
  byAim: Symbology | undefined,
  byMaker: Symbology | undefined,
  { gsCharacters = [], gs1Guess = false }: Gs1Options,
): { code: string; gs1: Gs1Elements | undefined } {
  const link = parseDigitalLink(code)
  if (link.ok) return { code, gs1: link.elements }
  const separated = gsCharacters.reduce(
    (text, character) => text.replaceAll(controlText(character), groupSeparator),
    code,
  )
  const known = byAim ?? byMaker
  const promised = known !== undefined && carriesGs1(known)
  const shown = byAim === undefined && separated.includes(groupSeparator)
  // In-store codes begin with 20 to 29, which are identifiers as well: what is an EAN or UPC is not guessed to be GS1 data.
  const guessed = known === undefined && gs1Guess && !isRetail(code)
  if (!promised && !shown && !guessed) return { code, gs1: undefined }
  const parsed = parseElementStrings(separated)
  if (parsed.ok) return { code: separated, gs1: parsed.elements }
  return { code: promised ? separated : code, gs1: undefined }
}
