/** Upstreams out of the configuration: secrets by reference, read when they are needed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { configSchema } from '../../src/hub/config.ts'
import { upstreamSettings } from '../../src/hub/upstream-settings.ts'

describe('upstreams of the configuration', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-upstreams-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const settings = (entry: object) => {
    const [first] = upstreamSettings(
      configSchema.parse({
        till: {
          upstreams: [{ name: 'office', type: 'webhook', url: 'https://pos.example.com/hook', ...entry }],
        },
      }).till.upstreams,
    )
    if (first === undefined) throw new Error('no upstream')
    return first
  }

  it('[W22] takes the secret from a file at each request, so that a new one counts at once', async () => {
    const secretFile = join(dir, 'secret')
    writeFileSync(secretFile, 'first\n')
    const { secret } = settings({ secretFile })
    expect(await secret()).toBe('first')
    writeFileSync(secretFile, 'second\n')
    expect(await secret()).toBe('second')
    writeFileSync(secretFile, '\n')
    await expect(secret()).rejects.toMatchObject({ code: 'config_invalid' })
    rmSync(secretFile)
    await expect(secret()).rejects.toThrow(/ENOENT/)
  })

  it('[W22] takes it from a variable, and says which one is empty', async () => {
    process.env.OFFICE_SECRET = 'from the environment'
    const { secret } = settings({ secretEnv: 'OFFICE_SECRET' })
    expect(await secret()).toBe('from the environment')
    delete process.env.OFFICE_SECRET
    await expect(secret()).rejects.toThrow(/\$OFFICE_SECRET.*the secret of office is empty/)
  })

  it('[W22] brings the root of a private authority as text, and fails when there is none', () => {
    writeFileSync(join(dir, 'root.pem'), 'PEM')
    expect(settings({ secretEnv: 'X', ca: join(dir, 'root.pem') }).ca).toBe('PEM')
    expect(() => settings({ secretEnv: 'X', ca: join(dir, 'none.pem') })).toThrow(/ENOENT/)
  })
})
