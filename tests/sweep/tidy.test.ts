/** Tidy on the project, and on small made-up trees that it must object to. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Report, tidy } from '../../scripts/tidy/tidy.ts'

const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

/** A project of these files, with the least that tidy needs around them. */
function treeOf(files: Record<string, string>, allowances = { allowedCalls: {}, longFiles: {} }): Report {
  const root = mkdtempSync(join(tmpdir(), 'tillbridge-tidy-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const all = { 'package.json': '{"scripts":{"start":"x"}}', 'src/main.ts': '', 'src/cli.ts': '', ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return tidy(root, allowances)
}

/** Put together here, so that tidy does not take it for a test of the project. */
const testOf = (...rules: string[]): string =>
  `it('${rules.map((rule) => `[${rule}]`).join(' ')} x', () => {})\n`

/** The problems as lines, without those of files that nothing imports. */
const lines = ({ problems }: Report): string[] =>
  problems
    .filter(({ message }) => !message.includes('nothing imports'))
    .map(({ file, line, message }) => `${file}:${line}: ${message}`)

describe('tidy', () => {
  it('has nothing to say about the project', () => {
    const started = performance.now()
    const { problems, counts } = tidy(projectRoot)
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(problems.map(({ file, line, message }) => `${file}:${line}: ${message}`)).toEqual([])
    expect(counts.files).toBeGreaterThan(150)
    expect(counts.imports).toBeGreaterThan(800)
    expect(counts.rulesTested).toBe(counts.rulesWritten)
  })

  it('has nothing to say about a small tree in order', () => {
    const report = treeOf({
      'src/main.ts': "import { a } from './protocol/a.ts'\nimport 'express'\n",
      'src/protocol/a.ts': "import { z } from 'zod'\nexport const a = z\n",
      'docs/a.md': '- **A1** One.\n\nSee [the other](b.md#top) and `npm start`.\n',
      'docs/b.md': '[home](https://example.com) [up](../docs)\n',
      'tests/a.test.ts': testOf('A1'),
    })
    expect(report.problems).toEqual([])
    expect(report.counts).toMatchObject({ rulesWritten: 1, rulesTested: 1, documents: 2 })
  })

  const imports: [file: string, text: string, message: string][] = [
    ['src/protocol/a.ts', "import type { B } from '../hub/b.ts'", 'protocol may not import src/hub/b.ts'],
    ['src/protocol/a.ts', "import { readFile } from 'node:fs'", 'protocol may not import node:fs'],
    ['src/protocol/a.ts', "export * from 'lodash/get'", 'protocol may not import npm:lodash'],
    [
      'src/drivers/scales/x/codec.ts',
      "import '../../printers/y/codec.ts'",
      'a driver may not import src/drivers/printers/y/codec.ts',
    ],
    ['src/drivers/scales/x/driver.ts', "import '../../../hub/b.ts'", 'a driver may not import src/hub/b.ts'],
    [
      'src/drivers/scales/x/driver.ts',
      "import '../../transports/tcp.ts'",
      'a driver may not import src/drivers/transports/tcp.ts',
    ],
    ['src/drivers/scales/x/driver.ts', "import 'node:net'", 'a driver may not import node:net'],
    [
      'src/drivers/scales/x/driver.ts',
      "import './twin.ts'",
      'a driver may not import src/drivers/scales/x/twin.ts',
    ],
    [
      'src/drivers/scales/x/twin.ts',
      "import './codec.ts'",
      'the twin of a driver may not import src/drivers/scales/x/codec.ts',
    ],
    [
      'src/drivers/scales/x/twin/a.ts',
      "import '../driver.ts'",
      'the twin of a driver may not import src/drivers/scales/x/driver.ts',
    ],
    [
      'src/drivers/transports/a.ts',
      "import '../driver.ts'",
      'drivers/transports may not import src/drivers/driver.ts',
    ],
    ['src/drivers/framing/a.ts', "import 'node:buffer'", 'drivers/framing may not import node:buffer'],
    [
      'src/hub/a.ts',
      "import '../drivers/scales/x/driver.ts'",
      'hub may not import src/drivers/scales/x/driver.ts',
    ],
    ['src/hub/a.ts', "import '../store/open.ts'", 'hub may not import src/store/open.ts'],
    ['src/store/a.ts', "import '../hub/b.ts'", 'store may not import src/hub/b.ts'],
    ['src/till/engine/a.ts', "import 'node:crypto'", 'till/engine may not import node:crypto'],
    ['src/ui/a.tsx', "import '../hub/b.ts'", 'ui may not import src/hub/b.ts'],
    ['src/ui/a.tsx', "const b = import(\n  'react',\n)", 'ui may not import npm:react'],
    ['src/cli.ts', "import './main.ts'", 'cli may not import src/main.ts'],
    ['src/stray/a.ts', '', 'belongs to no row of the import table (scripts/tidy/import-rules.ts)'],
  ]

  it.each(imports)('import directions: %s with %s', (file, text, message) => {
    const found = lines(treeOf({ [file]: `// import 'commented-out'\n${text}\n` }))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(message)
    expect(found[0]?.startsWith(`${file}:`)).toBe(true)
  })

  it('import directions: what is allowed passes', () => {
    const found = lines(
      treeOf({
        'src/cli.ts': "const main = await import('./main.ts')\nimport './cli/a.ts'\nimport 'node:util'",
        'src/cli/a.ts': '',
        'src/drivers/scales/x/driver.ts':
          "import type { T } from '../../transports/transport.ts'\nimport './codec.ts'\nimport '../../framing/f.ts'\nimport 'zod'",
        'src/drivers/scales/x/twin/a.ts': "import './b.ts'\nimport type { D } from '../../../driver.ts'",
        'src/drivers/registry.ts': "import './scales/x/driver.ts'\nimport './transports/tcp.ts'",
        'src/drivers/transports/tcp.ts': "import 'node:net'\nimport 'serialport'",
        'src/hub/a.ts': "import '../drivers/registry.ts'\nimport 'express'",
        'src/ui/a.tsx': "import '../till/engine/e.ts'\nimport 'preact/hooks'\nimport './a.css'",
      }),
    )
    expect(found).toEqual([])
  })

  it('dead files: what nothing reaches, also when dead files import each other', () => {
    const report = treeOf({
      'src/main.ts': "import './hub/used.ts'\nnew Worker(new URL('./store/worker.ts', import.meta.url))",
      'src/hub/used.ts': '',
      'src/hub/dead.ts': "import './dead-too.ts'",
      'src/hub/dead-too.ts': "import './dead.ts'",
      'src/store/worker.ts': '',
      'src/ui/index.html': '<script type="module" src="./page.tsx"></script>',
      'src/ui/page.tsx': '',
      'tests/support/unused.ts': '',
    })
    const dead = report.problems
      .filter(({ message }) => message === 'nothing imports this file')
      .map(({ file }) => file)
    expect(dead).toEqual(['src/hub/dead-too.ts', 'src/hub/dead.ts', 'tests/support/unused.ts'])
  })

  it('banned calls: each of them, but not in comments, strings or under another name', () => {
    const calls = [
      'Date.now()',
      'new Date()',
      'performance.now()',
      'setTimeout(a, 1)',
      'setInterval(a, 1)',
      'Math.random()',
      "new Error('x')",
      'new TypeError()',
      'console.log(1)',
    ]
    const found = lines(treeOf({ 'src/hub/a.ts': calls.join('\n') }))
    expect(found.map((line) => line.split(':')[1])).toHaveLength(calls.length)
    expect(new Set(found.map((line) => line.split(':')[1])).size).toBe(calls.length)
    const harmless =
      "// Date.now()\nconst a = 'Math.random()'\nconst b = /new Error('/\nnew Date(0)\nnew HubError('x')\nclock.setTimeoutOf()\nconst c = `console.log()`"
    expect(lines(treeOf({ 'src/hub/a.ts': harmless }))).toEqual([])
    expect(lines(treeOf({ 'src/hub/a.ts': ['const c = `$', '{Date.now()}`'].join('') }))).toHaveLength(1)
  })

  it('banned calls: an allowance is taken, and one that is not needed is a problem', () => {
    const allowances = { allowedCalls: { 'src/hub/clock.ts: Date.now': 'the clock' }, longFiles: {} }
    expect(lines(treeOf({ 'src/hub/clock.ts': 'Date.now()' }, allowances))).toEqual([])
    expect(lines(treeOf({ 'src/hub/clock.ts': '' }, allowances))[0]).toMatch(/not needed any more/)
  })

  it('leftovers', () => {
    const word = ['TO', 'DO'].join('')
    expect(lines(treeOf({ 'src/hub/a.ts': `\n// ${word}: later` }))).toEqual([
      expect.stringMatching(/^src\/hub\/a\.ts:2: /),
    ])
  })

  it('file lengths: the limit at its edge, and a list that only shrinks', () => {
    const long = (count: number) => ({ 'src/hub/a.ts': '//\n'.repeat(count) })
    const listed = (count: number) => ({ allowedCalls: {}, longFiles: { 'src/hub/a.ts': count } })
    expect(lines(treeOf(long(500)))).toEqual([])
    expect(lines(treeOf(long(501)))[0]).toMatch(/501 lines/)
    expect(lines(treeOf(long(600), listed(600)))).toEqual([])
    expect(lines(treeOf(long(601), listed(600)))[0]).toMatch(/may only shrink/)
    expect(lines(treeOf(long(599), listed(600)))[0]).toMatch(/shrunk to 599/)
    expect(lines(treeOf(long(500), listed(600)))[0]).toMatch(/short enough/)
    expect(lines(treeOf({}, listed(600)))[0]).toMatch(/is gone/)
  })

  it('documents: dead links and commands that are not there', () => {
    const found = lines(
      treeOf({ 'README.md': 'ok\n[x](docs/none.md)\n`npm run nothing` and npm start\nnpm test' }),
    )
    expect(found).toEqual([
      'README.md:2: the link to docs/none.md leads nowhere',
      'README.md:3: there is no npm script "nothing"',
      'README.md:4: there is no npm script "test"',
    ])
  })

  it('numbered rules: untested, unwritten, and written twice', () => {
    const found = lines(
      treeOf({
        'docs/a.md': '- **A1** tested\n- **A2** not tested\n- **Note** no rule\n- **A1** again',
        'src/drivers/scales/x/README.md': '- **X1** tested with another',
        'tests/a.test.ts': `${testOf('A1', 'X1')}${testOf('A9')}`,
      }),
    )
    expect(found).toEqual([
      'docs/a.md:4: rule A1 is written in docs/a.md:1 already',
      'docs/a.md:2: rule A2 has no test whose name contains [A2]',
      'tests/a.test.ts:2: [A9] is tested and written down nowhere',
    ])
  })
})
