/** Alerts of the real hub, on a clock that stands still: raised when a trouble lasts, cleared when it is mended. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { alertsSection } from '../../src/hub/alerts/alert-config.ts'
import { conditionLimits, conditionsOf, type State } from '../../src/hub/alerts/conditions.ts'
import { unknownLimits } from '../../src/hub/jobs/unknown-jobs.ts'
import type { Alert } from '../../src/protocol/alert.ts'
import type { Device } from '../../src/protocol/device.ts'
import { openStore } from '../../src/store/open.ts'
import { TestClock } from '../support/clock.ts'
import { type BenchOptions, cashier, HubBench, openOwnedStore, technician } from '../support/hub-bench.ts'
import { until } from '../support/hub-process.ts'
import { newKey } from '../support/openssl.ts'
import { smallDisk } from '../support/small-disk.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

/** After November 2026, so that the clock is right. */
const startedAt = Date.UTC(2026, 11, 1, 8)
const minuteMs = 60_000

async function benchOf(options: BenchOptions = {}): Promise<HubBench> {
  const bench = await HubBench.start({ clock: new TestClock(startedAt), ...options })
  undo.push(() => bench.end())
  return bench
}

const listed = async (bench: HubBench): Promise<Alert[]> => (await bench.call('alert.list', {})).alerts
const told = (bench: HubBench) =>
  bench.events
    .filter(({ topic }) => topic.startsWith('alert.'))
    .map(({ data, topic }) => `${topic} ${(data as Alert).id}`)
const isoAt = (ms: number) => new Date(startedAt + ms).toISOString()

/** Minutes pass, and the disk is really asked, until it is so. */
const goOn = (bench: HubBench, isSo: () => Promise<boolean>) =>
  until(async () => {
    await bench.clock.advance(minuteMs)
    return isSo()
  }, 'the disk is looked at')

describe('a fault of a device', () => {
  it('[MO20] that lasts 5 s is an alert of its code, as event and in the list; mended for 5 s it is none', async () => {
    const bench = await benchOf()
    const twin = await bench.printer('one')
    twin.paper(true)
    await bench.clock.advance(4_900)
    expect([await listed(bench), told(bench)]).toEqual([[], []])
    await bench.clock.advance(400)
    const alert = {
      id: 'paper_out.printer-1',
      kind: 'paper_out',
      severity: 'critical',
      device: 'printer-1',
      since: isoAt(100),
      message: 'one: It has paper_out.',
    }
    expect(await listed(bench)).toEqual([alert])
    const raised = bench.events.filter(({ topic }) => topic === 'alert.raised')
    expect(raised).toMatchObject([{ device: 'printer-1', data: alert }])

    twin.paper(false)
    await bench.clock.advance(4_900)
    expect(await listed(bench)).toEqual([alert])
    await bench.clock.advance(400)
    expect(await listed(bench)).toEqual([])
    const cleared = bench.events.filter(({ topic }) => topic === 'alert.cleared')
    expect(cleared).toMatchObject([
      { device: 'printer-1', data: { ...alert, clearedAt: expect.any(String) } },
    ])
  })

  it('[MO21] that comes and goes is told of once: a short one not at all, a short mending neither', async () => {
    const bench = await benchOf()
    const twin = await bench.printer('one')
    for (let turn = 0; turn < 10; turn++) {
      twin.paper(turn % 2 === 0)
      await bench.clock.advance(4_000)
    }
    await bench.clock.advance(minuteMs)
    expect(told(bench)).toEqual([])
    twin.paper(true)
    await bench.clock.advance(6_000)
    for (let turn = 0; turn < 10; turn++) {
      twin.paper(turn % 2 === 1)
      await bench.clock.advance(4_000)
    }
    await bench.clock.advance(minuteMs)
    expect(told(bench)).toEqual(['alert.raised paper_out.printer-1'])
  })

  it('[MO21] that lasts is not told again, unless what there is to say is another thing', async () => {
    const bench = await benchOf()
    const twin = await bench.printer('one')
    twin.faults('cover_open', 'overheated')
    await bench.clock.advance(10 * minuteMs)
    const both = ['alert.raised cover_open.printer-1', 'alert.raised overheated.printer-1']
    expect(told(bench)).toEqual(both)
    await bench.call('device.rename', { id: 'printer-1', name: 'Bar' })
    await bench.clock.advance(minuteMs)
    expect(told(bench)).toEqual([...both, ...both])
    const [first] = await listed(bench)
    expect(first).toMatchObject({ message: 'Bar: It has cover_open.', since: isoAt(100) })
  })

  it('[MO20] counts for as long as the configuration says', async () => {
    const bench = await benchOf({ config: { alerts: { faultMs: 0 } } })
    const twin = await bench.printer('one')
    twin.paper(true)
    await bench.clock.advance(500)
    expect(await listed(bench)).toMatchObject([{ kind: 'paper_out' }])
    twin.paper(false)
    await bench.clock.advance(500)
    expect(await listed(bench)).toEqual([])
  })
})

describe('a device', () => {
  it('[MO22] that is away for a minute is gone; back for 5 s, it is not', async () => {
    const bench = await benchOf()
    await bench.printer('one')
    bench.unplug('one')
    await bench.clock.advance(59_000)
    expect(await listed(bench)).toEqual([])
    await bench.clock.advance(2_000)
    const gone = 'device_gone.printer-1'
    expect(await listed(bench)).toMatchObject([{ id: gone, severity: 'critical', device: 'printer-1' }])
    bench.plug('one')
    await bench.clock.advance(2 * minuteMs)
    expect(told(bench)).toEqual([`alert.raised ${gone}`, `alert.cleared ${gone}`])
  })

  it('[MO22] that is switched off or removed is nobody’s trouble', async () => {
    const bench = await benchOf()
    await bench.printer('one')
    await bench.printer('two')
    bench.unplug('one')
    bench.unplug('two')
    await bench.clock.advance(2 * minuteMs)
    expect((await listed(bench)).length).toBe(2)
    await bench.call('device.disable', { id: 'printer-1' })
    await bench.call('device.remove', { id: 'printer-2' })
    await bench.clock.advance(minuteMs)
    expect(await listed(bench)).toEqual([])
  })
})

describe('jobs of unknown outcome', () => {
  it('[MO23] are an alert after 90 s, which counts them, until a person has ruled on the last', async () => {
    const bench = await benchOf()
    const twin = await bench.printer('one')
    const lose = async (id: string) => {
      twin.behaviour = 'drop'
      await bench.print('printer-1', id)
      await bench.clock.advance(1_000)
      twin.behaviour = 'ok'
    }
    await lose('a')
    await lose('b')
    await bench.clock.advance(80_000)
    expect(await listed(bench)).toEqual([])
    await bench.clock.advance(12_000)
    const [alert] = await listed(bench)
    expect(alert).toMatchObject({ id: 'jobs_unknown.printer-1', kind: 'jobs_unknown', severity: 'warning' })
    expect(alert?.message).toContain('2 jobs on one were done')
    await bench.call('job.settle', { id: 'a', outcome: 'done' })
    await bench.clock.advance(1_000)
    expect((await listed(bench))[0]?.message).toContain('a job on one was done')
    await bench.call('job.settle', { id: 'b', outcome: 'failed' })
    await bench.clock.advance(6_000)
    expect(await listed(bench)).toEqual([])
  })

  it('[MO23] [MO28] of a run before are there at once, without a look into the history; what was dropped from the store goes', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-alerts-'))
    const store = await openOwnedStore(dir)
    const row = { device: 'printer-1', kind: 'print', payload: '', fingerprint: 'f', attempts: 1 } as const
    const old = { createdAt: startedAt - 9e6, expiresAt: startedAt, finishedAt: startedAt - 9e6, client: 't' }
    for (const id of ['a', 'b', 'c']) await store.jobs.insert({ id, state: 'unknown', ...row, ...old })
    await store.jobs.insert({ id: 'd', state: 'done', ...row, ...old })
    await store.close()
    const bench = await benchOf({ dir })
    await bench.clock.advance(500)
    expect(await listed(bench)).toMatchObject([{ id: 'jobs_unknown.printer-1' }])
    const beside = await openStore({ dir, inline: true })
    await beside.jobs.update('a', { state: 'done' })
    await beside.close()
    await bench.clock.advance(unknownLimits.readAgainMs)
    expect((await listed(bench))[0]?.message).toContain('2 jobs')
  })
})

describe('the box', () => {
  it('[MO24] with a disk that is nearly full has an alert, until there is room again', async () => {
    const disk = smallDisk(64)
    undo.push(() => disk.remove())
    const dir = join(disk.dir, 'data')
    mkdirSync(dir)
    const bench = await benchOf({ dir, config: { alerts: { diskFreeMiB: 16 } } })
    await bench.clock.advance(2 * minuteMs)
    expect(await listed(bench)).toEqual([])
    const ballast = join(disk.dir, 'ballast')
    writeFileSync(ballast, Buffer.alloc(50 * 1_024 * 1_024))
    await goOn(bench, async () => (await listed(bench)).length > 0)
    const [alert] = await listed(bench)
    expect(alert).toMatchObject({ id: 'disk_low', severity: 'critical' })
    expect(alert).not.toHaveProperty('device')
    rmSync(ballast)
    await goOn(bench, async () => (await listed(bench)).length === 0)
    expect(told(bench)).toEqual(['alert.raised disk_low', 'alert.cleared disk_low'])
  })

  it('[MO25] whose certificate ends within 14 days has an alert, which becomes critical 3 days before', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-alerts-'))
    const files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') }
    const about = ['-days', '30', '-subj', '/CN=shop', '-addext', 'subjectAltName=IP:127.0.0.1']
    const made = ['-x509', ...newKey, '-keyout', files.key, '-out', files.cert, ...about]
    execFileSync('openssl', ['req', ...made], { stdio: 'ignore' })
    const end = Date.parse(new X509Certificate(readFileSync(files.cert)).validTo)
    const clock = new TestClock(end - 15 * 86_400_000)
    const tls = { mode: 'files', ...files }
    const bench = await benchOf({ dir, clock, config: { tls, https: { enabled: true, port: 0 } } })
    const ending = async () => (await listed(bench)).find(({ kind }) => kind === 'certificate_ending')
    await bench.clock.advance(2 * minuteMs)
    expect(await ending()).toBeUndefined()
    await bench.clock.advance(86_400_000)
    await goOn(bench, async () => (await ending()) !== undefined)
    expect(await ending()).toMatchObject({ severity: 'warning', id: 'certificate_ending' })
    await bench.clock.advance(11 * 86_400_000)
    await goOn(bench, async () => (await ending())?.severity === 'critical')
    expect(await ending()).toMatchObject({ severity: 'critical', id: 'certificate_ending' })
  })

  it('[MO25] whose clock is before the first certificate says that it is wrong', async () => {
    const bench = await benchOf({ clock: new TestClock(Date.UTC(2020, 0, 1)) })
    await bench.clock.advance(10_000)
    expect(await listed(bench)).toMatchObject([
      { id: 'clock_wrong', message: expect.stringContaining('2020-01-01') },
    ])
  })

  it('[MO26] that is degraded has an alert for each part, worst for the store', async () => {
    const bench = await benchOf()
    bench.hub.status.report('store', 'The disk takes nothing.')
    bench.hub.status.report('port:80', 'Port 80 is taken.')
    await bench.clock.advance(6_000)
    expect(await listed(bench)).toMatchObject([
      { id: 'store_degraded.store', severity: 'critical', message: 'The disk takes nothing.' },
      { id: 'hub_degraded.port-80', severity: 'warning', message: 'Port 80 is taken.' },
    ])
    bench.hub.status.mended('store')
    await bench.clock.advance(6_000)
    expect(await listed(bench)).toMatchObject([{ id: 'hub_degraded.port-80' }])
  })
})

describe('limits of the box', () => {
  const settings = alertsSection.parse({})
  const mebibyte = 1_024 * 1_024
  const still: State = {
    devices: [],
    unknownJobs: new Map(),
    health: new Map(),
    diskFreeBytes: undefined,
    certificateEnds: undefined,
    now: startedAt,
    raised: () => false,
  }
  const severity = (state: Partial<State>) => conditionsOf({ ...still, ...state }, settings)[0]?.severity

  it('[MO24] disk: a warning below the setting, critical below 200 MiB; over only a tenth above it', () => {
    const free = (mib: number) => ({ diskFreeBytes: mib * mebibyte })
    expect(severity(free(500))).toBeUndefined()
    expect(severity(free(499))).toBe('warning')
    expect(severity(free(conditionLimits.diskCriticalMiB))).toBe('warning')
    expect(severity(free(conditionLimits.diskCriticalMiB - 1))).toBe('critical')
    const raised = () => true
    expect(severity({ ...free(549), raised })).toBe('warning')
    expect(severity({ ...free(550), raised })).toBeUndefined()
  })

  it('[MO25] certificate: at the day', () => {
    const ends = (days: number) => ({ certificateEnds: startedAt + days * 86_400_000 })
    expect(severity(ends(14))).toBeUndefined()
    expect(severity(ends(13.99))).toBe('warning')
    expect(severity(ends(3))).toBe('warning')
    expect(severity(ends(2.99))).toBe('critical')
    expect(severity(ends(-1))).toBe('critical')
  })

  it('[MO22] a page that shows the customer display may be closed', () => {
    const page = { port: 'page:bar', state: 'absent', faults: [], id: 'd', name: 'D' } as unknown as Device
    expect(severity({ devices: [page] })).toBeUndefined()
    const printer: Device = { ...page, port: 'tcp://1.2.3.4:9100' }
    expect(severity({ devices: [printer] })).toBe('critical')
    const since = new Date(startedAt).toISOString()
    const faults: Device['faults'] = [{ code: 'paper_out', blocking: true, message: 'Out.', since }]
    expect(severity({ devices: [{ ...printer, state: 'faulty', faults }] })).toBe('critical')
    expect(severity({ devices: [{ ...printer, state: 'disabled', faults }] })).toBeUndefined()
  })
})

describe('who is told', () => {
  it('[MO27] every role may list; whoever is held to devices is told of these and of the box', async () => {
    const bench = await benchOf()
    const one = await bench.printer('one')
    const two = await bench.printer('two')
    for (const twin of [one, two]) twin.paper(true)
    bench.hub.status.report('port:80', 'Port 80 is taken.')
    await bench.clock.advance(10_000)
    for (const role of ['monitor', 'cashier', 'technician', 'owner'] as const)
      expect((await bench.call('alert.list', {}, { ...technician, role })).alerts.length).toBe(3)
    const held = { ...cashier, devices: new Set(['printer-2']) }
    const { alerts } = await bench.call('alert.list', {}, held)
    expect(alerts.map(({ id }) => id).sort()).toEqual(['hub_degraded.port-80', 'paper_out.printer-2'])
    const frames = (await bench.hub.events.after({ epoch: bench.hub.events.epoch, seq: 0 }, 1_000)) ?? []
    const seen = frames.filter((frame) => frame.topic === 'alert.raised' && bench.hub.sees(held, frame))
    expect(seen.map(({ device }) => device).sort()).toEqual(['printer-2', undefined])
  })

  it('[MO28] alerts are made anew by a restart, under the same ids; until then the list says that it is not whole', async () => {
    const bench = await benchOf()
    await bench.printer('one')
    bench.unplug('one')
    await bench.clock.advance(2 * minuteMs)
    const [before] = await listed(bench)
    await bench.stop()
    const again = await benchOf({ dir: bench.dir, clock: bench.clock })
    const { alerts, wholeFrom } = await again.call('alert.list', {})
    expect(alerts).toEqual([])
    await again.clock.advance(Date.parse(wholeFrom) - again.clock.now() + 1_000)
    expect((await listed(again)).map(({ id }) => id)).toEqual([before?.id])
  })
})
