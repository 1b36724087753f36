/** The calls of QZ Tray, done by the hub's devices and jobs. What a hub does not hand out is refused with what to use instead. */
import { networkInterfaces } from 'node:os'
import type { Device } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import { parseBy } from '../../../protocol/messages.ts'
import { methods } from '../../../protocol/methods.ts'
import type { Caller, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import { workOf } from '../work.ts'
import type { Ears } from './ears.ts'
import { readPrint } from './print-data.ts'
import { defaultPrinter, detailOf, matchPrinter, printerOf, printersOf } from './printers.ts'
import { qzLimits } from './qz-limits.ts'
import { checkDone, wrong } from './refusal.ts'

/** What the client takes us for: it leaves out what older ones do not know. */
export const spokenVersion = '2.2.6'

export interface CallTools {
  hub: HubApi
  clock: Clock
  newId: () => string
  caller: Caller
  ears: Ears
  /** Id or name of the default printer. */
  printer: string | undefined
  /** The hub's own address on this connection. */
  address: string
  hostname: string
}

type Params = Readonly<Record<string, unknown>>
type Call = (params: Params, tools: CallTools) => Promise<unknown>

/** The usual case of receipt printers, for those that do not say. */
const usualDpi = 203

const calls: Readonly<Record<string, Call>> = {
  getVersion: async () => spokenVersion,
  'printers.find': async ({ query }, { caller, hub }) => {
    const printers = await printersOf(hub, caller)
    if (typeof query !== 'string') return printers.map(({ name }) => name)
    const found = matchPrinter(printers, query)
    if (found === undefined) throw wrong('query', 'Specified printer could not be found.')
    return found.name
  },
  'printers.getDefault': async (_params, tools) => {
    const found = defaultPrinter(await printersOf(tools.hub, tools.caller), tools.printer)
    if (found === undefined)
      throw new HubError('device_unknown', { device: tools.printer ?? 'of class printer' })
    return found.name
  },
  'printers.detail': async (_params, { caller, hub, printer }) => {
    const printers = await printersOf(hub, caller)
    return printers.map((each) => detailOf(each, defaultPrinter(printers, printer)))
  },
  'printers.startListening': async ({ printerNames }, { caller, ears, hub }) => {
    const printers = await printersOf(hub, caller)
    const wanted = Array.isArray(printerNames) ? printerNames.filter((name) => name !== null) : []
    const names = wanted.map((name) => {
      const found = matchPrinter(printers, String(name))
      if (found === undefined) throw new HubError('device_unknown', { device: String(name).slice(0, 80) })
      return found.name
    })
    ears.listen(names.length > 0 ? new Set(names) : undefined, printers)
    return null
  },
  'printers.getStatus': async (_params, { caller, ears, hub }) => {
    if (!ears.listening) throw wrong('printers.getStatus', 'No printer listeners started for this client.')
    ears.tellAll(await printersOf(hub, caller))
    return null
  },
  'printers.stopListening': async (_params, { ears }) => {
    ears.deafen()
    return null
  },
  'printers.clearQueue': clearQueue,
  print,
  'serial.findPorts': async (_params, { caller, hub }) =>
    (await scannersOf(hub, caller)).map(({ name }) => name),
  'serial.openPort': async ({ port, options }, { caller, ears, hub }) => {
    const scanner = await scannerOf(port, hub, caller)
    if (ears.isOpen(scanner.id)) throw wrong('port', `is open already: ${scanner.name}`)
    ears.open(scanner, String(port), endOf(options))
    return null
  },
  'serial.sendData': async () => {
    throw wrong('port', 'is a scanner of the hub, which is not written to')
  },
  'serial.closePort': async ({ port }, { caller, ears, hub }) => {
    const scanner = await scannerOf(port, hub, caller)
    if (!ears.close(scanner.id)) throw wrong('port', `is not open: ${scanner.name}`)
    return null
  },
  'networking.device': async (_params, tools) => networkOf(tools),
  'networking.devices': async (_params, tools) => [networkOf(tools)],
  'networking.hostname': async (_params, { hostname }) => hostname,
  'websocket.getNetworkInfo': async (_params, tools) => {
    const { ip, mac } = networkOf(tools)
    return { ipAddress: ip, macAddress: mac }
  },
}

/** Why the rest is not for a page, and what is there instead. */
const refusals: Readonly<Record<string, string>> = {
  usb: 'it has the USB devices itself; add the device on its console, print to it by name, open scanners by serial.openPort',
  hid: 'it has the HID devices itself; add the device on its console, open scanners by serial.openPort',
  file: 'it keeps no files for pages; keep them in the page or on its server',
  socket: 'it opens no connections for pages; add the device on its console and use it by name',
  websocket: 'a page does not stop it',
  serial: 'it has the serial ports itself, and offers its scanners by serial.findPorts',
  printers: 'its printers are listed, found, listened to and printed on',
  networking: 'of its network it tells its own address and name',
}

/** Does a call. Throws HubError, also for calls that are none of the hub's. */
export async function doCall(call: string, params: unknown, tools: CallTools): Promise<unknown> {
  const known = Object.hasOwn(calls, call) ? calls[call] : undefined
  if (known !== undefined) {
    const given = typeof params === 'object' && params !== null ? (params as Params) : {}
    return known(given, tools)
  }
  const family = call.split('.', 1)[0] ?? ''
  const reason = Object.hasOwn(refusals, family) ? refusals[family] : undefined
  if (reason === undefined) throw new HubError('method_unknown', { method: call.slice(0, 60) })
  throw new HubError('payload_unsupported', { path: call.slice(0, 60), device: 'This hub', reason })
}

/** Documents come one after the other: after one that failed there is no other. */
async function print(params: Params, tools: CallTools): Promise<null> {
  const { caller, hub, newId } = tools
  const printer = printerOf(await printersOf(hub, caller), params.printer)
  const { dpi } = printer.details
  for (const payload of readPrint({ ...params }, typeof dpi === 'number' ? dpi : usualDpi)) {
    const job = { id: `qz-${newId()}`, device: printer.id, kind: 'print' as const, payload: { ...payload } }
    const ended = await workOf(job, qzLimits.printMsMax, caller, tools)
    if (ended.state !== 'done') checkDone(ended, await hub.call('device.get', { id: printer.id }, caller))
  }
  return null
}

/** Jobs of others stay. */
async function clearQueue({ jobId, printerName }: Params, { caller, hub }: CallTools): Promise<null> {
  if (jobId !== undefined && jobId !== null)
    throw wrong('jobId', 'is not known: the jobs of the hub have no numbers. Clear the queue without it')
  const printer = printerOf(await printersOf(hub, caller), { name: printerName })
  const asked = { device: printer.id, state: 'pending' as const, limit: qzLimits.clearedJobsMax }
  const { jobs } = await hub.call('job.list', parseBy(methods['job.list'].params, asked), caller)
  for (const { client, id } of jobs) {
    if (client !== caller.name) continue
    // It may have begun at this moment.
    await hub.call('job.cancel', { id }, caller).catch(() => undefined)
  }
  return null
}

async function scannersOf(hub: HubApi, caller: Caller): Promise<Device[]> {
  const { devices } = await hub.call('device.list', {}, caller)
  return devices.filter((device) => device.class === 'scanner' && device.state !== 'disabled')
}

async function scannerOf(port: unknown, hub: HubApi, caller: Caller): Promise<Device> {
  const { devices } = await hub.call('device.list', {}, caller)
  const found = devices.find(({ id, name }) => name === port || id === port)
  if (found === undefined) throw new HubError('device_unknown', { device: String(port).slice(0, 80) })
  if (found.class === 'scanner') return found
  const reason =
    found.class === 'scale'
      ? 'the hub speaks with the scale itself; read its weight by scale.read of the hub'
      : 'only scanners are offered as serial ports'
  throw new HubError('payload_unsupported', { path: 'port', device: found.name, reason })
}

/** Frames without start and end are what QZ Tray answers by default; an `rx` that asks for nothing means the bytes as they come. */
function endOf(options: unknown): string {
  const rx = typeof options === 'object' && options !== null ? (options as Params).rx : undefined
  return typeof rx === 'object' && rx !== null && Object.keys(rx).length === 0 ? '\r' : ''
}

/** The interface that the client has reached the hub by. */
function networkOf({ address, hostname }: CallTools): { ip: string; mac: string; hostname: string } {
  const all = Object.values(networkInterfaces()).flat()
  const found = all.find((each) => each?.address === address)
  const mac = (found?.mac ?? '').replaceAll(':', '').toUpperCase()
  return { ip: address, mac, hostname }
}
