/** The checksums of Dialog 06: whenever the scale asks, with any polynomial, and what happens without the right one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dialog } from '../../../src/drivers/scales/dialog/driver.ts'
import { createDialogTwin, type DialogTwinOptions } from '../../../src/drivers/scales/dialog/twin.ts'
import { refusalOf, settled } from '../../support/driver-bench.ts'
import { onABench } from '../../support/scale-on-a-bench.ts'

async function started(settings: Record<string, unknown>, options: Partial<DialogTwinOptions> = {}) {
  const bench = onABench(
    dialog,
    (clock) =>
      createDialogTwin({ clock, loadGrams: 1_500, onceOnly: false, polynomial: 0x11021, ...options }),
    settings,
  )
  await settled(bench.clock, bench.device.start())
  const read = () => settled(bench.clock, bench.weighing.read({ unitPrice: '12.99' }))
  const refused = () => settled(bench.clock, refusalOf(bench.weighing.read({ unitPrice: '12.99' })))
  const faults = () => bench.faults.at(-1)?.map(({ code, message }) => `${code}: ${message}`) ?? []
  return { ...bench, read, refused, faults, told: bench.faults }
}

describe('a challenge', () => {
  it('[DLG7] after power-on is answered, and the order repeated', async () => {
    const { read, twin, faults } = await started({ polynomialSecret: '11021' })
    expect(await read()).toMatchObject({ weight: '1.500', total: '19.49' })
    expect([twin.challenges, twin.orders.length, faults()]).toEqual([1, 1, []])
  })

  it('[DLG7] in the middle of a day, and every fifty weighings, costs nobody a weight', async () => {
    const { read, twin } = await started({ polynomialSecret: '11021' })
    for (let weighing = 0; weighing < 120; weighing++) expect((await read()).weight).toBe('1.500')
    expect(twin.challenges).toBe(3)
    twin.challenge()
    expect((await read()).weight).toBe('1.500')
    expect(twin.challenges).toBe(4)
  })

  it.each([20, 60, 90, 120])(
    '[DLG7] by a scale that takes %i ms an answer still ends in a weight',
    async (answerMs) => {
      const { read, twin, faults } = await started({ polynomialSecret: '11021' }, { answerMs })
      expect((await read()).weight).toBe('1.500')
      expect([twin.challenges, faults()]).toEqual([1, []])
    },
  )

  it('[DLG7] is passed with any polynomial, any checksums and both ways of writing its numbers', async () => {
    const hex = (digits: number) => (value: number) => value.toString(16).toUpperCase().padStart(digits, '0')
    const word = fc.integer({ min: 0, max: 0xffff })
    await fc.assert(
      fc.asyncProperty(
        word,
        fc.array(word, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (low, checksums, plainNibbles) => {
          const settings = { polynomialSecret: hex(5)(0x10000 + low), checksums: checksums.map(hex(4)) }
          const { read, twin, device } = await started(settings, { polynomial: 0x10000 + low, plainNibbles })
          for (let time = 0; time < 4; time++) {
            twin.challenge()
            expect((await read()).weight).toBe('1.500')
          }
          expect(twin.challenges).toBe(4)
          await device.stop()
        },
      ),
      { numRuns: 25 },
    )
  })

  it('[DLG7] turned the other way round is not passed, so the rotation counts', async () => {
    const { refused } = await started({ polynomialSecret: '11021', checksumRotation: 'right-left' })
    expect((await refused()).code).toBe('device_faulty')
  })
})

describe('without the right polynomial', () => {
  it('[DLG8] a challenge is a fault that says what is missing, and no checksums are sent', async () => {
    const { refused, faults, twin } = await started({})
    expect(await refused()).toMatchObject({
      code: 'device_faulty',
      text: expect.stringContaining('polynomialSecret'),
    })
    expect(faults()).toEqual([expect.stringMatching(/^scale_error: .*Set polynomialSecret/)])
    expect(String.fromCharCode(...twin.received)).not.toContain('\x0210')
  })

  it('[DLG8] a wrong one is a fault, told once, and gone with a weighing that works', async () => {
    const { refused, read, faults, told, clock, wire } = await started({ polynomialSecret: '18005' })
    expect((await refused()).code).toBe('device_faulty')
    expect((await refused()).code).toBe('device_faulty')
    expect(faults()).toEqual([expect.stringMatching(/^scale_error: .*did not accept/)])
    expect(told).toHaveLength(1)
    // Somebody switched the challenge off at the scale.
    const calm = createDialogTwin({ clock, loadGrams: 1_500 })
    calm.attach(wire)
    expect((await read()).weight).toBe('1.500')
    expect(faults()).toEqual([])
  })

  it('[DLG8] a scale that is set to Dialog 04 and asks all the same is not in its language', async () => {
    const { refused } = await started({ dialog: '04', polynomialSecret: '11021' })
    expect(await refused()).toMatchObject({
      code: 'answer_invalid',
      text: expect.stringContaining('set dialog to 06'),
    })
  })

  it('[DLG8] a polynomial has 17 bits, and there are one to five checksums of 16', () => {
    const ok = (settings: Record<string, unknown>) => dialog.settings.safeParse(settings).success
    expect([
      ok({ polynomialSecret: '11021' }),
      ok({ polynomialSecret: '1021' }),
      ok({ polynomialSecret: '21021' }),
    ]).toEqual([true, false, false])
    expect([
      ok({ checksums: [] }),
      ok({ checksums: Array(5).fill('0001') }),
      ok({ checksums: Array(6).fill('0001') }),
    ]).toEqual([false, true, false])
    expect(dialog.settings.parse({})).not.toHaveProperty('polynomialSecret')
  })
})
