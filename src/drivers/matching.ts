/** Which driver and profile fit a thing that was found on a port, by its ids and by what it says of itself. */
import type { DeviceClass } from '../protocol/device.ts'
import type { DeviceMatch, Driver, Profile } from './driver.ts'
import { profileLimits } from './profiles.ts'
import type { TransportKind } from './transports/transport.ts'

/** What a source knows of a port before anything was asked. */
export interface PortFacts {
  kind: TransportKind
  label: string
  /** vendorId, productId, product, maker, usagePage, usage, interfaces (`07:01:02 …`), ieee1284, keyboard, … */
  details: Readonly<Record<string, string>>
}

export interface Suggestion {
  class: DeviceClass
  driver: string
  profile: string
  settings?: Record<string, unknown>
  /** True when ids leave no doubt. */
  sure: boolean
}

/**
 * USB-serial chips that makers put into anything, with ids of their own or none: their ids alone say nothing of what is behind.
 * Vendors: FTDI, Silicon Labs, Prolific, QinHeng (WCH), Microchip.
 */
const bridgeVendors: ReadonlySet<string> = new Set(['0403', '10c4', '067b', '1a86', '04d8'])

/** How much a fit says; the sum of what fits decides between profiles. */
const worth = {
  usb: 100,
  vendor: 40,
  product: 50,
  hid: 30,
  commands: 25,
  interface: 10,
  identity: 20,
  service: 1,
} as const
/** From here on there is no doubt. A USB interface of class 7 alone may be any printer. */
const sureFrom = worth.commands

/** The driver and profile that fit best, or undefined. Only drivers for this kind of port count. */
export function suggest(
  facts: PortFacts,
  drivers: readonly Driver[],
  profiles: readonly Profile[],
): Suggestion | undefined {
  let best: { suggestion: Suggestion; points: number } | undefined
  for (const driver of drivers) {
    if (!driver.transports.includes(facts.kind)) continue
    const offer = (profile: string, points: number) => {
      if (points <= (best?.points ?? 0)) return
      // A keyboard may be somebody's keyboard, whatever its ids; what is on the network may have been given another's name.
      const sure = points >= sureFrom && facts.kind !== 'tcp' && facts.details.keyboard !== 'yes'
      best = { suggestion: { class: driver.class, driver: driver.id, profile, sure }, points }
    }
    const own = profiles.filter((profile) => profile.driver === driver.id)
    for (const profile of own) offer(profile.id, pointsOf(profile, facts))
    offer(own[0]?.id ?? 'generic', bestOf(driver.match ?? [], facts) - 0.5)
    // Whatever announces IPP speaks it.
    if (facts.kind === 'ipp') offer(own[0]?.id ?? 'generic', worth.service)
  }
  return best?.suggestion
}

/** Points of a profile: its best match, and a little for each character of what the device says of itself. */
export function pointsOf(profile: Profile, facts: PortFacts): number {
  const said = identityLength(profile, wordsOf(facts))
  return bestOf(profile.match ?? [], facts) + (said === 0 ? 0 : worth.identity + said / 100)
}

function bestOf(matches: readonly DeviceMatch[], facts: PortFacts): number {
  return Math.max(0, ...matches.map((match) => pointsOfMatch(match, facts)))
}

/** 0 unless every field fits. */
function pointsOfMatch(match: DeviceMatch, { details }: PortFacts): number {
  let points = 0
  if (match.usb !== undefined) {
    const [vendor, product] = match.usb.split(':')
    if (vendor !== details.vendorId?.toLowerCase()) return 0
    if (product !== '*' && product !== details.productId?.toLowerCase()) return 0
    if (bridgeVendors.has(vendor ?? '') && match.product === undefined) return 0
    points += product === '*' ? worth.vendor : worth.usb
  }
  if (match.product !== undefined) {
    if (!fits(match.product, [details.maker, details.product].filter(Boolean).join(' '))) return 0
    points += worth.product
  }
  if (match.hid !== undefined) {
    const [page, usage] = match.hid.split(':')
    if (
      details.usagePage === undefined ||
      Number.parseInt(details.usagePage, 16) !== Number.parseInt(page ?? '', 16)
    )
      return 0
    if (usage !== '*' && Number.parseInt(details.usage ?? '', 16) !== Number.parseInt(usage ?? '', 16))
      return 0
    points += worth.hid
  }
  if (match.usbInterface !== undefined) {
    const wanted = match.usbInterface.split(':')
    const has = (details.interfaces ?? '')
      .split(' ')
      .some((found) => wanted.every((part, index) => part === '*' || part === found.split(':')[index]))
    if (!has) return 0
    points += worth.interface
  }
  if (match.commands !== undefined) {
    const commands = /(?:COMMAND SET|CMD):([^;]*)/i.exec(details.ieee1284 ?? '')?.[1]
    if (commands === undefined || !fits(match.commands, commands)) return 0
    points += worth.commands
  }
  return points
}

const fits = (pattern: string, text: string): boolean => new RegExp(pattern, 'i').test(text)

function wordsOf({ label, details }: PortFacts): string {
  return [label, details.maker, details.product, details.model, details.ieee1284]
    .filter(Boolean)
    .join(' ')
    .slice(0, profileLimits.identityCharsMax)
}

function identityLength(profile: Profile, words: string): number {
  return Math.max(
    0,
    ...(profile.identity ?? []).map((pattern) => new RegExp(pattern, 'i').exec(words)?.[0].length ?? 0),
  )
}
