/** The file by which a running hub tells the commands where it serves. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../hub/log.ts'
import { errorText } from '../protocol/errors.ts'

const runFileName = 'run.json'

/** Tells the other commands where this hub serves. */
export function writeRunFile(data: string, url: string, log: Log): void {
  try {
    writeFileSync(join(data, runFileName), JSON.stringify({ url, pid: process.pid }), { mode: 0o600 })
  } catch (error) {
    log.warn({ reason: errorText(error) }, 'the address could not be written to the data folder')
  }
}

export function removeRunFile(data: string, log: Log): void {
  try {
    rmSync(join(data, runFileName), { force: true })
  } catch (error) {
    log.warn({ reason: errorText(error) }, 'the address stays in the data folder')
  }
}

/** Where the hub of a data folder serves, as it wrote on starting. */
export function runningUrl(data: string): string | undefined {
  return runningHub(data)?.url
}

/** The hub that wrote the file, if a process of that number is there. */
export function runningHub(data: string): { url: string; pid: number } | undefined {
  try {
    const { url, pid } = JSON.parse(readFileSync(join(data, runFileName), 'utf8')) as {
      url: string
      pid: number
    }
    process.kill(pid, 0)
    return { url, pid }
  } catch {
    return undefined
  }
}
