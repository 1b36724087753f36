/** Documents after which a printer goes on telling of each change by itself. */
import { joined } from '../../../imaging/joined.ts'

/**
 * Whether a reset switches automatic status off is not said, or the manuals differ°, so it is switched on behind the reset at the
 * head, and once more at the end for a document that resets in its midst. `reset`: two bytes.
 */
export function withAutoStatus(
  body: Uint8Array,
  { reset, autoStatusOn }: { reset: Uint8Array; autoStatusOn: Uint8Array },
): Uint8Array {
  const resets = body[0] === reset[0] && body[1] === reset[1]
  const head = resets ? reset : new Uint8Array(0)
  return joined([head, autoStatusOn, body.subarray(head.length), autoStatusOn])
}
