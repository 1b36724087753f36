/** Settings of devices, the search for jobs, a print once more. Rules of docs/care.md. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { withKeptSecrets } from '../../src/hub/devices/device-settings.ts'
import type { HubError } from '../../src/protocol/errors.ts'
import { searchStepRows } from '../../src/store/jobs.ts'
import { openStore } from '../../src/store/open.ts'
import type { JobRow } from '../../src/store/store.ts'
import { cashier, codeOf, HubBench } from '../support/hub-bench.ts'
import { linePrinterDriver, linePrinterProfile } from '../support/line-printer.ts'

let bench: HubBench
const otherProfile = { ...linePrinterProfile, id: 'other', settings: { confirms: false } }
const secretive = {
  ...linePrinterDriver,
  id: 'secretive',
  settings: z.strictObject({ pin: z.string().default('0000').describe('Of the operator.') }),
}
beforeEach(async () => {
  bench = await HubBench.start({
    drivers: [
      {
        driver: secretive as never,
        profiles: [{ ...linePrinterProfile, driver: 'secretive', settings: { pin: '9999' } }],
      },
    ],
  })
})
afterEach(() => bench.end())

const state = async (id = 'printer-1') => (await bench.call('device.get', { id })).state
const jobOf = (id: string) => bench.call('job.get', { id })

describe('device.settings', () => {
  it('[C17] answers schema, profile and what was set on top', async () => {
    await bench.printer('a', { confirms: false })
    expect(await bench.call('device.settings', { id: 'printer-1' })).toMatchObject({
      schema: { type: 'object', properties: { confirms: { type: 'boolean', default: true } } },
      profile: {},
      settings: { confirms: false },
    })
  })

  it('[C17] strikes secrets out, and keeps what comes back struck out', async () => {
    bench.plug('s')
    await bench.call('device.add', {
      class: 'printer',
      driver: 'secretive',
      port: 'memory:s',
      settings: { pin: '1234' },
    })
    const settings = await bench.call('device.settings', { id: 'printer-1' })
    expect(settings).toMatchObject({ profile: { pin: '***' }, settings: { pin: '***' } })
    const kept = () =>
      bench.hub.call(
        'device.trace',
        { id: 'printer-1', ms: 0 },
        { client: 'x', name: 'x', role: 'technician' },
      )
    await bench.call('device.configure', { id: 'printer-1', settings: settings.settings })
    await kept()
    expect(
      withKeptSecrets({ pin: '***', a: { token: 'new' }, b: '***' }, { pin: '1', a: { token: 'old' } }),
    ).toEqual({
      pin: '1',
      a: { token: 'new' },
      b: '***',
    })
    await bench.stop()
    const store = await openStore({ dir: bench.dir, inline: true })
    expect((await store.devices.all())[0]?.settings).toEqual({ pin: '1234' })
    await store.close()
  })
})

describe('device.configure', () => {
  it('[C18] connects the device anew with other settings, also after a restart', async () => {
    const twin = await bench.printer('a')
    await bench.print('printer-1', 'before')
    await bench.settle()
    expect(await jobOf('before')).toMatchObject({ state: 'done', outcome: { confirmed: true } })
    const attached = twin.attached
    await bench.call('device.configure', { id: 'printer-1', settings: { confirms: false } })
    await bench.clock.advance(100)
    expect([await state(), twin.attached]).toEqual(['ready', attached + 1])
    await bench.print('printer-1', 'after')
    await bench.settle()
    expect(await jobOf('after')).toMatchObject({ state: 'done', outcome: { confirmed: false } })
    expect(bench.events.filter(({ topic }) => topic === 'device.changed').length).toBeGreaterThan(0)
    await bench.stop()
    const store = await openStore({ dir: bench.dir, inline: true })
    expect((await store.devices.all())[0]?.settings).toEqual({ confirms: false })
    await store.close()
  })

  it('[C18] refuses what is wrong with its path, and changes nothing', async () => {
    const twin = await bench.printer('a')
    await bench.printer('b')
    const attached = twin.attached
    const refused = (wanted: object) =>
      bench.call('device.configure', { id: 'printer-1', ...wanted }).then(
        () => 'no error',
        (error: HubError) => `${error.code} ${error.context.path ?? ''}`,
      )
    expect(await refused({ settings: { confirms: 'yes' } })).toBe('settings_invalid settings.confirms')
    expect(await refused({ settings: { colour: 1 } })).toBe('settings_invalid settings.colour')
    expect(await refused({ profile: 'none' })).toBe('profile_unknown ')
    expect(await refused({ port: 'serial:/dev/ttyUSB0' })).toBe('port_invalid ')
    expect(await refused({ port: 'nonsense' })).toBe('port_invalid ')
    expect(await refused({ port: 'memory:b' })).toBe('device_exists ')
    expect(await codeOf(bench.call('device.configure', { id: 'none', settings: {} }))).toBe('device_unknown')
    expect([await state(), twin.attached]).toEqual(['ready', attached])
  })

  it('[C18] lets what waits go on waiting, made ready anew, and moves to another port', async () => {
    const twin = await bench.printer('a')
    twin.paper(true)
    await bench.clock.advance(100)
    await bench.print('printer-1', 'waits')
    expect((await jobOf('waits')).state).toBe('pending')
    const other = bench.plug('c')
    await bench.call('device.configure', { id: 'printer-1', port: 'memory:c', settings: { confirms: false } })
    await bench.clock.advance(100)
    await bench.settle()
    expect(other.printed).toEqual(['waits'])
    expect(twin.printed).toEqual([])
    expect(await jobOf('waits')).toMatchObject({ state: 'done', outcome: { confirmed: false } })
  })

  it('[C18] refuses a device that works, and one of the configuration file', async () => {
    const twin = await bench.printer('a')
    twin.behaviour = 'hold'
    await bench.print('printer-1', 'runs')
    await bench.settle()
    expect(await codeOf(bench.call('device.configure', { id: 'printer-1', settings: {} }))).toBe(
      'device_busy',
    )
    twin.release()
    await bench.settle()
    expect((await jobOf('runs')).state).toBe('done')
    expect(await codeOf(bench.call('device.configure', { id: 'printer-1', settings: {} }))).toBe('no error')

    const fixed = await HubBench.start({
      config: { devices: [{ id: 'fixed', class: 'printer', driver: 'line-printer', port: 'memory:f' }] },
      drivers: [{ driver: { ...linePrinterDriver, id: 'x' } as never, profiles: [otherProfile] }],
    })
    onTestFinished(() => fixed.end())
    for (const change of [{ settings: {} }, { profile: 'other' }, { port: 'memory:g' }]) {
      const refused = fixed.call('device.configure', { id: 'fixed', ...change })
      await expect(refused).rejects.toMatchObject({
        code: 'settings_invalid',
        context: { path: Object.keys(change)[0], reason: expect.stringContaining('configuration file') },
      })
    }
    expect(await fixed.call('device.get', { id: 'fixed' })).toMatchObject({ port: 'memory:f' })
  })
})

describe('job.list with a text', () => {
  it('[C19] looks at id, client, kind, device and error code, whatever the case', async () => {
    await bench.printer('a')
    await bench.print('printer-1', 'Order_4711')
    await bench.call(
      'job.submit',
      { id: 'kick', device: 'printer-1', kind: 'drawer.open', payload: {} },
      { ...cashier, name: 'KÄSETHEKE 100%' },
    )
    await bench.settle()
    bench.unplug('a')
    await bench.clock.advance(100)
    await bench.print('printer-1', 'late', 'x', {
      expiresAt: new Date(bench.clock.now() + 1_000).toISOString(),
    })
    await bench.clock.advance(2_000)
    const found = async (text: string, more: object = {}) =>
      (await bench.call('job.list', { text, ...more })).jobs.map(({ id }) => id)
    expect(await found('order_')).toEqual(['Order_4711'])
    expect(await found('rder%')).toEqual([])
    expect(await found('käsethek')).toEqual(['kick'])
    expect(await found('100%')).toEqual(['kick'])
    expect(await found('DRAWER')).toEqual(['kick'])
    expect(await found('job_exp')).toEqual(['late'])
    expect(await found('PRINTER-1')).toEqual(['late', 'kick', 'Order_4711'])
    expect(await found('printer-1', { state: 'expired' })).toEqual(['late'])
    expect(await found('printer-1', { device: 'printer-2' })).toEqual([])
    expect(await found('nothing like it')).toEqual([])
  })

  it('[C19] goes through 100,000 jobs in steps of a few milliseconds, page by page', {
    timeout: 60_000,
  }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-search-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const store = await openStore({ dir })
    onTestFinished(() => store.close())
    const row = (number: number): JobRow => ({
      id: `job-${number}`,
      device: `printer-${number % 3}`,
      kind: 'print',
      payload: '{}',
      fingerprint: 'f',
      state: 'done',
      attempts: 1,
      createdAt: 1,
      expiresAt: 2,
      finishedAt: 1,
      client: number % 1_000 === 0 ? 'Seldom' : 'Till 1',
    })
    const total = 100_000
    for (let from = 0; from < total; from += 10_000)
      await Promise.all(Array.from({ length: 10_000 }, (_, index) => store.jobs.insert(row(from + index))))
    expect(total / searchStepRows).toBeGreaterThan(10)

    let begun = performance.now()
    const first = await store.jobs.list({ text: 'till', limit: 100 })
    expect(performance.now() - begun).toBeLessThan(50)
    expect([first.rows.length, first.rows[0]?.id]).toEqual([100, 'job-99999'])

    const seen: string[] = []
    let before: string | undefined
    do {
      const page = await store.jobs.list({ text: 'seldom', limit: 30, before })
      seen.push(...page.rows.map(({ id }) => id))
      before = page.next
    } while (before !== undefined)
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => `job-${99_000 - index * 1_000}`))

    // Nothing fits: all of them are looked at, and commits go in between.
    begun = performance.now()
    const searching = store.jobs
      .list({ text: 'no such thing', limit: 100 })
      .then(() => performance.now() - begun)
    await store.jobs.insert(row(total + 1))
    const written = performance.now() - begun
    expect(written).toBeLessThan(await searching)
  })
})

describe('job.repeat', () => {
  const repeat = (id: string, as: string, device?: string) =>
    bench.call('job.repeat', { id, as, ...(device !== undefined && { device }) }, cashier)

  it('[C20] prints once more, on the same printer or another, and once for each id', async () => {
    const twin = await bench.printer('a')
    const other = await bench.printer('b')
    await bench.print('printer-1', 'first', 'hello')
    await bench.settle()
    expect(await repeat('first', 'again')).toMatchObject({ id: 'again', device: 'printer-1', kind: 'print' })
    await bench.settle()
    expect(twin.printed).toEqual(['first', 'again'])
    expect((await repeat('first', 'again')).state).toBe('done')
    await bench.settle()
    expect(twin.printed).toEqual(['first', 'again'])
    await repeat('first', 'there', 'printer-2')
    await bench.settle()
    expect(other.printed).toEqual(['there'])
    expect(await codeOf(repeat('first', 'there'))).toBe('job_conflict')
  })

  it('[C20] refuses what has not ended, what is no print, and what it does not know', async () => {
    const twin = await bench.printer('a')
    twin.behaviour = 'hold'
    await bench.print('printer-1', 'runs')
    await bench.settle()
    expect(await codeOf(repeat('runs', 'again'))).toBe('params_invalid')
    expect(await codeOf(repeat('none', 'again'))).toBe('job_unknown')
    twin.release()
    await bench.settle()
    expect(await codeOf(repeat('runs', 'runs'))).toBe('params_invalid')
    await bench.call(
      'job.submit',
      { id: 'kick', device: 'printer-1', kind: 'drawer.open', payload: {} },
      cashier,
    )
    await bench.settle()
    expect(await codeOf(repeat('kick', 'again'))).toBe('params_invalid')
  })

  it('[C20] opens no drawer with a copy', async () => {
    await bench.printer('a')
    const receipt = { blocks: [{ type: 'text', text: 'Sold' }, { type: 'pulse' }] }
    const payload = { receipt, openDrawer: true } as never
    await bench.call('job.submit', { id: 'sale', device: 'printer-1', kind: 'print', payload }, cashier)
    await bench.settle()
    await repeat('sale', 'copy')
    await bench.settle()
    await bench.stop()
    const store = await openStore({ dir: bench.dir, inline: true })
    expect(JSON.parse((await store.jobs.get('copy'))?.payload ?? '')).toEqual({
      receipt: { blocks: [{ type: 'text', text: 'Sold' }] },
    })
    await store.close()
  })
})
