/** What a session comes to at one moment, as it is told: X while it is open, and what Z is made of. */
import type { SessionReport } from '../../protocol/till/session.ts'
import type { SessionFigures } from '../../store/store.ts'
import { closingFigures, expectedCash } from '../engine/closing.ts'
import type { CatalogueApi } from '../parts.ts'

/** The report of an open session. `at` is ms since 1970. */
export function reportOf(
  figures: SessionFigures,
  at: number,
  catalogue: Pick<CatalogueApi, 'get'>,
): SessionReport {
  const { session, sums, cancelled, cashMoves, duplicates, firstOrder, grandTotal, lastOrder } = figures
  return {
    session,
    at: new Date(at).toISOString(),
    ...closingFigures({
      openingCounted: session.openingCounted,
      sums,
      cashMoves,
      methodOf: (id) => catalogue.get('paymentMethod', id),
      taxNameOf: (id) => catalogue.get('tax', id)?.name,
    }),
    cancelled,
    cashMoves,
    duplicates,
    grandTotal,
    firstOrder,
    lastOrder,
    closing: null,
  }
}

/** For those who count before they know: neither the cash that is expected nor the payments that it could be worked out from. */
export const blinded = (report: SessionReport): SessionReport => ({
  ...report,
  methods: [],
  cashExpected: null,
})

/**
 * What may be taken out without a manager, in minor units: what should be in the drawer. Who counts blindly is held against what
 * was put in and taken out by hand, which they know: anything that sales come into would tell the answer by refusing.
 */
export function cashOutMax({ cashExpected, cashMoves, session }: SessionReport, blind: boolean): number {
  const { openingCounted } = session
  return blind ? expectedCash({ openingCounted, payments: [], cashMoves }) : (cashExpected ?? 0)
}
