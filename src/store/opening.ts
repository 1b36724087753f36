/** Opens books.db or events.db with its operations, in whichever thread it is called. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../protocol/errors.ts'
import { type BookLimits, bookOperations } from './books.ts'
import { moveAside, openDatabase } from './database.ts'
import { Engine } from './engine.ts'
import { type EventLimits, eventOperations, type LogOpening, type LogPosition, openLog } from './events.ts'
import { type FailureRecord, storeFailure, toFailureRecord } from './failures.ts'

export type OpenOrder =
  | { database: 'books'; file: string; limits: BookLimits }
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
    const db = openDatabase({ name: 'books', file: order.file, durability: 'FULL' })
    return { engine: startEngine(db, order.file, () => bookOperations(db, order.limits)), opened: {} }
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
