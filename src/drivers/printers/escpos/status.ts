/** What the status bits of a printer mean, and how its faults are told to a person. Pure. */
import type { DriverFault } from '../../driver.ts'
import { offlineForNoReason, type ReceiptTrouble, receiptFaults } from '../common/run/receipt-faults.ts'
import type { AutoStatusBytes, RealTimeQuestion } from './replies.ts'

export interface PrinterStatus {
  /** Level of pin 3 of the drawer connector; undefined until told. */
  drawerPinHigh: boolean | undefined
  offline: boolean
  coverOpen: boolean
  /** Somebody feeds paper by the button. */
  feeding: boolean
  paperLow: boolean
  paperEnd: boolean
  cutter: boolean
  /** An error that goes away when its cause is taken away and the printer is told or switched (paper jam). */
  recoverable: boolean
  unrecoverable: boolean
  /** An error that goes away by itself: the head is too hot. */
  autoRecoverable: boolean
  /** DLE EOT 2 says that there is some error; DLE EOT 3 says which, on printers that answer it. */
  someError: boolean
}

export const unknownStatus: PrinterStatus = {
  drawerPinHigh: undefined,
  offline: false,
  coverOpen: false,
  feeding: false,
  paperLow: false,
  paperEnd: false,
  cutter: false,
  recoverable: false,
  unrecoverable: false,
  autoRecoverable: false,
  someError: false,
}

const has = (byte: number, bits: number) => (byte & bits) !== 0

/** The four bytes of automatic status back (Epson TM-T88III specification p. 134, TM-U220 p. 82). */
export function statusOfAuto([printer, errors, paper]: AutoStatusBytes): PrinterStatus {
  return {
    drawerPinHigh: has(printer, 0x04),
    offline: has(printer, 0x08),
    coverOpen: has(printer, 0x20),
    feeding: has(printer, 0x40),
    recoverable: has(errors, 0x04),
    cutter: has(errors, 0x08),
    unrecoverable: has(errors, 0x20),
    autoRecoverable: has(errors, 0x40),
    someError: false,
    paperLow: has(paper, 0x03),
    paperEnd: has(paper, 0x0c),
  }
}

/** Answers to DLE EOT of one round, by question. */
export type RealTimeAnswers = Partial<Record<RealTimeQuestion, number>>

/** The answers of one round of DLE EOT, laid over what was known (Epson TM-T88III specification p. 132). */
export function withRealTime(status: PrinterStatus, answers: RealTimeAnswers): PrinterStatus {
  const { 1: printer, 2: cause, 3: error, 4: paper } = answers
  const next = { ...status }
  if (printer !== undefined) {
    next.drawerPinHigh = has(printer, 0x04)
    next.offline = has(printer, 0x08)
  }
  if (cause !== undefined) {
    next.coverOpen = has(cause, 0x04)
    next.feeding = has(cause, 0x08)
    next.someError = has(cause, 0x40)
  }
  if (error !== undefined) {
    next.recoverable = has(error, 0x04)
    next.cutter = has(error, 0x08)
    next.unrecoverable = has(error, 0x20)
    next.autoRecoverable = has(error, 0x40)
  }
  if (paper !== undefined) next.paperLow = has(paper, 0x0c)
  // Told twice: "stopped by paper end" and the paper sensor. Some models answer only one of the two.
  if (cause !== undefined || paper !== undefined) {
    next.paperEnd = has(cause ?? 0, 0x20) || has(paper ?? 0, 0x60)
  }
  return next
}

/** The present faults, the one to mend first in front. */
export function faultsOf(status: PrinterStatus): DriverFault[] {
  return receiptFaults({
    ...status,
    freeCutter: status.cutter
      ? 'Open the cover, take out paper scraps, close it, switch the printer off and on.'
      : undefined,
    broken: status.unrecoverable || status.recoverable,
    overheated: status.autoRecoverable,
    otherwise: unexplained(status),
  })
}

function unexplained({ someError, offline, feeding }: PrinterStatus): ReceiptTrouble['otherwise'] {
  if (someError)
    return { code: 'printer_error', message: 'The printer reports an error. Switch it off and on.' }
  if (!offline) return undefined
  if (!feeding) return offlineForNoReason
  const message = 'Paper is being fed by the button. Printing goes on when it is released.'
  return { code: 'offline', message }
}

/** Whether the drawer is open; undefined until the printer has told. */
export function drawerOpen(status: PrinterStatus, openLevel: 'high' | 'low'): boolean | undefined {
  return status.drawerPinHigh === undefined ? undefined : status.drawerPinHigh === (openLevel === 'high')
}
