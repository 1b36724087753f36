/** What the device can do: print plain text. */
import type { DeviceListener, OpenDevice, PreparedPrint } from '../../../src/drivers/driver.ts'
import type { Capability, DeviceClass } from '../../../src/protocol/device.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { act } from './attempt.ts'
import type { Link } from './link.ts'

export const deviceClass: DeviceClass = 'printer'
export const capabilities: readonly Capability[] = ['printing']

interface PreparedText extends PreparedPrint {
  readonly text: string
}

export function createParts(link: Link): Pick<OpenDevice, 'printing'> {
  return {
    printing: {
      prepare(payload): PreparedText {
        const { device } = link.context
        if (payload.text === undefined) {
          throw new HubError('payload_unsupported', {
            path: 'payload',
            device,
            reason: 'it prints plain text only',
          })
        }
        return { text: payload.text, bytes: payload.text.length }
      },
      print: (prepared, attempt) => act(link, 'P', (prepared as PreparedText).text, attempt),
    },
  }
}

/** Lines that answer no question. */
export function onUnasked(_line: string, _listener: DeviceListener): void {}
