/** The load of the scan figure: tills that print on printers that never answer, so many jobs a second. */
import type { HubProcess } from '../../tests/support/hub-process.ts'
import { RawClient, silentPrinter, timedPrinter } from './parts.ts'

const [url = '', token = '', perSecond = '500'] = process.argv.slice(2)
/** A connection may send 200 messages a second; that many tills share the load. */
const tills = 5
const printers = 5

const hub = { url } as HubProcess
const clients = await Promise.all(Array.from({ length: tills }, () => RawClient.connect(hub, token)))
const devices: string[] = []
for (let number = 0; number < printers; number++) {
  const port = `tcp://127.0.0.1:${(await timedPrinter()).port}`
  const added = await clients[0]?.call('device.add', {
    class: 'printer',
    driver: 'escpos',
    port,
    settings: silentPrinter,
  })
  devices.push((added as { id: string }).id)
}
const allReady = async (): Promise<boolean> => {
  const listed = (await clients[0]?.call('device.list', {})) as { devices: { state: string }[] }
  return listed.devices.every(({ state }) => state === 'ready')
}
while (!(await allReady())) await new Promise((resolve) => setTimeout(resolve, 50))

let number = 0
let recorded = 0
const begun = performance.now()
setInterval(() => {
  const due = Math.floor(((performance.now() - begun) / 1_000) * Number(perSecond))
  for (; number < due; number++) {
    void clients[number % tills]
      ?.call('job.submit', {
        id: `load-${number}`,
        device: devices[number % printers],
        kind: 'print',
        payload: { text: 'load' },
      })
      .then(() => recorded++)
  }
}, 4)
process.on('message', () => process.send?.(recorded / ((performance.now() - begun) / 1_000)))
setTimeout(() => process.send?.('running'), 1_000)
