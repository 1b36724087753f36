/**
 * Somebody else's IPP Everywhere printer: `ippeveprinter` of CUPS on loopback. It does not start without a DNS-SD service, so it
 * gets an avahi of its own, on a network without anybody else in it, with a D-Bus of its own below a private /run.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface IppPrinterProcess {
  readonly url: string
  /** Documents that it was given, by name. */
  documents(): Map<string, Buffer>
  stop(): Promise<void>
}

/** Longest wait until it takes connections: avahi has to come up first. */
const startMsMax = 30_000

/** Whether the Debian packages it needs are installed, and it may make a network without anybody in it. */
export const ippPrinterHere =
  process.getuid?.() === 0 &&
  ['ippeveprinter', 'avahi-daemon', 'dbus-daemon', 'unshare'].every((program) =>
    ['/usr/bin', '/usr/sbin'].some((folder) => existsSync(join(folder, program))),
  )

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow send_type="method_call"/><allow receive_sender="*"/>
  </policy>
</busconfig>
`
const avahiConfig = '[server]\nhost-name=tillbridge-test\nuse-ipv6=no\nenable-dbus=yes\n'

/** Runs in a mount namespace of its own; $1 work folder, $2 port, $3 spool folder. Ends with the process group. */
const script = `
set -eu
mount -t tmpfs none /run
mkdir -p /run/dbus /run/avahi-daemon
chown avahi:avahi /run/avahi-daemon
dbus-daemon --config-file="$1/bus.conf" --nofork --nopidfile &
for try in $(seq 100); do [ -S /run/dbus/system_bus_socket ] && break; sleep 0.1; done
unshare --net sh -c 'ip link set lo up; exec avahi-daemon -f "$0" --no-chroot --no-rlimits' "$1/avahi.conf" &
for try in $(seq 100); do [ -S /run/avahi-daemon/socket ] && break; sleep 0.1; done
sleep 0.5
exec ippeveprinter -vv -p "$2" -n localhost -M Tillbridge -m Test -f application/pdf,image/pwg-raster -c /bin/true -d "$3" -k Test
`

export async function startIppPrinter(): Promise<IppPrinterProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'ipp-printer-'))
  const spool = mkdtempSync(join(folder, 'spool-'))
  writeFileSync(join(folder, 'bus.conf'), busConfig)
  writeFileSync(join(folder, 'avahi.conf'), avahiConfig)
  const port = await freePort()
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', folder, String(port), spool]
  // A group of its own, so that all of it can be ended, and nothing else.
  const child = spawn('unshare', args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const listen = (part: Buffer) => {
    said = (said + part.toString()).slice(-8_000)
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  const stop = () => end(child, folder)
  try {
    await takesConnections(port, child)
  } catch (error) {
    await stop()
    throw new Error(`ippeveprinter did not start: ${String(error)}\n${said}`)
  }
  return {
    url: `ipp://127.0.0.1:${port}/ipp/print`,
    documents: () => new Map(readdirSync(spool).map((name) => [name, readFileSync(join(spool, name))])),
    stop,
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function takesConnections(port: number, child: ChildProcess): Promise<void> {
  const until = Date.now() + startMsMax
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('close', () => resolve(false))
      socket.setTimeout(1_000, () => socket.destroy())
    }).finally(() => {})
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`nobody took connections within ${startMsMax} ms`)
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((resolve) => child.once('close', resolve))
  if (child.exitCode === null && child.pid !== undefined) {
    // The group is ours alone: it was made for this process.
    process.kill(-child.pid, 'SIGTERM')
    const late = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 3_000)
    await ended
    clearTimeout(late)
  }
  rmSync(folder, { recursive: true, force: true })
}
