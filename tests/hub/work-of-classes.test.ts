/** What the hub asks of scales, displays and drawers, through its door and on their twins: the price of a weighing, and the Test button. */
import { afterEach, describe, expect, it } from 'vitest'
import { cd5220 } from '../../src/drivers/displays/cd5220/driver.ts'
import { createCd5220Twin } from '../../src/drivers/displays/cd5220/twin.ts'
import { serialDrawer } from '../../src/drivers/drawers/serial-drawer/driver.ts'
import { createSerialDrawerTwin } from '../../src/drivers/drawers/serial-drawer/twin.ts'
import type { Driver, Twin } from '../../src/drivers/driver.ts'
import { loadProfiles } from '../../src/drivers/profiles.ts'
import { dialog } from '../../src/drivers/scales/dialog/driver.ts'
import { twins } from '../contracts/twins.ts'
import { HubBench } from '../support/hub-bench.ts'
import { profilesDir } from '../support/profiles-dir.ts'

const drivers = [dialog, cd5220, serialDrawer] as readonly Driver[]
const { profiles } = loadProfiles(profilesDir, drivers)

let bench: HubBench
afterEach(() => bench.end())

/** A hub with one device of a driver, ready. */
async function withDevice<T extends Twin>(
  driver: Driver,
  createTwin: (clock: HubBench['clock']) => T,
  settings: Record<string, unknown> = {},
): Promise<{ id: string; twin: T }> {
  bench = await HubBench.start({
    drivers: drivers.map((each) => ({
      driver: each,
      profiles: profiles.filter((profile) => profile.driver === each.id),
    })),
  })
  const twin = createTwin(bench.clock)
  bench.ports.offer('thing', (end) => twin.attach(end), twin.faces)
  const { id } = await bench.call('device.add', {
    class: driver.class,
    driver: driver.id,
    port: 'memory:thing',
    name: 'Counter',
    settings,
  })
  await bench.clock.advance(2_000)
  expect((await bench.call('device.get', { id })).state).toBe('ready')
  return { id, twin }
}

/** Lets time pass until the promise has settled. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  await bench.clock.advance(3_000)
  return promise
}

describe('a scale that computes prices', () => {
  it('[D19] gets the price that the till asks with, and its total comes back', async () => {
    const under = twins.dialog
    if (under === undefined) throw new Error('there is no twin of dialog')
    const { id } = await withDevice(
      dialog as Driver,
      (clock) => under.createTwin(clock as never),
      under.settings,
    )
    const weight = await inTime(bench.call('scale.read', { device: id, unitPrice: '2.50' }))
    expect(weight.unitPrice).toBe('2.50')
    expect(Number(weight.total)).toBeCloseTo(Number(weight.weight) * 2.5, 1)
    const plain = await inTime(bench.call('scale.read', { device: id }))
    expect(plain.unitPrice).not.toBe('2.50')
  })
})

describe('the Test button', () => {
  it('[D19] shows the name of a display on it', async () => {
    const { id, twin } = await withDevice(cd5220 as Driver, (clock) => createCd5220Twin({ clock }))
    const answer = await bench.call('device.test', { id })
    await bench.clock.advance(1_000)
    expect(answer).toMatchObject({ ok: true, job: expect.any(String) })
    expect((await bench.call('job.get', { id: answer.job ?? '' })).state).toBe('done')
    expect(twin.screen.lines.map((line) => line.trim())).toEqual(['Tillbridge', 'Counter'])
  })

  it('[D19] opens a drawer, which is no alarm', async () => {
    const { id, twin } = await withDevice(
      serialDrawer as Driver,
      (clock) => createSerialDrawerTwin({ clock, kind: 'glancetron' }),
      { open: [27, 52], open2: [27, 53], sense: 'query' },
    )
    const answer = await bench.call('device.test', { id })
    await bench.clock.advance(3_000)
    expect(await bench.call('job.get', { id: answer.job ?? '' })).toMatchObject({
      kind: 'drawer.open',
      state: 'done',
    })
    expect(twin.kicks).toBe(1)
    const topics = bench.events.map(({ topic }) => topic)
    expect(topics).toContain('drawer.opened')
    expect(topics).not.toContain('drawer.forced')
  })
})
