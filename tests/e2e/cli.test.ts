/** The command line on a running hub and on none: text for people, JSON for programs, exit codes for scripts. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { HubProcess, temporaryDir, tillbridge, until } from '../support/hub-process.ts'

describe('without a hub', () => {
  const dir = temporaryDir()
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it.each(['start', 'devices', 'print', 'trace', 'pair', 'setup', 'revoke', 'doctor'])(
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

  it('[A16] setup and revoke work without a hub', { timeout: 30_000 }, async () => {
    const folder = temporaryDir()
    const json = async (...args: string[]) =>
      JSON.parse((await tillbridge([...args, '--data', folder, '--json'])).stdout)
    const { token } = await json('pair', '--role', 'cashier', '--name', 'Till 1')
    const { code } = await json('setup')
    expect(code).toMatch(/^[0-9A-Z]{10}$/)
    expect(await json('revoke', 'Till 1')).toMatchObject({ revoked: { name: 'Till 1' } })
    expect(await json('revoke', '--all-sessions')).toEqual({ ended: 0 })
    const hub = await HubProcess.start({ dir: folder })
    expect((await hub.rpc('ping', {}, token)).status).toBe(401)
    await hub.end()
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

  it('[A16] makes itself a new token when its own was taken back or lost', { timeout: 30_000 }, async () => {
    expect((await run('devices')).code).toBe(0)
    const client = await hub.client()
    const own = async () =>
      (await client.call('token.list', {})).tokens.filter(({ name }) => name === 'command line of this box')
    for (const { id } of await own()) await client.call('token.revoke', { id })
    expect((await run('devices')).code).toBe(0)
    expect(await own()).toHaveLength(1)
    // A folder that lost the file: what was in it is nobody's any more.
    const store = await openStore({ dir: hub.dir, inline: true })
    const lost = {
      id: 'lost',
      name: 'command line of this box',
      role: 'owner',
      hash: 'x',
      createdAt: 1,
    } as const
    await store.access.insertToken(lost)
    await store.close()
    rmSync(join(hub.dir, 'cli.token'))
    expect((await run('devices')).code).toBe(0)
    expect((await own()).map(({ id }) => id)).not.toContain('lost')
    // It takes back the very token it came with.
    for (const { id } of await own()) expect(await json('revoke', id)).toMatchObject({ revoked: { id } })
    expect(await own()).toEqual([])
  })

  it('doctor finds the hub well', async () => {
    const { findings } = JSON.parse((await run('doctor', '--json')).stdout) as {
      findings: { check: string; result: string }[]
    }
    expect(findings.find(({ check }) => check === 'hub')?.result).toBe('ok')
    expect(findings.find(({ check }) => check === 'store')?.result).toBe('ok')
  })

  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)
  const setUp = (url: string, name: string) =>
    fetch(`${hub.url}/api/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: url.split('#setup=')[1], name, password: 'eleven pipers piping' }),
    })

  it('[A2] the link that start prints sets the hub up, once', async () => {
    const link = hub.setUpUrl ?? ''
    expect(link).toContain(`${hub.url}/#setup=`)
    const first = await setUp(link, 'Ada')
    expect([first.status, await first.json()]).toEqual([
      200,
      { user: expect.any(String), name: 'Ada', role: 'owner' },
    ])
    expect((await setUp(link, 'Mallory')).status).toBe(409)
  })

  it('[A3] setup --reset makes a code although there is an owner, setup alone does not', {
    timeout: 30_000,
  }, async () => {
    expect(await json('setup')).toMatchObject({ error: { code: 'setup_done' } })
    const { code, setup } = (await json('setup', '--reset')) as { code: string; setup: string }
    expect(setup).toBe(`${hub.url}/#setup=${code}`)
    expect((await setUp(setup, 'Bea')).status).toBe(200)
    expect((await setUp(setup, 'Mallory')).status).toBe(409)
  })

  it('[A16] revoke closes the connections of a client of the running hub at once, and logs everybody out', {
    timeout: 60_000,
  }, async () => {
    const token = await hub.token('cashier', 'Bar')
    const client = await hub.client('cashier', token)
    const refused = new Promise<void>((resolve) =>
      client.onStatus((status) => {
        if (status === 'refused') resolve()
      }),
    )
    expect(await json('revoke', 'nobody')).toMatchObject({ error: { code: 'token_unknown' } })
    expect((await run('revoke')).code).toBe(1)
    expect(await json('revoke', 'bar')).toMatchObject({ revoked: { name: 'Bar' } })
    await refused
    expect((await hub.rpc('ping', {}, token)).status).toBe(401)
    await hub.token('cashier', 'Twin')
    await hub.token('cashier', 'Twin')
    expect(await json('revoke', 'Twin')).toMatchObject({ error: { code: 'params_invalid' } })
    expect(((await json('revoke', '--all-sessions')) as { ended: number }).ended).toBe(2)
    expect(await json('revoke', '--all-sessions')).toEqual({ ended: 0 })
  })

  it('[A16] pair holds a till to devices, and all of it is audited as the command line', {
    timeout: 30_000,
  }, async () => {
    const args = [
      '--role',
      'cashier',
      '--name',
      'Terrace',
      '--device',
      'demo-printer',
      '--device',
      'demo-scale',
    ]
    const { token } = (await json('pair', ...args)) as { token: string }
    const { body } = await hub.rpc('device.list', {}, token)
    const { devices } = body.result as { devices: { id: string }[] }
    expect(devices.map(({ id }) => id).sort()).toEqual(['demo-printer', 'demo-scale'])
    const badDevice = ['--role', 'cashier', '--name', 'x', '--device', '../x']
    expect(await json('pair', ...badDevice)).toMatchObject({ error: { context: { path: '--device' } } })
    const technician = await hub.client()
    const { entries } = await technician.call('audit.list', { text: 'command line' })
    const acts = entries.map(({ act, result }) => `${act} ${result}`)
    expect(acts).toEqual(expect.arrayContaining(['pair done', 'setup.code done', 'token.revoke done']))
    expect(entries[1]?.detail).toMatchObject({ name: 'Terrace', devices: ['demo-printer', 'demo-scale'] })
    expect(JSON.stringify(entries)).not.toContain(token)
  })
})
