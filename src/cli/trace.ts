/** `tillbridge trace`: shows or records the bytes between the hub and a device, both ways, with times. */
import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { systemClock } from '../hub/clock.ts'
import type { HubClient } from '../protocol/client.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import type { TraceEntry, TraceHeader } from '../protocol/trace.ts'
import { connectToHub, dataOf } from './box.ts'
import { type Command, type CommandContext, exitCodes } from './run.ts'

/** How long one question to the hub waits for bytes. */
const waitMs = 10_000
const bytesPerLine = 16

export const trace: Command = {
  summary: 'Show or record the bytes between the hub and a device',
  usage: 'DEVICE [--out FILE] [--seconds N] [--no-fresh]',
  options: {
    out: { type: 'string', help: 'record to this file, to be kept and replayed' },
    seconds: { type: 'string', help: 'stop after so many seconds (default: at Ctrl-C)' },
    fresh: { type: 'boolean', help: 'greet the device anew first (default); --no-fresh joins in as it is' },
  },
  async run(context) {
    const { options, positionals } = context
    const [device] = positionals
    if (device === undefined || positionals.length > 1)
      throw new HubError('params_invalid', { path: 'DEVICE', reason: 'name one; see tillbridge devices' })
    const msMax = secondsOf(options.seconds) * 1000
    const sink = sinkOf(context)
    const client = await connectToHub(dataOf(options))
    const stop = new AbortController()
    const onSignal = () => stop.abort()
    process.once('SIGINT', onSignal)
    process.once('SIGTERM', onSignal)
    try {
      const count = await follow(
        client,
        device,
        { fresh: options.fresh !== false, msMax, stop: stop.signal },
        sink,
      )
      if (sink.file !== undefined)
        context.print({ file: sink.file, entries: count }, `${count} entries in ${sink.file}`)
      return exitCodes.ok
    } finally {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      sink.end()
      client.close()
    }
  },
}

interface Sink {
  file?: string
  header(header: TraceHeader): void
  entry(entry: TraceEntry): void
  lost(count: number): void
  end(): void
}

async function follow(
  client: HubClient,
  id: string,
  { fresh, msMax, stop }: { fresh: boolean; msMax: number; stop: AbortSignal },
  sink: Sink,
): Promise<number> {
  const until = systemClock.monotonic() + msMax
  const stopped = new Promise<undefined>((resolve) =>
    stop.addEventListener('abort', () => resolve(undefined)),
  )
  let after: number | undefined
  let count = 0
  while (!stop.aborted && systemClock.monotonic() < until) {
    const ms =
      after === undefined ? 0 : Math.max(0, Math.min(waitMs, Math.ceil(until - systemClock.monotonic())))
    const params = after === undefined ? { id, ms, fresh } : { id, ms, after }
    const page = await Promise.race([client.call('device.trace', params), stopped])
    if (page === undefined) break
    if (after === undefined) sink.header(page.trace)
    if (page.lost > 0) sink.lost(page.lost)
    for (const entry of page.entries) sink.entry(entry)
    count += page.entries.length
    after = page.next
  }
  return count
}

function secondsOf(given: string | boolean | undefined): number {
  if (given === undefined) return Number.POSITIVE_INFINITY
  const seconds = Number(given)
  if (!(seconds > 0 && seconds <= 86_400))
    throw new HubError('params_invalid', {
      path: '--seconds',
      reason: 'is not a number of seconds, 1 to 86400',
    })
  return seconds
}

function sinkOf({ options }: CommandContext): Sink {
  const lines = (write: (text: string) => void) => ({
    header: (header: TraceHeader) => write(`${JSON.stringify(header)}\n`),
    entry: (entry: TraceEntry) => write(`${JSON.stringify(entry)}\n`),
    lost: (count: number) =>
      void process.stderr.write(`${count} entries were lost: the device says more than is read\n`),
  })
  if (typeof options.out === 'string') {
    const file = options.out
    // Made with its first line: a hub that is not there, or a device that is not known, leaves no empty file.
    if (existsSync(file)) throw new HubError('params_invalid', { path: '--out', reason: 'the file exists' })
    let descriptor: number | undefined
    const write = (text: string) => {
      descriptor ??= opened(file)
      writeSync(descriptor, text)
    }
    return {
      file,
      ...lines(write),
      end: () => (descriptor === undefined ? undefined : closeSync(descriptor)),
    }
  }
  const show = (text: string) => void process.stdout.write(text)
  if (options.json === true) return { ...lines(show), end() {} }
  return {
    header: ({ device, driver, profile, port }) => show(`${device}: ${driver}, ${profile}, on ${port}\n`),
    entry: (entry) => show(`${textOf(entry)}\n`),
    lost: (count) => show(`(${count} entries were lost)\n`),
    end() {},
  }
}

function opened(file: string): number {
  try {
    return openSync(file, 'wx', 0o600)
  } catch (error) {
    throw new HubError('params_invalid', { path: '--out', reason: errorText(error) }, error)
  }
}

/** `   1.234 s  > 1b 40 …  |.@…|`, 16 bytes a line. */
export function textOf(entry: TraceEntry): string {
  const time = `${(entry.t / 1000).toFixed(3).padStart(9)} s`
  switch (entry.dir) {
    case 'port':
      return `${time}  - the port was ${entry.open ? 'opened' : `closed: ${entry.reason ?? ''}`}`
    case 'told':
      return `${time}  = ${entry.what} ${JSON.stringify(entry.data)}`
    default: {
      const bytes = Buffer.from(entry.hex, 'hex')
      const rows: string[] = []
      for (let start = 0; start < bytes.length; start += bytesPerLine) {
        const row = bytes.subarray(start, start + bytesPerLine)
        const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
        const text = row.toString('latin1').replace(/[^\x20-\x7e]/g, '.')
        const lead = start === 0 ? `${time}  ${entry.dir === 'out' ? '>' : '<'}` : ' '.repeat(14)
        rows.push(`${lead} ${hex.padEnd(bytesPerLine * 3)} |${text}|`)
      }
      return rows.join('\n')
    }
  }
}
