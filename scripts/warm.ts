/** After an install: starts the hub once on a folder of its own, so that the first real start finds everything compiled. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../bin/tillbridge.js', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'tillbridge-warm-'))
const waitMsMax = 30_000

const hub = spawn(
  bin,
  ['start', '--data', data, '--http', '0', '--bind', '127.0.0.1', '--demo', '--log', 'silent', '--no-build'],
  {
    stdio: ['ignore', 'pipe', 'ignore'],
  },
)
const timer = setTimeout(() => hub.kill('SIGKILL'), waitMsMax)
hub.stdout.once('data', () => hub.kill('SIGTERM'))
// An install does not fail over a cold cache: the hub only starts a little slower.
hub.once('error', () => clearTimeout(timer))
hub.once('exit', () => {
  clearTimeout(timer)
  rmSync(data, { recursive: true, force: true })
})
