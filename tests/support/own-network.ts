/** A network namespace with addresses of its own, for what must not come from loopback. Any user may make one where the system lets him. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromiumPath } from './chromium.ts'

/** Root needs no user namespace, which some systems forbid; others need one to be root in. */
const asRoot = process.getuid?.() === 0

export class OwnNetwork {
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  /** undefined where this user may not make one. It ends with `stop`, or with this process. */
  static async start(addresses: readonly string[]): Promise<OwnNetwork | undefined> {
    const set = addresses.map((address) => `ip addr add ${address}/32 dev lo`)
    const holder = spawn(
      'unshare',
      [asRoot ? '-n' : '-rn', 'sh', '-c', ['ip link set lo up', ...set, 'echo up', 'exec cat'].join(' && ')],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    )
    const up = await Promise.race([
      once(holder.stdout, 'data').then(() => true),
      once(holder, 'exit').then(() => false),
      once(holder, 'error').then(() => false),
    ])
    return up ? new OwnNetwork(holder) : undefined
  }

  /** What to put before a command so that it runs in there. */
  get through(): string[] {
    const user = asRoot ? [] : ['-U', '--preserve-credentials']
    return ['nsenter', '-t', String(this.#holder.pid), ...user, '-n']
  }

  /** A program that is the browser in there. */
  browser(dir: string): string {
    const path = join(dir, 'chromium-inside')
    writeFileSync(path, `#!/bin/sh\nexec ${this.through.join(' ')} ${chromiumPath} "$@"\n`)
    chmodSync(path, 0o755)
    return path
  }

  stop(): void {
    this.#holder.stdin?.end()
  }
}
