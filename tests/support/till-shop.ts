/** A shop with everything a selling screen has to cope with, put in through the public door: for tests and pictures of the till. */
import type { HubClient } from '../../src/protocol/client.ts'
import type { Params } from '../../src/protocol/methods.ts'

type Thing = Params<'till.catalogue.put'>['thing']

const categories = [
  ['drinks', 'Drinks', null],
  ['hot', 'Hot drinks', 'drinks'],
  ['bakery', 'Bakery', null],
  ['fruit', 'Fruit and vegetables', null],
  ['household', 'Household', null],
  ['clothes', 'Clothes', null],
  ['kitchen', 'Warm kitchen', null],
] as const

/** id, name, category, price, tax: all taxes are included. Prices in major units. */
const simple = [
  ['milk', 'Milk 1 l', 'drinks', '1.99', 'vat9'],
  ['water', 'Spring water 0.5 l', 'drinks', '0.99', 'vat9'],
  ['cola', 'Cola 0.33 l', 'drinks', '1.50', 'vat21'],
  ['wine', 'Red wine 0.75 l', 'drinks', '12.50', 'vat21'],
  ['coffee', 'Coffee', 'hot', '2.80', 'vat21'],
  ['tea', 'Tea', 'hot', '2.40', 'vat21'],
  ['bread', 'Rye bread', 'bakery', '3.45', 'vat9'],
  ['roll', 'Bread roll', 'bakery', '0.55', 'vat9'],
  [
    'cake',
    'Apple cake, a slice with whipped cream and cinnamon, by the baker next door',
    'bakery',
    '4.20',
    'vat9',
  ],
  ['soap', 'Soap', 'household', '2.25', 'vat21'],
  ['sponge', 'Sponges, 5 pieces', 'household', '1.79', 'vat21'],
  ['bulb', 'Light bulb', 'household', '6.95', 'vat21'],
  ['soup', 'Soup of the day', 'kitchen', '5.90', 'vat9'],
  ['steak', 'Steak with chips', 'kitchen', '18.50', 'vat9'],
  ['salad', 'Green salad', 'kitchen', '6.40', 'vat9'],
] as const

const favourites: readonly string[] = ['coffee', 'bread', 'milk']
const ean = { milk: '4006381333931', bread: '5449000000996', wine: '3057640257773', apples: '2112345000000' }

export const tillShopThings: readonly Thing[] = [
  { tax: { id: 'vat9', name: 'VAT 9 %', kind: 'percent', amount: '9', included: true, label: 'B' } },
  { tax: { id: 'vat21', name: 'VAT 21 %', kind: 'percent', amount: '21', included: true, label: 'A' } },
  ...categories.map(([id, name, parent], sequence) => ({ category: { id, name, parent, sequence } })),
  ...simple.map(([id, name, category, price, tax], sequence) => ({
    product: {
      id,
      name,
      category,
      price,
      taxes: [tax],
      sequence,
      favourite: favourites.includes(id),
      ...(id in ean && { barcodes: [ean[id as keyof typeof ean]] }),
      ...(id === 'milk' && { packs: [{ barcode: '4006381333948', quantity: '12', name: 'Crate of 12' }] }),
    },
  })),
  {
    product: {
      id: 'apples',
      name: 'Apples',
      category: 'fruit',
      price: '2.99',
      unit: 'kg',
      taxes: ['vat9'],
      toWeigh: true,
      barcodes: [ean.apples],
    },
  },
  ...(['S', 'M', 'L'] as const).map((size, sequence) => ({
    product: {
      id: `shirt-${size.toLowerCase()}`,
      name: 'T-shirt',
      template: 'shirt',
      attributes: [{ name: 'Size', value: size }],
      category: 'clothes',
      price: '15.00',
      taxes: ['vat21'],
      sequence,
    },
  })),
  {
    product: {
      id: 'phone',
      name: 'Telephone',
      category: 'household',
      price: '199.00',
      taxes: ['vat21'],
      tracking: 'serial',
    },
  },
  { product: { id: 'misc', name: 'Other goods', category: 'household', taxes: ['vat21'], openPrice: true } },
  {
    pricelist: {
      id: 'members',
      name: 'Members',
      rules: [{ id: 'all', kind: 'percent', percent: '10' }],
    },
  },
  { fiscalPosition: { id: 'takeaway', name: 'Takeaway', taxes: [{ from: 'vat21', to: ['vat9'] }] } },
  { paymentMethod: { id: 'cash', name: 'Cash', kind: 'cash', sequence: 1, opensDrawer: true } },
  { paymentMethod: { id: 'card', name: 'Card', kind: 'card', sequence: 2 } },
  { paymentMethod: { id: 'voucher', name: 'Meal voucher', kind: 'bank', sequence: 3, needsReference: true } },
  { paymentMethod: { id: 'account', name: 'On account', kind: 'account', sequence: 4, needsCustomer: true } },
  {
    customer: {
      id: 'ada',
      name: 'Ada Lovelace',
      phone: '+31 20 555 0123',
      email: 'ada@example.org',
      city: 'Amsterdam',
      barcode: '0421234567890',
      pricelist: 'members',
    },
  },
  { customer: { id: 'acme', name: 'Acme Trading Company of the Lower Rhine', company: true, vat: 'NL0001' } },
]

/** With the devices of a demo hub. */
export const counterDevices = {
  printer: 'demo-printer',
  drawer: 'demo-drawer',
  scale: 'demo-scale',
  display: 'demo-display',
} as const

/** Register `main`: a shop's counter. */
export const counterRegister = (
  devices: Partial<Record<keyof typeof counterDevices, string>> = {},
): Thing => ({
  register: {
    id: 'main',
    name: 'Front counter',
    number: 1,
    pricelists: ['members'],
    fiscalPositions: ['takeaway'],
    ...devices,
  },
})

/** Register `room` with two floors and tables; the kitchen prints on the given printer. */
export const restaurantThings = (printer?: string): readonly Thing[] => [
  { register: { id: 'room', name: 'Dining room', number: 2, restaurant: true } },
  { floor: { id: 'inside', name: 'Inside', sequence: 1 } },
  { floor: { id: 'terrace', name: 'Terrace', sequence: 2 } },
  ...Array.from({ length: 8 }, (_, index) => ({
    table: {
      id: `t${index + 1}`,
      name: String(index + 1),
      floor: index < 6 ? 'inside' : 'terrace',
      seats: index % 2 === 0 ? 4 : 2,
      x: 6 + (index % 3) * 32,
      y: 8 + Math.floor((index % 6) / 3) * 46,
      width: 22,
      height: 34,
      round: index % 2 === 1,
    },
  })),
  ...(printer === undefined
    ? []
    : [{ kitchen: { id: 'kitchen', name: 'Kitchen', printer, categories: ['kitchen'] } }]),
]

export const employees = {
  mia: { id: 'mia', name: 'Mia Manager', right: 'manager', pin: '1234', badge: '0410000000017' },
  cas: { id: 'cas', name: 'Cas Cashier', right: 'cashier', pin: '2580' },
  ann: { id: 'ann', name: 'Ann Assistant', right: 'minimal', pin: '1111' },
} as const

/** Fills a shop; the client is a technician's. Again is no harm. */
export async function fillTillShop(
  client: HubClient,
  things: readonly Thing[] = tillShopThings,
): Promise<void> {
  for (const thing of things) await client.call('till.catalogue.put', { thing })
}

export async function hireAll(client: HubClient): Promise<void> {
  for (const employee of Object.values(employees)) await client.call('till.employee.put', { employee })
}
