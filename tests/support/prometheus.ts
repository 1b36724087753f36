/** Somebody else's eyes: Debian's Prometheus, which reads the figures of hubs and answers expressions about them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { until } from './hub-process.ts'

export interface Answer {
  status: string
  error?: string
  result: { metric: Record<string, string>; value: [number, string] }[]
}

export class Prometheus {
  readonly #url: string
  readonly #dir: string
  readonly #child: ChildProcess
  readonly #exited: Promise<void>

  private constructor(url: string, dir: string, args: readonly string[]) {
    this.#url = url
    this.#dir = dir
    this.#child = spawn('prometheus', [...args], { stdio: 'ignore' })
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()))
  }

  /** Reads `/metrics` of each target, `HOST:PORT`, every second, as the job `tillbridge`. */
  static async start(targets: readonly string[]): Promise<Prometheus> {
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-prometheus-'))
    const file = join(dir, 'prometheus.yml')
    const scrape = { job_name: 'tillbridge', static_configs: [{ targets }] }
    // YAML takes JSON as it is.
    writeFileSync(file, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [scrape] }))
    const at = `127.0.0.1:${await freePort()}`
    const args = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=${at}`,
    ]
    const prometheus = new Prometheus(`http://${at}`, dir, args)
    await until(
      () =>
        fetch(`http://${at}/-/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      'Prometheus is ready',
    )
    return prometheus
  }

  async ask(expression: string): Promise<Answer> {
    const response = await fetch(`${this.#url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expression }),
    })
    const { data, error, status } = (await response.json()) as {
      status: string
      error?: string
      data?: { result: Answer['result'] }
    }
    return { status, result: data?.result ?? [], ...(error !== undefined && { error }) }
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
