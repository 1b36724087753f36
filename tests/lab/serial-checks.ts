/** CDC-ACM devices in the lab: scanners that come by themselves, a scale that is asked for, and twins of the same ids. */
import { deepEqual, equal } from 'node:assert/strict'
import { createToledo8217Twin } from '../../src/drivers/scales/toledo-8217/twin.ts'
import {
  createSerialScannerTwin,
  type SerialScannerTwin,
} from '../../src/drivers/scanners/serial-scanner/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import { until } from '../support/hub-process.ts'
import { Gadget, LabDevice } from './gadget.ts'
import type { LabHub } from './lab-hub.ts'
import type { Check, LabRun } from './lab-run.ts'

const codes = 20
const plugs = 4

function scanner(check: Check, socket: number, serial?: string): LabDevice<SerialScannerTwin> {
  const gadget = new Gadget(
    socket,
    {
      vendorId: 0x05e0,
      productId: 0x1701,
      maker: 'Symbol Technologies, Inc, 2008',
      product: 'Symbol Bar Code Scanner',
      ...(serial === undefined ? {} : { serial }),
    },
    { kind: 'acm' },
  )
  return new LabDevice(check, gadget, createSerialScannerTwin({ clock: systemClock }))
}

export async function serialChecks(run: LabRun, hub: LabHub): Promise<void> {
  await run.check(
    `serial: a scanner is found by itself and ${codes} codes in a second all arrive`,
    async (check) => {
      const device = scanner(check, 2, 'SCAN1')
      const first = await hub.ready(await device.plug(), ({ driver }) => driver === 'serial-scanner')
      equal(first.device.profile, 'zebra-cdc')
      const begun = performance.now()
      const sent = Array.from({ length: codes }, (_, index) => `40063813${String(10_000 + index)}`)
      for (const code of sent) {
        device.twin.order({ order: 'scan', code })
        await new Promise((resolve) => setTimeout(resolve, 1_000 / codes))
      }
      await until(() => hub.events('scan', begun).length >= codes, 'the last code')
      deepEqual(
        hub.events('scan', begun).map(({ data }) => data.code),
        sent,
      )
      const times: number[] = []
      for (let plug = 0; plug < plugs; plug++) {
        const out = device.unplug()
        await hub.event(
          'device.changed',
          out,
          ({ id, state }) => id === first.device.id && state === 'absent',
        )
        times.push((await hub.ready(await device.plug(), ({ id }) => id === first.device.id)).ms)
      }
      hub.inTime(check, [first.ms, ...times], begun)
    },
  )

  await run.check(
    'serial: two scanners of the same ids stay two, in whatever order they are plugged in',
    async (check) => {
      const one = scanner(check, 2)
      const two = scanner(check, 3)
      const first = (await hub.ready(await one.plug(), ({ driver }) => driver === 'serial-scanner')).device.id
      const second = (await hub.ready(await two.plug(), ({ id }) => id !== first)).device.id
      for (const device of [one, two]) device.unplug()
      await hub.state(first, 'absent')
      await hub.state(second, 'absent')
      await hub.ready(await two.plug(), ({ id }) => id === second)
      await hub.ready(await one.plug(), ({ id }) => id === first)
      await scansFrom(hub, one.twin, first, 'of the first')
      await scansFrom(hub, two.twin, second, 'of the second')
      equal((await hub.devices()).length, 2)
    },
  )

  await run.check('serial: a Toledo scale is found by asking', async (check) => {
    const gadget = new Gadget(
      4,
      { vendorId: 0x0525, productId: 0xa4a7, maker: 'Lab', product: 'Serial adapter', serial: 'ADAPT1' },
      { kind: 'acm' },
    )
    const scale = new LabDevice(check, gadget, createToledo8217Twin({ clock: systemClock }))
    await scale.plug()
    const port = await hub.port(
      ({ source, label }) => source === 'serial' && /Serial adapter/.test(label),
      'the scale',
    )
    equal(port.device, null)
    const begun = performance.now()
    const { suggestion } = await hub.client.call('port.probe', { port: port.url }, { timeoutMs: 30_000 })
    check.note(`answered after ${(performance.now() - begun).toFixed(0)} ms: ${suggestion?.driver}`)
    equal(suggestion?.driver, 'toledo-8217')
    const { id } = await hub.client.call('device.add', {
      class: 'scale',
      driver: 'toledo-8217',
      profile: suggestion?.profile ?? 'generic-kg',
      port: suggestion?.port ?? port.url,
    })
    await hub.state(id, 'ready')
    scale.twin.order({ order: 'load', grams: 1_235 })
    const weight = await hub.client.call('scale.read', { device: id })
    deepEqual([weight.weight, weight.unit], ['1.235', 'kg'])
    const out = scale.unplug()
    await hub.event('device.changed', out, ({ state }) => state === 'absent')
    const { ms } = await hub.ready(await scale.plug(), (device) => device.id === id)
    hub.inTime(check, [ms], out)
  })
}

/** A code of a twin comes as an event of the device that is its own. */
export async function scansFrom(
  hub: LabHub,
  twin: { order(order: { order: 'scan'; code: string }): void },
  device: string,
  code: string,
): Promise<number> {
  const begun = performance.now()
  twin.order({ order: 'scan', code })
  const scan = await hub.event('scan', begun, (data) => data.code === code)
  equal(scan.device, device)
  return scan.at - begun
}
