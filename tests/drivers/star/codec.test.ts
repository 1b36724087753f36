/** The encoder's bytes, one by one and on the simulated printer: another reading of the same manuals finds nothing amiss. */
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import type { Block } from '../../../src/protocol/receipt.ts'
import { TestClock } from '../../support/clock.ts'
import { ascii, bodyHex, encodeNow, encoderWith, hex, preamble, twinAlone } from './bench.ts'

const imaging = new Imaging({ clock: new TestClock() })
afterAll(() => imaging.stop())

const everything: Block[] = [
  { type: 'text', text: 'Žluťoučký kůň', bold: true, underline: true, size: 2, align: 'center' },
  { type: 'text', text: 'small and inverted', small: true, invert: true, align: 'right' },
  { type: 'text', text: 'Привет Καλημέρα 12.50 €' },
  {
    type: 'row',
    columns: [
      { text: 'Crème', flex: 1 },
      { text: '2 ×', width: 6 },
      { text: '1,00 €', width: 10, align: 'right', bold: true },
    ],
  },
  { type: 'rule' },
  { type: 'barcode', symbology: 'ean13', data: '4006381333931', align: 'center' },
  { type: 'barcode', symbology: 'ean8', data: '96385074', module: 4 },
  { type: 'barcode', symbology: 'upca', data: '036000291452' },
  { type: 'barcode', symbology: 'upce', data: '425261' },
  { type: 'barcode', symbology: 'code39', data: 'ABC-123', module: 3 },
  { type: 'barcode', symbology: 'code128', data: 'ab\tc%{1}', text: false, height: 40 },
  { type: 'barcode', symbology: 'itf', data: '123456', module: 3 },
  { type: 'qr', data: 'Grüße €', errorCorrection: 'H', align: 'right' },
  { type: 'feed', lines: 2 },
  { type: 'pulse' },
  { type: 'cut' },
]

describe('commands', () => {
  const cases: [string, Block, string][] = [
    ['bold', { type: 'text', text: 'A', bold: true }, '1b 45 41 0a 1b 46'],
    ['underline', { type: 'text', text: 'A', underline: true }, '1b 2d 01 41 0a 1b 2d 00'],
    ['invert', { type: 'text', text: 'A', invert: true }, '1b 34 41 0a 1b 35'],
    ['size', { type: 'text', text: 'A', size: 3 }, '1b 69 02 02 41 0a 1b 69 00 00'],
    ['small', { type: 'text', text: 'A', small: true }, '1b 1e 46 01 41 0a 1b 1e 46 00'],
    ['align', { type: 'text', text: 'A', align: 'right' }, '1b 1d 61 02 41 0a 1b 1d 61 00'],
    ['page', { type: 'text', text: '€' }, '1b 1d 74 04 d5 0a'],
    ['feed', { type: 'feed', lines: 3 }, '1b 61 03'],
    ['partial cut', { type: 'cut' }, '1b 64 03'],
    ['full cut', { type: 'cut', partial: false }, '1b 64 02'],
    ['drawer 1', { type: 'pulse' }, '1b 07 14 50 07'],
    ['drawer 2', { type: 'pulse', drawer: 2 }, '1a'],
    [
      'EAN-13',
      { type: 'barcode', symbology: 'ean13', data: '4006381333931', module: 3, height: 72 },
      `1b 62 33 32 32 48 ${hex(ascii('4006381333931'))} 1e`,
    ],
    [
      'ITF',
      { type: 'barcode', symbology: 'itf', data: '1234', module: 3, height: 60, text: false },
      `1b 62 35 31 38 3c ${hex(ascii('1234'))} 1e`,
    ],
    [
      'Code 128',
      { type: 'barcode', symbology: 'code128', data: 'A%\t\x7f', height: 60 },
      `1b 62 36 32 31 3c ${hex(ascii('A%0%I%5'))} 1e`,
    ],
    [
      'QR',
      { type: 'qr', data: 'é', module: 4, errorCorrection: 'Q' },
      '1b 1d 79 53 30 02 1b 1d 79 53 31 02 1b 1d 79 53 32 04 1b 1d 79 44 31 00 02 00 c3 a9 1b 1d 79 50',
    ],
  ]
  it.each(cases)('[STAR2] %s', (_, block, bytes) => {
    expect(bodyHex([block])).toBe(bytes)
  })

  it('[STAR1] every copy begins with ESC @ and ESC R 0, and on a printer of dots with ESC * r R', () => {
    expect(hex(encodeNow([{ type: 'feed', lines: 1 }]).copies[0]!)).toBe(`${preamble} 1b 61 01`)
    expect(hex(encodeNow([{ type: 'cut' }], { mode: 'graphic' }).copies[0]!)).toMatch(/^1b 2a 72 52 /)
  })

  it('[STAR5] a QR module of 16 dots goes out as 8, the most that there are', () => {
    expect(bodyHex([{ type: 'qr', data: 'a', module: 16 }])).toContain('1b 1d 79 53 32 08')
  })

  it('[STAR5] PDF417 is drawn, by default', async () => {
    const encoded = encoderWith({}, imaging).prepare({
      receipt: { blocks: [{ type: 'pdf417', data: 'ab' }] },
    })
    const { twin, send } = twinAlone()
    send((await encoded).copies[0]!)
    expect(twin.uncut).toEqual([expect.stringMatching(/^\[image/)])
  })

  it('[STAR5] PDF417 by command, where the printer is trusted with its size', () => {
    const bytes = bodyHex([{ type: 'pdf417', data: 'ab' }], { nativePdf417: true })
    expect(bytes).toBe(
      '1b 1d 78 53 31 02 1b 1d 78 53 32 03 1b 1d 78 53 33 03 1b 1d 78 44 02 00 61 62 1b 1d 78 50',
    )
  })

  it('[STAR10] raw bytes go out as they are, behind the pulse when it was asked for', () => {
    const raw = Buffer.from([0x1b, 0x40, 0x41]).toString('base64')
    const plain = encoderWith().prepare({ raw })
    expect('copies' in plain && hex(plain.copies[0]!)).toBe('1b 40 41')
    const kicked = encoderWith().prepare({ raw, openDrawer: true })
    expect('copies' in kicked && hex(kicked.copies[0]!)).toBe('1b 07 14 50 07 1b 40 41')
  })

  it('[STAR9] the drawer opens with the first copy only', () => {
    const encoded = encoderWith().prepare({ text: 'a', openDrawer: true, copies: 2 })
    expect('copies' in encoded && encoded.copies.map((copy) => copy.includes(0x07))).toEqual([true, false])
  })
})

describe('on the simulated printer', () => {
  it('[STAR3] every kind of block is printed without a violation, cut and kicked', () => {
    const { twin, send } = twinAlone()
    send(encodeNow(everything).copies[0]!)
    expect(twin.violations).toEqual([])
    expect(twin.pulses).toMatchObject([{ pin: 2, onMs: 200, offMs: 800 }])
    expect(twin.tickets.length).toBe(1)
    const printed = twin.tickets[0]!.join('\n')
    for (const text of ['Žluťoučký kůň', 'small and inverted', 'Привет Καλημέρα', 'Crème', '1,00 €'])
      expect(printed).toContain(text)
    for (const code of ['[ean13 4006381333931]', '[upca 036000291452]', '[code39 *ABC-123*]', '[qr Grüße €]'])
      expect(printed).toContain(code)
  })

  it('[STAR3] what the till wrote is what the twin reads, whatever it was', () => {
    const chars = [...'abc 09é€ßŽřąğİЖяΩώñøþ─']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...chars), { minLength: 1, maxLength: 40 }), (list) => {
        const text = `x${list.join('')}x`
        const encoded = encoderWith({}, imaging).prepare({
          receipt: { blocks: [{ type: 'text', text }, { type: 'cut' }] },
        })
        // Only what no page spells is drawn.
        if (encoded instanceof Promise) {
          encoded.catch(() => {})
          return list.includes('þ') || /[ğİώ]/.test(text)
        }
        const { twin, send } = twinAlone()
        send(encoded.copies[0]!)
        expect(twin.violations).toEqual([])
        expect(twin.tickets[0]![0]).toBe(text)
        return true
      }),
      { numRuns: 200 },
    )
  })

  it('[STAR3] a line that no page spells is drawn in its place, in either mode, and cuts nothing', async () => {
    for (const mode of ['prnt', 'line'] as const) {
      const { twin, send } = twinAlone()
      const encoded = await encoderWith({ mode }, imaging).prepare({ text: 'one\n日本\nthree', cut: false })
      send(encoded.copies[0]!)
      expect(twin.violations).toEqual([])
      expect(twin.cuts).toBe(0)
      expect(twin.uncut[0]).toBe('one')
      expect(twin.uncut[1]).toMatch(/^\[image \d+x30\]$/)
      expect(twin.uncut[2]).toBe('three')
      expect(encoded.substituted).toEqual(['日', '本'])
    }
  })

  it('[STAR3] Japanese on a printer that has it', () => {
    const { twin, send } = twinAlone({ kanji: 'shift-jis' })
    send(
      encodeNow([{ type: 'text', text: 'abc 日本 é' }, { type: 'cut' }], { kanji: 'shift-jis' }).copies[0]!,
    )
    expect(twin.violations).toEqual([])
    expect(twin.tickets[0]![0]).toBe('abc 日本 é')
  })

  it('[STAR4] barcodes that the printer has not are drawn, with their text below', async () => {
    const wide = 'abcdefghijklmnop12345678'
    const blocks: Block[] = [
      { type: 'barcode', symbology: 'gs1-128', data: '(10)ABC' },
      { type: 'barcode', symbology: 'ean8', data: '96385074', module: 5, text: false },
      { type: 'barcode', symbology: 'code128', data: wide },
    ]
    const { twin, send } = twinAlone()
    const encoded = await encoderWith({}, imaging).prepare({ receipt: { blocks } })
    send(encoded.copies[0]!)
    expect(twin.violations).toEqual([])
    const kinds = twin.uncut.map((line) => line.replace(/ .*/, ''))
    expect(kinds).toEqual(['[image', '(10)ABC', '[image', '[image', wide])
  })

  it('[STAR4] Code 128 is left to the printer exactly as long as the worst case fits', () => {
    const fits = (length: number) => {
      const block = { type: 'barcode', symbology: 'code128', data: 'a'.repeat(length) } as const
      const encoded = encoderWith({}, imaging).prepare({ receipt: { blocks: [block] } })
      if (!(encoded instanceof Promise)) return true
      encoded.catch(() => {})
      return false
    }
    // (n + 3) × 11 + 35 modules of two dots on 576.
    expect([fits(20), fits(21)]).toEqual([true, false])
  })

  it('[STAR6] StarPRNT gets its pictures by ESC GS S in bands, line mode by rows in raster mode', async () => {
    const text = Array.from({ length: 12 }, () => '日本').join('\n')
    const prnt = await encoderWith({ imageBandRows: 100 }, imaging).prepare({ text, cut: false })
    const one = twinAlone()
    one.send(prnt.copies[0]!)
    expect(one.twin.images).toBe(4)
    const line = await encoderWith({ mode: 'line', imageBandRows: 100 }, imaging).prepare({
      text,
      cut: false,
    })
    const other = twinAlone()
    other.send(line.copies[0]!)
    expect(other.twin.images).toBe(4)
    const dots = (twin: typeof one.twin) =>
      twin.model.current.items.map((item) => (item.kind === 'image' ? [...item.bitmap.bits] : item.kind))
    expect(dots(other.twin)).toEqual(dots(one.twin))
    expect([one.twin.violations, other.twin.violations, other.twin.cuts]).toEqual([[], [], 0])
  })

  it('[STAR7] a printer of dots gets dots only: text, rules, symbols, feeds and cuts', async () => {
    const { twin, send } = twinAlone({ graphicOnly: true })
    const encoded = await encoderWith({ mode: 'graphic' }, imaging).prepare({
      receipt: { blocks: everything },
    })
    send(encoded.copies[0]!)
    expect(twin.violations).toEqual([])
    expect(twin.cuts).toBe(1)
    expect(twin.pulses.length).toBe(1)
    expect(twin.tickets[0]!.length).toBeGreaterThan(10)
    expect(twin.tickets[0]!.every((line) => line.startsWith('[image'))).toBe(true)
  })

  it('[STAR8] a receipt is cut where its blocks say, text at its end; a printer without a cutter feeds', () => {
    const { twin, send } = twinAlone()
    const text = encoderWith().prepare({ text: 'a' })
    send('copies' in text ? text.copies[0]! : new Uint8Array())
    expect(twin.cuts).toBe(1)
    send(
      encodeNow([{ type: 'text', text: 'b' }, { type: 'cut' }], { cut: 'none', cutFeedLines: 4 }).copies[0]!,
    )
    expect(twin.cuts).toBe(1)
    expect(twin.violations).toEqual([])
  })
})

describe('limits and surprises', () => {
  it('[STAR64] any bytes at all, however they are split, do no harm to the twin and give the same paper', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
        const whole = twinAlone()
        whole.send(bytes)
        const split = twinAlone()
        split.send(bytes.subarray(0, cut))
        split.send(bytes.subarray(cut))
        // Text cut in two is two pieces on one line, so the paper is what counts.
        expect([split.twin.uncut, split.twin.tickets]).toEqual([whole.twin.uncut, whole.twin.tickets])
      }),
      { numRuns: 300 },
    )
  })

  it('[STAR64] a receipt byte by byte gives the same paper', () => {
    const bytes = encodeNow(everything).copies[0]!
    const [whole, split] = [twinAlone(), twinAlone()]
    whole.send(bytes)
    for (const byte of bytes) split.send(Uint8Array.of(byte))
    expect(split.twin.tickets).toEqual(whole.twin.tickets)
    expect(split.twin.violations).toEqual([])
  })
})
