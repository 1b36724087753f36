/** Gives back, once, the memory that starting a thread has left behind: V8 by itself would keep it until memory is short. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Takes some 40 ms of the calling thread, so it is for a moment when nothing happens yet. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: object) => void
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
