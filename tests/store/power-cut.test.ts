/** The power goes at any moment: every system call of a real run is recorded, and the disk rebuilt as it may have been. */
import { spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openEventLog, openStore } from '../../src/store/open.ts'
import { testFolder } from './support/folder.ts'
import { filesAfterCut, parseRecording, straceOptions } from './support/power-cut.ts'

const script = fileURLToPath(new URL('./support/two-runs.ts', import.meta.url))
const mayRecord = spawnSync('strace', ['-f', 'true']).status === 0
const cuts = 120

/** Mulberry32: small, seeded, so that a failing cut can be had again. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

it.skipIf(!mayRecord)(
  `[ST1] [ST21] ${cuts} power cuts: nothing acknowledged is lost, and no epoch stays that lost events`,
  { timeout: 120_000 },
  async () => {
    const dir = await testFolder()
    const recording = `${await testFolder()}/recording`
    const recorded = spawnSync('strace', [...straceOptions, '-o', recording, process.execPath, script, dir])
    expect(recorded.signal).toBe('SIGKILL')
    const steps = parseRecording(await readFile(recording, 'latin1'), dir)
    const firstSaid = steps.findIndex((step) => step.do === 'say')
    expect(steps.filter((step) => step.do === 'say')).toHaveLength(150)

    const image = `${await testFolder()}/image`
    let [epochsKept, epochsNew, lostTails] = [0, 0, 0]
    for (let cut = 0; cut < cuts; cut++) {
      const random = randomOf(cut)
      const before = steps.slice(0, firstSaid + Math.floor(random() * (steps.length - firstSaid + 1)))
      const said = before.flatMap((step) =>
        step.do === 'say' ? [step.line.split(' ') as [string, string]] : [],
      )
      await rm(image, { recursive: true, force: true })
      await mkdir(image)
      for (const [path, bytes] of filesAfterCut(before, random)) {
        // The shared memory does not outlive the kernel; SQLite rebuilds it.
        if (!path.endsWith('-shm')) await writeFile(`${image}/${basename(path)}`, bytes)
      }
      const label = `cut ${cut}, behind step ${before.length}`
      const store = await openStore({ dir: image, inline: true })
      const jobs = new Set((await store.jobs.unended()).map(({ id }) => id))
      const entries = new Set((await store.ledger.after(0, 1_000)).map(({ seq }) => String(seq)))
      expect((await store.ledger.verify()).broken, label).toBeUndefined()
      await store.close()
      for (const [what, id] of said) {
        if (what === 'job') expect(jobs.has(id), `${label}: job ${id}`).toBe(true)
        if (what === 'ledger') expect(entries.has(id), `${label}: ledger ${id}`).toBe(true)
      }
      const log = await openEventLog({
        dir: image,
        inline: true,
        bootId: 'next boot',
        newId: () => 'new',
        now: () => 0,
      })
      const lastSaid = Math.max(0, ...said.filter(([what]) => what === 'event').map(([, seq]) => Number(seq)))
      if (log.lastSeq < lastSaid) lostTails++
      if (log.epoch === 'first epoch') {
        epochsKept++
        expect(log.lastSeq, `${label}: events in a kept epoch`).toBeGreaterThanOrEqual(lastSaid)
      } else epochsNew++
      await log.close()
    }
    // The sweep met all three: otherwise it has proved nothing of the epoch.
    expect(epochsKept).toBeGreaterThan(0)
    expect(epochsNew).toBeGreaterThan(0)
    expect(lostTails).toBeGreaterThan(0)
  },
)
