/** Opens the books and the event log: the only way into the store. */
import { HubError } from '../protocol/errors.ts'
import type { BookLimits, BookOperations } from './books.ts'
import { storeOver } from './books-store.ts'
import { openInline, openInWorker } from './channel.ts'
import { eventLogOver } from './event-log.ts'
import type { EventLimits, EventOperations } from './events.ts'
import { Handle, type HandleOptions, realClock } from './handle.ts'
import type { BooksOrder, OpenOrder } from './opening.ts'
import { Reader } from './reader.ts'
import { type EventLog, type Store, storeLimits } from './store.ts'

interface OpenOptions extends Pick<HandleOptions, 'clock' | 'onFailure' | 'onRecovery'> {
  /** Folder of the databases, made when it is not there; `:memory:` together with `inline` for a store without a file. */
  dir: string
  /** Runs in the calling thread, which then waits for the disk: for tests and the command line. */
  inline?: boolean
}

export interface StoreOptions extends OpenOptions {
  /** Beside whoever writes; every write is refused with `store_unavailable`. */
  readOnly?: boolean
  limits?: Partial<BookLimits>
}

export interface EventLogOptions extends OpenOptions {
  /** Of the running kernel; empty when it is not known. */
  bootId: string
  /** Makes the name of a new epoch. */
  newId(): string
  /** ms since 1970. */
  now(): number
  limits?: Partial<EventLimits>
}

/**
 * Opens `books.db`. Rejects with HubError `store_unavailable` when the disk does not allow it now (call again later), or
 * `store_corrupt` when the file is damaged or from a newer version; the file is left as it is.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const order: BooksOrder = {
    database: 'books',
    file: fileOf(options, 'books.db'),
    limits: { ...storeLimits, ...options.limits },
    readOnly: options.readOnly === true,
  }
  const reader = options.inline
    ? undefined
    : new Reader((events) => openInWorker({ ...order, readOnly: true }, events), options.clock ?? realClock)
  const books: Handle<BookOperations> = new Handle({ ...options, idle: () => books.chore('rest'), reader })
  await books.open((events) => (options.inline ? openInline(order, events) : openInWorker(order, events)))
  return storeOver(books)
}

/**
 * Opens `events.db`. A damaged log is moved to `events.db.bad` and begun anew, in a new epoch; `onFailure` is told why.
 * Rejects with HubError `store_unavailable` when the disk does not allow it now.
 */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const { bootId, newId, now, onFailure } = options
  const order: OpenOrder = {
    database: 'events',
    file: fileOf(options, 'events.db'),
    limits: { ...storeLimits, ...options.limits },
    log: { bootId, newEpoch: newId() },
  }
  const prune = async () => {
    while (await events.chore('prune', now()));
  }
  const rest = async () => {
    await prune()
    await events.chore('rest')
  }
  const events: Handle<EventOperations> = new Handle({ ...options, idle: rest })
  const { position, replaced } = await events.open((channelEvents) =>
    options.inline ? openInline(order, channelEvents) : openInWorker(order, channelEvents),
  )
  if (position === undefined) throw new HubError('internal', { reason: 'the event log has no position' })
  if (replaced !== undefined) onFailure?.(HubError.fromRecord(replaced))
  return eventLogOver(events, position, prune)
}

function fileOf({ dir, inline }: OpenOptions, name: string): string {
  return inline && dir === ':memory:' ? dir : `${dir}/${name}`
}
