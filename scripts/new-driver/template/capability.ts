/** What the device can do: weigh. */
import type { DeviceListener, OpenDevice } from '../../../src/drivers/driver.ts'
import type { Capability, DeviceClass } from '../../../src/protocol/device.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { act } from './attempt.ts'
import type { Link } from './link.ts'

export const deviceClass: DeviceClass = 'scale'
export const capabilities: readonly Capability[] = ['weighing']

const weightForm = /^W(-?\d{1,6}\.\d{1,4})$/

export function createParts(link: Link): Pick<OpenDevice, 'weighing'> {
  const { clock, device } = link.context
  return {
    weighing: {
      async read() {
        const weight = weightForm.exec(await link.ask('W'))?.[1]
        if (weight === undefined)
          throw new HubError('answer_invalid', { device, reason: 'it is not a weight' })
        return { weight, unit: 'kg', stable: true, tare: false, at: new Date(clock.now()).toISOString() }
      },
      zero: (attempt) => act(link, 'Z', '', attempt),
      tare: (payload, attempt) => act(link, 'T', payload.weight ?? '', attempt),
      watch() {},
    },
  }
}

/** Lines that answer no question. */
export function onUnasked(_line: string, _listener: DeviceListener): void {}
