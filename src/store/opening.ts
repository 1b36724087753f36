/** Opens books.db or events.db with its operations, in whichever thread it is called. */
import { dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../protocol/errors.ts'
import { type BookLimits, bookOperations } from './books.ts'
import { moveAside, openDatabase, openForReading } from './database.ts'
import { Engine, type Operation, type Operations } from './engine.ts'
import { type EventLimits, eventOperations, type LogOpening, type LogPosition, openLog } from './events.ts'
import { type FailureRecord, storeFailure, toFailureRecord } from './failures.ts'
import { ledgerKeyName } from './ledger-key.ts'

export interface BooksOrder {
  database: 'books'
  file: string
  limits: BookLimits
  /** Beside whoever writes, which must have made the file. */
  readOnly?: boolean
}

export type OpenOrder =
  | BooksOrder
  | { database: 'events'; file: string; limits: EventLimits; log: LogOpening }

/** What the opening found out; `position` and `replaced` are the event log's. */
export interface Opened {
  position?: LogPosition
  /** Why the file was moved aside and made anew. */
  replaced?: FailureRecord
}

/** Throws HubError `store_unavailable` or `store_corrupt`; a damaged event log is replaced instead. */
export function openEngine(order: OpenOrder): { engine: Engine; opened: Opened } {
  if (order.database === 'books') {
    if (order.readOnly) return { engine: openReading(order), opened: {} }
    const db = openDatabase({ name: 'books', file: order.file, durability: 'FULL' })
    const engine = startEngine(db, order.file, () => bookOperations(db, order.limits, keyFileOf(order.file)))
    return { engine, opened: {} }
  }
  try {
    return openEvents(order)
  } catch (error) {
    if (!(error instanceof HubError) || error.code !== 'store_corrupt') throw error
    moveAside(order.file)
    const { engine, opened } = openEvents(order)
    return { engine, opened: { ...opened, replaced: toFailureRecord(error) } }
  }
}

/** The reads of the books alone. The file must be there, as the hub has made it. */
function openReading({ file, limits }: BooksOrder): Engine {
  const db = openForReading('books', file)
  return startEngine(db, file, () => {
    const { reads, writes } = bookOperations(db, limits, undefined)
    return { reads: eachInSnapshot(db, reads), writes, chores: {}, closing() {} }
  })
}

/** Commits go on meanwhile: a read of several statements is to see one moment of the books. */
function eachInSnapshot(db: DatabaseSync, reads: Operations['reads']): Operations['reads'] {
  const [begin, end] = [db.prepare('BEGIN'), db.prepare('ROLLBACK')]
  const wrap =
    (operation: Operation): Operation =>
    (...args) => {
      begin.run()
      try {
        return operation(...args)
      } finally {
        end.run()
      }
    }
  return Object.fromEntries(Object.entries(reads).map(([name, operation]) => [name, wrap(operation)]))
}

function openEvents({ file, limits, log }: OpenOrder & { database: 'events' }): {
  engine: Engine
  opened: Opened
} {
  const db = openDatabase({ name: 'events', file, durability: 'NORMAL' })
  let position: LogPosition | undefined
  const engine = startEngine(db, file, () => {
    position = openLog(db, log)
    return eventOperations(db, limits)
  })
  return { engine, opened: position === undefined ? {} : { position } }
}

/** In the folder of the books. */
const keyFileOf = (file: string) => (file === ':memory:' ? undefined : join(dirname(file), ledgerKeyName))

function startEngine(
  db: DatabaseSync,
  file: string,
  operations: () => ConstructorParameters<typeof Engine>[2],
): Engine {
  try {
    return new Engine(db, file, operations())
  } catch (error) {
    db.close()
    throw storeFailure(error, file)
  }
}
