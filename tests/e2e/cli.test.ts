/** The command line on a running hub and on none: text for people, JSON for programs, exit codes for scripts. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HubProcess, temporaryDir, tillbridge, until } from '../support/hub-process.ts'

describe('without a hub', () => {
  const dir = temporaryDir()
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it.each(['start', 'devices', 'print', 'trace', 'pair', 'doctor'])(
    '%s --help explains itself',
    async (command) => {
      const { code, stdout } = await tillbridge([command, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain(`Usage: tillbridge ${command}`)
      expect(stdout).toContain('--data')
      expect(stdout).toContain('--json')
    },
  )

  it('says what is wrong and exits with 2 for wrong use, 3 for no hub, 1 for a failure', async () => {
    expect((await tillbridge([])).code).toBe(2)
    const unknown = await tillbridge(['dance'])
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('no command dance')])
    expect((await tillbridge(['devices', '--colour'])).code).toBe(2)
    const away = await tillbridge(['devices', '--data', dir, '--json'])
    expect(away.code).toBe(3)
    expect(JSON.parse(away.stdout)).toMatchObject({ error: { code: 'hub_not_running', who: 'technician' } })
    const role = await tillbridge(['pair', '--data', dir, '--role', 'boss', '--name', 'x'])
    expect([role.code, role.stderr]).toEqual([1, expect.stringContaining('--role')])
  })

  it('pair makes a token before the hub ever ran, and the hub knows it', { timeout: 30_000 }, async () => {
    const { stdout, code } = await tillbridge([
      'pair',
      '--data',
      dir,
      '--role',
      'cashier',
      '--name',
      'Till 1',
      '--json',
    ])
    expect(code).toBe(0)
    const { token } = JSON.parse(stdout) as { token: string }
    const hub = await HubProcess.start({ dir })
    expect((await hub.rpc('device.list', {}, token)).status).toBe(200)
    expect((await hub.rpc('device.list', {}, `${token}x`)).status).toBe(401)
    expect((await hub.rpc('pair.code', { role: 'cashier' }, token)).status).toBe(403)
    expect(hub.log()).not.toContain(token)
    await hub.stop()
  })

  it('a broken configuration is told with its path, and by doctor as well', async () => {
    const broken = temporaryDir()
    mkdirSync(broken, { recursive: true })
    writeFileSync(join(broken, 'tillbridge.toml'), '[http]\nprot = 80\n')
    const started = await tillbridge(['start', '--data', broken])
    expect(started.code).toBe(1)
    expect(started.stderr).toMatch(/http\.prot.*not a known field.*config_invalid/)
    const doctor = await tillbridge(['doctor', '--data', broken, '--json'])
    expect(doctor.code).toBe(1)
    expect(doctor.stdout).toContain('http.prot')
    rmSync(broken, { recursive: true, force: true })
  })
})

describe('after a hub', () => {
  it('a run.json whose process number is another program’s by now is no hub', {
    timeout: 30_000,
  }, async () => {
    const dir = temporaryDir()
    writeFileSync(join(dir, 'run.json'), JSON.stringify({ url: 'http://127.0.0.1:9', pid: process.pid }))
    const { code, stdout } = await tillbridge(['devices', '--data', dir, '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'hub_not_running' } })
    rmSync(dir, { recursive: true, force: true })
  })

  it('[J21] stops in good order although its run.json cannot be removed', { timeout: 30_000 }, async () => {
    const hub = await HubProcess.start()
    const file = join(hub.dir, 'run.json')
    rmSync(file)
    // A folder in its place: removed by nobody, as on a disk that became read-only.
    mkdirSync(join(file, 'in-the-way'), { recursive: true })
    const code = await Promise.race([
      hub.stop(),
      new Promise<string>((resolve) => setTimeout(resolve, 10_000, 'still there').unref()),
    ])
    if (code !== 0) process.kill(hub.pid, 'SIGKILL')
    expect(code).toBe(0)
    rmSync(hub.dir, { recursive: true, force: true })
  })
})

describe('with a hub', () => {
  let hub: HubProcess
  beforeAll(async () => {
    hub = await HubProcess.start({ demo: true })
    const client = await hub.client()
    await until(
      async () =>
        (await client.call('device.list', {})).devices.every(
          ({ state, port }) => state === 'ready' || port.startsWith('page:'),
        ),
      'the demo',
    )
  })
  afterAll(() => hub.end())

  const run = (...args: string[]) => tillbridge([...args, '--data', hub.dir])

  it('devices lists what is there', async () => {
    const text = await run('devices')
    expect(text.code).toBe(0)
    expect(text.stdout).toMatch(/demo-printer\s+printer\s+ready/)
    const { devices } = JSON.parse((await run('devices', '--json')).stdout) as {
      devices: { class: string; demo: boolean }[]
    }
    expect([...new Set(devices.map((device) => device.class))].sort()).toEqual([
      'display',
      'drawer',
      'printer',
      'scale',
      'scanner',
    ])
    expect(devices.every(({ demo }) => demo)).toBe(true)
  })

  it('print prints a text, a file, standard input and an image, and knows the outcome', {
    timeout: 60_000,
  }, async () => {
    const file = join(hub.dir, 'note.txt')
    writeFileSync(file, 'Grüße aus der Datei\n')
    const picture = new PNG({ width: 64, height: 64 })
    picture.data.fill(0x40)
    writeFileSync(join(hub.dir, 'logo.png'), PNG.sync.write(picture))
    const text = await run('print', '--text', 'Hello', '--json')
    expect([text.code, JSON.parse(text.stdout)]).toEqual([
      0,
      expect.objectContaining({ state: 'done', outcome: { confirmed: true, copies: 1 } }),
    ])
    expect((await run('print', '--file', file)).stdout).toContain('confirmed')
    expect((await run('print', '--image', join(hub.dir, 'logo.png'), '--copies', '2')).code).toBe(0)
    expect((await tillbridge(['print', '--file', '-', '--data', hub.dir], 'from a pipe\n')).code).toBe(0)
    expect((await run('print', '--file', '/no/such/file')).stderr).toContain('/no/such/file')
    expect((await run('print')).stderr).toContain('exactly one')
    expect((await run('print', '--text', 'x', '--device', 'nope')).stderr).toContain('device_unknown')
  })

  it('[J21] a second hub on the folder is refused, and the first one is none the worse', {
    timeout: 30_000,
  }, async () => {
    const second = await run('start', '--http', '0', '--json')
    expect(second.code).toBe(1)
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: 'data_in_use' } })
    expect((await run('devices')).code).toBe(0)
  })

  it('makes itself a new token when its own was taken back', { timeout: 30_000 }, async () => {
    expect((await run('devices')).code).toBe(0)
    const client = await hub.client()
    const own = async () =>
      (await client.call('token.list', {})).tokens.filter(({ name }) => name === 'command line')
    for (const { id } of await own()) await client.call('token.revoke', { id })
    expect((await run('devices')).code).toBe(0)
    expect(await own()).toHaveLength(1)
  })

  it('doctor finds the hub well', async () => {
    const { findings } = JSON.parse((await run('doctor', '--json')).stdout) as {
      findings: { check: string; result: string }[]
    }
    expect(findings.find(({ check }) => check === 'hub')?.result).toBe('ok')
    expect(findings.find(({ check }) => check === 'store')?.result).toBe('ok')
  })

  it('the link that start prints pairs a browser, once', async () => {
    const code = hub.pairUrl?.split('#code=')[1] ?? ''
    const pair = () =>
      fetch(`${hub.url}/api/v1/pair`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code, name: 'browser' }),
      })
    const first = await pair()
    expect([first.status, await first.json()]).toEqual([
      200,
      { token: expect.stringMatching(/^tb_/), role: 'technician' },
    ])
    expect((await pair()).status).toBe(403)
  })
})
