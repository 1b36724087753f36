/** The floor of the latency figure: a WebSocket whose messages go to a socket as they are, nothing recorded. */
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { WebSocketServer } from 'ws'

const printer = connect({ port: Number(process.argv[2]), host: '127.0.0.1', noDelay: true })
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
server.on('connection', (socket) => socket.on('message', (data) => printer.write(data as Buffer)))
server.on('listening', () => process.send?.((server.address() as AddressInfo).port))
