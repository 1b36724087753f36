/** Methods of devices, ports, displays in browsers, scales and the demo. */

import { HubError } from '../../protocol/errors.ts'
import type { demoMethods } from '../../protocol/methods/demo.ts'
import type { deviceMethods } from '../../protocol/methods/devices.ts'
import { settingsOf } from '../devices/device-settings.ts'
import { testDevice } from '../devices/device-test.ts'
import { readScale } from '../devices/read-scale.ts'
import type { HandlersOf, HandlerTools } from './handlers.ts'

export function deviceHandlers(tools: HandlerTools): HandlersOf<typeof deviceMethods & typeof demoMethods> {
  const { catalogue, demo, devices, discovery, displays, jobs, leases, teaching, traces } = tools
  return {
    'device.list': () => ({ devices: devices.list() }),
    'device.get': ({ id }) => devices.mustGet(id).snapshot(),
    'device.add': (wanted) => devices.add(wanted, discovery.fingerprintOf(wanted.port)),
    'device.rename': ({ id, name }) => devices.change(id, { name }),
    'device.configure': async ({ id, port, profile, settings }) => {
      const device = await devices.configure(id, {
        ...(settings !== undefined && { settings }),
        ...(profile !== undefined && { profile }),
        ...(port !== undefined && { port, ...discovery.fingerprintOf(port) }),
      })
      traces.end(id)
      return device
    },
    'device.settings': ({ id }) => {
      const { driver, profile, row } = devices.mustGet(id)
      return settingsOf(driver, profile, row)
    },
    'device.enable': ({ id }) => devices.change(id, { disabled: false }),
    'device.disable': ({ id }) => devices.change(id, { disabled: true }),
    'device.test': ({ id }, caller) => testDevice(devices.mustGet(id), { jobs, newId: tools.newId }, caller),
    'device.trace': ({ id, ...wanted }) => traces.read(devices.mustGet(id), wanted),
    'device.remove': async ({ id }) => {
      await devices.remove(id)
      traces.end(id)
      leases.dropDevice(id)
      return {}
    },
    'device.backup': ({ id, backup }) => {
      devices.mustHave(id, 'printing', 'print')
      if (backup === null) return devices.change(id, { backup })
      if (backup === id)
        throw new HubError('params_invalid', { path: 'backup', reason: 'is the printer itself' })
      devices.mustHave(backup, 'printing', 'print')
      return devices.change(id, { backup })
    },
    'port.list': () => ({ ports: discovery.list() }),
    'port.probe': ({ port, driver }) => discovery.probe(port, driver),
    'port.scan': ({ network }) => discovery.scan(network),
    'port.teach.start': ({ ms }) => teaching.start(ms),
    'port.teach.wait': ({ teach }) => teaching.wait(teach),
    'driver.list': () => ({
      drivers: catalogue.drivers.map((driver) => ({
        id: driver.id,
        class: driver.class,
        name: driver.name,
        transports: [...driver.transports],
        profiles: catalogue.profiles(driver.id).map(({ id, name }) => ({ id, name })),
      })),
    }),

    'display.attach': ({ device }, { onClose }) => displays.attach(device, onClose ?? (() => {})),
    'display.shown': ({ device, revision }) => {
      displays.shown(device, revision)
      return {}
    },

    'scale.read': ({ device, unitPrice }) =>
      readScale(devices, device, unitPrice === undefined ? {} : { unitPrice }),

    'demo.order': ({ device, order }) => {
      demo.order(device, order)
      return {}
    },
    'demo.paper': ({ device }) => demo.paper(device),
  }
}
