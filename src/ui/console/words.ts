/** The hub's codes and states as words for the people in the shop; errors are worded in parts/error-words.ts. */
import type {
  Capability,
  Device,
  DeviceClass,
  DeviceState,
  Fault,
  FaultCode,
  PortRecord,
} from '../../protocol/device.ts'
import type { Job, JobKind, JobState } from '../../protocol/job.ts'
import type { Role } from '../../protocol/methods.ts'
import type { Tone } from '../parts/badge.tsx'
import type { IconName } from '../parts/icon.tsx'

interface Look {
  word: string
  tone: Tone
  icon: IconName
}

export const deviceLooks: Readonly<Record<DeviceState, Look>> = {
  absent: { word: 'Absent', tone: 'off', icon: 'absent' },
  connecting: { word: 'Connecting', tone: 'wait', icon: 'connecting' },
  ready: { word: 'Ready', tone: 'good', icon: 'ready' },
  busy: { word: 'Busy', tone: 'busy', icon: 'busy' },
  faulty: { word: 'Faulty', tone: 'bad', icon: 'faulty' },
  disabled: { word: 'Disabled', tone: 'off', icon: 'disabled' },
}

export const classWords: Readonly<Record<DeviceClass, string>> = {
  printer: 'Printer',
  scale: 'Scale',
  scanner: 'Scanner',
  drawer: 'Drawer',
  display: 'Display',
  terminal: 'Card terminal',
}

export const capabilityWords: Readonly<Record<Capability, string>> = {
  printing: 'prints',
  drawer: 'opens a drawer',
  weighing: 'weighs',
  scanning: 'scans',
  displaying: 'shows text',
  paying: 'takes cards',
}

export const roleWords: Readonly<Record<Role, string>> = {
  cashier: 'Cashier: sells and prints',
  technician: 'Technician: may change everything',
  monitor: 'Monitor: looks only',
}

const faultWords: Readonly<Record<FaultCode, string>> = {
  paper_out: 'Out of paper',
  paper_low: 'Paper is running low',
  cover_open: 'Cover is open',
  cutter_jam: 'Cutter is jammed',
  overheated: 'Too hot',
  printer_error: 'Printer error',
  offline: 'Switched offline',
  not_responding: 'Not answering',
  port_unavailable: 'Port cannot be opened',
  scale_error: 'Scale error',
  paused: 'Paused',
  ribbon_out: 'Out of ribbon',
  media_jam: 'Labels or paper are jammed',
  display_error: 'Display error',
}

/** Reasons to wait that are not faults of the device. */
const waitWords: Readonly<Record<string, string>> = {
  device_absent: 'device is not connected',
  device_disabled: 'device is switched off',
  device_leased: 'device is in use',
  device_busy: 'device is busy',
  drawer_open: 'drawer is open',
}

export function faultWord(code: string): string {
  return code in faultWords ? faultWords[code as FaultCode] : code.replaceAll('_', ' ')
}

/** What a fault's message says beyond its word. */
export function faultAdvice(fault: Fault): string {
  const word = `${faultWord(fault.code)}. `
  return fault.message.startsWith(word) ? fault.message.slice(word.length) : fault.message
}

/** `out of paper`, in the middle of a sentence. */
export function waitWord(code: string): string {
  const word = waitWords[code] ?? faultWord(code)
  return word.charAt(0).toLowerCase() + word.slice(1)
}

const kindWords: Readonly<Record<JobKind, { name: string; doing: string; done: string; doubt: string }>> = {
  print: { name: 'Print', doing: 'printing', done: 'printed', doubt: 'did it print?' },
  'drawer.open': { name: 'Open drawer', doing: 'opening', done: 'opened', doubt: 'did the drawer open?' },
  'display.show': { name: 'Show text', doing: 'showing', done: 'shown', doubt: 'does it show?' },
  'display.clear': { name: 'Clear display', doing: 'clearing', done: 'cleared', doubt: 'is it clear?' },
  'scale.zero': { name: 'Zero', doing: 'zeroing', done: 'zeroed', doubt: 'is it at zero?' },
  'scale.tare': { name: 'Tare', doing: 'taring', done: 'tared', doubt: 'is it tared?' },
  payment: { name: 'Payment', doing: 'paying', done: 'ended', doubt: 'was the card charged?' },
  refund: { name: 'Refund', doing: 'refunding', done: 'ended', doubt: 'was it refunded?' },
  settlement: { name: 'Settlement', doing: 'settling', done: 'settled', doubt: 'did it settle?' },
}

export function kindName(kind: JobKind): string {
  return kindWords[kind].name
}

/** The two answers a person can give to an unknown outcome. */
export function verdicts(kind: JobKind): { done: string; failed: string } {
  if (kind === 'print') return { done: 'It printed', failed: 'It did not print' }
  if (kind === 'drawer.open') return { done: 'It opened', failed: 'It did not open' }
  return { done: 'It was done', failed: 'It was not done' }
}

export const jobStateWords: Readonly<Record<JobState, string>> = {
  pending: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  expired: 'Too late',
  unknown: 'Not known',
}

/** What a job's chip says: `printed`, `waiting: out of paper`, `not known: did it print?`. */
export function jobLook(job: Job): Look {
  const words = kindWords[job.kind]
  switch (job.state) {
    case 'pending':
    case 'running':
      if (job.waitingFor !== undefined)
        return { word: `waiting: ${waitWord(job.waitingFor)}`, tone: 'wait', icon: 'waiting' }
      if (job.state === 'pending') return { word: 'waiting in line', tone: 'wait', icon: 'waiting' }
      return { word: words.doing, tone: 'busy', icon: 'busy' }
    case 'done':
      return { word: doneWord(job, words.done), tone: 'good', icon: 'ready' }
    case 'failed':
      if (job.error?.code === 'job_cancelled') return { word: 'cancelled', tone: 'off', icon: 'close' }
      return { word: `not ${words.done}`, tone: 'bad', icon: 'faulty' }
    case 'expired':
      return { word: 'too late, not sent', tone: 'off', icon: 'waiting' }
    case 'unknown':
      return { word: `not known: ${words.doubt}`, tone: 'doubt', icon: 'unknown' }
  }
}

function doneWord(job: Job, done: string): string {
  if (job.outcome?.settledBy === 'person') return `${done}, a person says`
  if (job.outcome?.confirmed === false) return 'sent, device never confirms'
  return done
}

/** A display in a browser: its port is a page, which is there while somebody has it open. */
export function isPage(device: Device): boolean {
  return device.port.startsWith('page:')
}

/** What stands on a card below its state when the device cannot be used. */
export function stateAdvice(device: Device): string | undefined {
  if (device.state === 'disabled') return 'Switched off here. Tills cannot use it until you enable it.'
  if (device.state === 'absent' && isPage(device))
    return 'No screen shows it. Open its page in a browser; it comes back by itself.'
  if (device.state === 'absent')
    return 'Not connected. Check its power and its cable; it comes back by itself.'
  if (device.state === 'connecting') return 'Port is open, waiting for the device to answer.'
  return undefined
}

/** `paperWidth` or `paper_width` as `Paper width`. */
export function detailWord(key: string): string {
  const spaced = key
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_.]/g, ' ')
    .toLowerCase()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

export function detailText(value: string | number | boolean | null): string {
  if (value === null) return 'not known'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return String(value)
}

/** Names of the GS1 application identifiers a shop meets; others show their number. */
const gs1Words: Readonly<Record<string, string>> = {
  '00': 'SSCC',
  '01': 'GTIN',
  '02': 'Content GTIN',
  '10': 'Batch',
  '11': 'Made',
  '13': 'Packed',
  '15': 'Best before',
  '17': 'Expires',
  '21': 'Serial',
  '30': 'Count',
  '37': 'Units',
  '240': 'Item',
  '400': 'Order',
  '414': 'Location',
}

/** The last digit of these identifiers says how many decimals the value has (GS1 General Specifications, 3.6). */
const netWeightIdentifier = /^310[0-6]$/
const priceIdentifier = /^392[0-9]$/

export function gs1Word(identifier: string): string {
  const known = gs1Words[identifier]
  if (known !== undefined) return known
  if (netWeightIdentifier.test(identifier)) return 'Net weight'
  if (priceIdentifier.test(identifier)) return 'Price'
  return `(${identifier})`
}

export function gs1Text(identifier: string, value: string): string {
  const weight = netWeightIdentifier.test(identifier)
  if (!weight && !priceIdentifier.test(identifier)) return visible(value)
  const decimals = Number(identifier.slice(3))
  const digits = value.padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals).replace(/^0+(?=\d)/, '')
  const text = decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`
  return weight ? `${text} kg` : text
}

const groupSeparator = 0x1d

/** Control characters by name or number, so that a separator in a code can be seen. */
export function visible(code: string): string {
  return code.replace(/[\x00-\x1f]/g, (character) => {
    const number = character.charCodeAt(0)
    return number === groupSeparator ? '<GS>' : `<${number.toString(16).padStart(2, '0')}>`
  })
}

/** How a port came to be known. */
export const sourceWords: Readonly<Record<PortRecord['source'], string>> = {
  serial: 'serial or USB cable',
  usb: 'USB cable',
  hid: 'USB, as a keyboard or input device',
  mdns: 'announced on the network',
  scan: 'found by looking through the network',
  config: 'named in the configuration',
  manual: 'added by hand',
  demo: 'demo',
}

/** What people call the things that speak a language, where the class alone says too little. */
const kindsByDriver: Readonly<Record<string, string>> = {
  escpos: 'Receipt printer',
  star: 'Receipt printer',
  zpl: 'Label printer',
  epl: 'Label printer',
  tspl: 'Label printer',
  ipp: 'Office printer',
  'hid-keyboard-scanner': 'Scanner that types',
  'browser-display': 'Screen with a browser',
}

interface DriverNames {
  id: string
  profiles: readonly { id: string; name: string }[]
}

/** `Receipt printer, Epson TM-T88V`: what a port's suggestion stands for. */
export function thingWords(
  suggestion: NonNullable<PortRecord['suggestion']>,
  drivers: readonly DriverNames[],
): string {
  const known = kindsByDriver[suggestion.driver]
  const driver = drivers.find(({ id }) => id === suggestion.driver)
  const profile = driver?.profiles.find(({ id }) => id === suggestion.profile)
  const name = profile?.name ?? suggestion.profile
  if (!/^generic/.test(suggestion.profile)) return `${known ?? classWords[suggestion.class]}, ${name}`
  // A generic profile's name is the kind itself: `Toledo 8217 scale, kilograms`.
  return known === undefined ? name : `${known}, model not known`
}

/** The same in the middle of a sentence: `a receipt printer, Epson TM-T88V`. */
export function thingInSentence(
  suggestion: NonNullable<PortRecord['suggestion']>,
  drivers: readonly DriverNames[],
): string {
  const words = thingWords(suggestion, drivers)
  const article = /^[aeiou]/i.test(words) ? 'an' : 'a'
  return `${article} ${words.charAt(0).toLowerCase()}${words.slice(1)}`
}

const layoutWords: Readonly<Record<string, string>> = {
  us: 'US English',
  gb: 'British',
  de: 'German',
  'ch-de': 'Swiss German',
  'ch-fr': 'Swiss French',
  fr: 'French',
  be: 'Belgian',
  es: 'Spanish',
  it: 'Italian',
  se: 'Swedish',
  fi: 'Finnish',
  dk: 'Danish',
  no: 'Norwegian',
}

/** `German`, or the layout's own id when it has no word here. */
export function layoutWord(layout: string): string {
  return layoutWords[layout] ?? layout
}
