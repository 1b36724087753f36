/** A full disk: the hub starts and serves, says why it is degraded, sends nothing it could not record, and mends itself. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { serveTwin, type TwinServer } from '../support/twin-tcp.ts'

/** A small disk of its own, so that filling it hurts nobody. Mounting needs root, which the gate has. */
function smallDisk(): { dir: string; fill: () => void; free: () => void; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tillbridge-test', dir])
  const ballast = join(dir, 'ballast')
  return {
    dir,
    fill() {
      // The hub writes meanwhile: what is left is asked for until nothing is.
      for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
        const { bavail, bsize } = statfsSync(dir)
        left = bavail * bsize
        try {
          writeFileSync(ballast, Buffer.alloc(left), { flag: 'a' })
        } catch {
          left = 0
        }
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      execFileSync('umount', ['-l', dir])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

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
