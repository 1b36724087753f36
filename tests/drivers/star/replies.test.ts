/** What a printer says, from bytes to reports, and from status bits to faults. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReplyParser, type Report, replyLimits } from '../../../src/drivers/printers/star/replies.ts'
import { drawerOpen, faultsOf, statusOf } from '../../../src/drivers/printers/star/status.ts'

const parse = (...pieces: number[][]): Report[] => {
  const parser = new ReplyParser()
  return pieces.flatMap((piece) => parser.push(Uint8Array.from(piece), 0))
}
const status = (...bytes: number[]): Report => ({ kind: 'status', bytes: Uint8Array.from(bytes) })
const noise = (bytes: number): Report => ({ kind: 'noise', bytes })

/** Nine bytes: length 9, version 3, printer status 1 to 7 (line mode specifications, appendix 2). */
const nine = [0x23, 0x06, 0x28, 0, 0, 0x0c, 0, 0x62, 0]
const echo = [0x1b, 0x1d, 0x03, 0x01, 0x34, 0x12, 0x07, 0x00]

describe('frames', () => {
  it('[STAR20] automatic status by its own length', () => {
    expect(parse(nine)).toEqual([status(0x28, 0, 0, 0x0c, 0, 0x62, 0)])
    expect(parse([0x0f, 0x02, 0x20, 0, 0, 0, 0])).toEqual([status(0x20, 0, 0, 0, 0)])
  })

  it('[STAR20] the status of the WebPRNT manual, 23 86 and nine zeros, has two bytes of length behind it', () => {
    expect(parse([0x23, 0x86, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...nine])).toEqual([
      status(0, 0, 0, 0, 0, 0, 0),
      status(0x28, 0, 0, 0x0c, 0, 0x62, 0),
    ])
  })

  it('[STAR20] other answers behind an Ethernet status are passed over, and an echo among them is found', () => {
    const answer = [0x30, 0x31, 0x3a, 0x42, 0x00, 0x01, 0x80, 0x3b]
    expect(parse([0x23, 0x86, 0, 0, 0, 0, 0, 0, 0, 0, 8, ...answer])).toEqual([status(0, 0, 0, 0, 0, 0, 0)])
    expect(parse([0x23, 0x86, 0, 0, 0, 0, 0, 0, 0, 0, 8, ...echo])).toEqual([
      status(0, 0, 0, 0, 0, 0, 0),
      { kind: 'mark', update: true, id: 0x1234, counter: 7 },
    ])
  })

  it('[STAR20] the length is read whichever of its bytes comes first', () => {
    expect(parse([0x23, 0x86, 0, 0, 0, 0, 0, 0, 0, 8, 0, ...echo])).toEqual([
      status(0, 0, 0, 0, 0, 0, 0),
      { kind: 'mark', update: true, id: 0x1234, counter: 7 },
    ])
  })

  it('[STAR20] behind an Ethernet status 11h and 13h are no flow control', () => {
    const seventeen = Array(17).fill(0x41)
    expect(parse([0x23, 0x86, 0, 0, 0, 0, 0, 0, 0, 0, 0x11, ...seventeen, ...nine])).toEqual([
      status(0, 0, 0, 0, 0, 0, 0),
      status(0x28, 0, 0, 0x0c, 0, 0x62, 0),
    ])
    const flow = [0x1b, 0x1d, 0x03, 0x01, 0x11, 0x13, 0x07, 0x00]
    expect(parse([0x23, 0x86, 0, 0, 0, 0, 0, 0, 0, 0, 8, ...flow])).toEqual([
      status(0, 0, 0, 0, 0, 0, 0),
      { kind: 'mark', update: true, id: 0x1311, counter: 7 },
    ])
  })

  it('[STAR20] as many bytes as the limit are passed over, and one more are not waited for', () => {
    const head = (count: number) => [0x23, 0x86, 0, 0, 0, 0, 0, 0, 0, count >> 8, count & 255]
    const most = replyLimits.extraBytesMax
    expect(parse([...head(most), ...Array(most - 1).fill(0x41)])).toEqual([])
    expect(parse([...head(most), ...Array(most).fill(0x41)])).toHaveLength(1)
    expect(parse(head(most + 1))).toHaveLength(1)
  })

  it('[STAR21] the echo of a document, and the counter that was only asked for', () => {
    expect(parse(echo)).toEqual([{ kind: 'mark', update: true, id: 0x1234, counter: 7 }])
    expect(parse([0x1b, 0x1d, 0x03, 0x00, 0, 0, 0xff, 0])).toEqual([
      { kind: 'mark', update: false, id: 0, counter: 255 },
    ])
  })

  it('[STAR21] an id may look like flow control or a status', () => {
    expect(parse([0x1b, 0x1d, 0x03, 0x01, 0x11, 0x13, 0x23, 0x00])).toEqual([
      { kind: 'mark', update: true, id: 0x1311, counter: 0x23 },
    ])
  })

  it('[STAR22] a frame cut off by another is dropped; so is one older than a second', () => {
    expect(parse(nine.slice(0, 4), nine)).toEqual([noise(4), status(...nine.slice(2))])
    const parser = new ReplyParser()
    parser.push(Uint8Array.from(nine.slice(0, 5)), 0)
    expect(parser.push(Uint8Array.from(nine.slice(5)), replyLimits.gapMsMax + 1)).toEqual([noise(5 + 4)])
    const inTime = new ReplyParser()
    inTime.push(Uint8Array.from(nine.slice(0, 5)), 0)
    expect(inTime.push(Uint8Array.from(nine.slice(5)), replyLimits.gapMsMax)).toEqual([
      status(...nine.slice(2)),
    ])
  })

  it('[STAR22] an echo that does not end with NUL is none', () => {
    const cutOff = [0x1b, 0x1d, 0x03, 0x01, 0x34, 0x12]
    expect(parse([...cutOff, ...nine, ...nine])).toEqual([
      noise(cutOff.length + nine.length),
      status(...nine.slice(2)),
    ])
  })

  it('[STAR22] XON and XOFF may stand anywhere in a status', () => {
    expect(parse([...nine.slice(0, 3), 0x13, ...nine.slice(3, 6), 0x11, ...nine.slice(6)])).toEqual([
      status(...nine.slice(2)),
    ])
  })

  it('[STAR22] any bytes at all: no throw, nothing lost from the count, and in step again after a second', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (pieces) => {
        const parser = new ReplyParser()
        for (const piece of pieces) parser.push(piece, 0)
        const reports = parser.push(Uint8Array.from(nine), 2_000)
        expect(reports.at(-1)).toEqual(status(...nine.slice(2)))
      }),
      { numRuns: 500 },
    )
  })

  it('[STAR22] how the stream is cut makes no difference', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, cut) => {
        const stream = [...nine, ...bytes, ...echo]
        const reports = (list: Report[]) => list.filter(({ kind }) => kind !== 'noise')
        expect(reports(parse(stream.slice(0, cut), stream.slice(cut)))).toEqual(reports(parse(stream)))
      }),
    )
  })
})

describe('status', () => {
  const of = (...bytes: number[]) => statusOf(Uint8Array.from([...bytes, ...Array(7 - bytes.length).fill(0)]))
  const codes = (...bytes: number[]) => faultsOf(of(...bytes)).map(({ code, blocking }) => [code, blocking])

  it.each([
    ['cover', [0x28], [['cover_open', true]]],
    ['offline', [0x08], [['offline', true]]],
    ['overheated', [0x08, 0x40], [['overheated', true]]],
    ['unrecoverable', [0x08, 0x20], [['printer_error', true]]],
    ['cutter', [0x08, 0x08], [['cutter_jam', true]]],
    ['mechanical', [0x08, 0x04], [['printer_error', true]]],
    ['presenter jam', [0x08, 0, 0x04], [['printer_error', true]]],
    ['paper end', [0x08, 0, 0, 0x0c], [['paper_out', true]]],
    ['paper low', [0, 0, 0, 0x04], [['paper_low', false]]],
    ['paper low by the outer sensor', [0, 0, 0, 0x02], [['paper_low', false]]],
    ['well', [0x06], []],
  ] as [string, number[], unknown[]][])('[STAR23] %s', (_, bytes, faults) => {
    expect(codes(...bytes)).toEqual(faults)
  })

  it('[STAR23] each fault has a sentence for a person, the one to mend first in front', () => {
    const faults = faultsOf(of(0x28, 0x6c, 0x0e, 0x0c))
    expect(faults.map(({ code }) => code)).toEqual([
      'cover_open',
      'paper_out',
      'cutter_jam',
      'printer_error',
      'overheated',
    ])
    for (const { message } of faults) expect(message).toMatch(/^[A-Z].+\.$/)
  })

  it('[STAR24] the ETB counter from its scattered bits', () => {
    const counts = Array.from({ length: 32 }, (_, n) => ((n & 0x18) << 2) | ((n & 7) << 1))
    expect(counts.map((byte) => of(0, 0, 0, 0, 0, byte).ended)).toEqual(
      Array.from({ length: 32 }, (_, n) => n),
    )
    expect(statusOf(new Uint8Array(5)).ended).toBeUndefined()
  })

  it('[STAR25] the drawer is open at the level that the setting says', () => {
    expect([drawerOpen(of(0x04), 'high'), drawerOpen(of(0x00), 'high')]).toEqual([true, false])
    expect([drawerOpen(of(0x04), 'low'), drawerOpen(of(0x00), 'low')]).toEqual([false, true])
  })
})
