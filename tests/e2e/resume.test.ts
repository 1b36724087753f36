/** Two tills follow the scanner; one is away for half a minute and misses nothing. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createClient, type HubClient } from '../../src/protocol/client.ts'
import { HubProcess, temporaryDir, until } from '../support/hub-process.ts'
import { startProxy } from '../support/proxy.ts'
import { openPty, type Pty } from '../support/pty.ts'

describe('two tills and a scanner', () => {
  const dir = temporaryDir()
  let hub: HubProcess
  let pty: Pty
  beforeAll(async () => {
    pty = await openPty()
    hub = await HubProcess.start({ dir })
  })
  afterAll(async () => {
    await hub?.stop()
    await pty?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('[P25] both get every scan; one that was away for 30 s gets what it missed, in order, once', {
    timeout: 90_000,
  }, async () => {
    const technician = await hub.client('technician')
    await technician.call('device.add', {
      class: 'scanner',
      driver: 'serial-scanner',
      profile: 'generic',
      port: `serial:${pty.path}`,
    })
    await until(
      async () => (await technician.call('device.get', { id: 'scanner-1' })).state === 'ready',
      'the scanner to be ready',
    )

    const proxy = await startProxy(hub.url)
    const token = await hub.token('cashier')
    const till = (url: string): { client: HubClient; codes: string[]; gaps: number } => {
      const client = createClient({
        url,
        token,
        client: 'till',
        WebSocket: WebSocket as never,
        random: () => 0,
      })
      const state = { client, codes: [] as string[], gaps: 0 }
      client.onGap(() => state.gaps++)
      client.subscribe(['scan'], (event) => state.codes.push(event.data.code))
      client.connect()
      return state
    }
    const near = till(hub.url)
    const far = till(proxy.url)
    await Promise.all([near.client.whenOnline(), far.client.whenOnline()])
    await Promise.all([near.client.call('ping', {}), far.client.call('ping', {})])

    const sent: string[] = []
    const scan = () => {
      const code = `SCAN-${sent.length}`
      sent.push(code)
      pty.write(Buffer.from(`${code}\r`))
    }
    for (let number = 0; number < 20; number++) scan()
    await until(() => near.codes.length === 20 && far.codes.length === 20, 'the first scans at both')

    proxy.cut()
    const backAt = performance.now() + 30_000
    while (performance.now() < backAt) {
      scan()
      await until(() => near.codes.length === sent.length, 'the scan at the till that stayed')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(far.codes).toHaveLength(20)
    proxy.mend()
    far.client.connect()
    scan()
    await until(() => far.codes.length >= sent.length, 'everything at the till that was away', 30_000)
    expect(near.codes).toEqual(sent)
    expect(far.codes).toEqual(sent)
    expect([near.gaps, far.gaps]).toEqual([0, 0])
    expect(sent.length).toBeGreaterThan(200)
    near.client.close()
    far.client.close()
    await proxy.stop()
  })

  it('[P25] a till resumes over a restart of the hub, also after kill -9', { timeout: 30_000 }, async () => {
    const token = await hub.token('cashier')
    const codes: string[] = []
    const proxy = await startProxy(hub.url)
    const client = createClient({
      url: proxy.url,
      token,
      client: 'till',
      WebSocket: WebSocket as never,
      random: () => 0,
    })
    let gaps = 0
    client.onGap(() => gaps++)
    client.subscribe(['scan'], (event) => codes.push(event.data.code))
    client.connect()
    await client.whenOnline()
    await client.call('ping', {})
    proxy.cut()
    const other = await hub.client('technician')
    let seen = 0
    other.subscribe(['scan'], () => seen++)
    await other.call('ping', {})
    for (const code of ['A1', 'A2', 'A3']) pty.write(Buffer.from(`${code}\r`))
    await until(() => seen === 3, 'the scans to be recorded')
    await hub.kill9()
    hub = await HubProcess.start({ dir })
    proxy.target(hub.url)
    proxy.mend()
    client.connect()
    await until(() => codes.length === 3, 'the scans from before the crash', 15_000)
    expect(codes).toEqual(['A1', 'A2', 'A3'])
    expect(gaps).toBe(0)
    client.close()
    await proxy.stop()
  })
})
