/** What an ePOS till is told when a receipt goes wrong on its way: never that it is printed while nobody knows. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEscposTwin, type EscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import { statusBits } from '../../src/hub/doors/epos/answer.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { serveTwin, type TwinServer } from '../support/twin-tcp.ts'

let hub: HubProcess
let technician: HubClient
let twin: EscposTwin
let server: TwinServer

const receipt = readFileSync(new URL('../fixtures/odoo-18/epos-receipt.request.xml', import.meta.url), 'utf8')
const ready = (state = 'ready') =>
  until(async () => (await technician.call('device.get', { id: 'counter' })).state === state, state, 30_000)

beforeAll(async () => {
  twin = createEscposTwin({ clock: systemClock, printMsPerLine: 0 })
  server = await serveTwin(twin)
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-epos-'))
  const device = `[[devices]]
id = "counter"
class = "printer"
driver = "escpos"
profile = "epson-tm-m30ii"
port = "tcp://127.0.0.1:${server.port}"
`
  writeFileSync(join(dir, 'tillbridge.toml'), `[epos]\nsources = ["127.0.0.1"]\n${device}`)
  hub = await HubProcess.start({ dir })
  await hub.setUp()
  technician = await hub.client('technician')
  await ready()
}, 40_000)
afterAll(async () => {
  await hub?.end()
  await server?.close()
})

async function post(body: string): Promise<{ success: string; code: string; status: number }> {
  const response = await fetch(`${hub.url}/cgi-bin/epos/service.cgi?devid=local_printer&timeout=10000`, {
    method: 'POST',
    body,
  })
  const [, success = '', code = '', status] =
    /<response success="(\w+)" code="(\w*)" status="(\d+)"/.exec(await response.text()) ?? []
  return { success, code, status: Number(status) }
}
const epos = (body: string) => `<epos-print>${body}</epos-print>`

it('[EP4] [EP5] a link that is lost in the middle of a picture is not success: nobody knows', async () => {
  twin.fault('drop_after_bytes', 30_000)
  expect(await post(receipt)).toMatchObject({ success: 'false', code: 'EX_TIMEOUT' })
  const { jobs } = await technician.call('job.list', {})
  expect(jobs.map(({ state }) => state)).toContain('unknown')
  await ready()
})

it('[EP5] [EP6] [EP7] paper that ends in the middle is told with its bit; what has begun is printed to its end', async () => {
  twin.fault('paper_out_after_lines', 3)
  const lines = Array.from({ length: 300 }, (_, line) => `middle ${line}&#10;`).join('')
  const answer = await post(epos(`<text>${lines}</text><cut/>`))
  expect([answer.success, answer.code]).toEqual(['false', 'EPTR_REC_EMPTY'])
  expect(answer.status & statusBits.paperEnd).toBe(statusBits.paperEnd)
  twin.order({ order: 'paper', state: 'full' })
  await until(() => twin.tickets.flat().join('\n').includes('middle 299'), 'the rest of it')
  await ready()
})

it('[EP4] receipts that come at once come out one after the other', async () => {
  const marks = ['a', 'b', 'c', 'd']
  const before = twin.tickets.length
  const answers = await Promise.all(
    marks.map((mark) => post(epos(`<text>${`line of ${mark}&#10;`.repeat(150)}</text><cut/>`))),
  )
  expect(answers.map(({ success }) => success)).toEqual(marks.map(() => 'true'))
  const papers = twin.tickets
    .slice(before)
    .map((lines) => [...new Set(lines.flatMap((line) => /line of (\w)/.exec(line)?.[1] ?? []))].join(''))
  expect(papers.sort()).toEqual(marks)
})

it('[EP4] a hub that stops in the middle does not say that it has printed', async () => {
  twin.fault('busy', true)
  const told = post(receipt).catch(() => ({ success: 'no answer' }))
  await until(() => twin.queuedBytes > 0, 'the first bytes')
  await hub.stop()
  expect((await told).success).not.toBe('true')
})
