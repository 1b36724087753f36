/** Drawers that open unasked, customer displays in browsers, and traces: rules D16 to D18 of docs/devices-lifecycle.md. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { browserDisplay } from '../../src/drivers/displays/browser-display/driver.ts'
import type { Driver } from '../../src/drivers/driver.ts'
import { loadProfiles } from '../../src/drivers/profiles.ts'
import { traceLimits } from '../../src/hub/traces.ts'
import { cashier, codeOf as code, HubBench, technician } from '../support/hub-bench.ts'
import { profilesDir } from '../support/profiles-dir.ts'

let bench: HubBench | undefined
afterEach(async () => {
  await bench?.end()
  bench = undefined
})

describe('a drawer', () => {
  const topics = (hub: HubBench) =>
    hub.events.filter(({ topic }) => topic.startsWith('drawer.')).map(({ topic, data }) => [topic, data])

  async function withDrawer() {
    bench = await HubBench.start()
    const twin = await bench.printer('one')
    twin.drawer(false)
    await bench.clock.advance(100)
    bench.events.length = 0
    return { hub: bench, twin }
  }

  it('[D16] that a job opened names the job and its reason', async () => {
    const { hub, twin } = await withDrawer()
    await hub.call(
      'job.submit',
      { id: 'a', device: 'printer-1', kind: 'drawer.open', payload: { reason: 'no_sale' } },
      cashier,
    )
    twin.drawer(true)
    await hub.clock.advance(1_000)
    twin.drawer(false)
    await hub.settle()
    expect(topics(hub)).toEqual([
      ['drawer.opened', { job: 'a', reason: 'no_sale' }],
      ['drawer.closed', {}],
    ])
  })

  it.each([
    ['a receipt with a pulse', { receipt: { blocks: [{ type: 'pulse' }] } }],
    ['a print that opens the drawer', { text: 'x', openDrawer: true }],
    ['raw bytes, which may hold the command', { raw: 'GwBw' }],
  ])('[D16] %s is a job that opens it', async (_, payload) => {
    const { hub, twin } = await withDrawer()
    await hub.call('job.submit', { id: 'a', device: 'printer-1', kind: 'print', payload }, cashier)
    await hub.settle()
    twin.drawer(true)
    await hub.settle()
    expect(topics(hub)).toEqual([['drawer.opened', { job: 'a' }]])
  })

  it('[D16] that nobody asked to open is an event of its own, also long after a job, and after a plain print', async () => {
    const { hub, twin } = await withDrawer()
    await hub.call('job.submit', { id: 'a', device: 'printer-1', kind: 'drawer.open', payload: {} }, cashier)
    await hub.clock.advance(10_001)
    twin.drawer(true)
    await hub.settle()
    twin.drawer(false)
    await hub.print('printer-1', 'b')
    await hub.settle()
    twin.drawer(true)
    await hub.settle()
    expect(topics(hub).filter(([topic]) => topic !== 'drawer.closed')).toEqual([
      ['drawer.opened', {}],
      ['drawer.forced', {}],
      ['drawer.opened', {}],
      ['drawer.forced', {}],
    ])
  })

  it('[D16] one job explains one opening', async () => {
    const { hub, twin } = await withDrawer()
    await hub.call('job.submit', { id: 'a', device: 'printer-1', kind: 'drawer.open', payload: {} }, cashier)
    for (const open of [true, false, true]) {
      twin.drawer(open)
      await hub.settle()
    }
    expect(topics(hub).map(([topic]) => topic)).toEqual([
      'drawer.opened',
      'drawer.closed',
      'drawer.opened',
      'drawer.forced',
    ])
  })

  it('[D16] that stands open when the hub comes accuses nobody', async () => {
    bench = await HubBench.start()
    const twin = await bench.printer('one')
    twin.drawer(true)
    await bench.settle()
    expect(topics(bench).map(([topic]) => topic)).toEqual(['drawer.opened'])
  })
})

describe('a customer display in a browser', () => {
  async function withDisplay() {
    const { profiles } = loadProfiles(profilesDir, [browserDisplay as Driver])
    bench = await HubBench.start({ drivers: [{ driver: browserDisplay as Driver, profiles }] })
    const hub = bench
    const id = 'display-1'
    const wanted = {
      class: 'display',
      driver: 'browser-display',
      port: 'page:counter',
      name: 'Counter',
    } as const
    await hub.call('device.add', wanted)
    await hub.clock.advance(100)
    const leave: (() => void)[] = []
    const shown = (revision: number) =>
      hub.call('display.shown', { device: id, revision }, { ...technician, onClose() {} })
    const last = () => {
      const event = hub.events.findLast(({ topic }) => topic === 'display.changed')
      return event?.data as { revision: number; document: unknown }
    }
    /** A page: it paints what it is told. */
    const attach = async () => {
      const caller = { ...technician, onClose: (listener: () => void) => leave.push(listener) }
      const answer = await hub.call('display.attach', { device: id }, caller)
      await hub.settle()
      await hub.clock.advance(10)
      if (leave.length === 1 || hub.events.length > 0) await shown(last().revision)
      await hub.clock.advance(100)
      return answer
    }
    const show = (job: string, line: string) =>
      hub.call(
        'job.submit',
        { id: job, device: id, kind: 'display.show', payload: { lines: [line] } },
        cashier,
      )
    const state = async () => (await hub.call('device.get', { id })).state
    return { hub, id, attach, shown, show, state, leave, last }
  }

  it('[D17] is absent without a page, ready with one, and absent when the last page goes', async () => {
    const { hub, attach, show, state, leave } = await withDisplay()
    expect(await state()).toBe('absent')
    expect(await code(show('early', 'x'))).toBe('device_absent')
    await attach()
    await attach()
    expect(await state()).toBe('ready')
    leave[0]?.()
    await hub.clock.advance(100)
    expect(await state()).toBe('ready')
    leave[1]?.()
    await hub.clock.advance(100)
    expect(await state()).toBe('absent')
  })

  it('[D17] what is shown goes to all pages as an event; the job is done when one of them has painted it', async () => {
    const { hub, id, attach, shown, show, last } = await withDisplay()
    await attach()
    await show('a', 'Total 5.00')
    await hub.settle()
    const event = hub.events.findLast(({ topic }) => topic === 'display.changed')
    expect(event).toMatchObject({ device: id, data: { document: { lines: ['Total 5.00'] } } })
    expect((await hub.call('job.get', { id: 'a' })).state).toBe('running')
    await shown(last().revision)
    await hub.settle()
    expect(await hub.call('job.get', { id: 'a' })).toMatchObject({
      state: 'done',
      outcome: { confirmed: true },
    })
  })

  it('[D17] what no page paints is unknown, and the display says that nobody shows it', async () => {
    const { hub, attach, show, state } = await withDisplay()
    await attach()
    await show('a', 'Total 5.00')
    await hub.clock.advance(3_000)
    expect((await hub.call('job.get', { id: 'a' })).state).toBe('unknown')
    expect(await state()).toBe('faulty')
  })

  it('[D17] a page that comes back gets what is shown now, and the pictures for idle times', async () => {
    const { hub, attach, shown, show, leave, last, state } = await withDisplay()
    await attach()
    await show('a', 'Total 5.00')
    await hub.settle()
    const { revision } = last()
    await shown(revision)
    leave[0]?.()
    await hub.clock.advance(100)
    mkdirSync(join(hub.dir, 'display'))
    for (const name of ['b.png', 'a photo.jpg', 'notes.txt', '.hidden.png'])
      writeFileSync(join(hub.dir, 'display', name), '')
    expect(await attach()).toEqual({
      name: 'Counter',
      revision,
      document: { lines: ['Total 5.00'] },
      pictures: ['/display/pictures/a%20photo.jpg', '/display/pictures/b.png'],
    })
    expect(last()).toMatchObject({ document: { lines: ['Total 5.00'] } })
    expect(last().revision).toBeGreaterThan(revision)
    expect(await state()).toBe('ready')
    await hub.call(
      'job.submit',
      { id: 'b', device: 'display-1', kind: 'display.clear', payload: {} },
      cashier,
    )
    await hub.settle()
    expect(last().document).toBeNull()
  })

  it('[D17] only a display in a browser can be attached to, and only by a connection', async () => {
    const { hub, id } = await withDisplay()
    await hub.printer('one')
    const socket = { ...technician, onClose() {} }
    expect(await code(hub.call('display.attach', { device: 'printer-1' }, socket))).toBe('capability_missing')
    expect(await code(hub.call('display.attach', { device: id }))).toBe('bad_request')
    expect(await code(hub.call('display.shown', { device: id, revision: 1 }, socket))).toBe('device_absent')
  })
})

describe('a trace', () => {
  async function traced() {
    bench = await HubBench.start()
    const twin = await bench.printer('one')
    const read = (after?: number, ms = 0) =>
      (bench as HubBench).call('device.trace', {
        id: 'printer-1',
        ms,
        ...(after === undefined ? {} : { after }),
      })
    return { hub: bench, twin, read, begin: await read() }
  }

  it('[D18] holds the bytes both ways, what the driver told, and the port, from when it was asked for', async () => {
    const { hub, twin, read, begin } = await traced()
    expect(begin).toMatchObject({
      trace: { trace: 1, device: 'printer-1', driver: 'line-printer' },
      entries: [],
      next: 0,
    })
    await hub.print('printer-1', 'a', 'hello')
    await hub.settle()
    twin.paper(true)
    await hub.settle()
    const { entries, next } = await read(0)
    const text = (hex: string) => Buffer.from(hex, 'hex').toString()
    expect(entries.map((entry) => ('hex' in entry ? [entry.dir, text(entry.hex)] : [entry.dir]))).toEqual([
      ['out', 'P a hello\n'],
      ['in', 'K\n'],
      ['in', 'F paper_out\n'],
      ['told'],
    ])
    expect(next).toBe(4)
    hub.unplug('one')
    await hub.clock.advance(100)
    expect((await read(next)).entries).toMatchObject([{ dir: 'port', open: false }])
  })

  it('[D18] waits for something to tell, and says how much was lost to a slow reader', async () => {
    const { hub, twin, read } = await traced()
    const waiting = read(0, 30_000)
    await hub.settle()
    twin.drawer(true)
    expect((await waiting).entries.length).toBeGreaterThan(0)
    for (let index = 0; index < traceLimits.entriesMax; index++) twin.drawer(index % 2 === 0)
    await hub.clock.advance(1_000)
    const { entries, lost, next } = await read(2)
    expect(entries).toHaveLength(traceLimits.entriesMax)
    expect(lost).toBe(next - 2 - traceLimits.entriesMax)
    const empty = read(next, 30_000)
    await hub.clock.advance(30_001)
    expect((await empty).entries).toEqual([])
  })

  it('[D18] ends when nobody asks for it, or the device goes', async () => {
    const { hub, read } = await traced()
    await hub.clock.advance(traceLimits.idleMsMax + 1)
    expect(await code(read(0))).toBe('trace_gone')
    await read()
    await hub.call('device.remove', { id: 'printer-1' })
    expect(await code(read(0))).toBe('device_unknown')
  })
})
