/** The care of a real hub: started again, backed up, taken to another box, shown to a helper. Rules of docs/care.md. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { benchOwner, benchPassword, openOwnedStore } from '../support/hub-bench.ts'
import { HubProcess, temporaryDir, tillbridge, until } from '../support/hub-process.ts'

const passphrase = 'correct horse battery'
const timeout = 60_000

async function ownedFolder(): Promise<string> {
  const dir = temporaryDir()
  const store = await openOwnedStore(dir)
  await store.close()
  return dir
}

/** Asks as a page of the hub does, whose user has logged in. */
async function logIn(hub: HubProcess): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json', origin: hub.url, 'x-tillbridge': '1' }
  const response = await fetch(`${hub.url}/api/v1/session`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: benchOwner.name, password: benchPassword }),
  })
  expect(response.status).toBe(200)
  return { ...headers, cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}

const codeIn = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { error?: { data?: { code?: string } } }).error?.data?.code

function secretFile(dir: string, text = passphrase): string {
  const file = join(dir, `passphrase-${text.length}`)
  writeFileSync(file, `${text}\n`)
  return file
}

let hub: HubProcess
let token: string
const outside = temporaryDir()
beforeAll(async () => {
  hub = await HubProcess.start({ dir: await ownedFolder() })
  token = await hub.token('technician')
}, timeout)
afterAll(async () => {
  await hub.end()
  rmSync(outside, { recursive: true })
})

const infoOf = async (): Promise<{ name: string; startedAt: string }> =>
  (await hub.rpc('hub.info', {}, token)).body.result as never

/** Waits until the hub answers that started after the one of `startedAt`. */
const startedAgain = (startedAt: string) =>
  until(
    async () => {
      const info = await infoOf().catch(() => undefined)
      return info !== undefined && info.startedAt !== startedAt && info
    },
    'the start of the hub',
    20_000,
  )

describe('hub.restart', () => {
  it('[C9] starts again in the same process, on the same port, with the configuration read anew', {
    timeout,
  }, async () => {
    const before = await infoOf()
    const client = await hub.client('technician', token)
    const { restart } = await client.call('config.set', { changes: [{ path: 'hub.name', value: 'Anew' }] })
    expect(restart).toEqual(['hub.name'])
    await client.call('hub.restart', {})
    const after = await startedAgain(before.startedAt)
    expect([before.name, after.name]).toEqual(['Tillbridge', 'Anew'])
    expect(JSON.parse(readFileSync(join(hub.dir, 'run.json'), 'utf8'))).toMatchObject({
      url: hub.url,
      pid: hub.pid,
    })
    await client.whenOnline()
    const { restart: left, overridden } = await client.call('config.get', {})
    expect([left, overridden]).toEqual([[], ['http.port', 'https.port', 'demo.enabled']])
    // Lines of both starts are in the book.
    expect((await client.call('log.read', { text: 'starting again' })).lines).toHaveLength(1)
    client.close()
  })

  it('[C9] is refused while the file is broken, and goes back where the new one does not come up', {
    timeout,
  }, async () => {
    const dir = await ownedFolder()
    const other = await HubProcess.start({ dir, args: ['--http', '0'] })
    onTestFinished(() => other.end())
    const access = await other.token('technician')
    const file = join(dir, 'tillbridge.toml')
    writeFileSync(file, '[hub]\nnam = 1\n')
    const refused = await other.rpc('hub.restart', {}, access)
    expect(JSON.stringify(refused.body.error)).toContain('hub.nam')
    // An address that this box has not: it cannot listen there.
    writeFileSync(file, '[hub]\nname = "New"\n[http]\nbind = "192.0.2.99"\n')
    await other.rpc('hub.restart', {}, access)
    const health = await until(
      async () => {
        const answer = await fetch(`${other.url}/api/v1/health`).catch(() => undefined)
        const { status, reasons } = ((await answer?.json().catch(() => undefined)) ?? {}) as {
          status?: string
          reasons?: string[]
        }
        return status === 'degraded' && reasons
      },
      'the hub to come back',
      20_000,
    )
    expect(health.join()).toContain('The configuration of the start before is in use')
    expect((await other.rpc('hub.info', {}, access)).body.result).toMatchObject({ name: 'Tillbridge' })
  })
})

describe('hub.restart and the end', () => {
  it('[C9] asked for twice it starts again once', { timeout }, async () => {
    const { startedAt } = await infoOf()
    const linesBefore = hub.log().split('starting again').length
    await Promise.all([hub.rpc('hub.restart', {}, token), hub.rpc('hub.restart', {}, token)])
    await startedAgain(startedAt)
    expect(hub.log().split('starting again').length - linesBefore).toBe(1)
  })

  it('[C9] told to end while it starts again it ends, and comes up from a plug that was pulled', {
    timeout,
  }, async () => {
    const dir = await ownedFolder()
    const other = await HubProcess.start({ dir })
    await other.rpc('hub.restart', {}, await other.token('technician'))
    await until(() => other.log().includes('starting again'), 'the restart')
    expect(await other.stop()).toBe(0)
    expect(existsSync(join(dir, 'run.json'))).toBe(false)

    const killed = await HubProcess.start({ dir })
    await killed.rpc('hub.restart', {}, await killed.token('technician'))
    await until(() => killed.log().includes('starting again'), 'the restart')
    await killed.kill9()
    const third = await HubProcess.start({ dir })
    onTestFinished(() => third.end())
    expect((await (await fetch(`${third.url}/api/v1/health`)).json()) as object).toMatchObject({
      status: 'ready',
    })
  })
})

describe('backup and restore', () => {
  it('[C13] [C15] from one box to another: tills stay paired, owners log in, the root is the same', {
    timeout,
  }, async () => {
    const till = await hub.token('cashier', 'Till 7')
    const file = join(outside, 'box.tbk')
    const args = ['--passphrase-file', secretFile(outside), '--json']
    const made = await tillbridge(['backup', file, '--data', hub.dir, ...args])
    expect([made.code, JSON.parse(made.stdout)]).toEqual([0, { file, bytes: statSync(file).size }])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await tillbridge(['backup', file, '--data', hub.dir, ...args])).stdout).toContain('--force')
    expect((await tillbridge(['backup', file, '--data', hub.dir, '--force', ...args])).code).toBe(0)

    const dir = join(outside, 'new', 'box')
    const wrong = await tillbridge([
      'restore',
      file,
      '--data',
      dir,
      '--json',
      '--passphrase-file',
      secretFile(outside, 'not the passphrase'),
    ])
    expect([wrong.code, wrong.stdout]).toEqual([1, expect.stringContaining('backup_passphrase')])
    const restored = await tillbridge(['restore', file, '--data', dir, ...args])
    expect([restored.code, JSON.parse(restored.stdout)]).toMatchObject([0, { restarted: false }])
    const root = (data: string) => readFileSync(join(data, 'tls', 'authority.pem'), 'utf8')
    expect(root(dir)).toBe(root(hub.dir))
    const twin = await HubProcess.start({ dir })
    onTestFinished(() => twin.end())
    expect((await twin.rpc('device.list', {}, till)).status).toBe(200)
    expect((await twin.rpc('hub.info', {}, till)).body.result).toMatchObject({ name: 'Anew' })
    await logIn(twin)
    expect(root(dir)).toBe(root(hub.dir))
  })

  it('[C15] restores through a running hub, which starts again', { timeout }, async () => {
    const dir = await ownedFolder()
    const other = await HubProcess.start({ dir })
    onTestFinished(() => other.end())
    const early = await other.token('cashier', 'Early')
    const file = join(outside, 'early.tbk')
    const args = ['--data', dir, '--passphrase-file', secretFile(outside)]
    expect((await tillbridge(['backup', file, ...args])).code).toBe(0)
    const late = await other.token('cashier', 'Late')
    expect((await other.rpc('ping', {}, late)).status).toBe(200)
    const { code, stdout, stderr } = await tillbridge(['restore', file, ...args])
    expect([code, stdout, stderr]).toEqual([0, expect.stringContaining('starts again'), ''])
    await until(
      async () => (await other.rpc('ping', {}, late).catch(() => undefined))?.status === 401,
      'the late till to be unknown',
      20_000,
    )
    await until(async () => (await other.rpc('ping', {}, early)).status === 200, 'the early till to be known')
    expect(readdirSync(dir).some((name) => name.startsWith('before-restore-'))).toBe(true)
    expect(existsSync(join(dir, 'restore-pending'))).toBe(false)
  })

  it('[C12] [C15] mends a running hub whose configuration is broken, and tells that the command line did it', {
    timeout,
  }, async () => {
    const dir = await ownedFolder()
    const other = await HubProcess.start({ dir })
    onTestFinished(() => other.end())
    const access = await other.token('technician')
    const file = join(outside, 'sound.tbk')
    const args = ['--data', dir, '--passphrase-file', secretFile(outside)]
    writeFileSync(join(dir, 'tillbridge.toml'), '[hub]\nname = "Sound"\n')
    expect((await tillbridge(['backup', file, ...args])).code).toBe(0)
    writeFileSync(join(dir, 'tillbridge.toml'), '[hub]\nnam = 1\n')
    const { code, stdout } = await tillbridge(['restore', file, ...args])
    expect([code, stdout]).toEqual([0, expect.stringContaining('Sound as of')])
    const named = async () => (await other.rpc('hub.info', {}, access)).body.result as { name?: string }
    await until(async () => (await named().catch(() => undefined))?.name === 'Sound', 'the restored hub')
    const { entries } = (await other.rpc('audit.list', { text: 'restore' }, access)).body.result as {
      entries: object[]
    }
    expect(entries).toMatchObject([
      {
        act: 'restore',
        who: 'command line of this box',
        result: 'done',
        detail: { backup: { name: 'Sound' } },
      },
    ])
  })

  it('[C15] works where a hub was killed and another process has its number now', { timeout }, async () => {
    const dir = await ownedFolder()
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const file = join(outside, 'killed.tbk')
    const args = ['--data', dir, '--passphrase-file', secretFile(outside)]
    writeFileSync(join(dir, 'run.json'), JSON.stringify({ url: 'http://127.0.0.1:9', pid: process.pid }))
    expect((await tillbridge(['backup', file, ...args])).code).toBe(0)
    expect(await tillbridge(['restore', file, ...args])).toMatchObject({ code: 0, stderr: '' })
    const out = join(outside, 'killed.tar.gz')
    expect(await tillbridge(['support-bundle', '--out', out, '--data', dir, '--json'])).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify({ file: out, running: false })}\n`,
    })
  })

  it('[C15] wants a passphrase from somewhere, and one file', async () => {
    const none = await tillbridge(['backup', join(outside, 'x.tbk'), '--data', hub.dir, '--json'], '')
    expect([none.code, none.stdout]).toEqual([1, expect.stringContaining('TILLBRIDGE_PASSPHRASE')])
    const short = await tillbridge(
      ['backup', join(outside, 'x.tbk'), '--data', hub.dir, '--passphrase-file', '-'],
      'short\n',
    )
    expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('10 to 200')])
    const without = await tillbridge(['restore', '--data', hub.dir])
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('exactly one file')])
    const empty = await tillbridge(['backup', join(outside, 'x.tbk'), '--data', join(outside, 'empty')])
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('no books')])
    expect(existsSync(join(outside, 'x.tbk'))).toBe(false)
    expect(existsSync(join(outside, 'empty'))).toBe(false)
  })
})

describe('over HTTP', () => {
  const post = (path: string, headers: Record<string, string>, body?: string | Buffer<ArrayBuffer>) =>
    fetch(`${hub.url}/api/v1/${path}`, { method: 'POST', headers, ...(body !== undefined && { body }) })
  const asked = JSON.stringify({ passphrase })
  const encoded = Buffer.from(passphrase).toString('base64url')

  it('[C14] backup and restore are the owner’s, the bundle is the technician’s, and all are in the audit log', {
    timeout,
  }, async () => {
    const bearer = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    expect(await codeIn(await post('backup', bearer, asked))).toBe('forbidden')
    expect(await codeIn(await post('restore', { ...bearer, 'tillbridge-passphrase': encoded }))).toBe(
      'forbidden',
    )
    expect((await post('backup', { 'content-type': 'application/json' }, asked)).status).toBe(401)
    expect(
      await codeIn(await post('support-bundle', { authorization: `Bearer ${await hub.token('monitor')}` })),
    ).toBe('forbidden')

    const owner = await logIn(hub)
    expect(await codeIn(await post('backup', owner, JSON.stringify({ passphrase: 'short' })))).toBe(
      'params_invalid',
    )
    const made = await post('backup', owner, asked)
    expect([made.status, made.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
    expect(made.headers.get('content-disposition')).toMatch(
      /^attachment; filename="tillbridge-anew-[\d-]+\.tbk"$/,
    )
    const file = Buffer.from(await made.arrayBuffer())
    await until(
      () => !readdirSync(hub.dir).some((name) => name.startsWith('work-')),
      'the work folder to be gone',
    )

    const octets = { ...owner, 'content-type': 'application/octet-stream' }
    expect(await codeIn(await post('restore', octets, file))).toBe('params_invalid')
    expect(
      await codeIn(
        await post('restore', { ...octets, 'tillbridge-passphrase': 'ä' }, file).catch(() =>
          post('restore', { ...octets, 'tillbridge-passphrase': '%' }, file),
        ),
      ),
    ).toBe('params_invalid')
    const wrong = Buffer.from('not the passphrase').toString('base64url')
    expect(await codeIn(await post('restore', { ...octets, 'tillbridge-passphrase': wrong }, file))).toBe(
      'backup_passphrase',
    )
    expect(
      await codeIn(
        await post('restore', { ...octets, 'tillbridge-passphrase': encoded }, file.subarray(0, -9)),
      ),
    ).toBe('backup_invalid')
    const { startedAt } = await infoOf()
    expect((await post('restore', { ...octets, 'tillbridge-passphrase': encoded }, file)).status).toBe(200)
    await startedAgain(startedAt)
    // The session is in the books that came back, and so is the till.
    const again = await logIn(hub)
    const bundle = await post('support-bundle', again)
    expect([bundle.status, bundle.headers.get('content-type')]).toEqual([200, 'application/gzip'])
    expect(gunzipSync(Buffer.from(await bundle.arrayBuffer())).toString()).toContain('doctor.json')
    const { entries } = (await hub.rpc('audit.list', { limit: 200 }, token)).body.result as {
      entries: { act: string; who: string }[]
    }
    const acts = entries.map(({ act, who }) => `${who} ${act}`)
    expect(acts).toContain(`${benchOwner.name} backup`)
    expect(acts).toContain(`${benchOwner.name} support-bundle`)
    // The restore is told of by the books that came; of those that were refused by the ones that were put aside.
    expect(entries.filter(({ act }) => act === 'restore')).toMatchObject([
      { who: benchOwner.name, role: 'owner', result: 'done' },
    ])
    expect(entries.find(({ act }) => act === 'backup')).toMatchObject({ result: null })
    expect(JSON.stringify(entries) + hub.log()).not.toContain(passphrase)
  })
})

describe('the commands', () => {
  it.each(['backup', 'restore', 'support-bundle'])('[C15] %s --help explains itself', async (command) => {
    const { code, stdout } = await tillbridge([command, '--help'])
    expect(code).toBe(0)
    for (const word of [`Usage: tillbridge ${command}`, '--data', '--json', '--config'])
      expect(stdout).toContain(word)
  })
})

describe('support-bundle', () => {
  it('[C15] [C16] tells of a running hub, and of a folder without one', { timeout }, async () => {
    const out = join(outside, 'running.tar.gz')
    const { code, stdout, stderr } = await tillbridge([
      'support-bundle',
      '--out',
      out,
      '--data',
      hub.dir,
      '--json',
    ])
    expect([code, stderr, JSON.parse(stdout)]).toEqual([0, '', { file: out, running: true }])
    const running = gunzipSync(readFileSync(out)).toString()
    for (const part of ['tillbridge_build_info', '"check": "runtime"', '"name": "Anew"', 'starting again'])
      expect(running, part).toContain(part)
    expect(running).not.toContain(token)
    expect((await tillbridge(['support-bundle', '--out', out, '--data', hub.dir])).code).toBe(1)

    const dir = join(outside, 'still')
    mkdirSync(dir)
    await tillbridge(['pair', '--data', dir, '--role', 'cashier', '--name', 'Till 9', '--json'])
    const still = join(outside, 'still.tar.gz')
    expect((await tillbridge(['support-bundle', '--out', still, '--data', dir])).code).toBe(0)
    const text = gunzipSync(readFileSync(still)).toString()
    for (const part of ['hub_not_running', '"check": "runtime"', 'books.db', 'Till 9'])
      expect(text, part).toContain(part)
  })
})
