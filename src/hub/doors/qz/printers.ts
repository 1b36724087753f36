/** The hub's printers as QZ Tray lists, finds and describes them: by name. */
import type { Device } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { Caller, HubApi } from '../../api.ts'
import { wrong } from './refusal.ts'

export async function printersOf(hub: HubApi, caller: Caller): Promise<Device[]> {
  const { devices } = await hub.call('device.list', {}, caller)
  return devices.filter((device) => device.class === 'printer' && device.state !== 'disabled')
}

/** The one that is named, by name or id; else the first with the text in its name, whatever its case: QZ Tray's order. */
export function matchPrinter(printers: readonly Device[], query: string): Device | undefined {
  const small = query.toLowerCase()
  return (
    printers.find(({ id, name }) => name === query || id === query) ??
    printers.find(({ name }) => name.toLowerCase() === small) ??
    printers.find(({ name }) => small !== '' && name.toLowerCase().includes(small))
  )
}

export function defaultPrinter(printers: readonly Device[], wanted: string | undefined): Device | undefined {
  return wanted === undefined
    ? printers[0]
    : printers.find(({ id, name }) => id === wanted || name === wanted)
}

/** The printer of a print: by name, or a network address that is one of the hub's printers. Nothing else is printed to. */
export function printerOf(printers: readonly Device[], asked: unknown): Device {
  if (typeof asked !== 'object' || asked === null)
    throw wrong('printer', 'A printer must be specified before printing')
  const { file, host, name, port = 9_100 } = asked as Record<string, unknown>
  if (typeof name === 'string') {
    const found = matchPrinter(printers, name)
    if (found === undefined) throw new HubError('device_unknown', { device: name.slice(0, 80) })
    return found
  }
  if (typeof host === 'string') {
    const place = `tcp://${host}:${String(port)}`
    const found = printers.find((printer) => printer.port === place || printer.port.startsWith(`${place}?`))
    if (found === undefined)
      throw wrong('printer.host', 'is no printer of the hub: add it on the console, then print to it by name')
    return found
  }
  if (file !== undefined) throw wrong('printer.file', 'is not for the hub: it prints on printers only')
  throw wrong('printer', 'needs a name')
}

export function detailOf(printer: Device, first: Device | undefined): Record<string, unknown> {
  const { dpi, widthDots } = printer.details
  return {
    name: printer.name,
    driver: printer.driver,
    connection: printer.port,
    default: printer.id === first?.id,
    ...(typeof dpi === 'number' ? { density: dpi } : {}),
    ...(typeof widthDots === 'number' ? { widthDots } : {}),
  }
}
