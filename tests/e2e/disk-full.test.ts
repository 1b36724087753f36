/** A full disk: the hub starts and serves, says why it is degraded, sends nothing it could not record, and mends itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { smallDisk } from '../support/small-disk.ts'
import { serveTwin, type TwinServer } from '../support/twin-tcp.ts'

describe('a full disk', () => {
  const disk = smallDisk()
  let server: TwinServer
  const twin = createEscposTwin({ clock: systemClock })
  let hub: HubProcess | undefined
  beforeAll(async () => {
    server = await serveTwin(twin)
  })
  afterAll(async () => {
    await hub?.stop()
    await server.close()
    disk.remove()
  })

  const health = async (): Promise<{ status: string; reasons: string[] }> =>
    (await (await fetch(`${hub?.url}/api/v1/health`)).json()) as { status: string; reasons: string[] }

  it('[J22] at the start: serves within seconds, degraded with the reason, and comes up when there is room', {
    timeout: 60_000,
  }, async () => {
    disk.fill()
    hub = await HubProcess.start({ dir: disk.dir, args: ['--log', 'silent'] })
    expect(await health()).toMatchObject({ status: 'degraded' })
    expect((await health()).reasons.join()).toMatch(/disk|full|write/i)
    const { status, body } = await hub.rpc('device.list', {}, 'no-token')
    expect(status).toBeGreaterThanOrEqual(400)
    expect(JSON.stringify(body)).toMatch(/store_unavailable|unauthorized/)
    disk.free()
    await until(async () => (await health()).status === 'ready', 'the hub to come up', 20_000)
  })

  it('[J22] while running: refuses the job, sends nothing, goes on when there is room', {
    timeout: 60_000,
  }, async () => {
    const running = hub as HubProcess
    const token = await running.token('technician')
    await running.rpc(
      'device.add',
      {
        class: 'printer',
        driver: 'escpos',
        profile: 'epson-tm-m30ii',
        port: `tcp://127.0.0.1:${server.port}`,
      },
      token,
    )
    const print = (id: string) =>
      running.rpc(
        'job.submit',
        { id, device: 'printer-1', kind: 'print', payload: { text: `${id} ${'x'.repeat(4_000)}` } },
        token,
      )
    await until(
      async () => JSON.stringify((await running.rpc('device.list', {}, token)).body).includes('"ready"'),
      'the printer',
    )
    expect((await print('before')).status).toBe(200)
    await until(() => twin.printedText().includes('before'), 'the first print')

    disk.fill()
    let refused = 0
    let accepted = 0
    for (let number = 0; number < 200 && refused === 0; number++) {
      const { body } = await print(`full-${number}`)
      if (JSON.stringify(body).includes('store_unavailable')) refused++
      else accepted++
    }
    expect(refused).toBe(1)
    expect(await health()).toMatchObject({ status: 'degraded' })
    expect(twin.printedText()).not.toContain(`full-${accepted} `)

    disk.free()
    await until(async () => (await print('after')).status === 200, 'the disk to work again', 20_000)
    await until(() => twin.printedText().includes('after'), 'the print after it')
    await until(async () => (await health()).status === 'ready', 'the hub to be ready again', 20_000)
    const papers = twin.printedText().match(/full-\d+ /g) ?? []
    expect(new Set(papers).size).toBe(papers.length)
  })
})
