/** A shop that has been open for a while: many devices and many jobs in its store, as hubs before it left them. */
import { openStore } from '../../src/store/open.ts'
import type { DeviceRow, JobRow } from '../../src/store/store.ts'

export interface LargeShop {
  devices: number
  jobs: number
  /** Name of the first device, and of the client of all jobs. */
  longName?: string
  /** Each job of this device, counted from 0, failed. */
  failing?: number
}

/** Writes it before the hub starts. The devices are switched off: only their cards are wanted. The newest job is `job-{jobs - 1}`. */
export async function fillStore(dir: string, shop: LargeShop): Promise<void> {
  const now = Date.now()
  const store = await openStore({ dir, inline: true })
  const device = (index: number): DeviceRow => ({
    id: `printer-${index}`,
    name: index === 0 ? (shop.longName ?? 'Printer 0') : `Printer ${index}`,
    class: 'printer',
    driver: 'escpos',
    profile: 'generic',
    port: `tcp://192.168.200.${index + 1}:9100`,
    fingerprint: `tcp:${index}`,
    settings: {},
    disabled: true,
    createdAt: now,
  })
  const job = (index: number): JobRow => ({
    id: `job-${index}`,
    device: `printer-${index % shop.devices}`,
    kind: 'print',
    payload: '{"text":"x"}',
    fingerprint: String(index),
    state: index % shop.devices === shop.failing ? 'failed' : 'done',
    attempts: 1,
    createdAt: now - (shop.jobs - index) * 1_000,
    expiresAt: now,
    finishedAt: now,
    client: shop.longName ?? 'Till 1',
  })
  await Promise.all([
    ...Array.from({ length: shop.devices }, (_, index) => store.devices.put(device(index))),
    ...Array.from({ length: shop.jobs }, (_, index) => store.jobs.insert(job(index))),
  ])
  await store.close()
}
