/** Cables pulled after every number of bytes, and answers spoiled in every way: never a false word about paper. */
import { describe, expect, it } from 'vitest'
import type { EscposSettings } from '../../../src/drivers/printers/escpos/settings.ts'
import type { EscposTwinOptions } from '../../../src/drivers/printers/escpos/twin/twin.ts'
import { Bench } from './driver-bench.ts'

type Kind = [name: string, settings: Partial<EscposSettings>, twin: Partial<EscposTwinOptions>]

const kinds: Kind[] = [
  ['process id', { completion: 'process-id' }, {}],
  ['status after data', { completion: 'status-after-data' }, {}],
  ['status after data, asked', { completion: 'status-after-data', status: 'dle-eot' }, { asb: false }],
]

const ticket = 'Total 12.50\nThank you\n'

/** How many bytes the driver sends for the ticket on an unharmed line. */
async function sentBytes([, settings, twin]: Kind): Promise<number> {
  const bench = await new Bench({ settings, twin }).start()
  const before = bench.twin.bytesReceived
  await bench.until((await bench.print(ticket)).result)
  await bench.device.stop()
  return bench.twin.bytesReceived - before
}

/** Whether the whole ticket is on paper, cut off. */
const isPrinted = (bench: Bench) => bench.twin.tickets.some((lines) => lines.includes('Thank you'))

describe('a line cut after n bytes of a job', () => {
  for (const kind of kinds) {
    it(`[ESC69] for every n: done only when printed, failed only when nothing left (${kind[0]})`, async () => {
      const [, settings, twin] = kind
      const all = await sentBytes(kind)
      const states: Record<string, number> = { done: 0, failed: 0, unknown: 0 }
      for (let n = 1; n <= all + 1; n++) {
        const bench = await new Bench({ settings, twin }).start()
        bench.twin.fault('drop_after_bytes', n)
        const job = await bench.print(ticket)
        const result = await bench.until(job.result)
        states[result.state]!++
        if (result.state === 'done') expect(isPrinted(bench), `n=${n}`).toBe(true)
        if (result.state === 'failed') {
          // Nothing of the job may be on paper, now or when the printer has worked off what it has.
          await bench.clock.advance(60_000)
          expect(job.sent(), `n=${n}`).toBe(false)
          expect(bench.twin.printedText(), `n=${n}`).toBe('')
        }
        await bench.device.stop()
        bench.twin.stop()
      }
      expect(states.done! + states.failed! + states.unknown!).toBe(all + 1)
      expect(states.unknown).toBeGreaterThan(30)
      expect(states.done).toBeGreaterThanOrEqual(1)
    })
  }
})

describe('spoiled answers', () => {
  const spoils: [string, (bench: Bench) => void][] = [
    ['silent', (bench) => bench.twin.order({ order: 'silent', on: true })],
    ['garble', (bench) => bench.twin.fault('garble', true)],
    ['half_answer', (bench) => bench.twin.fault('half_answer', true)],
    ['slow', (bench) => bench.twin.fault('slow', 700)],
    ['very slow', (bench) => bench.twin.fault('slow', 4_000)],
    ['busy', (bench) => bench.twin.fault('busy', true)],
    [
      'lie_online',
      (bench) => {
        bench.twin.fault('lie_online', true)
        bench.twin.order({ order: 'paper', state: 'out' })
      },
    ],
    ['cutter_jam', (bench) => bench.twin.fault('cutter_jam', true)],
    ['paper out', (bench) => bench.twin.order({ order: 'paper', state: 'out' })],
  ]
  const msMax = 10 * 60_000

  it('[ESC69] before, in and after a job: done only when printed, failed only when nothing left', async () => {
    let cases = 0
    let ended = 0
    for (const [, settings, twin] of kinds) {
      for (const [spoil, begin] of spoils) {
        for (const at of [0, 10, 60, 200, 400]) {
          for (const lasting of [5_000, Number.POSITIVE_INFINITY]) {
            const name = `${settings.completion} ${settings.status ?? 'asb'} ${spoil} at ${at} for ${lasting}`
            const bench = await new Bench({
              settings: { completionMsMax: 8_000, ...settings },
              twin: { printMsPerLine: 50, ...twin },
            }).start()
            bench.clock.after(at, () => begin(bench))
            if (Number.isFinite(lasting)) bench.clock.after(at + lasting, () => heal(bench))
            const job = await bench.print(ticket)
            if (at === 0) await bench.clock.advance(0)
            let state: string | undefined
            void job.result.then((result) => {
              state = result.state
              if (state === 'done') expect(isPrinted(bench), name).toBe(true)
            })
            for (let ms = 0; state === undefined && ms < msMax; ms += 500) await bench.clock.advance(500)
            if (state === 'failed') {
              expect(job.sent(), name).toBe(false)
              heal(bench)
              await bench.clock.advance(60_000)
              expect(bench.twin.printedText(), name).toBe('')
            }
            // Without an end there must be a fault that a person can see and mend.
            if (state === undefined) expect(job.waits.at(-1), name).toMatch(/paper_out|cutter_jam/)
            else ended++
            job.abort()
            await bench.until(job.result)
            await bench.device.stop()
            bench.twin.stop()
            cases++
          }
        }
      }
    }
    expect(cases).toBe(kinds.length * 9 * 5 * 2)
    expect(ended).toBeGreaterThan(cases / 2)
  })
})

function heal(bench: Bench): void {
  bench.twin.order({ order: 'silent', on: false })
  bench.twin.fault('garble', false)
  bench.twin.fault('half_answer', false)
  bench.twin.fault('slow', 0)
  bench.twin.fault('busy', false)
  bench.twin.fault('lie_online', false)
  bench.twin.fault('cutter_jam', false)
  bench.twin.order({ order: 'paper', state: 'full' })
}
