/** The floor of the fan-out figure: lines from a socket, wrapped once, sent to every client by bare `ws`. */
import { type AddressInfo, connect } from 'node:net'
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
let seq = 0
let rest = ''
connect({ port: Number(process.argv[2]), host: '127.0.0.1' }).on('data', (data) => {
  const lines = (rest + data.toString()).split('\r')
  rest = lines.pop() ?? ''
  for (const code of lines) {
    const params = {
      seq: ++seq,
      topic: 'scan',
      device: 'scanner-1',
      at: new Date().toISOString(),
      data: { code },
    }
    const text = JSON.stringify({ jsonrpc: '2.0', method: 'event', params })
    for (const client of server.clients) client.send(text)
  }
})
server.on('listening', () => process.send?.((server.address() as AddressInfo).port))
