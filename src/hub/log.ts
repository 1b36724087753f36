/** The log: pino lines for the shop's technician, with secrets struck out, and levels that change while it runs. */
import pino from 'pino'
import type { LogLevel } from '../protocol/methods/box.ts'
import type { LogBook } from './care/log-book.ts'
import { handedOverNames } from './secret-names.ts'

export type Log = pino.Logger

/** Fields that never reach a log, to a depth of three. By whole names: pino makes a program of them, once. */
const secretPaths = [
  'token',
  'hash',
  'authorization',
  'password',
  'secret',
  'passphrase',
  'cookie',
  ...handedOverNames,
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** Where lines go when nobody says otherwise: standard error, so that standard output keeps the `ready` line for programs. */
const standardError = (): { write(line: string): void } => pino.destination({ dest: 2, sync: false })

/**
 * Lines go to standard error and, with a book, into the book as well: that one may be read and its levels changed. What is
 * below the level is not even made into a line.
 */
export function createLog(level: string, book?: LogBook, out = standardError()): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretPaths, censor: '[secret]' },
    formatters: { level: (label) => ({ level: label }) },
  }
  if (book === undefined) return pino(options, out)
  const log = pino(
    {
      ...options,
      onChild: (child) => book.adopt(child),
      hooks: {
        logMethod(args, method, number) {
          if (book.wants(this, args[0], number)) method.apply(this, args)
        },
      },
    },
    {
      write(line: string) {
        book.add(line)
        out.write(line)
      },
    },
  )
  book.open(log, level as LogLevel)
  return log
}
