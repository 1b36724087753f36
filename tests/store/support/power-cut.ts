/** Rebuilds what a disk may hold when the power goes: from a recording of the system calls, with the unsynced part left to chance. */
import { Buffer } from 'node:buffer'

/** Options of strace(1) whose output `parseRecording` reads. */
export const straceOptions = [
  ...['-f', '-y', '-xx', '-s', '8192', '-e', 'signal=none'],
  ...['-e', 'trace=openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink,rename'],
]

type Change =
  | { do: 'write'; path: string; at: number; bytes: Buffer }
  | { do: 'truncate'; path: string; size: number }
type Step =
  | Change
  | { do: 'rename'; path: string; to: string }
  | { do: 'create' | 'unlink' | 'sync'; path: string }
  | { do: 'say'; line: string }

const unescaped = (text: string) => Buffer.from(text.replaceAll('\\x', ''), 'hex')

/** The steps on files in `dir` and the lines said on standard output, in order. Throws on a call that it does not know. */
export function parseRecording(text: string, dir: string): Step[] {
  const started = new Map<string, string>()
  const steps: Step[] = []
  for (const line of text.split('\n')) {
    const match = /^(\d+) +(.*)$/.exec(line)
    if (match === null) continue
    const [, thread, rest] = match as unknown as [string, string, string]
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest)
    if (unfinished !== null) {
      started.set(thread, unfinished[1]!)
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const call = resumed === null ? rest : `${started.get(thread)}${resumed[1]}`
    const step = stepOf(call, dir)
    if (step !== undefined) steps.push(step)
  }
  return steps
}

function stepOf(call: string, dir: string): Step | undefined {
  const match = /^(\w+)\((.*)\) += (-?\d+)/.exec(call)
  if (match === null || Number(match[3]) < 0) return undefined
  const [, name, args] = match as unknown as [string, string, string]
  const said = /^1<[^>]*>, "([^"]*)"/.exec(args)
  if (name === 'write' && said !== null) return { do: 'say', line: unescaped(said[1]!).toString().trim() }
  const path = /^\d+<([^>]*)>/.exec(args)?.[1] ?? unescaped(/"([^"]*)"/.exec(args)?.[1] ?? '').toString()
  const decoded = path.startsWith('\\x') ? unescaped(path).toString() : path
  if (decoded !== dir && !decoded.startsWith(`${dir}/`)) return undefined
  switch (name) {
    case 'openat':
      return args.includes('O_CREAT') ? { do: 'create', path: decoded } : undefined
    case 'unlink':
      return { do: 'unlink', path: decoded }
    case 'rename': {
      const to = unescaped(/"[^"]*", "([^"]*)"/.exec(args)![1]!).toString()
      return { do: 'rename', path: decoded, to }
    }
    case 'fsync':
    case 'fdatasync':
      return { do: 'sync', path: decoded }
    case 'ftruncate':
      return { do: 'truncate', path: decoded, size: Number(args.split(', ').at(-1)) }
    case 'pwrite64': {
      const bytes = unescaped(/"([^"]*)"/.exec(args)![1]!)
      return { do: 'write', path: decoded, at: Number(args.split(', ').at(-1)), bytes }
    }
    default:
      throw new TypeError(`not expected in a recording: ${name}`)
  }
}

interface Inode {
  synced: Buffer
  pending: Change[]
}

/** A sector is written whole or not at all. */
const sectorBytes = 512

/**
 * The files after a cut behind `steps`: what was synced is there; of the rest of each file a random part, sector by
 * sector; of the changes to the folder a random beginning, because ext4 journals them in order and with every sync.
 */
export function filesAfterCut(steps: readonly Step[], random: () => number): Map<string, Buffer> {
  let folder = new Map<string, Inode>()
  /** The folder after each change since the last sync; the first is the synced one. */
  let folders = [folder]
  for (const step of steps) {
    if (step.do === 'say') continue
    const inode = folder.get(step.path)
    if (step.do === 'create' || step.do === 'unlink') {
      if (step.do === 'create' && inode !== undefined) continue
      folder = new Map(folder)
      if (step.do === 'create') folder.set(step.path, { synced: Buffer.alloc(0), pending: [] })
      else folder.delete(step.path)
      folders.push(folder)
    } else if (step.do === 'rename') {
      folder = new Map(folder)
      folder.delete(step.path)
      if (inode !== undefined) folder.set(step.to, inode)
      folders.push(folder)
    } else if (step.do === 'sync') {
      folders = [folder]
      if (inode !== undefined) settleInode(inode)
    } else if (step.do === 'write' || step.do === 'truncate') inode?.pending.push(step)
  }
  const survived = folders[Math.floor(random() * folders.length)]!
  return new Map(
    [...survived].map(([path, inode]) => [
      path,
      inode.pending.reduce((bytes, change) => maybe(bytes, change, random), inode.synced),
    ]),
  )
}

function settleInode(inode: Inode): void {
  inode.synced = inode.pending.reduce((bytes, change) => changed(bytes, change), inode.synced)
  inode.pending = []
}

function changed(bytes: Buffer, change: Change): Buffer {
  if (change.do === 'truncate') return resized(bytes, change.size)
  const result = resized(bytes, Math.max(bytes.length, change.at + change.bytes.length))
  change.bytes.copy(result, change.at)
  return result
}

function maybe(bytes: Buffer, change: Change, random: () => number): Buffer {
  if (change.do === 'truncate') return random() < 0.5 ? bytes : changed(bytes, change)
  let result = bytes
  for (let from = 0; from < change.bytes.length; from += sectorBytes) {
    const sector = change.bytes.subarray(from, from + sectorBytes)
    if (random() < 0.5) result = changed(result, { ...change, at: change.at + from, bytes: sector })
  }
  return result
}

function resized(bytes: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size)
  bytes.copy(result)
  return result
}
