/**
 * `npm run test:lab [-- FILTER]`: boots a guest of Debian's kernel under QEMU, in software emulation, runs the real hub in it, and
 * plugs kernel devices into it. Needs root and Debian's packages; the guest is built at the first run.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const lab = join(root, 'scripts', 'lab')
const out = join(root, 'node_modules', '.cache', 'tillbridge-lab')
const packages = ['qemu-system-x86', 'busybox-static', 'mmdebstrap', 'cpio', 'e2fsprogs']
/** A guest in software emulation is slow; longer than this it hangs. */
const guestMsMax = 400_000
const memoryMiB = 1_536

async function main(filter: string | undefined): Promise<number> {
  if (process.getuid?.() !== 0)
    return refuse('the lab needs root: it builds a file system with device owners')
  const missing = packages.filter((name) => spawnSync('dpkg', ['-s', name], { stdio: 'ignore' }).status !== 0)
  if (missing.length > 0)
    return refuse(
      `the lab needs Debian’s ${missing.join(', ')}: apt-get install --no-install-recommends ${missing.join(' ')}`,
    )
  buildGuest()
  const work = mkdtempSync(join(tmpdir(), 'tillbridge-lab-'))
  try {
    const image = packApp(work)
    return await boot(image, filter)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function refuse(reason: string): number {
  console.error(reason)
  return 2
}

/** Again only when what it is built from has changed. */
function buildGuest(): void {
  const hash = createHash('sha256')
  for (const file of ['build-guest.sh', 'guest/init']) hash.update(readFileSync(join(lab, file)))
  const stamp = join(out, 'built-from')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === hash.digest('hex')) return
  mkdirSync(out, { recursive: true })
  console.log('building the guest')
  execFileSync('bash', [join(lab, 'build-guest.sh'), out], { stdio: 'inherit' })
}

/** The project with what it needs at run time, as a disk. */
function packApp(work: string): string {
  const app = join(work, 'app')
  const add = (path: string) => {
    const target = join(app, relative(root, path))
    mkdirSync(dirname(target), { recursive: true })
    cpSync(path, target, { recursive: true, dereference: true })
  }
  for (const folder of ['bin', 'src', 'config', 'systemd', 'tests/lab', 'tests/support', 'package.json'])
    if (existsSync(join(root, folder))) add(join(root, folder))
  const modules = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path.includes('node_modules'))
  for (const module of modules) if (existsSync(module)) add(module)
  // What the host has compiled already, the emulated processor need not compile: that would take it a long time.
  const compiled = join(root, 'node_modules', '.cache', 'tillbridge')
  if (existsSync(compiled)) add(compiled)
  mkdirSync(join(app, 'node_modules', '.bin'), { recursive: true })
  cpSync(realpathSync(process.execPath), join(app, 'node_modules', '.bin', 'node'), { dereference: true })
  // What the guest runs.
  writeFileSync(join(app, 'LAB'), 'tests/lab/main.ts')
  const image = join(work, 'app.ext4')
  execFileSync('truncate', ['-s', '900M', image])
  execFileSync('mkfs.ext4', ['-q', '-F', '-L', 'labapp', '-O', '^has_journal', '-m', '0', '-d', app, image])
  rmSync(app, { recursive: true, force: true })
  return image
}

/** Boots, shows what the guest says, and answers the exit status of the tests in it. */
async function boot(image: string, filter: string | undefined): Promise<number> {
  const disk = (id: string, file: string, more: string) => [
    ...['-drive', `file=${file},format=raw,if=none,id=${id},cache=unsafe,${more}`],
    ...['-device', `virtio-blk-pci,drive=${id}`],
  ]
  const only = filter === undefined ? '' : ` lab.only=${encodeURIComponent(filter)}`
  const begun = performance.now()
  const qemu = spawn(
    'qemu-system-x86_64',
    [
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-M', 'q35'],
      ...['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+rdrand'],
      ...['-smp', '2', '-m', String(memoryMiB)],
      ...['-kernel', join(out, 'vmlinuz'), '-initrd', join(out, 'initrd.gz')],
      ...['-append', `console=ttyS0 loglevel=2 panic=-1 mitigations=off nokaslr random.trust_cpu=1${only}`],
      ...disk('root', join(out, 'root.ext4'), 'snapshot=on'),
      ...disk('app', image, 'readonly=on'),
      ...['-device', 'virtio-rng-pci', '-device', 'qemu-xhci,id=xhci', '-serial', 'stdio'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: guestMsMax, killSignal: 'SIGKILL' },
  )
  let said = ''
  qemu.stdout.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10_000)
    process.stdout.write(text)
  })
  await once(qemu, 'close')
  console.log(`the guest ran for ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  const exit = /LAB EXIT (\d+)/.exec(said)?.[1]
  return exit === undefined ? refuse('the guest ended without a result') : Number(exit)
}

process.exitCode = await main(process.argv[2])
