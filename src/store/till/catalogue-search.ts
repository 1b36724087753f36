/** Products or customers in memory, in the order in which they are shown, as text that is searched from the top. */
import type { Findable, Term } from '../../protocol/till/search-words.ts'

export interface SearchFilter {
  terms: readonly Term[]
  categories: ReadonlySet<string> | undefined
  /** Only ranks that begin with this. */
  rankPrefix: string
  limit: number
}

/** Things in one block: opening a block to change it costs by its size, searching all costs by their number. */
const blockMax = 512

/**
 * Ranks sort as shown, so a search that has found enough ends early, and one that finds nothing reads some megabytes of plain
 * text: both are a matter of milliseconds. Memory for 100,000 things is about 20 MB.
 */
export class SearchIndex {
  #blocks: Block[] = []
  readonly #blockOf = new Map<number, Block>()

  put(ord: number, { rank, names, codes, category }: Findable): void {
    this.#drop(ord)
    if (rank === null) return
    const at = this.#blockFor(rank)
    const block = this.#blocks[at] ?? new Block()
    if (this.#blocks.length === 0) this.#blocks.push(block)
    block.insert({ ord, rank, names, codes, category })
    this.#blockOf.set(ord, block)
    if (block.size <= blockMax) return
    const upper = block.split()
    for (const moved of upper.ords) this.#blockOf.set(moved, upper)
    this.#blocks.splice(at + 1, 0, upper)
  }

  /** Numbers of the things found, in the order of their rank. */
  search({ terms, categories, rankPrefix, limit }: SearchFilter): number[] {
    const found: number[] = []
    for (const block of this.#blocks) {
      if (rankPrefix !== '' && !block.ranks[0]?.startsWith(rankPrefix)) break
      for (const index of block.matches(terms)) {
        const category = block.categories[index]
        if (categories !== undefined && (category == null || !categories.has(category))) continue
        if (rankPrefix !== '' && !block.ranks[index]?.startsWith(rankPrefix)) break
        found.push(block.ords[index] as number)
        if (found.length >= limit) return found
      }
    }
    return found
  }

  #drop(ord: number): void {
    const block = this.#blockOf.get(ord)
    if (block === undefined) return
    this.#blockOf.delete(ord)
    block.remove(ord)
    if (block.size === 0) this.#blocks = this.#blocks.filter((each) => each !== block)
  }

  /** Index of the last block that begins at or before the rank. */
  #blockFor(rank: string): number {
    let low = 0
    let high = this.#blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#blocks[middle]?.ranks[0] as string) <= rank) low = middle
      else high = middle - 1
    }
    return low
  }
}

interface Entry extends Findable {
  ord: number
  rank: string
}

/** A stretch of the order. Its text is one string while it is searched, and a list while it is changed. */
class Block {
  ords: number[] = []
  ranks: string[] = []
  categories: (string | null)[] = []
  #names = new Lines()
  #codes = new Lines()

  get size(): number {
    return this.ords.length
  }

  insert({ ord, rank, names, codes, category }: Entry): void {
    let low = 0
    let high = this.ranks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.ranks[middle] as string) < rank) low = middle + 1
      else high = middle
    }
    this.ords.splice(low, 0, ord)
    this.ranks.splice(low, 0, rank)
    this.categories.splice(low, 0, category)
    this.#names.list.splice(low, 0, names)
    this.#codes.list.splice(low, 0, codes)
  }

  remove(ord: number): void {
    const index = this.ords.indexOf(ord)
    for (const list of [this.ords, this.ranks, this.categories, this.#names.list, this.#codes.list])
      list.splice(index, 1)
  }

  /** Keeps the lower half and answers the upper one. */
  split(): Block {
    const upper = new Block()
    const half = this.size >> 1
    upper.ords = this.ords.splice(half)
    upper.ranks = this.ranks.splice(half)
    upper.categories = this.categories.splice(half)
    upper.#names = new Lines(this.#names.list.splice(half))
    upper.#codes = new Lines(this.#codes.list.splice(half))
    return upper
  }

  /** Indexes of the things that have every term, in order. */
  *matches(terms: readonly Term[]): Generator<number> {
    const found = new Uint8Array(this.size)
    for (const [level, { name, code }] of terms.entries()) {
      const hits =
        (name === '' ? 0 : this.#names.mark(name, found, level)) + this.#codes.mark(code, found, level)
      if (hits === 0) return
    }
    for (let index = 0; index < found.length; index++) if (found[index] === terms.length) yield index
  }
}

/** Lines of text that are searched as one string. */
class Lines {
  #list: string[] | undefined
  #text = ''
  #starts = new Uint32Array(0)

  constructor(list: string[] = []) {
    this.#list = list
  }

  /** To be changed. */
  get list(): string[] {
    this.#list ??= this.#text === '' && this.#starts.length < 2 ? [] : this.#text.split('\n').slice(0, -1)
    return this.#list
  }

  /** Raises to `level + 1` the lines at `level` that hold the pattern; answers how many. */
  mark(pattern: string, found: Uint8Array, level: number): number {
    if (this.#list !== undefined) this.#close(this.#list)
    const text = this.#text
    const starts = this.#starts
    let hits = 0
    let line = 0
    let at = text.indexOf(pattern)
    while (at !== -1) {
      while ((starts[line + 1] as number) <= at) line++
      if (found[line] === level) {
        found[line] = level + 1
        hits++
      }
      at = text.indexOf(pattern, starts[line + 1] as number)
    }
    return hits
  }

  #close(list: readonly string[]): void {
    this.#starts = new Uint32Array(list.length + 1)
    let at = 0
    for (const [line, text] of list.entries()) {
      this.#starts[line] = at
      at += text.length + 1
    }
    this.#starts[list.length] = at
    this.#text = list.map((line) => `${line}\n`).join('')
    this.#list = undefined
  }
}
