/** A worker that dies, hangs or answers, as the text it is given says. */
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', ({ id, task }: { id: number; task: { lines: { path: string }[] } }) => {
  const order = task.lines[0]?.path
  if (order === 'throw') throw new Error('boom')
  if (order === 'exit') process.exit(3)
  if (order === 'memory') {
    const held: number[][] = []
    for (;;) held.push(new Array(1_000_000).fill(Math.random()))
  }
  if (order === 'hang') return
  parentPort?.postMessage({ id, bitmaps: [] })
})
