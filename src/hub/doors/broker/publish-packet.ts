/** A PUBLISH packet at QoS 0 as bytes: made once for all who hear it (MQTT 3.1.1, 3.3). */

const publish = 0x30

export function publishPacket(topic: string, payload: string): Buffer {
  const topicBytes = Buffer.byteLength(topic)
  const remaining = 2 + topicBytes + Buffer.byteLength(payload)
  const length = lengthBytes(remaining)
  const packet = Buffer.allocUnsafe(1 + length.length + remaining)
  packet[0] = publish
  packet.set(length, 1)
  let at = packet.writeUInt16BE(topicBytes, 1 + length.length)
  at += packet.write(topic, at)
  packet.write(payload, at)
  return packet
}

/** Seven bits a byte, the lowest first (2.2.3). */
function lengthBytes(length: number): number[] {
  const bytes: number[] = []
  let left = length
  do {
    const low = left & 0x7f
    left >>>= 7
    bytes.push(left > 0 ? low | 0x80 : low)
  } while (left > 0)
  return bytes
}
