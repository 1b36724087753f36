/** The SQL of jobs: runs next to the database, takes and answers rows whose JSON stays text. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { HubError } from '../protocol/errors.ts'
import type { JobState } from '../protocol/job.ts'
import type { JobRow, storeLimits } from './store.ts'

/** A job as its columns hold it; absent is null. */
export interface JobRecord {
  id: string
  device: string
  kind: string
  fingerprint: string
  state: string
  attempts: number
  createdAt: number
  expiresAt: number
  finishedAt: number | null
  movedFrom: string | null
  client: string
  outcome: string | null
  error: string | null
  evidence: string | null
}

export type JobColumn = keyof JobRecord
export type JobChange = readonly [column: JobColumn, value: string | number | null]

export type StoredJob = JobRecord & { ord: number; payload: string }

export interface JobPage {
  device: string | undefined
  state: JobState | undefined
  /** Rows older than this position. */
  before: number | undefined
  limit: number
}

/** A stretch of jobs that was searched: what fits, and where the next one begins when there is more to search. */
export interface SearchedJobs {
  found: StoredJob[]
  next: number | undefined
}

/** Rows that one step of a search looks at: a few milliseconds, so that no commit waits long behind it. */
export const searchStepRows = 5_000

/** Rows deleted by one step of pruning: a few milliseconds, so that nobody waits long behind it. */
export const pruneStepRows = 200
/** Payload characters in one slice of a long answer. */
const sliceCharsMax = 4_000_000

const columnNames: Readonly<Record<JobColumn, string>> = {
  id: 'id',
  device: 'device',
  kind: 'kind',
  fingerprint: 'fingerprint',
  state: 'state',
  attempts: 'attempts',
  createdAt: 'created_at',
  expiresAt: 'expires_at',
  finishedAt: 'finished_at',
  movedFrom: 'moved_from',
  client: 'client',
  outcome: 'outcome_json',
  error: 'error_json',
  evidence: 'evidence',
}
const columns = Object.keys(columnNames) as JobColumn[]
const selected = columns.map((column) => `${columnNames[column]} AS "${column}"`).join(', ')
const withoutPayload = `SELECT ord, ${selected}, '' AS payload FROM jobs`
const withPayload = `SELECT ord, ${selected}, payload FROM jobs JOIN job_payloads USING (ord)`
/** What a text is looked for in, the likeliest first. */
const searched = ['id', 'small_letters(client)', 'kind', 'device', "error_json ->> '$.code'"] as const
const anyContains = `(${searched.map((each) => `${each} LIKE ? ESCAPE '\\'`).join(' OR ')})`
const likePattern = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
const unended = `state IN ('pending', 'running')`
const ended = `state NOT IN ('pending', 'running')`
const endedAt = 'coalesce(finished_at, created_at)'

type Limits = Pick<typeof storeLimits, 'endedJobsMax' | 'endedJobAgeMsMax'>

export function jobOperations(db: DatabaseSync, limits: { [K in keyof Limits]: number }) {
  const prepared = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    let statement = prepared.get(sql)
    if (statement === undefined) {
      statement = db.prepare(sql)
      prepared.set(sql, statement)
    }
    return statement
  }
  const rows = (statement: StatementSync, ...args: (string | number)[]) =>
    statement.all(...args) as unknown as StoredJob[]

  const conditionsOf = ({ device, state, before }: JobPage) => {
    const conditions: string[] = []
    const args: (string | number)[] = []
    if (device !== undefined) {
      conditions.push('device = ?')
      args.push(device)
    }
    // Written out, because only then SQLite may use an index that leaves the done ones out.
    if (state !== undefined) conditions.push(`state = '${knownState(state)}'`)
    if (before !== undefined) {
      conditions.push('ord < ?')
      args.push(before)
    }
    return { conditions, args }
  }

  // SQLite knows capitals of ASCII only; only names of clients have others.
  db.function('small_letters', { deterministic: true }, (text) => String(text).toLowerCase())
  const selectNewest = db.prepare('SELECT max(ord) AS ord FROM jobs')
  const selectOldest = db.prepare('SELECT min(ord) AS ord FROM jobs')
  const insertJob = db.prepare(
    `INSERT INTO jobs (${columns.map((column) => columnNames[column]).join(', ')})
     VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING RETURNING ord`,
  )
  const insertPayload = db.prepare('INSERT INTO job_payloads (ord, payload) VALUES (?, ?)')
  const selectOne = db.prepare(`${withPayload} WHERE id = ?`)
  const selectUnended = db.prepare(`${withPayload} WHERE ${unended} AND ord > ? ORDER BY ord`)
  const selectEnded = db.prepare(
    `${withoutPayload} WHERE ${ended} AND ${endedAt} >= ? ORDER BY ${endedAt}, ord LIMIT ?`,
  )
  const countEnded = db.prepare(`SELECT count(*) AS count FROM jobs WHERE ${ended}`)
  const oldestEnded = `SELECT ord FROM jobs WHERE ${ended}`
  const deleteAged = db.prepare(
    `DELETE FROM jobs WHERE ord IN (${oldestEnded} AND ${endedAt} < ? ORDER BY ${endedAt} LIMIT ?)`,
  )
  const deleteOldest = db.prepare(
    `DELETE FROM jobs WHERE ord IN (${oldestEnded} ORDER BY ${endedAt}, ord LIMIT ?)`,
  )

  return {
    reads: {
      'jobs.get': (id: string) => selectOne.get(id) as unknown as StoredJob | undefined,

      'jobs.list': (page: JobPage) => {
        const { conditions, args } = conditionsOf(page)
        const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
        return rows(prepare(`${withoutPayload}${where} ORDER BY ord DESC LIMIT ?`), ...args, page.limit)
      },

      /** One step of looking for a text, newest first. */
      'jobs.search': (page: JobPage & { text: string }): SearchedJobs => {
        const newest = Number(selectNewest.get()?.ord ?? 0)
        const before = Math.min(page.before ?? newest + 1, newest + 1)
        const from = before - searchStepRows
        const { conditions, args } = conditionsOf({ ...page, before })
        const pattern = likePattern(page.text)
        const where = [...conditions, 'ord >= ?', anyContains].join(' AND ')
        const found = rows(
          prepare(`${withoutPayload} WHERE ${where} ORDER BY ord DESC LIMIT ?`),
          ...args,
          from,
          ...searched.map(() => pattern),
          page.limit,
        )
        const oldest = Number(selectOldest.get()?.ord ?? newest + 1)
        return { found, next: from > oldest ? from : undefined }
      },

      /** As many as fit a slice, at least one while there are any. */
      'jobs.unended': (after: number) => {
        const slice: StoredJob[] = []
        let chars = 0
        for (const row of selectUnended.iterate(after) as Iterable<unknown> as Iterable<StoredJob>) {
          slice.push(row)
          chars += row.payload.length
          if (chars >= sliceCharsMax) break
        }
        return slice
      },

      'jobs.endedSince': (since: number, limit: number) => rows(selectEnded, since, limit),
    },

    writes: {
      'jobs.insert': (job: JobRecord, payload: string): void => {
        const inserted = insertJob.get(...columns.map((column) => job[column]))
        if (inserted === undefined) throw new HubError('job_conflict', { id: job.id })
        insertPayload.run(inserted.ord as number, payload)
      },

      'jobs.update': (id: string, changes: readonly JobChange[]): void => {
        const assignments = changes.map(([column]) => `${columnNames[column]} = ?`)
        const sql = `UPDATE jobs SET ${['id = id', ...assignments].join(', ')} WHERE id = ?`
        const { changes: found } = prepare(sql).run(...changes.map(([, value]) => value), id)
        if (found === 0) throw new HubError('job_unknown', { id })
      },

      /** One step. Answers how many were dropped; fewer than `pruneStepRows` when nothing is left to drop. */
      'jobs.prune': (now: number): number => {
        const aged = Number(deleteAged.run(now - limits.endedJobAgeMsMax, pruneStepRows).changes)
        const excess = Number(countEnded.get()?.count) - limits.endedJobsMax
        const room = pruneStepRows - aged
        if (excess <= 0 || room === 0) return aged
        return aged + Number(deleteOldest.run(Math.min(excess, room)).changes)
      },
    },
  }
}

const states: ReadonlySet<string> = new Set<JobRow['state']>([
  'pending',
  'running',
  'done',
  'failed',
  'expired',
  'unknown',
])

function knownState(state: string): string {
  if (!states.has(state))
    throw new HubError('params_invalid', { path: 'state', reason: 'is no state of a job' })
  return state
}
