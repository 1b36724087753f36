/** The thread that packs and opens backups: enciphering a shop's books is no work for the one that sells. */
import { parentPort, workerData } from 'node:worker_threads'
import { type ErrorRecord, toHubError } from '../../protocol/errors.ts'
import { type Manifest, type PackOrder, runPacking } from './pack.ts'

export type PackAnswer = { manifest: Manifest } | { failed: ErrorRecord }

if (parentPort !== null) {
  const answer = await runPacking(workerData as PackOrder).then(
    (manifest): PackAnswer => ({ manifest }),
    (error): PackAnswer => ({ failed: toHubError(error).toRecord() }),
  )
  parentPort.postMessage(answer)
}
