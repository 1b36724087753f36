/** The picture of the paper: others can read it. zbar scans its codes, resvg draws it, PNG readers open its images. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { drawSymbol } from '../../../src/drivers/imaging/draw-symbol.ts'
import { pngDataUri } from '../../../src/drivers/printers/common/twin/png.ts'
import { escapeXml, pictureLimits } from '../../../src/drivers/printers/common/twin/svg.ts'
import { bytesOf, ESC, GS, LF, type Part, qr, symbolCommand, twinBench } from './twin-bench.ts'

const require = createRequire(import.meta.url)
const fonts = ['DejaVuSansMono.ttf', 'DejaVuSansMono-Bold.ttf'].map((name) =>
  require.resolve(`dejavu-fonts-ttf/ttf/${name}`),
)

function render(svg: string) {
  const font = { loadSystemFonts: false, fontFiles: fonts, defaultFontFamily: 'DejaVu Sans Mono' }
  return new Resvg(svg, { font, background: '#fff' }).render()
}

/** What zbar (Debian `zbar-tools`) reads in a picture, sorted. */
function scan(svg: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'twin-'))
  try {
    const file = join(folder, 'paper.png')
    writeFileSync(file, render(svg).asPng())
    const read = execFileSync('zbarimg', ['-q', file], { stdio: ['ignore', 'pipe', 'ignore'] })
    return read.toString().trim().split('\n').sort()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const barcode = (system: number, data: string) => bytesOf(GS, 'k', system, data.length, data)
const spaced = (...codes: Part[]) => codes.flatMap((code): Part[] => [code, '\n\n\n'])

describe('codes', () => {
  it('[TWIN10] zbar reads the bars from the picture', () => {
    const bench = twinBench()
    bench.send([ESC, 0x61, 1, GS, 0x68, 80, GS, 0x48, 2])
    bench.send(
      ...spaced(
        barcode(67, '400638133393'),
        barcode(68, '9638507'),
        barcode(65, '03600029145'),
        barcode(69, 'TILL-39'),
        barcode(70, '12345678'),
        barcode(73, '{BNo. 42{C\x0c\x22'),
        barcode(71, 'A1234B'),
      ),
    )
    expect(bench.twin.violations).toEqual([])
    expect(scan(bench.twin.paper().svg)).toEqual([
      'CODE-128:No. 421234',
      'CODE-39:TILL-39',
      'Codabar:A1234B',
      'EAN-13:0036000291452',
      'EAN-13:4006381333931',
      'EAN-8:96385074',
      'I2/5:12345678',
    ])
  })

  it('[TWIN11] zbar reads the QR code, every error correction', () => {
    for (const correction of [48, 49, 50, 51]) {
      const bench = twinBench({ drawSymbol })
      bench.send(qr('https://example.com/r/é', 4, correction))
      expect(scan(bench.twin.paper().svg)).toHaveLength(1)
      expect(bench.twin.violations).toEqual([])
    }
    const bench = twinBench({ drawSymbol })
    bench.send(qr('https://example.com/receipt/1234'))
    expect(scan(bench.twin.paper().svg)).toEqual(['QR-Code:https://example.com/receipt/1234'])
  })

  it('[TWIN11] without a way to draw it a frame stands in', () => {
    const bench = twinBench()
    bench.send(qr('abc'), symbolCommand(48, 80, 48, 'abc'), symbolCommand(48, 81, 48))
    expect(bench.twin.uncut).toEqual(['[qr abc]', '[pdf417 abc]'])
    expect(bench.twin.paper().svg.match(/stroke-dasharray/g)).toHaveLength(2)
  })
})

describe('images', () => {
  it('[TWIN9] the PNG inside is read dot for dot by another reader', () => {
    const width = 13
    const height = 7
    const bits = Uint8Array.from({ length: 2 * height }, (_, i) => (i * 37) & (i % 2 ? 0xf8 : 0xff))
    const uri = pngDataUri({ width, height, bits }, [1, 2, 3])
    const png = PNG.sync.read(Buffer.from(uri.slice('data:image/png;base64,'.length), 'base64'))
    expect([png.width, png.height]).toEqual([width, height])
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const dark = ((bits[y * 2 + (x >> 3)]! >> (7 - (x & 7))) & 1) === 1
        const at = (y * width + x) * 4
        expect([...png.data.subarray(at, at + 4)]).toEqual(dark ? [1, 2, 3, 255] : [255, 255, 255, 0])
      }
  })

  it('[TWIN9] an image longer than one stored block', () => {
    const width = 1_000
    const height = 600
    const bits = new Uint8Array(125 * height).fill(0x0f)
    const uri = pngDataUri({ width, height, bits }, [0, 0, 0])
    const png = PNG.sync.read(Buffer.from(uri.slice('data:image/png;base64,'.length), 'base64'))
    expect(png.data[(599 * width + 999) * 4 + 3]).toBe(255)
    expect(png.data[(599 * width + 992) * 4 + 3]).toBe(0)
  })

  it('[TWIN9] dots stand where they were printed', () => {
    const bench = twinBench()
    bench.send([ESC, 0x61, 2, GS, 0x76, 0x30, 0, 2, 0, 4, 0], new Uint8Array(8).fill(0xff))
    const picture = render(bench.twin.paper().svg)
    const pixel = (x: number, y: number) => picture.pixels[(y * picture.width + x) * 4]!
    // 28 dots of desk, 32 of margin, 40 of paper above; the image is the last 16 of 576 dots.
    expect([pixel(28 + 32 + 560, 28 + 40), pixel(28 + 32 + 575, 28 + 43)].every((value) => value < 60)).toBe(
      true,
    )
    expect([pixel(28 + 32 + 558, 28 + 40), pixel(28 + 32 + 560, 28 + 45)].every((value) => value > 230)).toBe(
      true,
    )
  })
})

describe('paper', () => {
  it('[TWIN22] is well-formed XML whatever was printed', () => {
    const bench = twinBench()
    bench.send(
      `<script>alert("&")</script> ]]> '"`,
      LF,
      [GS, 0x42, 1],
      '<b>',
      [GS, 0x42, 0, ESC, 0x7b, 1],
      LF,
      'x<y',
      LF,
    )
    bench.send([ESC, 0x7b, 0], barcode(73, '{B<&>'), [GS, 0x48, 2], barcode(73, '{B<&>'))
    for (const page of [0, 2, 13, 17, 36, 37, 50]) {
      const all = Uint8Array.from({ length: 128 }, (_, i) => i + 0x80)
      bench.send([ESC, 0x74, page], all, LF)
    }
    const { svg } = bench.twin.paper()
    // resvg refuses a document that is not well formed.
    expect(render(svg).width).toBeGreaterThan(0)
    expect(svg).not.toContain('<script')
    expect(escapeXml('a\x01<&">\uffff')).toBe('a\ufffd&lt;&amp;&quot;&gt;\ufffd')
  })

  it('[TWIN22] holds nothing that loads or runs', () => {
    const bench = twinBench({ drawSymbol })
    bench.send('x\n', qr('x'), [GS, 0x76, 0x30, 0, 1, 0, 1, 0, 0xff])
    const { svg } = bench.twin.paper()
    const links = [...svg.matchAll(/(?:href|src)="([^"]{0,22})/g)].map((match) => match[1])
    expect(links).toEqual(['data:image/png;base64,'])
    expect(svg).not.toMatch(/<style|<script|<foreignObject|\son\w+=/)
  })

  it('[TWIN22] characters stand in their columns', () => {
    const bench = twinBench()
    bench.send('ab  c', LF, [GS, 0x21, 0x11], 'W', LF)
    const { svg } = bench.twin.paper()
    expect(svg).toContain('<text x="6 18 54" y="18.5" font-size="20">abc</text>')
    expect(svg).toContain(
      '<text x="6" y="18.5" font-size="20" transform="translate(0 30) scale(2 2)">W</text>',
    )
  })

  it('[TWIN22] shows the newest four receipts, and of an endless one the end', () => {
    const bench = twinBench({ ticketDotsMax: 20_000 })
    for (let i = 1; i <= 6; i++) bench.send(`${i}${i}${i}\n`, [GS, 0x56, 1])
    const { svg } = bench.twin.paper()
    const shown = [...svg.matchAll(/>(\d)\1\1</g)].map((match) => Number(match[1]))
    expect(shown).toEqual([6, 5, 4, 3])
    bench.send('first\n', 'x\n'.repeat(300), 'last\n')
    const long = bench.twin.paper().svg
    expect(long).toContain('>last<')
    expect(long).not.toContain('>first<')
    const height = Number(/viewBox="0 0 \d+ (\d+)"/.exec(long)![1])
    expect(height).toBeLessThan(pictureLimits.ticketDotsMax + 5 * 250)
  })

  it('[TWIN22] is drawn once a revision', () => {
    const bench = twinBench()
    bench.send('x\n')
    const first = bench.twin.paper()
    expect(bench.twin.paper().svg).toBe(first.svg)
    bench.send('y\n')
    const second = bench.twin.paper()
    expect(second.revision).toBeGreaterThan(first.revision)
    expect(second.svg).not.toBe(first.svg)
  })
})
