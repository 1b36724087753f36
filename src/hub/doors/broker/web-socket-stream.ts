/** A WebSocket as the stream that the broker reads and writes: a packet that is written in parts goes out as one frame. */
import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { HubError } from '../../../protocol/errors.ts'

/** `bufferedBytesMax`: until so much waits, writing never says that it should be waited for. */
export function webSocketStream(webSocket: WebSocket, bufferedBytesMax: number): Duplex {
  const send = (bytes: Uint8Array, done: (error?: Error | null) => void) => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(bytes, done)
    else done(new HubError('connection_lost'))
  }
  const stream = new Duplex({
    writableHighWaterMark: bufferedBytesMax,
    decodeStrings: true,
    read() {
      if (webSocket.isPaused) webSocket.resume()
    },
    write(chunk: Buffer, _encoding, done) {
      send(chunk, done)
    },
    writev(chunks, done) {
      send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done)
    },
    final(done) {
      webSocket.close()
      done()
    },
    destroy(error, done) {
      webSocket.terminate()
      done(error)
    },
  })
  webSocket.on('message', (data: RawData, isBinary) => {
    // MQTT 3.1.1, 6: what is no binary frame ends the connection.
    if (!isBinary) stream.destroy(new HubError('bad_request', { reason: 'MQTT comes in binary frames' }))
    else if (!stream.push(bytesOf(data))) webSocket.pause()
  })
  webSocket.on('error', (error) => stream.destroy(error))
  webSocket.on('close', () => {
    if (!stream.destroyed) stream.push(null)
  })
  return stream
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
