/** Drawn barcodes, read back by zbar where it is installed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { expect, it } from 'vitest'
import { type BarcodeRequest, drawBarcode } from '../../../src/drivers/imaging/barcode.ts'
import { type Bitmap, isBlack, pad } from '../../../src/drivers/imaging/bitmap.ts'

const zbar = spawnSync('zbarimg', ['--version']).status === 0

function readByZbar(bitmap: Bitmap): string {
  const quiet = pad(bitmap, { left: 40, right: 40, top: 40, bottom: 40 })
  const png = new PNG({ width: quiet.width, height: quiet.height })
  for (let y = 0; y < quiet.height; y++) {
    for (let x = 0; x < quiet.width; x++) {
      const level = isBlack(quiet, x, y) ? 0 : 255
      png.data.set([level, level, level, 255], (y * quiet.width + x) * 4)
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'barcode-'))
  try {
    writeFileSync(join(folder, 'code.png'), PNG.sync.write(png))
    return spawnSync('zbarimg', ['-q', '--raw', '-Sbinary', join(folder, 'code.png')])
      .stdout.toString('utf8')
      .trim()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const request = (symbology: BarcodeRequest['symbology'], data: string): BarcodeRequest => ({
  symbology,
  data,
  module: 3,
  height: 80,
  path: 'p',
})

it.skipIf(!zbar).each<[BarcodeRequest['symbology'], string, string]>([
  ['ean13', '4006381333931', '4006381333931'],
  ['ean8', '96385074', '96385074'],
  ['upca', '036000291452', '0036000291452'],
  ['code39', 'ABC-123', 'ABC-123'],
  ['code128', 'Hello {128}', 'Hello {128}'],
  ['itf', '12345678', '12345678'],
  ['gs1-128', '(01)09521234543213(10)ABC', '010952123454321310ABC'],
  ['qr', 'Grüße aus Zürich €', 'Grüße aus Zürich €'],
])('[IMG12] %s is read by zbar as what was asked for', async (symbology, data, expected) => {
  const read = readByZbar(await drawBarcode(request(symbology, data)))
  expect(read.replace(/^0(?=036000291452$)/, '')).toBe(expected.replace(/^0(?=036000291452$)/, ''))
})

it('[IMG12] a module is as many dots as asked for, PDF417 rows three of them', async () => {
  const qr = await drawBarcode({ ...request('qr', 'hello'), module: 5 })
  expect([qr.width, qr.height]).toEqual([105, 105])
  const pdf = await drawBarcode({ ...request('pdf417', 'hello'), module: 2 })
  expect([pdf.width % 2, pdf.height % 6]).toEqual([0, 0])
  const bars = await drawBarcode({ ...request('ean13', '4006381333931'), module: 4 })
  expect([bars.width, bars.height]).toEqual([95 * 4, 80])
})

it('[IMG12] a drawn symbol ends with its last row: no white below it', async () => {
  for (const symbology of ['qr', 'pdf417'] as const) {
    const { data, rowBytes, height } = await drawBarcode({ ...request(symbology, 'hello'), module: 2 })
    expect([symbology, data.subarray((height - 1) * rowBytes).some((byte) => byte !== 0)]).toEqual([
      symbology,
      true,
    ])
  }
})

it('[IMG12] data that the symbology cannot hold is an error that names it', async () => {
  await expect(drawBarcode(request('ean13', 'x'))).rejects.toMatchObject({
    code: 'barcode_invalid',
    context: { path: 'p', symbology: 'ean13' },
  })
})
