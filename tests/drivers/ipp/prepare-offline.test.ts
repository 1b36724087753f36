/** A print for an IPP printer is prepared by an instance that never met the printer: docs/decisions/0005. */
import { describe, expect, it } from 'vitest'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import { createDrivers } from '../../../src/drivers/registry.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { TestClock } from '../../support/clock.ts'

describe('an instance that is never connected', () => {
  it('[DRV15] prepares what the one that is connected prints', async () => {
    const clock = new TestClock()
    const driver = createDrivers(new Imaging({ clock })).find(({ id }) => id === 'ipp')
    const [transport] = memoryPair('offline', { clock })
    const device = driver?.open({
      transport,
      profile: {
        id: 'generic',
        driver: 'ipp',
        name: 'Any',
        maker: 'Any',
        settings: {},
        quirks: [],
        sources: [],
      },
      settings: driver.settings.parse({}),
      clock,
      log: { debug() {}, info() {}, warn() {} },
      listener: { faults() {}, details() {}, scan() {}, drawer() {}, weight() {} },
      device: 'printer-1',
      newId: () => 'id-1',
    })
    const prepared = await device?.printing?.prepare({ text: 'one line' }, 'job-1')
    expect(prepared?.bytes).toBeGreaterThan(0)
  })
})
