/** Runs operations on a database in groups: all that wait become one commit, each operation on its own inside it. */
import type { DatabaseSync } from 'node:sqlite'
import { type FailureRecord, spoilsTransaction, storeFailure, toFailureRecord } from './failures.ts'

/** Takes and answers plain data only: it may cross to another thread. */
export type Operation = (...args: never[]) => unknown

/** What can be asked of a database, by name. */
export interface Operations {
  /** Change nothing. */
  readonly reads: Readonly<Record<string, Operation>>
  /** Run inside a transaction. One that throws a HubError has changed nothing before. */
  readonly writes: Readonly<Record<string, Operation>>
  /** Run alone and outside the groups, in small steps: pruning, checkpoints. */
  readonly chores: Readonly<Record<string, Operation>>
  /** Called at the end of each transaction, right before its commit. */
  committing?(): void
  /** Called before the file is closed in good order. */
  closing(): void
}

export interface Request {
  id: number
  name: string
  args: readonly unknown[]
}

export interface Answer {
  id: number
  value?: unknown
  failure?: FailureRecord
}

export interface Answers {
  answers: Answer[]
  /** Commits made for these answers, and operations in them. */
  commits: number
  operations: number
}

interface Statements {
  begin: Run
  commit: Run
  rollback: Run
  savepoint: Run
  release: Run
  rollbackTo: Run
}
interface Run {
  run(): unknown
}

export class Engine {
  readonly #db: DatabaseSync
  readonly #file: string
  readonly #operations: Operations
  readonly #statements: Statements

  constructor(db: DatabaseSync, file: string, operations: Operations) {
    this.#db = db
    this.#file = file
    this.#operations = operations
    this.#statements = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      commit: db.prepare('COMMIT'),
      rollback: db.prepare('ROLLBACK'),
      savepoint: db.prepare('SAVEPOINT operation'),
      release: db.prepare('RELEASE operation'),
      rollbackTo: db.prepare('ROLLBACK TO operation'),
    }
  }

  /**
   * Runs the requests in order and gives the answers in as few messages as durability allows: reads that no write
   * precedes at once, the rest after its commit.
   */
  run(requests: readonly Request[], answer: (answers: Answers) => void): void {
    let from = 0
    while (from < requests.length) {
      const kind = this.#kindOf(requests[from]!)
      let until = from + 1
      // Reads behind a write stay in its transaction, so that all are answered in order.
      if (kind === 'read')
        while (until < requests.length && this.#kindOf(requests[until]!) === 'read') until++
      if (kind === 'write')
        while (until < requests.length && this.#kindOf(requests[until]!) !== 'chore') until++
      const part = requests.slice(from, until)
      if (kind === 'write') answer(this.#group(part))
      else answer({ answers: part.map((request) => this.#alone(request)), commits: 0, operations: 0 })
      from = until
    }
  }

  /** A last write that fails is not worth an error: the next start sees that it is missing. */
  close(): void {
    try {
      this.#operations.closing()
    } catch {
    } finally {
      this.#db.close()
    }
  }

  #kindOf({ name }: Request): 'read' | 'write' | 'chore' {
    if (name in this.#operations.writes) return 'write'
    return name in this.#operations.chores ? 'chore' : 'read'
  }

  #call(request: Request): unknown {
    const { reads, writes, chores } = this.#operations
    const operation = (reads[request.name] ?? writes[request.name] ?? chores[request.name]) as
      | ((...args: readonly unknown[]) => unknown)
      | undefined
    return operation?.(...request.args)
  }

  #alone(request: Request): Answer {
    try {
      return { id: request.id, value: this.#call(request) }
    } catch (error) {
      return this.#failed(request, error)
    }
  }

  /**
   * One transaction. Operations are written to throw only before they change something; should one break that rule
   * (a constraint nobody thought of), the group is undone and run again with a savepoint around each.
   */
  #group(requests: readonly Request[]): Answers {
    try {
      return this.#transaction(requests, (request) => this.#trusting(request))
    } catch (error) {
      this.#undo()
      if (spoilsTransaction(storeFailure(error, this.#file))) return this.#allFailed(requests, error)
    }
    try {
      return this.#transaction(requests, (request) => this.#guarded(request))
    } catch (error) {
      this.#undo()
      return this.#allFailed(requests, error)
    }
  }

  #transaction(requests: readonly Request[], run: (request: Request) => Answer): Answers {
    this.#statements.begin.run()
    const answers = requests.map(run)
    this.#operations.committing?.()
    this.#statements.commit.run()
    return { answers, commits: 1, operations: requests.length }
  }

  #trusting(request: Request): Answer {
    try {
      return { id: request.id, value: this.#call(request) }
    } catch (error) {
      const failure = storeFailure(error, this.#file)
      if (error !== failure || spoilsTransaction(failure)) throw error
      return this.#failed(request, error)
    }
  }

  #guarded(request: Request): Answer {
    this.#statements.savepoint.run()
    try {
      const answer = { id: request.id, value: this.#call(request) }
      this.#statements.release.run()
      return answer
    } catch (error) {
      if (spoilsTransaction(storeFailure(error, this.#file))) throw error
      this.#statements.rollbackTo.run()
      this.#statements.release.run()
      return this.#failed(request, error)
    }
  }

  /** SQLite has rolled back by itself after some errors. */
  #undo(): void {
    if (this.#db.isTransaction) this.#statements.rollback.run()
  }

  #allFailed(requests: readonly Request[], error: unknown): Answers {
    return { answers: requests.map((request) => this.#failed(request, error)), commits: 0, operations: 0 }
  }

  #failed(request: Request, error: unknown): Answer {
    return { id: request.id, failure: toFailureRecord(storeFailure(error, this.#file)) }
  }
}
