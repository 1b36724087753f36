/** The part of `tillbridge doctor` that looks at the box around the hub: clock, rights, ports, certificate, names, origins, set-up. */
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { originOf } from '../hub/access/origins.ts'
import type { Config } from '../hub/config.ts'
import { isCertified, isLoopback, isServed, safeName } from '../hub/host-names.ts'
import { isFor, notAfterOf, notBeforeOf } from '../hub/tls/certificate.ts'
import { acmeFile, leafFile } from '../hub/tls/file-names.ts'
import { errorText } from '../protocol/errors.ts'
import type { Store } from '../store/store.ts'
import type { Finding } from './finding.ts'
import { readProcesses, readText } from './system-files.ts'

export const boxCheckLimits = {
  /** A clock before this is one that lost its battery: this version did not exist then. */
  yearMin: 2026,
  yearMax: 2100,
  answerMsMax: 3_000,
  /** A certificate that ends sooner is worth a word. */
  certificateDaysMin: 14,
} as const

export interface BoxFacts {
  data: string
  /** undefined when it is broken. */
  config: Config | undefined
  /** Process number of the hub of this folder, when it runs. */
  hubPid: number | undefined
  /** ms since 1970. */
  now: number
  /** Addresses of this box; those of its interfaces unless a test says otherwise. */
  addresses?: readonly string[]
  /** What `timedatectl show -p NTPSynchronized --value` prints; undefined without that program. */
  synchronised?: () => Promise<string | undefined>
  resolve?: (name: string) => Promise<readonly string[]>
}

/** All findings; each says what is to be done. */
export async function checkBox(facts: BoxFacts): Promise<Finding[]> {
  const { config, data, hubPid, now } = facts
  const clock = await checkClock(now, facts.synchronised ?? askTimedatectl)
  if (config === undefined) return [clock]
  const addresses = facts.addresses ?? ownAddresses()
  return [
    clock,
    ...(hubPid === undefined ? await checkListening(config) : []),
    ...checkCertificate(config, data, now, addresses),
    ...checkOrigins(config),
    ...(await checkName(config, addresses, facts.resolve ?? resolveName)),
  ]
}

/** A certificate looks expired and a receipt has a wrong date where the clock is wrong. */
async function checkClock(now: number, synchronised: () => Promise<string | undefined>): Promise<Finding> {
  const check = 'clock'
  const time = new Date(now)
  const year = time.getUTCFullYear()
  const fix = 'Connect the box to a time server: sudo timedatectl set-ntp true'
  if (year < boxCheckLimits.yearMin || year > boxCheckLimits.yearMax)
    return { check, result: 'bad', message: `it says ${time.toISOString()}`, fix }
  const answer = await synchronised()
  if (answer === 'no')
    return { check, result: 'note', message: `${time.toISOString()}, not set by a time server`, fix }
  return {
    check,
    result: 'ok',
    message: `${time.toISOString()}${answer === 'yes' ? ', set by a time server' : ''}`,
  }
}

function askTimedatectl(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      'timedatectl',
      ['show', '-p', 'NTPSynchronized', '--value'],
      { timeout: boxCheckLimits.answerMsMax },
      (error, stdout) => resolve(error === null ? stdout.trim() : undefined),
    )
  })
}

/** Who can read the folder owns the box: tokens of the commands, keys of the certificates. */
export function checkPermissions(data: string): Finding[] {
  const check = 'rights'
  if (!existsSync(data)) return []
  try {
    const inTls = existsSync(join(data, 'tls'))
      ? readdirSync(join(data, 'tls')).map((name) => join('tls', name))
      : []
    const secret = ['.', 'tls', ...inTls, 'books.db', 'cli.token', 'run.json'].filter((name) =>
      existsSync(join(data, name)),
    )
    const open = secret.filter((name) => (statSync(join(data, name)).mode & 0o077) !== 0)
    // What is in a closed folder nobody else gets at.
    if (!open.includes('.'))
      return [{ check, result: 'ok', message: 'nobody else may look into the data folder' }]
    return [
      {
        check,
        result: open.length > 1 ? 'bad' : 'note',
        message: `others may read: ${open.map((name) => join(data, name)).join(', ')}`,
        fix: `chmod 700 ${data}; chmod -R go= ${data}`,
      },
    ]
  } catch (error) {
    return [{ check, result: 'note', message: errorText(error), fix: 'sudo tillbridge doctor' }]
  }
}

async function checkListening({ http, https }: Config): Promise<Finding[]> {
  const ports = [http.port, ...(https.enabled ? [https.port] : [])].filter((port) => port !== 0)
  return Promise.all(
    ports.map(async (port): Promise<Finding> => {
      const check = `port ${port}`
      const code = await tryPort(http.bind, port)
      if (code === undefined) return { check, result: 'ok', message: 'is free' }
      if (code !== 'EADDRINUSE')
        return {
          check,
          result: 'bad',
          message: `cannot be listened on: ${code}`,
          fix:
            code === 'EACCES'
              ? 'Ports below 1024 are for root: choose another one, http.port and https.port.'
              : `Set http.bind to an address of this box; it is ${http.bind}.`,
        }
      const holder = holderOf(port)
      return {
        check,
        result: 'bad',
        message: `is held by ${holder ?? 'another program'}`,
        fix: 'Stop that program, or choose another port: http.port and https.port.',
      }
    }),
  )
}

/** undefined when it can be had, else the code of the system. */
function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** The program that listens on a TCP port, by the kernel's tables: proc(5), net/tcp; state 0A is LISTEN. */
function holderOf(port: number): string | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const inodes = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
      readText(table)
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields[1]?.endsWith(wanted) === true && fields[3] === '0A')
        .map((fields) => `socket:[${fields[9]}]`),
    ),
  )
  const holder = readProcesses('/').find(({ files }) => files?.some((file) => inodes.has(file)))
  return holder && `${holder.name} (process ${holder.pid})`
}

function checkCertificate(
  config: Config,
  data: string,
  now: number,
  addresses: readonly string[],
): Finding[] {
  const check = 'certificate'
  if (!config.https.enabled)
    return !isLocal(config.http.bind) && config.access.tokensOver === 'https'
      ? [
          {
            check,
            result: 'bad',
            message: 'https is off, and tokens may travel over https only: no till of the network gets in',
            fix: 'Set https.enabled = true.',
          },
        ]
      : [{ check, result: 'note', message: 'https is off' }]
  const { mode, acme } = config.tls
  if (mode === 'files' && (config.tls.cert === undefined || config.tls.key === undefined))
    return [
      {
        check,
        result: 'bad',
        message: 'tls.mode is "files" and tls.cert or tls.key is missing',
        fix: 'Name both files.',
      },
    ]
  if (mode === 'acme' && (acme.names.length === 0 || acme.hook === undefined))
    return [
      {
        check,
        result: 'bad',
        message: 'tls.mode is "acme" and tls.acme.names or tls.acme.hook is missing',
        fix: 'Set both.',
      },
    ]
  const file =
    mode === 'files' ? (config.tls.cert as string) : join(data, 'tls', mode === 'acme' ? acmeFile : leafFile)
  if (!existsSync(file))
    return mode === 'files'
      ? [{ check, result: 'bad', message: `${file} is not there`, fix: 'Put it there, or set tls.cert.' }]
      : [{ check, result: 'note', message: 'there is none yet; the hub makes it when it starts' }]
  try {
    return judge(new X509Certificate(certificateIn(file)), config, now, addresses)
  } catch (error) {
    return [{ check, result: 'bad', message: `${file}: ${errorText(error)}`, fix: mendCertificate(config) }]
  }
}

function judge(leaf: X509Certificate, config: Config, now: number, addresses: readonly string[]): Finding[] {
  const check = 'certificate'
  const [from, until] = [notBeforeOf(leaf), notAfterOf(leaf)]
  const date = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const fix = mendCertificate(config)
  if (now < from)
    return [
      {
        check,
        result: 'bad',
        message: `is valid from ${date(from)} on only`,
        fix: 'Set the clock of the box.',
      },
    ]
  if (now >= until) return [{ check, result: 'bad', message: `ended on ${date(until)}`, fix }]
  const soon = until - now < boxCheckLimits.certificateDaysMin * 24 * 3_600_000
  const { bind } = config.http
  const reached =
    config.tls.mode === 'own' && !isLocal(bind)
      ? addresses.filter((address) => isServed(address, bind) && isCertified(address))
      : []
  const wanted = [
    ...config.network.hosts,
    ...(config.tls.mode === 'acme' ? config.tls.acme.names : []),
    ...reached,
  ]
  const missing = wanted.filter((name) => !isFor(leaf, name))
  if (missing.length > 0) return [{ check, result: 'bad', message: `is not for ${missing.join(', ')}`, fix }]
  return [
    { check, result: soon ? 'note' : 'ok', message: `is valid until ${date(until)}`, ...(soon && { fix }) },
  ]
}

const mendCertificate = ({ tls }: Config): string =>
  tls.mode === 'files'
    ? 'Put a new certificate into the files of tls.cert and tls.key.'
    : 'Start the hub, and look on the console under Network: it makes a new one by itself or says why not.'

/** The first certificate of a PEM file that may hold a key as well. */
function certificateIn(file: string): string {
  const text = readFileSync(file, 'utf8')
  return /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(text)?.[0] ?? text
}

/** A browser sends an origin in one way only; one that is written otherwise never fits. */
function checkOrigins({ access }: Config): Finding[] {
  return access.origins
    .filter((origin) => originOf(origin) !== origin)
    .map((origin) => ({
      check: 'origin',
      result: 'bad',
      message: `${origin} in access.origins is not as browsers write it`,
      fix: `Write it as ${originOf(origin) ?? 'https://NAME'}`,
    }))
}

async function checkName(
  { http, network }: Config,
  addresses: readonly string[],
  resolve: (name: string) => Promise<readonly string[]>,
): Promise<Finding[]> {
  if (isLocal(http.bind))
    return [
      {
        check: 'network',
        result: 'note',
        message: 'the hub serves this machine only',
        fix: 'Set http.bind = "0.0.0.0" for the tills of the network.',
      },
    ]
  const name = `${network.name ?? safeName(hostname())}.local`
  const found = await resolve(name)
  if (found.length === 0)
    return [
      {
        check: name,
        result: 'note',
        message: 'this box does not find itself under this name; others of the network may',
        fix: 'sudo apt install avahi-daemon libnss-mdns, or use an address of the box.',
      },
    ]
  const foreign = found.filter((address) => !addresses.includes(address) && !isLoopback(address))
  return foreign.length === found.length
    ? [
        {
          check: name,
          result: 'bad',
          message: `leads to ${foreign.join(', ')}, which is not this box`,
          fix: 'Another box has the name: set network.name to one of its own.',
        },
      ]
    : [{ check: name, result: 'ok', message: `leads to this box, ${found.join(', ')}` }]
}

async function resolveName(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address)
  } catch {
    return []
  }
}

/** Out of the books: whether somebody owns the box. */
export async function checkSetUp({ access }: Pick<Store, 'access'>): Promise<Finding> {
  const owners = (await access.users()).filter(({ role }) => role === 'owner')
  return owners.length > 0
    ? {
        check: 'set-up',
        result: 'ok',
        message: `done; ${owners.length === 1 ? 'one owner' : `${owners.length} owners`}`,
      }
    : {
        check: 'set-up',
        result: 'note',
        message: 'nobody owns this hub yet',
        fix: 'Start it and open its address; the code is on the set-up ticket and on the terminal. A new one: tillbridge setup',
      }
}

/** IPv6 addresses of single links change and carry a zone: nobody types them. */
const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
    .map(({ address }) => address)

const isLocal = (bind: string): boolean => bind === 'localhost' || isLoopback(bind)
