/** Subscribers on a broker, in a process of their own: tells when all of them have heard so many events. */
import { connect, type Socket } from 'node:net'

const [port, password = '', count] = process.argv.slice(2)
const mark = Buffer.from('"seq":')
let heard = 0
let wanted = Number.POSITIVE_INFINITY

/** Counts marks; one that is torn between two pieces is found with the rest of the first. */
function counter(): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = bytes.indexOf(mark)
    while (at >= 0) {
      heard++
      at = bytes.indexOf(mark, at + mark.length)
    }
    rest = Buffer.from(bytes.subarray(Math.max(0, bytes.length - mark.length + 1)))
    if (rest.includes(mark)) rest = Buffer.alloc(0)
    if (heard >= wanted) {
      wanted = Number.POSITIVE_INFINITY
      process.send?.(performance.timeOrigin + performance.now())
    }
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** Up to 16 KiB: two bytes of length. */
function packet(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([first, (body.length & 0x7f) | 0x80, body.length >> 7]), body])
}

await Promise.all(
  Array.from({ length: Number(count) }, async (_, at) => {
    const socket: Socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
    // CONNECT with user and password and a clean session, then SUBSCRIBE at QoS 0 (MQTT 3.1.1, 3.1 and 3.8).
    const greeting = [
      text('MQTT'),
      Buffer.from([4, 0xc2, 0, 0]),
      text(`a-${at}`),
      text('any'),
      text(password),
    ]
    socket.write(packet(0x10, ...greeting))
    socket.write(packet(0x82, Buffer.from([0, 1]), text('tillbridge/+/device/+/event'), Buffer.from([0])))
    // CONNACK, then SUBACK.
    await new Promise<void>((resolve) => {
      let bytes = 0
      socket.on('data', function wait(chunk: Buffer) {
        bytes += chunk.length
        if (bytes < 9) return
        socket.off('data', wait)
        resolve()
      })
    })
    socket.on('data', counter())
  }),
)
process.on('message', (more: number) => {
  heard = 0
  wanted = more
})
process.send?.('ready')
