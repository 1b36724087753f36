/** The program of the shop that puts a TXT record into its DNS: `HOOK set|clear NAME VALUE`. */
import { spawn } from 'node:child_process'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { failed } from '../failed.ts'
import { acmeLimits } from './acme-limits.ts'

export interface HookTools {
  program: string
  clock: Clock
  log: Log
  signal: AbortSignal
}

/** Rejects with `certificate_failed` when it cannot run, takes too long or ends with other than 0. */
export function runHook(tools: HookTools, act: 'set' | 'clear', name: string, value: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // No shell: a value is a value. A group of its own, so that what it started ends with it.
    const child = spawn(tools.program, [act, name, value], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    const keep = (part: Buffer) => {
      if (output.length < acmeLimits.hookOutputCharsMax) output += part.toString('utf8')
    }
    // Without file handles to spare there are no pipes, and `error` says so.
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    let why: string | undefined
    const kill = (reason: string) => {
      why ??= reason
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
    const stopped = () => kill('the hub stops')
    // Taking a record out again is quick and wanted even then.
    if (act === 'set') tools.signal.addEventListener('abort', stopped, { once: true })
    // Whatever still has the pipes after the end of the hook keeps nobody waiting.
    const deafen = () => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }
    let cancelTail = () => {}
    child.once('exit', () => {
      cancelTail = tools.clock.after(acmeLimits.hookTailMsMax, deafen)
    })
    const cancel = tools.clock.after(acmeLimits.hookMsMax, () =>
      kill(`it took longer than ${acmeLimits.hookMsMax} ms`),
    )
    const end = (reason: string | undefined) => {
      cancel()
      cancelTail()
      tools.signal.removeEventListener('abort', stopped)
      const said = output.slice(0, acmeLimits.hookOutputCharsMax).trim()
      tools.log.info({ hook: tools.program, act, name, said }, 'the DNS hook ran')
      if (reason === undefined) resolve()
      else reject(failed(`the DNS hook failed to ${act} ${name}: ${reason}`))
    }
    child.once('error', (error) => end(error.message))
    child.once('close', (code, signal) =>
      end(code === 0 ? undefined : (why ?? `it ended with ${code ?? signal}`)),
    )
  })
}
