/** A fresh weight, for whoever asks: a till over the wire, or the till of the hub itself. */
import type { Weight } from '../../protocol/device.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Devices } from './devices.ts'

/** Rejects with `device_unknown`, `capability_missing`, `device_disabled`, `device_absent`, and what the scale says of itself. */
export async function readScale(
  devices: Devices,
  device: string,
  options: { unitPrice?: string },
): Promise<Weight> {
  const unit = devices.mustHave(device, 'weighing', 'scale.read')
  if (unit.row.disabled) throw new HubError('device_disabled', { device })
  const weighing = unit.online?.weighing
  if (weighing === undefined) throw new HubError('device_absent', { device })
  const weight = await weighing.read(options)
  unit.answered('read', weight)
  return weight
}
