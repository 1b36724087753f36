/** What a shop sells and by which rules: the things of the catalogue. Facts on the rules: docs/till-money.md. */
import { z } from 'zod'
import { deviceIdSchema } from '../device.ts'
import {
  barcodeSchema,
  moneySchema,
  noteSchema,
  priceSchema,
  quantitySchema,
  rateSchema,
  tillIdSchema,
  tillLimits,
  tillNameSchema,
} from './amounts.ts'

const id = tillIdSchema
const name = tillNameSchema
const sequence = z.int().min(0).max(1_000_000).default(0)
const active = z.boolean().default(true)
const ids = (max: number) => z.array(id).max(max).default([])

export const unitSchema = z.strictObject({
  id,
  name,
  /** The step of quantities: "1" for pieces, "0.001" for kg. */
  rounding: quantitySchema.default('1'),
  /** Units of one category convert into each other. */
  category: z.string().max(60).default('piece'),
  /** How many of the category's reference unit one of these is: "12" for a dozen. */
  factor: quantitySchema.default('1'),
})
export type Unit = z.infer<typeof unitSchema>

export const taxSchema = z.strictObject({
  id,
  name,
  /** group: only its children count, in their order. */
  kind: z.enum(['percent', 'fixed', 'division', 'group']),
  /** Percent and division: the rate. Fixed: major units for one unit of quantity. */
  amount: rateSchema.default('0'),
  /** The price holds it already. */
  included: z.boolean().default(false),
  /** Later taxes are computed on a base that this one has raised. */
  affectsBase: z.boolean().default(false),
  /** Its base is raised by earlier taxes that affect the base. */
  baseAffected: z.boolean().default(true),
  /** Reverse charge: computed and taken off again, so that nothing is due. */
  reverseCharge: z.boolean().default(false),
  sequence,
  children: ids(tillLimits.taxesMax),
  /** What the tax table of the receipt calls it: "A", "21 %". */
  label: z.string().max(20).optional(),
})
export type Tax = z.infer<typeof taxSchema>

export const categorySchema = z.strictObject({
  id,
  name,
  parent: id.nullable().default(null),
  sequence,
  colour: z.string().max(20).optional(),
  picture: z.string().max(200).optional(),
})
export type Category = z.infer<typeof categorySchema>

export const productSchema = z.strictObject({
  id,
  name,
  /** The shop's own number. */
  reference: z.string().max(60).optional(),
  category: id.nullable().default(null),
  /** Of one unit; including those taxes that are included. */
  price: priceSchema.default('0'),
  cost: priceSchema.optional(),
  unit: id.default('piece'),
  taxes: ids(tillLimits.taxesMax),
  barcodes: z.array(barcodeSchema).max(tillLimits.barcodesMax).default([]),
  /** Barcodes of packs: scanning one sells `quantity` of the product. */
  packs: z
    .array(z.strictObject({ barcode: barcodeSchema, quantity: quantitySchema, name: name.optional() }))
    .max(tillLimits.barcodesMax)
    .default([]),
  /** Variants of one thing share the id of their template. */
  template: id.optional(),
  /** What makes it this variant: [{"name":"Size","value":"M"}]. */
  attributes: z
    .array(z.strictObject({ name, value: name }))
    .max(10)
    .default([]),
  /** goods move stock; service does not; discount, tip and rounding are for lines of that kind. */
  kind: z.enum(['goods', 'service', 'discount', 'tip']).default('goods'),
  toWeigh: z.boolean().default(false),
  tracking: z.enum(['none', 'lot', 'serial']).default('none'),
  /** The price is asked for at the till. */
  openPrice: z.boolean().default(false),
  favourite: z.boolean().default(false),
  sequence,
  active,
  picture: z.string().max(200).optional(),
  note: noteSchema.optional(),
})
export type Product = z.infer<typeof productSchema>

export const priceRuleSchema = z.strictObject({
  id,
  /** Which products: the narrowest given counts; none for all. */
  product: id.optional(),
  template: id.optional(),
  category: id.optional(),
  minQuantity: quantitySchema.default('0'),
  /** Both inclusive; evaluated at the moment of the sale. */
  from: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  kind: z.enum(['fixed', 'percent', 'formula']),
  /** fixed: the price. */
  price: priceSchema.optional(),
  /** percent and formula: what is taken off the base, in percent; negative adds. */
  percent: rateSchema.optional(),
  /** list: the product's price. cost: its cost. Otherwise the id of a pricelist. */
  base: id.default('list'),
  /** formula: price after percent is rounded to a multiple of this, */
  roundTo: priceSchema.optional(),
  /** then this is added, */
  surcharge: priceSchema.optional(),
  /** and the result is held between base + minMargin and base + maxMargin. */
  minMargin: priceSchema.optional(),
  maxMargin: priceSchema.optional(),
})
export type PriceRule = z.infer<typeof priceRuleSchema>

export const pricelistSchema = z.strictObject({
  id,
  name,
  rules: z.array(priceRuleSchema).max(100_000).default([]),
})
export type Pricelist = z.infer<typeof pricelistSchema>

export const fiscalPositionSchema = z.strictObject({
  id,
  name,
  /** A tax that is not named stays. null removes every tax. */
  taxes: z
    .array(z.strictObject({ from: id, to: z.array(id).max(tillLimits.taxesMax) }))
    .max(500)
    .nullable()
    .default([]),
})
export type FiscalPosition = z.infer<typeof fiscalPositionSchema>

export const paymentMethodSchema = z.strictObject({
  id,
  name,
  /** account: the customer pays later. card: with a terminal when it names a device, else on a terminal that stands alone. */
  kind: z.enum(['cash', 'card', 'bank', 'account']),
  sequence,
  terminal: deviceIdSchema.optional(),
  /** Only with a customer. */
  needsCustomer: z.boolean().default(false),
  /** A card may be charged more than is due, and the rest paid out in cash. */
  overpay: z.boolean().default(false),
  /** The number that the terminal printed must be typed in. */
  needsReference: z.boolean().default(false),
  opensDrawer: z.boolean().default(false),
  active,
})
export type PaymentMethod = z.infer<typeof paymentMethodSchema>

export const customerSchema = z.strictObject({
  id,
  name,
  phone: z.string().max(60).optional(),
  email: z.string().max(200).optional(),
  vat: z.string().max(40).optional(),
  street: z.string().max(200).optional(),
  zip: z.string().max(20).optional(),
  city: z.string().max(100).optional(),
  country: z.string().max(60).optional(),
  barcode: barcodeSchema.optional(),
  company: z.boolean().default(false),
  pricelist: id.nullable().default(null),
  fiscalPosition: id.nullable().default(null),
  /** Open on account, at most, in minor units; absent for no limit. */
  creditLimit: moneySchema.optional(),
  note: noteSchema.optional(),
  active,
})
export type Customer = z.infer<typeof customerSchema>

export const nomenclatureRuleSchema = z.strictObject({
  id,
  sequence,
  kind: z.enum(['product', 'weight', 'quantity', 'price', 'discount', 'customer', 'employee', 'receipt']),
  /** Digits and letters as they are, `.` for any one, `.*` for the rest, `{NNDDD}` for the value: N whole, D decimal digits. */
  pattern: z.string().min(1).max(60),
  /** Check digits of EAN are made anew for the lookup. */
  encoding: z.enum(['any', 'ean13', 'ean8']).default('any'),
})
export type NomenclatureRule = z.infer<typeof nomenclatureRuleSchema>

export const cashRoundingSchema = z.strictObject({
  /** The smallest step in minor units: 5 for 0.05. */
  step: z.int().min(1).max(100_000),
  method: z.enum(['up', 'down', 'nearest']),
  /** True: only what is paid in cash is rounded. */
  cashOnly: z.boolean().default(true),
})
export type CashRounding = z.infer<typeof cashRoundingSchema>

export const registerSchema = z.strictObject({
  id,
  name,
  /** Part of every receipt number of this register; never given to another one. */
  number: z.int().min(1).max(999),
  printer: deviceIdSchema.optional(),
  drawer: deviceIdSchema.optional(),
  scale: deviceIdSchema.optional(),
  display: deviceIdSchema.optional(),
  cashRounding: cashRoundingSchema.nullable().default(null),
  pricelist: id.nullable().default(null),
  pricelists: ids(50),
  fiscalPosition: id.nullable().default(null),
  fiscalPositions: ids(50),
  /** Methods offered, in their order; empty for all. */
  paymentMethods: ids(50),
  defaultCustomer: id.nullable().default(null),
  /** The difference that a cashier may close with, in minor units; absent for any. */
  authorisedDifference: z.int().min(0).max(tillLimits.amountMax).optional(),
  /** What should be in the drawer is not told before it was counted. */
  blindCount: z.boolean().default(false),
  /** Only managers change prices. */
  priceControl: z.boolean().default(false),
  /** A weight that no scale gave needs a manager. */
  weighOnly: z.boolean().default(false),
  /** Print the receipt when an order is paid. */
  autoPrint: z.boolean().default(true),
  restaurant: z.boolean().default(false),
  /** A session older than this must be closed before selling goes on, in hours. */
  sessionHoursMax: z
    .int()
    .min(1)
    .max(24 * 31)
    .optional(),
  header: z.string().max(1_000).optional(),
  footer: z.string().max(1_000).optional(),
  active,
})
export type Register = z.infer<typeof registerSchema>

export const shopSchema = z.strictObject({
  name,
  /** Lines of the address. */
  address: z.array(z.string().max(100)).max(8).default([]),
  vat: z.string().max(40).optional(),
  phone: z.string().max(60).optional(),
  website: z.string().max(200).optional(),
  /** ISO 4217. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'is not a currency code such as EUR')
    .default('EUR'),
  /** Digits of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD. */
  currencyDigits: z.int().min(0).max(4).default(2),
  /** Decimals of prices of one unit. */
  priceDigits: z.int().min(0).max(6).default(2),
  /** per-tax: each tax is rounded once for the order. per-line: on each line. */
  taxRounding: z.enum(['per-tax', 'per-line']).default('per-tax'),
  /** Language of what is printed. */
  language: z.enum(['en', 'de', 'fr', 'es', 'nl']).default('en'),
  /** For days and hours of receipts and reports. */
  timeZone: z.string().max(60).default('UTC'),
  /** Base64 of a PNG at the top of receipts. */
  logo: z.string().max(400_000).optional(),
  /** Address with `{id}` in it, printed as a QR code, where a customer gets an invoice. */
  invoiceUrl: z.string().max(300).optional(),
  /** Opens every receipt number; given at the first start, never two boxes of a shop alike. */
  box: z
    .string()
    .regex(/^[A-Z0-9]{1,6}$/, 'is not 1 to 6 capital letters or digits')
    .optional(),
  /** Who may do what when there are no employees. */
  withoutEmployees: z.enum(['cashier', 'manager']).default('manager'),
  /** Largest payment without a question: this many times the total, in whole. */
  overpayFactor: z.int().min(2).max(100_000).default(1_000),
})
export type Shop = z.infer<typeof shopSchema>

export const floorSchema = z.strictObject({ id, name, sequence, colour: z.string().max(20).optional() })
export type Floor = z.infer<typeof floorSchema>

export const tableSchema = z.strictObject({
  id,
  name: z.string().trim().min(1).max(20),
  floor: id,
  seats: z.int().min(0).max(100).default(4),
  /** On the plan of the floor, in percent of its width and height. */
  x: z.number().min(0).max(100).default(0),
  y: z.number().min(0).max(100).default(0),
  width: z.number().min(1).max(100).default(10),
  height: z.number().min(1).max(100).default(10),
  round: z.boolean().default(false),
  active,
})
export type Table = z.infer<typeof tableSchema>

/** A printer of the kitchen or the bar, and what it prepares. */
export const kitchenSchema = z.strictObject({
  id,
  name,
  printer: deviceIdSchema,
  /** Categories, with those below them. */
  categories: z.array(id).max(200),
})
export type Kitchen = z.infer<typeof kitchenSchema>

/** Everything that can be put, listed and imported, by its kind. */
export const catalogueSchemas = {
  unit: unitSchema,
  tax: taxSchema,
  category: categorySchema,
  product: productSchema,
  pricelist: pricelistSchema,
  fiscalPosition: fiscalPositionSchema,
  paymentMethod: paymentMethodSchema,
  customer: customerSchema,
  nomenclatureRule: nomenclatureRuleSchema,
  register: registerSchema,
  floor: floorSchema,
  table: tableSchema,
  kitchen: kitchenSchema,
} as const
export type CatalogueKind = keyof typeof catalogueSchemas
export type CatalogueThing<K extends CatalogueKind> = z.output<(typeof catalogueSchemas)[K]>

export const catalogueKinds = Object.keys(catalogueSchemas) as [CatalogueKind, ...CatalogueKind[]]
/** Kept in memory and in the tables of small things; products and customers are looked up. */
export const smallKinds = catalogueKinds.filter((kind) => kind !== 'product' && kind !== 'customer')
export const catalogueKindSchema = z.enum(catalogueKinds)
