/** DSP-800: the bytes, and what is believed of the answers. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { commandsIn } from '../../../src/drivers/displays/dsp-800/codec.ts'
import { dsp800 } from '../../../src/drivers/displays/dsp-800/driver.ts'
import { dsp800Limits } from '../../../src/drivers/displays/dsp-800/settings.ts'
import { createDsp800Twin, type Dsp800TwinOptions } from '../../../src/drivers/displays/dsp-800/twin.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { ascii, confirmed, hex, openBench } from '../displays/bench.ts'

function bench(settings: Record<string, unknown> = {}, twin: Partial<Dsp800TwinOptions> = {}) {
  return openBench(dsp800, (clock) => createDsp800Twin({ clock, ...twin }), settings)
}

async function opened(settings: Record<string, unknown> = {}, twin: Partial<Dsp800TwinOptions> = {}) {
  const open = bench(settings, twin)
  await settled(open.clock, open.device.start())
  const show = async (text = 'x') =>
    confirmed(await settled(open.clock, open.displaying.show({ lines: [text] }, newAttempt())))
  return { ...open, show }
}

it('[DSP1] commands stand between 04 01 and 17: init, brightness, places 31 and 45', async () => {
  const { writes, twin } = await opened({ brightness: 3 })
  const blank = ascii(' '.repeat(20))
  const greeting = `040125170401413317`
  expect(hex(writes[0])).toBe(`${greeting}0401503117${blank}0401504517${blank}0401503117`)
  expect(twin.screen.brightness).toBe(3)
})

it('[DSP2] a job is confirmed when every command was answered with 06, the one behind the text, too', async () => {
  const { show, twin } = await opened()
  expect(await show('Total')).toBe(true)
  expect(twin.screen.lines[0]).toBe('Total'.padEnd(20))
})

it('[DSP3] a refused command fails the job, and a refused greeting the start', async () => {
  const { displaying, wire, clock } = await opened({ answers: 'always' })
  wire.onBytes(() => wire.write(Uint8Array.of(0x15)))
  const result = await settled(clock, displaying.show({ lines: ['x'] }, newAttempt()))
  expect(result).toMatchObject({ state: 'failed', error: { code: 'device_faulty' } })
  const refusing = bench({}, { refuses: true })
  expect(await codeOf(settled(refusing.clock, refusing.device.start()))).toBe('answer_invalid')
})

it('[DSP4] a display that does not answer its greeting is written to unconfirmed in auto, absent in always', async () => {
  const { show, clock } = await opened({}, { answers: false })
  const before = clock.monotonic()
  expect(await show()).toBe(false)
  expect(clock.monotonic()).toBe(before)
  const always = bench({ answers: 'always' }, { answers: false })
  expect(await codeOf(settled(always.clock, always.device.start()))).toBe('answer_timeout')
  const none = await opened({ answers: 'none' })
  expect(await none.show()).toBe(false)
})

it('[DSP5] an answer that was lost makes the job unknown after answerMsMax', async () => {
  const { twin, displaying, clock } = await opened()
  twin.order({ order: 'silent', on: true })
  const before = clock.monotonic()
  const result = await settled(clock, displaying.show({ lines: ['x'] }, newAttempt()))
  expect(result).toMatchObject({ state: 'unknown', error: { code: 'answer_timeout' } })
  expect(clock.monotonic() - before).toBe(500)
})

it('[DSP5] a job that is given up while it waits for its answers is unknown at once, and those are not the next one’s', async () => {
  const { twin, displaying, clock, show } = await opened({ answerMsMax: 5_000 })
  twin.order({ order: 'silent', on: true })
  const attempt = newAttempt()
  const shown = displaying.show({ lines: ['x'] }, attempt)
  await clock.advance(100)
  const before = clock.monotonic()
  attempt.abort()
  expect(confirmed(await settled(clock, shown))).toBe('job_outcome_unknown')
  expect(clock.monotonic()).toBe(before)
  twin.order({ order: 'silent', on: false })
  expect(await show()).toBe(false)
})

it('[DSP6] after a lost answer nothing is confirmed until the line was quiet for 10 s', async () => {
  const { twin, clock, show } = await opened()
  twin.order({ order: 'fault', fault: 'slow' })
  expect(await show('slow')).toBe('answer_timeout')
  twin.order({ order: 'fault', fault: 'none' })
  // Answers to this come at once, but might be those to the command before.
  expect(await show('quick')).toBe(false)
  // The late answers come in 5 s after their command; the quiet is counted from them, not from the silence.
  await clock.advance(11_000)
  expect(await show('still in doubt')).toBe(false)
  await clock.advance(dsp800Limits.doubtMs / 2)
  expect(await show('sure')).toBe(true)
})

it('[DSP7] whatever the text, the commands counted are those that get an answer', () => {
  const text = fc.array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 40 })
  const command = fc.constantFrom(
    [0x04, 0x01, 0x50, 0x31, 0x17],
    [0x04, 0x01, 0x25, 0x17],
    [0x04, 0x01, 0x41, 0x32, 0x17],
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(command, text), { maxLength: 8 }), (parts) => {
      expect(commandsIn(Uint8Array.from(parts.flat(2)))).toBe(parts.length)
    }),
  )
})

it('[DSP7] a greeting of the settings is counted as it is written', async () => {
  const { show } = await opened({ answers: 'always', init: [0x04, 0x01, 0x25, 0x17, 0x04, 0x01, 0x53, 0x17] })
  expect(await show()).toBe(true)
})
