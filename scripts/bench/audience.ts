/** Many clients in one process: counts what they receive and tells its parent when the awaited number is there. */
import { WebSocket } from 'ws'

const [url = '', token = '', count = '1'] = process.argv.slice(2)
let received = 0
let awaited = Number.POSITIVE_INFINITY

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, token === '' ? [] : ['tillbridge.v1'], { perMessageDeflate: false })
    socket.on('error', reject)
    let greeted = token === ''
    socket.on('open', () => {
      if (greeted) return resolve()
      socket.send(
        JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'hello', params: { token, client: 'audience' } }),
      )
      socket.send(
        JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'event.subscribe', params: { topics: ['scan'] } }),
      )
    })
    socket.on('message', (data: Buffer) => {
      if (!greeted) {
        if (data.includes('"id":2')) {
          greeted = true
          resolve()
        }
        return
      }
      if (++received >= awaited) {
        received = 0
        awaited = Number.POSITIVE_INFINITY
        process.send?.('received')
      }
    })
  })
}

for (let number = 0; number < Number(count); number += 50) await Promise.all(Array.from({ length: 50 }, open))
process.on('message', (wanted: number) => {
  awaited = wanted
  received = 0
})
process.send?.('ready')
