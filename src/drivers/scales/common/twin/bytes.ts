/** Text as the bytes that a simulated scale puts on its line. */

/** Each character as a byte; `parityBit` adds even parity on bit 7, as an 8-bit adapter sees a 7-bit line. */
export function bytesOf(text: string, parityBit = false): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const byte = character.charCodeAt(0)
    return parityBit && hasOddOnes(byte) ? byte | 0x80 : byte
  })
}

function hasOddOnes(byte: number): boolean {
  return byte.toString(2).replaceAll('0', '').length % 2 === 1
}
