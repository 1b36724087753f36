/** What the status bytes of a Star printer mean, and how its faults are told to a person. Pure. */
import type { DriverFault } from '../../driver.ts'
import { offlineForNoReason, receiptFaults } from '../common/run/receipt-faults.ts'

export interface StarStatus {
  /** The compulsion switch: the drawer's. undefined until told. */
  switchHigh: boolean | undefined
  offline: boolean
  coverOpen: boolean
  /** The head is too hot; goes on by itself. */
  overheated: boolean
  unrecoverable: boolean
  cutter: boolean
  mechanical: boolean
  /** Paper stuck in the presenter, or the head is up. */
  jammed: boolean
  blackMark: boolean
  /** Data was lost because the buffer was full; told once. */
  overflowed: boolean
  paperLow: boolean
  paperEnd: boolean
  /** The ETB counter, 0 to 31; undefined on models whose status is too short to hold it. */
  ended: number | undefined
}

export const unknownStatus: StarStatus = {
  switchHigh: undefined,
  offline: false,
  coverOpen: false,
  overheated: false,
  unrecoverable: false,
  cutter: false,
  mechanical: false,
  jammed: false,
  blackMark: false,
  overflowed: false,
  paperLow: false,
  paperEnd: false,
  ended: undefined,
}

/** Counts of ETB: 0 to 31, then from 0 again. */
export const etbCounts = 32

const has = (byte: number | undefined, bits: number) => ((byte ?? 0) & bits) !== 0

/** Printer status 1 to 6 (line mode specifications, appendix 2). `bytes` without the two of the header. */
export function statusOf(bytes: Uint8Array): StarStatus {
  const [printer, errors, moreErrors, paper, , counter] = bytes
  return {
    switchHigh: has(printer, 0x04),
    offline: has(printer, 0x08),
    coverOpen: has(printer, 0x20),
    overheated: has(errors, 0x40),
    unrecoverable: has(errors, 0x20),
    cutter: has(errors, 0x08),
    mechanical: has(errors, 0x04),
    jammed: has(moreErrors, 0x06),
    blackMark: has(moreErrors, 0x08),
    overflowed: has(moreErrors, 0x40),
    // The inner and the outer sensor; a printer has one of them, or both.
    paperLow: has(paper, 0x06),
    paperEnd: has(paper, 0x08),
    // Bits 1 to 3, then 5 and 6.
    ended: counter === undefined ? undefined : ((counter >> 2) & 0x18) | ((counter >> 1) & 0x07),
  }
}

/** The present faults, the one to mend first in front. */
export function faultsOf(status: StarStatus): DriverFault[] {
  const { cutter, unrecoverable, mechanical, jammed, blackMark, offline } = status
  return receiptFaults({
    ...status,
    freeCutter: cutter
      ? 'Switch the printer off, open the cover, take out paper scraps, close it, switch it on.'
      : undefined,
    broken: unrecoverable || mechanical || jammed || blackMark,
    otherwise: offline ? offlineForNoReason : undefined,
  })
}

/** Whether the drawer is open; undefined until the printer has told. */
export function drawerOpen(status: StarStatus, openLevel: 'high' | 'low'): boolean | undefined {
  return status.switchHigh === undefined ? undefined : status.switchHigh === (openLevel === 'high')
}
