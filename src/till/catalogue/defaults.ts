/** What a new shop begins with, so that it can sell at once. */
import { createHash } from 'node:crypto'
import {
  type CatalogueKind,
  type CatalogueThing,
  catalogueSchemas,
  type Shop,
  shopSchema,
} from '../../protocol/till/catalogue.ts'
import { defaultCodeRules } from '../engine/codes.ts'

export interface NewThing {
  kind: CatalogueKind | 'shop'
  thing: { id: string }
}

/** The one shop is kept under this id. */
export const shopId = 'shop'

const boxCharacters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const boxLength = 4

/** Opens receipt numbers; from the id of the hub, so that two boxes of a shop differ, with no letter that looks like a digit. */
export function boxOf(hub: string): string {
  const bytes = createHash('sha256').update(hub).digest()
  return [...bytes.subarray(0, boxLength)].map((byte) => boxCharacters[byte % 32]).join('')
}

export const defaultShop = (hub: string): Shop => shopSchema.parse({ name: 'Shop', box: boxOf(hub) })

/** Units, ways to pay, a register, lines for discount and tip, and how codes are read. */
export function defaultThings(): NewThing[] {
  const made = <K extends CatalogueKind>(
    kind: K,
    things: readonly Partial<CatalogueThing<K>>[],
  ): NewThing[] => things.map((thing) => ({ kind, thing: catalogueSchemas[kind].parse(thing) }))
  return [
    ...made('unit', [
      { id: 'piece', name: 'Piece' },
      { id: 'kg', name: 'kg', rounding: '0.001', category: 'weight' },
    ]),
    ...made('paymentMethod', [
      { id: 'cash', name: 'Cash', kind: 'cash', sequence: 1, opensDrawer: true },
      { id: 'card', name: 'Card', kind: 'card', sequence: 2 },
    ]),
    ...made('register', [{ id: 'main', name: 'Register 1', number: 1 }]),
    ...made('product', [
      { id: 'discount', name: 'Discount', kind: 'discount' },
      { id: 'tip', name: 'Tip', kind: 'tip' },
    ]),
    ...made('nomenclatureRule', defaultCodeRules),
  ]
}
