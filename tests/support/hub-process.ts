/** The real hub as a process of its own: started, asked, killed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { createClient, type HubClient } from '../../src/protocol/client.ts'
import type { Role } from '../../src/protocol/methods.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'bin', 'tillbridge.js')
const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` }

export interface CommandResult {
  code: number
  stdout: string
  stderr: string
}

/** Runs one command of the CLI to its end. */
export function tillbridge(args: readonly string[], input?: string): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(bin, [...args], { cwd: tmpdir(), env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
    if (input !== undefined) child.stdin?.end(input)
  })
}

export function temporaryDir(): string {
  return mkdtempSync(join(tmpdir(), 'tillbridge-e2e-'))
}

export interface HubProcessOptions {
  dir?: string
  /** More arguments for `start`. */
  args?: readonly string[]
  demo?: boolean
  /** For a hub that comes back where it was; any free one when left out. */
  port?: number
  /** A command that starts it and becomes it, such as setpriv for another user. */
  through?: readonly string[]
}

export class HubProcess {
  readonly dir: string
  readonly url: string
  /** Where https is served; undefined while there is no certificate. */
  readonly httpsUrl: string | undefined
  /** The link with which the first owner sets the hub up, while there is none. */
  readonly setUpUrl: string | undefined
  /** From spawn to the `ready` line, in ms. */
  readonly readyMs: number
  readonly #child: ChildProcess
  readonly #exited: Promise<number | null>
  readonly #clients: HubClient[] = []
  /** What it logged. */
  readonly log: () => string

  private constructor(parts: {
    dir: string
    url: string
    httpsUrl: string | undefined
    setUpUrl: string | undefined
    readyMs: number
    child: ChildProcess
    exited: Promise<number | null>
    log: () => string
  }) {
    this.dir = parts.dir
    this.url = parts.url
    this.httpsUrl = parts.httpsUrl
    this.setUpUrl = parts.setUpUrl
    this.readyMs = parts.readyMs
    this.#child = parts.child
    this.#exited = parts.exited
    this.log = parts.log
  }

  static async start(options: HubProcessOptions = {}): Promise<HubProcess> {
    const dir = options.dir ?? temporaryDir()
    const begun = performance.now()
    const [command = bin, ...before] = [...(options.through ?? []), bin]
    const child = spawn(
      command,
      [
        ...before,
        'start',
        '--json',
        '--data',
        dir,
        '--http',
        String(options.port ?? 0),
        options.demo === true ? '--demo' : '--no-demo',
        ...(options.args ?? []),
      ],
      { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let log = ''
    child.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-100_000)
    })
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const line = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        const end = text.indexOf('\n')
        if (end >= 0) resolve(text.slice(0, end))
      })
      void exited.then((code) => reject(new Error(`the hub ended with ${code}: ${log}`)))
    })
    const { ready, https, setup } = JSON.parse(line) as { ready: string; https?: string; setup?: string }
    return new HubProcess({
      dir,
      url: ready,
      httpsUrl: https,
      setUpUrl: setup,
      readyMs: performance.now() - begun,
      child,
      exited,
      log: () => log,
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async token(role: Role, name: string = role): Promise<string> {
    const { stdout, stderr } = await tillbridge([
      'pair',
      '--data',
      this.dir,
      '--role',
      role,
      '--name',
      name,
      '--json',
    ])
    const { token } = JSON.parse(stdout) as { token?: string }
    if (token === undefined) throw new Error(`no token: ${stdout} ${stderr}`)
    return token
  }

  /** The code in that link; empty without one. */
  get setUpCode(): string {
    return /#setup=(.*)$/.exec(this.setUpUrl ?? '')?.[1] ?? ''
  }

  /** Makes the first owner, as the set-up page does. Answers the cookie of the session. */
  async setUp(name = 'Olga', password = 'a password of its own'): Promise<string> {
    const response = await fetch(`${this.url}/api/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: this.setUpCode, name, password }),
    })
    if (!response.ok) throw new Error(`not set up: ${await response.text()}`)
    return response.headers.get('set-cookie')?.split(';')[0] ?? ''
  }

  /** A client that is online, closed with the hub. */
  async client(role: Role = 'technician', token?: string): Promise<HubClient> {
    const client = createClient({
      url: this.url,
      token: token ?? (await this.token(role)),
      client: `test ${role}`,
      WebSocket: WebSocket as never,
    })
    this.#clients.push(client)
    client.connect()
    await client.whenOnline()
    return client
  }

  async rpc(
    method: string,
    params: unknown,
    token: string,
  ): Promise<{ status: number; body: { result?: unknown; error?: unknown } }> {
    const response = await fetch(`${this.url}/api/v1/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    return { status: response.status, body: (await response.json()) as { result?: unknown; error?: unknown } }
  }

  /** Pulls the plug on the process: no signal handler runs. */
  async kill9(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close()
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /** Ends it as systemd does. Answers the exit code. */
  async stop(): Promise<number | null> {
    for (const client of this.#clients.splice(0)) client.close()
    this.#child.kill('SIGTERM')
    return this.#exited
  }

  async end(): Promise<void> {
    await this.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** Waits until the condition answers something, looking at each turn of the loop and after each `everyMs`. */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  msMax = 10_000,
): Promise<T> {
  const deadline = performance.now() + msMax
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`waited ${msMax} ms in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
