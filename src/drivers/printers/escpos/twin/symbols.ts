/** GS ( k: the store, the settings and the printing of QR codes and PDF417. */
import type { DrawnSymbol } from '../../common/twin/paper.ts'

/** Draws a two-dimensional symbol; `undefined` when the data does not fit. `errorCorrection`: L M Q H, or 0 to 8 for PDF417. */
export type DrawSymbol = (
  kind: 'qr' | 'pdf417',
  data: Uint8Array,
  options: { errorCorrection: string; columns?: number; rows?: number },
) => DrawnSymbol | undefined

export interface ReadySymbol {
  readonly symbology: 'qr' | 'pdf417'
  readonly data: Uint8Array
  readonly moduleWidth: number
  readonly moduleHeight: number
  readonly options: { errorCorrection: string; columns?: number; rows?: number }
}

const qrDataMax = 7_089
const between = (n: number | undefined, low: number, high: number) => n !== undefined && n >= low && n <= high

/** Holds what GS ( k sets, until ESC @. Answers a symbol to print, a reason why not, or nothing. */
export class SymbolStore {
  #qrModule = 3
  #qrCorrection = 'L'
  #qrData: Uint8Array | undefined
  #pdfColumns = 0
  #pdfRows = 0
  #pdfModule = 3
  #pdfRowHeight = 3
  #pdfCorrection = '1'
  #pdfData: Uint8Array | undefined

  obey(bytes: Uint8Array): ReadySymbol | { wrong: string } | undefined {
    const [kind, fn, ...args] = bytes
    if (kind === 49) return this.#qr(fn!, args, bytes)
    if (kind === 48) return this.#pdf(fn!, args, bytes)
    return { wrong: `symbol ${kind} is not modelled` }
  }

  #qr(fn: number, [a, b]: number[], bytes: Uint8Array): ReadySymbol | { wrong: string } | undefined {
    switch (fn) {
      case 65:
        return between(a, 49, 51) && b === 0 ? undefined : { wrong: `QR model ${a} ${b}` }
      case 67:
        if (!between(a, 1, 16)) return { wrong: `QR module ${a}` }
        this.#qrModule = a!
        return undefined
      case 69:
        if (!between(a, 48, 51)) return { wrong: `QR error correction ${a}` }
        this.#qrCorrection = 'LMQH'[a! - 48]!
        return undefined
      case 80:
        if (a !== 48 || !between(bytes.length - 3, 1, qrDataMax)) return { wrong: 'QR data' }
        this.#qrData = bytes.slice(3)
        return undefined
      case 81:
        if (a !== 48) return { wrong: `QR print ${a}` }
        if (this.#qrData === undefined) return { wrong: 'no QR data was stored' }
        return {
          symbology: 'qr',
          data: this.#qrData,
          moduleWidth: this.#qrModule,
          moduleHeight: this.#qrModule,
          options: { errorCorrection: this.#qrCorrection },
        }
      default:
        return { wrong: `QR function ${fn}` }
    }
  }

  #pdf(fn: number, [a, b]: number[], bytes: Uint8Array): ReadySymbol | { wrong: string } | undefined {
    switch (fn) {
      case 65:
        if (!between(a, 0, 30)) return { wrong: `PDF417 columns ${a}` }
        this.#pdfColumns = a!
        return undefined
      case 66:
        if (a !== 0 && !between(a, 3, 90)) return { wrong: `PDF417 rows ${a}` }
        this.#pdfRows = a!
        return undefined
      case 67:
        if (!between(a, 2, 8)) return { wrong: `PDF417 module ${a}` }
        this.#pdfModule = a!
        return undefined
      case 68:
        if (!between(a, 2, 8)) return { wrong: `PDF417 row height ${a}` }
        this.#pdfRowHeight = a!
        return undefined
      case 69:
        if (!(a === 48 && between(b, 48, 56)) && !(a === 49 && between(b, 1, 40)))
          return { wrong: `PDF417 error correction ${a} ${b}` }
        this.#pdfCorrection = a === 48 ? String(b! - 48) : '1'
        return undefined
      case 70:
        return between(a, 0, 1) ? undefined : { wrong: `PDF417 option ${a}` }
      case 80:
        if (a !== 48 || bytes.length < 4) return { wrong: 'PDF417 data' }
        this.#pdfData = bytes.slice(3)
        return undefined
      case 81:
        if (a !== 48) return { wrong: `PDF417 print ${a}` }
        if (this.#pdfData === undefined) return { wrong: 'no PDF417 data was stored' }
        return {
          symbology: 'pdf417',
          data: this.#pdfData,
          moduleWidth: this.#pdfModule,
          moduleHeight: this.#pdfModule * this.#pdfRowHeight,
          options: {
            errorCorrection: this.#pdfCorrection,
            ...(this.#pdfColumns > 0 && { columns: this.#pdfColumns }),
            ...(this.#pdfRows > 0 && { rows: this.#pdfRows }),
          },
        }
      default:
        return { wrong: `PDF417 function ${fn}` }
    }
  }
}
