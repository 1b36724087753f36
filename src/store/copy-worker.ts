/** The thread that copies the books or checks a copy: both read the whole file, and nobody else is to wait for that. */
import { parentPort, workerData } from 'node:worker_threads'
import { toHubError } from '../protocol/errors.ts'
import { type CopyAnswer, type CopyOrder, checkFile, copyFile } from './copy.ts'
import { toFailureRecord } from './failures.ts'

if (parentPort !== null) {
  const order = workerData as CopyOrder
  try {
    const schema = order.to === undefined ? checkFile(order.file) : copyFile(order.file, order.to)
    parentPort.postMessage({ schema } satisfies CopyAnswer)
  } catch (error) {
    parentPort.postMessage({ failed: toFailureRecord(toHubError(error)) } satisfies CopyAnswer)
  }
}
