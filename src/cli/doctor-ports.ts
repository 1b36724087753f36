/** The part of `tillbridge doctor` that looks at ports: who holds them, who may open them, what the system lacks for them. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Finding } from './finding.ts'
import { names, type Process, readProcesses, readText } from './system-files.ts'

export interface PortChecks {
  /** Where the system is mounted; another folder in tests. */
  root?: string
  /** Process number of the hub of this data folder: it may hold ports. */
  hubPid?: number | undefined
  /** Whether this user may read and write a node. */
  mayOpen?: (path: string) => boolean
  /** What `lpstat -v` prints; empty without CUPS. Asked only where its own file may not be read. */
  lpstat?: () => string
  user?: string
}

interface Node {
  path: string
  kind: 'serial' | 'printer' | 'usb'
  /** Of a USB printer: serial number and model, to find its CUPS queue. */
  serial?: string
  product?: string
}

/** A CUPS that does not answer must not keep the other findings back. */
const lpstatMsMax = 2_000

const ttyNames = /^(ttyUSB|ttyACM|ttyAMA|ttyS|ttymxc|ttyTHS|rfcomm)\d+$/
const rulesFile = '70-tillbridge.rules'
const rulesFolders = ['etc/udev/rules.d', 'run/udev/rules.d', 'usr/lib/udev/rules.d', 'lib/udev/rules.d']
const rulesSource = fileURLToPath(new URL(`../../systemd/${rulesFile}`, import.meta.url))
const installRules = `sudo cp ${rulesSource} /etc/udev/rules.d/ && sudo udevadm control --reload && sudo udevadm trigger`

/** Libraries that the native packages load and do not bring. */
const libraries = [
  { file: 'libudev.so.1', debian: 'libudev1', serves: 'USB printers' },
  { file: 'libusb-1.0.so.0', debian: 'libusb-1.0-0', serves: 'USB scales and scanners (HID)' },
] as const

export function checkPorts(options: PortChecks = {}): Finding[] {
  const root = options.root ?? '/'
  const mayOpen = options.mayOpen ?? mayReadAndWrite
  const nodes = portNodes(root)
  const processes = readProcesses(root)
  const rules = rulesFolders.some((folder) => names(join(root, folder)).includes(rulesFile))
  return [
    ...nodes.map((node) => checkNode(node, root, processes, mayOpen, options)),
    ...(nodes.length === 0
      ? [{ check: 'ports', result: 'note', message: 'no serial port and no USB printer' } as const]
      : []),
    ...checkBlind(nodes, processes),
    checkRules(root, rules),
    ...checkLibraries(root),
    checkModemManager(processes, rules),
    ...checkBrltty(processes),
    ...checkIppUsb(nodes, processes),
    ...checkCups(nodes, root, options.lpstat ?? runLpstat),
  ]
}

/** Nodes of serial ports and of printers: usblp's, and the one that libusb opens. */
function portNodes(root: string): Node[] {
  const serial = names(join(root, 'dev'))
    // The kernel keeps names for UARTs that are not there: their type is 0 (PORT_UNKNOWN, linux/serial_core.h).
    .filter((name) => ttyNames.test(name) && readText(join(root, 'sys/class/tty', name, 'type')) !== '0')
    .map((name): Node => ({ path: join(root, 'dev', name), kind: 'serial' }))
  const lps = names(join(root, 'dev/usb'))
    .filter((name) => /^lp\d+$/.test(name))
    .map((name): Node => ({ path: join(root, 'dev/usb', name), kind: 'printer' }))
  const devices = join(root, 'sys/bus/usb/devices')
  const usb: Node[] = []
  for (const place of names(devices).filter((name) => /^\d+-[\d.]+$/.test(name))) {
    const isPrinter = names(devices).some(
      (name) => name.startsWith(`${place}:`) && readText(join(devices, name, 'bInterfaceClass')) === '07',
    )
    if (!isPrinter) continue
    const read = (name: string) => readText(join(devices, place, name))
    const [bus, address] = ['busnum', 'devnum'].map((name) => read(name).padStart(3, '0'))
    const path = join(root, `dev/bus/usb/${bus}/${address}`)
    usb.push({ path, kind: 'usb', serial: read('serial'), product: read('product') })
  }
  return [...serial, ...lps, ...usb]
}

/** One finding a node: held by another program, not ours to open, or well. */
function checkNode(
  node: Node,
  root: string,
  processes: readonly Process[],
  mayOpen: (path: string) => boolean,
  { hubPid, user = userInfo().username }: PortChecks,
): Finding {
  const port = `/${node.path.slice(root.length).replace(/^\/+/, '')}`
  const check = node.kind === 'usb' && node.product ? `${port} (${node.product})` : port
  const holder = processes.find(
    ({ pid, files }) => pid !== hubPid && pid !== process.pid && files?.includes(node.path),
  )
  if (holder !== undefined)
    return {
      check,
      port,
      result: 'bad',
      message: `is held by ${holder.name} (process ${holder.pid})`,
      fix: cureFor(holder, port),
    }
  if (!mayOpen(node.path)) {
    const group = groupOf(node, root)
    const join = `sudo usermod -aG ${group} ${user}`
    return {
      check,
      port,
      result: 'bad',
      message: `may not be opened by the user ${user}`,
      fix:
        node.kind === 'usb'
          ? `${installRules}; ${join}; then log in again and plug it in again.`
          : `${join}; then log in again.`,
    }
  }
  return { check, port, result: 'ok', message: 'may be opened, and no other program holds it' }
}

/** The group that a node has, or that the rules would give it when it has none but root's. */
function groupOf({ path, kind }: Node, root: string): string {
  const gid = statSync(path, { throwIfNoEntry: false })?.gid ?? 0
  const line = readText(join(root, 'etc/group'))
    .split('\n')
    .find((each) => each.split(':')[2] === `${gid}`)
  const own = line?.split(':')[0]
  if (own !== undefined && gid !== 0) return own
  return kind === 'serial' ? 'dialout' : kind === 'printer' ? 'lp' : 'tillbridge'
}

function cureFor({ name, pid }: Process, port: string): string {
  switch (name) {
    case 'ModemManager':
      return `${installRules} (they tell it to keep off), or: sudo systemctl disable --now ModemManager`
    case 'brltty':
      return 'sudo apt remove brltty; then plug it in again.'
    case 'ipp-usb':
      return 'sudo systemctl disable --now ipp-usb; or print over IPP, to the address that it announces.'
    case 'cupsd':
    case 'usb':
    case 'lpd':
      return 'Find its queue: lpstat -v; take it away: sudo lpadmin -x QUEUE'
    case 'agetty':
    case 'getty':
      return `sudo systemctl disable --now serial-getty@${basename(port)}`
    case 'node':
    case 'tillbridge':
      return `Another hub or till program runs: stop it, or: kill ${pid}`
    default:
      return `Close that program, or: sudo kill ${pid}`
  }
}

/** Who may not look into other people's processes must not be told that nobody holds a port. */
function checkBlind(nodes: readonly Node[], processes: readonly Process[]): Finding[] {
  const hidden = processes.filter(({ files }) => files === undefined).length
  if (nodes.length === 0 || hidden === 0) return []
  return [
    {
      check: 'holders',
      result: 'note',
      message: `this user cannot see what ${hidden} programs of others have open`,
      fix: 'sudo tillbridge doctor',
    },
  ]
}

function checkRules(root: string, installed: boolean): Finding {
  const check = 'udev rules'
  const group = readText(join(root, 'etc/group'))
    .split('\n')
    .some((line) => line.startsWith('tillbridge:'))
  if (installed && group) return { check, result: 'ok', message: 'installed' }
  const makeGroup = 'sudo groupadd --system tillbridge'
  return installed
    ? { check, result: 'bad', message: 'their group tillbridge is missing', fix: makeGroup }
    : {
        check,
        result: 'note',
        message: 'not installed: USB printers, scales and scanners open for root only',
        fix: `${group ? '' : `${makeGroup}; `}${installRules}`,
      }
}

function checkLibraries(root: string): Finding[] {
  const folders = ['lib', 'usr/lib', 'usr/local/lib'].map((folder) => join(root, folder))
  const all = folders.flatMap((folder) => [
    folder,
    ...names(folder)
      .filter((name) => name.endsWith('-linux-gnu') || /-linux-(gnueabihf|musl)$/.test(name))
      .map((name) => join(folder, name)),
  ])
  return libraries.map(({ file, debian, serves }) =>
    all.some((folder) => names(folder).includes(file))
      ? { check: debian, result: 'ok', message: 'found' }
      : {
          check: debian,
          result: 'note',
          message: `missing: without it ${serves} do not work`,
          fix: `sudo apt install ${debian}`,
        },
  )
}

/** ModemManager sends AT commands to every new serial port; scales and terminals take them ill. */
function checkModemManager(processes: readonly Process[], rules: boolean): Finding {
  const check = 'ModemManager'
  if (!processes.some(({ name }) => name === 'ModemManager'))
    return { check, result: 'ok', message: 'is not in the way' }
  if (rules) return { check, result: 'ok', message: 'is running, and told to keep off shop devices' }
  return {
    check,
    result: 'bad',
    message: 'is running and talks to serial devices',
    fix: `sudo systemctl disable --now ModemManager, or: ${installRules}`,
  }
}

/** brltty takes common USB-serial chips for braille displays, and their tty is gone. */
function checkBrltty(processes: readonly Process[]): Finding[] {
  if (!processes.some(({ name }) => name === 'brltty')) return []
  return [
    {
      check: 'brltty',
      result: 'bad',
      message: 'is running and takes USB-serial converters away for braille displays',
      fix: 'sudo apt remove brltty; then plug them in again.',
    },
  ]
}

function checkIppUsb(nodes: readonly Node[], processes: readonly Process[]): Finding[] {
  if (!processes.some(({ name }) => name === 'ipp-usb')) return []
  if (!nodes.some(({ kind }) => kind === 'usb')) return []
  return [
    {
      check: 'ipp-usb',
      result: 'note',
      message: 'is running: a printer that speaks IPP over USB is its own',
      fix: 'Print to the ipp:// address that it announces, or: sudo systemctl disable --now ipp-usb',
    },
  ]
}

/** Two spoolers on one printer mix their pages, and CUPS takes the printer while it prints. */
function checkCups(nodes: readonly Node[], root: string, lpstat: () => string): Finding[] {
  const printers = nodes.filter(({ kind }) => kind === 'usb')
  if (printers.length === 0) return []
  const findings: Finding[] = []
  for (const { queue, uri } of cupsQueues(root, lpstat)) {
    const serial = /[?&]serial=([^&]*)/.exec(uri)?.[1]
    const model = decode(uri).toLowerCase()
    const printer = printers.find((each) =>
      serial === undefined
        ? each.product !== '' && model.includes((each.product ?? '').toLowerCase())
        : each.serial === decode(serial),
    )
    if (printer === undefined) continue
    findings.push({
      check: `CUPS queue ${queue}`,
      result: 'note',
      port: uri,
      message: `prints to ${printer.product || 'the same USB printer'} too: its pages and the hub's may mix`,
      fix: `sudo lpadmin -x ${queue}`,
    })
  }
  return findings
}

/** The queues that print over USB: out of CUPS's own file (cups 2: printers.conf), or as lpstat tells them. */
function cupsQueues(root: string, lpstat: () => string): { queue: string; uri: string }[] {
  const file = readText(join(root, 'etc/cups/printers.conf'))
  const found =
    file === ''
      ? lpstat().matchAll(/^device for (\S+?): (usb:\S+)$/gm)
      : file.matchAll(/^<(?:Default)?Printer (\S+)>$[^<]*?^DeviceURI (usb:\S+)$/gm)
  return [...found].map(([, queue = '', uri = '']) => ({ queue, uri }))
}

function runLpstat(): string {
  // Its words are translated otherwise.
  const env = { ...process.env, LC_ALL: 'C' }
  const { stdout } = spawnSync('lpstat', ['-v'], { encoding: 'utf8', env, timeout: lpstatMsMax })
  return stdout ?? ''
}

function mayReadAndWrite(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
