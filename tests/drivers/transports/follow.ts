/** Follows what a box tells of its ports, with a clock that moves as soon as the system has told of a change. */
import type { TestClock } from '../../support/clock.ts'

interface Telling<T> {
  start(listener: (told: T) => void): Promise<void>
}

/** `next(count)` settles when the ports were told so many times; the clock moves in steps of `ms`. */
export function followPorts<T>(ports: Telling<readonly T[]>, clock: TestClock, ms: number) {
  const told: (readonly T[])[] = []
  const starting = ports.start((found) => told.push(found))
  return {
    told,
    starting,
    async next(count: number): Promise<readonly T[]> {
      while (told.length < count) {
        await new Promise((resolve) => setImmediate(resolve))
        if (clock.pending > 0) await clock.advance(ms)
      }
      return told[count - 1] ?? []
    },
  }
}
