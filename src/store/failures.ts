/** SQLite's and the system's error codes as errors of the hub, and which of them undo a whole commit. */
import { basename } from 'node:path'
import { type ErrorCode, type ErrorContext, errorText, HubError } from '../protocol/errors.ts'

/** An error on its way between threads. */
export interface FailureRecord {
  code: ErrorCode
  context: ErrorContext
}

/** Primary result codes, https://www.sqlite.org/rescode.html; the extended code keeps them in its low byte. */
const primaryCodeMask = 0xff
const sqliteCorrupt: ReadonlySet<number> = new Set([11, 26])
const sqliteUnavailable: ReadonlyMap<number, string> = new Map([
  [3, 'access to the file is denied'],
  [5, 'another program holds the database'],
  [6, 'another program holds the database'],
  [7, 'out of memory'],
  [8, 'the file is read-only'],
  [10, 'input or output error'],
  [13, 'the disk is full'],
  [14, 'the file cannot be opened'],
])

function sqliteCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code & primaryCodeMask : undefined
}

function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return error instanceof Error && 'syscall' in error && typeof code === 'string' ? code : undefined
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'access to the file is denied',
  EPERM: 'access to the file is denied',
  EIO: 'input or output error',
}

/** What went wrong with `file`, as `store_unavailable`, `store_corrupt` or, for a bug of ours, `internal`. */
export function storeFailure(error: unknown, file: string): HubError {
  if (error instanceof HubError) return error
  const sqlite = sqliteCode(error)
  if (sqlite !== undefined && sqliteCorrupt.has(sqlite)) {
    return new HubError('store_corrupt', { file: basename(file), reason: errorText(error) }, error)
  }
  const reason = sqlite === undefined ? undefined : sqliteUnavailable.get(sqlite)
  if (reason !== undefined) return new HubError('store_unavailable', { reason }, error)
  const system = systemCode(error)
  if (system !== undefined) {
    return new HubError('store_unavailable', { reason: systemReasons[system] ?? errorText(error) }, error)
  }
  return new HubError('internal', { reason: errorText(error) }, error)
}

/** True when the error is the disk's or the file's, not of the one operation that met it. */
export function spoilsTransaction(failure: HubError): boolean {
  return failure.code === 'store_unavailable' || failure.code === 'store_corrupt'
}

export const toFailureRecord = ({ code, context }: HubError): FailureRecord => ({ code, context })
