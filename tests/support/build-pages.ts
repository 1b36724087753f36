/** Builds the pages once before the tests of a run, when they are older than their sources: a test must not look at yesterday's. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Everything that a page is made of. */
const sources = [
  'src/ui',
  'src/protocol',
  'src/till',
  'scripts/short-keys.ts',
  'scripts/till-worker.ts',
  'vite.config.ts',
  'package-lock.json',
]

export default function buildPages(): void {
  // A part of the project, as the generator of drivers is tested in, has no pages.
  if (!existsSync(join(root, 'vite.config.ts'))) return
  const built = join(root, 'dist/ui/index.html')
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources.map(newest))) return
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'],
    {
      cwd: root,
      // As it is shipped: the name that vitest sets would leave the names of files and lines in every element.
      env: { ...process.env, NODE_ENV: 'production' },
    },
  )
}

/** When the file, or anything in the folder, was last changed, in ms since 1970. A removed file changes its folder. */
function newest(name: string): number {
  const path = join(root, name)
  if (!existsSync(path)) return 0
  const status = statSync(path)
  if (!status.isDirectory()) return status.mtimeMs
  const inside = readdirSync(path, { recursive: true, encoding: 'utf8' })
  return Math.max(status.mtimeMs, ...inside.map((file) => statSync(join(path, file)).mtimeMs))
}
