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

export class Mosquitto {
  readonly port: number
  readonly dir: string
  readonly #child: ChildProcess
  readonly #listeners: ChildProcess[] = []
  readonly #exited: Promise<void>

  private constructor(port: number, dir: string) {
    this.port = port
    this.dir = dir
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
  async listen(...topics: string[]): Promise<Heard[]> {
    const heard: Heard[] = []
    // mosquitto_sub does not say when it listens: it is asked until it hears.
    const knock = `knock/${crypto.randomUUID()}`
    const args = [knock, ...topics].flatMap((topic) => ['-t', topic])
    const child = spawn('mosquitto_sub', ['-p', String(this.port), '-F', '>%r\t%t\t%p', ...args])
    this.#listeners.push(child)
    let rest = ''
    let ready = false
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [retained = '', topic = '', ...text] = line.slice(1).split('\t')
        if (topic === knock) ready = true
        else heard.push({ retained: retained === '1', topic, text: text.join('\t') })
      }
    })
    await until(async () => {
      await this.publish(knock, 'knock')
      return ready
    }, 'mosquitto_sub listens')
    return heard
  }

  async publish(topic: string, text: string, ...more: string[]): Promise<void> {
    await run('mosquitto_pub', ['-p', String(this.port), '-q', '1', '-t', topic, '-m', text, ...more])
  }

  /** Asks as MQTT 5 has it: with a response topic, and the answer that comes there. */
  async ask(topic: string, text: string, answerTo: string): Promise<unknown> {
    const args = [
      '-p',
      String(this.port),
      '-V',
      'mqttv5',
      '-q',
      '1',
      '-t',
      topic,
      '-e',
      answerTo,
      '-m',
      text,
      '-W',
      '8',
    ]
    const { stdout } = await run('mosquitto_rr', [
      ...args,
      '-D',
      'publish',
      'correlation-data',
      'c-1',
      '-F',
      '%D\t%p',
    ])
    const [correlation, answer = 'null'] = stdout.trim().split('\t')
    return { correlation, answer: JSON.parse(answer) as unknown }
  }

  /** Stands still as a machine that hangs: its sockets stay open. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  async end(): Promise<void> {
    for (const child of this.#listeners) child.kill('SIGKILL')
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
