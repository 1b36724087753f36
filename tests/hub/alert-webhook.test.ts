/** The webhook of alerts against an office that misbehaves: what it is told, when, and what it costs the hub when it is away. */
import { createHmac } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { AlertWebhook, alertWebhookLimits } from '../../src/hub/alerts/alert-webhook.ts'
import type { AlertChange } from '../../src/hub/alerts/alerts.ts'
import type { Alert } from '../../src/protocol/alert.ts'
import { TestClock } from '../support/clock.ts'
import { HubBench } from '../support/hub-bench.ts'
import { until } from '../support/hub-process.ts'
import { answer, Office, ok, secret } from '../till/upstream-support.ts'

let bench: HubBench | undefined
afterEach(async () => {
  await bench?.end()
  bench = undefined
})

const alertOf = (id: string, more: Partial<Alert> = {}): Alert => ({
  ...{
    id,
    kind: 'paper_out',
    severity: 'critical',
    since: '2026-12-01T08:00:00.000Z',
    message: 'Paper is out.',
  },
  ...more,
})
const raised = (id: string, more: Partial<Alert> = {}): AlertChange => ({
  topic: 'alert.raised',
  alert: alertOf(id, more),
})
const cleared = (id: string): AlertChange => ({
  topic: 'alert.cleared',
  alert: { ...alertOf(id), clearedAt: '2026-12-01T09:00:00.000Z' },
})

async function telling(options: { severity?: 'warning' | 'critical'; secret?: () => Promise<string> } = {}) {
  const office = await Office.open((_, response) => ok(response))
  const clock = new TestClock()
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const webhook = new AlertWebhook(
    {
      url: `${office.url}/alerts`,
      severity: options.severity ?? 'warning',
      secret: options.secret ?? (async () => secret),
    },
    { hub: 'hub-1', name: 'Corner shop', clock, log, random: () => 1 },
  )
  onTestFinished(() => webhook.stop())
  const told = () =>
    office.received.map(({ text }) => {
      const { alert, kind } = JSON.parse(text) as { kind: string; alert: Alert }
      return `${kind} ${alert.id}`
    })
  return { office, clock, webhook, lines, told }
}

describe('the webhook of alerts', () => {
  it('[MO30] is told of each that is raised or cleared: JSON, signed, with a key of its own', async () => {
    const { clock, office, webhook } = await telling()
    webhook.take(raised('paper_out.bar'))
    await office.arrived(1)
    webhook.take(cleared('paper_out.bar'))
    await office.arrived(2)
    const [first, second] = office.received
    expect(first).toMatchObject({
      method: 'POST',
      path: '/alerts',
      headers: { 'content-type': 'application/json', 'x-tillbridge-hub': 'hub-1' },
    })
    expect(JSON.parse(first?.text ?? '')).toEqual({
      ...{ kind: 'alert.raised', hub: 'hub-1', name: 'Corner shop', alert: alertOf('paper_out.bar') },
    })
    expect(JSON.parse(second?.text ?? '')).toMatchObject({
      kind: 'alert.cleared',
      alert: { id: 'paper_out.bar', clearedAt: '2026-12-01T09:00:00.000Z' },
    })
    const [, time, mac] = /^t=(\d+),v1=(\w{64})$/.exec(String(first?.headers['x-tillbridge-signature'])) ?? []
    expect(Number(time)).toBe(Math.floor(clock.now() / 1_000))
    expect(createHmac('sha256', secret).update(`${time}.${first?.text}`).digest('hex')).toBe(mac)
    const keys = office.received.map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size).toBe(2)
  })

  it('[MO31] is tried again while it is in trouble, later each time, and hears the newest word on each alert in order', async () => {
    const { clock, office, told, webhook, lines } = await telling()
    office.behaviour = (_, response) => answer(response, 503)
    webhook.take(raised('a'))
    await office.arrived(1)
    await until(() => lines.length === 1, 'it is logged')
    webhook.take(raised('b'))
    webhook.take(cleared('a'))
    expect(office.received.length).toBe(1)
    for (const [index, ms] of [1_000, 2_000, 4_000, 8_000].entries()) {
      const timers = clock.pending
      await clock.advance(ms - 1)
      expect(office.received.length).toBe(index + 1)
      await clock.advance(1)
      await office.arrived(index + 2)
      await until(() => clock.pending === timers, 'the next try is set')
    }
    office.behaviour = (_, response) => ok(response)
    await clock.advance(16_000)
    await office.arrived(7)
    expect(told().slice(-2)).toEqual(['alert.raised b', 'alert.cleared a'])
    await until(() => webhook.waiting === 0, 'nothing waits')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'alerts cannot be told; trying again',
      'alerts are told again',
    ])
  })

  it('[MO31] that never answers is given up, and tried again', async () => {
    const { clock, office, webhook } = await telling()
    const held: ServerResponse[] = []
    office.behaviour = (_, response) => held.push(response)
    webhook.take(raised('a'))
    await office.arrived(1)
    await clock.advance(alertWebhookLimits.attemptMsMax)
    await until(() => clock.pending === 1, 'the next try is set')
    office.behaviour = (_, response) => ok(response)
    await clock.advance(alertWebhookLimits.backOffMsMin)
    await office.arrived(2)
    await until(() => webhook.waiting === 0, 'it was told')
    expect(held).toHaveLength(1)
  })

  it('[MO31] that refuses an alert is not told of it again; the next one goes on', async () => {
    const { office, told, webhook, lines } = await telling()
    office.behaviour = (_, response, count) =>
      count === 1 ? answer(response, 422, '{"error":"unknown shop"}') : ok(response)
    webhook.take(raised('a'))
    webhook.take(raised('b'))
    await office.arrived(2)
    await until(() => webhook.waiting === 0, 'nothing waits')
    expect(told()).toEqual(['alert.raised a', 'alert.raised b'])
    expect(lines.join()).toContain('unknown shop')
  })

  it('[MO31] asks to be left alone for a while, and is', async () => {
    const { clock, office, webhook } = await telling()
    office.behaviour = (_, response) => answer(response, 429, '', { 'retry-after': '90' })
    webhook.take(raised('a'))
    await office.arrived(1)
    await until(() => clock.pending === 1, 'the next try is set')
    await clock.advance(89_000)
    expect(office.received.length).toBe(1)
    await clock.advance(1_000)
    await office.arrived(2)
  })

  it('[MO31] that is away costs a bounded number of alerts, the oldest go first', async () => {
    const { office, told, webhook, clock } = await telling()
    office.behaviour = (_, response) => answer(response, 500)
    webhook.take(raised('first'))
    await office.arrived(1)
    await until(() => clock.pending === 1, 'the next try is set')
    for (let number = 0; number < alertWebhookLimits.waitingMax; number++) webhook.take(raised(`a${number}`))
    expect([webhook.waiting, webhook.dropped]).toEqual([alertWebhookLimits.waitingMax, 1])
    office.behaviour = (_, response) => ok(response)
    await clock.advance(alertWebhookLimits.backOffMsMin)
    await until(() => webhook.waiting === 0, 'nothing waits')
    expect(told().slice(0, 3)).toEqual(['alert.raised first', 'alert.raised a0', 'alert.raised a1'])
    expect(told().length).toBe(alertWebhookLimits.waitingMax + 1)
  })

  it('[MO32] is told of what is critical only, where that is asked for, and of the end of what it was told', async () => {
    const { office, told, webhook } = await telling({ severity: 'critical' })
    webhook.take(raised('low', { severity: 'warning' }))
    webhook.take(cleared('never told'))
    webhook.take(raised('out'))
    await office.arrived(1)
    webhook.take(raised('out', { severity: 'warning' }))
    await office.arrived(2)
    webhook.take(cleared('low'))
    webhook.take(cleared('out'))
    await office.arrived(3)
    expect(told()).toEqual(['alert.raised out', 'alert.raised out', 'alert.cleared out'])
  })

  it('[MO33] with a secret that cannot be read or is too short tells nothing until it is mended', async () => {
    let word = 'short'
    const { clock, office, webhook, lines } = await telling({ secret: async () => word })
    webhook.take(raised('a'))
    await until(() => lines.length === 1, 'it is logged')
    expect(lines[0]).toContain('shorter than 16 bytes')
    expect(lines[0]).not.toContain('"short"')
    word = secret
    await clock.advance(alertWebhookLimits.backOffMsMin)
    await office.arrived(1)
    expect(office.received.length).toBe(1)
  })

  it.each([
    ['http://office.example/alerts', 'is http to a public host'],
    ['https://name:word@office.example/alerts', 'holds a name and a password'],
  ])('[MO33] %s is told in the health, and the hub works', async (webhook, reason) => {
    bench = await HubBench.start({ config: { alerts: { webhook, secretEnv: 'NONE' } } })
    expect(bench.hub.health().status).toBe('degraded')
    expect(bench.hub.health().reasons.join()).toContain(reason)
    const twin = await bench.printer('one')
    await bench.print('printer-1', 'a')
    await bench.settle()
    expect(twin.printed).toEqual(['a'])
  })
})

describe('a hub with a webhook', () => {
  it('[MO30] [MO31] tells of a printer without paper, and prints on another while nobody answers', async () => {
    const office = await Office.open((_, response) => answer(response, 503))
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-alerts-'))
    const secretFile = join(dir, 'alerts.secret')
    writeFileSync(secretFile, `${secret}\n`)
    const config = { alerts: { webhook: `${office.url}/alerts`, secretFile }, hub: { name: 'Corner shop' } }
    const clock = new TestClock(Date.UTC(2026, 11, 1))
    bench = await HubBench.start({ dir, config, clock })
    const one = await bench.printer('one')
    const two = await bench.printer('two')
    one.paper(true)
    await clock.advance(10_000)
    await office.arrived(1)
    await bench.print('printer-2', 'a')
    await bench.settle()
    expect(two.printed).toEqual(['a'])
    expect((await bench.hub.metrics()).body).toContain('tillbridge_alert_webhook_waiting 1')
    office.behaviour = (_, response) => ok(response)
    await until(async () => {
      await clock.advance(1_000)
      return (await bench?.hub.metrics())?.body.includes('tillbridge_alert_webhook_waiting 0')
    }, 'it is told')
    expect(JSON.parse(office.received.at(-1)?.text ?? '')).toMatchObject({
      ...{ kind: 'alert.raised', name: 'Corner shop', alert: { id: 'paper_out.printer-1' } },
    })
  })
})
