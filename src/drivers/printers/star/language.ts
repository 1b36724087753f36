/** Star's languages as the layout of receipts speaks them: each command by the settings of one printer. */
import { lineDots } from '../common/layout/emitter.ts'
import type { LayoutSettings, RawSurvey, ReceiptLanguage } from '../common/layout/language.ts'
import * as command from './commands.ts'
import type { StarSettings } from './settings.ts'

/** Symbols of Code 128 whose number does not depend on the data: start, check and stop, and changes of the code set. */
const code128Around = { modules: 35, changes: 3, modulesOfSymbol: 11 } as const

/** Settings as the layout reads them. Printers that take dots only have no letters and no symbols of their own. */
export function starLayout(settings: StarSettings): LayoutSettings {
  if (settings.mode !== 'graphic') return settings
  return { ...settings, textDrawn: true, nativeQr: false, nativePdf417: false }
}

export function starLanguage(settings: StarSettings): ReceiptLanguage {
  const { mode, widthDots, nativeBarcodes, buzzer, drawerPulseOnMs, drawerPulseOffMs } = settings
  const text: ReceiptLanguage = {
    begin: command.initialize,
    bold: command.bold,
    underline: command.underline,
    invert: command.invert,
    size: command.size,
    smallFont: command.smallFont,
    align: command.align,
    codePage: command.codePage,
    shiftJis: command.shiftJis,
    feed: command.feed,
    cut: command.cut,
    pulse: (out, drawer) => command.pulse(out, drawer, drawerPulseOnMs, drawerPulseOffMs),
    beep(out, times) {
      if (buzzer) command.beep(out, times)
    },
    picture: mode === 'prnt' ? command.rasterImage : command.rasterRows,
    barcode(out, { block, data, height, module, text: readable }) {
      const { symbology } = block
      if (!nativeBarcodes || !command.hasBarcode(symbology, module)) return false
      const style = { height, module, text: readable }
      if (symbology !== 'code128') {
        command.barcode(out, symbology, data, style)
        return true
      }
      // The printer chooses the code sets, so only what fits in the worst case is left to it.
      const { modules, changes, modulesOfSymbol } = code128Around
      const widest = ((block.data.length + changes) * modulesOfSymbol + modules) * module
      if (widest > widthDots) return false
      command.barcode(out, symbology, command.code128Data(block.data), style)
      return true
    },
    qr: command.qr,
    pdf417: command.pdf417,
    survey: surveyRaw,
  }
  if (mode !== 'graphic') return text
  const nothing = () => {}
  return {
    ...text,
    begin: command.initializeRaster,
    bold: nothing,
    underline: nothing,
    invert: nothing,
    size: nothing,
    smallFont: nothing,
    align: nothing,
    feed: (out, lines) => command.rasterFeed(out, lines * lineDots),
    cut: command.rasterCut,
    barcode: () => false,
  }
}

const ETB = 0x17
const CAN = 0x18
const LF = 0x0a
const ESC = 0x1b

/**
 * What moves a counter counts as a question: ETB, ESC GS ETX, and CAN and ESC RS E which set that of ETB to 0. Rough: dots of
 * a picture may look the same.
 */
function surveyRaw(bytes: Uint8Array): RawSurvey {
  let questions = 0
  let cuts = 0
  let lines = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === ETB || byte === CAN) questions += 1
    else if (byte === LF) lines += 1
    else if (byte === ESC && bytes[at + 1] === 0x64) cuts += 1
    else if (byte === ESC && movesCounter(bytes[at + 1], bytes[at + 2])) questions += 1
    else if (byte === ESC && bytes[at + 1] === 0x61) lines += bytes[at + 2] ?? 0
  }
  return { questions, cuts, paperDots: lines * lineDots }
}

/** Behind ESC: GS ETX, or RS E. */
const movesCounter = (first: number | undefined, second: number | undefined) =>
  (first === 0x1d && second === 0x03) || (first === 0x1e && second === 0x45)
