/** `tillbridge export`: what was sold as CSV, the ledger as JSON Lines, or both in a signed archive. The hub may run meanwhile. */
import { existsSync } from 'node:fs'
import { HubError } from '../protocol/errors.ts'
import { dataOf } from './box.ts'
import { writeArchive } from './export-archive.ts'
import { writeCsv, writeEntries } from './export-files.ts'
import { readBooks } from './read-books.ts'
import { type Command, exitCodes } from './run.ts'

const formats = ['csv', 'jsonl', 'archive'] as const

export const exportBooks: Command = {
  summary: 'Write what was sold to a file, for the books of the shop or an inspection',
  usage: 'FILE --format csv|jsonl|archive [--from TIME] [--until TIME] [--force]',
  options: {
    format: {
      type: 'string',
      help: 'csv: four tables, FILE-orders.csv and so on; jsonl: the ledger; archive: all, signed, in one tar',
    },
    from: { type: 'string', help: 'first day (2026-01-31, in the time zone of the box) or moment' },
    until: {
      type: 'string',
      help: 'last day, that whole day counted in, or the moment before which it ends',
    },
    force: { type: 'boolean', help: 'write over a file that is there' },
  },
  async run({ options, positionals, print }) {
    const [file] = positionals
    if (file === undefined || positionals.length !== 1) throw wrong('FILE', 'name exactly one file')
    const format = formats.find((known) => known === options.format)
    if (format === undefined) throw wrong('format', `choose ${formats.join(', ')}`)
    const period = {
      from: moment('from', options.from, 0) ?? 0,
      until: moment('until', options.until, 1) ?? Number.MAX_SAFE_INTEGER,
    }
    if (period.from >= period.until) throw wrong('until', 'is not after from')
    const mayWrite = (path: string) => {
      if (existsSync(path) && options.force !== true)
        throw wrong(path, 'is there already; --force writes over it')
    }
    const data = dataOf(options)
    const store = await readBooks(data)
    try {
      if (format === 'csv') {
        const { files, orders } = await writeCsv(store.ledger, file, period, mayWrite)
        print({ files, orders }, `${orders} orders in ${files.join(', ')}`)
      } else if (format === 'jsonl') {
        mayWrite(file)
        const { entries } = await writeEntries(store.ledger, file, period)
        print({ file, entries }, `${entries} entries in ${file}`)
      } else {
        mayWrite(file)
        const { manifest, signedBy } = await writeArchive(store, data, file, period)
        const signed =
          signedBy === null ? 'not signed: the key of the box is not there' : `signed by ${signedBy}`
        print({ file, manifest }, `${manifest.entries.count} entries in ${file}, ${signed}`)
      }
      return exitCodes.ok
    } finally {
      await store.close()
    }
  },
}

const wrong = (path: string, reason: string) => new HubError('params_invalid', { path, reason })

/** ms since 1970. Of a day its beginning, or with `later` that of the day so many days on. */
function moment(name: string, text: string | boolean | undefined, later: number): number | undefined {
  if (text === undefined) return undefined
  const day = /^\d{4}-\d{2}-\d{2}$/.test(String(text))
  const time = new Date(day ? `${text}T00:00:00` : String(text))
  if (Number.isNaN(time.getTime())) throw wrong(name, 'is no day such as 2026-01-31 and no moment')
  if (day) time.setDate(time.getDate() + later)
  return time.getTime()
}
