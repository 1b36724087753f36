/** Figures of the box and what the hub keeps on it: health, doors, store, disk, certificate, backups. */
import { stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '../../store/store.ts'
import { EventLoopDelay } from './event-loop-delay.ts'
import type { FigureMaker } from './figures.ts'
import type { Sources } from './monitoring.ts'

const databases = ['books', 'events'] as const

/** Answers how to stop what it measures. */
export function boxFigures(maker: FigureMaker, sources: Sources): () => void {
  const { backedUpAt, doors, health, running, startedAt, tls } = sources
  maker.gauge('tillbridge_build_info', 'Version of the hub and of its Node', ['version', 'node'], (set) =>
    set({ version: sources.version, node: process.version }, 1),
  )
  maker.gauge(
    'tillbridge_hub_info',
    'Which hub this is, and the epoch of its events',
    ['hub', 'name', 'epoch'],
    (set) => {
      const events = running()?.events
      if (events !== undefined) set({ hub: sources.hub(), name: sources.name, epoch: events.epoch }, 1)
    },
  )
  maker.gauge('tillbridge_start_time_seconds', 'When the hub was started, since 1970', [], (set) =>
    set({}, startedAt / 1000),
  )
  maker.gauge('tillbridge_health', '1 for the present status', ['status'], (set) => {
    for (const status of ['starting', 'ready', 'degraded'] as const)
      set({ status }, health.current().status === status ? 1 : 0)
  })
  maker.gauge('tillbridge_health_reasons', 'Reasons to be degraded', [], (set) =>
    set({}, health.current().reasons.length),
  )
  maker.gauge('tillbridge_clients', 'Clients that have come in, by door', ['door'], (set) => {
    for (const { clients, name } of doors()) set({ door: name }, clients)
  })
  maker.gauge('tillbridge_event_seq', 'Number of the last announced event', [], (set) =>
    set({}, running()?.events.seq ?? 0),
  )
  alertFigures(maker, sources)
  brokerFigures(maker, sources)
  storeFigures(maker, sources)
  maker.gauge(
    'tillbridge_certificate_expiration_timestamp_seconds',
    'When the certificate ends, since 1970: that of the hub, and the root that tills trust',
    ['certificate'],
    (set) => {
      const { leaf, root } = tls.info()
      for (const [certificate, facts] of Object.entries({ leaf, root }))
        if (facts !== null) set({ certificate }, Date.parse(facts.notAfter) / 1000)
    },
  )
  maker.gauge(
    'tillbridge_backup_timestamp_seconds',
    'When the hub made a backup last, since 1970; absent when it knows of none',
    [],
    (set) => {
      const at = backedUpAt()
      if (at !== undefined) set({}, at / 1000)
    },
  )
  const delay = new EventLoopDelay()
  maker.registry.registerMetric(delay.metric)
  return () => delay.stop()
}

function alertFigures(maker: FigureMaker, { running }: Sources): void {
  maker.gauge('tillbridge_alerts', 'Alerts that are raised now', ['kind', 'severity'], (set) => {
    const raised = Map.groupBy(running()?.alerts.raised ?? [], ({ kind, severity }) => `${kind} ${severity}`)
    for (const [first, ...more] of raised.values())
      if (first !== undefined) set({ kind: first.kind, severity: first.severity }, 1 + more.length)
  })
  maker.gauge(
    'tillbridge_alert_webhook_waiting',
    'Alerts that the webhook was not told of yet',
    [],
    (set) => {
      const figures = running()?.alertTelling.figures
      if (figures !== undefined) set({}, figures.waiting)
    },
  )
  maker.counter(
    'tillbridge_alert_webhook_dropped_total',
    'Alerts that the webhook is never told of, because too many waited',
    [],
    (set) => set({}, running()?.alertTelling.figures?.dropped ?? 0),
  )
}

/** Only of a hub that knows a broker. */
function brokerFigures(maker: FigureMaker, { doors }: Sources): void {
  const brokers = doors().flatMap(({ broker }) => (broker === undefined ? [] : [broker]))
  if (brokers.length === 0) return
  maker.gauge('tillbridge_mqtt_up', '1 while the hub is on its broker', [], (set) =>
    set({}, brokers.every(({ up }) => up) ? 1 : 0),
  )
  maker.counter(
    'tillbridge_mqtt_dropped_total',
    'Happenings that were not told, because too many waited for the broker',
    [],
    (set) =>
      set(
        {},
        brokers.reduce((sum, { dropped }) => sum + dropped, 0),
      ),
  )
}

function storeFigures(maker: FigureMaker, { data, running, upstreams }: Sources): void {
  for (const [name, key, help] of [
    ['tillbridge_store_commits_total', 'commits', 'Commits of the store'],
    ['tillbridge_store_operations_total', 'operations', 'Operations in those commits'],
  ] as const)
    maker.counter(name, help, [], (set) => set({}, running()?.store.stats[key] ?? 0))
  maker.gauge('tillbridge_store_waiting', 'Operations that wait for the disk', [], (set) =>
    set({}, running()?.store.stats.waiting ?? 0),
  )
  for (const [name, ending, help] of [
    ['tillbridge_store_bytes', '', 'Size of the database on the disk'],
    ['tillbridge_store_wal_bytes', '-wal', 'Size of its log of what is not in it yet'],
  ] as const)
    maker.gauge(name, help, ['database'], async (set) => {
      for (const database of databases) set({ database }, await sizeOf(join(data, `${database}.db${ending}`)))
    })
  const disk = (name: string, help: string, blocks: 'bavail' | 'blocks') =>
    maker.gauge(name, help, [], async (set) => {
      const found = await statfs(data).catch(() => undefined)
      if (found !== undefined) set({}, found[blocks] * found.bsize)
    })
  disk('tillbridge_disk_free_bytes', 'What is left of the disk with the data folder', 'bavail')
  disk('tillbridge_disk_bytes', 'Size of the disk with the data folder', 'blocks')
  maker.counter('tillbridge_ledger_entries_total', 'Entries of the ledger', [], async (set) => {
    const entries = await asked(running()?.store, (store) => store.ledger.length())
    if (entries !== undefined) set({}, entries)
  })
  if (upstreams.length > 0)
    maker.gauge(
      'tillbridge_upstream_items',
      'What an upstream is to get, by how far it is',
      ['upstream', 'state'],
      async (set) => {
        for (const upstream of upstreams) {
          const found = await asked(running()?.store, (store) => store.till.outbox.status(upstream))
          if (found === undefined) continue
          const { parked, sent, sold, verified } = found
          // Verified ones are among those that were sent.
          const counts = { queued: sold - sent - parked, sent: sent - verified, verified, parked }
          for (const [state, count] of Object.entries(counts)) set({ upstream, state }, Math.max(0, count))
        }
      },
    )
}

/** A store that is away is told by the health; the other figures are read all the same. */
async function asked<T>(store: Store | undefined, ask: (store: Store) => Promise<T>): Promise<T | undefined> {
  try {
    return store === undefined ? undefined : await ask(store)
  } catch {
    return undefined
  }
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => undefined))?.size ?? 0
