/** What this browser keeps: IndexedDB, strictly on the disk before it says so, or memory where there is none. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { HubError } from '../../../protocol/errors.ts'
import type { Journal } from '../contract.ts'

const storeName = 'kept'

type Durable = 'yes' | 'best-effort' | 'no'

/** For browsers without a database, and for programs that have none: gone with the page. */
export class MemoryJournal implements Journal {
  readonly durable: ReadonlySignal<Durable> = signal<Durable>('no')
  readonly #values = new Map<string, unknown>()

  async read<T>(key: string): Promise<T | undefined> {
    return structuredClone(this.#values.get(key)) as T | undefined
  }

  async write(key: string, value: unknown): Promise<void> {
    this.#values.set(key, structuredClone(value))
  }

  async remove(key: string): Promise<void> {
    this.#values.delete(key)
  }

  async list<T>(prefix: string): Promise<{ key: string; value: T }[]> {
    return [...this.#values]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value: structuredClone(value) as T }))
  }
}

interface Waiting {
  value: unknown
  settled: Promise<void>
}

export class BrowserJournal implements Journal {
  readonly #durable = signal<Durable>('best-effort')
  readonly #db: IDBDatabase
  readonly #running = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, Waiting>()

  constructor(db: IDBDatabase) {
    this.#db = db
  }

  get durable(): ReadonlySignal<Durable> {
    return this.#durable
  }

  /** Asks the browser not to throw it away when its disk is full. */
  async persist(storage: StorageManager | undefined): Promise<void> {
    const granted = (await storage?.persisted?.()) || (await storage?.persist?.()) || false
    this.#durable.value = granted ? 'yes' : 'best-effort'
  }

  async read<T>(key: string): Promise<T | undefined> {
    const late = this.#waiting.get(key)
    if (late !== undefined) return structuredClone(late.value) as T
    const store = this.#db.transaction(storeName).objectStore(storeName)
    return (await answerOf(store.get(key))) as T | undefined
  }

  /** While one write of a key is on its way, of all that follow only the last is written. */
  write(key: string, value: unknown): Promise<void> {
    const running = this.#running.get(key)
    const copy = structuredClone(value)
    if (running === undefined) return this.#put(key, copy)
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) {
      waiting.value = copy
      return waiting.settled
    }
    const next: Waiting = { value: copy, settled: Promise.resolve() }
    next.settled = running
      .catch(() => undefined)
      .then(() => {
        this.#waiting.delete(key)
        return this.#put(key, next.value)
      })
    this.#waiting.set(key, next)
    return next.settled
  }

  async remove(key: string): Promise<void> {
    await this.#waiting.get(key)?.settled.catch(() => undefined)
    await this.#running.get(key)?.catch(() => undefined)
    await this.#change((store) => store.delete(key))
  }

  async list<T>(prefix: string): Promise<{ key: string; value: T }[]> {
    const store = this.#db.transaction(storeName).objectStore(storeName)
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
    const [keys, values] = await Promise.all([
      answerOf(store.getAllKeys(range)),
      answerOf(store.getAll(range)),
    ])
    return keys.map((key, index) => ({ key: String(key), value: values[index] as T }))
  }

  #put(key: string, value: unknown): Promise<void> {
    const running = this.#change((store) => store.put(value, key)).finally(() => {
      if (this.#running.get(key) === running) this.#running.delete(key)
    })
    this.#running.set(key, running)
    return running
  }

  #change(act: (store: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      // `strict`: what was acknowledged is to survive a pulled plug, as far as browsers promise that.
      const transaction = this.#db.transaction(storeName, 'readwrite', { durability: 'strict' })
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(unavailable(transaction.error))
      act(transaction.objectStore(storeName))
    })
  }
}

/** The journal of this browser. Never rejects: where no database can be had, memory has to do, and `durable` says so. */
export async function openJournal(name: string, factory: IDBFactory | undefined): Promise<Journal> {
  if (factory === undefined) return new MemoryJournal()
  try {
    const opening = factory.open(name, 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(storeName)
    const db = await answerOf(opening)
    // A newer page in another tab wants to change it: this one lets go, and works on after its next load.
    db.onversionchange = () => db.close()
    return new BrowserJournal(db)
  } catch {
    return new MemoryJournal()
  }
}

export function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(unavailable(request.error))
  })
}

const unavailable = (error: unknown) =>
  new HubError('store_unavailable', {
    reason: error instanceof Error ? error.message : 'the browser refused',
  })
