/** Teaches the ESC/POS twin to draw QR and PDF417, by bwip-js. */
import { createRequire } from 'node:module'
import type { DrawSymbol } from '../../src/drivers/printers/escpos/twin/symbols.ts'

const bwip = createRequire(import.meta.url)('bwip-js') as {
  raw(symbology: string, text: string, options: object): { pixs: number[]; pixx: number; pixy: number }[]
}

export const drawSymbol: DrawSymbol = (kind, data, { errorCorrection, columns, rows }) => {
  // One character a byte: bwip-js then encodes the bytes as they are.
  const text = Buffer.from(data).toString('latin1')
  const options =
    kind === 'qr'
      ? { eclevel: errorCorrection, binarytext: true }
      : {
          eclevel: Number(errorCorrection),
          columns: columns ?? 0,
          rows: rows ?? 0,
          rowmult: 1,
          binarytext: true,
        }
  try {
    const [drawn] = bwip.raw(kind === 'qr' ? 'qrcode' : 'pdf417', text, options)
    return drawn && { columns: drawn.pixx, rows: drawn.pixy, modules: drawn.pixs }
  } catch {
    return undefined
  }
}
