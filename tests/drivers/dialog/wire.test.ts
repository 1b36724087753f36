/** The checkout scale over a real tty (a pty of socat, opened by serialport), with the system's clock. */
import { expect, it, onTestFinished } from 'vitest'
import { dialog } from '../../../src/drivers/scales/dialog/driver.ts'
import { createDialogTwin } from '../../../src/drivers/scales/dialog/twin.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import { openDriver } from '../../support/driver-bench.ts'
import { ttyTwin } from '../../support/twin-pty.ts'

it('[DLG12] is found, proves itself and weighs over a tty', async () => {
  const twin = createDialogTwin({ clock: systemClock, loadGrams: 1_500, polynomial: 0x18005 })
  const tty = await ttyTwin(twin)
  const openTransport = createOpenTransport(systemClock, new MemoryPorts(systemClock))
  const transport = await openTransport(parsePortUrl(`serial:${tty.path}`), dialog.portDefaults)
  const device = openDriver(dialog, transport, systemClock, { settings: { polynomialSecret: '18005' } })
  onTestFinished(async () => {
    await device.stop()
    await transport.close()
    twin.stop()
    await tty.stop()
  })
  expect(await dialog.probe?.(transport, { clock: systemClock, answerMsMax: 500 })).toEqual({ certain: true })
  await device.start()
  expect(await device.weighing?.read({ unitPrice: '12.99' })).toMatchObject({
    weight: '1.500',
    total: '19.49',
  })
  await expect(device.weighing?.read({ unitPrice: '12.99' })).rejects.toMatchObject({
    code: 'scale_not_moved',
  })
  twin.order({ order: 'plug', on: false })
  await expect(transport.closed).resolves.toMatchObject({ by: 'lost' })
  await expect(device.weighing?.read()).rejects.toMatchObject({ code: 'port_closed' })
})
