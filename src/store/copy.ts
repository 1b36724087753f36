/** A copy of the books that is whole while the hub goes on working, and the check of one that comes from elsewhere. */
import { basename } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { errorText, HubError } from '../protocol/errors.ts'
import { databaseLimits } from './database.ts'
import { type FailureRecord, storeFailure } from './failures.ts'
import { checkSchema, copyDatabase, readMigrations, schemaVersion } from './migrations.ts'

export interface CopyOrder {
  file: string
  /** Where the copy goes; without it the file is checked. */
  to?: string
}
export type CopyAnswer = { schema: number } | { failed: FailureRecord }

/**
 * Writes the books of a data folder as they are at one moment to the file `to`, which is made, private and on the disk when this
 * resolves. Answers the version of their schema. Commits go on meanwhile. Rejects with `store_unavailable` or `store_corrupt`.
 */
export const copyBooks = (dir: string, to: string): Promise<number> =>
  inThread({ file: `${dir}/books.db`, to })

/** Answers the version of the schema. Rejects with `store_corrupt` for a file that is damaged, foreign or newer than this code. */
export const checkBooks = (file: string): Promise<number> => inThread({ file })

function inThread(order: CopyOrder): Promise<number> {
  const worker = new Worker(new URL('./copy-worker.ts', import.meta.url), {
    name: 'store-copy',
    workerData: order,
  })
  return new Promise((resolve, reject) => {
    const failed = (reason: string) => reject(new HubError('store_unavailable', { reason }))
    worker.once('message', (answer: CopyAnswer) =>
      'schema' in answer ? resolve(answer.schema) : reject(HubError.fromRecord(answer.failed)),
    )
    worker.once('error', (error) => failed(errorText(error)))
    worker.once('exit', () => failed('the copying thread has ended'))
  })
}

/** In the thread. */
export function copyFile(file: string, to: string): number {
  return reading(file, (db) => {
    copyDatabase(db, to)
    return schemaVersion(db)
  })
}

/** In the thread. */
export function checkFile(file: string): number {
  return reading(file, (db) => {
    const corrupt = (reason: string) => new HubError('store_corrupt', { file: basename(file), reason })
    const finding = db.prepare('PRAGMA quick_check(1)').get()?.quick_check
    if (finding !== 'ok') throw corrupt(String(finding))
    const schema = checkSchema(db, readMigrations('books'), basename(file))
    if (schema < 1) throw corrupt('it holds no books')
    return schema
  })
}

function reading<T>(file: string, work: (db: DatabaseSync) => T): T {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: databaseLimits.busyMs })
    return work(db)
  } catch (error) {
    throw storeFailure(error, file)
  } finally {
    db?.close()
  }
}
