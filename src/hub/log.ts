/** The log: pino lines for the shop's technician, with secrets struck out. */
import pino from 'pino'

export type Log = pino.Logger

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

/** Fields that never reach a log, wherever they stand. */
const secretPaths = ['token', 'code', 'hash', 'authorization', 'password', 'secret'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
])

/** Lines go to standard error, so that standard output keeps the `ready` line for programs. */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretPaths, censor: '[secret]' },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: false }),
  )
}
