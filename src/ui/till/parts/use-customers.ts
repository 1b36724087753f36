/** Customers as one types: the latest question only, and nothing of one that is over. */
import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Customer } from '../../../protocol/till/catalogue.ts'
import { tellError, useTill } from '../context.ts'

export const customerLimits = {
  shown: 40,
  /** A search waits so long for the next key, in ms. */
  typingMs: 60,
} as const

/** undefined until the first answer. */
export function useCustomers(text: string): ReadonlySignal<readonly Customer[] | undefined> {
  const till = useTill()
  const { clock, shelf } = till
  const found = useSignal<readonly Customer[] | undefined>(undefined)
  useEffect(() => {
    let wanted = true
    const cancel = clock.after(text === '' ? 0 : customerLimits.typingMs, () => {
      shelf.searchCustomers(text, customerLimits.shown).then(
        (customers) => {
          if (wanted) found.value = customers
        },
        (error: unknown) => {
          if (wanted) tellError(till, error)
        },
      )
    })
    return () => {
      wanted = false
      cancel()
    }
  }, [text, clock, found, shelf, till])
  return found
}
