/** The driver greets printers of every degree of talkativeness and keeps their status. */
import { afterEach, describe, expect, it } from 'vitest'
import { watchTimes } from '../../../src/drivers/printers/common/run/watch.ts'
import { greetLimits } from '../../../src/drivers/printers/escpos/driver.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { verdict } from '../../support/driver-bench.ts'
import { Bench, type BenchOptions } from './driver-bench.ts'

let bench: Bench
const started = async (options: BenchOptions = {}) => {
  bench = await new Bench(options).start()
  return bench
}
afterEach(async () => {
  await bench?.device.stop()
  bench?.twin.stop()
})

const silentTwin = {
  identity: false,
  processId: false,
  asb: false,
  gsR: false,
  dleEot: false,
  cutCounter: false,
}

describe('greeting', () => {
  it('[ESC40] tells maker, model, serial, firmware and how the printer says that it printed', async () => {
    await started()
    expect(bench.details).toMatchObject({
      maker: 'EPSON',
      model: 'TM-m30',
      serial: 'TWIN000001',
      firmware: '1.00 ESC/POS',
      columns: 48,
      status: 'asb',
      completion: 'process-id',
    })
    expect(bench.faultCodes).toEqual([])
  })

  it('[ESC40] prints nothing, opens nothing and violates nothing', async () => {
    await started({ settings: { completion: 'status-after-data', cutCounter: true } })
    expect(bench.twin.printedText()).toBe('')
    expect(bench.twin.pulses).toEqual([])
    expect(bench.twin.violations).toEqual([])
  })

  it('[ESC41] a printer that says nothing although its profile expects it: answer_timeout within 3 s', async () => {
    bench = new Bench({ twin: silentTwin })
    bench.open()
    const starting = bench.device.start()
    const caught = expect(starting).rejects.toMatchObject({ code: 'answer_timeout' })
    expect(greetLimits.helloMsMax).toBeLessThan(3_000)
    await bench.clock.advance(greetLimits.helloMsMax - 1)
    await bench.clock.advance(1)
    await caught
  })

  it('[ESC41] one whose first question got lost is asked again', async () => {
    bench = new Bench()
    bench.twin.fault('slow', 0)
    bench.twin.order({ order: 'silent', on: true })
    bench.open()
    const starting = bench.device.start()
    await bench.clock.advance(greetLimits.helloMsMax / 2 - 1)
    bench.twin.order({ order: 'silent', on: false })
    await bench.until(starting)
    expect(bench.details).toMatchObject({ model: 'TM-m30' })
  })

  it('[ESC42] a clone that never answers is usable with status none, completion none', async () => {
    await started({
      twin: silentTwin,
      settings: { status: 'none', completion: 'none', identity: false },
    })
    const result = await bench.until((await bench.print()).result)
    expect(result).toMatchObject({ state: 'done', outcome: { confirmed: false } })
    expect(bench.twin.printedText()).toContain('Hello')
  })

  it('[ESC42] a clone that answers DLE EOT only works, unconfirmed, and says so on its card', async () => {
    await started({
      twin: { ...silentTwin, dleEot: true },
      settings: { status: 'asb', completion: 'status-after-data' },
    })
    expect(bench.details).toMatchObject({ completion: 'none', status: 'dle-eot' })
    const result = await bench.until((await bench.print()).result)
    expect(result).toMatchObject({ state: 'done', outcome: { confirmed: false } })
  })

  it('[ESC42] one that calls itself an Epson and knows no process ids confirms by GS r, and says so on its card', async () => {
    await started({ twin: { processId: false }, settings: { completion: 'process-id' } })
    expect(bench.details).toMatchObject({ completion: 'status-after-data' })
    const result = await bench.until((await bench.print()).result)
    expect(result).toMatchObject({ state: 'done', outcome: { confirmed: true } })
  })

  it('[ESC42] one that cannot answer at all prints unconfirmed with nothing but status none', async () => {
    await started({ twin: silentTwin, settings: { status: 'none', completion: 'process-id' } })
    expect(bench.details).toMatchObject({ completion: 'none' })
    const result = await bench.until((await bench.print()).result)
    expect(result).toMatchObject({ state: 'done', outcome: { confirmed: false } })
  })

  it('[ESC42] what was taken for letters is cleared away before raw bytes', async () => {
    let sent = ''
    await started({
      twin: { ...silentTwin, dleEot: true },
      settings: { status: 'dle-eot', completion: 'status-after-data' },
      onSent: (bytes) => {
        sent += String.fromCharCode(...bytes)
      },
    })
    expect(sent).toMatch(/\x1dr\x01\x1dr\x01\x1dI\x01\x1b@$/)
  })

  it.each(['process-id', 'status-after-data'] as const)(
    '[ESC42] a printer that is busy with a job of the connection before is found to answer %s later on',
    async (completion) => {
      bench = new Bench({ twin: { printMsPerLine: 75, bufferBytes: 65_536 }, settings: { completion } })
      await bench.start()
      const left = await bench.print('line\n'.repeat(200))
      await bench.clock.advance(500)
      await bench.transport.close()
      await bench.until(left.result)
      await bench.device.stop()
      await bench.start()
      expect(bench.details).toMatchObject({ completion: 'none' })
      await bench.clock.advance(greetLimits.retestMs[0] + greetLimits.quietMs)
      expect(bench.details).toMatchObject({ completion, model: 'TM-m30' })
      const result = await bench.until((await bench.print('x\n', 'next')).result)
      expect(result).toMatchObject({ state: 'done', outcome: { confirmed: true } })
    },
  )

  it('[ESC42] one that never answers in its turn is tried twice more and then left alone', async () => {
    let tests = 0
    await started({
      twin: { ...silentTwin, dleEot: true },
      settings: { status: 'dle-eot', completion: 'status-after-data', identity: false },
      onSent: (bytes) => {
        if (bytes[0] === 0x1d && bytes[1] === 0x72) tests++
      },
    })
    await bench.clock.advance(3_600_000)
    expect(tests).toBe((1 + greetLimits.retestMs.length) * greetLimits.fenceTries)
  })

  it('[ESC42] a printer without automatic status but with GS r confirms', async () => {
    await started({
      twin: { ...silentTwin, dleEot: true, gsR: true },
      settings: { status: 'dle-eot', completion: 'status-after-data', identity: false },
    })
    expect(bench.details).toMatchObject({ completion: 'status-after-data' })
    const result = await bench.until((await bench.print()).result)
    expect(result).toMatchObject({ state: 'done', outcome: { confirmed: true } })
  })

  it('[ESC43] a printer that is out of paper is greeted, and introduced when it is online', async () => {
    bench = new Bench({ settings: { completion: 'status-after-data' } })
    bench.twin.order({ order: 'paper', state: 'out' })
    await bench.start()
    expect(bench.faultCodes).toEqual(['paper_out'])
    expect(bench.details).not.toHaveProperty('model')
    bench.twin.order({ order: 'paper', state: 'full' })
    await bench.clock.advance(watchTimes.closeMs * 2)
    expect(bench.details).toMatchObject({ model: 'TM-m30', completion: 'status-after-data', status: 'asb' })
    expect(bench.faultCodes).toEqual([])
  })

  it('[ESC40] answers that are garbage: answer_timeout, not a device', async () => {
    bench = new Bench()
    bench.twin.fault('garble', true)
    bench.open()
    const caught = expect(bench.device.start()).rejects.toMatchObject({ code: 'answer_timeout' })
    await bench.clock.advance(greetLimits.helloMsMax)
    await caught
  })

  it('[ESC41] a link that is lost while greeting: port_closed', async () => {
    bench = new Bench()
    bench.twin.fault('drop_after_bytes', 2)
    bench.open()
    const caught = expect(bench.device.start()).rejects.toMatchObject({ code: 'port_closed' })
    await bench.clock.advance(100)
    await caught
  })
})

describe('live status', () => {
  it('[ESC44] automatic status: faults come and go with no question asked', async () => {
    await started()
    const before = bench.twin.bytesReceived
    const seen: string[][] = []
    for (const order of [
      { order: 'paper', state: 'low' },
      { order: 'paper', state: 'out' },
      { order: 'paper', state: 'full' },
      { order: 'cover', open: true },
      { order: 'cover', open: false },
    ] as const) {
      bench.twin.order(order)
      await settle()
      seen.push(bench.faultCodes)
    }
    expect(seen).toEqual([['paper_low'], ['paper_out'], [], ['cover_open'], []])
    expect(bench.twin.bytesReceived).toBe(before)
  })

  it('[ESC45] without automatic status a fault is seen within 10 s and its end within 2 s', async () => {
    await started({ twin: { asb: false }, settings: { status: 'dle-eot' } })
    bench.twin.order({ order: 'paper', state: 'out' })
    await bench.clock.advance(watchTimes.idleMs)
    expect(bench.faultCodes).toEqual(['paper_out'])
    bench.twin.order({ order: 'paper', state: 'full' })
    await bench.clock.advance(watchTimes.closeMs)
    expect(bench.faultCodes).toEqual([])
  })

  it('[ESC46] a peer that died is noticed by an unanswered sign of life, and given up', async () => {
    await started()
    bench.twin.order({ order: 'silent', on: true })
    await bench.clock.advance(watchTimes.aliveMs + 2_999)
    expect(bench.faultCodes).toEqual([])
    await bench.clock.advance(1)
    expect(bench.faultCodes).toEqual(['not_responding'])
    await expect(bench.transport.closed).resolves.toMatchObject({ by: 'ours' })
  })

  it('[ESC46] a printer that answers is left alone for an hour', async () => {
    await started()
    await bench.clock.advance(3_600_000)
    expect(bench.faults.flat()).toEqual([])
    await expect(bench.until((await bench.print()).result)).resolves.toMatchObject({ state: 'done' })
  })

  it('[ESC46] a printer that takes 2 s for each answer is slow, not dead', async () => {
    await started()
    bench.twin.fault('slow', 2_000)
    await bench.clock.advance(120_000)
    expect(bench.faults.flat()).toEqual([])
  })

  it('[ESC33] garbled and halved status is no fault and no change', async () => {
    await started()
    bench.twin.fault('garble', true)
    bench.twin.order({ order: 'cover', open: true })
    await settle()
    bench.twin.order({ order: 'cover', open: false })
    bench.twin.fault('garble', false)
    bench.twin.fault('half_answer', true)
    bench.twin.order({ order: 'paper', state: 'low' })
    await settle()
    bench.twin.fault('half_answer', false)
    bench.twin.order({ order: 'paper', state: 'full' })
    await settle()
    expect(bench.faults.flat()).toEqual([])
    await expect(bench.until((await bench.print()).result)).resolves.toMatchObject({ state: 'done' })
  })

  it('[ESC44] stop is silent and safe twice', async () => {
    await started()
    await bench.device.stop()
    await bench.device.stop()
    bench.twin.order({ order: 'cover', open: true })
    const before = bench.twin.bytesReceived
    await bench.clock.advance(3_600_000)
    expect(bench.faults.flat()).toEqual([])
    expect(bench.twin.bytesReceived).toBe(before)
  })

  it('[ESC44] automatic status is switched on behind the reset at the head of a document, and at its end', async () => {
    let sent: number[] = []
    await started({ onSent: (bytes) => sent.push(...bytes) })
    sent = []
    await bench.until((await bench.print()).result)
    const text = String.fromCharCode(...sent)
    expect(text.startsWith('\x1b@\x1da\x0f')).toBe(true)
    expect(text).toMatch(/\x1da\x0f\x1d\(H\x06\x0000[0-9A-Za-z]{4}$/)
    sent = []
    await bench.until((await bench.print({ raw: Buffer.from('raw\n').toString('base64') }, 'raw')).result)
    expect(String.fromCharCode(...sent)).toMatch(/^\x1da\x0fraw\n\x1da\x0f\x1d\(H/)
  })

  it('[ESC44] automatic status outlives the reset at the head of a document', async () => {
    await started()
    for (const id of ['a', 'b']) {
      expect(verdict(await bench.until((await bench.print('x\n', id)).result))).toBe('done')
    }
    bench.twin.order({ order: 'cover', open: true })
    await settle()
    expect(bench.faultCodes).toEqual(['cover_open'])
  })
})

describe('probe', () => {
  async function probed(options: BenchOptions = {}) {
    bench = new Bench(options)
    const [transport, end] = memoryPair('probe')
    bench.device = { capabilities: [], start: async () => {}, stop: async () => {} }
    bench.twin.attach(end)
    return bench.until(bench.driver.probe!(transport, { clock: bench.clock, answerMsMax: 1_000 }))
  }

  it('[ESC47] tells who is there, prints nothing, opens nothing, changes nothing', async () => {
    await expect(probed()).resolves.toEqual({
      maker: 'EPSON',
      model: 'TM-m30',
      serial: 'TWIN000001',
      certain: true,
    })
    expect(bench.twin.printedText()).toBe('')
    expect(bench.twin.uncut).toEqual([])
    expect(bench.twin.pulses).toEqual([])
    expect(bench.twin.status.drawerOpen).toBe(false)
    expect(bench.twin.violations).toEqual([])
  })

  it('[ESC47] a printer without identity is certain by its real-time answers', async () => {
    await expect(probed({ twin: { ...silentTwin, dleEot: true } })).resolves.toEqual({ certain: true })
  })

  it('[ESC47] whoever does not answer as ESC/POS is not one', async () => {
    await expect(probed({ twin: silentTwin })).resolves.toBeUndefined()
    expect(bench.twin.printedText()).toBe('')
  })

  it('[ESC47] an echo is not a printer', async () => {
    const [transport, end] = memoryPair('echo')
    end.onBytes((bytes) => end.write(bytes))
    bench = new Bench()
    bench.device = { capabilities: [], start: async () => {}, stop: async () => {} }
    const clock = new TestClock()
    const probing = bench.driver.probe!(transport, { clock, answerMsMax: 1_000 })
    await clock.advance(1_000)
    await expect(probing).resolves.toBeUndefined()
  })
})
