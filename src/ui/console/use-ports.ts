/** Keeps the list of ports and of drivers fresh while a view shows them. */
import { useEffect } from 'preact/hooks'
import type { PortRecord } from '../../protocol/device.ts'
import { isTechnician, useConsole } from './context.ts'

export type Suggestion = NonNullable<PortRecord['suggestion']>
export type Candidate = PortRecord & { suggestion: Suggestion }

export function usePorts(): void {
  const { state, session } = useConsole()
  const changes = state.portChanges.value
  const devices = state.devices.value.size
  const allowed = session.link.value === 'online' && isTechnician(session.role.value)
  useEffect(() => {
    if (!allowed) return
    session.call('port.list', {}).then(
      ({ ports }) => {
        state.ports.value = ports
      },
      // The connection went away: the next one asks again.
      () => undefined,
    )
  }, [changes, devices, allowed, session, state])
  useEffect(() => {
    if (!allowed) return
    session.call('driver.list', {}).then(
      ({ drivers }) => {
        state.drivers.value = drivers
      },
      () => undefined,
    )
  }, [allowed, session, state])
}

export function isCandidate(port: PortRecord): port is Candidate {
  return port.suggestion !== null
}
