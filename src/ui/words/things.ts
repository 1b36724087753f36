/** The hub's codes and states as words and looks for the people in the shop; errors are worded in parts/error-words.ts. */
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
import type { WordKey } from './en.ts'
import { language, locale, say } from './say.ts'

export interface Look {
  word: string
  tone: Tone
  icon: IconName
}

const deviceSigns: Readonly<Record<DeviceState, { tone: Tone; icon: IconName }>> = {
  absent: { tone: 'off', icon: 'absent' },
  connecting: { tone: 'wait', icon: 'connecting' },
  ready: { tone: 'good', icon: 'ready' },
  busy: { tone: 'busy', icon: 'busy' },
  faulty: { tone: 'bad', icon: 'faulty' },
  disabled: { tone: 'off', icon: 'disabled' },
}

export const deviceLook = (state: DeviceState): Look => ({
  word: say(`common.device.${state}`),
  ...deviceSigns[state],
})

export const classWord = (of: DeviceClass): string => say(`common.class.${of}`)
export const capabilityWord = (capability: Capability): string => say(`common.capability.${capability}`)
/** `Technician`. */
export const roleWord = (role: Role): string => say(`common.role.${role}`)
/** `Technician: sets up devices, network and tills`. */
export const roleText = (role: Role): string => `${roleWord(role)}: ${say(`common.role.${role}.may`)}`
export const jobStateWord = (state: JobState): string => say(`common.job.${state}`)
/** How a port came to be known. */
export const sourceWord = (source: PortRecord['source']): string => say(`common.source.${source}`)

const faultCodes: Readonly<Record<FaultCode, true>> = {
  paper_out: true,
  paper_low: true,
  cover_open: true,
  cutter_jam: true,
  overheated: true,
  printer_error: true,
  offline: true,
  not_responding: true,
  port_unavailable: true,
  scale_error: true,
  paused: true,
  ribbon_out: true,
  media_jam: true,
  display_error: true,
}

export function faultWord(code: string): string {
  return Object.hasOwn(faultCodes, code)
    ? say(`common.fault.${code as FaultCode}`)
    : code.replaceAll('_', ' ')
}

/** What to do about a fault; in English what the driver says of it, which is closer to the device. */
export function faultAdvice(fault: Fault): string {
  if (language.value !== 'en') return say(`common.cure.${fault.code}`)
  const word = `${faultWord(fault.code)}. `
  return fault.message.startsWith(word) ? fault.message.slice(word.length) : fault.message
}

/** Reasons to wait that are not faults of the device. */
const waits = ['device_absent', 'device_disabled', 'device_leased', 'device_busy', 'drawer_open'] as const

/** `out of paper`, in the middle of a sentence. */
export function waitWord(code: string): string {
  const known = waits.find((candidate) => candidate === code)
  const word = known === undefined ? faultWord(code) : say(`common.wait.${known}`)
  // German nouns keep their capital, wherever they stand.
  return language.value === 'de' ? word : word.charAt(0).toLowerCase() + word.slice(1)
}

export const kindName = (kind: JobKind): string => say(`common.kind.${kind}`)

/** The two answers a person can give to an unknown outcome. */
export function verdicts(kind: JobKind): { done: string; failed: string } {
  const of = kind === 'print' ? 'print' : kind === 'drawer.open' ? 'drawer' : 'other'
  return { done: say(`common.verdict.${of}.done`), failed: say(`common.verdict.${of}.failed`) }
}

/** What a job's chip says: `printed`, `waiting: out of paper`, `not known: did it print?`. */
export function jobLook(job: Job): Look {
  const done = say(`common.kind.${job.kind}.done`)
  switch (job.state) {
    case 'pending':
    case 'running':
      if (job.waitingFor !== undefined)
        return {
          word: say('common.job.waiting', { reason: waitWord(job.waitingFor) }),
          tone: 'wait',
          icon: 'waiting',
        }
      if (job.state === 'pending') return { word: say('common.job.in_line'), tone: 'wait', icon: 'waiting' }
      return { word: say(`common.kind.${job.kind}.doing`), tone: 'busy', icon: 'busy' }
    case 'done':
      return { word: doneWord(job, done), tone: 'good', icon: 'ready' }
    case 'failed':
      if (job.error?.code === 'job_cancelled')
        return { word: say('common.job.cancelled'), tone: 'off', icon: 'close' }
      return { word: say('common.job.not_done', { done }), tone: 'bad', icon: 'faulty' }
    case 'expired':
      return { word: say('common.job.not_sent'), tone: 'off', icon: 'waiting' }
    case 'unknown':
      return {
        word: say('common.job.in_doubt', { doubt: say(`common.kind.${job.kind}.doubt`) }),
        tone: 'doubt',
        icon: 'unknown',
      }
  }
}

function doneWord(job: Job, done: string): string {
  if (job.outcome?.settledBy === 'person') return say('common.job.person_says', { done })
  if (job.outcome?.confirmed === false) return say('common.job.unconfirmed')
  return done
}

/** A display in a browser: its port is a page, which is there while somebody has it open. */
export function isPage(device: Device): boolean {
  return device.port.startsWith('page:')
}

/** A display in a browser whose page is not open has no port in trouble: it waits for its page. */
export function shownFaults(device: Device): readonly Fault[] {
  return isPage(device) ? device.faults.filter(({ code }) => code !== 'port_unavailable') : device.faults
}

/** What a person has to mend. */
export function blockingFaults(device: Device): readonly Fault[] {
  return shownFaults(device).filter(({ blocking }) => blocking)
}

/** What stands on a card below its state when the device cannot be used. */
export function stateAdvice(device: Device): string | undefined {
  if (device.state === 'disabled') return say('common.advice.disabled')
  if (device.state === 'absent') return say(isPage(device) ? 'common.advice.page' : 'common.advice.absent')
  if (device.state === 'connecting') return say('common.advice.connecting')
  return undefined
}

/** `paperWidth` or `paper_width` as `Paper width`. */
export function detailWord(key: string): string {
  const spaced = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_.-]+/g, ' ')
    .toLowerCase()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

export function detailText(value: string | number | boolean | null): string {
  if (value === null) return say('common.not_known')
  if (typeof value === 'boolean') return say(value ? 'common.yes' : 'common.no')
  return String(value)
}

/** What people call the things that speak a language, where the class alone says too little. */
const kindsByDriver: Readonly<Record<string, WordKey>> = {
  escpos: 'common.thing.receipt',
  star: 'common.thing.receipt',
  zpl: 'common.thing.label',
  epl: 'common.thing.label',
  tspl: 'common.thing.label',
  ipp: 'common.thing.office',
  'hid-keyboard-scanner': 'common.thing.typing_scanner',
  'browser-display': 'common.thing.browser_screen',
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
  const kind = known === undefined ? classWord(suggestion.class) : say(known)
  const driver = drivers.find(({ id }) => id === suggestion.driver)
  const profile = driver?.profiles.find(({ id }) => id === suggestion.profile)
  const model = profile?.name ?? suggestion.profile
  if (!/^generic/.test(suggestion.profile)) return say('common.thing.model', { kind, model })
  // A generic profile's name is the kind itself: `Toledo 8217 scale, kilograms`.
  return known === undefined ? model : say('common.thing.model_unknown', { kind })
}

/** Keyboard layouts as the language and region they are for. */
const layoutTags: Readonly<Record<string, string>> = {
  us: 'en-US',
  gb: 'en-GB',
  be: 'fr-BE',
  se: 'sv',
  dk: 'da',
  'ch-de': 'de-CH',
  'ch-fr': 'fr-CH',
}

/** `German`, or the layout's own id when it has no word. */
export function layoutWord(layout: string): string {
  const names = new Intl.DisplayNames(locale.value, { type: 'language', fallback: 'none' })
  try {
    return names.of(layoutTags[layout] ?? layout) ?? layout
  } catch {
    // Not the name of a language at all.
    return layout
  }
}
