/** The twin understands ESC/POS: text, styles, pictures, barcodes, cuts, and what it says when something is wrong. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Paper } from '../../../src/drivers/printers/common/twin/paper.ts'
import { Engine } from '../../../src/drivers/printers/escpos/twin/engine.ts'
import { forms } from '../../../src/drivers/printers/escpos/twin/grammar.ts'
import { bytesOf, DLE, ESC, FS, GS, LF, qr, symbolCommand, twinBench } from './twin-bench.ts'

const reasons = (bench: ReturnType<typeof twinBench>) =>
  bench.twin.violations.map((v) => `${v.command}: ${v.reason}`)

/** A receipt with a bit of everything, and real-time commands in between. */
const sample = bytesOf(
  [ESC, 0x40, ESC, 0x61, 1, GS, 0x21, 0x11],
  'SHOP\n',
  [GS, 0x21, 0, ESC, 0x61, 0, ESC, 0x74, 19],
  'Cr\x8ame \xd5 12.50\n',
  [DLE, 4, 1, ESC, 0x45, 1],
  'bold',
  [ESC, 0x45, 0, LF],
  [GS, 0x76, 0x30, 0, 2, 0, 3, 0, 1, 2, DLE, 4, 1, 6],
  [GS, 0x28, 0x4c, 12, 0, 48, 112, 48, 1, 1, 49, 8, 0, 2, 0, 0xf0, 0x0f, GS, 0x28, 0x4c, 2, 0, 48, 50],
  [GS, 0x6b, 67, 12],
  '400638133393',
  [GS, 0x6b, 4],
  'CODE39\0',
  qr('https://example.com'),
  [ESC, 0x2a, 33, 2, 0, 1, 2, 3, 4, 5, 6, LF],
  [GS, 0x28, 0x48, 6, 0, 48, 48],
  'J001',
  [ESC, 0x70, 0, 25, 250, GS, 0x72, 1, GS, 0x56, 66, 10],
)

describe('framing', () => {
  it('[TWIN1] the same bytes split anywhere give the same paper and answers', () => {
    const whole = twinBench()
    whole.send(sample)
    expect(whole.twin.tickets).toHaveLength(1)
    expect(whole.wire.answers).toHaveLength(1 + 7 + 1)
    expect(whole.twin.violations).toEqual([])
    let runs = 0
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: sample.length - 1 }), { maxLength: 40 }), (cuts) => {
        runs++
        const split = twinBench()
        const places = [0, ...cuts.sort((a, b) => a - b), sample.length]
        places.slice(1).forEach((end, i) => {
          split.send(sample.subarray(places[i], end))
        })
        expect(split.twin.paper().svg).toBe(whole.twin.paper().svg)
        expect(split.wire.answers).toEqual(whole.wire.answers)
        expect(split.twin.hiddenRealTime).toBe(whole.twin.hiddenRealTime)
      }),
      { numRuns: 200 },
    )
    expect(runs).toBe(200)
  })

  it('[TWIN1] one byte at a time, too', () => {
    const whole = twinBench()
    const slow = twinBench()
    whole.send(sample)
    for (const byte of sample) slow.send(byte)
    expect(slow.twin.paper().svg).toBe(whole.twin.paper().svg)
    expect(slow.twin.bytesReceived).toBe(sample.length)
  })

  it('[TWIN1] any bytes at all are survived, whatever their split', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 300 }), (bytes, at) => {
        const whole = twinBench()
        const split = twinBench()
        whole.send(bytes)
        split.send(bytes.subarray(0, at))
        split.send(bytes.subarray(at))
        expect(split.twin.printedText()).toBe(whole.twin.printedText())
        expect(split.twin.paper().svg).toBe(whole.twin.paper().svg)
      }),
      { numRuns: 500 },
    )
  })

  it('[TWIN2] an unknown command is recorded with its place', () => {
    const bench = twinBench()
    bench.send('ab', [ESC, 0x7e, 0x07], 'cd\n')
    expect(bench.twin.violations).toEqual([
      { offset: 2, command: 'ESC ~', reason: 'unknown command' },
      { offset: 4, command: '07h', reason: 'unknown command' },
    ])
    expect(bench.twin.uncut).toEqual(['abcd'])
  })

  it('[TWIN2] an unknown command with a parenthesis is skipped whole', () => {
    const bench = twinBench()
    bench.send([GS, 0x28, 0x7a, 3, 0], 'xyz', 'ok\n')
    expect(reasons(bench)).toEqual(['GS ( z: unknown command'])
    expect(bench.twin.uncut).toEqual(['ok'])
  })

  it.each([
    ['ESC a', [ESC, 0x61, 3]],
    ['GS !', [GS, 0x21, 0x88]],
    ['GS V', [GS, 0x56, 2]],
    ['ESC p', [ESC, 0x70, 2, 25, 250]],
    ['GS w', [GS, 0x77, 1]],
    ['GS h', [GS, 0x68, 0]],
    ['ESC R', [ESC, 0x52, 16]],
    ['ESC B', [ESC, 0x42, 0, 1]],
    ['DLE EOT', [DLE, 4, 5]],
    ['DLE DC4', [DLE, 0x14, 1, 0, 9]],
    ['GS k', [GS, 0x6b, 7, 1, 0]],
    ['GS r', [GS, 0x72, 3]],
    ['GS I', [GS, 0x49, 70]],
    ['GS v 0', [GS, 0x76, 0x30, 4, 1, 0, 1, 0, 0]],
    ['GS ( H', [GS, 0x28, 0x48, 6, 0, 48, 48, 0x1f, 0x30, 0x30, 0x30]],
    ['GS 8 L', [GS, 0x38, 0x4c, 0, 0, 0, 0x10]],
  ])('[TWIN2] %s with a parameter out of range is recorded and not obeyed', (name, bytes) => {
    const bench = twinBench()
    bench.send(bytes, 'x\n')
    expect(bench.twin.violations.map((v) => v.command)).toEqual([name])
    expect(bench.wire.answers).toEqual([])
    expect(bench.twin.pulses).toEqual([])
    expect(bench.twin.uncut).toEqual(['x'])
  })

  it('[TWIN2] NUL is padding', () => {
    const bench = twinBench()
    bench.send([0, 0], 'x', [0, LF])
    expect(bench.twin.violations).toEqual([])
    expect(bench.twin.uncut).toEqual(['x'])
  })

  it('[TWIN2] every command of the grammar is obeyed by somebody', () => {
    const paper = new Paper({ cellWidth: 12, ticketsMax: 1, ticketDotsMax: 1_000, cutterDistanceDots: 0 })
    const engine = new Engine({ widthDots: 576, columns: 48, kanji: 'none' }, paper, () => {})
    const elsewhere = ['ESC B', 'ESC ( A', 'ESC p', 'GS I', 'GS a', 'GS r', 'GS g 0', 'GS g 2', 'GS ( H']
    const queued = Object.keys(forms).filter((name) => forms[name]!.realTime === undefined)
    expect([...engine.commands, ...elsewhere].sort()).toEqual(queued.sort())
    expect(queued.length).toBeGreaterThan(60)
  })

  it('[TWIN4] a status request inside an image is data, and counted', () => {
    const bench = twinBench()
    bench.send([GS, 0x76, 0x30, 0, 4, 0, 1, 0, DLE, 4, 1, 0xff])
    expect(bench.wire.take()).toBe('')
    expect(bench.twin.hiddenRealTime).toBe(1)
    bench.send([DLE, 4, 1])
    expect(bench.wire.take()).toBe('12')
  })

  it('[TWIN4] a status request that interrupts an image shifts the rest of it onto the paper', () => {
    const bench = twinBench()
    bench.send([GS, 0x76, 0x30, 0, 1, 0, 4, 0, 0xff], [DLE, 4, 1], 'abc', LF)
    expect(bench.wire.take()).toBe('')
    expect(bench.twin.uncut).toEqual(['[image 8x4]', 'abc'])
  })
})

describe('text', () => {
  it('[TWIN5] code pages', () => {
    const bench = twinBench()
    bench.send([ESC, 0x74, 19, 0xd5, ESC, 0x74, 16, 0x80, ESC, 0x74, 18, 0xa6, ESC, 0x74, 17, 0x80, LF])
    expect(bench.twin.uncut).toEqual(['€€ŽА'])
    expect(bench.twin.violations).toEqual([])
  })

  it('[TWIN5] a clone may number its pages otherwise', () => {
    const bench = twinBench({ codePages: { 0: 'cp437', 6: 'cp858' } })
    bench.send([ESC, 0x74, 6, 0xd5, ESC, 0x74, 19, 0xd5, LF])
    expect(bench.twin.uncut).toEqual(['€€'])
    expect(reasons(bench)).toEqual(['ESC t: no code page 19'])
  })

  it('[TWIN5] a byte without a character is recorded', () => {
    const bench = twinBench()
    bench.send([ESC, 0x74, 13, 0xd5, LF])
    expect(reasons(bench)).toEqual(['text: byte d5h is no character of cp857'])
  })

  it('[TWIN5] national sets', () => {
    const bench = twinBench()
    bench.send([ESC, 0x52, 2], '[\\]{|}~', [ESC, 0x52, 0], '[', LF)
    expect(bench.twin.uncut).toEqual(['ÄÖÜäöüß['])
  })

  it('[TWIN6] Shift_JIS between FS C 1 and FS C 0, split anywhere', () => {
    const bench = twinBench({ kanji: 'shift-jis' })
    for (const byte of bytesOf([
      FS,
      0x43,
      1,
      0x93,
      0xfa,
      0x96,
      0x7b,
      0xb1,
      0x41,
      FS,
      0x43,
      0,
      ESC,
      0x74,
      2,
      0x82,
      LF,
    ]))
      bench.send(byte)
    expect(bench.twin.uncut).toEqual(['日本ｱAé'])
    expect(bench.twin.violations).toEqual([])
  })

  it('[TWIN6] in Shift_JIS FS . changes nothing; in JIS it does', () => {
    const bench = twinBench({ kanji: 'shift-jis' })
    bench.send(
      [FS, 0x43, 1, FS, 0x2e, 0x93, 0xfa, FS, 0x43, 0],
      [FS, 0x26, 0x46, 0x7c, FS, 0x2e, 0x46, 0x7c, LF],
    )
    expect(bench.twin.uncut).toEqual(['日日F|'])
  })

  it('[TWIN6] half a character, and a printer without any', () => {
    const bench = twinBench({ kanji: 'shift-jis' })
    bench.send([FS, 0x43, 1, 0x93, LF])
    const plain = twinBench()
    plain.send([FS, 0x2e, FS, 0x43, 0, FS, 0x26, FS, 0x43, 1])
    expect(reasons(bench)).toEqual(['LF: the second byte of a two-byte character is missing'])
    expect(reasons(plain)).toHaveLength(2)
  })

  it('[TWIN7] a line that is full goes on below', () => {
    const bench = twinBench()
    bench.send('x'.repeat(48), 'y', LF)
    expect(bench.twin.uncut).toEqual(['x'.repeat(48), 'y'])
    expect(bench.twin.model.y).toBe(60)
  })

  it('[TWIN7] alignment, margins, tabs and positions', () => {
    const bench = twinBench()
    bench.send([ESC, 0x61, 2], 'right\n', [ESC, 0x61, 1], 'mid\n', [ESC, 0x61, 0])
    bench.send(
      'a\tb\n',
      [ESC, 0x44, 4, 20, 0],
      'a\tb\tc\n',
      [ESC, 0x24, 120, 0],
      'ten\n',
      'ab',
      [ESC, 0x5c, 24, 0],
      'c\n',
    )
    bench.send([GS, 0x4c, 24, 0, GS, 0x57, 36, 0], 'abcd\n')
    expect(bench.twin.uncut).toEqual([
      `${' '.repeat(43)}right`,
      `${' '.repeat(23)}mid`,
      'a       b',
      'a   b               c',
      '          ten',
      'ab  c',
      '  abc',
      '  d',
    ])
    expect(bench.twin.violations).toEqual([])
  })

  it('[TWIN7] what belongs to the beginning of a line is refused in its middle', () => {
    const bench = twinBench()
    bench.send('x', [ESC, 0x61, 1, ESC, 0x7b, 1, GS, 0x4c, 1, 0, GS, 0x57, 1, 0, GS, 0x56, 0])
    expect(bench.twin.violations.map((v) => v.command)).toEqual(['ESC a', 'ESC {', 'GS L', 'GS W', 'GS V'])
    expect(bench.twin.tickets).toEqual([['x']])
  })

  it('[TWIN7] line spacing, feeds and tall characters', () => {
    const heights: number[] = []
    for (const bytes of [
      bytesOf('x', LF),
      bytesOf([ESC, 0x33, 60], 'x', LF),
      bytesOf([ESC, 0x33, 60, ESC, 0x32], 'x', LF),
      bytesOf([GS, 0x21, 0x02], 'x', LF),
      bytesOf([ESC, 0x33, 0], 'x', LF),
      bytesOf('x', [ESC, 0x64, 3]),
      bytesOf('x', [ESC, 0x4a, 100]),
      bytesOf('x', [0x0d, LF]),
    ]) {
      const bench = twinBench()
      bench.send(bytes)
      heights.push(bench.twin.model.y)
    }
    expect(heights).toEqual([30, 60, 30, 72, 24, 90, 100, 30])
  })

  it('[TWIN8] styles stand with the characters', () => {
    const bench = twinBench()
    bench.send(
      [ESC, 0x21, 0xb9],
      'a',
      [ESC, 0x21, 0],
      'b',
      [GS, 0x42, 1, ESC, 0x2d, 2, ESC, 0x47, 1, GS, 0x21, 0x31],
      'c',
      LF,
    )
    const [line] = bench.twin.model.current.items
    const cells = line?.kind === 'text' ? line.cells : []
    const plain = { font: 'A', scaleX: 1, scaleY: 1, bold: false, underline: 0, invert: false }
    expect(cells.map((cell) => cell.style)).toEqual([
      { font: 'B', scaleX: 2, scaleY: 2, bold: true, underline: 1, invert: false },
      plain,
      { font: 'A', scaleX: 4, scaleY: 2, bold: true, underline: 2, invert: true },
    ])
    expect(cells.map((cell) => cell.width)).toEqual([18, 12, 48])
  })

  it('[TWIN8] ESC @ takes all styles back and loses the unprinted line', () => {
    const bench = twinBench()
    bench.send('lost', [ESC, 0x45, 1, GS, 0x21, 0x11, ESC, 0x40], 'x', LF)
    expect(bench.twin.uncut).toEqual(['x'])
    expect(bench.twin.model.y).toBe(30)
  })

  it('[TWIN8] upside-down text reads the same', () => {
    const bench = twinBench()
    bench.send([ESC, 0x7b, 1], 'ab', LF)
    const [line] = bench.twin.model.current.items
    expect(bench.twin.uncut).toEqual(['ab'])
    expect(line?.kind === 'text' && line.cells.map((cell) => cell.x)).toEqual([564, 552])
  })
})

describe('pictures', () => {
  const dots = (bench: ReturnType<typeof twinBench>) => {
    const [item] = bench.twin.model.current.items
    return item?.kind === 'image'
      ? { ...item.bitmap, bits: [...item.bitmap.bits], w: item.width, h: item.height }
      : undefined
  }

  it.each([
    [0, 16, 2],
    [1, 32, 2],
    [50, 16, 4],
    [51, 32, 4],
  ])('[TWIN9] GS v 0 mode %i draws %i by %i dots', (mode, w, h) => {
    const bench = twinBench()
    bench.send([GS, 0x76, 0x30, mode, 2, 0, 2, 0, 1, 2, 3, 4])
    expect(dots(bench)).toEqual({ width: 16, height: 2, bits: [1, 2, 3, 4], w, h })
    expect(bench.twin.model.y).toBe(h)
  })

  it('[TWIN9] GS ( L and GS 8 L store, function 50 prints', () => {
    const picture = [48, 112, 48, 2, 1, 49, 9, 0, 2, 0, 0xff, 0x80, 1, 0]
    const bench = twinBench()
    bench.send([GS, 0x28, 0x4c, picture.length, 0, ...picture])
    expect(bench.twin.model.y).toBe(0)
    bench.send([GS, 0x28, 0x4c, 2, 0, 48, 50])
    expect(dots(bench)).toEqual({ width: 9, height: 2, bits: [0xff, 0x80, 1, 0], w: 18, h: 2 })
    const long = twinBench()
    long.send([GS, 0x38, 0x4c, picture.length, 0, 0, 0, ...picture, GS, 0x28, 0x4c, 2, 0, 48, 2])
    expect(dots(long)).toEqual(dots(bench))
  })

  it('[TWIN9] ESC * puts columns into the line', () => {
    const bench = twinBench()
    bench.send([ESC, 0x2a, 33, 2, 0, 0x80, 0, 1, 0x40, 0, 0, LF])
    const bits = Array.from({ length: 24 }, (_, y) => (y === 0 ? 0x80 : y === 1 ? 0x40 : y === 23 ? 0x80 : 0))
    expect(dots(bench)).toEqual({ width: 2, height: 24, bits, w: 2, h: 24 })
    const coarse = twinBench()
    coarse.send([ESC, 0x2a, 0, 1, 0, 0x81, LF])
    expect(dots(coarse)).toEqual({ width: 1, height: 8, bits: [0x80, 0, 0, 0, 0, 0, 0, 0x80], w: 2, h: 24 })
  })

  it('[TWIN9] sizes that do not match, and pictures wider than the paper', () => {
    const bench = twinBench()
    bench.send([GS, 0x28, 0x4c, 11, 0, 48, 112, 48, 1, 1, 49, 8, 0, 2, 0, 1])
    bench.send([GS, 0x28, 0x4c, 2, 0, 48, 50])
    bench.send([GS, 0x76, 0x30, 0, 73, 0, 1, 0], new Uint8Array(73))
    bench.send([ESC, 0x2a, 1, 65, 2], new Uint8Array(577), LF)
    bench.send([GS, 0x76, 0x30, 0, 0, 0, 1, 0])
    expect(reasons(bench)).toEqual([
      'GS ( L: 1 bytes for 8 by 2 dots',
      'GS ( L: no graphics were stored',
      'GS v 0: 584 dots wide on an area of 576',
      'ESC *: 577 columns of dots do not fit into the line',
      'GS v 0: no dots',
    ])
  })
})

describe('barcodes and symbols', () => {
  const b = (system: number, data: string) => bytesOf(GS, 'k', system, data.length, data)

  it.each([
    ['ean13', b(67, '4006381333930'), 'check digit'],
    ['ean13', b(67, '40063813339'), '11 digits'],
    ['ean8', b(68, '96385075'), 'check digit'],
    ['upca', b(65, '036000291453'), 'check digit'],
    ['upce', b(66, '1123456'), 'number system is not 0'],
    ['upce', b(66, '01234566'), 'check digit'],
    ['code39', b(69, 'abc'), 'a character that Code 39 has not'],
    ['itf', b(70, '123'), 'an odd number of digits'],
    ['codabar', b(71, '123'), 'not start, data, stop of Codabar'],
    ['code128', b(73, 'abc'), 'does not begin with {A, {B or {C'],
    ['code128', b(73, '{C\x64'), 'byte 100 in code set C'],
    ['code128', b(73, '{Aa'), 'byte 97 in code set A'],
    ['code128', b(73, '{B{Zx'), '{Z in code set B'],
    ['code128', b(73, '{B'), 'no data'],
    ['code93', b(72, 'X'), 'code93 is not modelled'],
    ['code128', b(73, `{B${'x'.repeat(40)}`), '1425 dots on an area of 576'],
  ])('[TWIN10] %s refuses bad data', (symbology, bytes, why) => {
    const bench = twinBench()
    bench.send(bytes)
    expect(bench.twin.violations).toHaveLength(1)
    expect(bench.twin.violations[0]!.reason).toContain(symbology)
    expect(bench.twin.violations[0]!.reason).toContain(why)
    expect(bench.twin.uncut).toEqual([])
  })

  it('[TWIN10] missing check digits are added, both forms of GS k are one', () => {
    const bench = twinBench()
    bench.send(b(67, '400638133393'), [GS, 0x6b, 2], '400638133393\0', b(66, '123456'), b(65, '03600029145'))
    expect(bench.twin.uncut).toEqual([
      '[ean13 4006381333931]',
      '[ean13 4006381333931]',
      '[upce 01234565]',
      '[upca 036000291452]',
    ])
    expect(bench.twin.violations).toEqual([])
  })

  it('[TWIN10] height, width and text take their room', () => {
    const bench = twinBench()
    bench.send([GS, 0x68, 50, GS, 0x77, 2, GS, 0x48, 3, GS, 0x66, 1], b(67, '400638133393'))
    const [item] = bench.twin.model.current.items
    expect(item).toMatchObject({ width: 95 * 2, height: 50 + 2 * (17 + 2), textAbove: true, textBelow: true })
  })

  it('[TWIN11] QR: size, error correction and data reach the drawer of symbols', () => {
    const drawn: unknown[] = []
    const bench = twinBench({
      drawSymbol: (kind, data, options) => {
        drawn.push([kind, Buffer.from(data).toString(), options])
        return { columns: 2, rows: 2, modules: [1, 0, 0, 1] }
      },
    })
    bench.send(
      qr('abc', 5, 51),
      symbolCommand(48, 65, 4),
      symbolCommand(48, 69, 48, 50),
      symbolCommand(48, 80, 48, 'pdf'),
    )
    bench.send(symbolCommand(48, 81, 48))
    expect(drawn).toEqual([
      ['qr', 'abc', { errorCorrection: 'H' }],
      ['pdf417', 'pdf', { errorCorrection: '2', columns: 4 }],
    ])
    expect(bench.twin.model.current.items.map(({ width, height }) => [width, height])).toEqual([
      [10, 10],
      [6, 18],
    ])
  })

  it('[TWIN11] wrong settings, and printing what was not stored', () => {
    const bench = twinBench({ drawSymbol: () => undefined })
    bench.send(symbolCommand(49, 67, 17), symbolCommand(49, 69, 52), symbolCommand(49, 65, 48, 0))
    bench.send(symbolCommand(49, 81, 48), symbolCommand(48, 81, 48), symbolCommand(50, 81, 48), qr('x'))
    expect(bench.twin.violations.map((v) => v.reason)).toEqual([
      'QR module 17',
      'QR error correction 52',
      'QR model 48 0',
      'no QR data was stored',
      'no PDF417 data was stored',
      'symbol 50 is not modelled',
      'qr cannot hold 1 bytes',
    ])
  })
})

describe('cuts', () => {
  it.each([
    [[GS, 0x56, 0], 'full', 30],
    [[GS, 0x56, 49], 'partial', 30],
    [[GS, 0x56, 65, 20], 'full', 50],
    [[GS, 0x56, 66, 0], 'partial', 30],
    [[ESC, 0x69], 'partial', 30],
    [[ESC, 0x6d], 'partial', 30],
  ] as const)('[TWIN12] %j cuts', (bytes, cut, height) => {
    const bench = twinBench()
    bench.send('x\n', bytes, 'y\n')
    expect(bench.twin.tickets).toEqual([['x']])
    expect(bench.twin.uncut).toEqual(['y'])
    expect(bench.twin.cuts).toBe(1)
    expect(bench.twin.model.tickets[0]).toMatchObject({ cut, height })
  })

  it('[TWIN12] the blade is behind the head: without a feed the last lines are not cut off', () => {
    const bench = twinBench({ cutterDistanceDots: 60 })
    bench.send('a\nb\nc\n', [GS, 0x56, 1], 'd\n', [GS, 0x56, 66, 0])
    expect(bench.twin.tickets).toEqual([['a'], ['b', 'c', 'd']])
    expect(bench.twin.violations).toEqual([])
    const through = twinBench({ cutterDistanceDots: 40 })
    through.send('a\nb\n', [GS, 0x56, 1])
    expect(reasons(through)).toEqual(['GS V: the blade went through something printed'])
  })

  it('[TWIN12] keeps the newest tickets, and tears off endless paper', () => {
    const bench = twinBench({ ticketsMax: 3, ticketDotsMax: 300 })
    for (let i = 0; i < 5; i++) bench.send(`t${i}\n`, [GS, 0x56, 1])
    expect(bench.twin.tickets).toEqual([['t2'], ['t3'], ['t4']])
    bench.send('x\n'.repeat(10))
    expect(bench.twin.tickets).toHaveLength(3)
    expect(bench.twin.uncut).toHaveLength(10)
    bench.send('x\n')
    expect(bench.twin.model.tickets.at(-1)).toMatchObject({ cut: 'torn', height: 330 })
    expect(bench.twin.cuts).toBe(5)
  })
})
