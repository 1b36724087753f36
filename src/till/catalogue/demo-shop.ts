/** What a demo begins with beside the usual things: goods to sell, on the demo's devices, so that the first sale takes a minute. */
import { type CatalogueKind, type CatalogueThing, catalogueSchemas } from '../../protocol/till/catalogue.ts'
import type { NewThing } from './defaults.ts'

const goods = [
  ['espresso', 'Espresso', 'bar', '2.20', 'vat21'],
  ['cappuccino', 'Cappuccino', 'bar', '3.10', 'vat21'],
  ['lemonade', 'Lemonade 0.3 l', 'bar', '3.40', 'vat9'],
  ['croissant', 'Butter croissant', 'bread', '1.90', 'vat9'],
  ['sourdough', 'Sourdough loaf', 'bread', '4.80', 'vat9'],
  ['focaccia', 'Focaccia with rosemary', 'bread', '3.60', 'vat9'],
  ['lasagne', 'Lasagne', 'dishes', '12.50', 'vat9'],
  ['minestrone', 'Minestrone', 'dishes', '6.20', 'vat9'],
  ['apron', 'Linen apron', 'shop', '24.00', 'vat21'],
  ['mug', 'Mug with the bridge', 'shop', '9.50', 'vat21'],
] as const
const favourites: readonly string[] = ['espresso', 'cappuccino', 'croissant']
/** EAN-13 of a country that does not give any (prefix 200 to 299 is a shop's own). */
const eans: Readonly<Record<string, string>> = { croissant: '2000000000015', mug: '2000000000022' }

export function demoThings(): NewThing[] {
  const made = <K extends CatalogueKind>(
    kind: K,
    things: readonly Partial<CatalogueThing<K>>[],
  ): NewThing[] => things.map((thing) => ({ kind, thing: catalogueSchemas[kind].parse(thing) }))
  const devices = {
    printer: 'demo-printer',
    drawer: 'demo-drawer',
    scale: 'demo-scale',
    display: 'demo-display',
  }
  return [
    ...made('tax', [
      { id: 'vat9', name: 'VAT 9 %', kind: 'percent', amount: '9', included: true, label: 'B' },
      { id: 'vat21', name: 'VAT 21 %', kind: 'percent', amount: '21', included: true, label: 'A' },
    ]),
    ...made('category', [
      { id: 'bar', name: 'Bar', sequence: 1 },
      { id: 'bread', name: 'Bread', sequence: 2 },
      { id: 'dishes', name: 'Dishes', sequence: 3 },
      { id: 'deli', name: 'Deli', sequence: 4 },
      { id: 'shop', name: 'Shop', sequence: 5 },
    ]),
    ...made(
      'product',
      goods.map(([id, name, category, price, tax], sequence) => ({
        ...{ id, name, category, price, sequence, taxes: [tax], favourite: favourites.includes(id) },
        barcodes: eans[id] === undefined ? [] : [eans[id]],
      })),
    ),
    ...made('product', [
      {
        ...{ id: 'olives', name: 'Olives', category: 'deli', price: '14.90', unit: 'kg' },
        ...{ taxes: ['vat9'], toWeigh: true },
      },
      { id: 'other', name: 'Something else', category: 'shop', taxes: ['vat21'], openPrice: true },
    ]),
    ...made('register', [
      { id: 'main', name: 'Counter', number: 1, ...devices },
      { id: 'room', name: 'Dining room', number: 2, restaurant: true, printer: 'demo-printer' },
    ]),
    ...made('floor', [{ id: 'inside', name: 'Inside' }]),
    ...made(
      'table',
      Array.from({ length: 6 }, (_, at) => ({
        ...{ id: `t${at + 1}`, name: String(at + 1), floor: 'inside', seats: at % 2 === 0 ? 4 : 2 },
        ...{
          x: 6 + (at % 3) * 32,
          y: 8 + Math.floor(at / 3) * 48,
          width: 22,
          height: 34,
          round: at % 2 === 1,
        },
      })),
    ),
    ...made('kitchen', [{ id: 'kitchen', name: 'Kitchen', printer: 'demo-printer', categories: ['dishes'] }]),
    ...made('customer', [{ id: 'ada', name: 'Ada Lovelace', phone: '+31 20 555 0123', city: 'Amsterdam' }]),
  ]
}
