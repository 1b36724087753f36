/** Every driver of the registry keeps the driver contract, against its twin. */
import { describe, expect, it } from 'vitest'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { createDrivers } from '../../src/drivers/registry.ts'
import { TestClock } from '../support/clock.ts'
import { driverContract, driverRules } from './driver.ts'
import { twins } from './twins.ts'

const drivers = createDrivers(new Imaging({ clock: new TestClock() }))

for (const driver of drivers) {
  const twin = twins[driver.id]
  if (twin !== undefined) driverContract({ driver, ...twin })
}

describe('the suite', () => {
  it('covers every driver of the registry, and every rule', () => {
    expect(drivers.map(({ id }) => id).filter((id) => twins[id] === undefined)).toEqual([])
    expect(driverRules).toHaveLength(15)
  })
})
