/** The books of a data folder for commands that only look: beside a running hub or without one. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HubError } from '../protocol/errors.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'

/** Every write is refused. Rejects with `store_unavailable`, `store_corrupt`. */
export async function readBooks(data: string): Promise<Store> {
  if (!existsSync(join(data, 'books.db')))
    throw new HubError('store_unavailable', { reason: `there are no books in ${data}` })
  return openStore({ dir: data, inline: true, readOnly: true })
}
