/** What scale drivers share, at work: who gets which answer, and when. The other end of the wire is played by hand. */
import { describe, expect, it } from 'vitest'
import { adam } from '../../../src/drivers/scales/adam/driver.ts'
import { mtSics } from '../../../src/drivers/scales/mt-sics/driver.ts'
import { createMtSicsTwin } from '../../../src/drivers/scales/mt-sics/twin.ts'
import { nci } from '../../../src/drivers/scales/nci/driver.ts'
import { settle } from '../../support/clock.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { bytes, onABench } from '../../support/scale-on-a-bench.ts'

/** An NCI scale played by hand: it answers what `say` is told, when it is told. */
function byHand(settings: Record<string, unknown> = {}) {
  const bench = onABench(nci, () => undefined, { answersUnknown: false, ...settings })
  const asked: string[] = []
  bench.wire.onBytes((data) => asked.push(String.fromCharCode(...data)))
  const say = async (text: string) => {
    bench.wire.write(bytes(text))
    await settle()
  }
  const weight = (number: string, status = '000') => say(`\n${number}kg\r\n${status}\r\x03`)
  return { ...bench, asked, say, weight }
}

async function startedByHand(settings: Record<string, unknown> = {}) {
  const bench = byHand(settings)
  const starting = bench.device.start()
  await settle()
  await bench.weight('0.000')
  await starting
  bench.asked.length = 0
  return bench
}

describe('an answer', () => {
  it('[SCALE1] that began before the question is not its answer', async () => {
    const { clock, weighing, say, weight } = await startedByHand()
    await say('\n9.0')
    await weight('9.111')
    const reading = weighing.read()
    await settle()
    await say('00kg\r\n000\r\x03')
    // The end of the old answer is a status without a weight: no answer either.
    await clock.advance(150)
    await weight('1.000')
    expect((await reading).weight).toBe('1.000')
  })

  it('[SCALE2] to a lost question is never that of the next, however late it comes', async () => {
    const { clock, weighing, weight, asked } = await startedByHand()
    const lost = codeOf(weighing.read())
    await clock.advance(500)
    expect(await lost).toBe('answer_timeout')
    // While the line is left alone, a reader runs out of time rather than ask.
    const waiting = codeOf(weighing.read())
    await clock.advance(500)
    expect(await waiting).toBe('answer_timeout')
    expect(asked).toEqual(['W\r'])
    await clock.advance(200)
    const reading = weighing.read()
    await settle()
    expect(asked).toEqual(['W\r', 'W\r'])
    await weight('9.999')
    // That was the lost one, 1.2 s late. It is a sign of life.
    await clock.advance(150)
    expect(asked).toEqual(['W\r', 'W\r', 'W\r'])
    await weight('1.000')
    expect((await reading).weight).toBe('1.000')
  })

  it('[SCALE2] that is proved gone costs no pause', async () => {
    const { clock, weighing, say, weight, asked } = await startedByHand({ answersUnknown: true })
    const lost = codeOf(weighing.read())
    await clock.advance(500)
    expect(await lost).toBe('answer_timeout')
    const reading = weighing.read()
    await settle()
    expect(asked.at(-1)).toBe('?\r')
    await weight('9.999')
    await say('\n?\r\x03')
    expect(asked.at(-1)).toBe('W\r')
    await weight('1.000')
    expect((await reading).weight).toBe('1.000')
  })

  it('[SCALE2] is not proved gone by a proof that was lost itself and comes late', async () => {
    const { clock, weighing, say, weight, asked } = await startedByHand({ answersUnknown: true })
    for (let lost = 0; lost < 3; lost++) {
      expect(await settled(clock, codeOf(weighing.read()))).toBe('answer_timeout')
    }
    expect(asked).toContain('?\r')
    const reading = weighing.read().then(
      (told) => told.weight,
      (error: { code: string }) => error.code,
    )
    await settle()
    // What was asked before comes now, in order: a weight, the proof, and another weight.
    await weight('9.111')
    await say('\n?\r\x03')
    await weight('9.999')
    expect(await settled(clock, reading)).toBe('answer_timeout')
    const next = weighing.read()
    await settle()
    await weight('8.888')
    await clock.advance(150)
    await weight('1.000')
    expect((await next).weight).toBe('1.000')
    // From here on proofs count again.
    expect(await settled(clock, codeOf(weighing.read()))).toBe('answer_timeout')
    const proved = weighing.read()
    await settle()
    await say('\n?\r\x03')
    await weight('2.000')
    expect((await proved).weight).toBe('2.000')
  })

  it('[SCALE1] is not the tail of a line that began before the question, where no sign marks the start', async () => {
    const { clock, device, weighing, wire } = onABench(adam, () => undefined, { silentStart: true })
    await settled(clock, device.start())
    await clock.advance(1_000)
    const say = async (text: string) => {
      wire.write(bytes(text))
      await settle()
    }
    // Somebody pressed the key for a label.
    await say('  10.5')
    const reading = weighing.read()
    await settle()
    await say('00kg\r\n')
    await say('  10.505kg\r\n')
    expect((await settled(clock, reading)).weight).toBe('10.505')
    // One that was cut long ago is in nobody's way.
    await say('  10.5')
    await clock.advance(1_000)
    const again = weighing.read()
    await settle()
    await say('  2.000kg\r\n')
    expect((await settled(clock, again)).weight).toBe('2.000')
  })

  it('[SCALE5] in motion is waited for by readers with different prices, one no longer than the other', async () => {
    const { clock, weighing, weight, asked } = await startedByHand()
    const readers = Array.from({ length: 6 }, (_, price) => weighing.read({ unitPrice: `${price}.00` }))
    for (let turn = 0; turn < 10; turn++) {
      await settle()
      await weight('0.800', '100')
      await clock.advance(150)
    }
    expect(asked.length).toBeGreaterThan(9)
    for (const _ of readers) {
      await weight('1.000')
      await settle()
    }
    expect((await Promise.all(readers)).map((told) => told.weight)).toEqual(readers.map(() => '1.000'))
  })

  it('[SCALE4] that does not come is an error in time also for those who wait behind a zero', async () => {
    const { clock, device, weighing, twin } = onABench(mtSics, (clock) => createMtSicsTwin({ clock }))
    await settled(clock, device.start())
    twin.order({ order: 'silent', on: true })
    const zeroing = weighing.zero(newAttempt())
    const took: number[] = []
    const reads: Promise<void>[] = []
    weighing.watch(true)
    for (let count = 0; count < 40; count++) {
      await clock.advance(100)
      const cameAt = clock.monotonic()
      reads.push(
        codeOf(weighing.read()).then((code) => {
          expect(code).toBe('answer_timeout')
          took.push(clock.monotonic() - cameAt)
        }),
      )
    }
    await settled(clock, Promise.all([...reads, zeroing]))
    expect(took).toHaveLength(40)
    expect(Math.max(...took)).toBeLessThanOrEqual(500)
    await device.stop()
    expect(clock.pending).toBe(0)
  })

  it('[SCALE3] is shared by those who came before the question, with the same price', async () => {
    const { clock, weighing, weight, asked } = await startedByHand()
    const early = [weighing.read(), weighing.read()]
    const priced = weighing.read({ unitPrice: '2.00' })
    await settle()
    const late = weighing.read()
    await weight('1.000')
    expect((await Promise.all(early)).map((told) => told.weight)).toEqual(['1.000', '1.000'])
    expect(asked).toHaveLength(2)
    await weight('2.000')
    expect((await priced).weight).toBe('2.000')
    await clock.advance(0)
    await weight('3.000')
    expect((await late).weight).toBe('3.000')
    expect(asked).toHaveLength(3)
  })

  it('[SCALE4] that does not come is an error within readMsMax of each call', async () => {
    const { clock, weighing } = await startedByHand()
    const took: number[] = []
    const read = () => {
      const cameAt = clock.monotonic()
      return codeOf(weighing.read()).then((code) => {
        expect(code).toBe('answer_timeout')
        took.push(clock.monotonic() - cameAt)
      })
    }
    const reads = [read()]
    for (let count = 0; count < 40; count++) {
      await clock.advance(70)
      reads.push(read())
    }
    await settled(clock, Promise.all(reads))
    expect(took).toHaveLength(41)
    expect(Math.max(...took)).toBeLessThanOrEqual(500)
  })

  it('[SCALE4] has to end in time: bytes that drip in prolong nothing', async () => {
    const { clock, weighing, say } = await startedByHand()
    const reading = codeOf(weighing.read())
    const begun = clock.monotonic()
    let over = false
    void reading.then(() => {
      over = true
    })
    await settle()
    for (const character of '\n   0.0001kg') {
      if (over) break
      await say(character)
      await clock.advance(100)
    }
    expect(over).toBe(true)
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(500)
    expect(await reading).toBe('answer_invalid')
  })

  it('[SCALE5] in motion is waited for, as long as motionMsMax and no longer', async () => {
    const { clock, weighing, weight, asked } = await startedByHand({ motionMsMax: 1_000 })
    const begun = clock.monotonic()
    let code: string | undefined
    void codeOf(weighing.read()).then((told) => {
      code = told
    })
    await settle()
    while (code === undefined && clock.monotonic() < begun + 5_000) {
      await weight('1.000', '100')
      await clock.advance(10)
    }
    expect(code).toBe('scale_motion')
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(1_010)
    expect(asked.length).toBe(7)
  })

  it('[SCALE6] that cannot be read is asked for again while the time lasts', async () => {
    const { clock, weighing, say, weight } = await startedByHand()
    const good = weighing.read()
    await settle()
    await say('\nrubbish\x03')
    await clock.advance(150)
    await weight('1.000')
    expect((await good).weight).toBe('1.000')
    const bad = codeOf(weighing.read())
    for (let count = 0; count < 4; count++) {
      await settle()
      await say('\nrubbish\x03')
      await clock.advance(150)
    }
    expect(await bad).toBe('answer_invalid')
  })

  it('[SCALE7] below zero or above the capacity is an error', async () => {
    const { weighing, weight } = await startedByHand({ capacity: '6' })
    for (const [number, code] of [
      ['-0.005', 'scale_under'],
      ['6.001', 'scale_over'],
      ['6.000', 'no error'],
    ] as const) {
      const reading = codeOf(weighing.read())
      await settle()
      await weight(number)
      expect([number, await reading]).toEqual([number, code])
    }
  })
})

describe('the health of a scale', () => {
  it('[SCALE8] is silence twice, and a good answer mends it', async () => {
    const { clock, faults, weight, asked } = await startedByHand()
    await clock.advance(10_000)
    expect(asked).toEqual(['W\r'])
    await clock.advance(500)
    expect(faults).toEqual([])
    await clock.advance(2_500)
    expect(faults.at(-1)).toMatchObject([{ code: 'not_responding' }])
    for (let count = 0; count < 40 && faults.at(-1)?.length !== 0; count++) {
      await clock.advance(100)
      await weight('0.000')
    }
    expect(faults).toHaveLength(2)
    expect(faults.at(-1)).toEqual([])
  })

  it('[SCALE8] is three answers in a row that cannot be read', async () => {
    const { clock, weighing, faults, say } = await startedByHand()
    const reading = codeOf(weighing.read())
    for (let count = 0; count < 3; count++) {
      await settle()
      expect(faults).toEqual([])
      await say('\nrubbish\x03')
      await clock.advance(150)
    }
    expect(await settled(clock, reading)).not.toBe('no error')
    expect(faults).toMatchObject([[{ code: 'scale_error' }]])
  })

  it('[SCALE9] the live view tells changes only', async () => {
    const { clock, weighing, weights, weight } = await startedByHand()
    weighing.watch(true)
    for (const number of ['1.000', '1.000', '2.000', '2.000', '1.000']) {
      await settle()
      await weight(number)
      await clock.advance(200)
    }
    expect(weights.map((told) => told.weight)).toEqual(['1.000', '2.000', '1.000'])
    weighing.watch(false)
    await clock.advance(5_000)
    expect(weights).toHaveLength(3)
  })
})

describe('a command', () => {
  it('[SCALE10] waits for its turn, is sent once, and is unknown when silence follows', async () => {
    const { clock, weighing, weight, asked } = await startedByHand()
    const reading = weighing.read()
    await settle()
    const attempt = newAttempt()
    const zeroing = weighing.zero(attempt)
    await settle()
    expect(attempt.sent).toBe(0)
    await weight('1.000')
    await reading
    expect(attempt.sent).toBe(1)
    expect(await settled(clock, zeroing)).toMatchObject({ state: 'unknown' })
    expect(asked.filter((request) => request === 'Z\r')).toHaveLength(1)
  })

  it('[SCALE10] is not sent while a lost answer may come in: silence before it is failed', async () => {
    const { clock, weighing, asked } = await startedByHand()
    await settled(clock, codeOf(weighing.read()))
    const attempt = newAttempt()
    const result = await settled(clock, weighing.zero(attempt))
    expect(result).toMatchObject({ state: 'failed', error: { code: 'answer_timeout' } })
    expect(attempt.sent).toBe(0)
    expect(asked).not.toContain('Z\r')
  })
})
