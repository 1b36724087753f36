/** A serial port for tests: a pty made by Debian's socat, the other end in our hands. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'

export function hasSocat(): boolean {
  try {
    execFileSync('socat', ['-V'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export interface Pty {
  /** The tty to open: /dev/pts/N. */
  path: string
  write(bytes: Uint8Array): void
  onBytes(listener: (bytes: Uint8Array) => void): void
  /** Takes no more bytes; false: goes on. */
  stall(on: boolean): void
  /** Pulls the cable: the tty hangs up. */
  cut(): void
  stop(): Promise<void>
}

/** Settles when the tty is there. It stays there while nobody has it open, as a real one does. */
export async function openPty(): Promise<Pty> {
  const socat: ChildProcess = spawn('socat', ['-d', '-d', 'PTY,raw,echo=0', 'STDIO'])
  const exited = new Promise<void>((resolve) => socat.once('exit', () => resolve()))
  const path = await new Promise<string>((resolve, reject) => {
    let told = ''
    socat.stderr?.on('data', (text: Buffer) => {
      told += text.toString()
      const found = /PTY is (\/dev\/pts\/\d+)[\s\S]*starting data transfer loop/.exec(told)?.[1]
      if (found !== undefined) resolve(found)
    })
    socat.once('error', reject)
  })
  // Without a holder socat sees the end of the line when the port is closed for the first time.
  const holder = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
  let held = true
  socat.stdin?.on('error', () => {})
  const kill = () => {
    if (held) closeSync(holder)
    held = false
    socat.kill('SIGKILL')
  }
  return {
    path,
    write: (bytes) => void socat.stdin?.write(bytes),
    onBytes: (listener) => void socat.stdout?.on('data', (bytes: Buffer) => listener(new Uint8Array(bytes))),
    stall: (on) => void socat.kill(on ? 'SIGSTOP' : 'SIGCONT'),
    cut: kill,
    async stop() {
      kill()
      await exited
    },
  }
}
