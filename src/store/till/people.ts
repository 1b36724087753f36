/** Employees and their log-ins: the SQL next to the database, and the contract over a handle to it. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../../protocol/errors.ts'
import type { BookOperations } from '../books.ts'
import type { Handle } from '../handle.ts'
import type { storeLimits } from '../store.ts'
import type { EmployeeRow, LoginRow, PeopleStore } from './contract.ts'

/** An employee as the columns hold it. */
type EmployeeRecord = Omit<EmployeeRow, 'active'> & { active: 0 | 1 }

export function peopleOperations(
  db: DatabaseSync,
  limits: { readonly [K in keyof Pick<typeof storeLimits, 'loginsMax'>]: number },
) {
  const selectEmployees = db.prepare(
    'SELECT id, name, role AS "right", active, pin, badge FROM till_employees ORDER BY name, id',
  )
  const selectBefore = db.prepare('SELECT role, active, pin, badge FROM till_employees WHERE id = ?')
  const selectBadge = db.prepare('SELECT id, name FROM till_employees WHERE badge = ? AND id <> ?')
  // Never a REPLACE: it would be a removal, and take the log-ins with it.
  const upsert = db.prepare(
    `INSERT INTO till_employees (id, name, role, active, pin, badge) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, active = excluded.active,
       pin = excluded.pin, badge = excluded.badge`,
  )
  const removeEmployee = db.prepare('DELETE FROM till_employees WHERE id = ?')
  const selectLogins = db.prepare(
    'SELECT hash, employee, register, client, at FROM till_logins ORDER BY at, hash',
  )
  const insertLogin = db.prepare('INSERT INTO till_logins VALUES (?, ?, ?, ?, ?)')
  const dropSurplus = db.prepare(
    `DELETE FROM till_logins WHERE hash IN
       (SELECT hash FROM till_logins WHERE employee = ? ORDER BY at DESC, hash DESC LIMIT -1 OFFSET ?) RETURNING hash`,
  )
  const removeLogin = db.prepare('DELETE FROM till_logins WHERE hash = ?')
  const removeLoginsOf = db.prepare('DELETE FROM till_logins WHERE employee = ?')
  return {
    reads: {
      'people.employees': () => selectEmployees.all() as unknown as EmployeeRecord[],
      'people.logins': () => selectLogins.all() as unknown as LoginRow[],
    },
    writes: {
      /** Log-ins go in the same step when what they rest on is another. */
      'people.put': ({ id, name, right, active, pin, badge }: EmployeeRecord): void => {
        const other = badge === null ? undefined : selectBadge.get(badge, id)
        if (other !== undefined)
          throw new HubError('till_in_use', { id: 'badge', reason: `${other.name} has this badge` })
        const before = selectBefore.get(id)
        upsert.run(id, name, right, active, pin, badge)
        const same =
          before?.role === right && before.active === active && before.pin === pin && before.badge === badge
        if (!same) removeLoginsOf.run(id)
      },
      /** Log-ins go with the employee, by their foreign key. */
      'people.remove': (id: string): boolean => removeEmployee.run(id).changes === 1,
      'people.insertLogin': ({ hash, employee, register, client, at }: LoginRow): string[] => {
        const dropped = dropSurplus.all(employee, limits.loginsMax - 1)
        insertLogin.run(hash, employee, register, client, at)
        return dropped.map((row) => String(row.hash))
      },
      'people.deleteLogin': (hash: string): boolean => removeLogin.run(hash).changes === 1,
    },
  }
}

export function peopleOver(books: Handle<BookOperations>): PeopleStore {
  return {
    async employees() {
      return (await books.read('people.employees')).map((row) => ({ ...row, active: row.active === 1 }))
    },
    put: (row) => books.write('people.put', { ...row, active: row.active ? 1 : 0 }),
    remove: (id) => books.write('people.remove', id),
    logins: () => books.read('people.logins'),
    insertLogin: (row) => books.write('people.insertLogin', row),
    deleteLogin: (hash) => books.write('people.deleteLogin', hash),
  }
}
