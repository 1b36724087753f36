/** The text in the bytes of a code. */

/** `utf-8` falls back to one byte a character for what is not UTF-8: a spoilt byte costs no scan but its own. Nothing is left out. */
export function decodeText(bytes: Uint8Array, encoding: 'utf-8' | 'latin1'): string {
  if (encoding === 'utf-8') {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      // Not UTF-8: one byte a character it is.
    }
  }
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}
