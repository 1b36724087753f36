/** The reports of a HID drawer, as its settings describe them. Pure; any bytes give an answer. */
import type { HidDrawerSettings } from './settings.ts'

export type SenseSettings = Pick<
  HidDrawerSettings,
  'sense' | 'senseByte' | 'senseMask' | 'senseOpen' | 'senseReportId'
>

/** The report that opens a drawer, 1 or 2; undefined when nobody knows it. */
export function openReport(
  settings: Pick<HidDrawerSettings, 'openReport' | 'openReport2'>,
  drawer: number,
): Uint8Array | undefined {
  const hex = drawer === 2 ? settings.openReport2 : settings.openReport
  return hex === '' ? undefined : hexBytes(hex)
}

/** Whether an input report says that the drawer is open; undefined when it says nothing about it. */
export function senseOf(report: Uint8Array, settings: SenseSettings): boolean | undefined {
  const { sense, senseByte, senseMask, senseOpen, senseReportId } = settings
  if (sense === 'none') return undefined
  if (senseReportId >= 0 && report[0] !== senseReportId) return undefined
  const byte = report[senseByte]
  return byte === undefined ? undefined : (byte & senseMask) === senseOpen
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  )
}
