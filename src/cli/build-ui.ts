/** Builds the static pages when they are not there yet, beside the running hub: selling does not wait for a build. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../hub/log.ts'

export function buildUi(tools: { root: string; uiDir: string; log: Log }): void {
  const { log, root, uiDir } = tools
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  if (existsSync(join(uiDir, 'index.html')) || !existsSync(vite)) return
  log.info('building the console; it shows in a moment')
  const build = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  build.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2_000)
  })
  build.on('error', (error) => log.error({ reason: error.message }, 'the console could not be built'))
  build.on('exit', (code) => {
    if (code === 0) log.info('the console is built')
    else log.error({ output }, 'the console could not be built; run: npm run build')
  })
}
