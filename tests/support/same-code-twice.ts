/** What every scanner makes of a code that is scanned again. */
import { expect } from 'vitest'
import { settle, type TestClock } from './clock.ts'

interface ScannerBench {
  clock: TestClock
  twin: { scan(code: string): void }
  /** The codes told so far. */
  codes(): string[]
}

/** The same code twice is two scans; `duplicateMs` drops the second within its time, at the edge. */
export async function expectSameCodeTwice(
  open: (settings?: Record<string, unknown>) => Promise<ScannerBench>,
): Promise<void> {
  const bench = await open()
  for (let count = 0; count < 3; count++) bench.twin.scan('same')
  await settle()
  expect(bench.codes()).toEqual(['same', 'same', 'same'])
  const still = await open({ duplicateMs: 500 })
  still.twin.scan('same')
  await still.clock.advance(499)
  still.twin.scan('same')
  still.twin.scan('other')
  still.twin.scan('same')
  await still.clock.advance(499)
  expect(still.codes()).toEqual(['same', 'other', 'same'])
  await still.clock.advance(1)
  still.twin.scan('same')
  await settle()
  expect(still.codes()).toEqual(['same', 'other', 'same', 'same'])
}
