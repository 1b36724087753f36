/** The till's part of the store, put together: the SQL for the thread, the contract for everybody else. */
import type { DatabaseSync } from 'node:sqlite'
import type { BookLimits, Books } from '../books.ts'
import type { Append } from '../ledger.ts'
import { catalogueOperations } from './catalogue.ts'
import { catalogueOver } from './catalogue-store.ts'
import type { TillStore } from './contract.ts'
import { drawerOperations, drawersOver } from './drawers.ts'
import { orderOperations } from './orders.ts'
import { ordersOver, sessionsOver } from './orders-store.ts'
import { outboxOperations, outboxOver } from './outbox.ts'
import { peopleOperations, peopleOver } from './people.ts'
import { reportOperations, reportsOver } from './reports.ts'
import { sessionOperations } from './sessions.ts'

export function tillOperations(db: DatabaseSync, limits: BookLimits, append: Append) {
  const catalogue = catalogueOperations(db, append)
  const people = peopleOperations(db, limits)
  const orders = orderOperations(db, append)
  const sessions = sessionOperations(db, append)
  const drawers = drawerOperations(db, append)
  const reports = reportOperations(db, append)
  const outbox = outboxOperations(db)
  return {
    reads: {
      ...catalogue.reads,
      ...people.reads,
      ...sessions.reads,
      ...orders.reads,
      ...reports.reads,
      ...outbox.reads,
    },
    writes: {
      ...catalogue.writes,
      ...people.writes,
      ...sessions.writes,
      ...drawers.writes,
      ...orders.writes,
      ...reports.writes,
      ...outbox.writes,
    },
  }
}

export function tillOver(books: Books): TillStore {
  return {
    catalogue: catalogueOver(books),
    people: peopleOver(books),
    orders: ordersOver(books),
    sessions: { ...sessionsOver(books), ...drawersOver(books) },
    reports: reportsOver(books),
    outbox: outboxOver(books),
  }
}
