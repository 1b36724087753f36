/** Measures the ESC/POS encoder and the ditherer against other people's, in one process, taking turns. */
import { performance } from 'node:perf_hooks'
import { PNG } from 'pngjs'
import { type Bitmap, bands } from '../../src/drivers/imaging/bitmap.ts'
import { ditherRgba } from '../../src/drivers/imaging/dither.ts'
import { ditherPng } from '../../src/drivers/imaging/dither-file.ts'
import { readImageHeader } from '../../src/drivers/imaging/image-limits.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { Bytes } from '../../src/drivers/printers/common/layout/bytes.ts'
import { EscposEncoder } from '../../src/drivers/printers/escpos/codec.ts'
import { rasterImage } from '../../src/drivers/printers/escpos/commands.ts'
import { escposSettingsSchema } from '../../src/drivers/printers/escpos/settings.ts'
import { loadPeers, type Peer, type Picture } from './encode-peers.ts'
import { documentText, receiptDocument } from './receipt-document.ts'
import type { Row } from './rows.ts'

/** Rounds of which the median counts, and how long each contestant works in one, in ms. */
const rounds = 5
const roundMs = 300

/** Receipts a second, at least, on a machine where the fastest peer cannot be measured. */
const receiptsMin = 20_000
/** Pictures of 576 × 1200 a second, at least. */
const picturesMin = 160
/** How many times faster than the fastest peer pictures have to be. */
const picturesRatioMin = 8

interface Contestant {
  readonly name: string
  work(turn: number): unknown | Promise<unknown>
}

export async function run(): Promise<Row[]> {
  const peers = await loadPeers()
  if (peers.length === 0) console.error('the peers cannot be installed: only our own figures follow')
  return [...(await receipts(peers)), ...(await pictures(peers))]
}

async function receipts(peers: readonly Peer[]): Promise<Row[]> {
  const texts = Array.from({ length: 64 }, (_, seed) => documentText(seed))
  const documents = texts.map(receiptDocument)
  const clock = { now: Date.now, monotonic: () => performance.now(), after: () => () => {} }
  const encoder = new EscposEncoder(escposSettingsSchema.parse({}), new Imaging({ clock }))
  const speeds = await race([
    { name: 'tillbridge', work: (turn) => encoder.prepare({ receipt: documents[turn % documents.length]! }) },
    ...peers.map((peer) => ({
      name: peer.name,
      work: (turn: number) => peer.receipt(texts[turn % texts.length]!),
    })),
  ])
  const own = speeds.get('tillbridge')!
  const fastest = best(speeds)
  const bound = Math.max(fastest?.speed ?? receiptsMin, 0)
  return [
    {
      name: 'receipts encoded, code page per character',
      value: own,
      unit: '1/s',
      bound: fastest === undefined ? `>= ${receiptsMin}` : '>= the fastest peer',
      holds: own >= bound,
      ...against(speeds, own),
    },
  ]
}

async function pictures(peers: readonly Peer[]): Promise<Row[]> {
  const picture = testPicture(576, 1_200)
  const speeds = await race([
    {
      name: 'tillbridge',
      work: () => raster(ditherRgba(picture.rgba, picture.width, picture.height)),
    },
    { name: 'tillbridge PNG', work: () => raster(pngToDots(picture.png)) },
    ...peers.map((peer) => ({ name: peer.name, work: () => peer.picture(picture) })),
  ])
  const own = speeds.get('tillbridge')!
  const ownPng = speeds.get('tillbridge PNG')!
  const fastest = best(speeds)
  const ratio = fastest === undefined ? Number.POSITIVE_INFINITY : own / fastest.speed
  return [
    {
      name: 'pictures dithered, 576 x 1200 RGBA to GS v 0',
      value: own,
      unit: '1/s',
      bound: `>= ${picturesMin}${fastest === undefined ? '' : ` and ${picturesRatioMin} x the fastest peer`}`,
      holds: own >= picturesMin && ratio >= picturesRatioMin,
      ...against(speeds, own),
    },
    {
      name: 'pictures dithered, 576 x 1200 PNG to GS v 0',
      value: ownPng,
      unit: '1/s',
      bound: fastest === undefined ? '> 0' : '>= the fastest peer',
      holds: ownPng >= (fastest?.speed ?? 0),
      ...against(speeds, ownPng),
    },
  ]
}

function raster(bitmap: Bitmap): Uint8Array {
  const out = new Bytes()
  for (const part of bands(bitmap, 256)) rasterImage(out, part)
  return out.slice()
}

function pngToDots(png: Uint8Array): Bitmap {
  return ditherPng(png, readImageHeader(png, 'png'), { widthDots: 576, path: 'png' })
}

/** Soft shapes with some noise, as photographs and logos have. */
function testPicture(width: number, height: number): Picture {
  const png = new PNG({ width, height })
  for (let index = 0; index < width * height; index++) {
    const x = index % width
    const y = Math.floor(index / width)
    const level = 128 + 100 * Math.sin(x / 40) * Math.cos(y / 60) + ((index * 7919) % 13)
    png.data.set([level, level * 0.9, 255 - level, 255], index * 4)
  }
  return { width, height, rgba: new Uint8Array(png.data), png: PNG.sync.write(png) }
}

/** Speeds in 1/s: the median of the rounds, in each of which everybody works in turn. */
async function race(contestants: readonly Contestant[]): Promise<Map<string, number>> {
  const speeds = new Map<string, number[]>()
  for (let round = 0; round <= rounds; round++) {
    for (const contestant of contestants) {
      try {
        const speed = await speedOf(contestant)
        // The first round warms up.
        if (round > 0) speeds.set(contestant.name, [...(speeds.get(contestant.name) ?? []), speed])
      } catch (error) {
        if (round === 0) console.error(`${contestant.name} cannot do it: ${String(error).split('\n')[0]}`)
      }
    }
  }
  return new Map([...speeds].map(([name, values]) => [name, median(values)]))
}

async function speedOf(contestant: Contestant): Promise<number> {
  const start = performance.now()
  let turns = 0
  for (;;) {
    const result = contestant.work(turns)
    if (result instanceof Promise) await result
    turns += 1
    // Looking at the clock costs something too.
    if (turns % 8 !== 0 && turns > 8) continue
    const passed = performance.now() - start
    if (passed >= roundMs) return (turns * 1_000) / passed
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

function best(speeds: ReadonlyMap<string, number>): { name: string; speed: number } | undefined {
  const peers = [...speeds].filter(([name]) => !name.startsWith('tillbridge'))
  const sorted = peers.sort((a, b) => b[1] - a[1])
  return sorted[0] === undefined ? undefined : { name: sorted[0][0], speed: sorted[0][1] }
}

/** Every peer's figure, and how many times ours is faster. */
function against(speeds: ReadonlyMap<string, number>, own: number): { against?: string } {
  const peers = [...speeds].filter(([name]) => !name.startsWith('tillbridge')).sort((a, b) => b[1] - a[1])
  if (peers.length === 0) return {}
  return {
    against: peers
      .map(([name, speed]) => `${name} ${speed.toFixed(1)}/s (x${(own / speed).toFixed(1)})`)
      .join(', '),
  }
}

if (import.meta.main) console.table(await run())
