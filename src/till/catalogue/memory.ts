/** The small things of the catalogue in memory, by kind and id. */
import { HubError } from '../../protocol/errors.ts'
import { type CatalogueKind, type CatalogueThing, smallKinds } from '../../protocol/till/catalogue.ts'

export type SmallCatalogueKind = Exclude<CatalogueKind, 'product' | 'customer'>

interface Sorted {
  id: string
  name?: string
  sequence?: number
}

export class SmallThings {
  readonly #things: Map<CatalogueKind, Map<string, object>>
  readonly #sorted = new Map<CatalogueKind, readonly object[]>()

  constructor(from?: SmallThings) {
    this.#things = new Map(
      smallKinds.map((kind) => [kind, new Map(from === undefined ? [] : from.#of(kind))]),
    )
  }

  /** To try changes on. */
  copy(): SmallThings {
    return new SmallThings(this)
  }

  get<K extends SmallCatalogueKind>(kind: K, id: string): CatalogueThing<K> | undefined {
    return this.#of(kind).get(id) as CatalogueThing<K> | undefined
  }

  must<K extends SmallCatalogueKind>(kind: K, id: string): CatalogueThing<K> {
    const thing = this.get(kind, id)
    if (thing === undefined) throw new HubError('till_unknown', { kind, id })
    return thing
  }

  /** By sequence, then name. */
  all<K extends SmallCatalogueKind>(kind: K): readonly CatalogueThing<K>[] {
    let sorted = this.#sorted.get(kind)
    if (sorted === undefined) {
      sorted = ([...this.#of(kind).values()] as Sorted[]).sort(
        (a, b) =>
          (a.sequence ?? 0) - (b.sequence ?? 0) ||
          (a.name ?? '').localeCompare(b.name ?? '', 'en') ||
          (a.id < b.id ? -1 : 1),
      )
      this.#sorted.set(kind, sorted)
    }
    return sorted as readonly CatalogueThing<K>[]
  }

  set(kind: SmallCatalogueKind, thing: { id: string }): void {
    this.#of(kind).set(thing.id, thing)
    this.#sorted.delete(kind)
  }

  delete(kind: SmallCatalogueKind, id: string): void {
    this.#of(kind).delete(id)
    this.#sorted.delete(kind)
  }

  #of(kind: SmallCatalogueKind): Map<string, object> {
    return this.#things.get(kind) as Map<string, object>
  }
}

export const isSmall = (kind: CatalogueKind): kind is SmallCatalogueKind =>
  kind !== 'product' && kind !== 'customer'
