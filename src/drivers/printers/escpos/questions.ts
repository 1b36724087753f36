/** The bytes that ask a printer something, and those that open the drawer: all that this driver sends besides documents. */
import type { RealTimeQuestion } from './replies.ts'

const ESC = 0x1b
const GS = 0x1d
const DLE = 0x10

/** DLE EOT n: answered at once, also while the printer is busy or offline. */
export const askNow = (question: RealTimeQuestion) => Uint8Array.of(DLE, 0x04, question)

/** GS r 1: the paper sensor, answered in its turn with the data, which makes it a fence behind a document. */
export const askPaperInTurn = Uint8Array.of(GS, 0x72, 0x01)

/** GS I n. */
export const askIdentityFact = (n: number) => Uint8Array.of(GS, 0x49, n)

/** GS g 2: a maintenance counter. */
export const askCounter = (n: number) => Uint8Array.of(GS, 0x67, 0x32, 0x00, n & 0xff, n >> 8)

/** GS ( H, function 48: the printer sends the id back when what went before it is printed. `id`: 4 of 20h to 7Eh. */
export const askProcess = (id: string) => Uint8Array.of(GS, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30, ...ascii(id))

/** GS a: automatic status at each change of drawer, online, error and paper. */
export const autoStatusOn = Uint8Array.of(GS, 0x61, 0x0f)

/** ESC @: formatting as after power on, and an unprinted line is dropped. */
export const reset = Uint8Array.of(ESC, 0x40)

/** ESC p: pulse on pin 2 (drawer 1) or 5 (drawer 2), in its turn. Times in ms, sent in steps of 2. */
export const kick = (drawer: number, onMs: number, offMs: number) =>
  Uint8Array.of(ESC, 0x70, drawer - 1, Math.min(255, onMs >> 1), Math.min(255, offMs >> 1))

/** DLE DC4 1: the same at once, also while the printer is offline. Time in ms, sent in steps of 100. */
export const kickNow = (drawer: number, onMs: number) =>
  Uint8Array.of(DLE, 0x14, 0x01, drawer - 1, Math.min(8, Math.max(1, Math.round(onMs / 100))))

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0))

const idLetters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const idLength = 4

/** A process id out of any unique text: 62^4 of them, spread by FNV-1a. */
export function processId(unique: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < unique.length; i++) hash = Math.imul(hash ^ unique.charCodeAt(i), 0x01000193) >>> 0
  let id = ''
  for (let i = 0; i < idLength; i++) {
    id += idLetters[hash % idLetters.length]
    hash = Math.floor(hash / idLetters.length)
  }
  return id
}
