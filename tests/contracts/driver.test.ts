/** Every driver of the registry keeps the driver contract, against the twin that the demo has for it. */
import { describe, expect, it } from 'vitest'
import { demoDevices } from '../../src/drivers/demo.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { createDrivers } from '../../src/drivers/registry.ts'
import { TestClock } from '../support/clock.ts'
import { driverContract, driverRules } from './driver.ts'

const drivers = createDrivers(new Imaging({ clock: new TestClock() }))
const withTwin = drivers.flatMap((driver) => {
  const twinOf = (clock: TestClock) => demoDevices(clock).find((demo) => demo.driver === driver.id)
  return twinOf(new TestClock()) === undefined ? [] : [{ driver, twinOf }]
})

for (const { driver, twinOf } of withTwin) {
  driverContract({
    driver,
    createTwin: (clock) => twinOf(clock)!.createTwin(),
    oneWay: driver.capabilities.every((capability) => capability === 'scanning'),
  })
}

describe('the suite', () => {
  it('covers every driver that the demo has, and every rule', () => {
    const inDemo = new Set(demoDevices(new TestClock()).map(({ driver }) => driver))
    expect(withTwin.map(({ driver }) => driver.id).sort()).toEqual([...inDemo].sort())
    expect(withTwin.length).toBeGreaterThanOrEqual(3)
    expect(driverRules).toHaveLength(10)
  })
})
