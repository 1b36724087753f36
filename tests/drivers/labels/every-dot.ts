/** Any picture, sent in pieces of any size to a twin with a parser of its own: every dot comes back. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Twin } from '../../../src/drivers/driver.ts'
import { type Bitmap, createBitmap, fillBlack } from '../../../src/drivers/imaging/bitmap.ts'
import { TestClock } from '../../support/clock.ts'
import { MemoryWire } from '../../support/twin-memory.ts'

/** What a label twin keeps: the labels it prints, and what it did not understand. */
interface Labelling extends Twin {
  readonly strip: { add: (label: Bitmap, copies: number) => void }
  readonly unknown: readonly unknown[]
}

export function expectEveryDot(
  createTwin: (clock: TestClock) => Labelling,
  encode: (page: Bitmap) => Uint8Array,
): void {
  const boxes = fc.array(fc.tuple(fc.nat(99), fc.nat(29), fc.nat(60), fc.nat(30)), { maxLength: 6 })
  fc.assert(
    fc.property(boxes, fc.integer({ min: 1, max: 40 }), (all, piece) => {
      const page = createBitmap(100, 30)
      for (const [x, y, w, h] of all) fillBlack(page, x, y, w, h)
      const twin = createTwin(new TestClock())
      const wire = new MemoryWire()
      twin.attach(wire)
      const seen: Bitmap[] = []
      twin.strip.add = (label) => void seen.push(label)
      const bytes = encode(page)
      for (let at = 0; at < bytes.length; at += piece) wire.send(bytes.subarray(at, at + piece))
      expect(Buffer.from(seen[0]!.data).equals(Buffer.from(page.data))).toBe(true)
      expect(twin.unknown).toEqual([])
      twin.stop()
    }),
    { numRuns: 100 },
  )
}
