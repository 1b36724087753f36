/** The settings of a device as a person sees and changes them: the schema of its driver, secrets struck out and kept. */
import { z } from 'zod'
import type { Driver, Profile } from '../../drivers/driver.ts'
import type { Result } from '../../protocol/methods.ts'
import type { DeviceRow } from '../../store/store.ts'
import { withoutSecrets } from './masking.ts'

const schemas = new WeakMap<Driver, Record<string, unknown>>()

export function settingsOf(
  driver: Driver,
  profile: Profile,
  { settings }: Pick<DeviceRow, 'settings'>,
): Result<'device.settings'> {
  let schema = schemas.get(driver)
  if (schema === undefined) {
    schema = z.toJSONSchema(driver.settings, { io: 'input', unrepresentable: 'any' }) as Record<
      string,
      unknown
    >
    schemas.set(driver, schema)
  }
  return { schema, profile: withoutSecrets(profile.settings), settings: withoutSecrets(settings) }
}

/** Settings that came back as they were shown: what was struck out is what it was. */
export function withKeptSecrets(
  wanted: Record<string, unknown>,
  known: Record<string, unknown>,
): Record<string, unknown> {
  const shown = withoutSecrets(known)
  const merge = (value: unknown, seen: unknown, kept: unknown): unknown => {
    if (value === seen && typeof kept === 'string' && seen !== kept) return kept
    if (!isTable(value) || !isTable(seen) || !isTable(kept)) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, merge(inner, seen[name], kept[name])]),
    )
  }
  return merge(wanted, shown, known) as Record<string, unknown>
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
