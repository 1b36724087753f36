/** The configuration changed in its file: in place, checked, kept. Rules of docs/care.md. */
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigFile, configJsonSchema } from '../../src/hub/care/config-file.ts'
import { editToml } from '../../src/hub/care/toml-edit.ts'
import { loadConfig, type Overrides } from '../../src/hub/config.ts'
import { codeOf, HubBench } from '../support/hub-bench.ts'

const example = readFileSync(new URL('../../config/tillbridge.example.toml', import.meta.url), 'utf8')

function bench(text?: string, overrides: Overrides = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-care-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'tillbridge.toml')
  if (text !== undefined) writeFileSync(file, text)
  const load = () => loadConfig({ data: dir, ...overrides }, {})
  const { config, overridden } = load()
  const configFile = new ConfigFile({ file, overridden, load: () => load().config, running: config })
  return { dir, file, configFile, read: () => readFileSync(file, 'utf8') }
}

type Leaf = { path: string; schema: Record<string, unknown> }

/** Lines that `after` has less often than `before`. */
function missing(before: readonly string[], after: readonly string[]): string[] {
  const left = [...after]
  return before.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

function leavesOf(schema: Record<string, unknown>, path = ''): Leaf[] {
  const properties = schema.properties as Record<string, Record<string, unknown>> | undefined
  if (properties === undefined) return [{ path, schema }]
  return Object.entries(properties).flatMap(([name, inner]) =>
    leavesOf(inner, path === '' ? name : `${path}.${name}`),
  )
}

/** Each key of the example, commented out or not, with the comment right above it. */
function commentsOf(text: string): Map<string, string> {
  const found = new Map<string, string>()
  let table = ''
  let comment: string[] = []
  for (const line of text.split('\n')) {
    const header = /^\[([\w.]+)\]$/.exec(line)?.[1]
    const listed = /^# \[\[([\w.]+)\]\]$/.exec(line)?.[1]
    const key = /^(?:# )?(\w+) = /.exec(line)?.[1]
    if (header !== undefined) table = header
    if (listed !== undefined && !found.has(listed)) found.set(listed, comment.join(' '))
    // Behind the header of a list are the fields of its items.
    if (listed !== undefined) table = listed
    if (key !== undefined) found.set(`${table}.${key}`, comment.join(' '))
    if (line.startsWith('# ') && key === undefined && listed === undefined) comment.push(line.slice(2))
    else comment = []
  }
  return found
}

describe('the schema', () => {
  it('[C4] says of each setting what the example says, with the same default', () => {
    const leaves = leavesOf(configJsonSchema())
    expect(leaves.length).toBeGreaterThan(25)
    const comments = commentsOf(example)
    const values = parseToml(example) as Record<string, unknown>
    for (const { path, schema } of leaves) {
      expect(schema.description, path).toBe(comments.get(path))
      expect(String(schema.description).length, path).toBeGreaterThan(10)
      const written = path
        .split('.')
        .reduce<unknown>((table, name) => (table as Record<string, unknown>)?.[name], values)
      // Lists of tables stand in it as comments.
      if (schema.readOnly !== true) expect(written, path).toEqual(schema.default)
    }
  })

  it('[C5] marks what is changed at the box only', () => {
    const readOnly = leavesOf(configJsonSchema()).filter(({ schema }) => schema.readOnly === true)
    expect(readOnly.map(({ path }) => path)).toEqual([
      'tls.acme.hook',
      'scanning.rules',
      'epos.printers',
      'odoo.stations',
      'raw.ports',
      'till.upstreams',
      'devices',
    ])
  })
})

describe('reading', () => {
  it('[C5] tells what a start would begin with, what waits for one, and what a flag decides', () => {
    const { configFile, file } = bench('[hub]\nname = "A"\n', { http: '0', log: 'warn' })
    expect(configFile.get()).toMatchObject({
      file,
      restart: [],
      overridden: ['http.port', 'https.port', 'log.level'],
      values: { hub: { name: 'A' }, http: { port: 0 }, log: { level: 'warn' } },
    })
    writeFileSync(
      file,
      '[hub]\nname = "B"\n[network]\nname = "till"\n[[devices]]\nclass = "printer"\ndriver = "x"\nport = "tcp://a:1"\nsettings = { password = "pw" }\n',
    )
    const { restart, values } = configFile.get()
    expect(restart).toEqual(['devices', 'hub.name', 'network.name'])
    expect(JSON.stringify(values)).toContain('tcp://a:1')
    expect(JSON.stringify(values)).not.toContain('"pw"')
    writeFileSync(file, '[hub]\nnam = "B"\n')
    expect(() => configFile.get()).toThrow(/hub\.nam/)
  })
})

describe('changing', () => {
  it('[C6] leaves comments, order and everything else as they are', async () => {
    const { configFile, read, file } = bench(example)
    await configFile.change([
      { path: 'http.port', value: 8081 },
      { path: 'network.name', value: 'corner' },
      { path: 'access.origins', value: ['https://a.example', 'https://b.example'] },
      { path: 'tls.acme.email', value: 'a@example.com' },
    ])
    const [before, after] = [example.split('\n'), read().split('\n')]
    const added = after.filter((line) => !before.includes(line))
    expect(added).toEqual([
      'port = 8081',
      'name = "corner"',
      'email = "a@example.com"',
      'origins = ["https://a.example", "https://b.example"]',
    ])
    expect(missing(before, after)).toEqual(['port = 8080', 'origins = []'])
    expect(after[after.indexOf('name = "corner"') - 1]).toBe('# name = "till"')
    expect(readFileSync(`${file}.bak`, 'utf8')).toBe(example)
    for (const each of [file, `${file}.bak`]) expect(statSync(each).mode & 0o777, each).toBe(0o600)
    expect(() => statSync(`${file}.new`)).toThrow()
    await configFile.change([{ path: 'network.name', value: null }])
    expect(read()).not.toContain('corner')
  })

  it('[C6] makes the file, and follows a link to it', async () => {
    const { configFile, read, dir } = bench()
    await configFile.change([{ path: 'hub.name', value: 'Näme "x" \\ \u007f' }])
    expect((parseToml(read()) as { hub: unknown }).hub).toEqual({ name: 'Näme "x" \\ \u007f' })
    const real = join(dir, 'real.toml')
    writeFileSync(real, '# mine\n')
    const link = join(dir, 'link.toml')
    symlinkSync(real, link)
    const linked = new ConfigFile({
      file: link,
      overridden: [],
      load: () => loadConfig({ data: dir, config: link }, {}).config,
      running: loadConfig({ data: dir, config: link }, {}).config,
    })
    await linked.change([{ path: 'hub.name', value: 'B' }])
    expect(readFileSync(real, 'utf8')).toBe('# mine\n\n[hub]\nname = "B"\n')
  })

  it('[C6] one after another, so that none is lost', async () => {
    const { configFile } = bench('')
    const names = ['serial', 'usb', 'hid', 'mdns']
    await Promise.all(names.map((name) => configFile.change([{ path: `discovery.${name}`, value: false }])))
    expect(configFile.get().values.discovery).toMatchObject({
      serial: false,
      usb: false,
      hid: false,
      mdns: false,
    })
    expect(configFile.get().restart).toEqual(names.map((name) => `discovery.${name}`).sort())
  })

  it('[C6] means what was wanted in whatever way the file is written', () => {
    const layouts = [
      'http.port = 1\n',
      '[http]\r\nport = 1 # the port\r\n[log]\r\n',
      '[http]\n"port" = 1\n[tls]\nmode = "own"',
      '[[devices]]\nid = "a#]"\nport = """\n[http]\nport = 2\n"""\n[http]\nport=1',
      "x = '[http]'\n[ http ]\nport\t=\t1\n\n\n[log]\nlevel = 'info'",
      'http = { port = 1 }\n',
    ]
    const values = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.string(),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.constant(undefined),
    )
    const paths = fc.constantFrom('http.port', 'http.bind', 'tls.acme.email', 'log.level', 'hub.name')
    let [edited, refused] = [0, 0]
    fc.assert(
      fc.property(fc.constantFrom(...layouts), paths, values, (text, path, value) => {
        const result = editToml(text, { path: path.split('.'), value })
        if ('refused' in result) {
          refused++
          return
        }
        edited++
        const [table = '', ...rest] = path.split('.')
        const after = parseToml(result.text) as Record<string, unknown>
        const found = rest.reduce<unknown>(
          (inner, name) => (inner as Record<string, unknown> | undefined)?.[name],
          after[table],
        )
        expect(found).toEqual(value)
        const others = (document: Record<string, unknown>) =>
          JSON.stringify({ ...document, [table]: undefined })
        expect(others(after)).toBe(others(parseToml(text) as Record<string, unknown>))
      }),
      { numRuns: 500 },
    )
    expect(edited).toBeGreaterThan(300)
    expect(refused).toBeGreaterThan(5)
  })

  it.each([
    ['hub.nam', 'x', 'config_invalid', 'hub.nam'],
    ['hub', 'x', 'config_invalid', 'hub'],
    ['hub.name.x', 'x', 'config_invalid', 'hub.name.x'],
    ['__proto__.x', 'x', 'config_invalid', '__proto__.x'],
    ['http.port', 70_000, 'config_invalid', 'http.port'],
    ['http.port', '80', 'config_invalid', 'http.port'],
    ['network.hosts', ['a b'], 'config_invalid', 'network.hosts[0]'],
    ['network.hosts', [['a']], 'config_invalid', 'network.hosts'],
    ['tls.acme.hook', '/bin/sh', 'config_invalid', 'tls.acme.hook'],
    ['devices', [], 'config_invalid', 'devices'],
    ['log.level', 'debug', 'config_fixed', 'log.level'],
    ['log.level', null, 'config_fixed', 'log.level'],
    ['demo.enabled', true, 'config_invalid', 'demo.enabled'],
  ])('[C7] refuses %s = %j, and writes nothing', async (path, value, code, named) => {
    const text = '# mine\ndemo = { enabled = false }\n'
    const { configFile, read, file } = bench(text, { log: 'warn' })
    const error = await configFile
      .change([
        { path: 'hub.name', value: 'B' },
        { path, value },
      ])
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, context: { path: named } })
    expect(read()).toBe(text)
    expect(() => statSync(`${file}.bak`)).toThrow()
  })

  it('[C8] of the level of the log is in force at once', async () => {
    const hub = await HubBench.start()
    onTestFinished(() => hub.end())
    const after = await hub.call('config.set', {
      changes: [
        { path: 'log.level', value: 'debug' },
        { path: 'hub.name', value: 'B' },
      ],
    })
    expect(after.restart).toContain('hub.name')
    expect(after.restart).not.toContain('log.level')
    expect((await hub.call('log.read', {})).level).toBe('debug')
    expect(await codeOf(hub.call('config.set', { changes: [{ path: 'log.level', value: 'loud' }] }))).toBe(
      'config_invalid',
    )
    expect((await hub.call('log.read', {})).level).toBe('debug')
  })
})
