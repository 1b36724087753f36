/** Writes a new driver: folder, twin, profile and test, all working, and its line in the registry. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const projectRoot = fileURLToPath(new URL('../../', import.meta.url))
const templateFolder = fileURLToPath(new URL('./template/', import.meta.url))

const folderOfClass = {
  printer: 'printers',
  scale: 'scales',
  scanner: 'scanners',
  drawer: 'drawers',
  display: 'displays',
  terminal: 'terminals',
} as const
export type DriverClass = keyof typeof folderOfClass
export const driverClasses = Object.keys(folderOfClass) as DriverClass[]

const marker = '// new drivers go above this line'
const nameForm = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const nameCharsMax = 40

export interface NewDriver {
  name: string
  class: DriverClass
  /** The project that gets it. */
  root: string
}

/** Writes the files and formats them; answers their paths from the root. Throws when the name is not one, or is taken. */
export function writeNewDriver({ name, class: deviceClass, root }: NewDriver): string[] {
  if (!nameForm.test(name) || name.length > nameCharsMax) {
    throw new Error(
      `"${name}" is not a driver name: lower case, digits and dashes, at most ${nameCharsMax} characters`,
    )
  }
  const folder = `src/drivers/${folderOfClass[deviceClass]}/${name}`
  if (existsSync(join(root, folder))) throw new Error(`${folder} is there already`)
  const files = new Map<string, string>()
  for (const file of readdirSync(templateFolder)) {
    const [, variant] = /^capability\.(\w+)\.ts$/.exec(file) ?? []
    if (variant !== undefined || (file === 'capability.ts' && deviceClass !== 'scale')) continue
    files.set(targetOf(file, folder, name), read(file))
  }
  if (deviceClass !== 'scale') files.set(`${folder}/capability.ts`, read(`capability.${deviceClass}.ts`))
  // Only what acts on the device needs to know how an act ends.
  const acts = /attempt\.ts'/.test(files.get(`${folder}/capability.ts`) ?? '')
  if (!acts) files.delete(`${folder}/attempt.ts`)
  const registryFile = 'src/drivers/registry.ts'
  const registry = register(
    readFileSync(join(root, registryFile), 'utf8'),
    name,
    `${folderOfClass[deviceClass]}/${name}`,
  )
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), fill(text, path, folder, name))
  }
  writeFileSync(join(root, registryFile), registry)
  const twinsFile = 'tests/contracts/twins.ts'
  const twins = readFileSync(join(root, twinsFile), 'utf8')
  writeFileSync(join(root, twinsFile), registerTwin(twins, name, `${folderOfClass[deviceClass]}/${name}`))
  const written = [...files.keys(), registryFile, twinsFile]
  format(root, written)
  return written
}

/** Names of another length want other line breaks, and another order of imports. */
function format(root: string, paths: readonly string[]): void {
  const biome = join(root, 'node_modules/.bin/biome')
  const code = paths.filter((path) => /\.(ts|json)$/.test(path))
  const { status, stderr } = spawnSync(biome, ['check', '--write', ...code], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the new files could not be formatted: ${stderr}`)
}

const read = (file: string): string => readFileSync(join(templateFolder, file), 'utf8')

function targetOf(file: string, folder: string, name: string): string {
  if (file === 'profile.json') return `config/profiles/${name}/generic.json`
  if (file.endsWith('.test.ts')) return `tests/drivers/${name}/${file}`
  return `${folder}/${file}`
}

/** The template's names become the driver's, and its imports those of the place the file goes to. */
function fill(text: string, path: string, folder: string, name: string): string {
  const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const pascal = camel.charAt(0).toUpperCase() + camel.slice(1)
  const words = name.replaceAll('-', ' ')
  const inTest = path.startsWith('tests/')
  return text
    .replaceAll(
      "'../../../src/drivers/driver.ts'",
      inTest ? "'../../../src/drivers/driver.ts'" : "'../../driver.ts'",
    )
    .replaceAll("'../../../src/drivers/twin-line.ts'", "'../../twin-line.ts'")
    .replaceAll("'../../../src/protocol/", inTest ? "'../../../src/protocol/" : "'../../../protocol/")
    .replaceAll("'../../../tests/", "'../../")
    .replace(/'\.\/(\w+\.ts)'/g, (found, file: string) => (inTest ? `'../../../${folder}/${file}'` : found))
    .replaceAll('template-language', name)
    .replaceAll('templateLanguage', camel)
    .replaceAll('TemplateLanguage', pascal)
    .replaceAll('template language', words)
    .replaceAll('Template language', words.charAt(0).toUpperCase() + words.slice(1))
    .replace(/\bTPL(?=\d)/g, rulePrefix(name))
}

/** The letters of the name, as its rules are numbered: [TOLEDO1]. */
export function rulePrefix(name: string): string {
  return name
    .replace(/[^a-z]/g, '')
    .slice(0, 8)
    .toUpperCase()
}

/** Puts the import where the others are, in their order, and the driver above the marker. */
function register(registry: string, name: string, place: string): string {
  const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  if (!registry.includes(marker)) throw new Error(`src/drivers/registry.ts has lost its line "${marker}"`)
  const line = `import { ${camel} } from './${place}/driver.ts'`
  const lines = registry.split('\n')
  const after = lines.findIndex(
    (text) => (/^import .* from '(\.\/.*)'$/.exec(text)?.[1] ?? '') > `./${place}/driver.ts`,
  )
  lines.splice(after < 0 ? 1 : after, 0, line)
  return lines.join('\n').replace(marker, `${camel},\n    ${marker}`)
}

/** The line by which the contract suite and the sweep of all devices know the twin. */
function registerTwin(twins: string, name: string, place: string): string {
  const twinMarker = '// twins of new drivers go above this line'
  if (!twins.includes(twinMarker))
    throw new Error(`tests/contracts/twins.ts has lost its line "${twinMarker}"`)
  const create = `create${name.replace(/(^|-)(.)/g, (_, __, letter: string) => letter.toUpperCase())}Twin`
  const line = `import { ${create} } from '../../src/drivers/${place}/twin.ts'`
  const entry = `'${name}': { createTwin: (clock) => ${create}({ clock }) },`
  const lines = twins.replace(twinMarker, `${entry}\n  ${twinMarker}`).split('\n')
  const last = lines.findLastIndex((text) => text.startsWith('import '))
  lines.splice(last, 0, line)
  return lines.join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { class: { type: 'string' }, root: { type: 'string', default: projectRoot } },
  })
  const deviceClass = driverClasses.find((known) => known === values.class)
  const [name] = positionals
  if (name === undefined || deviceClass === undefined) {
    console.error(`npm run new-driver -- NAME --class ${driverClasses.join('|')}`)
    process.exitCode = 2
  } else {
    try {
      for (const path of writeNewDriver({ name, class: deviceClass, root: values.root })) console.log(path)
      console.log(
        `\nNext: npx vitest run tests/drivers/${name} tests/contracts/driver.test.ts, then read the README of the new folder.`,
      )
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
      process.exitCode = 1
    }
  }
}
