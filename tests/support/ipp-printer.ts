/**
 * Somebody else's IPP Everywhere printer: `ippeveprinter` of CUPS on loopback. It does not start without a DNS-SD service, so it
 * gets an avahi and a D-Bus of its own. Where the system allows it these live below a private /run and on a network without anybody
 * else in it; in a container that does not, the avahi is kept to loopback.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

export interface IppPrinterProcess {
  readonly url: string
  /** Documents that it was given, by name. */
  documents(): Map<string, Buffer>
  /** Ends all that was started, and answers when it is gone. */
  stop(): Promise<void>
}

/** Longest wait until it takes connections: avahi has to come up first. */
const startMsMax = 30_000
/** Longest wait for its end, before it is ended without being asked. */
const endMsMax = 3_000

/** Programs that it takes, and the Debian packages they come from. */
const programs = { ippeveprinter: 'cups-ipp-utils', 'avahi-daemon': 'avahi-daemon', 'dbus-daemon': 'dbus' }

/** Why it is not for this machine; undefined where it has to work: as root, and in CI. */
export function noIppPrinterHere(): string | undefined {
  if (process.getuid?.() === 0 || process.env.CI === 'true') return undefined
  return 'ippeveprinter needs an avahi of its own, which takes root'
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=BUS</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow send_type="method_call"/><allow receive_sender="*"/>
  </policy>
</busconfig>
`
/** Loopback is not among the interfaces that avahi takes by itself; with no other allowed it asks and tells nobody. */
const avahiConfig = '[server]\nhost-name=tillbridge-test\nuse-ipv6=no\nallow-interfaces=lo\nenable-dbus=yes\n'

/**
 * $1 work folder, $2 port, $3 spool folder. Everything is one process group, which ends when the pipe to its input does: with the
 * test, however that ends.
 */
const script = `
set -eu
exec 3<&0
{ cat >/dev/null; kill -TERM 0; } <&3 &
export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$1/bus"
alone=""
if [ "$PRIVATE" = yes ]; then
  mount -t tmpfs none /run
  unshare --net true 2>/dev/null && alone="unshare --net"
fi
made=no
[ -d /run/avahi-daemon ] || { mkdir -p /run/avahi-daemon; made=yes; }
trap 'trap "" TERM; kill -TERM 0; wait; [ $made = no ] || rm -rf /run/avahi-daemon; exit 0' TERM
dbus-daemon --config-file="$1/bus.conf" --nofork --nopidfile &
for try in $(seq 100); do [ -S "$1/bus" ] && break; sleep 0.1; done
$alone avahi-daemon -f "$1/avahi.conf" --no-drop-root --no-chroot --no-rlimits &
for try in $(seq 100); do [ -S /run/avahi-daemon/socket ] && break; sleep 0.1; done
sleep 0.5
ippeveprinter -vv -p "$2" -n localhost -M Tillbridge -m Test -f application/pdf,image/pwg-raster -c /bin/true -d "$3" -k Test &
wait $!
`

/** Runs the script with a /run of its own, or as it is where the system allows no such thing. */
const runner = `
private="unshare --mount --propagation private"
if $private mount -t tmpfs none /run 2>/dev/null; then PRIVATE=yes exec $private sh -c "$0" sh "$@"; fi
PRIVATE=no exec sh -c "$0" sh "$@"
`

export async function startIppPrinter(): Promise<IppPrinterProcess> {
  for (const [program, from] of Object.entries(programs)) {
    if (!['/usr/bin', '/usr/sbin'].some((folder) => existsSync(join(folder, program))))
      throw new Error(`${program} is not here: apt-get install ${from}`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'ipp-printer-'))
  const spool = mkdtempSync(join(folder, 'spool-'))
  writeFileSync(join(folder, 'bus.conf'), busConfig.replace('BUS', join(folder, 'bus')))
  writeFileSync(join(folder, 'avahi.conf'), avahiConfig)
  const port = await freePort()
  // A group of its own, so that all of it can be ended, and nothing else.
  const command = ['sh', '-c', runner, script, folder, String(port), spool]
  const [program, ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command]
  const child = spawn(program!, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  const listen = (part: Buffer) => {
    said = (said + part.toString()).slice(-8_000)
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  child.stdin.on('error', () => {})
  // Comes when nobody holds the pipes any more: all of the group are gone.
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const stop = async () => {
    await end(child, gone)
    rmSync(folder, { recursive: true, force: true })
  }
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

async function takesConnections(port: number, child: ChildProcess): Promise<void> {
  const until = Date.now() + startMsMax
  while (Date.now() < until) {
    const { exitCode, signalCode } = child
    if (exitCode !== null || signalCode !== null) throw new Error(`it ended with ${exitCode ?? signalCode}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('close', () => resolve(false))
      socket.setTimeout(1_000, () => socket.destroy())
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`nobody took connections within ${startMsMax} ms`)
}

/** The group is ours alone: it was made for this process, and as long as its pipes are held it is not gone. */
async function end(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.stdin?.end()
  const late = setTimeout(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // It went at this moment.
    }
  }, endMsMax)
  await gone
  clearTimeout(late)
}
