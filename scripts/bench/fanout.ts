/** 500 clients on one event stream, against a bare `ws` broadcast of the same messages. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { HubProcess, until } from '../../tests/support/hub-process.ts'
import { peer, RawClient } from './parts.ts'
import { atLeast, median, type Row } from './rows.ts'

const clients = 500
const events = 200
const rounds = 5

interface Audience {
  receive(count: number): Promise<number>
  close(): void
}

export async function run(): Promise<Row[]> {
  const sockets: Socket[] = []
  const source = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve))
  const { port } = source.address() as AddressInfo
  const hub = await HubProcess.start({ args: ['--log', 'error'] })
  const token = await hub.token('technician')
  const control = await RawClient.connect(hub, token)
  await control.call('device.add', {
    class: 'scanner',
    driver: 'serial-scanner',
    port: `tcp://127.0.0.1:${port}`,
  })
  await until(() => sockets.length === 1, 'the hub to open the scanner')
  const bare = await peer<number>('./bare-broadcast.ts', String(port))
  await until(() => sockets.length === 2, 'the peer to open the scanner')
  const [hubScanner, bareScanner] = sockets as [Socket, Socket]
  try {
    const ours = await audience(`${hub.url.replace('http', 'ws')}/ws`, token)
    const floor = await audience(`ws://127.0.0.1:${bare.hello}/`, '')
    const measure = async (listeners: Audience, scanner: Socket): Promise<number> => {
      const received = listeners.receive(clients * events)
      const begun = performance.now()
      for (let number = 0; number < events; number++)
        scanner.write(`40063813${String(number).padStart(5, '0')}\r`)
      return (clients * events) / (((await received) - begun) / 1_000)
    }
    const rates = { ours: [] as number[], floor: [] as number[] }
    for (let round = 0; round <= rounds; round++) {
      const [a, b] = [await measure(ours, hubScanner), await measure(floor, bareScanner)]
      if (round > 0) {
        rates.ours.push(a)
        rates.floor.push(b)
      }
    }
    ours.close()
    floor.close()
    const ratio = median(rates.ours) / median(rates.floor)
    return [
      atLeast(
        `${clients} clients on one event stream, share of a bare broadcast`,
        ratio * 100,
        '%',
        80,
        `ours ${Math.round(median(rates.ours))}/s, bare ws ${Math.round(median(rates.floor))}/s`,
      ),
    ]
  } finally {
    control.close()
    bare.child.kill()
    await hub.end()
    for (const socket of sockets) socket.destroy()
    source.close()
  }
}

/** The clients live in a process of their own, so that they cost server and floor alike. */
async function audience(url: string, token: string): Promise<Audience> {
  const { child } = await peer<string>('./audience.ts', url, token, String(clients))
  return {
    receive: (count) =>
      new Promise((resolve) => {
        child.once('message', () => resolve(performance.now()))
        child.send(count)
      }),
    close: () => void child.kill(),
  }
}
