/** Printers and jobs of the hub in the words of QZ Tray's status events. */
import type { Device, FaultCode } from '../../../protocol/device.ts'
import type { Job } from '../../../protocol/job.ts'

type Severity = 'INFO' | 'WARN' | 'ERROR' | 'FATAL'
type Word = readonly [text: string, severity: Severity]

export interface StatusEvent {
  printerName: string
  eventType: 'PRINTER' | 'JOB'
  statusText: string
  severity: Severity
  message: string
  jobName?: string
}

const faultWords: Partial<Record<FaultCode, Word>> = {
  paper_out: ['PAPER_OUT', 'FATAL'],
  cover_open: ['DOOR_OPEN', 'WARN'],
  cutter_jam: ['PAPER_JAM', 'FATAL'],
  media_jam: ['PAPER_JAM', 'FATAL'],
  ribbon_out: ['NO_TONER', 'FATAL'],
  offline: ['OFFLINE', 'FATAL'],
  not_responding: ['OFFLINE', 'FATAL'],
  port_unavailable: ['NOT_AVAILABLE', 'FATAL'],
  paused: ['PAUSED', 'WARN'],
  overheated: ['ERROR', 'FATAL'],
  printer_error: ['ERROR', 'FATAL'],
}

/** What stands in the way comes first; paper that runs low is no state of QZ's and no trouble. */
function printerWord({ faults, state }: Device): Word {
  const fault = faults.find(({ blocking }) => blocking)
  if (state === 'absent' || state === 'disabled') return ['OFFLINE', 'FATAL']
  if (fault !== undefined) return faultWords[fault.code] ?? ['ERROR', 'FATAL']
  if (state === 'connecting') return ['INITIALIZING', 'INFO']
  if (state === 'faulty') return ['ERROR', 'FATAL']
  return state === 'busy' ? ['PRINTING', 'INFO'] : ['OK', 'INFO']
}

export function printerStatus(printer: Device): StatusEvent {
  const [statusText, severity] = printerWord(printer)
  const fault = printer.faults.find(({ blocking }) => blocking)
  const message = fault?.message ?? `${printer.name}: ${printer.state}`
  return { printerName: printer.name, eventType: 'PRINTER', statusText, severity, message }
}

const jobWords: Record<Job['state'], Word> = {
  pending: ['SPOOLING', 'INFO'],
  running: ['PRINTING', 'INFO'],
  done: ['COMPLETE', 'INFO'],
  failed: ['ERROR', 'ERROR'],
  expired: ['DELETED', 'WARN'],
  unknown: ['UNKNOWN', 'INFO'],
}

const waitingWords: Readonly<Record<string, Word>> = {
  paper_out: ['PAPEROUT', 'WARN'],
  device_absent: ['OFFLINE', 'ERROR'],
  offline: ['OFFLINE', 'ERROR'],
  not_responding: ['OFFLINE', 'ERROR'],
  paused: ['PAUSED', 'WARN'],
}

/** A job's number is not told: the hub's jobs have names. */
export function jobStatus(job: Job, printerName: string): StatusEvent {
  const { error, id, state, waitingFor } = job
  const [statusText, severity] =
    error?.code === 'job_cancelled'
      ? (['CANCELED', 'WARN'] as const)
      : waitingFor === undefined
        ? jobWords[state]
        : (waitingWords[waitingFor] ?? (['USER_INTERVENTION', 'WARN'] as const))
  const message = error?.message ?? `${id}: ${waitingFor ?? state}`
  return { printerName, eventType: 'JOB', statusText, severity, message, jobName: id }
}
