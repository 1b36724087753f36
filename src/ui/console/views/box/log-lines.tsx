/** How lines of the log look: as text for a file, and on the page, where a block that did not change is not drawn again. */
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { LogLine } from '../../../../protocol/methods/box.ts'
import { clockText, dateText } from '../../../parts/time.ts'
import type { LogBlock, LogLevel } from './log-feed.ts'

/** From the loudest to the quietest. */
export const levels = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'silent',
] as const satisfies readonly LogLevel[]

export interface LogFilter {
  /** This level and above. */
  level: LogLevel
  /** Empty for all. */
  device: string
  /** In small letters; empty for all. */
  text: string
}

export function passes(line: LogLine, { device, level, text }: LogFilter): boolean {
  if (levels.indexOf(line.level) < levels.indexOf(level)) return false
  if (device !== '' && line.device !== device) return false
  return text === '' || textOfLine(line).toLowerCase().includes(text)
}

/** `2026-11-23T14:05:06.123Z WARN printer the cover is open {"port":"…"}`. */
export function textOfLine({ at, device, fields, level, message }: LogLine): string {
  return [at, level.toUpperCase(), device, message, fieldsText(fields)].filter(Boolean).join(' ')
}

function fieldsText(fields: LogLine['fields']): string {
  return Object.keys(fields).length === 0 ? '' : JSON.stringify(fields)
}

/** `key: value, …`: quicker to read than JSON. */
function FieldsText({ fields }: { fields: LogLine['fields'] }): JSX.Element | null {
  const entries = Object.entries(fields)
  if (entries.length === 0) return null
  return (
    <span class="log-fields">
      {entries
        .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(', ')}
    </span>
  )
}

/** The same element again for the same block and filter: the page then leaves it as it is. */
export function Block({ block, filter }: { block: LogBlock; filter: LogFilter }): JSX.Element {
  return useMemo(() => {
    const shown = block.lines.filter((line) => passes(line, filter))
    return (
      <div class="log-block" style={{ containIntrinsicBlockSize: `auto ${shown.length * 30}px` }}>
        {shown.map((line) => (
          <Line key={line.seq} line={line} />
        ))}
      </div>
    )
  }, [block, filter])
}

function Line({ line }: { line: LogLine }): JSX.Element {
  return (
    <p class={`log-line log-${line.level}`} data-seq={line.seq}>
      <time dateTime={line.at} title={dateText(line.at)}>
        {clockText(line.at)}
      </time>
      <strong class="log-level">{line.level}</strong>
      <span class="log-text">
        {line.device !== undefined && <span class="log-device">{line.device}</span>} {line.message}{' '}
        <FieldsText fields={line.fields} />
      </span>
    </p>
  )
}
