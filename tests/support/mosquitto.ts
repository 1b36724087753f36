/** Somebody else's MQTT broker and clients: Debian's mosquitto, mosquitto_sub, mosquitto_pub and mosquitto_rr. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { until } from './hub-process.ts'

const run = promisify(execFile)

export interface Heard {
  retained: boolean
  topic: string
  text: string
}

interface BrokerOptions {
  port?: number
  /** Lines of its configuration in place of `allow_anonymous true`; FOLDER is where `files` are. */
  lines?: readonly string[]
  files?: Readonly<Record<string, string>>
}

/** mosquitto_sub, mosquitto_pub and mosquitto_rr with a broker on a port of this machine. */
export class MosquittoClients {
  readonly #port: number
  readonly #credentials: readonly string[]
  readonly #listeners: ChildProcess[] = []

  /** `credentials`: arguments such as `-P PASSWORD` and `--cafile FILE`. */
  constructor(port: number, ...credentials: string[]) {
    this.#port = port
    this.#credentials = credentials
  }

  async listen(...topics: string[]): Promise<Heard[]> {
    return (await this.follow(topics)).heard
  }

  /** mosquitto_sub itself, with what it hears. Settles when it listens, and is refused when it may not. */
  async follow(
    topics: readonly string[],
    ...more: string[]
  ): Promise<{ child: ChildProcess; heard: Heard[]; said: () => string }> {
    const heard: Heard[] = []
    const args = topics.flatMap((topic) => ['-t', topic])
    // It says when it listens, but keeps that for itself until there is more to say.
    const prompt = ['-oL', 'mosquitto_sub']
    const child = spawn('stdbuf', [
      ...prompt,
      ...this.#args,
      ...['-d', '-F', '>%r\t%t\t%p'],
      ...args,
      ...more,
    ])
    this.#listeners.push(child)
    let [rest, said, ended] = ['', '', false]
    const { promise: listens, reject, resolve } = Promise.withResolvers<void>()
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line.startsWith('>')) {
          const [retained = '', topic = '', ...text] = line.slice(1).split('\t')
          heard.push({ retained: retained === '1', topic, text: text.join('\t') })
        } else {
          said += `${line}\n`
          // 128: a topic that the broker does not give.
          if (/^Subscribed \(mid: \d+\): (?!128)/.test(line)) resolve()
        }
      }
    })
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    child.once('close', () => {
      ended = true
      reject(new Error(`mosquitto_sub does not listen: ${said}`))
    })
    await listens
    return { child, heard, said: () => (ended ? `${said}(ended)` : said) }
  }

  async publish(topic: string, text: string, ...more: string[]): Promise<void> {
    await run('mosquitto_pub', [...this.#args, '-q', '1', '-t', topic, '-m', text, ...more])
  }

  async ask(topic: string, text: string, answerTo: string): Promise<unknown> {
    const asks = ['-V', 'mqttv5', '-q', '1', '-t', topic, '-e', answerTo, '-m', text, '-W', '8']
    const shows = ['-D', 'publish', 'correlation-data', 'c-1', '-F', '%D\t%p']
    const { stdout } = await run('mosquitto_rr', [...this.#args, ...asks, ...shows])
    const [correlation, answer = 'null'] = stdout.trim().split('\t')
    return { correlation, answer: JSON.parse(answer) as unknown }
  }

  end(): void {
    for (const child of this.#listeners) child.kill('SIGKILL')
  }

  get #args(): string[] {
    return ['-p', String(this.#port), ...this.#credentials]
  }
}

export class Mosquitto {
  readonly port: number
  readonly dir: string
  readonly #child: ChildProcess
  readonly #clients: MosquittoClients
  readonly #exited: Promise<void>

  private constructor(port: number, dir: string) {
    this.port = port
    this.dir = dir
    this.#clients = new MosquittoClients(port)
    this.#child = spawn('mosquitto', ['-c', join(dir, 'mosquitto.conf')], { stdio: 'ignore' })
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()))
  }

  static async start({ files = {}, lines, port }: BrokerOptions = {}): Promise<Mosquitto> {
    const at = port ?? (await freePort())
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-mosquitto-'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text, { mode: 0o644 })
    const settings = (lines ?? ['allow_anonymous true']).map((line) => line.replaceAll('FOLDER', dir))
    // It would become another user, who may not read the folder.
    const text = [`listener ${at} 127.0.0.1`, 'user root', 'persistence false', ...settings].join('\n')
    writeFileSync(join(dir, 'mosquitto.conf'), `${text}\n`)
    const broker = new Mosquitto(at, dir)
    await until(() => answers(at), 'mosquitto listens')
    return broker
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  /** What mosquitto_sub hears from now on, what is retained first. Settles when it listens. */
  listen(...topics: string[]): Promise<Heard[]> {
    return this.#clients.listen(...topics)
  }

  publish(topic: string, text: string, ...more: string[]): Promise<void> {
    return this.#clients.publish(topic, text, ...more)
  }

  /** Asks as MQTT 5 has it: with a response topic, and the answer that comes there. */
  ask(topic: string, text: string, answerTo: string): Promise<unknown> {
    return this.#clients.ask(topic, text, answerTo)
  }

  /** Stands still as a machine that hangs: its sockets stay open. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  async end(): Promise<void> {
    this.#clients.end()
    this.#child.kill('SIGKILL')
    await this.#exited
    rmSync(this.dir, { recursive: true, force: true })
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
