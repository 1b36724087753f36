/** Changing the catalogue: who may, whether it fits, and what happens to a thing that is in use. */
import type { Capability } from '../../protocol/device.ts'
import { HubError } from '../../protocol/errors.ts'
import type { CatalogueKind, CatalogueThing, Product, Shop } from '../../protocol/till/catalogue.ts'
import { mustHaveDevice } from '../devices.ts'
import type { PeopleApi, TillCaller, TillParams, TillResult, TillTools } from '../parts.ts'
import { type Catalogue, shopThing } from './catalogue.ts'
import { check, smallReferrer } from './checks.ts'
import { isSmall } from './memory.ts'

/** Orders keep pointing at them: a used one is put away instead of removed. */
const putAway: ReadonlySet<CatalogueKind> = new Set(['product', 'customer', 'register', 'paymentMethod'])

/** Fields that name a device, and what it must be able to do. */
const devicesOf: { [K in CatalogueKind]?: readonly (readonly [field: string, capability: Capability])[] } = {
  register: [
    ['printer', 'printing'],
    ['drawer', 'drawer'],
    ['scale', 'weighing'],
    ['display', 'displaying'],
  ],
  kitchen: [['printer', 'printing']],
  paymentMethod: [['terminal', 'paying']],
}

export class CatalogueChanges {
  readonly #tools: TillTools
  readonly #catalogue: Catalogue
  readonly #people: () => PeopleApi

  constructor(tools: TillTools, catalogue: Catalogue, people: () => PeopleApi) {
    this.#tools = tools
    this.#catalogue = catalogue
    this.#people = people
  }

  async putShop({ login, shop }: TillParams<'till.shop.put'>, caller: TillCaller): Promise<Shop> {
    await this.#people().authorise(caller, login, 'manager', 'change the shop')
    return this.#catalogue.inTurn(async () => {
      const before = this.#catalogue.shop
      refuseUnknownZone(shop.timeZone)
      if (
        (shop.currencyDigits !== before.currencyDigits || shop.currency !== before.currency) &&
        (await this.#hasOrders())
      )
        throw new HubError('till_invalid', {
          path: shop.currency === before.currency ? 'shop.currencyDigits' : 'shop.currency',
          reason: `there are orders in ${before.currency} with ${before.currencyDigits} decimals already`,
        })
      const box = shop.box ?? before.box
      await this.#catalogue.apply([shopThing({ ...shop, ...(box !== undefined && { box }) })])
      return this.#catalogue.shop
    })
  }

  async put(
    { login, thing }: TillParams<'till.catalogue.put'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.catalogue.put'>> {
    const [kind, value] = Object.entries(thing).find(([, each]) => each !== undefined) as [
      CatalogueKind,
      CatalogueThing<CatalogueKind>,
    ]
    const need = kind === 'customer' ? 'cashier' : 'manager'
    await this.#people().authorise(caller, login, need, `change a ${kind} of the catalogue`)
    return this.#catalogue.inTurn(async () => {
      await check(kind, value as never, this.#catalogue.surroundings)
      this.#refuseUnknownDevices(kind, value)
      return { revision: await this.#catalogue.apply([{ kind, thing: value }], this.#tools.clock.now()) }
    })
  }

  /** One that is named anew must be there: its receipts would go nowhere, and nobody would be told. Those that stay may be away. */
  #refuseUnknownDevices(kind: CatalogueKind, thing: CatalogueThing<CatalogueKind>): void {
    const before = isSmall(kind) ? this.#catalogue.get(kind, thing.id) : undefined
    for (const [field, capability] of devicesOf[kind] ?? []) {
      const id = (thing as Record<string, unknown>)[field]
      if (typeof id !== 'string' || id === (before as Record<string, unknown> | undefined)?.[field]) continue
      mustHaveDevice(this.#tools, id, capability, `thing.${kind}.${field}`)
    }
  }

  async remove(
    { login, kind, id }: TillParams<'till.catalogue.remove'>,
    caller: TillCaller,
  ): Promise<TillResult<'till.catalogue.remove'>> {
    await this.#people().authorise(caller, login, 'manager', `remove a ${kind} of the catalogue`)
    return this.#catalogue.inTurn(async () => {
      const thing = await this.#find(kind, id)
      const reason = await this.#inUse(kind, id)
      if (reason === undefined)
        return { revision: await this.#catalogue.applyRemoval(kind, id), inactive: false }
      if (!putAway.has(kind)) throw new HubError('till_in_use', { id, reason })
      const revision = await this.#catalogue.apply(
        [{ kind, thing: { ...thing, active: false } as { id: string } }],
        this.#tools.clock.now(),
      )
      return { revision, inactive: true }
    })
  }

  async #find(kind: CatalogueKind, id: string): Promise<{ id: string }> {
    if (isSmall(kind)) return this.#catalogue.must(kind, id)
    if (kind === 'customer') return this.#catalogue.customer(id)
    return (await this.#catalogue.products([id])).get(id) as Product
  }

  /** In English who needs it; undefined when nobody does. */
  async #inUse(kind: CatalogueKind, id: string): Promise<string | undefined> {
    const { small, store } = this.#catalogue.surroundings
    const by = smallReferrer(kind, id, small) ?? (await store.referrer(kind, id))
    if (by !== undefined) return `the ${by.kind} ${by.id} uses it`
    return (await store.used(kind, id)) ? 'it is part of orders' : undefined
  }

  async #hasOrders(): Promise<boolean> {
    const { orders } = this.#tools.store.till
    for (const state of ['paid', 'draft'] as const) {
      if ((await orders.list({ state, limit: 1 })).orders.length > 0) return true
    }
    return false
  }
}

function refuseUnknownZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw new HubError('till_invalid', {
      path: 'shop.timeZone',
      reason: `${timeZone} is not a time zone such as Europe/Berlin`,
    })
  }
}
