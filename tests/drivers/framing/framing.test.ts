/** The framers: the same frames however the bytes are cut, limits at their edge, and the end of a frame by silence. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DelimiterFramer, type DelimiterOptions } from '../../../src/drivers/framing/delimiter.ts'
import { EnclosedFramer } from '../../../src/drivers/framing/enclosed.ts'
import { IdleGap } from '../../../src/drivers/framing/idle-gap.ts'
import { TestClock } from '../../support/clock.ts'

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const text = (frame: Uint8Array) => String.fromCharCode(...frame)
const usual = [[0x0d], [0x0a], [0x0d, 0x0a], [0x09], [0x03]]

function framesOf(
  input: string,
  options: Partial<DelimiterOptions> = {},
  cuts: readonly number[] = [],
): string[] {
  const framer = new DelimiterFramer({ delimiters: usual, frameBytesMax: 64, ...options })
  const all = bytes(input)
  const frames: string[] = []
  const edges = [
    0,
    ...[...new Set(cuts.map((cut) => cut % (all.length + 1)))].sort((a, b) => a - b),
    all.length,
  ]
  for (let index = 0; index + 1 < edges.length; index++) {
    frames.push(...framer.push(all.subarray(edges[index], edges[index + 1])).map(text))
  }
  return frames
}

describe('frames that end with a delimiter', () => {
  it('[FRAME1] end at any of the delimiters, and empty ones are none', () => {
    expect(framesOf('one\rtwo\nthree\r\nfour\tfive\x03\r\r\nsix')).toEqual([
      'one',
      'two',
      'three',
      'four',
      'five',
    ])
  })

  it('[FRAME1] keep a character that is only part of a delimiter', () => {
    const crLf = { delimiters: [[0x0d, 0x0a]] }
    expect(framesOf('a\rb\nc\r\nd\r\r\n', crLf)).toEqual(['a\rb\nc', 'd\r'])
    expect(framesOf('a\nb\r\nc\rd\r\n', { delimiters: [[0x0d], [0x0d, 0x0a]] })).toEqual(['a\nb', 'c', 'd'])
  })

  it('[FRAME1] swallow the rest of a longer delimiter, however late it comes', () => {
    const framer = new DelimiterFramer({ delimiters: [[0x0d], [0x0d, 0x0a]], frameBytesMax: 8 })
    expect(framer.push(bytes('a\r')).map(text)).toEqual(['a'])
    expect(framer.flush()).toBeUndefined()
    expect(framer.push(bytes('\nb\r')).map(text)).toEqual(['b'])
  })

  it('[FRAME2] are the same however the bytes are cut', () => {
    const input = fc.string({
      unit: fc.constantFrom('a', 'b', '\r', '\n', '\t', '\x03', '\x1d'),
      maxLength: 60,
    })
    fc.assert(
      fc.property(
        input,
        fc.array(fc.nat(60), { maxLength: 20 }),
        fc.constantFrom(usual, [[0x0d, 0x0a]], [[0x0d], [0x0d, 0x0a]]),
        (line, cuts, delimiters) => {
          const options = { delimiters, frameBytesMax: 6 }
          expect(framesOf(line, options, cuts)).toEqual(framesOf(line, options))
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('[FRAME3] have a limit: at it a frame is whole, over it it is dropped whole and counted', () => {
    for (const delimiters of [[[0x0d]], [[0x0d, 0x0a]]]) {
      const end = delimiters[0]?.length === 2 ? '\r\n' : '\r'
      const framer = new DelimiterFramer({ delimiters, frameBytesMax: 5 })
      expect(framer.push(bytes(`12345${end}`)).map(text)).toEqual(['12345'])
      expect(framer.overflows).toBe(0)
      expect(framer.push(bytes(`123456${end}ok${end}`)).map(text)).toEqual(['ok'])
      expect(framer.push(bytes(`${'x'.repeat(1_000)}${end}ok${end}`)).map(text)).toEqual(['ok'])
      expect(framer.overflows).toBe(2)
    }
  })

  it('[FRAME3] are dropped too when a pause ends them over the limit', () => {
    const framer = new DelimiterFramer({ delimiters: usual, frameBytesMax: 5 })
    framer.push(bytes('123456'))
    expect(framer.flush()).toBeUndefined()
    expect(framer.overflows).toBe(1)
    framer.push(bytes('12345'))
    expect(framer.pendingBytes).toBe(5)
    expect(text(framer.flush() as Uint8Array)).toBe('12345')
    expect(framer.pendingBytes).toBe(0)
  })
})

describe('frames between two bytes', () => {
  const newFramer = (frameBytesMax = 8, mask = 0xff) =>
    new EnclosedFramer({ start: 2, end: 13, frameBytesMax, mask })

  it('[FRAME4] leave out what stands around them, and a frame that was cut off', () => {
    const framer = newFramer()
    expect(framer.push(bytes('noise\x0201.235\r\r\x0201.\x0202.000\r')).map(text)).toEqual([
      '01.235',
      '02.000',
    ])
    expect(framer.broken).toBe(1)
    expect(framer.inFrame).toBe(false)
    framer.push(bytes('\x0201'))
    expect(framer.inFrame).toBe(true)
    framer.reset()
    expect(framer.push(bytes('.235\r'))).toEqual([])
  })

  it('[FRAME4] have a limit, at its edge', () => {
    const framer = newFramer(3)
    expect(framer.push(bytes('\x02123\r')).map(text)).toEqual(['123'])
    expect(framer.push(bytes('\x021234\r\x02ok\r')).map(text)).toEqual(['ok'])
    expect(framer.broken).toBe(1)
  })

  it('[FRAME4] are found under a parity bit', () => {
    expect(newFramer(8, 0x7f).push(Uint8Array.of(0x82, 0xb1, 0x8d))).toEqual([Uint8Array.of(0xb1)])
    expect(newFramer(8, 0xff).push(Uint8Array.of(0x82, 0xb1, 0x8d))).toEqual([])
  })

  it('[FRAME2] are the same however the bytes are cut', () => {
    const input = fc.uint8Array({ maxLength: 80 }).map((raw) => raw.map((byte) => byte % 16))
    fc.assert(
      fc.property(input, fc.integer({ min: 1, max: 10 }), (line, step) => {
        const whole = newFramer().push(line)
        const framer = newFramer()
        const pieces = Array.from({ length: Math.ceil(line.length / step) }, (_, index) =>
          line.subarray(index * step, (index + 1) * step),
        )
        expect(pieces.flatMap((piece) => framer.push(piece))).toEqual(whole)
      }),
      { numRuns: 2_000 },
    )
  })
})

/** A clock whose timers fire when the test says so, as in a process that was held up. */
class HeldClock {
  now = 0
  timers: { dueAt: number; callback: () => void }[] = []
  monotonic = () => this.now
  after(ms: number, callback: () => void): () => void {
    const timer = { dueAt: this.now + ms, callback }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }
  /** Jumps to a time and only then fires what has fallen due. */
  jump(to: number): void {
    this.now = to
    const due = this.timers.filter((timer) => timer.dueAt <= to)
    this.timers = this.timers.filter((timer) => timer.dueAt > to)
    for (const timer of due) timer.callback()
  }
}

describe('the end of a frame by silence', () => {
  it('[FRAME5] comes a gap after the last byte, not before, with one timer for the burst', async () => {
    const clock = new TestClock()
    let ends = 0
    const gap = new IdleGap(clock, 50, () => ends++)
    for (let count = 0; count < 20; count++) {
      gap.touch()
      expect(clock.pending).toBe(1)
      await clock.advance(10)
    }
    await clock.advance(39)
    expect(ends).toBe(0)
    await clock.advance(1)
    expect(ends).toBe(1)
    expect(clock.pending).toBe(0)
    gap.touch()
    gap.stop()
    await clock.advance(1_000)
    expect(ends).toBe(1)
  })

  it('[FRAME6] is not believed when the process itself was held up: the rest may be waiting to be read', () => {
    const clock = new HeldClock()
    let ends = 0
    const gap = new IdleGap(clock, 50, () => ends++)
    gap.touch()
    clock.jump(400)
    expect(ends).toBe(0)
    gap.touch()
    clock.jump(449)
    expect(ends).toBe(0)
    clock.jump(450)
    expect(ends).toBe(1)
  })
})
