/** What Prometheus reads from the real hub: text of the exposition format, names by its conventions, and no label that grows. */
import { afterEach, describe, expect, it } from 'vitest'
import { deviceStateSchema, faultCodeSchema } from '../../src/protocol/device.ts'
import { jobKindSchema, jobStateSchema } from '../../src/protocol/job.ts'
import { HubWithDoor } from '../support/hub-with-door.ts'
import { lintMetrics } from '../support/promtool.ts'

let hub: HubWithDoor | undefined
afterEach(async () => {
  await hub?.end()
  hub = undefined
})

interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

interface Family {
  type: string
  help: string
  samples: Sample[]
}

const nameForm = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const helpForm = /^# HELP (\S+) (\S.*)$/
const typeForm = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/
const sampleForm = /^(\S+?)(?:\{(.*)\})? (\S+)$/
const labelForm = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

/** Reads the text format 0.0.4 strictly: HELP and TYPE once before the samples of a family, families not interleaved. */
function parse(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  let current: [name: string, family: Family] | undefined
  expect(text.endsWith('\n')).toBe(true)
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, helped, help] = helpForm.exec(line) ?? []
    const [, typed, type] = typeForm.exec(line) ?? []
    if (helped !== undefined && help !== undefined) {
      expect(families.has(helped), `${helped} comes once`).toBe(false)
      current = [helped, { type: '', help, samples: [] }]
      families.set(...current)
    } else if (typed !== undefined && type !== undefined) {
      expect(typed, 'TYPE follows its HELP').toBe(current?.[0])
      current![1].type = type
    } else {
      const sample = sampleOf(line)
      const suffixes = suffixesOf(current![1].type)
      expect(
        suffixes.map((suffix) => `${current![0]}${suffix}`),
        line,
      ).toContain(sample.name)
      current![1].samples.push(sample)
    }
  }
  return families
}

function sampleOf(line: string): Sample {
  const [, name = '', inner = '', number = ''] = sampleForm.exec(line) ?? []
  expect(name, line).toMatch(nameForm)
  const labels: Record<string, string> = {}
  labelForm.lastIndex = 0
  for (let at = 0; at < inner.length; at = labelForm.lastIndex) {
    const [, label = '', value = ''] = labelForm.exec(inner) ?? []
    expect(label, line).not.toBe('')
    labels[label] = value
  }
  const value = number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number)
  // Prometheus reads numbers as Go's ParseFloat does, for which the letters of NaN have no case.
  expect(Number.isNaN(value) && !/^nan$/i.test(number), line).toBe(false)
  return { name, labels, value }
}

function suffixesOf(type: string): string[] {
  if (type === 'histogram') return ['_bucket', '_sum', '_count']
  if (type === 'summary') return ['', '_sum', '_count']
  return ['']
}

async function busyHub() {
  hub = await HubWithDoor.start()
  const { bench } = hub
  await bench.printer('one')
  await bench.printer('two')
  const token = await hub.pair('till "1"\\\n')
  await hub.greeted(token)
  await bench.print('printer-1', 'a')
  bench.unplug('two')
  await bench.settle()
  await bench.print('printer-2', 'b')
  await bench.call('job.cancel', { id: 'b' })
  await bench.print('printer-2', 'c')
  await bench.settle()
  return { hub, bench }
}

const seriesOf = (families: Map<string, Family>) =>
  [...families.values()].flatMap(({ samples }) =>
    samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`),
  )

/** What a hub without https, without backups, on which nothing is wrong for long, has nothing to tell of. */
const nowAndThen: ReadonlySet<string> = new Set([
  'tillbridge_alerts',
  'tillbridge_alert_webhook_waiting',
  'tillbridge_backup_timestamp_seconds',
  'tillbridge_certificate_expiration_timestamp_seconds',
  'tillbridge_device_fault',
])

describe('figures', () => {
  it('[P48] [MO1] are Prometheus text without a fault that promtool finds: HELP and TYPE for each family, each series once', async () => {
    const { hub } = await busyHub()
    const { contentType, text } = await hub.metrics()
    expect(lintMetrics(text)).toBe('')
    expect(lintMetrics(text.replaceAll('tillbridge_jobs_total', 'tillbridge_jobs'))).toContain('_total')
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    const families = parse(text)
    expect(families.size).toBeGreaterThan(25)
    for (const [name, { type, help, samples }] of families) {
      expect([name, type, help.length > 5]).toEqual([name, expect.stringMatching(/^[a-z]+$/), true])
      expect(name).toMatch(nameForm)
      // Only what happens now and then (a collection of garbage, a backup) may have nothing to show yet.
      if (name.startsWith('tillbridge_') && !nowAndThen.has(name))
        expect(samples.length, name).toBeGreaterThan(0)
    }
    const series = seriesOf(families)
    expect(new Set(series).size).toBe(series.length)
  })

  it('[P48] have names by the conventions: our prefix, base units, _total on counters and only there', async () => {
    const { hub } = await busyHub()
    const families = [...parse((await hub.metrics()).text)]
    for (const [name, { type }] of families) {
      expect(name).toMatch(/^(tillbridge|process|nodejs)_[a-z0-9_]*[a-z0-9]$/)
      if (type === 'counter') expect(name).toMatch(/_total$/)
      else expect(name).not.toMatch(/_(total|count|sum|bucket)$/)
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kilobytes|kb|mb)$/)
    }
    const ours = families.filter(([name]) => name.startsWith('tillbridge_'))
    expect(ours.length).toBeGreaterThanOrEqual(10)
    expect(ours.filter(([, { type }]) => type === 'counter').length).toBeGreaterThanOrEqual(3)
  })

  it('[P48] say what happened', async () => {
    const { hub } = await busyHub()
    const families = parse((await hub.metrics()).text)
    const value = (name: string, labels: Record<string, string> = {}) => {
      const family = families.get(name.replace(/_(bucket|sum|count)$/, '')) ?? families.get(name)
      return family?.samples.find(
        (sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels),
      )?.value
    }
    expect(value('tillbridge_build_info', { version: '0.0.0-test', node: process.version })).toBe(1)
    expect(value('tillbridge_health', { status: 'ready' })).toBe(1)
    expect(value('tillbridge_health', { status: 'degraded' })).toBe(0)
    expect(value('tillbridge_clients', { door: 'web' })).toBe(1)
    expect(value('tillbridge_device_up', { device: 'printer-1', class: 'printer' })).toBe(1)
    expect(value('tillbridge_device_up', { device: 'printer-2', class: 'printer' })).toBe(0)
    expect(value('tillbridge_jobs_waiting', { device: 'printer-1' })).toBe(0)
    expect(value('tillbridge_jobs_waiting', { device: 'printer-2' })).toBe(1)
    expect(value('tillbridge_jobs_total', { kind: 'print', state: 'done' })).toBe(1)
    expect(value('tillbridge_jobs_total', { kind: 'print', state: 'failed' })).toBe(1)
    expect(value('tillbridge_job_duration_seconds_count', { kind: 'print', state: 'done' })).toBe(1)
    expect(value('tillbridge_job_duration_seconds_count', { kind: 'print', state: 'failed' })).toBe(1)
    // There before the first of its kind, so that it is a rise.
    expect(value('tillbridge_jobs_total', { kind: 'drawer.open', state: 'unknown' })).toBe(0)
    expect(value('tillbridge_store_commits_total')).toBeGreaterThan(0)
    expect(value('tillbridge_event_seq')).toBe(hub.bench.hub.events.seq)
  })

  it('[P48] [MO6] have labels of closed sets only: jobs, clients and tokens add no series, and a device that goes takes its own', async () => {
    const { hub, bench } = await busyHub()
    const kinds = new Set<string>(jobKindSchema.options)
    const states = new Set<string>([...jobStateSchema.options, ...deviceStateSchema.options])
    const allowed: Record<string, (value: string) => boolean> = {
      device: (value) => /^printer-[12]$/.test(value),
      class: (value) => value === 'printer',
      kind: (value) => kinds.has(value),
      state: (value) => states.has(value),
      status: (value) => ['starting', 'ready', 'degraded'].includes(value),
      version: (value) => value === '0.0.0-test',
      node: (value) => value === process.version,
      door: (value) => value === 'web',
      code: (value) => faultCodeSchema.safeParse(value).success,
      severity: (value) => value === 'warning' || value === 'critical',
      database: (value) => value === 'books' || value === 'events',
      hub: (value) => value === hub.bench.hub.hub,
      name: (value) => value === 'Tillbridge',
      epoch: (value) => value === hub.bench.hub.events.epoch,
      le: (value) => value === '+Inf' || Number(value) > 0,
    }
    const before = parse((await hub.metrics()).text)
    let labels = 0
    for (const [name, { samples }] of before) {
      if (!name.startsWith('tillbridge_')) continue
      for (const sample of samples) {
        for (const [label, value] of Object.entries(sample.labels)) {
          expect([name, label, allowed[label]?.(value)]).toEqual([name, label, true])
          labels++
        }
      }
    }
    expect(labels).toBeGreaterThan(20)

    const ours = (families: Map<string, Family>) =>
      seriesOf(families).filter((series) => series.startsWith('tillbridge_'))
    for (let number = 0; number < 50; number++) {
      const token = await hub.pair(`till ${number}`)
      const params = { id: `job-${number}`, device: 'printer-1', kind: 'print', payload: { text: 'x' } }
      await hub.post('/api/v1/rpc', { jsonrpc: '2.0', id: 1, method: 'job.submit', params }, token)
      await bench.settle()
    }
    const after = parse((await hub.metrics()).text)
    expect(after.get('tillbridge_jobs_total')?.samples).toContainEqual({
      name: 'tillbridge_jobs_total',
      labels: { kind: 'print', state: 'done' },
      value: 51,
    })
    expect(ours(after)).toEqual(ours(before))

    await bench.call('device.remove', { id: 'printer-2' })
    const left = ours(parse((await hub.metrics()).text))
    expect(left.filter((series) => series.includes('printer-2'))).toEqual([])
    // Up or not, six states, two of its queue.
    expect(left.length).toBe(ours(before).length - 9)
  })

  it('[P48] histograms are cumulative, end with +Inf and agree with their count', async () => {
    const { hub } = await busyHub()
    let checked = 0
    for (const [name, { type, samples }] of parse((await hub.metrics()).text)) {
      if (type !== 'histogram') continue
      const rest = ({ labels }: Sample) => JSON.stringify({ ...labels, le: undefined })
      for (const group of new Set(samples.map(rest))) {
        const mine = samples.filter((sample) => rest(sample) === group)
        const buckets = mine.filter((sample) => sample.name === `${name}_bucket`)
        const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')))
        expect(bounds).toEqual([...bounds].sort((a, b) => a - b))
        expect(bounds.at(-1)).toBe(Number.POSITIVE_INFINITY)
        const counts = buckets.map(({ value }) => value)
        expect(counts).toEqual([...counts].sort((a, b) => a - b))
        expect(mine.find((sample) => sample.name === `${name}_count`)?.value).toBe(counts.at(-1))
        checked++
      }
    }
    expect(checked).toBeGreaterThan(0)
  })
})
