/** Decoding pictures: every kind of PNG against pngjs, JPEG, and files that are broken or bombs. */
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { decodeBase64 } from '../../../src/drivers/imaging/base64.ts'
import { JpegDecoder } from '../../../src/drivers/imaging/decode-jpeg.ts'
import { decodePng } from '../../../src/drivers/imaging/decode-png.ts'
import { greyOfRgba, luma, overWhite } from '../../../src/drivers/imaging/grey.ts'
import { imageLimits, readImageHeader } from '../../../src/drivers/imaging/image-limits.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { chunk, header, makePng, type PngKind, signature } from './png-support.ts'

const failure = (work: () => unknown): { code: string; reason: unknown } | 'fine' => {
  try {
    work()
    return 'fine'
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    expect(error.context.path).toBe('p')
    return { code: error.code, reason: error.context.reason }
  }
}

const decode = (bytes: Uint8Array) => {
  readImageHeader(bytes, 'p')
  return decodePng(bytes, 'p')
}

describe('[IMG3] PNG', () => {
  const kinds: [number, number][] = [
    [0, 1],
    [0, 2],
    [0, 4],
    [0, 8],
    [0, 16],
    [2, 8],
    [2, 16],
    [3, 1],
    [3, 2],
    [3, 4],
    [3, 8],
    [4, 8],
    [4, 16],
    [6, 8],
    [6, 16],
  ]

  it('every colour type, depth, filter and interlacing is read as pngjs reads it', () => {
    let pictures = 0
    for (const [colour, depth] of kinds) {
      for (const interlaced of [false, true]) {
        for (const [width, height] of [
          [1, 1],
          [3, 5],
          [17, 11],
        ] as const) {
          const palette = Array.from(
            { length: 2 ** Math.min(depth, 8) },
            (_, i) => [(i * 67) % 256, (i * 31) % 256, (i * 13) % 256] as const,
          )
          const kind: PngKind = { width, height, depth, colour, interlaced, filter: (row) => row % 5 }
          if (colour === 3) kind.palette = palette
          if (colour === 3 && depth > 1) kind.transparency = Uint8Array.of(0, 128, 255)
          const max = 2 ** depth
          const file = makePng(
            kind,
            (x, y, index) => (x * 7919 + y * 104_729 + index * 31 + x * y * 17) % max,
          )
          const theirs = PNG.sync.read(file).data
          const ours = decode(file)
          expect([ours.width, ours.height]).toEqual([width, height])
          for (let pixel = 0; pixel < width * height; pixel++) {
            const [red, green, blue, alpha] = theirs.subarray(pixel * 4) as unknown as [
              number,
              number,
              number,
              number,
            ]
            const expected = overWhite(luma(red, green, blue), alpha)
            // pngjs rounds 16 bits to 8, we cut: at most one level of each sample.
            expect(Math.abs(ours.data[pixel]! - expected)).toBeLessThanOrEqual(depth === 16 ? 2 : 0)
          }
          pictures += 1
        }
      }
    }
    expect(pictures).toBe(15 * 2 * 3)
  })

  it('files that pngjs writes are read as it reads them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer(),
        (width, height, seed) => {
          const image = new PNG({ width, height })
          for (let at = 0; at < image.data.length; at++)
            image.data[at] = (Math.imul(at + seed, 2_654_435_761) >>> 13) & 255
          const ours = decode(PNG.sync.write(image))
          for (let pixel = 0; pixel < width * height; pixel++) {
            const [red, green, blue, alpha] = image.data.subarray(pixel * 4) as unknown as [
              number,
              number,
              number,
              number,
            ]
            expect(ours.data[pixel]).toBe(overWhite(luma(red, green, blue), alpha))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('[IMG4] transparent pixels are white, by alpha, by palette and by colour', () => {
    const alpha = makePng({ width: 2, height: 1, depth: 8, colour: 6 }, (x, _, index) =>
      index === 3 ? x * 255 : 0,
    )
    expect([...decode(alpha).data]).toEqual([255, 0])
    const palette = makePng(
      {
        width: 2,
        height: 1,
        depth: 8,
        colour: 3,
        palette: [
          [0, 0, 0],
          [0, 0, 0],
        ],
        transparency: Uint8Array.of(0),
      },
      (x) => x,
    )
    expect([...decode(palette).data]).toEqual([255, 0])
    const grey = makePng(
      { width: 2, height: 1, depth: 8, colour: 0, transparency: Uint8Array.of(0, 7) },
      (x) => 7 + x,
    )
    expect([...decode(grey).data]).toEqual([255, 8])
    const colour = makePng(
      { width: 2, height: 1, depth: 16, colour: 2, transparency: Uint8Array.of(1, 0, 2, 0, 3, 0) },
      (x, _, index) => (index + 1) * 256 + x,
    )
    expect(decode(colour).data[0]).toBe(255)
    expect(decode(colour).data[1]).toBeLessThan(5)
  })

  it('transparency in part shows the paper through', () => {
    const half = makePng({ width: 1, height: 1, depth: 8, colour: 4 }, (_, __, index) =>
      index === 1 ? 128 : 0,
    )
    expect(decode(half).data[0]).toBe(127)
  })
})

describe('[IMG1] sizes are checked before anything is decoded', () => {
  const headerOnly = (width: number, height: number) =>
    Buffer.concat([signature, header({ width, height, depth: 8, colour: 0 })])

  it('16,000,000 pixels go, one row more does not', () => {
    expect(readImageHeader(headerOnly(4_000, 4_000), 'p')).toEqual({
      format: 'png',
      width: 4_000,
      height: 4_000,
    })
    expect(() => readImageHeader(headerOnly(4_000, 4_001), 'p')).toThrow(
      expect.objectContaining({
        code: 'image_too_large',
        context: { path: 'p', pixels: 16_004_000, pixelsMax: imageLimits.imagePixelsMax },
      }),
    )
    expect(failure(() => readImageHeader(headerOnly(0xffffffff, 0xffffffff), 'p'))).toMatchObject({
      code: 'image_too_large',
    })
  })

  it('a JPEG by its frame header', () => {
    const frame = (marker: number, width: number, height: number) =>
      Uint8Array.of(
        0xff,
        0xd8,
        0xff,
        0xe0,
        0,
        4,
        1,
        2,
        0xff,
        marker,
        0,
        11,
        8,
        height >> 8,
        height & 255,
        width >> 8,
        width & 255,
        1,
        1,
        0x11,
        0,
      )
    expect(readImageHeader(frame(0xc0, 640, 480), 'p')).toEqual({ format: 'jpeg', width: 640, height: 480 })
    expect(readImageHeader(frame(0xc2, 640, 480), 'p').width).toBe(640)
    expect(failure(() => readImageHeader(frame(0xc0, 60_000, 60_000), 'p'))).toMatchObject({
      code: 'image_too_large',
    })
    expect(failure(() => readImageHeader(frame(0xc3, 64, 48), 'p'))).toMatchObject({ code: 'image_invalid' })
    expect(failure(() => readImageHeader(frame(0xc0, 0, 48), 'p'))).toMatchObject({
      reason: 'it has no pixels',
    })
  })

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a GIF', Buffer.from('GIF89a............................')],
    ['half a PNG signature', signature.subarray(0, 6)],
    ['a PNG without a header', Buffer.concat([signature, chunk('IDAT', Buffer.alloc(20))])],
    ['a JPEG without a frame', Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)],
    ['a JPEG that ends in a segment', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0)],
    [
      'a JPEG with a segment of length 0 for ever',
      Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xe0, 0, 0),
    ],
  ])('%s is refused', (_, bytes) => {
    expect(failure(() => readImageHeader(bytes, 'p'))).toMatchObject({ code: 'image_invalid' })
  })
})

describe('[IMG2] broken files and bombs', () => {
  const sound = makePng({ width: 20, height: 20, depth: 8, colour: 2 }, (x, y) => x * y)
  const withData = (width: number, height: number, data: Uint8Array) =>
    Buffer.concat([
      signature,
      header({ width, height, depth: 8, colour: 6 }),
      chunk('IDAT', data),
      chunk('IEND', Buffer.alloc(0)),
    ])

  it('more data than the size allows is not inflated', () => {
    const bomb = withData(2, 2, deflateSync(Buffer.alloc(50_000_000)))
    const before = process.memoryUsage().arrayBuffers
    expect(failure(() => decode(bomb))).toEqual({
      code: 'image_invalid',
      reason: 'it holds more data than its size allows',
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
  })

  it('a size that so little data cannot fill is refused before memory is taken for it', () => {
    const bomb = withData(4_000, 4_000, deflateSync(Buffer.alloc(100)))
    const before = process.memoryUsage().arrayBuffers
    expect(failure(() => decode(bomb))).toEqual({
      code: 'image_invalid',
      reason: 'its compressed data is cut off',
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
  })

  it('16 bits a sample have their own limit', () => {
    const file = Buffer.concat([
      signature,
      header({ width: 4_000, height: 4_000, depth: 16, colour: 6 }),
      chunk('IDAT', Buffer.alloc(10)),
      chunk('IEND', Buffer.alloc(0)),
    ])
    expect(failure(() => decode(file))).toMatchObject({ code: 'image_too_large' })
  })

  it('cut off at any byte it is refused', () => {
    for (let length = 0; length < sound.length; length++) {
      expect([length, failure(() => decode(sound.subarray(0, length)))]).toMatchObject([
        length,
        { code: 'image_invalid' },
      ])
    }
    expect(sound.length).toBeGreaterThan(100)
  })

  it('with any byte changed it is refused, or still the picture it says it is', () => {
    let refused = 0
    for (let at = 0; at < sound.length; at++) {
      const changed = Buffer.from(sound)
      changed[at] = changed[at]! ^ 0x55
      const result = failure(() => decode(changed))
      if (result !== 'fine') refused += 1
    }
    expect(refused).toBe(sound.length)
  })

  it('random bytes behind a signature never end in anything but a HubError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        failure(() => decode(Buffer.concat([signature, bytes])))
        failure(() => decode(Buffer.concat([sound.subarray(0, 33), bytes])))
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['no palette', { colour: 3, depth: 8 }],
    ['a depth that does not exist', { colour: 2, depth: 4 }],
    ['a colour type that does not exist', { colour: 5, depth: 8 }],
  ])('%s', (_, kind) => {
    const parts = [
      signature,
      header({ width: 1, height: 1, ...kind }),
      chunk('IDAT', deflateSync(Buffer.alloc(2))),
      chunk('IEND', Buffer.alloc(0)),
    ]
    expect(failure(() => decode(Buffer.concat(parts)))).toMatchObject({ code: 'image_invalid' })
  })
})

describe('[IMG5] JPEG', () => {
  const data = Buffer.alloc(64 * 48 * 4, 255)
  for (let y = 0; y < 48; y++)
    for (let x = 0; x < 32; x++) data.fill(0, (y * 64 + x) * 4, (y * 64 + x) * 4 + 3)
  const file = jpeg.encode({ width: 64, height: 48, data }, 95).data

  it('is read as grey', async () => {
    const grey = greyOfRgba(await new JpegDecoder().decode(file, 'p'))
    expect([grey.width, grey.height]).toEqual([64, 48])
    expect(grey.data[10]).toBeLessThan(10)
    expect(grey.data[50]).toBeGreaterThan(245)
  })

  it('broken ones are refused, and the next one is read', async () => {
    const decoder = new JpegDecoder()
    const torn = [2, 20, 200, file.length - 2].map((length) => file.subarray(0, length))
    const hollow = Buffer.concat([file.subarray(0, 40), Buffer.from([0xff, 0xd9])])
    for (const bytes of [...torn, hollow])
      await expect(decoder.decode(bytes, 'p')).rejects.toMatchObject({ code: 'image_invalid' })
    expect((await decoder.decode(file, 'p')).width).toBe(64)
  })
})

it('[IMG17] base64 is decoded as Node does it, and refused when it is not strict', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      expect([...decodeBase64(Buffer.from(bytes).toString('base64'), 'p')]).toEqual([...bytes])
    }),
  )
  for (const text of [
    'A',
    'AB',
    'ABC',
    'AB=',
    'A===',
    'AB-_',
    'AB CD',
    'ABCD\n',
    'AB==CD==',
    'AC==',
    'AAF=',
  ]) {
    expect([text, failure(() => decodeBase64(text, 'p'))]).toMatchObject([text, { code: 'base64_invalid' }])
  }
})
