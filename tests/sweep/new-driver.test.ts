/** The generator of drivers: what it writes passes the driver contract, the compiler, the formatter and tidy. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { driverClasses, rulePrefix, writeNewDriver } from '../../scripts/new-driver/new-driver.ts'
import { tidy } from '../../scripts/tidy/tidy.ts'
import { driverRules } from '../contracts/driver.ts'

const projectRoot = fileURLToPath(new URL('../../', import.meta.url))
const run = (root: string, command: string, ...args: string[]) =>
  spawnSync(join(root, 'node_modules/.bin', command), args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
  })

interface SuiteReport {
  numPassedTests: number
  numTotalTests: number
  testResults: { assertionResults: { title: string; status: string }[] }[]
}

/** Runs tests of the copy in a vitest of their own. */
function runSuite(
  root: string,
  ...what: readonly string[]
): { status: number | null; output: string; report: SuiteReport } {
  const file = join(root, 'report.json')
  const { status, stdout, stderr } = run(
    root,
    'vitest',
    'run',
    ...what,
    '--reporter=json',
    `--outputFile=${file}`,
  )
  return { status, output: stdout + stderr, report: JSON.parse(readFileSync(file, 'utf8')) as SuiteReport }
}

/** As much of the project as a driver needs. */
function copyProject(): string {
  const root = mkdtempSync(join(tmpdir(), 'tillbridge-new-driver-'))
  const parts = ['src/protocol', 'src/drivers', 'tests/contracts', 'tests/support', 'config']
  const files = ['vitest.config.ts', 'tsconfig.json', 'biome.json', 'package.json']
  for (const path of [...parts, ...files]) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    cpSync(join(projectRoot, path), join(root, path), { recursive: true })
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'))
  return root
}

describe('new-driver', () => {
  let root = ''
  const written = new Map<string, string[]>()
  const names = driverClasses.map((deviceClass) => `${deviceClass}-fresh-9`)

  beforeAll(() => {
    root = copyProject()
    for (const deviceClass of driverClasses) {
      const name = `${deviceClass}-fresh-9`
      written.set(name, writeNewDriver({ name, class: deviceClass, root }))
    }
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  it('writes a driver of each class that passes its own suite', () => {
    const contract = runSuite(root, 'tests/contracts/driver.test.ts', '--testNamePattern=fresh-9')
    const passed = contract.report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status: ended }) => ended === 'passed').map(({ title }) => title),
    )
    expect({ status: contract.status, output: contract.status === 0 ? '' : contract.output }).toEqual({
      status: 0,
      output: '',
    })
    for (const rule of driverRules)
      expect([rule, passed.filter((title) => title.startsWith(`[${rule}]`)).length >= 6]).toEqual([
        rule,
        true,
      ])
    const { status, output, report } = runSuite(root, 'tests/drivers')
    const failed = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter((test) => test.status === 'failed').map(({ title }) => title),
    )
    expect(failed).toEqual([])
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' })
    // The two rules of its README, for each of six classes.
    expect(report.numPassedTests).toBe(6 * 2)
    expect(report.numTotalTests).toBe(report.numPassedTests)
  })

  it('writes what the compiler, the formatter and tidy accept', () => {
    const shared = ['src/drivers/registry.ts', 'tests/contracts/twins.ts']
    const mine = [...written.values()].flat().filter((path) => !shared.includes(path))
    expect(mine).toHaveLength(4 * 10 + 2 * 9)
    const isMine = (line: string) => /\w+-fresh-9/.test(line)
    expect(run(root, 'tsc', '--noEmit').stdout.split('\n').filter(isMine)).toEqual([])
    const biome = run(root, 'biome', 'check', ...mine.filter((path) => path.endsWith('.ts')), ...shared)
    expect({ status: biome.status, text: biome.status === 0 ? '' : biome.stdout + biome.stderr }).toEqual({
      status: 0,
      text: '',
    })
    expect(
      tidy(root, { allowedCalls: {}, longFiles: {} }).problems.filter(({ file }) => isMine(file)),
    ).toEqual([])
  })

  it('registers each driver and gives it a profile', () => {
    const registry = readFileSync(join(root, 'src/drivers/registry.ts'), 'utf8')
    for (const deviceClass of driverClasses) {
      const camel = `${deviceClass}Fresh9`
      expect(registry).toContain(
        `import { ${camel} } from './${deviceClass}s/${deviceClass}-fresh-9/driver.ts'`,
      )
      expect(registry).toMatch(new RegExp(`^ {4}${camel},$`, 'm'))
    }
    for (const name of names) {
      const profile = JSON.parse(
        readFileSync(join(root, `config/profiles/${name}/generic.json`), 'utf8'),
      ) as object
      expect(profile).toMatchObject({ id: 'generic', driver: name })
    }
  })

  it('the suite it runs can fail: a driver that waits for ever, and one that leaves a timer behind', () => {
    const folder = join(root, 'src/drivers/scales/scale-fresh-9')
    const link = readFileSync(join(folder, 'link.ts'), 'utf8')
    const spoil = (from: string, to: string) => {
      expect(link).toContain(from)
      writeFileSync(join(folder, 'link.ts'), link.replace(from, to))
      const { status, report } = runSuite(
        root,
        'tests/contracts/driver.test.ts',
        '--testNamePattern=scale-fresh-9',
      )
      expect(status).toBe(1)
      const failed = report.testResults
        .flatMap(({ assertionResults }) => assertionResults)
        .filter((test) => test.status === 'failed')
      return failed.map(({ title }) => /^\[\w+\]/.exec(title)?.[0])
    }
    expect(
      spoil("this.#fail(new HubError('answer_timeout', { device, ms: settings.answerMsMax })),", '{}'),
    ).toContain('[DRV6]')
    expect(spoil('    question.cancel()\n', '')).toContain('[DRV4]')
    expect(spoil('question?.reject(error)', '')).toContain('[DRV8]')
    writeFileSync(join(folder, 'link.ts'), link)
  })

  it('refuses names that are none, and one that is taken', () => {
    for (const name of ['', 'Upper', '9lives', 'a--b', '../x', 'a'.repeat(41)]) {
      expect(() => writeNewDriver({ name, class: 'scale', root })).toThrow(/not a driver name/)
    }
    expect(() => writeNewDriver({ name: 'scale-fresh-9', class: 'scale', root })).toThrow(/there already/)
    expect(rulePrefix('toledo-8217')).toBe('TOLEDO')
  })

  it('says how it is called, as a command', () => {
    const script = join(projectRoot, 'scripts/new-driver/new-driver.ts')
    const wrong = spawnSync(process.execPath, [script, 'x', '--class', 'toaster', '--root', root], {
      encoding: 'utf8',
    })
    expect({ status: wrong.status, text: wrong.stderr }).toEqual({
      status: 2,
      text: expect.stringContaining('--class printer|scale'),
    })
    const right = spawnSync(process.execPath, [script, 'by-command', '--class', 'drawer', '--root', root], {
      encoding: 'utf8',
    })
    expect(right.status).toBe(0)
    expect(existsSync(join(root, 'src/drivers/drawers/by-command/driver.ts'))).toBe(true)
  })
})
