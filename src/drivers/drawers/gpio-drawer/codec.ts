/** The lines of text between a drawer and the pins of the box. Pure. */

export type GpioAnswer =
  | { kind: 'level'; level: 0 | 1 | undefined }
  | { kind: 'pulsed' }
  | { kind: 'error'; text: string }

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

export const senseRequest = bytesOf('sense\n')
export const pulseRequest = (ms: number): Uint8Array => bytesOf(`pulse ${ms}\n`)

/** A line without its end; undefined for what is not in the language. `level none`: there is no sense line. */
export function decodeAnswer(line: Uint8Array): GpioAnswer | undefined {
  const text = new TextDecoder().decode(line)
  if (text === 'pulsed') return { kind: 'pulsed' }
  if (text.startsWith('error ')) return { kind: 'error', text: text.slice('error '.length) }
  const [, level] = /^level (0|1|none)$/.exec(text) ?? []
  if (level === undefined) return undefined
  return { kind: 'level', level: level === 'none' ? undefined : level === '1' ? 1 : 0 }
}
