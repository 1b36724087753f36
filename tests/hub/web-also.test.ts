/** Further ports of the web door: what other people's clients expect at 80, 443 and 8069. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { attack } from '../support/attacker.ts'
import { freePort } from '../support/free-port.ts'
import { HubProcess, until } from '../support/hub-process.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

it('[TLS8] further ports serve the same, by https with the same certificate; one that is taken is told, and comes when it is free', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  undo.push(() => other.close())
  const taken = (other.address() as AddressInfo).port
  const [plain, secure] = [await freePort(), await freePort()]
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-also-'))
  writeFileSync(
    join(dir, 'tillbridge.toml'),
    `[http]\nalso = [${plain}, ${taken}]\n[https]\nalso = [${secure}]\n`,
  )
  const hub = await HubProcess.start({ dir })
  undo.push(() => hub.end())
  const health = async (url: string) =>
    (await (await fetch(`${url}/api/v1/health`)).json()) as { status: string; hub: string }
  const { hub: id } = await health(hub.url)
  const also = await health(`http://127.0.0.1:${plain}`)
  expect(also).toMatchObject({ hub: id, status: 'degraded' })
  const technician = await hub.client('technician')
  expect((await technician.call('hub.info', {})).reasons.join()).toContain(`Port ${taken} is not served`)
  const byTls = await until(
    () =>
      attack(`https://127.0.0.1:${secure}`, '/api/v1/health', { tls: { rejectUnauthorized: false } }).catch(
        () => undefined,
      ),
    'https',
  )
  expect(byTls.status).toBe(200)
  await new Promise((resolve) => other.close(resolve))
  await hub.stop()
  const again = await HubProcess.start({ dir })
  undo.push(() => again.stop())
  expect((await health(`http://127.0.0.1:${taken}`)).status).toBe('ready')
}, 30_000)
