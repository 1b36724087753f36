/** From the request of a till to the first byte at the printer, recorded durably first, against a bare pipe. */
import { WebSocket } from 'ws'
import { HubProcess, until } from '../../tests/support/hub-process.ts'
import { peer, RawClient, silentPrinter, timedPrinter } from './parts.ts'
import { documentText, receiptDocument } from './receipt-document.ts'
import { atMost, percentile, type Row } from './rows.ts'

const samples = 500
const warmUp = 50

export async function run(): Promise<Row[]> {
  const printer = await timedPrinter()
  const barePrinter = await timedPrinter()
  const bare = await peer<number>('./bare-pipe.ts', String(barePrinter.port))
  const hub = await HubProcess.start({ args: ['--log', 'error'] })
  try {
    const token = await hub.token('technician')
    const client = await RawClient.connect(hub, token)
    await client.call('device.add', {
      class: 'printer',
      driver: 'escpos',
      port: `tcp://127.0.0.1:${printer.port}`,
      settings: silentPrinter,
    })
    await until(
      async () => JSON.stringify(await client.call('device.list', {})).includes('"ready"'),
      'the printer',
    )
    const pipe = new WebSocket(`ws://127.0.0.1:${bare.hello}`, { perMessageDeflate: false })
    await new Promise((resolve) => pipe.once('open', resolve))
    const text = JSON.stringify(receiptDocument(documentText(0)))

    const ours: number[] = []
    const floor: number[] = []
    for (let sample = -warmUp; sample < samples; sample++) {
      const id = `bench-${sample}`
      const receipt = receiptDocument(documentText(sample + warmUp))
      const first = printer.nextByte()
      const sentAt = performance.now()
      const submitted = client.call('job.submit', {
        id,
        device: 'printer-1',
        kind: 'print',
        payload: { receipt },
      })
      const took = (await first) - sentAt
      await submitted
      await client.call('job.wait', { id, ms: 5_000 })

      const bareFirst = barePrinter.nextByte()
      const bareSentAt = performance.now()
      pipe.send(text)
      const bareTook = (await bareFirst) - bareSentAt
      // A connection may send 200 messages a second.
      await new Promise((resolve) => setTimeout(resolve, 15))
      if (sample >= 0) {
        ours.push(took)
        floor.push(bareTook)
      }
    }
    client.close()
    pipe.close()
    const against = (share: number) =>
      `bare ws-to-socket pipe ${percentile(floor, share).toFixed(2)} ms, ratio ${(percentile(ours, share) / percentile(floor, share)).toFixed(1)}`
    return [
      atMost('print request to first byte at the printer, p50', percentile(ours, 0.5), 'ms', 3, against(0.5)),
      atMost(
        'print request to first byte at the printer, p99',
        percentile(ours, 0.99),
        'ms',
        15,
        against(0.99),
      ),
    ]
  } finally {
    printer.close()
    barePrinter.close()
    bare.child.kill()
    await hub.end()
  }
}
