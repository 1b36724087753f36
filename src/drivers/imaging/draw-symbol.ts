/** Draws QR and PDF417 as modules for a simulated printer, by bwip-js. Loaded at the first symbol: it is large. */
import { createRequire } from 'node:module'

/** The symbol as rows of modules, 1 for dark; undefined when it cannot hold the data. */
export type DrawModules = (
  kind: 'qr' | 'pdf417',
  data: Uint8Array,
  options: { errorCorrection: string; columns?: number; rows?: number },
) => { columns: number; rows: number; modules: readonly number[] } | undefined

interface Bwip {
  raw(symbology: string, text: string, options: object): { pixs: number[]; pixx: number; pixy: number }[]
}

const load = createRequire(import.meta.url)

export const drawSymbol: DrawModules = (kind, data, { errorCorrection, columns, rows }) => {
  const bwip = load('bwip-js') as Bwip
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
