/** Receipt numbers of this till: a block that was reserved while the hub was there, each number given once. */
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { newId } from '../../../protocol/client-core.ts'
import type { Desk, Journal, Link, Numbers } from '../contract.ts'

export const numberLimits = {
  /** How many are reserved at once. */
  block: 50,
  /** With fewer left, the next block is fetched. */
  least: 25,
} as const

interface Block {
  from: number
  until: number
  prefix: string
  next: number
}

/** As the hub writes it. */
const digits = 6

interface NumberParts {
  link: Pick<Link, 'call' | 'onFresh' | 'stage'>
  journal: Journal
  desk: Pick<Desk, 'by' | 'register' | 'stage' | 'training'>
  /** Two tabs of one browser never give the same number. */
  locks?: LockManager | undefined
}

export class NumberBlocks implements Numbers {
  readonly #parts: NumberParts
  readonly #blocks = signal<readonly Block[]>([])
  #register: string | undefined
  #fetching = false
  /** One after the other: two sales never see the same number. */
  #turn: Promise<unknown> = Promise.resolve()

  readonly left: ReadonlySignal<number> = computed(() =>
    this.#blocks.value.reduce((sum, { next, until }) => sum + until - next + 1, 0),
  )

  constructor(parts: NumberParts) {
    this.#parts = parts
  }

  start(): void {
    const { desk, link } = this.#parts
    desk.register.subscribe((register) => {
      if (register?.id === this.#register) return
      this.#register = register?.id
      this.#turn = this.#turn.then(() => this.#read()).then(() => void this.#fetch())
    })
    desk.stage.subscribe((stage) => {
      if (stage === 'open') void this.#fetch()
    })
    link.onFresh(() => void this.#fetch())
  }

  take(): Promise<{ number: number; reference: string } | undefined> {
    const taken = this.#turn.then(() =>
      this.#alone(async () => {
        // Another tab may have taken some.
        await this.#read()
        const [block, ...others] = this.#blocks.value
        const key = this.#key()
        if (block === undefined || key === undefined) return undefined
        const { next, prefix, until } = block
        const after = next === until ? others : [{ ...block, next: next + 1 }, ...others]
        // On the disk first: a page that is gone a moment later must not give it again.
        await this.#parts.journal.write(key, after)
        this.#blocks.value = after
        return { number: next, reference: `${prefix}${String(next).padStart(digits, '0')}` }
      }),
    )
    this.#turn = taken.catch(() => undefined)
    void taken.then(
      () => this.#fetch(),
      () => undefined,
    )
    return taken
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const { locks } = this.#parts
    return locks === undefined ? work() : (locks.request('tillbridge.till.numbers', work) as Promise<T>)
  }

  #key(): string | undefined {
    return this.#register === undefined ? undefined : `numbers/${this.#register}`
  }

  async #read(): Promise<void> {
    const key = this.#key()
    this.#blocks.value = key === undefined ? [] : ((await this.#parts.journal.read<Block[]>(key)) ?? [])
  }

  async #fetch(): Promise<void> {
    const { desk, journal, link } = this.#parts
    const register = this.#register
    const key = this.#key()
    if (register === undefined || key === undefined || this.#fetching) return
    if (link.stage.peek() !== 'online' || desk.stage.peek() !== 'open' || desk.training.peek()) return
    await this.#turn
    if (this.left.peek() >= numberLimits.least) return
    this.#fetching = true
    try {
      const { from, prefix, until } = await link.call('till.number.reserve', {
        ...desk.by(),
        id: newId(),
        register,
        count: numberLimits.block,
      })
      if (register !== this.#register) return
      this.#turn = this.#turn.then(() =>
        this.#alone(async () => {
          await this.#read()
          const blocks = [...this.#blocks.peek(), { from, until, prefix, next: from }]
          await journal.write(key, blocks)
          this.#blocks.value = blocks
        }),
      )
      await this.#turn
    } catch {
      // Asked again with the next connection, log-in or sale.
    } finally {
      this.#fetching = false
    }
  }
}
