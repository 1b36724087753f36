/** The name of a device as the way to its card. */
import type { JSX } from 'preact'
import { useConsole } from '../../context.ts'

interface DeviceLinkProps {
  id: string
  /** What it stands in can be put away. */
  onFollow?: () => void
}

export function DeviceLink({ id, onFollow }: DeviceLinkProps): JSX.Element {
  const { state } = useConsole()
  const device = state.devices.value.get(id)
  if (device === undefined) return <code>{id}</code>
  return (
    <a href={`#/devices/${id}`} onClick={onFollow}>
      {device.name}
    </a>
  )
}
