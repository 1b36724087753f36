/** What comes back from a printer, byte by byte: reports told apart, in step again after noise, faults in plain words. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReplyParser, type Report, replyLimits } from '../../../src/drivers/printers/escpos/replies.ts'
import {
  drawerOpen,
  faultsOf,
  statusOfAuto,
  unknownStatus,
  withRealTime,
} from '../../../src/drivers/printers/escpos/status.ts'

const text = (block: string) => [...block].map((character) => character.charCodeAt(0))

function parse(bytes: number[], expected: { realTime?: (1 | 2 | 3 | 4)[]; bytes?: number } = {}): Report[] {
  const parser = new ReplyParser()
  for (const question of expected.realTime ?? []) parser.expectRealTime(question)
  for (let i = 0; i < (expected.bytes ?? 0); i++) parser.expectByte()
  return parser.push(Uint8Array.from(bytes), 0)
}

describe('telling replies apart', () => {
  it('[ESC30] automatic status is four bytes whose first has 10h under the mask 93h', () => {
    expect(parse([0x14, 0x00, 0x00, 0x0f])).toEqual([{ kind: 'auto', bytes: [0x14, 0, 0, 0x0f] }])
  })

  it('[ESC30] every first byte of the mask opens an automatic status, and no other byte does', () => {
    let opened = 0
    for (let byte = 0; byte < 256; byte++) {
      const reports = parse([byte, 0, 0, 0])
      const isAuto = reports.some((report) => report.kind === 'auto')
      expect(isAuto, byte.toString(16)).toBe((byte & 0x93) === 0x10)
      if (isAuto) opened++
    }
    expect(opened).toBe(16)
  })

  it('[ESC31] a real-time answer counts only when one was asked for, in the order asked', () => {
    expect(parse([0x12, 0x7e], { realTime: [1, 4] })).toEqual([
      { kind: 'realtime', question: 1, value: 0x12 },
      { kind: 'realtime', question: 4, value: 0x7e },
    ])
    expect(parse([0x12])).toEqual([{ kind: 'noise', bytes: 1 }])
  })

  it('[ESC31] a byte with bit 4 clear is an answer in its turn when one is owed, else noise', () => {
    expect(parse([0x00, 0x0c], { bytes: 1 })).toEqual([
      { kind: 'byte', value: 0 },
      { kind: 'noise', bytes: 1 },
    ])
  })

  it('[ESC30] XON and XOFF may stand between the bytes of an automatic status', () => {
    expect(parse([0x14, 0x13, 0x00, 0x11, 0x00, 0x0f])).toEqual([
      { kind: 'flow', go: false },
      { kind: 'flow', go: true },
      { kind: 'auto', bytes: [0x14, 0, 0, 0x0f] },
    ])
  })

  it('[ESC31] an asked-for real-time answer between the bytes of an automatic status is taken out of it', () => {
    expect(parse([0x14, 0x00, 0x16, 0x00, 0x0f], { realTime: [1] })).toEqual([
      { kind: 'realtime', question: 1, value: 0x16 },
      { kind: 'auto', bytes: [0x14, 0, 0, 0x0f] },
    ])
  })

  it('[ESC32] blocks run from their header to NUL', () => {
    expect(parse([0x5f, ...text('TM-m30'), 0])).toEqual([{ kind: 'block', header: 0x5f, text: 'TM-m30' }])
    expect(parse([0x37, ...text('"aB3z'), 0])).toEqual([{ kind: 'block', header: 0x37, text: '"aB3z' }])
    for (const header of [0x35, 0x3b, 0x3d]) {
      expect(parse([header, 0x40, 0])).toEqual([{ kind: 'block', header, text: '@' }])
    }
  })

  it('[ESC32] a block is at most 128 bytes long; the next report is read right', () => {
    const { blockBytesMax } = replyLimits
    const longest = Array<number>(blockBytesMax).fill(0x41)
    expect(parse([0x5f, ...longest, 0])).toEqual([
      { kind: 'block', header: 0x5f, text: 'A'.repeat(blockBytesMax) },
    ])
    const reports = parse([0x5f, ...longest, 0x41, 0x14, 0, 0, 0x0f])
    expect(reports.filter(({ kind }) => kind === 'block')).toEqual([])
    expect(reports.at(-1)).toEqual({ kind: 'auto', bytes: [0x14, 0, 0, 0x0f] })
  })

  it('[ESC33] a report that was cut off is dropped and the next one opens in its place', () => {
    expect(parse([0x14, 0x00, 0x1c, 0x00, 0x0c, 0x0f])).toEqual([
      { kind: 'noise', bytes: 2 },
      { kind: 'auto', bytes: [0x1c, 0, 0x0c, 0x0f] },
    ])
    expect(parse([0x5f, 0x41, 0x14, 0, 0, 0x0f])).toEqual([
      { kind: 'noise', bytes: 2 },
      { kind: 'auto', bytes: [0x14, 0, 0, 0x0f] },
    ])
  })

  it('[ESC33] half a report that is older than a second is dropped, a younger one goes on', () => {
    const { gapMsMax } = replyLimits
    for (const [ms, joined] of [
      [gapMsMax, true],
      [gapMsMax + 1, false],
    ] as const) {
      const parser = new ReplyParser()
      parser.push(Uint8Array.of(0x14, 0x00), 0)
      const reports = parser.push(Uint8Array.of(0x00, 0x0f), ms)
      expect(reports.some(({ kind }) => kind === 'auto')).toBe(joined)
    }
  })

  it('[ESC33] after any noise and a second of quiet, reports are read right again', () => {
    let cases = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const parser = new ReplyParser()
        parser.push(noise, 0)
        const reports = parser.push(Uint8Array.of(0x14, 0, 0, 0x0f, 0x5f, 0x41, 0), replyLimits.gapMsMax + 1)
        expect(reports.filter(({ kind }) => kind !== 'noise')).toEqual([
          { kind: 'auto', bytes: [0x14, 0, 0, 0x0f] },
          { kind: 'block', header: 0x5f, text: 'A' },
        ])
        cases++
      }),
      { numRuns: 500 },
    )
    expect(cases).toBe(500)
  })

  it('[ESC30] how the bytes are cut into pieces makes no difference', () => {
    const stream = [0x14, 0, 0, 0x0f, 0x12, 0x5f, 0x41, 0x42, 0, 0x13, 0x00, 0x37, ...text('"1234'), 0, 0x11]
    const all = parse(stream, { realTime: [1], bytes: 1 })
    let cases = 0
    for (let cut = 1; cut < stream.length; cut++) {
      const parser = new ReplyParser()
      parser.expectRealTime(1)
      parser.expectByte()
      const reports = [
        ...parser.push(Uint8Array.from(stream.slice(0, cut)), 0),
        ...parser.push(Uint8Array.from(stream.slice(cut)), 1),
      ]
      expect(reports).toEqual(all)
      cases++
    }
    expect(cases).toBe(stream.length - 1)
  })
})

describe('what the bits mean', () => {
  const codes = (bytes: [number, number, number, number]) =>
    faultsOf(statusOfAuto(bytes)).map(({ code }) => code)

  it('[ESC34] automatic status: each cause has its fault, the one to mend first in front', () => {
    expect(codes([0x10, 0, 0, 0])).toEqual([])
    expect(codes([0x38, 0, 0, 0])).toEqual(['cover_open'])
    expect(codes([0x18, 0, 0x0c, 0])).toEqual(['paper_out'])
    expect(codes([0x38, 0, 0x0f, 0])).toEqual(['cover_open', 'paper_out'])
    expect(codes([0x18, 0x08, 0, 0])).toEqual(['cutter_jam'])
    expect(codes([0x18, 0x04, 0, 0])).toEqual(['printer_error'])
    expect(codes([0x18, 0x20, 0, 0])).toEqual(['printer_error'])
    expect(codes([0x18, 0x40, 0, 0])).toEqual(['overheated'])
    expect(codes([0x18, 0, 0, 0])).toEqual(['offline'])
    expect(codes([0x58, 0, 0, 0])).toEqual(['offline'])
  })

  it('[ESC34] paper that runs low warns and does not block', () => {
    const faults = faultsOf(statusOfAuto([0x10, 0, 0x03, 0]))
    expect(faults).toEqual([expect.objectContaining({ code: 'paper_low', blocking: false })])
  })

  it('[ESC34] the real-time answers say the same', () => {
    const codesOf = (answers: Parameters<typeof withRealTime>[1]) =>
      faultsOf(withRealTime(unknownStatus, answers)).map(({ code }) => code)
    expect(codesOf({ 1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12 })).toEqual([])
    expect(codesOf({ 1: 0x1a, 2: 0x16, 3: 0x12, 4: 0x12 })).toEqual(['cover_open'])
    expect(codesOf({ 1: 0x1a, 2: 0x32, 3: 0x12, 4: 0x7e })).toEqual(['paper_out'])
    expect(codesOf({ 1: 0x1a, 4: 0x72 })).toEqual(['paper_out'])
    expect(codesOf({ 1: 0x1a, 2: 0x52, 3: 0x1a })).toEqual(['cutter_jam'])
    expect(codesOf({ 1: 0x1a, 2: 0x52 })).toEqual(['printer_error'])
    expect(codesOf({ 1: 0x12, 4: 0x1e })).toEqual(['paper_low'])
  })

  it('[ESC34] a round of answers that tells of paper clears a paper end told before', () => {
    const out = withRealTime(unknownStatus, { 1: 0x1a, 2: 0x32, 4: 0x72 })
    expect(faultsOf(withRealTime(out, { 1: 0x12, 2: 0x12, 4: 0x12 }))).toEqual([])
  })

  it('[ESC34] every fault tells a person what to do', () => {
    const everything = faultsOf({
      ...unknownStatus,
      coverOpen: true,
      paperEnd: true,
      cutter: true,
      unrecoverable: true,
    })
    expect(everything).toHaveLength(4)
    for (const { message } of everything) expect(message).toMatch(/^[A-Z].+\. [A-Z].+\.$/)
  })

  it('[ESC35] the drawer is open at the level that the settings say', () => {
    expect(drawerOpen(unknownStatus, 'high')).toBeUndefined()
    expect(drawerOpen(statusOfAuto([0x14, 0, 0, 0]), 'high')).toBe(true)
    expect(drawerOpen(statusOfAuto([0x14, 0, 0, 0]), 'low')).toBe(false)
    expect(drawerOpen(statusOfAuto([0x10, 0, 0, 0]), 'high')).toBe(false)
    expect(drawerOpen(statusOfAuto([0x10, 0, 0, 0]), 'low')).toBe(true)
  })
})
