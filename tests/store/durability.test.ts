/** What was acknowledged is there: after kill -9, and after a disk that was full. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openEventLog, openStore } from '../../src/store/open.ts'
import { testFolder } from './support/folder.ts'

const script = (name: string) => fileURLToPath(new URL(`./support/${name}.ts`, import.meta.url))

const kills = 20
const linesMax = 400

/** Kills the process after so many lines; answers every line that it had printed. */
async function linesUntilKilled(child: ChildProcess, after: number): Promise<string[]> {
  let output = ''
  let seen = 0
  child.stdout!.on('data', (data: Buffer) => {
    output += data.toString()
    seen += data.filter((byte) => byte === 0x0a).length
    if (seen >= after) child.kill('SIGKILL')
  })
  await once(child, 'close')
  // What follows the last line end is half a line.
  return output.split('\n').slice(0, -1)
}

it(`[ST1] kill -9 at ${kills} moments loses nothing that was acknowledged`, { timeout: 60_000 }, async () => {
  const dir = await testFolder()
  const jobs = new Map<string, 'pending' | 'running'>()
  let lastEvent = 0
  for (let run = 0; run < kills; run++) {
    const child = spawn(process.execPath, [script('inserter'), dir, String(run)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = await linesUntilKilled(child, 1 + Math.floor(Math.random() * linesMax))
    expect(child.signalCode).toBe('SIGKILL')
    for (const line of lines) {
      const [what, id] = line.split(' ') as [string, string]
      if (what === 'job') jobs.set(id, 'pending')
      if (what === 'running') jobs.set(id, 'running')
      if (what === 'event') lastEvent = Number(id)
    }
    const store = await openStore({ dir, inline: true })
    const found = new Map((await store.jobs.unended()).map(({ id, state }) => [id, state]))
    await store.close()
    for (const [id, state] of jobs) {
      // An update that was not acknowledged may have reached the disk; an acknowledged one must have.
      expect(found.get(id), `${id} after kill ${run}`).toBeOneOf(
        state === 'running' ? ['running'] : ['pending', 'running'],
      )
    }
    const log = await openEventLog({ dir, inline: true, bootId: 'boot', newId: () => 'new', now: () => 0 })
    expect(log.epoch).toBe('epoch of run 0')
    expect(log.lastSeq).toBeGreaterThanOrEqual(lastEvent)
    await log.close()
  }
  expect(jobs.size).toBeGreaterThan(kills)
  expect(lastEvent).toBeGreaterThan(kills)
})

async function run(command: string, args: string[]): Promise<{ status: number | null; output: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString()
  })
  const failed = once(child, 'error').then(() => null)
  const status = await Promise.race([once(child, 'close').then(([code]) => code as number | null), failed])
  return { status, output }
}

// A mount of its own in a mount namespace of its own: it goes away with the process, whatever happens.
const mayMount = await run('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).then(
  ({ status }) => status === 0,
)

it.skipIf(!mayMount)(
  '[ST14] a full disk refuses, undoes nothing acknowledged, and works again with room',
  async () => {
    const mount = `${await testFolder()}/disk`
    await mkdir(mount)
    const inside = 'mount -t tmpfs -o size=4m none "$1" && exec "$2" "$3" "$1"'
    const { status, output } = await run('unshare', [
      '-rm',
      'sh',
      '-c',
      inside,
      'sh',
      mount,
      process.execPath,
      script('small-disk'),
    ])
    expect(status).toBe(0)
    const full = 'store_unavailable: the disk is full'
    expect(JSON.parse(output)).toEqual({
      roomy: ['ok', 'ok', 'ok'],
      full: Array(5).fill(full),
      eventWhenFull: full,
      openWhenFull: full,
      readWhenFull: 'roomy0',
      again: ['ok', 'ok', 'ok'],
      eventAgain: 'ok',
      kept: ['again0', 'again1', 'again2', 'roomy0', 'roomy1', 'roomy2'],
      heard: ['store_unavailable', 'recovered'],
    })
  },
)
