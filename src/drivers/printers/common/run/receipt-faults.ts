/** The faults of a receipt printer in words for a person, whatever its language. Pure. */
import type { DriverFault } from '../../../driver.ts'

/** What a status tells of what is wrong. */
export interface ReceiptTrouble {
  readonly coverOpen: boolean
  readonly paperLow: boolean
  readonly paperEnd: boolean
  /** How its cutter is freed; undefined while it is not stuck. */
  readonly freeCutter: string | undefined
  /** An error that does not go away by itself: jammed paper, or worse. */
  readonly broken: boolean
  /** The head is too hot; goes on by itself. */
  readonly overheated: boolean
  /** What to say when it does not print and nothing of the above explains it. */
  readonly otherwise: Omit<DriverFault, 'blocking'> | undefined
}

/** What to say of a printer that is offline for no reason that it tells. */
export const offlineForNoReason: ReceiptTrouble['otherwise'] = {
  code: 'offline',
  message: 'The printer is offline. Look at its lamps and press its feed button once.',
}

/** The present faults, the one to mend first in front. */
export function receiptFaults(trouble: ReceiptTrouble): DriverFault[] {
  const faults: DriverFault[] = []
  const blocks = (code: DriverFault['code'], message: string) =>
    faults.push({ code, blocking: true, message })
  if (trouble.coverOpen) blocks('cover_open', 'The cover is open. Close it, printing goes on by itself.')
  if (trouble.paperEnd) blocks('paper_out', 'Out of paper. Load a new roll, printing goes on by itself.')
  if (trouble.freeCutter !== undefined) blocks('cutter_jam', `The cutter is stuck. ${trouble.freeCutter}`)
  if (trouble.broken) {
    const message =
      'The printer reports an error. Look for jammed paper, then switch it off and on. If it stays, call service.'
    blocks('printer_error', message)
  }
  if (trouble.overheated) {
    const message = 'The print head is too hot. Wait, printing goes on by itself when it has cooled down.'
    blocks('overheated', message)
  }
  if (faults.length === 0 && trouble.otherwise !== undefined)
    blocks(trouble.otherwise.code, trouble.otherwise.message)
  if (trouble.paperLow && !trouble.paperEnd) {
    const message = 'The paper is nearly used up. Keep a new roll at hand.'
    faults.push({ code: 'paper_low', blocking: false, message })
  }
  return faults
}
