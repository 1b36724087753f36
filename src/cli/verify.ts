/** `tillbridge verify`: proves that nobody has changed what the till wrote down, whether or not the hub runs. */
import { HubError } from '../protocol/errors.ts'
import type { LedgerProof } from '../store/store.ts'
import { dataOf } from './box.ts'
import { readBooks } from './read-books.ts'
import { type Command, exitCodes } from './run.ts'

export const verify: Command = {
  summary:
    'Prove the ledger: its chain and its signatures. Ends with 1 and names the first entry that is wrong',
  usage: '',
  options: {},
  async run({ options, print }) {
    const store = await readBooks(dataOf(options))
    try {
      const proof = await store.ledger.verify()
      print(proof, textOf(proof))
      return proof.broken === undefined ? exitCodes.ok : exitCodes.failed
    } finally {
      await store.close()
    }
  },
}

function textOf({ entries, head, keys, broken }: LedgerProof): string {
  if (broken !== undefined) return new HubError('ledger_broken', broken).message
  const signed = keys.length === 0 ? 'not signed yet' : `signed by ${keys.join(', ')}`
  return `The ledger is whole: ${entries} ${entries === 1 ? 'entry' : 'entries'}, head ${head}, ${signed}.`
}
