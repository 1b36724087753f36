/** `tillbridge backup` and `tillbridge restore`: the whole box in one encrypted file, whether or not the hub runs. */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { copyFile, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeBackup, receiveBackup } from '../hub/care/backups.ts'
import { putRestoredInPlace } from '../hub/care/restore-steps.ts'
import { systemClock } from '../hub/clock.ts'
import { loadConfig } from '../hub/config.ts'
import { lockData } from '../hub/data-lock.ts'
import { createLog, type Log } from '../hub/log.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import { checkBooks, copyBooks } from '../store/copy.ts'
import { atTheBox, commandLine, connectToHub, dataOf } from './box.ts'
import { passphraseOption, readPassphrase } from './passphrase.ts'
import { type Command, type CommandContext, exitCodes } from './run.ts'
import { runningHub } from './run-file.ts'
import { version } from './version.ts'

const configOption = {
  type: 'string',
  help: 'configuration file of the hub (default DATA/tillbridge.toml)',
} as const

export const backup: Command = {
  summary: 'Put books, configuration, keys and pictures into one encrypted file',
  usage: 'FILE [--passphrase-file FILE] [--force]',
  options: {
    ...passphraseOption,
    config: configOption,
    force: { type: 'boolean', help: 'write over a file that is there' },
  },
  async run({ options, positionals, print }) {
    const data = dataOf(options)
    if (!existsSync(join(data, 'books.db')))
      throw new HubError('store_unavailable', { reason: `there are no books in ${data}` })
    const target = fileOf(positionals)
    const mayWrite = (file: string) => {
      if (existsSync(file) && options.force !== true)
        throw new HubError('params_invalid', {
          path: file,
          reason: 'is there already; --force writes over it',
        })
    }
    if (!isFolder(target)) mayWrite(target)
    const box = boxOf(options, data)
    const passphrase = await readPassphrase(options, true)
    const made = await atTheBox(data, async ({ audit, store }) => {
      const hub = (await store.getMeta('hub')) ?? ''
      const config = { hub: { name: box.name } }
      const tools = { box, version: version(), clock: systemClock, hub: () => hub, config }
      return audit('backup', {}, () => makeBackup(tools, passphrase))
    })
    try {
      const file = isFolder(target) ? join(target, made.name) : target
      mayWrite(file)
      await copyTo(made.path, file)
      const { size } = statSync(file)
      print(
        { file, bytes: size },
        `${file}, ${Math.ceil(size / 1024)} KiB; keep the passphrase apart from it`,
      )
    } finally {
      await rm(join(made.path, '..'), { recursive: true, force: true })
    }
    return exitCodes.ok
  },
}

export const restore: Command = {
  summary: 'Put a backup in place of what the box has',
  usage: 'FILE [--passphrase-file FILE]',
  options: { ...passphraseOption, config: configOption },
  async run({ options, positionals, print }) {
    const data = dataOf(options)
    const file = fileOf(positionals)
    if (!existsSync(file)) throw new HubError('params_invalid', { path: file, reason: 'is not there' })
    const passphrase = await readPassphrase(options, false)
    mkdirSync(data, { recursive: true, mode: 0o700 })
    const tools = { box: boxOf(options, data), clock: systemClock }
    const by = { who: commandLine, role: null, from: null }
    const log = createLog('silent')
    const unlock = lockUnlessRunning(data, log)
    if (unlock === undefined) {
      const client = await connectToHub(data)
      try {
        const { at, name } = await receiveBackup(tools, file, passphrase, by)
        const problem = await client.call('hub.restart', {}).then(() => undefined, errorText)
        if (problem === undefined)
          print({ restored: at, restarted: true }, `${name} as of ${at} is in place; the hub starts again`)
        else
          print(
            { restored: at, restarted: false, problem },
            `${name} as of ${at} is put in place at the next start. Start the hub again: ${problem}`,
          )
        return problem === undefined ? exitCodes.ok : exitCodes.failed
      } finally {
        client.close()
      }
    }
    try {
      // One that a power cut left half in place is brought to its end first.
      await putRestoredInPlace(data, log)
      const { at, name } = await receiveBackup(tools, file, passphrase, by)
      await putRestoredInPlace(data, log)
      print({ restored: at, restarted: false }, `${name} as of ${at} is in place`)
    } finally {
      unlock()
    }
    return exitCodes.ok
  },
}

/** undefined when the hub of the folder runs. The lock tells, for `run.json` outlives a power cut. Throws `data_in_use`. */
function lockUnlessRunning(data: string, log: Log): (() => void) | undefined {
  try {
    return lockData(data, log)
  } catch (error) {
    if (runningHub(data) === undefined) throw error
    return undefined
  }
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()

function fileOf(positionals: readonly string[]): string {
  const [file] = positionals
  if (file === undefined || positionals.length !== 1)
    throw new HubError('params_invalid', { path: 'FILE', reason: 'name exactly one file' })
  return file
}

function boxOf(options: CommandContext['options'], data: string) {
  const named = typeof options.config === 'string' ? options.config : undefined
  const box = {
    data,
    copyBooks: (to: string) => copyBooks(data, to),
    checkBooks,
  }
  try {
    const { config, file } = loadConfig({ data, config: named }, process.env)
    return { ...box, name: config.hub.name, configFile: file ?? join(data, 'tillbridge.toml') }
  } catch {
    // A broken file is kept as well: it is what there is.
    return { ...box, name: 'Tillbridge', configFile: named ?? join(data, 'tillbridge.toml') }
  }
}

/** The name shows only when all of it is there: a stick that is pulled out leaves no half backup. */
async function copyTo(from: string, file: string): Promise<void> {
  const unfinished = `${file}.part`
  try {
    await copyFile(from, unfinished)
    const handle = await open(unfinished)
    await handle.sync().finally(() => handle.close())
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {})
    throw new HubError('store_unavailable', { reason: errorText(error) }, error)
  }
}
