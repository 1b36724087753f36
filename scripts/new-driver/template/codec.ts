/** The language as bytes: commands and answers are lines of ASCII that end with CR. Pure: no port, no clock. */

/** Longest answer, in bytes without its end. */
export const answerBytesMax = 256
const cr = 0x0d

/** A command with its argument, as it goes over the wire. */
export function encodeCommand(letter: string, argument = ''): Uint8Array {
  const text = `${letter}${argument}\r`
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0x7f)
}

/** Cuts what comes in into answers, however it is chunked. An answer that is too long is dropped whole. */
export class AnswerReader {
  #bytes: number[] = []
  #tooLong = false

  push(chunk: Uint8Array): string[] {
    const answers: string[] = []
    for (const byte of chunk) {
      if (byte !== cr) {
        if (this.#bytes.length < answerBytesMax) this.#bytes.push(byte)
        else this.#tooLong = true
        continue
      }
      if (!this.#tooLong) answers.push(String.fromCharCode(...this.#bytes))
      this.#bytes = []
      this.#tooLong = false
    }
    return answers
  }
}
