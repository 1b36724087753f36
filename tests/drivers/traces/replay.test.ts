/** Every kept trace replays: the driver tells today what it told when the trace was recorded. Rules: docs/traces.md. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { partsOf, readTrace, replayTrace } from '../../../scripts/trace/replay.ts'

const folder = fileURLToPath(new URL('../../traces/', import.meta.url))
const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl'))
const read = (file: string) => readTrace(readFileSync(`${folder}${file}`, 'utf8'))

describe('traces', () => {
  it.each(files)('[TRC1] %s: the same questions, and the same told', async (file) => {
    const trace = read(file)
    const { driver, profile } = partsOf(trace)
    const replay = await replayTrace(trace, driver, profile)
    expect(replay.told).toEqual(replay.expected)
    expect(replay.expected.length).toBeGreaterThan(1)
    expect(replay.skipped).toBeLessThanOrEqual(replay.sent)
  })

  it('[TRC1] a trace of another behaviour does not replay', async () => {
    const trace = read('toledo-8217-weighing.jsonl')
    const { driver, profile } = partsOf(trace)
    const entries = trace.entries.map((entry) =>
      entry.dir === 'in' ? { ...entry, hex: entry.hex.replace('312e323335', '312e323336') } : entry,
    )
    const replay = await replayTrace({ ...trace, entries }, driver, profile)
    expect(replay.same).toBe(false)
  })

  it('[TRC2] a file that is no trace is refused with its line', () => {
    const [header = '', first = ''] = readFileSync(`${folder}serial-scanner-gs1.jsonl`, 'utf8').split('\n')
    expect(() => readTrace('{}')).toThrow('line 1')
    expect(() => readTrace('')).toThrow('line 1')
    expect(() => readTrace(`${header}\n\n${first}\n{"t":1,`)).toThrow('line 4')
    expect(() => readTrace(`${header}\n${first}\n{"t":1,"dir":"sideways"}`)).toThrow('line 3')
  })
})
