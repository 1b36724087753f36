/** Picks the command, reads its options, and turns errors into an exit code: 1 failed, 2 wrong use, 3 no hub running. */
import { parseArgs } from 'node:util'
import { errorText, HubError } from '../protocol/errors.ts'

export const exitCodes = { ok: 0, failed: 1, usage: 2, notRunning: 3 } as const

type OptionType = 'string' | 'boolean'

export interface OptionSpec {
  type: OptionType
  help: string
  short?: string
  /** May be given more than once; its values are in `lists`. */
  multiple?: boolean
}

export interface CommandContext {
  /** Options as given; booleans also as `--no-NAME`. */
  options: Readonly<Record<string, string | boolean | undefined>>
  /** Values of the options that may be given more than once. */
  lists: Readonly<Record<string, readonly string[]>>
  positionals: readonly string[]
  /** With --json one JSON value, else the text. */
  print(json: unknown, text: string): void
}

export interface Command {
  summary: string
  usage: string
  options: Readonly<Record<string, OptionSpec>>
  /** Answers the exit code. */
  run(context: CommandContext): Promise<number>
}

const commonOptions = {
  data: { type: 'string', help: 'folder of the hub (default ./data)' },
  json: { type: 'boolean', help: 'answer in JSON' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
} as const satisfies Record<string, OptionSpec>

const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./start.ts')).start,
  devices: async () => (await import('./devices.ts')).devices,
  print: async () => (await import('./print.ts')).print,
  trace: async () => (await import('./trace.ts')).trace,
  pair: async () => (await import('./pair.ts')).pair,
  setup: async () => (await import('./setup.ts')).setup,
  revoke: async () => (await import('./revoke.ts')).revoke,
  doctor: async () => (await import('./doctor.ts')).doctor,
  backup: async () => (await import('./backup.ts')).backup,
  restore: async () => (await import('./backup.ts')).restore,
  verify: async () => (await import('./verify.ts')).verify,
  export: async () => (await import('./export.ts')).exportBooks,
  'support-bundle': async () => (await import('./support-bundle.ts')).supportBundle,
}

export async function run(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(await overview())
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  const load = loaders[name]
  if (load === undefined) {
    process.stderr.write(`There is no command ${name}.\n\n${await overview()}`)
    return exitCodes.usage
  }
  const command = await load()
  const specs = { ...command.options, ...commonOptions }
  let parsed: { values: Record<string, string | boolean | string[] | undefined>; positionals: string[] }
  try {
    parsed = parseArgs({
      args: [...rest],
      options: specs,
      allowPositionals: true,
      allowNegative: true,
    }) as typeof parsed
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n\n${help(name, command)}`)
    return exitCodes.usage
  }
  if (parsed.values.help === true) {
    process.stdout.write(help(name, command))
    return exitCodes.ok
  }
  return runCommand(command, parsed.values, parsed.positionals)
}

async function runCommand(
  command: Command,
  values: Record<string, string | boolean | string[] | undefined>,
  positionals: string[],
): Promise<number> {
  const options: Record<string, string | boolean | undefined> = {}
  const lists: Record<string, readonly string[]> = {}
  for (const [option, value] of Object.entries(values))
    if (Array.isArray(value)) lists[option] = value
    else options[option] = value
  const json = options.json === true
  try {
    return await command.run({
      options,
      lists,
      positionals,
      print: (value, text) => process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`),
    })
  } catch (error) {
    const known =
      error instanceof HubError ? error : new HubError('internal', { reason: errorText(error) }, error)
    const text = error instanceof HubError ? error.message : errorText(error)
    if (json) process.stdout.write(`${JSON.stringify({ error: known.toRecord() })}\n`)
    else process.stderr.write(`${text}\n`)
    return known.code === 'hub_not_running' ? exitCodes.notRunning : exitCodes.failed
  }
}

async function overview(): Promise<string> {
  const lines = ['Usage: tillbridge COMMAND [options]', '']
  for (const [name, load] of Object.entries(loaders))
    lines.push(`  ${name.padEnd(16)}${(await load()).summary}`)
  return `${lines.join('\n')}\n\nEvery command takes --data DIR, --json and --help.\n`
}

function help(name: string, command: Command): string {
  const lines = [command.summary, '', `Usage: tillbridge ${name} ${command.usage}`, '']
  for (const [option, { help: text, type }] of Object.entries({ ...command.options, ...commonOptions }))
    lines.push(`  --${(type === 'string' ? `${option} VALUE` : option).padEnd(18)}${text}`)
  return `${lines.join('\n')}\n`
}
