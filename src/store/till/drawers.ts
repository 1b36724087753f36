/** Drawers opened without a sale: each is an entry of the ledger, once for its id. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../../protocol/errors.ts'
import type { BookOperations } from '../books.ts'
import type { Handle } from '../handle.ts'
import type { Append } from '../ledger.ts'
import type { DrawerOpening, SessionStore } from './contract.ts'

export function drawerOperations(db: DatabaseSync, append: Append) {
  const select = db.prepare(
    'SELECT register, reason, at FROM till_drawer_openings JOIN ledger USING (seq) WHERE id = ?',
  )
  const insert = db.prepare('INSERT INTO till_drawer_openings VALUES (?, ?, ?, ?)')
  return {
    writes: {
      'till.drawerOpened': (opening: DrawerOpening, at: number): { repeated: boolean; at: number } => {
        const { id, register, reason } = opening
        const known = select.get(id)
        if (known !== undefined) {
          if (known.register === register && known.reason === reason)
            return { repeated: true, at: Number(known.at) }
          throw new HubError('till_conflict', { kind: 'drawer opening', id })
        }
        const { seq } = append('drawer.opened', JSON.stringify(opening), at)
        insert.run(seq, id, register, reason)
        return { repeated: false, at }
      },
    },
  }
}

export function drawersOver(books: Handle<BookOperations>): Pick<SessionStore, 'drawerOpened'> {
  return { drawerOpened: (opening, at) => books.write('till.drawerOpened', opening, at) }
}
