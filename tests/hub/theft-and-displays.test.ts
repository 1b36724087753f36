/** Drawers that open unasked, customer displays in browsers, and traces: rules D16 to D18 of docs/devices-lifecycle.md. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { browserDisplay } from '../../src/drivers/displays/browser-display/driver.ts'
import type { Driver } from '../../src/drivers/driver.ts'
import { loadProfiles } from '../../src/drivers/profiles.ts'
import { browserDisplayLimits } from '../../src/hub/devices/browser-displays.ts'
import { traceLimits } from '../../src/hub/devices/traces.ts'
import { cashier, codeOf as code, HubBench, technician } from '../support/hub-bench.ts'
import { profilesDir } from '../support/profiles-dir.ts'

/** A technician on a connection that stays. */
const onSocket = { ...technician, onClose() {} }

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

  const pulse = { receipt: { blocks: [{ type: 'pulse' }] } }
  const submit = (hub: HubBench, id: string, kind: 'print' | 'drawer.open', payload: object) =>
    hub.call('job.submit', { id, device: 'printer-1', kind, payload } as never, cashier)

  it('[D16] that a long receipt opens at its end is opened by its job, however long it took', async () => {
    const { hub, twin } = await withDrawer()
    twin.behaviour = 'hold'
    await submit(hub, 'a', 'print', pulse)
    await hub.clock.advance(4_000)
    twin.release()
    await hub.clock.advance(9_900)
    twin.drawer(true)
    await hub.settle()
    expect(topics(hub)).toEqual([['drawer.opened', { job: 'a' }]])
  })

  it('[D16] that is pushed shut while a job is on its way is opened by that job', async () => {
    const { hub, twin } = await withDrawer()
    twin.drawer(true)
    await hub.settle()
    hub.events.length = 0
    twin.behaviour = 'hold'
    await submit(hub, 'a', 'print', pulse)
    await hub.settle()
    twin.drawer(false)
    twin.drawer(true)
    await hub.settle()
    expect(topics(hub)).toEqual([
      ['drawer.closed', {}],
      ['drawer.opened', { job: 'a' }],
    ])
  })

  it('[D16] that opens for two jobs names each, the newest first', async () => {
    bench = await HubBench.start()
    const hub = bench
    const twin = await hub.printer('one', { drawerDespite: ['paper_out'] })
    twin.drawer(false)
    twin.behaviour = 'hold'
    await submit(hub, 'a', 'print', pulse)
    await hub.settle()
    twin.paper(true)
    await hub.settle()
    await submit(hub, 'b', 'drawer.open', {})
    await hub.settle()
    for (const open of [true, false, true]) twin.drawer(open)
    await hub.settle()
    expect(topics(hub).filter(([topic]) => topic !== 'drawer.closed')).toEqual([
      ['drawer.opened', { job: 'b' }],
      ['drawer.opened', { job: 'a' }],
    ])
  })

  it('[D16] that opens while later receipts are printed is not opened by a job that is long over', async () => {
    const { hub, twin } = await withDrawer()
    await submit(hub, 'a', 'print', pulse)
    await hub.settle()
    twin.behaviour = 'hold'
    for (const id of ['b', 'c', 'd', 'e']) await hub.print('printer-1', id)
    for (let number = 0; number < 3; number++) {
      await hub.clock.advance(4_000)
      twin.release()
      await hub.settle()
    }
    twin.drawer(true)
    await hub.settle()
    expect(topics(hub).map(([topic]) => topic)).toEqual(['drawer.opened', 'drawer.forced'])
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

  it('[D17] a long document is shown letter by letter as it was sent', async () => {
    const { hub, attach, last } = await withDisplay()
    await attach()
    for (const shift of ['', 'x', 'xx']) {
      const items = Array.from({ length: 150 }, () => ({ text: `${shift}${'€'.repeat(190)}` }))
      const job = { id: `a${shift}`, device: 'display-1', kind: 'display.show', payload: { items } } as const
      await hub.call('job.submit', job, cashier)
      await hub.settle()
      expect(last().document).toEqual({ items })
      await hub.call('display.shown', { device: 'display-1', revision: last().revision }, onSocket)
      await hub.settle()
    }
  })

  it('[D17] a line that is no document is left out, and the hub lives on', async () => {
    const babbler = {
      ...browserDisplay,
      id: 'babbler',
      open: ({ transport }: Parameters<Driver['open']>[0]) => ({
        capabilities: ['displaying' as const],
        start: () =>
          transport.write(Buffer.from('not json\n{"revision":1}\n{"revision":2,"document":null}\n')),
        stop: async () => {},
      }),
    } as unknown as Driver
    const { profiles } = loadProfiles(profilesDir, [browserDisplay as Driver])
    bench = await HubBench.start({ drivers: [{ driver: babbler, profiles }] })
    await bench.call('device.add', { class: 'display', driver: 'babbler', port: 'page:counter' })
    await bench.call('display.attach', { device: 'display-1' }, onSocket)
    await bench.clock.advance(100)
    const shown = bench.events.filter(({ topic }) => topic === 'display.changed')
    expect(shown.map(({ data }) => data)).toEqual([{ revision: 2, document: null }])
  })

  it('[D17] the next device on the port of a page shows nothing of the one before, under its own name', async () => {
    const { hub, attach, shown, show, last } = await withDisplay()
    await attach()
    await show('a', 'Total 5.00')
    await hub.settle()
    await shown(last().revision)
    await hub.call('device.remove', { id: 'display-1' })
    await hub.printer('one')
    await hub.call('device.add', { class: 'display', driver: 'browser-display', port: 'page:counter' })
    await hub.clock.advance(1_000)
    expect(last().document).toBeNull()
    await shown(last().revision)
    expect((await hub.call('display.attach', { device: 'display-1' }, onSocket)).document).toBeNull()
  })

  it('[D17] a page that goes while it attaches is not counted, and a display has so many pages at once', async () => {
    const { hub, id, state } = await withDisplay()
    await hub.call('display.attach', { device: id }, { ...technician, onClose: (listener) => listener() })
    await hub.clock.advance(60_000)
    expect(await state()).toBe('absent')
    for (let page = 0; page < browserDisplayLimits.pagesMax; page++)
      await hub.call('display.attach', { device: id }, onSocket)
    expect(await code(hub.call('display.attach', { device: id }, onSocket))).toBe('rate_limited')
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

  it('[D18] a device that works is not greeted anew, and keeps the trace that it has', async () => {
    const { hub, twin, read } = await traced()
    twin.behaviour = 'hold'
    await hub.print('printer-1', 'a')
    await hub.settle()
    expect(await code(hub.call('device.trace', { id: 'printer-1', fresh: true, ms: 0 }))).toBe('device_busy')
    expect((await read(0)).entries).toHaveLength(1)
    await hub.printer('two')
    twin.release()
    await hub.settle()
    await hub.call('device.trace', { id: 'printer-1', fresh: true, ms: 0 })
    await hub.clock.advance(1_000)
    expect((await read(0)).entries).toContainEqual({ t: expect.any(Number), dir: 'port', open: true })
  })

  it('[D18] a picture is answered in several pieces, and does not fill the memory of the box', async () => {
    const { hub, read } = await traced()
    const size = (entries: readonly unknown[]) => JSON.stringify(entries).length
    for (let number = 0; number < 100; number++) {
      await hub.print('printer-1', `job-${number}`, 'x'.repeat(60_000))
      await hub.clock.advance(200)
    }
    let [after, kept] = [0, 0]
    for (;;) {
      const page = await read(after)
      kept += size(page.entries)
      expect(size(page.entries)).toBeLessThan(1.2 * traceLimits.answerCharsMax)
      if (after > 0) expect(page.lost).toBe(0)
      if (page.entries.length === 0) break
      after = page.next
    }
    expect(kept).toBeGreaterThan(0.9 * traceLimits.charsMax)
    expect(kept).toBeLessThan(1.2 * traceLimits.charsMax)
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
