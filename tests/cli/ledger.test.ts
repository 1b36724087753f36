/** `tillbridge verify` and `tillbridge export`, as they are run. */
import { createHash, verify as isSigned } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { writeArchive } from '../../src/cli/export-archive.ts'
import { withFiles } from '../../src/cli/export-files.ts'
import { run } from '../../src/cli/run.ts'
import { readTar } from '../../src/hub/care/tar.ts'
import { chainHash } from '../../src/store/chain.ts'
import { openStore } from '../../src/store/open.ts'
import type { LedgerEntry, LedgerKeyRow, LedgerSeal, Store } from '../../src/store/store.ts'
import { testFolder } from '../store/support/folder.ts'
import { openSession, payRow } from '../store/support/till.ts'

const second = Date.parse('2026-01-02T12:00:00Z')
const third = Date.parse('2026-01-03T12:00:00Z')

/** Entries: key, session opened, o1 on the second, o2 and o3 on the third. */
async function soldFolder(): Promise<{ dir: string; store: Store }> {
  const dir = await testFolder()
  const store = await openStore({ dir })
  onTestFinished(() => store.close())
  await openSession(store, 's1', 'r1', second)
  await store.till.orders.pay(payRow('o1', { at: second, total: 1_205 }))
  await store.till.orders.pay(payRow('o2', { at: third, total: 500 }))
  await store.till.orders.pay(payRow('o3', { at: third, total: -100, employee: '=SUM(A1)' }))
  return { dir, store }
}

async function tillbridge(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.out += String(text)
    return true
  })
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.err += String(text)
    return true
  })
  try {
    return { code: await run(argv), ...said }
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

async function contentsOf(archive: string): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  for await (const { name, content } of readTar(createReadStream(archive))) {
    const parts: Uint8Array[] = []
    for await (const piece of content) parts.push(piece)
    contents.set(name, Buffer.concat(parts))
  }
  return contents
}

const lines = (file: string) => readFileSync(file, 'utf8').split('\n').filter(Boolean)

describe('verify', () => {
  it('[ST45] proves the ledger beside a running store, and without one', async () => {
    const { dir, store } = await soldFolder()
    const { head, keys } = await store.ledger.verify()
    const beside = await tillbridge('verify', '--data', dir)
    expect(beside).toMatchObject({ code: 0, err: '' })
    expect(beside.out).toBe(`The ledger is whole: 5 entries, head ${head}, signed by ${keys[0]}.\n`)
    await store.close()
    const names = readdirSync(dir)
    const alone = await tillbridge('verify', '--json', '--data', dir)
    expect(alone.code).toBe(0)
    expect(JSON.parse(alone.out)).toEqual({ entries: 5, head, keys })
    const left = readdirSync(dir).filter((name) => !name.startsWith('books.db-'))
    expect(left).toEqual(names.filter((name) => !name.startsWith('books.db-')))
  })

  it('[ST45] ends with 1 and names the first entry that is wrong, with the reason', async () => {
    const { dir, store } = await soldFolder()
    await store.close()
    const db = new DatabaseSync(`${dir}/books.db`)
    db.exec(`DROP TRIGGER ledger_no_update; UPDATE ledger SET body = '{}' WHERE seq = 4`)
    db.close()
    const told = await tillbridge('verify', '--data', dir)
    expect(told).toMatchObject({
      code: 1,
      out: 'The ledger is damaged at entry 4: its hash is not that of what it says. (ledger_broken)\n',
    })
    expect(JSON.parse((await tillbridge('verify', '--json', '--data', dir)).out).broken.seq).toBe(4)
  })

  it('[ST45] says when there are no books', async () => {
    const dir = await testFolder()
    expect(await tillbridge('verify', '--data', dir)).toMatchObject({ code: 1, out: '' })
    expect(readdirSync(dir)).toEqual([])
  })
})

describe('export', () => {
  it('[ST46] jsonl holds the entries as the ledger has them', async () => {
    const { dir, store } = await soldFolder()
    const file = `${dir}/ledger.jsonl`
    expect(await tillbridge('export', file, '--format', 'jsonl', '--data', dir)).toMatchObject({
      code: 0,
      err: '',
    })
    expect(lines(file).map((line) => JSON.parse(line))).toEqual(await store.ledger.after(0, 100))
  })

  it('[ST46] csv has four tables, each with a header', async () => {
    const { dir } = await soldFolder()
    const file = `${dir}/sales.csv`
    expect((await tillbridge('export', file, '--format', 'csv', '--data', dir)).code).toBe(0)
    const table = (name: string) => readFileSync(`${dir}/sales-${name}.csv`, 'utf8').split('\r\n')
    const orders = table('orders').map((row) => row.split(','))
    const column = (name: string) => orders.slice(1, -1).map((row) => row[orders[0]!.indexOf(name)])
    expect(column('reference')).toEqual(['B-r1-000001', 'B-r1-000002', 'B-r1-000003'])
    expect(column('total')).toEqual(['12.05', '5.00', '-1.00'])
    expect(column('net')).toEqual(['11.05', '4.00', '-2.00'])
    // What a spreadsheet would reckon with is told to be text.
    expect(column('employee')).toEqual(['ann', 'ann', "'=SUM(A1)"])
    expect(table('lines')[1]).toBe(
      'B-r1-000001,l1,item,milk,"Milk, ""whole""",,1,unit,5,0,v25,11.05,1.00,12.05,,',
    )
    expect(table('payments').slice(0, 2)).toEqual([
      'reference,payment,method,amount,change,slip',
      'B-r1-000001,p1,cash,12.05,false,',
    ])
    expect(table('taxes').slice(0, 2)).toEqual([
      'reference,tax,name,base,amount',
      'B-r1-000001,v25,25 %,11.05,1.00',
    ])
    expect(table('taxes')).toHaveLength(5)
  })

  it('[ST46] from and until bound it; a day ends with its last moment', async () => {
    const { dir } = await soldFolder()
    const count = async (...period: string[]) => {
      const file = `${dir}/part.jsonl`
      const { code } = await tillbridge(
        'export',
        file,
        '--format',
        'jsonl',
        '--force',
        '--data',
        dir,
        ...period,
      )
      expect(code).toBe(0)
      return lines(file).length
    }
    expect(await count('--from', '2026-01-03T12:00:00Z')).toBe(2)
    expect(await count('--from', '2026-01-03T12:00:00.001Z')).toBe(0)
    expect(await count('--until', '2026-01-03T12:00:00Z')).toBe(3)
    expect(await count('--from', '2026-01-01', '--until', '2026-01-04')).toBe(5)
    const localDay = new Date(third)
    const day = [localDay.getFullYear(), localDay.getMonth() + 1, localDay.getDate()]
    const text = day.map((part) => String(part).padStart(2, '0')).join('-')
    expect(await count('--until', text)).toBe(5)
  })

  it('[ST46] the archive is signed, and proves itself without the box', async () => {
    const { dir, store } = await soldFolder()
    const file = `${dir}/year.tar`
    const period = ['--from', '2026-01-02T12:00:01Z']
    const told = await tillbridge('export', file, '--format', 'archive', '--data', dir, ...period)
    expect(told).toMatchObject({ code: 0, err: '' })
    const contents = await contentsOf(file)
    const text = (name: string) => contents.get(name)!.toString('utf8')
    const manifest = JSON.parse(text('manifest.json'))
    const [o1, o2, o3] = await store.ledger.after(2, 10)
    expect(manifest).toMatchObject({
      format: 1,
      period: { from: '2026-01-02T12:00:01.000Z', until: null },
      entries: { count: 2, first: 4, last: 5 },
      chain: { before: o1!.hash, last: o3!.hash },
      orders: 2,
      totals: { r1: 400 },
      grandTotals: { r1: 1_605 },
    })
    const [key] = JSON.parse(text('keys.json')) as LedgerKeyRow[]
    expect(manifest.signedBy).toBe(key!.id)
    const signature = Buffer.from(text('manifest.sig'), 'base64')
    expect(isSigned(null, contents.get('manifest.json')!, key!.publicKey, signature)).toBe(true)
    for (const { name, size, sha256 } of manifest.files as { name: string; size: number; sha256: string }[]) {
      const bytes = contents.get(name)!
      expect([name, bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([
        name,
        size,
        sha256,
      ])
    }
    expect([...contents.keys()].sort()).toEqual(
      ['manifest.json', 'manifest.sig', ...manifest.files.map(({ name }: { name: string }) => name)].sort(),
    )
    let before: string = manifest.chain.before
    const entries = text('ledger.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LedgerEntry)
    for (const entry of entries) {
      expect(entry.hash).toBe(chainHash(before, entry))
      before = entry.hash
    }
    expect(entries).toEqual([o2, o3])
    for (const line of text('seals.jsonl').trim().split('\n')) {
      const seal = JSON.parse(line) as LedgerSeal
      const { hash } = entries.find(({ seq }) => seq === seal.seq)!
      expect(isSigned(null, Buffer.from(hash), key!.publicKey, Buffer.from(seal.signature, 'base64'))).toBe(
        true,
      )
    }
    expect(text('orders.csv').split('\r\n')).toHaveLength(4)
    expect(
      readdirSync(dir).filter((name) => name.startsWith('.tillbridge') || name.endsWith('.part')),
    ).toEqual([])
  })

  it('[ST46] the entries of an archive are one piece of the chain, whatever the clock said in between', async () => {
    const { dir, store } = await soldFolder()
    // Sold without the hub, and filed late.
    await store.till.orders.pay(payRow('late', { at: second + 1, total: 7 }))
    await store.till.orders.pay(payRow('o4', { at: third, total: 11 }))
    const file = `${dir}/part.tar`
    const period = ['--from', '2026-01-03']
    await tillbridge('export', file, '--format', 'archive', '--data', dir, ...period)
    const contents = await contentsOf(file)
    const manifest = JSON.parse(contents.get('manifest.json')!.toString())
    expect(manifest).toMatchObject({
      entries: { count: 4, first: 4, last: 7 },
      orders: 3,
      totals: { r1: 411 },
      grandTotals: { r1: 1_623 },
    })
    let before: string = manifest.chain.before
    for (const line of contents.get('ledger.jsonl')!.toString().trim().split('\n')) {
      const entry = JSON.parse(line) as LedgerEntry
      expect(entry.hash).toBe(chainHash(before, entry))
      before = entry.hash
    }
    expect(before).toBe(manifest.chain.last)
    const orders = contents.get('orders.csv')!.toString()
    expect(orders).not.toContain('late')
    expect(orders.split('\r\n')).toHaveLength(5)
  })

  it('[ST46] an archive ends with its period: what came behind is in none of its figures', async () => {
    const { dir } = await soldFolder()
    const file = `${dir}/first.tar`
    await tillbridge('export', file, '--format', 'archive', '--data', dir, '--until', '2026-01-03T12:00:00Z')
    const contents = await contentsOf(file)
    const manifest = JSON.parse(contents.get('manifest.json')!.toString())
    expect(manifest).toMatchObject({ entries: { first: 1, last: 3 }, orders: 1, grandTotals: { r1: 1_205 } })
    const seals = contents.get('seals.jsonl')!.toString().trim().split('\n')
    expect(seals.map((line) => (JSON.parse(line) as LedgerSeal).seq)).toEqual([2, 3])
  })

  it('[ST46] what is sold while an archive is written is of the next one', async () => {
    const { dir, store } = await soldFolder()
    const ledger: Store['ledger'] = {
      ...store.ledger,
      async span(from, until) {
        const span = await store.ledger.span(from, until)
        await store.till.orders.pay(payRow('o4', { at: third, total: 11 }))
        return span
      },
    }
    const period = { from: 0, until: Number.MAX_SAFE_INTEGER }
    const { manifest } = await writeArchive({ ...store, ledger }, dir, `${dir}/now.tar`, period)
    expect(manifest).toMatchObject({ entries: { count: 5, last: 5 }, orders: 3, totals: { r1: 1_605 } })
    expect((await contentsOf(`${dir}/now.tar`)).get('orders.csv')!.toString()).not.toContain('o4')
  })

  it('[ST46] an archive of a period in which nothing happened is empty', async () => {
    const { dir } = await soldFolder()
    const file = `${dir}/none.tar`
    await tillbridge('export', file, '--format', 'archive', '--data', dir, '--from', '2027-01-01')
    const contents = await contentsOf(file)
    expect(JSON.parse(contents.get('manifest.json')!.toString())).toMatchObject({
      entries: { count: 0, first: null, last: null },
      chain: { before: null, last: null },
      grandTotals: { r1: 1_605 },
    })
    expect(contents.get('ledger.jsonl')!.length + contents.get('seals.jsonl')!.length).toBe(0)
  })

  it.each([
    ['no JSON', 'x'],
    ['no order', '{"id":"o2"}'],
    ['nothing', 'null'],
  ])('[ST46] an order that is %s is named, and the entries can be had as they are', async (_, body) => {
    const { dir, store } = await soldFolder()
    await store.close()
    const db = new DatabaseSync(`${dir}/books.db`)
    db.exec('DROP TRIGGER ledger_no_update')
    db.prepare('UPDATE ledger SET body = ? WHERE seq = 4').run(body)
    db.close()
    for (const format of ['csv', 'archive']) {
      const { code, err } = await tillbridge('export', `${dir}/x`, '--format', format, '--data', dir)
      expect([code, err]).toEqual([1, expect.stringContaining('damaged at entry 4')])
      expect(err).toContain('--format jsonl')
    }
    expect(readdirSync(dir).filter((name) => name.startsWith('x') || name.startsWith('.till'))).toEqual([])
    await tillbridge('export', `${dir}/x`, '--format', 'jsonl', '--data', dir)
    expect(JSON.parse(lines(`${dir}/x`)[3]!).body).toBe(body)
  })

  it('[ST46] of several files none shows before all of them are on the disk', async () => {
    const dir = await testFolder()
    const paths = ['a', 'b', 'c'].map((name) => `${dir}/${name}`)
    const failing = withFiles(paths, async ([first, second]) => {
      await first?.write('a')
      // As a disk that fails: what is to be written cannot be.
      await second?.abandon()
    })
    await expect(failing).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(readdirSync(dir)).toEqual([])
  })

  it('[ST46] without the key the archive says that it is not signed', async () => {
    const { dir, store } = await soldFolder()
    await store.close()
    rmSync(`${dir}/ledger.key`)
    const { out, code } = await tillbridge(
      'export',
      `${dir}/a.tar`,
      '--format',
      'archive',
      '--data',
      dir,
      '--json',
    )
    expect(code).toBe(0)
    expect(JSON.parse(out).manifest.signedBy).toBeNull()
    expect(existsSync(`${dir}/ledger.key`)).toBe(false)
  })

  it.each([
    ['no file', [], 'FILE'],
    ['no format', ['x.csv'], 'format'],
    ['a format that is none', ['x', '--format', 'xml'], 'format'],
    ['a day that is none', ['x', '--format', 'csv', '--from', '2026-13-01'], 'from'],
    [
      'an end before the beginning',
      ['x', '--format', 'csv', '--from', '2026-01-02', '--until', '2026-01-01'],
      'until',
    ],
  ])('[ST46] %s is refused, and the path named', async (_, argv, path) => {
    const { dir } = await soldFolder()
    const { code, err } = await tillbridge('export', ...argv, '--data', dir)
    expect(code).toBe(1)
    expect(err).toContain(path)
  })

  it('[ST46] a file that is there is written over only when that is asked for', async () => {
    const { dir } = await soldFolder()
    for (const [format, name] of [
      ['csv', 'x-orders.csv'],
      ['jsonl', 'x.csv'],
      ['archive', 'x.csv'],
    ] as const) {
      writeFileSync(`${dir}/${name}`, 'mine')
      const argv = ['export', `${dir}/x.csv`, '--format', format, '--data', dir]
      expect((await tillbridge(...argv)).code).toBe(1)
      expect(readFileSync(`${dir}/${name}`, 'utf8')).toBe('mine')
      expect((await tillbridge(...argv, '--force')).code).toBe(0)
      expect(readFileSync(`${dir}/${name}`, 'utf8')).not.toBe('mine')
    }
    const nowhere = await tillbridge('export', `${dir}/no/x.jsonl`, '--format', 'jsonl', '--data', dir)
    expect(nowhere.code).toBe(1)
  })
})
