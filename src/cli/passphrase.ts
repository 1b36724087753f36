/** The passphrase of a backup, as a command gets it: from a file, from the environment, or typed without being shown. */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { checkPassphrase } from '../hub/care/seal.ts'
import { environmentOf } from '../hub/config.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import type { CommandContext, OptionSpec } from './run.ts'

export const passphraseOption = {
  'passphrase-file': {
    type: 'string',
    help: 'file with the passphrase, - for standard input (else TILLBRIDGE_PASSPHRASE, else it asks)',
  },
} as const satisfies Record<string, OptionSpec>

const variable = 'TILLBRIDGE_PASSPHRASE'

/** `twice`: for a new one, which nobody can mend when it was mistyped. Throws `params_invalid`. */
export async function readPassphrase(options: CommandContext['options'], twice: boolean): Promise<string> {
  const file = options['passphrase-file']
  const given = typeof file === 'string' ? passphraseIn(file) : environmentOf(process.env, variable)
  const passphrase = given ?? (await askFor(twice))
  checkPassphrase(passphrase)
  return passphrase
}

function passphraseIn(file: string): string {
  try {
    // Editors put an end of line there.
    return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new HubError('params_invalid', { path: '--passphrase-file', reason: errorText(error) }, error)
  }
}

async function askFor(twice: boolean): Promise<string> {
  if (!process.stdin.isTTY)
    throw new HubError('params_invalid', {
      path: '--passphrase-file',
      reason: `is missing, ${variable} is not set, and nobody is there to be asked`,
    })
  const prompt = openPrompt()
  try {
    const first = await prompt.ask('Passphrase of the backup: ')
    if (twice && first !== (await prompt.ask('The same once more: ')))
      throw new HubError('params_invalid', { path: 'passphrase', reason: 'was typed in two ways' })
    return first
  } finally {
    prompt.close()
  }
}

/** One for all questions: between two of them the terminal would show what is typed ahead, and lose it. */
function openPrompt(): { ask(question: string): Promise<string>; close(): void } {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  // The terminal shows nothing from here on, so this comes before the question.
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 })
  const typed = lines[Symbol.asyncIterator]()
  return {
    async ask(question) {
      process.stderr.write(question)
      const line = await typed.next()
      process.stderr.write('\n')
      // Ctrl-C, Ctrl-D, or the terminal is gone.
      if (line.done === true)
        throw new HubError('params_invalid', { path: 'passphrase', reason: 'was not given' })
      return line.value
    },
    close: () => lines.close(),
  }
}
