/** Scans as values: the bytes of one frame to a code with its symbology and GS1 data. Pure; no frame is ever refused. */
import type { Scan } from '../../../protocol/device.ts'
import { type Gs1Elements, groupSeparator, parseDigitalLink, parseElementStrings } from '../../framing/gs1.ts'
import { controlText, type SerialScannerSettings } from './settings.ts'
import { carriesGs1, guessSymbology, readAim, type Symbology } from './symbologies.ts'

export type CodecSettings = Pick<
  SerialScannerSettings,
  'prefixes' | 'aim' | 'codeIds' | 'gsCharacters' | 'gs1Guess' | 'encoding'
>

/** Suffixes as bytes, for the framer. */
export function suffixBytes(suffixes: readonly string[]): number[][] {
  return suffixes.map((suffix) => Array.from(controlText(suffix), (character) => character.charCodeAt(0)))
}

/** The scan in a frame, or undefined when there is nothing in it but prefixes and marks. */
export function decodeScan(frame: Uint8Array, settings: CodecSettings): Scan | undefined {
  const text = withoutPrefixes(decodeText(frame, settings.encoding), settings.prefixes)
  const marked = readMark(text, settings)
  if (marked.code === '') return undefined
  const { code, gs1 } = readGs1(marked.code, marked.symbology, settings)
  const symbology = marked.symbology ?? (marked.marked ? undefined : guessSymbology(code))
  return { code, ...(symbology === undefined ? {} : { symbology }), ...(gs1 === undefined ? {} : { gs1 }) }
}

function decodeText(bytes: Uint8Array, encoding: SerialScannerSettings['encoding']): string {
  if (encoding === 'utf-8') {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      // Not UTF-8: one byte a character it is.
    }
  }
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

/** Each prefix at most once, in whatever order they come. */
function withoutPrefixes(text: string, prefixes: readonly string[]): string {
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
function readMark(
  text: string,
  settings: CodecSettings,
): { code: string; symbology: Symbology | undefined; marked: boolean } {
  if (settings.aim === 'auto') {
    const aim = readAim(text)
    if (aim.marked) return aim
  }
  const id = Object.keys(settings.codeIds)
    .filter((candidate) => text.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0]
  if (id === undefined) return { code: text, symbology: undefined, marked: false }
  return { code: text.slice(id.length), symbology: settings.codeIds[id], marked: true }
}

/** GS1 data where the symbology promises it, where separators show it, or in a Digital Link. Malformed data is no data. */
function readGs1(
  code: string,
  symbology: Symbology | undefined,
  settings: CodecSettings,
): { code: string; gs1: Gs1Elements | undefined } {
  const link = parseDigitalLink(code)
  if (link.ok) return { code, gs1: link.elements }
  const separated = settings.gsCharacters.reduce(
    (text, character) => text.replaceAll(controlText(character), groupSeparator),
    code,
  )
  const promised = symbology !== undefined && carriesGs1(symbology)
  const shown = symbology === undefined && (settings.gs1Guess || separated.includes(groupSeparator))
  if (!promised && !shown) return { code, gs1: undefined }
  const parsed = parseElementStrings(separated)
  if (parsed.ok) return { code: separated, gs1: parsed.elements }
  return { code: promised ? separated : code, gs1: undefined }
}
