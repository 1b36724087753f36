/** Jobs by the rules of docs/jobs.md, on real services with a real store and printers in memory. */
import { afterEach, describe, expect, it } from 'vitest'
import { HubError } from '../../src/protocol/errors.ts'
import { jobLimits } from '../../src/protocol/job.ts'
import { cashier, codeOf as code, HubBench, otherCashier } from '../support/hub-bench.ts'

let bench: HubBench | undefined
afterEach(async () => {
  await bench?.end()
  bench = undefined
})

async function withPrinter() {
  bench = await HubBench.start()
  const twin = await bench.printer('one')
  return { bench, twin, device: 'printer-1' }
}

describe('acceptance', () => {
  it('[J1] a job is in the store before submit answers and before its first byte leaves', async () => {
    const { bench, twin, device } = await withPrinter()
    const seenAtPrint: unknown[] = []
    const opened = await import('../../src/store/open.ts')
    const reader = await opened.openStore({ dir: bench.dir, inline: true })
    const original = twin.printed.push.bind(twin.printed)
    let atPrint: Promise<unknown> | undefined
    twin.printed.push = (...ids: string[]) => {
      atPrint = reader.jobs.get(ids[0] ?? '').then((row) => seenAtPrint.push(row?.state))
      return original(...ids)
    }
    const job = await bench.print(device, 'a')
    expect(job.state).toBe('running')
    expect((await reader.jobs.get('a'))?.id).toBe('a')
    await bench.settle()
    await atPrint
    expect(seenAtPrint).toEqual(['running'])
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('done')
    await reader.close()
  })

  it('[J2] the same id and content answers the same job, new, ended, and with fields in another order', async () => {
    const { bench, twin, device } = await withPrinter()
    const [first, second] = await Promise.all([
      bench.call('job.submit', { id: 'a', device, kind: 'print', payload: { text: 'x', copies: 1 } }),
      bench.call('job.submit', { id: 'a', device, kind: 'print', payload: { copies: 1, text: 'x' } }),
    ])
    expect(second.createdAt).toBe(first.createdAt)
    await bench.settle()
    const again = await bench.call('job.submit', {
      id: 'a',
      device,
      kind: 'print',
      payload: { text: 'x', copies: 1 },
    })
    expect(again.state).toBe('done')
    expect(twin.printed).toEqual(['a'])
  })

  it('[J2] the same id is known after a restart', async () => {
    const { bench: first, device } = await withPrinter()
    await first.print(device, 'a', 'x')
    await first.settle()
    await first.stop()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    const twin = bench.plug('one')
    await bench.clock.advance(60_000)
    const again = await bench.print(device, 'a', 'x')
    expect(again.state).toBe('done')
    expect(await code(bench.print(device, 'a', 'y'))).toBe('job_conflict')
    expect(twin.printed).toEqual([])
  })

  it('[J3] the same id with other content is a conflict and leaves the first alone', async () => {
    const { bench, twin, device } = await withPrinter()
    await bench.print(device, 'a', 'x')
    expect(await code(bench.print(device, 'a', 'y'))).toBe('job_conflict')
    await bench.settle()
    expect(await code(bench.print(device, 'a', 'y'))).toBe('job_conflict')
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('done')
    expect(twin.printed).toEqual(['a'])
  })

  it('[J4] a bad payload is told with its path and not recorded, plugged in or not', async () => {
    const { bench, device } = await withPrinter()
    for (const plugged of [true, false]) {
      if (!plugged) {
        bench.unplug('one')
        await bench.settle()
      }
      const bad = bench.call('job.submit', {
        id: 'a',
        device,
        kind: 'print',
        payload: { text: 'x', colour: 'red' },
      })
      await expect(bad).rejects.toMatchObject({ code: 'params_invalid', context: { path: 'payload.colour' } })
      await expect(bench.print(device, 'b', 'BAD')).rejects.toMatchObject({
        code: 'barcode_invalid',
        context: { path: 'payload.text' },
      })
    }
    expect(await code(bench.print('printer-9', 'c'))).toBe('device_unknown')
    const zero = bench.call('job.submit', { id: 'd', device, kind: 'scale.zero', payload: {} })
    expect(await code(zero)).toBe('capability_missing')
    expect((await bench.call('job.list', {})).jobs).toEqual([])
    expect((await bench.print(device, 'b', 'good')).id).toBe('b')
  })

  it('[J5] the queue has a limit, and takes again when there is room', async () => {
    const { bench, device } = await withPrinter()
    bench.unplug('one')
    await bench.settle()
    for (let number = 0; number < jobLimits.queueJobsMax; number++) await bench.print(device, `j${number}`)
    expect(await code(bench.print(device, 'over'))).toBe('queue_full')
    await bench.call('job.cancel', { id: 'j0' })
    expect((await bench.print(device, 'fits')).state).toBe('pending')
  })

  it('[J6] a leased device takes jobs of the holder only, and of nobody who lost the lease', async () => {
    const { bench, device } = await withPrinter()
    const { lease } = await bench.call('lease.acquire', { device, ms: 10_000 }, otherCashier)
    expect(await code(bench.print(device, 'a'))).toBe('device_leased')
    const mine = { id: 'b', device, kind: 'print', payload: { text: 'x' }, lease } as const
    expect((await bench.call('job.submit', mine, otherCashier)).state).toBe('running')
    await bench.clock.advance(10_001)
    expect(await code(bench.call('job.submit', { ...mine, id: 'c' }, otherCashier))).toBe('lease_unknown')
    expect((await bench.print(device, 'd')).id).toBe('d')
  })
})

describe('running', () => {
  it('[J7] one at a time, in the order of acceptance', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'hold'
    const ids = Array.from({ length: 20 }, (_, number) => `j${number}`)
    for (const id of ids) await bench.print(device, id)
    await bench.settle()
    expect(twin.printed).toEqual(['j0'])
    for (let number = 0; number < ids.length; number++) {
      twin.release()
      await bench.settle()
    }
    expect(twin.printed).toEqual(ids)
    expect((await bench.call('job.list', { state: 'done' })).jobs).toHaveLength(20)
  })

  it('[J8] an expired job is never sent', async () => {
    const { bench, twin, device } = await withPrinter()
    bench.unplug('one')
    await bench.settle()
    const expiresAt = new Date(bench.clock.now() + 2_000).toISOString()
    await bench.print(device, 'short', 'x', { expiresAt })
    await bench.print(device, 'long', 'x')
    await bench.clock.advance(2_001)
    expect(await bench.call('job.get', { id: 'short' })).toMatchObject({
      state: 'expired',
      error: { code: 'job_expired' },
    })
    bench.plug('one')
    await bench.clock.advance(40_000)
    expect(twin.printed).toEqual(['long'])
    const past = new Date(bench.clock.now() - 1).toISOString()
    expect(await code(bench.print(device, 'past', 'x', { expiresAt: past }))).toBe('expiry_invalid')
  })

  it('[J8] a job that expired while the hub was away is not sent after it', async () => {
    const { bench: first, device } = await withPrinter()
    first.unplug('one')
    await first.settle()
    await first.print(device, 'a', 'x', { expiresAt: new Date(first.clock.now() + 5_000).toISOString() })
    await first.stop()
    await first.clock.advance(6_000)
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    const twin = bench.plug('one')
    await bench.clock.advance(40_000)
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('expired')
    expect(twin.printed).toEqual([])
  })

  it('[J9] a drawer does not open when the cable comes back', async () => {
    const { bench, twin, device } = await withPrinter()
    const open = (id: string) =>
      bench.call('job.submit', { id, device, kind: 'drawer.open', payload: {} }, cashier)
    await open('a')
    await bench.settle()
    expect(twin.drawerOpened).toBe(1)
    bench.unplug('one')
    await bench.settle()
    expect(await code(open('b'))).toBe('device_absent')
    bench.plug('one')
    await bench.clock.advance(40_000)
    twin.behaviour = 'hold'
    await bench.print(device, 'print')
    await open('c')
    bench.unplug('one')
    await bench.settle()
    expect(await bench.call('job.get', { id: 'c' })).toMatchObject({
      state: 'failed',
      error: { code: 'device_absent' },
    })
    bench.plug('one')
    await bench.clock.advance(40_000)
    expect(twin.drawerOpened).toBe(1)
  })

  it('[J10] paper out pauses the queue, says so, and new paper resumes it', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.paper(true)
    await bench.settle()
    await bench.print(device, 'a')
    await bench.print(device, 'b')
    await bench.clock.advance(1_000)
    expect(await bench.call('job.get', { id: 'b' })).toMatchObject({
      state: 'pending',
      waitingFor: 'paper_out',
    })
    expect((await bench.call('device.get', { id: device })).state).toBe('faulty')
    twin.paper(false)
    await bench.settle()
    expect(twin.printed).toEqual(['a', 'b'])
    expect((await bench.call('job.get', { id: 'b' })).state).toBe('done')
  })

  it('[J11] a loss before the first byte puts the job back; attempts counts', async () => {
    const { bench, twin, device } = await withPrinter()
    bench.unplug('one')
    await bench.settle()
    await bench.print(device, 'a')
    expect(await bench.call('job.get', { id: 'a' })).toMatchObject({
      state: 'pending',
      attempts: 0,
      waitingFor: 'device_absent',
    })
    bench.plug('one')
    await bench.clock.advance(40_000)
    expect(await bench.call('job.get', { id: 'a' })).toMatchObject({ state: 'done', attempts: 1 })
    expect(twin.printed).toEqual(['a'])
  })

  it('[J12] cancel drops what was not sent, and refuses what was', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'hold'
    await bench.print(device, 'a')
    await bench.print(device, 'b')
    await bench.settle()
    expect(await code(bench.call('job.cancel', { id: 'a' }))).toBe('job_running')
    expect(await bench.call('job.cancel', { id: 'b' })).toMatchObject({
      state: 'failed',
      error: { code: 'job_cancelled' },
    })
    twin.release()
    await bench.settle()
    expect(twin.printed).toEqual(['a'])
    expect(await code(bench.call('job.cancel', { id: 'a' }))).toBe('job_ended')
    expect(await code(bench.call('job.cancel', { id: 'none' }))).toBe('job_unknown')
  })
})

describe('outcome', () => {
  it('[J13] the device confirms, or fails with its own code', async () => {
    const { bench, twin, device } = await withPrinter()
    await bench.print(device, 'a')
    await bench.settle()
    expect(await bench.call('job.get', { id: 'a' })).toMatchObject({
      state: 'done',
      outcome: { confirmed: true },
    })
    twin.behaviour = 'error'
    await bench.print(device, 'b')
    await bench.settle()
    const failed = await bench.call('job.get', { id: 'b' })
    expect(failed.error?.code).toBeDefined()
    expect(twin.printed).toEqual(['a', 'b'])
  })

  it('[J14] a lost link after the first byte is unknown and never sent again', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'drop'
    await bench.print(device, 'a')
    await bench.settle()
    expect(await bench.call('job.get', { id: 'a' })).toMatchObject({
      state: 'unknown',
      error: { code: 'job_outcome_unknown' },
    })
    twin.behaviour = 'ok'
    bench.plug('one')
    await bench.clock.advance(120_000)
    expect(twin.printed).toEqual(['a'])
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('unknown')
  })

  it('[J15] after a crash a running job is unknown and a pending one goes on', async () => {
    const { bench: first, twin, device } = await withPrinter()
    twin.behaviour = 'hold'
    await first.print(device, 'a')
    await first.print(device, 'b')
    await first.settle()
    // A crash: another hub opens the files of one that was not stopped.
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    const next = bench.plug('one')
    await bench.clock.advance(40_000)
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('unknown')
    expect((await bench.call('job.get', { id: 'b' })).state).toBe('done')
    expect(next.printed).toEqual(['b'])
    first.unplug('one')
    await first.stop()
  })

  it('[J16] the device is asked before anything new is sent, and its proof settles the job', async () => {
    for (const [answer, state] of [
      ['Y', 'done'],
      ['N', 'failed'],
    ] as const) {
      const { bench: hub, twin, device } = await withPrinter()
      twin.behaviour = 'drop'
      await hub.print(device, 'a')
      await hub.settle()
      await hub.print(device, 'b')
      twin.behaviour = 'ok'
      twin.inquiry = answer
      hub.plug('one')
      await hub.clock.advance(40_000)
      expect(twin.asked).toEqual(['a'])
      expect(await hub.call('job.get', { id: 'a' })).toMatchObject({
        state,
        outcome: { settledBy: 'inquiry' },
      })
      expect(twin.printed).toEqual(['a', 'b'])
      await hub.end()
      bench = undefined
    }
  })

  it('[J17] a person settles an unknown job, once', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'drop'
    await bench.print(device, 'a')
    await bench.settle()
    expect(await bench.call('job.settle', { id: 'a', outcome: 'done' })).toMatchObject({
      state: 'done',
      outcome: { settledBy: 'person' },
    })
    expect(await code(bench.call('job.settle', { id: 'a', outcome: 'failed' }))).toBe('job_not_unknown')
    expect(await bench.call('job.get', { id: 'a' })).toMatchObject({
      state: 'done',
      outcome: { settledBy: 'person' },
    })
  })

  it('[J18] every change is an event, recorded before it is announced', async () => {
    const { bench, device } = await withPrinter()
    await bench.print(device, 'a')
    await bench.settle()
    const states = bench.events
      .filter(({ topic }) => topic === 'job.changed')
      .map(({ data }) => (data as { state: string }).state)
    expect(states).toEqual(['running', 'done'])
    const seqs = bench.events.map(({ seq }) => seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
  })

  it('[J18] what was recorded but not announced before a crash is announced after it', async () => {
    const { bench: first, device } = await withPrinter()
    await first.print(device, 'a')
    await first.settle()
    await first.stop()
    const { openStore } = await import('../../src/store/open.ts')
    const store = await openStore({ dir: first.dir, inline: true })
    await store.jobs.update('a', { state: 'unknown' })
    await store.close()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    const missed = await bench.hub.events.after({ epoch: bench.hub.events.epoch, seq: 0 }, 1_000)
    const last = missed?.filter(({ topic }) => topic === 'job.changed').at(-1)
    expect(JSON.parse(last?.frame.toString() ?? '{}').params.data).toMatchObject({
      id: 'a',
      state: 'unknown',
    })
  })
})

describe('backup printer', () => {
  async function withBackup() {
    bench = await HubBench.start()
    const [one, two] = [await bench.printer('one'), await bench.printer('two')]
    await bench.call('device.backup', { id: 'printer-1', backup: 'printer-2' })
    return { bench, one, two }
  }

  it('[J19] waiting prints move after the time is up, and say so', async () => {
    const { bench, one, two } = await withBackup()
    one.paper(true)
    await bench.settle()
    await bench.print('printer-1', 'a')
    await bench.clock.advance(2_000)
    expect(two.printed).toEqual([])
    await bench.clock.advance(1_500)
    expect(two.printed).toEqual(['a'])
    expect(await bench.call('job.get', { id: 'a' })).toMatchObject({
      state: 'done',
      device: 'printer-2',
      movedFrom: 'printer-1',
    })
    expect(one.printed).toEqual([])
  })

  it('[J19] a printer that is back in time keeps its jobs', async () => {
    const { bench, one, two } = await withBackup()
    one.paper(true)
    await bench.settle()
    await bench.print('printer-1', 'a')
    await bench.clock.advance(2_000)
    one.paper(false)
    await bench.clock.advance(10_000)
    expect([one.printed, two.printed]).toEqual([['a'], []])
  })

  it('[J20] a job of which something was sent does not move', async () => {
    const { bench, one, two } = await withBackup()
    one.behaviour = 'drop'
    await bench.print('printer-1', 'a')
    await bench.settle()
    bench.unplug('one')
    await bench.clock.advance(20_000)
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('unknown')
    expect(two.printed).toEqual([])
  })
})

describe('stopping and the disk', () => {
  it('[J21] stopping ends what runs as it stands and keeps what waits', async () => {
    const { bench: first, twin, device } = await withPrinter()
    twin.behaviour = 'hold'
    await first.print(device, 'a')
    await first.print(device, 'b')
    await first.settle()
    await first.stop()
    await expect(first.print(device, 'c')).rejects.toBeInstanceOf(HubError)
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('unknown')
    expect((await bench.call('job.get', { id: 'b' })).state).toBe('pending')
  })
})

describe('waiting', () => {
  it('job.wait answers at the end, or after its time with the job as it is', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'hold'
    await bench.print(device, 'a')
    const waiting = bench.call('job.wait', { id: 'a', ms: 1_000 })
    await bench.clock.advance(1_000)
    expect((await waiting).state).toBe('running')
    const ended = bench.call('job.wait', { id: 'a', ms: 60_000 })
    await bench.settle()
    twin.release()
    await bench.settle()
    expect((await ended).state).toBe('done')
  })
})
