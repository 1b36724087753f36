/** ESC/POS as the layout of receipts speaks it: each command by the settings of one printer. */
import type { ReceiptLanguage } from '../common/layout/language.ts'
import * as command from './commands.ts'
import { surveyRaw } from './raw.ts'
import type { EscposSettings } from './settings.ts'

export function escposLanguage(settings: EscposSettings): ReceiptLanguage {
  const { oneByteMode, imageCommand, buzzer, drawerPulseOnMs, drawerPulseOffMs } = settings
  return {
    begin(out) {
      command.initialize(out)
      command.asciiCharacters(out)
      if (oneByteMode) command.oneByteCharacters(out)
    },
    bold: command.bold,
    underline(out, on, twoByte) {
      command.underline(out, on)
      if (twoByte) command.underlineKanji(out, on)
    },
    invert: command.invert,
    size: (out, size) => command.size(out, size, size),
    smallFont: command.smallFont,
    align: command.align,
    codePage: command.codePage,
    shiftJis: (out, on) => (on ? command.enterShiftJis(out) : command.leaveShiftJis(out)),
    feed: command.feed,
    cut: command.cut,
    pulse: (out, drawer) => command.pulse(out, drawer, drawerPulseOnMs, drawerPulseOffMs),
    beep(out, times) {
      if (buzzer === 'epson') command.beepEpson(out, times)
      if (buzzer === 'clone') command.beepClone(out, times)
    },
    picture: imageCommand === 'graphics' ? command.graphicsImage : command.rasterImage,
    barcode(out, { system, data, height, module, text }) {
      command.barcode(out, system, data, { height, module, text })
      return true
    },
    qr: command.qr,
    pdf417: command.pdf417,
    survey: surveyRaw,
  }
}
