/** What a scanned code means, found out without the hub, by the same rules. */
import type { Customer, NomenclatureRule, Product, Unit } from '../../../protocol/till/catalogue.ts'
import { readCode } from '../../../till/engine/codes.ts'
import { scannedQuantity } from '../../../till/engine/scanned-quantity.ts'
import type { Scanned } from '../contract.ts'

/** Where things are looked up by their codes. */
export interface CodeSources {
  productByCode(code: string): Promise<{ product: Product; quantity: string } | undefined>
  customerByCode(code: string): Promise<Customer | undefined>
  unit(id: string): Unit | undefined
}

/** Receipts are known to the hub only: here they are unknown. */
export async function scannedIn(
  code: string,
  rules: readonly NomenclatureRule[],
  { customerByCode, productByCode, unit }: CodeSources,
): Promise<Scanned> {
  let badge = false
  for (const reading of readCode(code, rules)) {
    const { discount, kind, lookups, lot, price, serial } = reading
    if (kind === 'discount' && discount !== undefined) return { kind, discount }
    badge ||= kind === 'employee'
    for (const looked of lookups) {
      if (kind === 'product') {
        const found = await productByCode(looked)
        if (found === undefined) continue
        const quantity = scannedQuantity(reading, found, unit)
        const number = serial ?? lot
        return {
          kind,
          product: found.product,
          ...(quantity !== undefined && { quantity }),
          ...(price !== undefined && { price }),
          ...(number !== undefined && { lot: number }),
        }
      }
      const customer = kind === 'customer' ? await customerByCode(looked) : undefined
      if (customer !== undefined) return { kind: 'customer', customer }
    }
  }
  return badge ? { kind: 'employee', badge: code } : { kind: 'unknown', code }
}
