/** The thread that waits for the disk: takes everything that is waiting, runs it as one commit, answers. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { toHubError } from '../protocol/errors.ts'
import type { WorkerMessage, WorkerOrder } from './channel.ts'
import { collectGarbage } from './collect-garbage.ts'
import type { Engine, Request } from './engine.ts'
import { toFailureRecord } from './failures.ts'
import { type OpenOrder, openEngine } from './opening.ts'
import { storeLimits } from './store.ts'

/** Text taken into one commit: keeps the small heap of this thread safe from many large payloads at once. */
const groupCharsMax = 8_000_000

/** Not while the hub starts, and before a shop opens. */
const tidyAfterMs = 3_000

function serve(port: MessagePort, engine: Engine): void {
  port.on('message', (first: WorkerOrder) => {
    let order: WorkerOrder | undefined = first
    while (order !== undefined) {
      const group: Request[] = []
      let chars = 0
      while (
        order !== undefined &&
        order !== 'close' &&
        group.length < storeLimits.groupOpsMax &&
        chars < groupCharsMax
      ) {
        group.push(...order.requests)
        chars += order.chars
        order = receiveMessageOnPort(port)?.message as WorkerOrder | undefined
      }
      engine.run(group, (answers) => port.postMessage({ answers } satisfies WorkerMessage))
      if (order === 'close') {
        port.close()
        engine.close()
        return
      }
    }
  })
}

if (parentPort !== null) {
  try {
    const { engine, opened } = openEngine(workerData as OpenOrder)
    serve(parentPort, engine)
    parentPort.postMessage({ opened } satisfies WorkerMessage)
    setTimeout(collectGarbage, tidyAfterMs).unref()
  } catch (error) {
    parentPort.postMessage({ failed: toFailureRecord(toHubError(error)) } satisfies WorkerMessage)
    parentPort.close()
  }
}
