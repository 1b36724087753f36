/** The twin says how it is, bit by bit as Epson's tables have it, and obeys every fault order. */
import { describe, expect, it } from 'vitest'
import type { DemoOrder } from '../../../src/protocol/methods.ts'
import { MemoryWire } from '../../support/twin-memory.ts'
import { bytesOf, DLE, ESC, GS, LF, twinBench } from './twin-bench.ts'

const jobId = (id: string) => bytesOf([GS, 0x28, 0x48, 6, 0, 48, 48], id)
const answerTo = (id: string) => Buffer.from(bytesOf([0x37, 0x22], id, 0)).toString('hex')
const eot = (n: number) => [DLE, 4, n]
const kick = [ESC, 0x70, 0, 25, 250]

describe('status', () => {
  const states: [string, (bench: ReturnType<typeof twinBench>) => void, string, string][] = [
    ['all well', () => {}, '12121212', '1000000f'],
    ['drawer open', ({ twin }) => twin.order({ order: 'drawer', open: true }), '16121212', '1400000f'],
    ['paper low', ({ twin }) => twin.order({ order: 'paper', state: 'low' }), '1212121e', '1000030f'],
    ['paper out', ({ twin }) => twin.order({ order: 'paper', state: 'out' }), '1a32127e', '18000f0f'],
    ['cover open', ({ twin }) => twin.order({ order: 'cover', open: true }), '1a161212', '3800000f'],
    ['cutter jam', ({ twin }) => twin.fault('cutter_jam'), '1a521a12', '1808000f'],
    [
      'no paper, but it lies',
      ({ twin }) => {
        twin.order({ order: 'paper', state: 'out' })
        twin.fault('lie_online')
      },
      '12121212',
      '1000000f',
    ],
  ]

  it.each(states)('[TWIN14] DLE EOT 1 to 4, %s', (_, act, eots) => {
    const bench = twinBench()
    act(bench)
    bench.send(eot(1), eot(2), eot(3), eot(4))
    expect(bench.wire.take()).toBe(eots)
  })

  it.each(states)('[TWIN15] automatic status back, %s', (_, act, __, asb) => {
    const bench = twinBench({ asbAtStart: 0xff })
    bench.wire.take()
    act(bench)
    const fresh = new MemoryWire()
    bench.twin.attach(fresh)
    expect(fresh.take()).toBe(asb)
  })

  it('[TWIN15] is sent when it is switched on, at each change, and not after GS a 0', () => {
    const bench = twinBench()
    bench.send([GS, 0x61, 0xff])
    expect(bench.wire.take()).toBe('1000000f')
    bench.twin.order({ order: 'cover', open: true })
    bench.twin.order({ order: 'cover', open: true })
    expect(bench.wire.take()).toBe('3800000f')
    bench.twin.order({ order: 'cover', open: false })
    bench.send(kick)
    expect(bench.wire.take()).toBe('1000000f1400000f')
    bench.send([GS, 0x61, 0])
    bench.twin.order({ order: 'drawer', open: false })
    expect(bench.wire.take()).toBe('')
  })

  it.each([
    [0x01, '1400000f'],
    [0x02, '3800000f1000000f18000f0f'],
    [0x04, '1808000f1000000f'],
    [0x08, '1000030f18000f0f1000000f'],
  ])('[TWIN15] group %i alone tells of its own changes', (group, told) => {
    const bench = twinBench()
    bench.send([GS, 0x61, group])
    bench.wire.take()
    const orders: Record<number, () => void> = {
      1: () => bench.twin.order({ order: 'drawer', open: true }),
      2: () => {
        bench.twin.order({ order: 'cover', open: true })
        bench.twin.order({ order: 'cover', open: false })
        bench.twin.order({ order: 'paper', state: 'out' })
      },
      4: () => {
        bench.twin.fault('cutter_jam')
        bench.twin.fault('cutter_jam', false)
      },
      8: () => {
        bench.twin.order({ order: 'cover', open: false })
        bench.twin.order({ order: 'paper', state: 'low' })
        bench.twin.order({ order: 'paper', state: 'out' })
        bench.twin.order({ order: 'paper', state: 'full' })
      },
    }
    orders[group]!()
    expect(bench.wire.take()).toBe(told)
    const other = twinBench()
    other.send([GS, 0x61, 0x0f & ~group & ~(group === 4 || group === 8 ? 0x02 : 0)])
    other.wire.take()
    if (group === 1) other.twin.order({ order: 'drawer', open: true })
    if (group === 4) other.twin.fault('cutter_jam')
    if (group === 8) other.twin.order({ order: 'paper', state: 'low' })
    expect(other.wire.take()).toBe('')
  })

  it('[TWIN13] pulses open the drawer; both levels of pin 3; it closes by time', async () => {
    const bench = twinBench({ drawerOpenLevel: 'low', drawerClosesAfterMs: 3_000 })
    bench.send(eot(1), [GS, 0x72, 2], kick, eot(1), [GS, 0x72, 2])
    expect(bench.wire.take()).toBe('16011200')
    expect(bench.twin.paper().drawerOpen).toBe(true)
    await bench.clock.advance(2_999)
    expect(bench.twin.status.drawerOpen).toBe(true)
    await bench.clock.advance(1)
    expect(bench.twin.status.drawerOpen).toBe(false)
    bench.send([DLE, 0x14, 1, 0, 2], [ESC, 0x70, 49, 50, 10])
    expect(bench.twin.pulses).toEqual([
      { pin: 2, onMs: 50, offMs: 500, realTime: false },
      { pin: 2, onMs: 200, offMs: 200, realTime: true },
      { pin: 5, onMs: 100, offMs: 100, realTime: false },
    ])
    bench.twin.stop()
    expect(bench.clock.pending).toBe(0)
  })

  it('[TWIN13] a pulse in real time opens it without paper and with the cover open, and not with a jam', () => {
    const bench = twinBench()
    const now = [DLE, 0x14, 1, 0, 1]
    bench.twin.order({ order: 'paper', state: 'out' })
    bench.send(now)
    bench.twin.order({ order: 'cover', open: true })
    bench.send(now)
    expect(bench.twin.pulses).toHaveLength(2)
    bench.twin.fault('cutter_jam')
    bench.send(now)
    expect(bench.twin.pulses).toHaveLength(2)
  })

  it('[TWIN13] without a drawer a pulse goes nowhere and nobody can open it', () => {
    const bench = twinBench({ drawer: false })
    bench.send(kick, eot(1))
    expect(bench.twin.status.drawerOpen).toBe(false)
    expect(bench.wire.take()).toBe('16')
    expect(() => bench.twin.order({ order: 'drawer', open: true })).toThrow('(params_invalid)')
  })
})

describe('answers of the queue', () => {
  it('[TWIN16] identity', () => {
    const bench = twinBench({ kanji: 'shift-jis' })
    const text = (n: number) => {
      bench.send([GS, 0x49, n])
      return Buffer.from(bench.wire.take(), 'hex').toString('latin1')
    }
    expect([65, 66, 67, 68, 69].map(text)).toEqual([
      '_1.00 ESC/POS\0',
      '_EPSON\0',
      '_TM-m30\0',
      '_TWIN000001\0',
      '_KANJI JAPANESE\0',
    ])
    bench.send([GS, 0x49, 1, GS, 0x49, 2, GS, 0x49, 51])
    expect(bench.wire.take()).toBe('200301')
  })

  it('[TWIN16] answers come after what stands before them has been printed', async () => {
    const bench = twinBench({ printMsPerLine: 100 })
    bench.send('a\nb\n', jobId('J001'), [GS, 0x72, 1], 'c\n', jobId('J002'), eot(1))
    expect(bench.wire.take()).toBe('12')
    await bench.clock.advance(199)
    expect(bench.wire.take()).toBe('')
    await bench.clock.advance(1)
    expect(bench.wire.take()).toBe(`${answerTo('J001')}00`)
    expect(bench.twin.printedJobs).toEqual(['J001'])
    await bench.clock.advance(100)
    expect(bench.twin.printedJobs).toEqual(['J001', 'J002'])
  })

  it('[TWIN16] cut counters, and setting one back', () => {
    const bench = twinBench()
    const counter = (n: number) => [GS, 0x67, 0x32, 0, n, 0]
    bench.send(
      'x\n',
      [GS, 0x56, 0],
      'y\n',
      [GS, 0x56, 0],
      counter(50),
      [GS, 0x67, 0x30, 0, 50, 0],
      counter(50),
      counter(178),
    )
    expect(Buffer.from(bench.wire.take(), 'hex').toString('latin1')).toBe('_2\0_0\0_2\0')
    bench.send(counter(20))
    expect(bench.wire.take()).toBe('')
  })

  it('[TWIN16] paper sensors', () => {
    const bench = twinBench()
    bench.twin.order({ order: 'paper', state: 'low' })
    bench.send([GS, 0x72, 49, GS, 0x72, 50])
    expect(bench.wire.take()).toBe('0300')
  })

  it('[TWIN23] a lesser model takes the commands and says nothing', () => {
    const none = {
      identity: false,
      processId: false,
      asb: false,
      gsR: false,
      dleEot: false,
      cutCounter: false,
    }
    const bench = twinBench(none)
    bench.send(
      [GS, 0x49, 67],
      jobId('J001'),
      [GS, 0x61, 255, GS, 0x72, 1],
      eot(1),
      [GS, 0x67, 0x32, 0, 50, 0],
      'x\n',
    )
    bench.twin.order({ order: 'cover', open: true })
    expect(bench.wire.take()).toBe('')
    expect(bench.twin.violations).toEqual([])
    expect(bench.twin.uncut).toEqual(['x'])
    expect(bench.twin.printedJobs).toEqual([])
  })
})

describe('offline', () => {
  const stops: [string, DemoOrder, DemoOrder][] = [
    ['paper', { order: 'paper', state: 'out' }, { order: 'paper', state: 'full' }],
    ['cover', { order: 'cover', open: true }, { order: 'cover', open: false }],
  ]

  it.each(stops)('[TWIN17] waits for the %s, and goes on by itself', (_, begin, end) => {
    const bench = twinBench()
    bench.twin.order(begin)
    bench.send('x\n', jobId('J001'), [GS, 0x72, 1], kick)
    expect(bench.twin.uncut).toEqual([])
    expect(bench.twin.pulses).toEqual([])
    expect(bench.wire.take()).toBe('')
    bench.twin.order(end)
    expect(bench.twin.uncut).toEqual(['x'])
    expect(bench.twin.pulses).toHaveLength(1)
    expect(bench.wire.take()).toBe(`${answerTo('J001')}00`)
  })

  it('[TWIN3] real-time commands are obeyed while offline', () => {
    const bench = twinBench()
    bench.twin.order({ order: 'paper', state: 'out' })
    bench.send('x\n', eot(4), [DLE, 0x14, 1, 0, 1])
    expect(bench.wire.take()).toBe('7e')
    expect(bench.twin.status.drawerOpen).toBe(true)
  })

  it('[TWIN17] takes bufferBytes and no more, then holds the sender back', () => {
    const bench = twinBench({ bufferBytes: 100 })
    bench.twin.order({ order: 'cover', open: true })
    bench.send('x'.repeat(60))
    expect([bench.twin.queuedBytes, bench.twin.unreadBytes, bench.wire.paused]).toEqual([60, 0, false])
    bench.send('x'.repeat(40))
    expect([bench.twin.queuedBytes, bench.twin.unreadBytes, bench.wire.paused]).toEqual([100, 0, false])
    bench.send('x', eot(1))
    expect([bench.twin.queuedBytes, bench.twin.unreadBytes, bench.wire.paused]).toEqual([100, 4, true])
    expect(bench.wire.take()).toBe('')
    bench.twin.order({ order: 'cover', open: false })
    expect([bench.twin.queuedBytes, bench.twin.unreadBytes, bench.wire.paused]).toEqual([0, 0, false])
    expect(bench.wire.take()).toBe('12')
    expect(bench.twin.bytesReceived).toBe(104)
  })

  it('[TWIN17] an image that began while on-line stops at the full buffer and is whole in the end', () => {
    const bench = twinBench({ bufferBytes: 64 })
    const image = bytesOf([GS, 0x76, 0x30, 0, 10, 0, 20, 0], new Uint8Array(200).fill(0xaa))
    bench.send(image.subarray(0, 50))
    bench.twin.order({ order: 'paper', state: 'out' })
    bench.send(image.subarray(50), LF)
    expect(bench.twin.queuedBytes).toBe(64)
    bench.twin.order({ order: 'paper', state: 'full' })
    expect(bench.twin.uncut).toEqual(['[image 80x20]'])
    expect(bench.twin.violations).toEqual([])
  })

  it('[TWIN20] the roll ends in the middle of a receipt, even of a run of text', () => {
    const bench = twinBench()
    bench.send([GS, 0x61, 0x08])
    bench.wire.take()
    bench.twin.fault('paper_out_after_lines', 2)
    bench.send('x'.repeat(48 * 3), LF, 'end\n', jobId('J001'))
    expect(bench.twin.uncut).toEqual(['x'.repeat(48), 'x'.repeat(48)])
    expect(bench.wire.take()).toBe('18000f0f')
    bench.twin.order({ order: 'paper', state: 'full' })
    expect(bench.twin.uncut).toHaveLength(4)
    expect(bench.wire.take()).toBe(`1000000f${answerTo('J001')}`)
  })

  it('[TWIN20] a jam: DLE ENQ frees only a recoverable one, 2 empties the buffer', () => {
    const stuck = twinBench()
    stuck.twin.fault('cutter_jam')
    stuck.send('x\n', [DLE, 5, 1])
    expect(stuck.twin.uncut).toEqual([])
    stuck.twin.fault('cutter_jam', false)
    expect(stuck.twin.uncut).toEqual(['x'])
    const goesOn = twinBench()
    goesOn.twin.fault('cutter_jam', 'recoverable')
    goesOn.send('x\n', [DLE, 5, 1], 'y\n')
    expect(goesOn.twin.uncut).toEqual(['x', 'y'])
    const empties = twinBench()
    empties.twin.fault('cutter_jam', 'recoverable')
    empties.send('x\n', [DLE, 5, 2], 'y\n')
    expect(empties.twin.uncut).toEqual(['y'])
    expect(empties.twin.queuedBytes).toBe(0)
  })

  it('[TWIN20] busy: all is said to be well and nothing moves', () => {
    const bench = twinBench()
    bench.twin.fault('busy')
    bench.send('x\n', jobId('J001'), eot(1), eot(2))
    expect(bench.wire.take()).toBe('1212')
    expect(bench.twin.uncut).toEqual([])
    bench.twin.fault('busy', false)
    expect(bench.wire.take()).toBe(answerTo('J001'))
  })

  it('[TWIN20] lie_online: without paper, says that it has some, and prints nothing', () => {
    const bench = twinBench()
    bench.twin.order({ order: 'paper', state: 'out' })
    bench.twin.fault('lie_online')
    bench.send('x\n', jobId('J001'), eot(4))
    expect(bench.wire.take()).toBe('12')
    expect(bench.twin.uncut).toEqual([])
  })

  it('[TWIN21] printing takes its time; bytes beyond the buffer wait', async () => {
    const bench = twinBench({ printMsPerLine: 50, bufferBytes: 20 })
    bench.send('aaaa\n'.repeat(10))
    expect(bench.twin.uncut).toHaveLength(1)
    expect(bench.twin.queuedBytes).toBe(20)
    await bench.clock.advance(449)
    expect(bench.twin.uncut).toHaveLength(9)
    await bench.clock.advance(1)
    expect(bench.twin.uncut).toHaveLength(10)
    expect(bench.twin.unreadBytes).toBe(0)
  })
})

describe('line and power', () => {
  it('[TWIN18] switching off loses the buffer, not the paper', () => {
    const bench = twinBench()
    const plugs: boolean[] = []
    bench.twin.onPlug = (on) => plugs.push(on)
    bench.send('kept\n', 'lost line', kick)
    bench.twin.order({ order: 'cover', open: true })
    bench.send('lost\n', [GS, 0x76, 0x30, 0, 9])
    bench.twin.order({ order: 'plug', on: false })
    bench.twin.order({ order: 'plug', on: false })
    expect([bench.twin.plugged, bench.wire.closed, bench.twin.queuedBytes]).toEqual([false, true, 0])
    bench.twin.order({ order: 'cover', open: false })
    bench.twin.order({ order: 'plug', on: true })
    const wire = new MemoryWire()
    bench.twin.attach(wire)
    wire.send(bytesOf('new\n', eot(1)))
    expect(bench.twin.uncut).toEqual(['kept', 'new'])
    expect(wire.take()).toBe('16')
    expect(plugs).toEqual([false, true])
  })

  it('[TWIN18] an old wire says nothing to it any more', () => {
    const bench = twinBench()
    bench.twin.attach(new MemoryWire())
    bench.send('x\n', eot(1))
    expect(bench.twin.uncut).toEqual([])
    expect(bench.wire.take()).toBe('')
  })

  it('[TWIN19] drop_after_bytes takes exactly so many, closes, and prints what it has', () => {
    const bench = twinBench()
    bench.send('abc\n')
    bench.twin.fault('drop_after_bytes', 6)
    bench.send('abcd\n', jobId('J001'))
    expect(bench.wire.closed).toBe(true)
    expect(bench.twin.bytesReceived).toBe(10)
    expect(bench.twin.uncut).toEqual(['abc', 'abcd'])
    expect(bench.twin.plugged).toBe(true)
    const now = twinBench()
    now.twin.fault('drop_after_bytes')
    expect(now.wire.closed).toBe(true)
  })

  it('[TWIN19] an unfinished command is forgotten with its wire, unless it survives', () => {
    for (const partialSurvivesReconnect of [false, true]) {
      const bench = twinBench({ partialSurvivesReconnect })
      bench.twin.fault('drop_after_bytes', 9)
      bench.send([GS, 0x76, 0x30, 0, 1, 0, 3, 0], [1, 2, 3])
      const wire = new MemoryWire()
      bench.twin.attach(wire)
      wire.send(bytesOf(eot(1), 'x', LF))
      expect(bench.twin.uncut).toEqual(partialSurvivesReconnect ? ['[image 8x3]', 'x'] : ['x'])
      expect(wire.take()).toBe(partialSurvivesReconnect ? '' : '12')
    }
  })

  it('[TWIN19] silent takes everything and answers nothing', () => {
    const bench = twinBench()
    bench.twin.order({ order: 'silent', on: true })
    bench.send('x\n', eot(1), [GS, 0x61, 255], jobId('J001'))
    expect(bench.wire.take()).toBe('')
    expect(bench.twin.uncut).toEqual(['x'])
    bench.twin.order({ order: 'silent', on: false })
    bench.send(eot(1))
    expect(bench.wire.take()).toBe('12')
  })

  it('[TWIN19] garbled and halved answers', () => {
    const bench = twinBench()
    bench.twin.fault('garble')
    bench.send(eot(1))
    // No valid DLE EOT answer: 93h is not 12h.
    expect(bench.wire.answers[0]! & 0x93).not.toBe(0x12)
    bench.wire.take()
    bench.twin.fault('garble', false)
    bench.twin.fault('half_answer')
    bench.send(eot(1), [GS, 0x61, 255], jobId('J001'))
    expect(bench.wire.take()).toBe('100037224a')
  })

  it('[TWIN19] slow answers keep their order', async () => {
    const bench = twinBench()
    bench.twin.fault('slow', 500)
    bench.send(eot(1), eot(4), 'x\n')
    expect(bench.twin.uncut).toEqual(['x'])
    await bench.clock.advance(499)
    expect(bench.wire.take()).toBe('')
    await bench.clock.advance(1)
    expect(bench.wire.take()).toBe('12')
    bench.twin.fault('slow', 0)
    bench.twin.order({ order: 'paper', state: 'low' })
    bench.send(eot(4))
    await bench.clock.advance(500)
    expect(bench.wire.take()).toBe('121e')
  })

  it('[TWIN18] orders for other devices are refused', () => {
    const bench = twinBench()
    const foreign: DemoOrder[] = [
      { order: 'load', grams: 5 },
      { order: 'motion', on: true },
      { order: 'scan', code: '1' },
    ]
    for (const order of foreign) expect(() => bench.twin.order(order)).toThrow('(params_invalid)')
  })

  it('[TWIN22] tells of every change of the paper, once, and takes it away by order', () => {
    const bench = twinBench()
    const seen: number[] = []
    bench.twin.onPaper = (revision) => seen.push(revision)
    bench.send('a')
    expect(seen).toEqual([])
    bench.send('b\nc\n')
    bench.send([GS, 0x56, 1])
    expect(seen).toHaveLength(2)
    expect(seen.at(-1)).toBe(bench.twin.paper().revision)
    bench.twin.order({ order: 'clear_paper' })
    expect(seen).toHaveLength(3)
    expect(bench.twin.printedText()).toBe('')
    bench.send(kick)
    expect(seen).toHaveLength(4)
  })

  it('[TWIN2] remembers the newest thousand violations', () => {
    const bench = twinBench()
    bench.send(new Uint8Array(1_001).fill(7))
    expect(bench.twin.violations).toHaveLength(1_000)
    expect(bench.twin.violations[0]!.offset).toBe(1)
  })
})
