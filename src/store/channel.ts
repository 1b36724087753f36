/** The two ways from a handle to its database: a worker thread of its own, or the calling thread. */
import { Worker } from 'node:worker_threads'
import { errorText, HubError } from '../protocol/errors.ts'
import type { Answers, Request } from './engine.ts'
import type { FailureRecord } from './failures.ts'
import { type Opened, type OpenOrder, openEngine } from './opening.ts'

/** Requests that travel together. `chars` is about how much text they carry. */
export interface Batch {
  requests: Request[]
  chars: number
}

/** What the worker says. */
export type WorkerMessage = { opened: Opened } | { failed: FailureRecord } | { answers: Answers }
/** What the worker is told. */
export type WorkerOrder = Batch | 'close'

export interface ChannelEvents {
  answered(answers: Answers): void
  /** The thread has ended unasked. Nothing will be answered any more. */
  died(reason: string): void
}

export interface Channel {
  readonly opened: Opened
  post(batch: Batch): void
  /** Runs what was posted, closes the file, ends the thread. */
  close(): Promise<void>
}

/** The worker's heap. Rows pass through; the database's own memory is not part of it. */
export const workerHeap = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 } as const

/** Opens the database in a thread of its own. Rejects as `openEngine` throws. */
export async function openInWorker(order: OpenOrder, events: ChannelEvents): Promise<Channel> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: `store-${order.database}${'readOnly' in order && order.readOnly ? '-reader' : ''}`,
    workerData: order,
    resourceLimits: workerHeap,
  })
  /** Between the opening and the order to close: the time in which an end is a surprise. */
  let serving = false
  let trouble = 'the store thread has ended'
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('error', (error) => {
    trouble = `the store thread has failed: ${errorText(error)}`
  })
  const opened = await new Promise<Opened>((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      if ('answers' in message) events.answered(message.answers)
      else if ('opened' in message) resolve(message.opened)
      else reject(HubError.fromRecord(message.failed))
    })
    worker.once('exit', () => reject(new HubError('store_unavailable', { reason: trouble })))
  })
  void exited.then(() => {
    if (serving) events.died(trouble)
  })
  serving = true
  return {
    opened,
    post: (batch) => worker.postMessage(batch satisfies WorkerOrder),
    close() {
      serving = false
      worker.postMessage('close' satisfies WorkerOrder)
      return exited
    },
  }
}

/** Opens the database in the calling thread: for tests and the command line, which may wait for the disk. */
export async function openInline(order: OpenOrder, events: ChannelEvents): Promise<Channel> {
  const { engine, opened } = openEngine(order)
  return {
    opened,
    post: ({ requests }) => engine.run(requests, (answers) => events.answered(answers)),
    async close() {
      engine.close()
    },
  }
}
