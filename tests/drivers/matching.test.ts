/** What is suggested for a thing that was found, by rules MAT1 to MAT6 of docs/drivers.md, over all real drivers and profiles. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeviceMatch } from '../../src/drivers/driver.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { type PortFacts, pointsOf, suggest } from '../../src/drivers/matching.ts'
import { loadProfiles } from '../../src/drivers/profiles.ts'
import { createDrivers } from '../../src/drivers/registry.ts'
import { TestClock } from '../support/clock.ts'
import { profilesDir } from '../support/profiles-dir.ts'

const drivers = createDrivers(new Imaging({ clock: new TestClock() }))
const { profiles, problems } = loadProfiles(profilesDir, drivers)
const suggested = (facts: PortFacts) => suggest(facts, drivers, profiles)

/** A thing that a match fits, as a source would describe it. Texts come out of patterns by leaving their signs away. */
function thingOf(match: DeviceMatch, kind: PortFacts['kind']): PortFacts {
  const [vendorId = '', productId = ''] = match.usb?.split(':') ?? []
  const [usagePage = '', usage = ''] = match.hid?.split(':') ?? []
  const plain = (pattern: string) =>
    pattern
      .replace(/\(([^|()]*)\|[^()]*\)/g, '$1')
      .replace(/\[(.)[^\]]*\]/g, '$1')
      .split('|')[0]
      ?.replace(/\\[bdswB]|[\\^$()?+*[\]]/g, '') ?? ''
  return {
    kind,
    label: 'A thing',
    details: {
      ...(match.usb === undefined ? {} : { vendorId, productId: productId === '*' ? 'fffe' : productId }),
      ...(match.product === undefined ? {} : { product: plain(match.product) }),
      ...(match.hid === undefined ? {} : { usagePage, usage: usage === '*' ? '01' : usage }),
      ...(match.usbInterface === undefined ? {} : { interfaces: match.usbInterface.replaceAll('*', '01') }),
      ...(match.commands === undefined ? {} : { ieee1284: `MFG:X;CMD:${plain(match.commands)};` }),
    },
  }
}

const withMatch = profiles.flatMap((profile) =>
  (profile.match ?? []).map((match) => ({
    profile,
    match,
    kinds: drivers.find(({ id }) => id === profile.driver)?.transports ?? [],
  })),
)

describe('profiles', () => {
  it('[MAT1] are all read, at least sixty of them, of every class but terminals', () => {
    expect(problems).toEqual([])
    expect(profiles.length).toBeGreaterThanOrEqual(60)
    const classes = new Set(profiles.map(({ driver }) => drivers.find(({ id }) => id === driver)?.class))
    expect([...classes].sort()).toEqual(['display', 'drawer', 'printer', 'scale', 'scanner'])
    for (const driver of drivers)
      expect([driver.id, profiles.some((profile) => profile.driver === driver.id)]).toEqual([driver.id, true])
  })

  it('[MAT2] no two fit one thing equally well', () => {
    const collisions: string[] = []
    for (const { profile, match, kinds } of withMatch) {
      for (const kind of kinds) {
        const facts = thingOf(match, kind)
        const own = pointsOf(profile, facts)
        expect([profile.id, own > 0]).toEqual([profile.id, true])
        for (const other of profiles) {
          const speaks = drivers.find(({ id }) => id === other.driver)?.transports.includes(kind) === true
          if (other !== profile && speaks && pointsOf(other, facts) >= own)
            collisions.push(
              `${profile.driver}/${profile.id} and ${other.driver}/${other.id} by ${JSON.stringify(match)}`,
            )
        }
      }
    }
    expect(withMatch.length).toBeGreaterThan(5)
    expect([...new Set(collisions)]).toEqual([])
  })

  it('[MAT2] and two that do are found out', () => {
    const [first] = profiles.filter(({ match }) =>
      match?.some(({ usb }) => usb !== undefined && !usb.endsWith('*')),
    )
    if (first === undefined) throw new Error('no profile has ids')
    const facts = thingOf(first.match?.find(({ usb }) => usb !== undefined) ?? {}, 'usb')
    expect(pointsOf({ ...first, id: 'twin' }, facts)).toBe(pointsOf(first, facts))
  })

  it.each(
    [...new Set(withMatch)].map(
      ({ profile, match, kinds }) => [`${profile.driver}/${profile.id}`, profile, match, kinds] as const,
    ),
  )('[MAT3] %s is what is suggested for the thing it describes', (_, profile, match, kinds) => {
    // Through a USB-serial chip of another maker the ids are those of the chip.
    for (const kind of kinds.filter((candidate) => ['usb', 'hid', 'serial'].includes(candidate))) {
      const found = suggested(thingOf(match, kind))
      if (kind === 'serial' && found === undefined) continue
      expect([kind, found?.driver, found?.profile]).toEqual([kind, profile.driver, profile.id])
    }
  })
})

describe('a thing', () => {
  it('[MAT4] whose ids are only those of a USB-serial chip is not guessed at', () => {
    for (const [vendorId, productId] of [
      ['0403', '6001'],
      ['10c4', 'ea60'],
      ['067b', '2303'],
      ['1a86', '7523'],
    ] as const)
      expect(
        suggested({ kind: 'serial', label: 'USB-Serial', details: { vendorId, productId } }),
      ).toBeUndefined()
  })

  it('[MAT5] that is a keyboard is never sure, whatever its ids', () => {
    for (const { match } of withMatch) {
      const facts = thingOf(match, 'hid')
      expect(suggested({ ...facts, details: { ...facts.details, keyboard: 'yes' } })?.sure ?? false).toBe(
        false,
      )
    }
  })

  it('[MAT6] by its class alone: a HID scanner and scale are sure, a USB printer is a guess, others are nothing', () => {
    const hid = (usagePage: string, usage: string) =>
      suggested({ kind: 'hid', label: 'X', details: { usagePage, usage } })
    expect(hid('8c', '02')).toMatchObject({ class: 'scanner', driver: 'hid-pos-scanner', sure: true })
    expect(hid('8d', '20')).toMatchObject({ class: 'scale', driver: 'usb-hid-scale', sure: true })
    expect(hid('01', '02')).toBeUndefined()
    const printer = suggested({ kind: 'usb', label: 'X', details: { interfaces: '07:01:02' } })
    expect(printer).toMatchObject({ class: 'printer', sure: false })
    expect(suggested({ kind: 'ipp', label: 'Office', details: {} })).toMatchObject({
      driver: 'ipp',
      sure: false,
    })
    expect(suggested({ kind: 'usb', label: 'X', details: { interfaces: '08:06:50' } })).toBeUndefined()
  })

  it('[MAT6] any facts give a suggestion or none, never a throw', () => {
    const kinds = ['serial', 'usb', 'hid', 'tcp', 'ipp'] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.string(),
        fc.dictionary(fc.string(), fc.string()),
        (kind, label, details) => {
          expect(['undefined', 'object']).toContain(typeof suggested({ kind, label, details }))
        },
      ),
    )
  })
})
