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
  const first = await ask('Passphrase of the backup: ')
  if (twice && first !== (await ask('The same once more: ')))
    throw new HubError('params_invalid', { path: 'passphrase', reason: 'was typed in two ways' })
  return first
}

function ask(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => {
      lines.close()
      reject(new HubError('params_invalid', { path: 'passphrase', reason: 'was not given' }))
    })
    lines.question('', (answer) => {
      lines.close()
      process.stderr.write('\n')
      resolve(answer)
    })
  })
}
