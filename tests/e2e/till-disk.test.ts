/** Disks that fail under a till that sells: full, answering EIO, and with the end of the write-ahead log garbled. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, temporaryDir, tillbridge, until } from '../support/hub-process.ts'
import { type Basket, fillShop, paying, totalOf } from '../support/shop.ts'
import { smallDisk } from '../support/small-disk.ts'

const basket = (id: string): Basket => ({ id, lines: [{ product: 'milk', quantity: 2 }] })

/** A hub with an open session, and a till that sells baskets until one is refused. */
class Selling {
  readonly acknowledged = new Set<string>()
  made = 0
  hub: HubProcess
  client: HubClient

  private constructor(hub: HubProcess, client: HubClient) {
    this.hub = hub
    this.client = client
  }

  static async start(dir: string): Promise<Selling> {
    const hub = await HubProcess.start({ dir, args: ['--log', 'error'] })
    const selling = new Selling(hub, await hub.client('technician'))
    await fillShop(selling.client)
    await selling.client.call('till.session.open', { id: 'day', register: 'main', counted: 0 })
    return selling
  }

  /** Sells one; answers the code of the error, or undefined. */
  async sell(id = `o-${this.made++}`): Promise<string | undefined> {
    try {
      await this.client.call('till.order.pay', paying(basket(id)), { timeoutMs: 20_000 })
      this.acknowledged.add(id)
      return undefined
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  async sellUntilRefused(max: number): Promise<string | undefined> {
    for (let tries = 0; tries < max; tries++) {
      const code = await this.sell()
      if (code !== undefined) return code
    }
    return undefined
  }

  /** The paid order of this id, or undefined. */
  async onFile(id: string) {
    try {
      return (await this.client.call('till.order.get', { id })).sold
    } catch (error) {
      if ((error as { code?: string }).code === 'till_unknown') return undefined
      throw error
    }
  }

  /** What is wrong on file, by an independent sum. */
  async differences(): Promise<string[]> {
    const wrong: string[] = []
    let onFile = 0
    for (const id of this.acknowledged) {
      const sold = await this.onFile(id)
      if (sold?.totals.total !== totalOf(basket(id))) wrong.push(`${id} is lost`)
      else onFile++
    }
    const report = await this.client.call('till.session.report', { session: 'day' })
    if (report.orders !== onFile) wrong.push(`${report.orders} orders, ${onFile} acknowledged`)
    if (report.cashExpected !== onFile * totalOf(basket('one'))) wrong.push(`cash ${report.cashExpected}`)
    const { broken } = await this.client.call('till.ledger.verify', {})
    if (broken !== null) wrong.push(`entry ${broken} is broken`)
    return wrong
  }
}

describe('a till on a disk that fails', () => {
  const cleanUp: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step()
  })

  it('[SH8] full: refuses the sale, keeps nothing of it, and sells on when there is room', {
    timeout: 90_000,
  }, async () => {
    const disk = smallDisk(24)
    cleanUp.push(() => disk.remove())
    const selling = await Selling.start(disk.dir)
    cleanUp.push(() => selling.hub.stop())
    expect(await selling.sell()).toBeUndefined()
    disk.fill()
    expect(await selling.sellUntilRefused(5_000)).toBe('store_unavailable')
    const refused = `o-${selling.made - 1}`
    expect(await selling.sell(refused)).toBe('store_unavailable')
    disk.free()
    await until(async () => (await selling.sell()) === undefined, 'the disk to work again', 20_000)
    expect(await selling.onFile(refused)).toBeUndefined()
    expect(await selling.sell(refused)).toBeUndefined()
    expect(await selling.differences()).toEqual([])
  })

  it('[SH8] that answers EIO: refuses the sale, keeps nothing of it, and sells on when it works', {
    timeout: 90_000,
  }, async () => {
    const dir = temporaryDir()
    cleanUp.push(() => rmSync(dir, { recursive: true, force: true }))
    const selling = await Selling.start(dir)
    cleanUp.push(() => selling.hub.stop())
    for (const call of ['pwrite64', 'fsync'] as const) {
      expect(await selling.sell()).toBeUndefined()
      const broken = await failingDisk(selling.hub.pid, dir, call)
      cleanUp.push(() => broken.kill('SIGKILL'))
      const code = await selling.sellUntilRefused(100)
      expect([call, code]).toEqual([call, 'store_unavailable'])
      broken.kill('SIGINT')
      await once(broken, 'exit')
      await until(async () => (await selling.sell()) === undefined, `${call} to work again`, 20_000)
    }
    expect(await selling.differences()).toEqual([])
  })

  it('[SH9] whose write-ahead log is garbled at its end: says which receipts are gone, and sells on', {
    timeout: 90_000,
  }, async () => {
    const dir = temporaryDir()
    cleanUp.push(() => rmSync(dir, { recursive: true, force: true }))
    const selling = await Selling.start(dir)
    for (let count = 0; count < 20; count++) expect(await selling.sell()).toBeUndefined()
    const last = await selling.onFile('o-19')
    await selling.hub.kill9()
    garbleEnd(join(dir, 'books.db-wal'), 4_096)

    selling.hub = await HubProcess.start({ dir, args: ['--log', 'error'] })
    cleanUp.push(() => selling.hub.stop())
    selling.client = await selling.hub.client('technician')
    const health = await until(async () => {
      const response = await fetch(`${selling.hub.url}/api/v1/health`)
      const report = (await response.json()) as { status: string; reasons: string[] }
      return report.status === 'degraded' && report
    }, 'the report')
    const lost: string[] = []
    for (const id of selling.acknowledged) if ((await selling.onFile(id)) === undefined) lost.push(id)
    expect(lost).toContain('o-19')
    expect(health.reasons.join()).toContain(last?.reference)
    // Each acknowledged order is on file or told of.
    const told = health.reasons.join().match(/-\d{6}/g) ?? []
    expect(told).toHaveLength(lost.length)
    for (const id of lost) selling.acknowledged.delete(id)
    expect(await selling.sell('after')).toBeUndefined()
    // A number that stands on somebody's paper is not given again.
    const after = await selling.onFile('after')
    expect(after?.number).toBeGreaterThan(last?.number ?? Number.POSITIVE_INFINITY)
    expect(await selling.differences()).toEqual([])
    await selling.hub.stop()
    expect((await tillbridge(['verify', '--data', dir])).code).toBe(0)
  })
})

/** From now on the hub's calls of this name on the files of the books fail with EIO, until the answer ends. */
async function failingDisk(pid: number, dir: string, call: string): Promise<ChildProcess> {
  const files = ['books.db', 'books.db-wal', 'books.db-shm'].flatMap((name) => ['-P', join(dir, name)])
  const strace = spawn(
    'strace',
    ['-f', '-q', '-p', String(pid), ...files, '-e', `inject=${call}:error=EIO`, '-o', '/dev/null'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  if (strace.exitCode !== null) throw new Error('strace could not attach to the hub')
  return strace
}

function garbleEnd(file: string, bytes: number): void {
  const { size } = statSync(file)
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, randomBytes(bytes), 0, bytes, size - bytes)
  closeSync(descriptor)
}
