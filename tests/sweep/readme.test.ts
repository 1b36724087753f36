/** What the README shows is run as it stands there, against a real hub: only host, token and code are put in. */
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/hub/config.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, root, temporaryDir, tillbridge, until } from '../support/hub-process.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}))
const blocksOf = (language: string): string[] =>
  blocks.filter((block) => block.language === language).map(({ text }) => text)
const shellWith = (words: string): string =>
  blocksOf('sh').find((text) => text.includes(words)) ?? `no block with ${words}`

describe('the README', () => {
  it('has the examples that are tested here, and no others', () => {
    expect(blocks.map(({ language }) => language).sort()).toEqual([
      'js',
      'sh',
      'sh',
      'sh',
      'sh',
      'sh',
      'sh',
      'toml',
    ])
  })

  it('names every command and every flag of start, and none that is not there', async () => {
    const { stdout: overview } = await tillbridge(['--help'])
    const commands = [...overview.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)
    expect(commands).toHaveLength(13)
    const named = [...readme.matchAll(/npx tillbridge\s([a-z-]+)/g)].map(([, name]) => name)
    expect([...new Set(named)].sort()).toEqual(commands.sort())

    const { stdout: help } = await tillbridge(['start', '--help'])
    const flags = [...readme.matchAll(/^\| `(--[a-z]+)/gm)].map(([, flag = '']) => flag)
    expect(flags).toHaveLength(8)
    for (const flag of flags) expect(help).toContain(`${flag} `)
  })

  it('shows a configuration that is one', () => {
    const [toml = ''] = blocksOf('toml')
    const { devices } = parseConfig(parseToml(toml), 'README.md')
    expect(devices.map(({ driver }) => driver)).toEqual(['escpos', 'toledo-8217'])
  })
})

describe('the examples of the README', () => {
  let hub: HubProcess
  let technician: HubClient
  const folder = temporaryDir()

  beforeAll(async () => {
    hub = await HubProcess.start({ demo: true })
    technician = await hub.client()
    await until(
      async () =>
        (await technician.call('device.list', {})).devices.every(
          ({ state, port }) => state === 'ready' || port.startsWith('page:'),
        ),
      'the demo',
    )
  }, 60_000)
  afterAll(async () => {
    await hub?.end()
    rmSync(folder, { recursive: true, force: true })
  })

  const forHub = (example: string, token = ''): string =>
    example.replaceAll('http://HUB:8080', hub.url).replaceAll('TOKEN', token)

  it('the page of a POS: weight, receipt, drawer and scan', { timeout: 120_000 }, async () => {
    const [example = ''] = blocksOf('js')
    // Node imports no module from the network: what the hub serves is laid beside the example.
    await download(hub.url, 'client.js', folder)
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const local = example.replace('http://HUB:8080/client.js', './client.js')
    writeFileSync(join(folder, 'example.js'), forHub(local, await hub.token('cashier')))

    const page = spawn(process.execPath, [join(folder, 'example.js')], { stdio: ['ignore', 'pipe', 'pipe'] })
    try {
      let output = ''
      for (const stream of [page.stdout, page.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString()
        })
      }
      await until(() => output.includes('drawer:') || page.exitCode !== null, 'the drawer', 60_000)
      expect(output).toMatch(
        /^weight: \d+\.\d{3} kg\nreceipt: done, confirmed by the printer: true\ndrawer: done\n$/,
      )
      await technician.call('demo.order', {
        device: 'demo-scanner',
        order: { order: 'scan', code: '4006381333931', aim: ']E0' },
      })
      await until(() => output.includes('scan of'), 'the scan')
      expect(output).toContain('scan of demo-scanner: 4006381333931')
      const { svg, drawerOpen } = await technician.call('demo.paper', { device: 'demo-printer' })
      expect(drawerOpen).toBe(true)
      expect(svg.length).toBeGreaterThan(1_000)
    } finally {
      page.kill()
    }
  })

  it('curl prints, and sent twice it prints once', async () => {
    const command = forHub(shellWith('api/v1/rpc'), await hub.token('cashier'))
    const first = JSON.parse(await shell(command)) as { result: { id: string; createdAt: string } }
    expect(first.result).toMatchObject({ id: 'sale-1042', device: 'demo-printer', kind: 'print' })
    const done = await technician.call('job.wait', { id: 'sale-1042', ms: 10_000 })
    expect(done).toMatchObject({ state: 'done', attempts: 1, outcome: { confirmed: true } })
    const again = JSON.parse(await shell(command)) as { result: { state: string; createdAt: string } }
    expect(again.result).toMatchObject({ state: 'done', attempts: 1, createdAt: first.result.createdAt })
  })

  it('curl sets the hub up, and redeems the code that the command line made', async () => {
    const redeem = async (given: string) =>
      JSON.parse(await shell(forHub(shellWith('api/v1/pair').replace('123456', given)))) as {
        token: string
        role?: string
      }
    // Nobody gets in before there is an owner.
    expect(JSON.stringify(await redeem('123456'))).toContain('setup_required')
    const setUpCode = /#setup=(.*)$/.exec(hub.setUpUrl ?? '')?.[1] ?? 'no code'
    const setUp = forHub(shellWith('api/v1/setup')).replace('SETUP-CODE', setUpCode)
    expect(JSON.parse(await shell(setUp))).toMatchObject({ name: 'Olga', role: 'owner' })

    const [, codeCommand = ''] = shellWith('tillbridge pair').split('\n')
    expect(codeCommand).toMatch(/ --code /)
    const args = ['pair', '--data', hub.dir, '--role', 'cashier', '--name', 'Till 1', '--code', '--json']
    const { code } = JSON.parse((await tillbridge(args)).stdout) as { code: string }
    expect(code).toMatch(/^\d{6}$/)
    const answer = await redeem(code)
    expect(answer).toMatchObject({ role: 'cashier' })
    expect((await hub.rpc('device.list', {}, answer.token)).status).toBe(200)
  })
})

/** A module of the hub with all it imports, kept in the same places. The pages may still be being built. */
async function download(url: string, path: string, folder: string): Promise<void> {
  const response = await until(
    async () => {
      const answer = await fetch(`${url}/${path}`)
      return answer.ok && answer
    },
    path,
    60_000,
  )
  const text = await response.text()
  mkdirSync(join(folder, dirname(path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  for (const [, name = ''] of text.matchAll(/from\s*["'](\.[^"']+)["']/g))
    await download(url, posix.join(posix.dirname(path), name), folder)
}

function shell(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', ['-c', command], (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${error.message}\n${stderr}`))
    })
  })
}
