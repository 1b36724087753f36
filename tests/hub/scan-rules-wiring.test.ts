/** The rules of the shop between a scanner and the tills: what the `scan` event carries. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Driver, Profile } from '../../src/drivers/driver.ts'
import { hidKeyboardScanner } from '../../src/drivers/scanners/hid-keyboard-scanner/driver.ts'
import { createHidKeyboardScannerTwin } from '../../src/drivers/scanners/hid-keyboard-scanner/twin.ts'
import { HubBench } from '../support/hub-bench.ts'

const profile: Profile = {
  id: 'generic',
  driver: hidKeyboardScanner.id,
  name: 'Generic',
  maker: 'Tests',
  settings: {},
  quirks: [],
  sources: [],
}
let bench: HubBench | undefined
afterEach(() => bench?.end())

async function scansOf(scanning: object, codes: readonly string[]): Promise<unknown[]> {
  const hub = await HubBench.start({
    config: { scanning },
    drivers: [{ driver: hidKeyboardScanner as Driver, profiles: [profile] }],
  })
  bench = hub
  const twin = createHidKeyboardScannerTwin({ clock: hub.clock })
  hub.ports.offer('scanner', (end) => twin.attach(end), twin.faces)
  await hub.call('device.add', { class: 'scanner', driver: hidKeyboardScanner.id, port: 'memory:scanner' })
  await hub.clock.advance(100)
  for (const code of codes) twin.order({ order: 'scan', code })
  await hub.settle()
  twin.stop()
  return hub.events.filter(({ topic }) => topic === 'scan').map(({ data }) => data)
}

describe('a scan with a weight in it', () => {
  const weighed = '2912345017507'

  it('[SR1] reaches the tills with the item that the rules make of it', async () => {
    expect(await scansOf({ presets: ['de'] }, [weighed, '4006381333931'])).toEqual([
      {
        code: weighed,
        symbology: 'ean13',
        item: { rule: 'de-weight', key: '2912345000004', weight: '1.750', unit: 'kg' },
      },
      { code: '4006381333931', symbology: 'ean13' },
    ])
  })

  it('[SR1] is a scan as any other without rules', async () => {
    expect(await scansOf({}, [weighed])).toEqual([{ code: weighed, symbology: 'ean13' }])
  })
})
