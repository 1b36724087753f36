/** How much of a product a scanned code stands for: a weight of a label, a count, or what is in a pack. */
import type { Product, Unit } from '../../protocol/till/catalogue.ts'
import type { CodeReading } from './codes.ts'
import { multiply, parseDecimal } from './decimal.ts'
import { convert, quantityText } from './quantity.ts'

/** The unit that labels of scales and GS1 count in. */
const kilogram = 'kg'

/**
 * In the unit of the product; undefined where the code says nothing that fits it. `found.quantity`: how many of the product the code
 * itself is on, 1 when it is no pack.
 */
export function scannedQuantity(
  { quantity, measure }: CodeReading,
  { product, quantity: inPack }: { product: Product; quantity: string },
  unitOf: (id: string) => Unit | undefined,
): string | undefined {
  const ofPack = inPack === '1' ? undefined : inPack
  if (quantity === undefined) return ofPack
  const unit = unitOf(product.unit)
  const weight = unitOf(kilogram)
  const inWeight = (of: Unit | undefined) => of !== undefined && weight?.category === of.category
  if (measure === 'kg') return inWeight(unit) ? convert(quantity, weight as Unit, unit as Unit) : ofPack
  if (measure === 'count' && inWeight(unit)) return ofPack
  return quantityText(multiply(parseDecimal(quantity), parseDecimal(inPack)))
}
