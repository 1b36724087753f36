/** Strict base64: what a job carries must be whole, or the printer would print half of it. */
import { HubError } from '../../protocol/errors.ts'

/** Decodes RFC 4648 base64 with its padding; no white space, no URL alphabet. Throws HubError `base64_invalid`. */
export function decodeBase64(text: string, path: string): Uint8Array<ArrayBuffer> {
  const pads = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = Buffer.from(text, 'base64')
  // Node skips what is not base64, so a decoded length short of the text's tells of a stray character.
  const whole = text.length % 4 === 0 && bytes.length === (text.length / 4) * 3 - pads
  if (!whole || text.includes('-') || text.includes('_')) throw new HubError('base64_invalid', { path })
  // The last character's unused bits must be 0: encoding again gives the same end.
  const tail = bytes.subarray(bytes.length - (3 - pads)).toString('base64')
  if (pads > 0 && !text.endsWith(tail)) throw new HubError('base64_invalid', { path })
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
}
