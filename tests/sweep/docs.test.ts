/** What `npm run docs` makes is what the documents hold; no profile and no rule of imports is missing. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { architectureFile, architecturePage, devicesFile, devicesPage } from '../../scripts/docs.ts'
import { importRows } from '../../scripts/tidy/import-rules.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { readProfile } from '../../src/drivers/profiles.ts'
import { createDrivers } from '../../src/drivers/registry.ts'
import { systemClock } from '../../src/hub/clock.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const profilesDir = join(root, 'config', 'profiles')

describe('docs/devices.md', () => {
  it('is what `npm run docs` makes', () => {
    expect(readFileSync(join(root, devicesFile), 'utf8')).toBe(devicesPage())
  })

  it('has every profile of every driver', () => {
    const page = devicesPage()
    const profiles = readdirSync(profilesDir).flatMap((driver) =>
      readdirSync(join(profilesDir, driver)).map((file) => ({ driver, id: file.replace(/\.json$/, '') })),
    )
    expect(profiles.length).toBeGreaterThanOrEqual(38)
    for (const { id } of profiles) expect(page).toContain(`| \`${id}\` |`)
    for (const driver of new Set(profiles.map((profile) => profile.driver))) {
      expect(page).toMatch(new RegExp(`\\| \`${driver}\` \\| .* \\| (bronze|silver|gold) \\|`))
    }
  })

  it('gives the rung that the evidence carries, and no higher one', () => {
    const other = mkdtempSync(join(tmpdir(), 'tillbridge-docs-'))
    onTestFinished(() => rmSync(other, { recursive: true }))
    const folder = join(other, 'config', 'profiles', 'serial-scanner')
    const tests = join(other, 'tests', 'drivers', 'serial-scanner')
    const results = join(other, 'tests', 'manual', 'results')
    for (const path of [folder, tests, results]) mkdirSync(path, { recursive: true })
    writeFileSync(
      join(folder, 'generic.json'),
      readFileSync(join(profilesDir, 'serial-scanner', 'generic.json')),
    )
    const rung = () => /\| `serial-scanner` \|.*\| (\w+) \| [^|]*\|/.exec(devicesPage(other))?.[1]
    writeFileSync(join(results, 'serial-scanner-zebra-ds2208.md'), 'seen')
    expect(rung()).toBe('bronze')
    rmSync(join(results, 'serial-scanner-zebra-ds2208.md'))
    const names = ['SCAN12', 'SCAN13', 'SCAN14', 'SCAN18'].map((rule) => `it('[${rule}] x', () => {})`)
    writeFileSync(join(tests, 'driver.test.ts'), names.join('\n'))
    expect(rung()).toBe('silver')
    writeFileSync(join(results, 'serial-scanner-zebra-ds2208.md'), 'seen')
    expect(rung()).toBe('gold')
    expect(/\| `escpos` \|.*\| (\w+) \| [^|]*\|/.exec(devicesPage(other))?.[1]).toBe('none')
  })
})

describe('docs/architecture.md', () => {
  it('has the list of imports that is enforced', () => {
    const page = readFileSync(join(root, architectureFile), 'utf8')
    expect(page).toBe(architecturePage(page))
    expect(importRows.length).toBeGreaterThanOrEqual(10)
    for (const { name } of importRows) expect(page).toContain(`\n- **${name}**: `)
    expect(() => architecturePage('# nothing')).toThrow('lost its place')
  })
})

describe('docs/adding-a-device.md', () => {
  it('shows a profile that is one', () => {
    const page = readFileSync(join(root, 'docs', 'adding-a-device.md'), 'utf8')
    const text = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    const escpos = createDrivers(new Imaging({ clock: systemClock })).find(({ id }) => id === 'escpos')!
    expect(readProfile(text, 'acme-rp80.json', 'acme-rp80', escpos)).toMatchObject({ maker: 'Acme' })
  })
})
