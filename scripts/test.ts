/** `npm test`: style, types, house rules, then every test that needs no cable; ends with one line that counts. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }

/** Programs of other people that the tests talk to, and the Debian packages that bring them. */
const witnesses: Readonly<Record<string, string>> = {
  '/usr/bin/chromium': 'chromium',
  '/usr/bin/socat': 'socat',
  '/usr/bin/zbarimg': 'zbar-tools',
  '/usr/bin/xkbcli': 'libxkbcommon-tools',
  '/usr/sbin/mosquitto': 'mosquitto',
  '/usr/bin/mosquitto_sub': 'mosquitto-clients',
  '/usr/bin/promtool': 'prometheus',
}
const missing = Object.entries(witnesses).filter(([file]) => !existsSync(file))
if (missing.length > 0)
  console.log(`Some tests will fail without: apt-get install ${missing.map(([, name]) => name).join(' ')}\n`)

function runs(command: string, args: readonly string[]): boolean {
  console.log(`> ${command} ${args.join(' ')}`)
  return spawnSync(join(bin, command), args, { cwd: root, env, stdio: 'inherit' }).status === 0
}

/** What it says comes in one piece, when it has ended. */
function runsBeside(command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(join(bin, command), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = `> ${command} ${args.join(' ')}\n`
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
    child.once('error', (error) => {
      said += `${error.message}\n`
    })
    child.once('close', (status) => {
      process.stdout.write(said)
      resolve(status === 0)
    })
  })
}

const only = process.argv.slice(2)
let passed = 0
let failed = 0
const count = (ok: boolean) => (ok ? passed++ : failed++)

if (only.length === 0) {
  const checks = await Promise.all([
    runsBeside('biome', ['check', '.']),
    runsBeside('tsc', ['--noEmit']),
    runsBeside('tsc', ['--noEmit', '-p', 'src/ui']),
    runsBeside('vite', ['build', '--logLevel', 'warn']),
  ])
  for (const ok of checks) count(ok)
}

const reports = mkdtempSync(join(tmpdir(), 'tillbridge-report-'))
const report = join(reports, 'report.json')
runs('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...only])
try {
  const { numPassedTests, numTotalTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  ) as {
    numPassedTests: number
    numTotalTests: number
    numPendingTests: number
    testResults: { status: string; assertionResults: unknown[] }[]
  }
  passed += numPassedTests
  failed += numTotalTests - numPassedTests - numPendingTests
  // A file that cannot be loaded has no tests to fail.
  failed += testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
} catch {
  failed++
}
rmSync(reports, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
