/** The configuration: one schema, errors that name the path, the last good file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configSchema, keepLastGood, loadConfig, readConfigFile } from '../../src/hub/config.ts'
import { HubError } from '../../src/protocol/errors.ts'

const example = new URL('../../config/tillbridge.example.toml', import.meta.url).pathname
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tillbridge-config-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

function problemOf(text: string): { code: string; path: unknown; reason: unknown } {
  const file = join(dir, 'bad.toml')
  writeFileSync(file, text)
  try {
    readConfigFile(file)
    return { code: 'none', path: '', reason: '' }
  } catch (error) {
    const { code, context } = error as HubError
    return { code, path: context.path, reason: context.reason }
  }
}

describe('the example', () => {
  it('is complete and holds the defaults', () => {
    expect(readConfigFile(example)).toEqual(configSchema.parse({}))
    const text = readFileSync(example, 'utf8')
    const keys = Object.entries(configSchema.shape).flatMap(([section, schema]) => {
      const inner = 'unwrap' in schema ? (schema.unwrap() as { shape?: object }) : schema
      return [section, ...Object.keys((inner as { shape?: object }).shape ?? {})]
    })
    expect(keys.length).toBeGreaterThan(12)
    expect(keys.filter((key) => !text.includes(key))).toEqual([])
  })

  it('has commented devices that would work', () => {
    const text = readFileSync(example, 'utf8').replace(/^# (?=\[\[|\w+ = )/gm, '')
    const file = join(dir, 'uncommented.toml')
    writeFileSync(file, text)
    const { devices, till } = readConfigFile(file)
    expect(devices.map(({ driver }) => driver)).toEqual(['escpos', 'toledo-8217'])
    expect(till.upstreams).toMatchObject([{ name: 'office', type: 'webhook', history: false }])
  })
})

const upstream = '[[till.upstreams]]\nname = "office"\ntype = "webhook"\nurl = "https://office.example/in"\n'

describe('bad configuration', () => {
  it.each([
    ['[http]\nprot = 1', 'http.prot', 'is not a known field'],
    ['colour = "red"', 'colour', 'is not a known field'],
    ['[http]\nport = 70000', 'http.port', /65535/],
    ['[http]\nport = "80"', 'http.port', /number|int/],
    ['[[devices]]\nclass = "printer"\ndriver = "escpos"', 'devices[0].port', /is missing/],
    ['[[devices]]\nclass = "toaster"\ndriver = "x"\nport = "y"', 'devices[0].class', /printer/],
    [
      `${upstream}secretFile = "/s"\nsecretEnv = "S"`,
      'till.upstreams[0].secretFile',
      'is needed, or secretEnv; not both',
    ],
    [upstream, 'till.upstreams[0].secretFile', 'is needed, or secretEnv; not both'],
    [`${upstream}secret = "S"`, 'till.upstreams[0].secret', 'is not a known field'],
    [`${upstream}secretFile = "s"\n${upstream}secretFile = "s"`, 'till.upstreams', 'holds a name twice'],
    ['[log]\nlevel = "loud"', 'log.level', /trace/],
    ['[http\nport = 1', 'line 1', /.+/],
  ])('%j names the path', (text, path, reason) => {
    const problem = problemOf(text)
    expect(problem).toMatchObject({ code: 'config_invalid', path })
    expect(String(problem.reason)).toMatch(reason)
  })

  it('without a good file before is an error, with one the good one is used and the trouble told', () => {
    const file = join(dir, 'tillbridge.toml')
    writeFileSync(file, '[hub]\nname = "Corner shop"')
    expect(loadConfig({ data: dir }, {}).config.hub.name).toBe('Corner shop')
    keepLastGood(file, dir)
    writeFileSync(file, '[hub]\nnam = "x"')
    const loaded = loadConfig({ data: dir }, {})
    expect(loaded.config.hub.name).toBe('Corner shop')
    expect(loaded.problem).toContain('hub.nam')
    rmSync(join(dir, 'config.last-good.toml'))
    expect(() => loadConfig({ data: dir }, {})).toThrow(HubError)
  })
})

describe('what beats what', () => {
  it('flag over environment over file over default', () => {
    writeFileSync(
      join(dir, 'tillbridge.toml'),
      '[http]\nport = 1111\nbind = "10.0.0.1"\n[log]\nlevel = "warn"',
    )
    const env = { TILLBRIDGE_HTTP: '2222', TILLBRIDGE_BIND: '10.0.0.2', TILLBRIDGE_DEMO: '1' }
    const { config } = loadConfig({ data: dir, http: '3333' }, env)
    expect(config.http).toMatchObject({ port: 3333, bind: '10.0.0.2' })
    expect(config.log.level).toBe('warn')
    expect(config.demo.enabled).toBe(true)
    expect(loadConfig({ data: dir, demo: false }, env).config.demo.enabled).toBe(false)
    expect(() => loadConfig({ data: dir, http: 'eighty' }, {})).toThrow(/http\.port/)
  })

  it('a variable that is set to nothing is not set, and an empty flag is no port', () => {
    writeFileSync(join(dir, 'tillbridge.toml'), '[http]\nport = 1111\n[demo]\nenabled = true')
    const names = ['HTTP', 'BIND', 'LOG', 'DEMO', 'CONFIG', 'DATA']
    const env = Object.fromEntries(names.map((name) => [`TILLBRIDGE_${name}`, '']))
    const loaded = loadConfig({ data: dir }, env)
    expect(loaded.config.http).toMatchObject({ port: 1111, bind: '127.0.0.1' })
    expect(loaded.config.demo.enabled).toBe(true)
    expect(loadConfig({}, env).data).toBe('data')
    for (const http of ['', ' ', '0x50', '1e3', '-1', '80.5'])
      expect(() => loadConfig({ data: dir, http }, {}), http).toThrow(/http\.port/)
    expect(loadConfig({ data: dir, http: '0' }, {}).config.http.port).toBe(0)
  })
})
