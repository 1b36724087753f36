/** `tillbridge revoke`: takes a token back, or ends all sessions; a running hub closes their connections at once. */
import type { HubClient } from '../protocol/client.ts'
import { HubError } from '../protocol/errors.ts'
import { type AtTheBox, atTheBox, clientIfRunning, dataOf } from './box.ts'
import { type Command, exitCodes } from './run.ts'

/** What the command needs, of a running hub or of its data. */
interface Revoker {
  tokens(): Promise<readonly { id: string; name: string }[]>
  revoke(id: string): Promise<unknown>
  /** Answers how many there were. */
  endSessions(): Promise<number>
}

export const revoke: Command = {
  summary: 'Take the token of a client back, or end every session of the console',
  usage: 'NAME-OR-ID | --all-sessions',
  options: {
    'all-sessions': { type: 'boolean', help: 'log everybody out of the console' },
  },
  async run({ options, positionals, print }) {
    const [wanted, ...more] = positionals
    const allSessions = options['all-sessions'] === true
    if (more.length > 0 || (wanted === undefined) !== allSessions)
      throw new HubError('params_invalid', {
        path: 'NAME-OR-ID',
        reason: 'give one name or id, or --all-sessions',
      })
    await withRevoker(dataOf(options), async (revoker) => {
      if (wanted === undefined) {
        const ended = await revoker.endSessions()
        print({ ended }, `${ended} ${ended === 1 ? 'session' : 'sessions'} ended`)
        return
      }
      const { id, name } = find(await revoker.tokens(), wanted)
      await revoker.revoke(id)
      print({ revoked: { id, name } }, `${name} is no longer paired`)
    })
    return exitCodes.ok
  },
}

async function withRevoker(data: string, use: (revoker: Revoker) => Promise<void>): Promise<void> {
  const client = await clientIfRunning(data)
  if (client === undefined) return atTheBox(data, (box) => use(revokerOfBox(box)))
  try {
    await use(revokerOfHub(client, data))
  } finally {
    client.close()
  }
}

function revokerOfHub(client: HubClient, data: string): Revoker {
  return {
    tokens: async () => (await client.call('token.list', {})).tokens,
    revoke: (id) =>
      client.call('token.revoke', { id }).catch(async (error: unknown) => {
        // Whoever takes back the own token is cut off before the answer: the books tell whether it is done.
        const left = await atTheBox(data, ({ store }) => store.access.tokens())
        if (left.some((token) => token.id === id)) throw error
      }),
    async endSessions() {
      const { sessions } = await client.call('session.list', {})
      for (const { id } of sessions) await client.call('session.end', { id })
      return sessions.length
    },
  }
}

function revokerOfBox({ audit, store, tokens }: AtTheBox): Revoker {
  return {
    tokens: () => store.access.tokens(),
    revoke: (id) => audit('token.revoke', { id }, () => tokens.revoke(id)),
    endSessions: () => audit('session.end', { all: true }, () => store.access.clearSessions()),
  }
}

/** An id is meant before a name. Throws `token_unknown`, or `params_invalid` when the name is not one client's alone. */
function find(tokens: readonly { id: string; name: string }[], wanted: string): { id: string; name: string } {
  const named = tokens.filter(({ name }) => name.toLowerCase() === wanted.trim().toLowerCase())
  const found = tokens.find(({ id }) => id === wanted) ?? named[0]
  if (found === undefined) throw new HubError('token_unknown', { id: wanted })
  if (found.id !== wanted && named.length > 1)
    throw new HubError('params_invalid', {
      path: 'NAME-OR-ID',
      reason: `${named.length} clients are called ${found.name}; give an id: ${named.map(({ id }) => id).join(', ')}`,
    })
  return found
}
