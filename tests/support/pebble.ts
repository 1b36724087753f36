/** Let's Encrypt's test authority with its DNS, and a hook that writes to it; ended by their ids. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { vi } from 'vitest'
import { freePort } from './free-port.ts'
import { TestRoot } from './openssl.ts'

export class Pebble {
  /** Whose certificate the authority's own web server has. */
  readonly rootFile: string
  readonly hook: string
  readonly directory: string
  readonly #children: ChildProcess[] = []
  readonly #hookLog: string
  #management = 0

  private constructor(dir: string, port: number) {
    this.rootFile = join(dir, 'root.pem')
    this.hook = join(dir, 'hook')
    this.#hookLog = join(dir, 'hook.log')
    this.directory = `https://127.0.0.1:${port}/dir`
  }

  /** Its files go into the folder, which the caller removes. */
  static async start(dir: string): Promise<Pebble> {
    mkdirSync(dir, { recursive: true })
    const [port = 0, management = 0, dns = 0, records = 0] = await Promise.all([1, 2, 3, 4].map(freePort))
    const pebble = new Pebble(dir, port)
    pebble.#management = management
    const server = new TestRoot(dir).issue('IP:127.0.0.1')
    writeFileSync(join(dir, 'server.key'), server.key)
    const config = {
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: server.file,
        privateKey: join(dir, 'server.key'),
        httpPort: 5002,
        tlsPort: 5001,
      },
    }
    writeFileSync(join(dir, 'pebble.json'), JSON.stringify(config))
    const off = ['-http01', '', '-https01', '', '-tlsalpn01', '']
    pebble.#run('pebble-challtestsrv', [
      ...off,
      '-dns01',
      `127.0.0.1:${dns}`,
      '-management',
      `127.0.0.1:${records}`,
    ])
    pebble.#run('pebble', ['-config', join(dir, 'pebble.json'), '-dnsserver', `127.0.0.1:${dns}`])
    const post = (path: string, body: string) =>
      `curl -sSf -X POST -d "${body}" http://127.0.0.1:${records}/${path}`
    writeFileSync(
      pebble.hook,
      `#!/bin/sh
echo "$1 $2 $3" >> ${pebble.#hookLog}
case "$1" in
  set) ${post('set-txt', '{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}')} ;;
  clear) ${post('clear-txt', '{\\"host\\":\\"$2.\\"}')} ;;
esac
`,
    )
    chmodSync(pebble.hook, 0o755)
    await vi.waitFor(() => pebble.#get(pebble.directory), { timeout: 10_000 })
    return pebble
  }

  /** What the hook was told, in order. */
  hookCalls(): string[] {
    return existsSync(this.#hookLog) ? readFileSync(this.#hookLog, 'utf8').trim().split('\n') : []
  }

  /** The root below which it issues; made anew at each start. */
  issuingRoot(): Promise<string> {
    return this.#get(`https://127.0.0.1:${this.#management}/roots/0`)
  }

  async stop(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null) continue
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await ended
    }
  }

  #run(program: string, args: string[]): void {
    const env = {
      ...process.env,
      PEBBLE_VA_NOSLEEP: '1',
      PEBBLE_WFE_NONCEREJECT: '15',
      PEBBLE_AUTHZREUSE: '0',
    }
    this.#children.push(spawn(program, args, { stdio: 'ignore', env }))
  }

  #get(url: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request(url, { ca: readFileSync(this.rootFile) }, (response) => {
        let body = ''
        response.on('data', (part) => (body += String(part)))
        response.on('end', () => resolve(body))
      })
      asked.on('error', reject)
      asked.end()
    })
  }
}
