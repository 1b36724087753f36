/** What a person is told of the settings of a device. Rules of docs/care.md. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRegistry } from '../../src/drivers/registry.ts'
import { TestClock } from '../support/clock.ts'
import { root } from '../support/hub-process.ts'

interface Schema {
  description?: string
  properties?: Record<string, Schema>
}

/** Paths of settings that nothing is said of; a table is what is in it. */
function undescribed(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    inner.properties === undefined
      ? inner.description === undefined
        ? [`${path}.${name}`]
        : []
      : undescribed(inner, `${path}.${name}`),
  )
}

describe('the settings of the drivers', () => {
  it('[C17] all have a description', () => {
    const { drivers } = createRegistry({
      profilesDir: `${root}/config/profiles`,
      clock: new TestClock(),
      serial: false,
      usb: false,
      hid: false,
      mdns: false,
    })
    expect(drivers.length).toBeGreaterThan(20)
    const missing = drivers.flatMap(({ id, settings }) =>
      undescribed(z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }) as Schema, id),
    )
    expect(missing).toEqual([])
  })
})
