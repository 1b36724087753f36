/** The floor of the broker's figure: lines from a socket, wrapped once, published in an aedes that checks nothing. */
import { type AddressInfo, connect, createServer } from 'node:net'
import { Aedes } from 'aedes'

const aedes = await Aedes.createBroker()
let seq = 0
let rest = ''
connect({ port: Number(process.argv[2]), host: '127.0.0.1' }).on('data', (data) => {
  const lines = (rest + data.toString()).split('\r')
  rest = lines.pop() ?? ''
  for (const code of lines) {
    const text = JSON.stringify({ topic: 'scan', seq: ++seq, at: new Date().toISOString(), data: { code } })
    const topic = 'tillbridge/bare/device/scanner-1/event'
    aedes.publish({ cmd: 'publish', topic, payload: text, qos: 0, retain: false, dup: false }, () => {})
  }
})
const server = createServer({ noDelay: true }, aedes.handle)
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
