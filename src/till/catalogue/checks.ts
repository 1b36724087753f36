/** What a thing of the catalogue may refer to: everything that it names must be there, and nothing may go round in circles. */
import { HubError } from '../../protocol/errors.ts'
import type { CatalogueKind, CatalogueThing } from '../../protocol/till/catalogue.ts'
import type { CatalogueStore } from '../../store/store.ts'
import type { SmallThings } from './memory.ts'

/** A field that is wrong, and what to do. `path` is empty where it is the whole. */
export interface Wrong {
  path: string
  reason: string
}

type Names = readonly (readonly [path: string, kind: CatalogueKind, id: string | null | undefined])[]

/** What is checked against. */
export interface Surroundings {
  small: SmallThings
  store: CatalogueStore
}

type Check<K extends CatalogueKind> = (
  thing: CatalogueThing<K>,
  around: Surroundings,
) => Wrong | undefined | Promise<Wrong | undefined>

const each = (path: string, kind: CatalogueKind, ids: readonly string[]): Names =>
  ids.map((id, index) => [`${path}.${index}`, kind, id])

/** Every other thing that a thing names. */
const named: { [K in CatalogueKind]?: (thing: CatalogueThing<K>) => Names } = {
  tax: ({ children }) => each('children', 'tax', children),
  category: ({ parent }) => [['parent', 'category', parent]],
  product: ({ category, unit, taxes }) => [
    ['category', 'category', category],
    ['unit', 'unit', unit],
    ...each('taxes', 'tax', taxes),
  ],
  pricelist: ({ rules }) =>
    rules.flatMap(({ product, category, base }, index) => [
      [`rules.${index}.product`, 'product', product] as const,
      [`rules.${index}.category`, 'category', category] as const,
      [`rules.${index}.base`, 'pricelist', isOwnBase(base) ? null : base] as const,
    ]),
  fiscalPosition: ({ taxes }) =>
    (taxes ?? []).flatMap(({ from, to }, index) => [
      [`taxes.${index}.from`, 'tax', from] as const,
      ...each(`taxes.${index}.to`, 'tax', to),
    ]),
  customer: ({ pricelist, fiscalPosition }) => [
    ['pricelist', 'pricelist', pricelist],
    ['fiscalPosition', 'fiscalPosition', fiscalPosition],
  ],
  register: (register) => [
    ['pricelist', 'pricelist', register.pricelist],
    ...each('pricelists', 'pricelist', register.pricelists),
    ['fiscalPosition', 'fiscalPosition', register.fiscalPosition],
    ...each('fiscalPositions', 'fiscalPosition', register.fiscalPositions),
    ...each('paymentMethods', 'paymentMethod', register.paymentMethods),
    ['defaultCustomer', 'customer', register.defaultCustomer],
  ],
  table: ({ floor }) => [['floor', 'floor', floor]],
  kitchen: ({ categories }) => each('categories', 'category', categories),
}

const isOwnBase = (base: string): boolean => base === 'list' || base === 'cost'

/** What else must hold. */
const rules: { [K in CatalogueKind]?: Check<K> } = {
  unit: ({ rounding, factor }) => notPositive('rounding', rounding) ?? notPositive('factor', factor),
  tax: (tax, { small }) => {
    if (tax.kind === 'group' && tax.children.length === 0)
      return { path: 'children', reason: 'a group needs the taxes that it holds' }
    if (tax.kind !== 'group' && tax.children.length > 0)
      return { path: 'children', reason: 'only a group holds other taxes' }
    return circle(
      'children',
      tax,
      ({ children }) => children,
      (id) => small.get('tax', id),
    )
  },
  category: (category, { small }) =>
    circle(
      'parent',
      category,
      ({ parent }) => (parent === null ? [] : [parent]),
      (id) => small.get('category', id),
    ),
  product: ({ barcodes, packs }) => {
    const codes = [...barcodes, ...packs.map(({ barcode }) => barcode)]
    const twice = codes.findIndex((code, index) => codes.indexOf(code) !== index)
    if (twice === -1)
      return packs
        .map(({ quantity }, index) => notPositive(`packs.${index}.quantity`, quantity))
        .find(Boolean)
    const path = twice < barcodes.length ? `barcodes.${twice}` : `packs.${twice - barcodes.length}.barcode`
    return { path, reason: `${codes[twice]} is given twice` }
  },
  pricelist: (pricelist, { small }) => {
    const wrong = pricelist.rules.map(wrongRule).find(Boolean) ?? sameId(pricelist.rules)
    const bases = ({ rules }: CatalogueThing<'pricelist'>) =>
      rules.map(({ base }) => base).filter((base) => !isOwnBase(base))
    return wrong ?? circle('rules', pricelist, bases, (id) => small.get('pricelist', id))
  },
  nomenclatureRule: ({ pattern, kind }) => {
    const values = pattern.match(/\{[^}]*\}/g) ?? []
    if (/[{}]/.test(pattern.replace(/\{N*D*\}/, '')) || values[0] === '{}')
      return { path: 'pattern', reason: 'holds braces that are not one {NNDDD}' }
    const needsValue = kind === 'weight' || kind === 'quantity' || kind === 'price' || kind === 'discount'
    if (needsValue && values.length === 0)
      return {
        path: 'pattern',
        reason: `a rule of kind ${kind} needs the place of its value, such as {NNDDD}`,
      }
    return undefined
  },
  register: async (register, { small, store }) => {
    const other = small
      .all('register')
      .find(({ id, number }) => id !== register.id && number === register.number)
    if (other !== undefined)
      return { path: 'number', reason: `${register.number} is the number of the register ${other.id}` }
    const before = small.get('register', register.id)
    if (
      before !== undefined &&
      before.number !== register.number &&
      (await store.used('register', register.id))
    )
      return { path: 'number', reason: `is on receipts already and stays ${before.number}` }
    return undefined
  },
}

/** Answers the first field that is wrong. */
export async function wrongIn<K extends CatalogueKind>(
  kind: K,
  thing: CatalogueThing<K>,
  around: Surroundings,
): Promise<Wrong | undefined> {
  const missing = await firstMissing(named[kind]?.(thing as never) ?? [], thing.id, kind, around)
  return missing ?? (await rules[kind]?.(thing as never, around))
}

/** Throws `till_invalid`. */
export async function check<K extends CatalogueKind>(
  kind: K,
  thing: CatalogueThing<K>,
  around: Surroundings,
): Promise<void> {
  const wrong = await wrongIn(kind, thing, around)
  if (wrong !== undefined)
    throw new HubError('till_invalid', { path: `thing.${kind}.${wrong.path}`, reason: wrong.reason })
}

/** The first thing in memory that names this one. */
export function smallReferrer(
  kind: CatalogueKind,
  id: string,
  small: SmallThings,
): { kind: CatalogueKind; id: string } | undefined {
  for (const [by, names] of Object.entries(named) as [CatalogueKind, (thing: never) => Names][]) {
    if (by === 'product' || by === 'customer') continue
    for (const thing of small.all(by)) {
      const naming = names(thing as never).some(([, of, named]) => of === kind && named === id)
      if (naming && !(by === kind && thing.id === id)) return { kind: by, id: thing.id }
    }
  }
  return undefined
}

async function firstMissing(
  names: Names,
  own: string,
  ownKind: CatalogueKind,
  { small, store }: Surroundings,
): Promise<Wrong | undefined> {
  const idsOf = (wanted: CatalogueKind) =>
    names.flatMap(([, kind, id]) => (kind === wanted && id != null ? [id] : []))
  const there = async (kind: 'product' | 'customer'): Promise<Set<string>> => {
    const ids = idsOf(kind)
    if (ids.length === 0) return new Set()
    const found = await (kind === 'product' ? store.products(ids) : store.customers(ids))
    return new Set(found.map(({ id }) => id))
  }
  const large = { product: await there('product'), customer: await there('customer') }
  for (const [path, kind, id] of names) {
    if (id == null || (kind === ownKind && id === own)) continue
    const known =
      kind === 'product' || kind === 'customer' ? large[kind].has(id) : small.get(kind, id) !== undefined
    if (!known) return { path, reason: `there is no ${kind} ${id}` }
  }
  return undefined
}

/** A thing that leads back to itself. */
function circle<T extends { id: string }>(
  path: string,
  thing: T,
  next: (thing: T) => readonly string[],
  find: (id: string) => T | undefined,
): Wrong | undefined {
  const seen = new Set<string>()
  const waiting = [...next(thing)]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === thing.id) return { path, reason: `${thing.id} would lead back to itself` }
    if (seen.has(id)) continue
    seen.add(id)
    const found = find(id)
    if (found !== undefined) waiting.push(...next(found))
  }
  return undefined
}

const notPositive = (path: string, decimal: string): Wrong | undefined =>
  /^-|^0+(\.0*)?$/.test(decimal) ? { path, reason: 'must be more than 0' } : undefined

function wrongRule(rule: CatalogueThing<'pricelist'>['rules'][number], index: number): Wrong | undefined {
  const { kind, price, percent, from, until } = rule
  if (kind === 'fixed' && price === undefined)
    return { path: `rules.${index}.price`, reason: 'a fixed price is missing' }
  if (kind === 'percent' && percent === undefined)
    return { path: `rules.${index}.percent`, reason: 'the percentage is missing' }
  if (from !== undefined && until !== undefined && Date.parse(from) > Date.parse(until))
    return { path: `rules.${index}.until`, reason: 'lies before from' }
  return undefined
}

function sameId(rules: readonly { id: string }[]): Wrong | undefined {
  const seen = new Set<string>()
  for (const [index, { id }] of rules.entries()) {
    if (seen.has(id)) return { path: `rules.${index}.id`, reason: `${id} is given twice` }
    seen.add(id)
  }
  return undefined
}
