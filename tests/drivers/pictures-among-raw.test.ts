/** Pictures among raw bytes, in every language of printers: in their place, or refused before anything is sent. */
import { expect, it } from 'vitest'
import type { Driver } from '../../src/drivers/driver.ts'
import { createBitmap, fillBlack } from '../../src/drivers/imaging/bitmap.ts'
import { createEplDriver } from '../../src/drivers/printers/epl/driver.ts'
import { createEplTwin } from '../../src/drivers/printers/epl/twin.ts'
import { createIppDriver } from '../../src/drivers/printers/ipp/driver.ts'
import { createIppTwin } from '../../src/drivers/printers/ipp/twin.ts'
import { createTsplDriver } from '../../src/drivers/printers/tspl/driver.ts'
import { createTsplTwin } from '../../src/drivers/printers/tspl/twin.ts'
import { createZplDriver } from '../../src/drivers/printers/zpl/driver.ts'
import { createZplTwin } from '../../src/drivers/printers/zpl/twin.ts'
import { type PrintPayload, printPayloadSchema } from '../../src/protocol/job.ts'
import { encoderWith as escpos, newImaging } from './escpos/codec-support.ts'
import { openPrinter } from './labels/bench.ts'
import { pngOf, sharedImaging } from './labels/support.ts'
import { encoderWith as star } from './star/bench.ts'

const imaging = sharedImaging()
const raw = Buffer.from('above below').toString('base64')
const square = createBitmap(32, 8)
fillBlack(square, 4, 2, 20, 4)
const image = pngOf(square).toString('base64')
const payload: PrintPayload = { raw, pictures: [{ at: 6, image }] }

const encoders = { escpos: escpos({}, newImaging()), star: star({}, newImaging()) }

it('[QZ13] ESC/POS and Star put the picture where it stands, and nothing else of theirs between', async () => {
  for (const encoder of Object.values(encoders)) {
    const { copies } = await encoder.prepare(payload)
    const bytes = Buffer.from(copies[0]!)
    expect(bytes.subarray(0, 6).toString()).toBe('above ')
    expect(bytes.subarray(-5).toString()).toBe('below')
    // The same picture by itself, between the same bytes.
    const alone = Buffer.from((await encoder.prepare({ ...payload, pictures: [] })).copies[0]!)
    expect(alone.toString()).toBe('above below')
    expect(bytes.length).toBeGreaterThan(alone.length + 10)
    const twice = await encoder.prepare({
      raw,
      pictures: [
        { at: 6, image },
        { at: 6, image },
      ],
    })
    expect(twice.copies[0]!.length - bytes.length).toBe(bytes.length - alone.length)
  }
})

it('[QZ13] a job that broke off in the middle of a line leaves nothing behind for the next', async () => {
  const { escpos: encoder } = encoders
  const clean = Buffer.from((await encoder.prepare(payload)).copies[0]!)
  const text = { type: 'text', text: 'x', align: 'center' } as const
  const bad = { type: 'barcode', symbology: 'ean13', data: 'x' } as const
  expect(() => encoder.prepare({ receipt: { blocks: [text, bad] } })).toThrow(/ean13/)
  expect(Buffer.from((await encoder.prepare(payload)).copies[0]!)).toEqual(clean)
})

it('[QZ15] a place behind the bytes, an order that is none, and pictures of other payloads are refused', () => {
  for (const at of [11, 12]) {
    const act = () => encoders.escpos.prepare({ raw, pictures: [{ at, image }] })
    if (at === 11) expect(act).not.toThrow()
    else expect(act).toThrow(/pictures\.0\.at: lies behind the 11 raw bytes/)
  }
  const parse = (value: PrintPayload) => printPayloadSchema.safeParse(value).success
  expect(parse(payload)).toBe(true)
  expect(
    parse({
      raw,
      pictures: [
        { at: 6, image },
        { at: 5, image },
      ],
    }),
  ).toBe(false)
  expect(parse({ text: 'a', pictures: [{ at: 0, image }] })).toBe(false)
})

const others = {
  zpl: [createZplDriver, createZplTwin],
  epl: [createEplDriver, createEplTwin],
  tspl: [createTsplDriver, createTsplTwin],
  ipp: [createIppDriver, createIppTwin],
} as const

it.each(Object.entries(others))(
  '[QZ15] %s says that it cannot',
  async (_name, [createDriver, createTwin]) => {
    const driver = createDriver({ imaging }) as unknown as Driver<never>
    const bench = await openPrinter(driver, (clock) => createTwin({ clock }))
    const prepare = async () => bench.printing.prepare(payload, 'job-1')
    await expect(prepare()).rejects.toMatchObject({ code: 'payload_unsupported' })
  },
)
