/** Bytes of a trace as people read them: hex in groups, letters where there are some, control characters by name. */
import type { TraceEntry, TraceHeader } from '../../../../protocol/trace.ts'

/** Of one entry this much is drawn; the file has all of it. */
export const shownBytesMax = 512

/** `1b 40 48 69`. */
export function hexText(hex: string): string {
  return (hex.slice(0, shownBytesMax * 2).match(/../g) ?? []).join(' ')
}

/** ISO 646 names of the control characters, 0x00 to 0x1f. */
const controls =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  )

/** `<ESC>@Hi`; bytes above 0x7e by number, since only the device knows their letters. */
export function letters(hex: string): string {
  let text = ''
  for (const pair of hex.slice(0, shownBytesMax * 2).match(/../g) ?? []) {
    const byte = Number.parseInt(pair, 16)
    text +=
      controls[byte] !== undefined
        ? `<${controls[byte]}>`
        : byte < 0x7f
          ? String.fromCharCode(byte)
          : `<${pair}>`
  }
  return text
}

/** `12:03:05.123` in the browser's own time zone. */
export function entryTime(header: TraceHeader | undefined, { t }: TraceEntry): string {
  const at = new Date(Date.parse(header?.startedAt ?? '') + t)
  if (Number.isNaN(at.getTime())) return `${(t / 1_000).toFixed(3)} s`
  const two = (part: number) => String(part).padStart(2, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

/** The file that `tillbridge trace` writes, and that can be replayed. */
export function traceFile(header: TraceHeader | undefined, entries: readonly TraceEntry[]): string {
  return [header, ...entries]
    .filter((line) => line !== undefined)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
}
