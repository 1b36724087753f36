/** The catalogue of the till: looking up, searching, scanning, changing, importing. */
import { z } from 'zod'
import {
  moneySchema,
  priceSchema,
  quantitySchema,
  scannedCodeSchema,
  tillIdSchema,
  tillLimits,
} from '../../till/amounts.ts'
import {
  catalogueKindSchema,
  catalogueSchemas,
  customerSchema,
  productSchema,
  shopSchema,
} from '../../till/catalogue.ts'
import { loginField } from '../../till/people.ts'
import { stockSchema } from '../../till/session.ts'
import { audited, emptySchema, everyone, method, sellers } from '../method.ts'

const searchSchema = z.strictObject({
  /** Every word must begin a word of the name, or be in a number, code, phone or e-mail address. */
  text: z.string().trim().max(tillLimits.searchCharsMax),
  category: tillIdSchema.optional(),
  favourites: z.boolean().optional(),
  limit: z.int().min(1).max(tillLimits.pageMax).default(50),
})

/** A product with its price at this moment by the pricelist asked for. */
const pricedProductSchema = z.strictObject({
  product: productSchema,
  price: priceSchema,
  /** Taxes included or not, as the product's taxes say; for one unit, in minor units. */
  gross: moneySchema,
})

/** A change of one thing, told by kind: exactly the field of its kind. */
export const thingSchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries(catalogueSchemas).map(([kind, schema]) => [kind, schema.optional()]),
    ) as {
      [K in keyof typeof catalogueSchemas]: z.ZodOptional<(typeof catalogueSchemas)[K]>
    },
  )
  .refine((thing) => Object.values(thing).filter((value) => value !== undefined).length === 1, {
    message: 'needs exactly one thing, named by its kind',
  })

export const importReportSchema = z.strictObject({
  kind: catalogueKindSchema,
  rows: z.int(),
  added: z.int(),
  changed: z.int(),
  same: z.int(),
  refused: z.int(),
  /** The first of those refused: the row as a table program counts it, the column, what to do. */
  problems: z.array(z.strictObject({ row: z.int(), column: z.string().nullable(), reason: z.string() })),
})

export const catalogueMethods = {
  'till.shop': method(everyone, 'The shop: name, currency, rounding, language', emptySchema, shopSchema),
  'till.shop.put': method(
    sellers,
    'Change the shop. Needs a manager, or a technician',
    z.strictObject({ ...loginField, shop: shopSchema }),
    shopSchema,
    audited,
  ),
  'till.catalogue': method(
    everyone,
    'All things of one kind, but products and customers: those are searched, or paged through',
    z.strictObject({
      kind: catalogueKindSchema,
      /** Only what changed after this revision. */
      since: z.int().min(0).optional(),
      after: tillIdSchema.optional(),
      limit: z.int().min(1).max(tillLimits.pageMax).default(tillLimits.pageMax),
    }),
    z.strictObject({
      things: z.array(z.record(z.string(), z.unknown())),
      /** Ids of what was removed after `since`. */
      removed: z.array(tillIdSchema),
      revision: z.int(),
      /** `after` of the next page. */
      next: tillIdSchema.optional(),
    }),
  ),
  'till.catalogue.put': method(
    sellers,
    'Add or replace a thing. Customers may be made by a cashier, everything else needs a manager or a technician',
    z.strictObject({ ...loginField, thing: thingSchema }),
    z.strictObject({ revision: z.int() }),
  ),
  'till.catalogue.remove': method(
    sellers,
    'Remove a thing that nothing refers to. Products, customers and registers that were used become inactive instead',
    z.strictObject({ ...loginField, kind: catalogueKindSchema, id: tillIdSchema }),
    z.strictObject({ revision: z.int(), inactive: z.boolean() }),
    audited,
  ),
  'till.catalogue.import': method(
    sellers,
    'Add and change many things of one kind out of CSV or JSON text. Rows that are wrong are told, the others come in',
    z.strictObject({
      ...loginField,
      kind: catalogueKindSchema,
      format: z.enum(['csv', 'json']),
      text: z.string().max(tillLimits.importBytesMax),
      /** Only looks: nothing is changed. */
      dry: z.boolean().default(false),
    }),
    importReportSchema,
    audited,
  ),
  'till.product.search': method(
    everyone,
    'Products as one types, favourites first',
    searchSchema,
    z.strictObject({ products: z.array(productSchema) }),
  ),
  'till.product.get': method(
    everyone,
    'Products with their price now',
    z.strictObject({
      ids: z.array(tillIdSchema).min(1).max(100),
      register: tillIdSchema,
      pricelist: tillIdSchema.nullable().optional(),
      quantity: quantitySchema.default('1'),
    }),
    z.strictObject({ products: z.array(pricedProductSchema) }),
  ),
  'till.customer.search': method(
    everyone,
    'Customers by name, phone, e-mail, town, VAT number or card',
    searchSchema.omit({ category: true, favourites: true }),
    z.strictObject({ customers: z.array(customerSchema) }),
  ),
  'till.customer.get': method(
    everyone,
    'Customers by their ids',
    z.strictObject({ ids: z.array(tillIdSchema).min(1).max(100) }),
    z.strictObject({ customers: z.array(customerSchema) }),
  ),
  'till.scan': method(
    everyone,
    'What a scanned code means by the rules of the shop',
    z.strictObject({ code: scannedCodeSchema, register: tillIdSchema }),
    z.strictObject({
      kind: z.enum(['product', 'customer', 'employee', 'discount', 'receipt', 'unknown']),
      product: productSchema.optional(),
      /** Of a weight, quantity or pack code. */
      quantity: quantitySchema.optional(),
      /** Of a price code: counts as set by hand. */
      price: priceSchema.optional(),
      /** In percent, for the last line. */
      discount: z.string().optional(),
      lot: z.string().optional(),
      customer: customerSchema.optional(),
      employee: tillIdSchema.optional(),
      order: tillIdSchema.optional(),
    }),
  ),
  'till.stock': method(
    everyone,
    'On hand at the last sync, and what was moved since',
    z.strictObject({ products: z.array(tillIdSchema).min(1).max(tillLimits.pageMax) }),
    z.strictObject({ stock: z.array(stockSchema) }),
  ),
  'till.stock.put': method(
    sellers,
    'What an upstream says is on hand, after it knows all moves up to now. Needs a manager or a technician',
    z.strictObject({
      ...loginField,
      stock: z
        .array(z.strictObject({ product: tillIdSchema, onHand: quantitySchema }))
        .min(1)
        .max(tillLimits.pageMax),
    }),
    emptySchema,
    audited,
  ),
} as const
