/** Dashboard and alert rules as they ship, against a real hub that a real Prometheus reads. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { Mosquitto } from '../support/mosquitto.ts'
import { Prometheus } from '../support/prometheus.ts'
import { promtool } from '../support/promtool.ts'

const configDir = fileURLToPath(new URL('../../config/', import.meta.url))
const rulesFile = join(configDir, 'prometheus', 'alerts.yml')
const rulesTests = join(configDir, 'prometheus', 'alerts.test.yml')

interface Panel {
  title: string
  type: string
  gridPos: { h: number; w: number; x: number; y: number }
  targets?: { expr: string; datasource: { uid: string } }[]
}
interface Dashboard {
  templating: { list: { name: string; type: string; definition?: string }[] }
  annotations: { list: { expr: string }[] }
  panels: Panel[]
}
const dashboard = JSON.parse(readFileSync(join(configDir, 'grafana', 'tillbridge.json'), 'utf8')) as Dashboard
const shown = dashboard.panels.flatMap(({ targets = [], title }) =>
  targets.map(({ expr }) => ({ title, expr })),
)
const expressions = [...shown.map(({ expr }) => expr), ...dashboard.annotations.list.map(({ expr }) => expr)]
/** As Grafana would ask them, for all hubs. */
const filled = (expression: string) =>
  expression
    .replaceAll('$__rate_interval', '10s')
    .replaceAll('$instance', '.*')
    .replaceAll('$shop', '.*')
    .replaceAll('$job', 'tillbridge')
const ruleExpressions = [
  ...readFileSync(rulesFile, 'utf8').matchAll(/^ +expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/gm),
].map(([, long, short]) => (long ?? short ?? '').trim())
const metricsIn = (text: string) => text.match(/\b(tillbridge|process|nodejs)_[a-z0-9_]+\b/g) ?? []

let hub: HubProcess
let prometheus: Prometheus
let families: Set<string>
const undo: (() => unknown)[] = []

/** Of everything something: a broker, an upstream, a device that is gone, prints that are done. */
beforeAll(async () => {
  const broker = await Mosquitto.start()
  undo.push(() => broker.end())
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-watching-'))
  const upstream = ['[[till.upstreams]]', 'name = "office"', 'type = "webhook"', 'secretEnv = "NONE"']
  const lines = ['[mqtt]', `url = "${broker.url}"`, '[alerts]', 'faultMs = 0', 'goneMs = 1000', ...upstream]
  writeFileSync(join(dir, 'tillbridge.toml'), `${lines.join('\n')}\nurl = "https://office.invalid/"\n`)
  hub = await HubProcess.start({ dir, demo: true })
  undo.push(() => hub.end())
  const technician = await hub.client('technician')
  const port = `tcp://127.0.0.1:${await freePort()}`
  await technician.call('device.add', { class: 'printer', driver: 'escpos', port, name: 'Gone' })
  prometheus = await Prometheus.start([new URL(hub.url).host])
  undo.push(() => prometheus.end())
  const text = await (await fetch(`${hub.url}/metrics`)).text()
  families = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
  let number = 0
  await until(async () => {
    const id = `print-${++number}`
    await technician.call('job.submit', { id, device: 'demo-printer', kind: 'print', payload: { text: id } })
    await technician.call('job.wait', { id, ms: 5_000 })
    const rate = 'rate(tillbridge_job_duration_seconds_count{state="done"}[10s]) > 0'
    const [jobs, alerts] = [await prometheus.ask(rate), await prometheus.ask('tillbridge_alerts')]
    return jobs.result.length > 0 && alerts.result.length > 0
  }, 'Prometheus has seen prints and an alert')
}, 60_000)
afterAll(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

describe('the dashboard', () => {
  it('[MO10] is whole: every panel has a place of its own, a source to choose, and something to show', () => {
    expect(shown.length).toBeGreaterThan(25)
    const panels = dashboard.panels.filter(({ type }) => type !== 'row')
    for (const { targets = [], title } of panels) {
      expect([title, targets.length > 0]).toEqual([title, true])
      for (const { datasource } of targets) expect(datasource.uid).toMatch(/^\$\{datasource\}$/)
    }
    const taken = new Set<string>()
    for (const { gridPos, title } of dashboard.panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, x < 24, taken.has(`${x} ${y}`)]).toEqual([title, true, false])
          taken.add(`${x} ${y}`)
        }
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual([
      'datasource',
      'job',
      'shop',
      'instance',
    ])
  })

  it('[MO10] and the rules name only what the hub tells, and nearly all of that is shown', () => {
    const asked = [...expressions, ...dashboard.templating.list.map(({ definition = '' }) => definition)]
    const named = new Set([...asked, ...ruleExpressions].flatMap(metricsIn))
    expect(named.size).toBeGreaterThan(25)
    const familyOf = (name: string) => (families.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''))
    expect([...named].filter((name) => !families.has(familyOf(name)))).toEqual([])
    const unseen = [...families].filter((name) => name.startsWith('tillbridge_') && !named.has(name))
    expect(unseen.filter((name) => !named.has(`${name}_bucket`)).sort()).toEqual([
      'tillbridge_alert_webhook_dropped_total',
      'tillbridge_alert_webhook_waiting',
      'tillbridge_device_up',
      'tillbridge_event_seq',
      'tillbridge_health_reasons',
      'tillbridge_store_operations_total',
    ])
  })

  it('[MO10] has expressions that promtool parses', () => {
    const rules = expressions.map((expr, index) => ({ record: `panel:${index}:x`, expr: filled(expr) }))
    const file = join(mkdtempSync(join(tmpdir(), 'tillbridge-rules-')), 'rules.yml')
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }))
    expect(promtool('check', 'rules', file)).toContain(`${rules.length} rules found`)
  })

  it('[MO10] shows something in every panel, asked of a Prometheus that reads the hub', async () => {
    const empty: string[] = []
    for (const { expr, title } of shown) {
      const { error, result, status } = await prometheus.ask(filled(expr))
      expect([title, status, error]).toEqual([title, 'success', undefined])
      if (result.length === 0) empty.push(title)
    }
    // The hub was never backed up.
    expect(empty).toEqual(['Days since the last backup, the ten oldest'])
    const { result } = await prometheus.ask(filled(shown.find(({ title }) => title === 'Alerts')?.expr ?? ''))
    expect(result.map(({ metric }) => [metric.kind, metric.name])).toContainEqual([
      'device_gone',
      'Tillbridge',
    ])
  })
})

describe('the alert rules', () => {
  it('[MO11] pass their unit tests: each fires when it should and keeps quiet when it should not', () => {
    expect(ruleExpressions.length).toBeGreaterThan(15)
    expect(promtool('check', 'rules', rulesFile)).toContain(`${ruleExpressions.length} rules found`)
    expect(promtool('test', 'rules', rulesTests)).toContain('SUCCESS')
    const names = [...readFileSync(rulesFile, 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => name)
    const tests = readFileSync(rulesTests, 'utf8')
    for (const name of names)
      for (const how of ['fires', 'keeps quiet']) expect(tests).toContain(`name: ${name} ${how}\n`)
  })

  it('[MO11] are answered by a Prometheus that reads the hub: the gone device rings, the rest is quiet', async () => {
    const ringing: string[] = []
    for (const expression of ruleExpressions) {
      const { error, result, status } = await prometheus.ask(expression)
      expect([expression, status, error]).toEqual([expression, 'success', undefined])
      if (result.length > 0) ringing.push(expression)
    }
    expect(ringing.filter((each) => !each.includes('event_loop_delay'))).toEqual([
      'sum by (job, instance) (tillbridge_alerts{kind="device_gone"}) > 0',
    ])
  })
})
