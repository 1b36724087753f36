/** A print for an IPP printer is prepared by an instance that never met the printer: docs/decisions/0005. */
import { describe, expect, it } from 'vitest'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import { createDrivers } from '../../../src/drivers/registry.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { TestClock } from '../../support/clock.ts'
import { openDriver } from '../../support/driver-bench.ts'

describe('an instance that is never connected', () => {
  it('[DRV15] prepares what the one that is connected prints', async () => {
    const clock = new TestClock()
    const driver = createDrivers(new Imaging({ clock })).find(({ id }) => id === 'ipp')
    const [transport] = memoryPair('offline', { clock })
    const device = openDriver(driver ?? expect.unreachable('there is such a driver'), transport, clock)
    const prepared = await device.printing?.prepare({ text: 'one line' }, 'job-1')
    expect(prepared?.bytes).toBeGreaterThan(0)
  })
})
