/** How the tests start Debian's Chromium: no network of its own, a new profile each time. */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LaunchOptions } from 'playwright-core'

export const chromiumPath = '/usr/bin/chromium'

export const chromiumOptions: LaunchOptions = {
  executablePath: chromiumPath,
  args: [
    '--no-sandbox',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
}

/** Where a port on this machine pretends to be, as seen by Local Network Access. */
export type AddressSpace = 'public' | 'local' | 'loopback'

export interface Surroundings {
  /** Home of the browser; its own, with the roots that `trustRoot` put there. */
  home: string
  /** Ports of 127.0.0.1. */
  spaces: Readonly<Record<number, AddressSpace>>
  /** Names and addresses that lead to 127.0.0.1. */
  hosts: readonly string[]
}

/** A browser in a made-up network. */
export function chromiumIn({ home, spaces, hosts }: Surroundings): LaunchOptions {
  const overrides = Object.entries(spaces).map(([port, space]) => `127.0.0.1:${port}=${space}`)
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`)
  return {
    ...chromiumOptions,
    env: { ...process.env, HOME: home },
    args: [
      ...(chromiumOptions.args ?? []),
      `--ip-address-space-overrides=${overrides.join()}`,
      `--host-resolver-rules=${rules.join()}`,
    ],
  }
}

/** Installs a root certificate (a PEM file) for browsers with this home that are started from now on. */
export function trustRoot(home: string, file: string): void {
  const dir = join(home, '.pki', 'nssdb')
  const certutil = (...args: string[]) =>
    execFileSync('certutil', ['-d', `sql:${dir}`, ...args], { stdio: 'pipe' })
  if (mkdirSync(dir, { recursive: true }) !== undefined) certutil('-N', '--empty-password')
  certutil('-A', '-n', file, '-t', 'C,,', '-i', file)
}
