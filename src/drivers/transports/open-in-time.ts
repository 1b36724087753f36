/** Opening a port with a time limit: what opens too late is closed again, and why it did not open is said in words for a person. */
import { HubError } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'
import { type PortAddress, transportLimits } from './transport.ts'

/** Makes the error of a port that cannot be opened. */
export type Refused = (reason: string, cause?: unknown) => HubError

/**
 * Opens by `open`, which gets what makes its refusals. Throws HubError `port_unavailable` when it does not open within
 * `openMsMax`, with `explain` for what the system says; a HubError of `open` itself as it is.
 */
export async function openInTime<T extends { close(): Promise<unknown> }>(
  address: PortAddress,
  clock: TransportClock,
  explain: (error: unknown) => string,
  open: (refused: Refused) => Promise<T>,
): Promise<T> {
  const refused: Refused = (reason, cause) =>
    new HubError('port_unavailable', { port: address.url, reason }, cause)
  const opening = open(refused)
  const { promise: late, reject } = Promise.withResolvers<never>()
  const cancel = clock.after(transportLimits.openMsMax, () => {
    reject(refused(`it did not open within ${transportLimits.openMsMax} ms`))
    opening.then((opened) => opened.close()).catch(() => {})
  })
  try {
    return await Promise.race([opening, late])
  } catch (error) {
    throw error instanceof HubError ? error : refused(explain(error), error)
  } finally {
    cancel()
  }
}
