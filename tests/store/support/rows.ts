/** Rows for the tests of the store: valid ones, of which a test says only what matters to it. */
import type { DeviceRow, EventRow, JobRow, SessionRow, TokenRow, UserRow } from '../../../src/store/store.ts'

export function jobRow(id: string, more: Partial<JobRow> = {}): JobRow {
  return {
    id,
    device: 'printer',
    kind: 'print',
    payload: `{"text":"${id}"}`,
    fingerprint: `hash of ${id}`,
    state: 'pending',
    attempts: 0,
    createdAt: 1_000,
    expiresAt: 2_000,
    client: 'till-1',
    ...more,
  }
}

export function tokenRow(id: string, more: Partial<TokenRow> = {}): TokenRow {
  return { id, name: `Till ${id}`, role: 'cashier', hash: `hash of ${id}`, createdAt: 1_000, ...more }
}

export function userRow(id: string, more: Partial<UserRow> = {}): UserRow {
  return { id, name: `User ${id}`, role: 'monitor', password: `hash of ${id}`, createdAt: 1_000, ...more }
}

export function sessionRow(id: string, more: Partial<SessionRow> = {}): SessionRow {
  return {
    hash: `hash of ${id}`,
    id,
    user: 'a',
    createdAt: 1_000,
    lastUsedAt: more.createdAt ?? 1_000,
    from: '10.0.0.1',
    agent: 'Firefox',
    expiresAt: 9_000,
    ...more,
  }
}

export function deviceRow(id: string, more: Partial<DeviceRow> = {}): DeviceRow {
  return {
    id,
    name: `Device ${id}`,
    class: 'printer',
    driver: 'escpos',
    profile: 'generic',
    port: 'tcp://127.0.0.1:9100',
    fingerprint: 'tcp 127.0.0.1:9100',
    settings: { paper: 80, nested: { list: [1, 'ž'] } },
    disabled: false,
    createdAt: 1_000,
    ...more,
  }
}

export function eventRows(from: number, to: number, more: Partial<EventRow> = {}): EventRow[] {
  const rows: EventRow[] = []
  for (let seq = from; seq <= to; seq++)
    rows.push({ seq, at: seq, topic: 'scan', data: '{"code":"1"}', ...more })
  return rows
}
