/** `tillbridge print`: prints a text, a file or an image, and says what became of it. */
import { readFileSync } from 'node:fs'
import { newId } from '../hub/ids.ts'
import type { HubClient } from '../protocol/client.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import type { Job, PrintPayload } from '../protocol/job.ts'
import { connectToHub, dataOf } from './box.ts'
import { type Command, type CommandContext, exitCodes } from './run.ts'

export const print: Command = {
  summary: 'Print a text, a file or an image and wait for the outcome',
  usage: '[--device ID] (--text TEXT | --file FILE | --image FILE) [--copies N] [--no-cut]',
  options: {
    device: { type: 'string', help: 'printer (default: the first one)' },
    text: { type: 'string', help: 'text to print' },
    file: { type: 'string', help: 'text file to print; - for standard input' },
    image: { type: 'string', help: 'PNG or JPEG file to print' },
    copies: { type: 'string', help: 'how many (default 1)' },
    cut: { type: 'boolean', help: 'cut after each copy (default); --no-cut to leave it' },
  },
  async run({ options, print: show }) {
    const payload = payloadOf(options)
    const client = await connectToHub(dataOf(options))
    try {
      const device = typeof options.device === 'string' ? options.device : await firstPrinter(client)
      const job = await client.runJob({ id: `cli-${newId()}`, device, kind: 'print', payload })
      show(job, sentence(job))
      return job.state === 'done' ? exitCodes.ok : exitCodes.failed
    } finally {
      client.close()
    }
  },
}

function payloadOf(options: CommandContext['options']): PrintPayload {
  const given = (['text', 'file', 'image'] as const).filter((name) => typeof options[name] === 'string')
  const [kind] = given
  if (kind === undefined || given.length !== 1)
    throw new HubError('params_invalid', {
      path: '--text, --file, --image',
      reason: 'name exactly one of them',
    })
  const value = String(options[kind])
  const content =
    kind === 'text'
      ? { text: value }
      : kind === 'file'
        ? { text: readInput(value).toString('utf8') }
        : { image: readInput(value).toString('base64') }
  const copies = options.copies === undefined ? undefined : Number(options.copies)
  return { ...content, ...(copies === undefined ? {} : { copies }), cut: options.cut !== false }
}

function readInput(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new HubError('params_invalid', { path: file, reason: errorText(error) }, error)
  }
}

async function firstPrinter(client: HubClient): Promise<string> {
  const printer = (await client.call('device.list', {})).devices.find((device) => device.class === 'printer')
  if (printer === undefined) throw new HubError('device_unknown', { device: 'printer' })
  return printer.id
}

function sentence(job: Job): string {
  if (job.state !== 'done') return `${job.state}: ${job.error?.message ?? ''}`
  return job.outcome?.confirmed === true
    ? 'printed; the printer confirmed it'
    : 'sent; this printer never confirms'
}
