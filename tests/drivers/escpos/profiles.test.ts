/** Every profile on disk is read, checked, found by its name, and prints on a twin of its kind. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { Profile } from '../../../src/drivers/driver.ts'
import { escposSettingsSchema } from '../../../src/drivers/printers/escpos/settings.ts'
import { loadProfiles, matchProfile, profileLimits } from '../../../src/drivers/profiles.ts'
import { Bench } from './driver-bench.ts'

const shipped = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
const drivers = [{ id: 'escpos', settings: escposSettingsSchema }]
const ours = () => loadProfiles(shipped, drivers).profiles.filter(({ driver }) => driver === 'escpos')

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A folder with one profile file. */
function folderWith(file: string, content: string | object): string {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'))
  folders.push(folder)
  mkdirSync(join(folder, 'escpos'))
  writeFileSync(join(folder, 'escpos', file), typeof content === 'string' ? content : JSON.stringify(content))
  return folder
}

const good = {
  id: 'acme-one',
  driver: 'escpos',
  name: 'Acme One',
  maker: 'Acme',
  identity: ['ONE\\b'],
  settings: { columnsA: 42 },
  quirks: [{ name: 'odd', value: 1, reason: 'seen' }],
  sources: ['its manual'],
}

describe('the profiles that are shipped', () => {
  it('all are valid, and there are at least 16', () => {
    const files = readdirSync(join(shipped, 'escpos')).filter((file) => file.endsWith('.json'))
    const { problems } = loadProfiles(shipped, drivers)
    expect(problems.filter((problem) => problem.includes('profiles/escpos/'))).toEqual([])
    expect(ours()).toHaveLength(files.length)
    expect(files.length).toBeGreaterThanOrEqual(16)
  })

  it('the first is the one for printers that nothing is known of, 80 mm wide', () => {
    expect(ours()[0]).toMatchObject({ id: 'generic', settings: { widthDots: 576 } })
  })

  it('each has a source, and a reason for each quirk', () => {
    let quirks = 0
    for (const profile of ours()) {
      expect(profile.sources.length, profile.id).toBeGreaterThan(0)
      for (const quirk of profile.quirks) {
        expect(quirk.reason.length, `${profile.id} ${quirk.name}`).toBeGreaterThan(10)
        quirks++
      }
    }
    expect(quirks).toBeGreaterThan(20)
  })

  it('columns fit into the width', () => {
    let cases = 0
    for (const profile of ours()) {
      const { widthDots, columnsA, columnsB } = escposSettingsSchema.parse(profile.settings)
      expect(Math.floor(widthDots / columnsA), profile.id).toBe(12)
      expect(Math.floor(widthDots / columnsB), profile.id).toBeOneOf([8, 9, 10])
      cases++
    }
    expect(cases).toBe(ours().length)
  })

  it('the pulse keeps the duty that drawers stand: off at least four times as long as on', () => {
    for (const profile of ours()) {
      const { drawerPulseOnMs, drawerPulseOffMs } = escposSettingsSchema.parse(profile.settings)
      expect(drawerPulseOffMs, profile.id).toBeGreaterThanOrEqual(4 * drawerPulseOnMs)
    }
    expect(ours().length).toBeGreaterThan(0)
  })

  it('each prints on a twin that answers as much as it expects, and is confirmed when it says it will be', async () => {
    let cases = 0
    for (const profile of ours()) {
      const settings = escposSettingsSchema.parse(profile.settings)
      const bench = await new Bench({
        settings,
        quirks: profile.quirks,
        twin: {
          columns: settings.columnsA,
          widthDots: settings.widthDots,
          identity: settings.identity,
          asb: settings.status === 'asb',
          dleEot: settings.status !== 'none',
          processId: settings.completion === 'process-id',
          gsR: settings.completion === 'status-after-data',
          cutCounter: settings.cutCounter,
          codePages: Object.fromEntries(
            Object.entries(settings.codePages).map(([page, number]) => [number, page]),
          ),
        },
      }).start()
      const result = await bench.until((await bench.print('Espresso 2,50\n')).result)
      expect(result, profile.id).toMatchObject({
        state: 'done',
        outcome: { confirmed: settings.completion !== 'none' },
      })
      expect(bench.twin.printedText(), profile.id).toContain('Espresso 2,50')
      await bench.device.stop()
      cases++
    }
    expect(cases).toBe(ours().length)
  })
})

describe('finding a profile', () => {
  it('by what the printer or the network says of it', () => {
    const cases: [string, string | undefined][] = [
      ['EPSON TM-T88V', 'epson-tm-t88v'],
      ['TM-T88VI', 'epson-tm-t88vi'],
      ['TM-T88VII', 'epson-tm-t88vii'],
      ['TM-T88IV', 'epson-tm-t88iv'],
      ['TM-T88III', 'epson-tm-t88iii'],
      ['TM-m30', 'epson-tm-m30'],
      ['EPSON TM-m30II-H', 'epson-tm-m30ii'],
      ['epson tm-m30iii', 'epson-tm-m30iii'],
      ['TM-T20III', 'epson-tm-t20iii'],
      ['BIXOLON SRP-350plusIII', 'bixolon-srp-350iii'],
      ['CITIZEN CT-S310II', 'citizen-ct-s310ii'],
      ['RP326', 'rongta-rp326'],
      ['XP-80C', 'xprinter-xp-80'],
      ['POS-58', 'zjiang-pos-5890'],
      ['HP LaserJet', undefined],
      ['', undefined],
    ]
    for (const [words, id] of cases) expect(matchProfile(ours(), words)?.id, words).toBe(id)
    expect(cases).toHaveLength(16)
  })

  it('every identity that is a plain name finds its own profile', () => {
    let cases = 0
    for (const profile of ours()) {
      for (const pattern of profile.identity ?? []) {
        const plain = pattern.replace(/\\b$/, '')
        if (!/^[\w-]+$/.test(plain)) continue
        expect(matchProfile(ours(), plain)?.id, pattern).toBe(profile.id)
        cases++
      }
    }
    expect(cases).toBeGreaterThan(12)
  })

  it('keeps to one driver when asked to, and looks at a limited length of text', () => {
    const [profile] = loadProfiles(folderWith('acme-one.json', good), drivers).profiles
    const profiles = [profile!, { ...profile!, driver: 'other', id: 'other-one' }] as Profile[]
    expect(matchProfile(profiles, 'ONE', 'other')?.id).toBe('other-one')
    const far = (chars: number) => `${' '.repeat(chars - 3)}ONE`
    expect(matchProfile(profiles, far(profileLimits.identityCharsMax))?.id).toBe('acme-one')
    expect(matchProfile(profiles, far(profileLimits.identityCharsMax + 1))).toBeUndefined()
  })
})

describe('a profile that is not right is left out and told with file and reason', () => {
  const cases: [string, string, string | object, string][] = [
    ['not JSON', 'acme-one.json', '{', 'JSON'],
    ['an unknown setting', 'acme-one.json', { ...good, settings: { colums: 42 } }, 'colums'],
    ['a setting out of range', 'acme-one.json', { ...good, settings: { columnsA: 5 } }, 'settings.columnsA'],
    ['an unknown field', 'acme-one.json', { ...good, colour: 'grey' }, 'colour'],
    ['no source', 'acme-one.json', { ...good, sources: [] }, 'sources'],
    ['a quirk without a reason', 'acme-one.json', { ...good, quirks: [{ name: 'odd' }] }, 'quirks.0.reason'],
    ['an identity that is no expression', 'acme-one.json', { ...good, identity: ['('] }, 'identity'],
    ['another id than the file', 'acme-two.json', good, 'its id is acme-one'],
    ['another driver than the folder', 'acme-one.json', { ...good, driver: 'zvt' }, 'driver zvt'],
  ]
  for (const [name, file, content, reason] of cases) {
    it(name, () => {
      const { profiles, problems } = loadProfiles(folderWith(file, content), drivers)
      expect(profiles).toEqual([])
      expect(problems).toHaveLength(1)
      expect(problems[0]).toContain(file)
      expect(problems[0]).toContain(reason)
      expect(problems[0]).toMatch(/\(profile_invalid\)$/)
    })
  }

  it('a good one is read', () => {
    const { profiles, problems } = loadProfiles(folderWith('acme-one.json', good), drivers)
    expect(problems).toEqual([])
    expect(profiles).toEqual([good])
  })

  it('a folder of no driver, and a folder that is not there', () => {
    const folder = folderWith('acme-one.json', good)
    expect(loadProfiles(folder, []).problems[0]).toContain('there is no driver escpos')
    expect(loadProfiles(join(folder, 'nowhere'), drivers).problems[0]).toContain('nowhere')
  })
})
