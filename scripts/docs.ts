/**
 * `npm run docs`: writes docs/devices.md from the drivers, their profiles and the tests that speak for them, and the list
 * of imports in docs/architecture.md from the rules that are enforced.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Driver, Profile } from '../src/drivers/driver.ts'
import { Imaging } from '../src/drivers/imaging/imaging.ts'
import { loadProfiles } from '../src/drivers/profiles.ts'
import { createDrivers } from '../src/drivers/registry.ts'
import { systemClock } from '../src/hub/clock.ts'
import { twins } from '../tests/contracts/twins.ts'
import { importRows } from './tidy/import-rules.ts'

const projectRoot = fileURLToPath(new URL('..', import.meta.url))
export const devicesFile = 'docs/devices.md'
export const architectureFile = 'docs/architecture.md'
const lineCharsMax = 120

export type Rung = 'none' | 'bronze' | 'silver' | 'gold'

/**
 * Rules about faults beyond those of the contract. A driver whose device only talks or only listens is excused from the faults
 * of the contract, and is silver by rules of its own alone.
 */
const faultRules: Readonly<Record<string, readonly string[]>> = {
  escpos: ['ESC46', 'ESC57', 'ESC58', 'ESC60', 'ESC67', 'ESC69'],
  'toledo-8217': ['TOL7', 'TOL9', 'TOL13', 'TOL17'],
  'serial-scanner': ['SCAN12', 'SCAN13', 'SCAN14', 'SCAN18'],
  'hid-keyboard-scanner': ['HKS2', 'HKS12', 'HKS13', 'HKS15'],
}

/** Rules of the contract about faults and unplugging. */
const contractFaults = ['DRV11', 'DRV12', 'DRV13', 'DRV14'] as const
/** Those that a device which only talks or only listens has to keep, too. */
const oneWayFaults = ['DRV12', 'DRV13', 'DRV14'] as const

type Settings = Readonly<Record<string, unknown>>
interface Column {
  head: string
  cell: (settings: Settings, profile: Profile) => string
}

const setting =
  (name: string) =>
  (settings: Settings): string =>
    String(settings[name])
const named: Column = {
  head: 'Recognised by name',
  cell: (_, { identity }) => (identity === undefined ? 'no' : 'yes'),
}
const ids: Column = {
  head: 'Recognised by ids',
  cell: (_, { match = [] }) =>
    [
      ...new Set(
        match.map(({ usb, hid, usbInterface, product }) =>
          [usb ?? hid ?? usbInterface, product].filter(Boolean).join(' '),
        ),
      ),
    ]
      .map((text) => `\`${text.replaceAll('|', '\\|')}\``)
      .join(', ') || 'no',
}
const line: Column = {
  head: 'Line',
  cell: (_, { port }) =>
    Object.entries(port ?? {})
      .map(([name, value]) => `${name} ${value}`)
      .join(', ') || 'as the driver',
}

/** What a technician wants to compare, driver by driver; others show line and ids. */
const columnsOf: Readonly<Record<string, readonly Column[]>> = {
  escpos: [
    { head: 'Paper', cell: ({ widthDots, columnsA }) => `${widthDots} dots, ${columnsA} characters` },
    { head: 'Says that it printed', cell: setting('completion') },
    { head: 'Live faults', cell: setting('status') },
    ids,
    named,
  ],
  'toledo-8217': [
    { head: 'Unit', cell: setting('unit') },
    { head: 'Known tare', cell: setting('presetTare') },
    line,
  ],
  'serial-scanner': [{ head: 'AIM identifiers', cell: setting('aim') }, line, named],
  star: [
    { head: 'Commands', cell: setting('mode') },
    { head: 'Says that it printed', cell: setting('completion') },
    ids,
    named,
  ],
}

const legends: Readonly<Record<string, string>> = {
  escpos: `*Says that it printed*: \`process-id\` names each job itself, \`status-after-data\` answers behind the data, \`none\`
never answers, so that its jobs end \`confirmed: false\`. *Live faults*: \`asb\` reports them by itself, \`dle-eot\` when asked,
\`none\` not at all. *Recognised by name*: a printer that announces this model on the network, and answers as one, is accepted
by itself.`,
  'toledo-8217': `*Known tare*: the form of a tare that is given as a number; \`auto\` follows the unit, \`none\` refuses it.`,
  'serial-scanner': `*AIM identifiers*: \`auto\` reads and takes off marks such as \`]E0\`, which tell the symbology; \`off\` leaves codes as they
come. *Recognised by name*: the console suggests the profile for a port whose device names this maker.`,
}

/** The page, from the project in `root`. Throws when a profile cannot be read. */
export function devicesPage(root: string = projectRoot): string {
  const drivers = createDrivers(new Imaging({ clock: systemClock }))
  const { profiles, problems } = loadProfiles(join(root, 'config', 'profiles'), drivers)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const rows = drivers.map((driver) => {
    const own = profiles.filter((profile) => profile.driver === driver.id)
    return { driver, own, rung: rungOf(driver, own, root) }
  })
  return `${[
    '# Devices',
    'Made by `npm run docs` from the profiles in `config/profiles` and the drivers in `src/drivers`: change those, then run it.\n' +
      'How to add one: [adding-a-device.md](adding-a-device.md).',
    '## How far each language is proved',
    '- **Bronze**: it has a profile and a twin, and keeps the contract that all drivers share.\n' +
      '- **Silver**: its faults are tested as well: pulled cables, lost and spoiled answers, jobs given up in the midst. A device that\n' +
      '  only listens cannot be caught lying, and stays bronze.\n' +
      '- **Gold**: somebody has worked through its list in `tests/manual` with the hardware, and the filled list is kept in\n' +
      '  `tests/manual/results`.',
    table(
      ['Language', 'Driver', 'Ports', 'Profiles', 'Rung', 'Faults tested by'],
      rows.map(({ driver, own, rung }) => [
        driver.name,
        `\`${driver.id}\``,
        driver.transports.join(', '),
        String(own.length),
        rung,
        [...contractFaultsOf(driver.id), ...(faultRules[driver.id] ?? [])].join(', '),
      ]),
    ),
    goldSentence(rows.map(({ rung }) => rung)),
    '`memory` ports are those of the demo, `page` is a browser.',
    ...rows.map(({ driver, own }) => section(driver, own, root)),
  ].join('\n\n')}\n`
}

function goldSentence(rungs: readonly Rung[]): string {
  const gold = rungs.filter((rung) => rung === 'gold').length
  return gold === 0
    ? 'No language is gold yet: nothing here has met the hardware. What a profile says comes from the sources that it names.'
    : `${gold} of ${rungs.length} have met the hardware.`
}

const contractFaultsOf = (driver: string): readonly string[] =>
  twins[driver] === undefined ? [] : twins[driver].oneWay === true ? oneWayFaults : contractFaults

/** Of a language, or with `model` of one of its models: gold is what somebody has tried, model by model. */
function rungOf(driver: Driver, profiles: readonly Profile[], root: string, model?: string): Rung {
  if (profiles.length === 0 || twins[driver.id] === undefined) return 'none'
  const tests = testsOf(driver.id, root)
  const own = faultRules[driver.id] ?? []
  const excused = twins[driver.id]?.oneWay === true && own.length === 0
  if (excused || !own.every((rule) => tests.includes(`[${rule}]`))) return 'bronze'
  return resultsOf(driver.id, root, model) ? 'gold' : 'silver'
}

function testsOf(driver: string, root: string): string {
  const folder = join(root, 'tests', 'drivers', driver)
  if (!existsSync(folder)) return ''
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'))
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
}

function resultsOf(driver: string, root: string, model = ''): boolean {
  const folder = join(root, 'tests', 'manual', 'results')
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(`${driver}-${model}`))
}

function section(driver: Driver, profiles: readonly Profile[], root: string): string {
  const usual = driver.transports.includes('serial') ? [line, ids] : [ids]
  const columns = columnsOf[driver.id] ?? usual
  const rows = profiles.map((profile) => {
    const settings = driver.settings.parse(profile.settings) as Settings
    const rung = rungOf(driver, profiles, root, profile.id)
    return [
      `\`${profile.id}\``,
      modelOf(profile),
      rung,
      ...columns.map(({ cell }) => cell(settings, profile)),
    ]
  })
  const legend = legends[driver.id]
  return [
    `## ${driver.name}`,
    table(['Profile', 'Model', 'Rung', ...columns.map(({ head }) => head)], rows),
    ...(legend === undefined ? [] : [legend]),
    ...quirksOf(profiles),
  ].join('\n\n')
}

/** The name with its maker, unless the name says it already. */
function modelOf({ name, maker }: Profile): string {
  const known = maker === 'Generic' || name.includes(maker.split(' ')[0] ?? maker)
  return known ? name : `${maker} ${name}`
}

/** Each quirk with its reason, once for all models that share both. */
function quirksOf(profiles: readonly Profile[]): string[] {
  const models = new Map<string, string[]>()
  for (const { id, quirks } of profiles) {
    for (const { name, reason } of quirks) {
      const text = `**${name}** ${reason}`
      models.set(text, [...(models.get(text) ?? []), `\`${id}\``])
    }
  }
  const sorted = [...models].sort(([a], [b]) => (a < b ? -1 : 1))
  if (sorted.length === 0) return []
  const items = sorted.map(([text, ids]) => wrap(`- ${text.replace(/\.?$/, '.')} (${ids.join(', ')})`))
  return ['### Quirks', items.join('\n')]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const tableLine = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [tableLine(head), tableLine(head.map(() => '---')), ...rows.map(tableLine)].join('\n')
}

/** Breaks a list item between words; what follows the first line is indented. */
function wrap(text: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= lineCharsMax)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(last === undefined ? word : `  ${word}`)
  }
  return lines.join('\n')
}

const importsPlace = /(<!-- imports: [^\n]*-->\n)[\s\S]*?(<!-- end of imports -->)/

/** docs/architecture.md with the list of imports as it is enforced. Throws when the page has no place for it. */
export function architecturePage(page: string): string {
  if (!importsPlace.test(page)) throw new Error(`${architectureFile} has lost its place for the imports`)
  const items = importRows.map(({ name, may }) => wrap(`- **${name}**: ${may.map(importWords).join(', ')}`))
  return page.replace(
    importsPlace,
    (_, start: string, end: string) => `${start}\n${items.join('\n')}\n\n${end}`,
  )
}

function importWords(entry: string): string {
  if (entry === 'npm:') return 'packages'
  if (entry === 'src/') return 'everything of ours'
  const [, packageName] = /^npm:(.+)$/.exec(entry) ?? []
  const [, later] = /^dynamic:(.+)$/.exec(entry) ?? []
  if (packageName !== undefined) return `\`${packageName}\``
  const short = (path: string) => `\`${path.replace(/^src\//, '')}\``
  return later === undefined ? short(entry) : `${short(later)} by \`import()\``
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(projectRoot, devicesFile), devicesPage())
  const architecture = join(projectRoot, architectureFile)
  writeFileSync(architecture, architecturePage(readFileSync(architecture, 'utf8')))
  console.log(`${devicesFile}\n${architectureFile}`)
}
