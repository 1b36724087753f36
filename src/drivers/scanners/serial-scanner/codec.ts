/** Frames as scans: the bytes of one frame to a text, and that to a code with its symbology. Pure; no frame is ever refused. */
import type { Scan } from '../../../protocol/device.ts'
import { controlText } from '../../framing/controls.ts'
import { readScan } from '../../framing/scan.ts'
import { decodeText } from '../../framing/text.ts'
import type { SerialScannerSettings } from './settings.ts'

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
  return readScan(decodeText(frame, settings.encoding), settings)
}
