/** One example of the params and the result of every method and of the data of every event. */
import type { Device, PortRecord } from '../../src/protocol/device.ts'
import type { EventData, EventTopic } from '../../src/protocol/event.ts'
import type { Job } from '../../src/protocol/job.ts'
import type { MethodName, Params, Result } from '../../src/protocol/methods.ts'

const at = '2026-01-02T03:04:05.000Z'

const device: Device = {
  id: 'printer-1',
  name: 'Receipts',
  class: 'printer',
  state: 'faulty',
  capabilities: ['printing', 'drawer'],
  driver: 'escpos',
  profile: 'epson-tm-t88v',
  port: 'tcp://192.168.1.50:9100',
  demo: false,
  faults: [{ code: 'paper_out', blocking: true, message: 'Put paper in.', since: at }],
  details: { maker: 'EPSON', columns: 48, cutter: true, serial: null },
}

const job: Job = {
  id: 'sale-1.receipt',
  device: 'printer-1',
  kind: 'print',
  state: 'failed',
  outcome: { confirmed: false },
  error: {
    code: 'paper_out',
    message: 'Receipts is out of paper.',
    who: 'operator',
    context: { device: 'Receipts' },
  },
  attempts: 1,
  createdAt: at,
  finishedAt: at,
  expiresAt: at,
  waitingFor: 'paper_out',
  movedFrom: 'printer-2',
  client: 'till 1',
}

const port: PortRecord = {
  url: 'serial:/dev/ttyUSB0',
  fingerprint: 'usb-FTDI_A1',
  label: 'USB serial',
  source: 'serial',
  device: null,
  suggestion: { class: 'scale', driver: 'toledo-8217', profile: 'generic' },
}

const weight = { weight: '1.235', unit: 'kg', stable: true, tare: false, at } as const
const lease = { lease: 'l1', expiresAt: at, fence: 3 }

export const paramsExamples: { [M in MethodName]: Params<M> } = {
  hello: { token: 'cashier-token', client: 'till 1', resume: { epoch: 'e1', seq: 7 } },
  ping: {},
  'event.subscribe': { topics: ['device.*', 'scan', '*'] },
  'device.list': {},
  'device.get': { id: 'printer-1' },
  'device.add': {
    class: 'printer',
    driver: 'escpos',
    port: 'tcp://192.168.1.50:9100',
    settings: { columns: 42 },
  },
  'device.rename': { id: 'printer-1', name: 'Bar' },
  'device.enable': { id: 'printer-1' },
  'device.disable': { id: 'printer-1' },
  'device.test': { id: 'printer-1' },
  'device.remove': { id: 'printer-1' },
  'device.backup': { id: 'printer-1', backup: null },
  'port.list': {},
  'port.probe': { port: 'serial:/dev/ttyUSB0', driver: 'toledo-8217' },
  'driver.list': {},
  'lease.acquire': { device: 'scale-1', ms: 1_000 },
  'lease.renew': { lease: 'l1', ms: 1_000 },
  'lease.release': { lease: 'l1' },
  'job.submit': {
    id: 'sale-1.receipt',
    device: 'printer-1',
    kind: 'print',
    payload: { receipt: { blocks: [{ type: 'text', text: 'Café 日本', align: 'center' }, { type: 'cut' }] } },
    expiresAt: '2026-01-02T04:04:05+01:00',
    lease: 'l1',
  },
  'job.get': { id: 'sale-1.receipt' },
  'job.list': { state: 'failed', limit: 10 },
  'job.cancel': { id: 'sale-1.receipt' },
  'job.settle': { id: 'sale-1.receipt', outcome: 'done' },
  'job.wait': { id: 'sale-1.receipt', ms: 100 },
  'scale.read': { device: 'scale-1' },
  'pair.code': { role: 'cashier', name: 'till 2' },
  'token.list': {},
  'token.revoke': { id: 't1' },
  'hub.info': {},
  'demo.order': { device: 'printer-1', order: { order: 'paper', state: 'out' } },
  'demo.paper': { device: 'printer-1' },
}

export const resultExamples: { [M in MethodName]: Result<M> } = {
  hello: { hub: 'hub-1', version: '1.0.0', epoch: 'e1', seq: 9, role: 'cashier', resumed: true },
  ping: {},
  'event.subscribe': { seq: 9, resumed: true },
  'device.list': { devices: [device] },
  'device.get': device,
  'device.add': device,
  'device.rename': device,
  'device.enable': device,
  'device.disable': device,
  'device.test': { ok: true, message: 'Look at the ticket.', job: 'test-1' },
  'device.remove': {},
  'device.backup': device,
  'port.list': { ports: [port] },
  'port.probe': port,
  'driver.list': {
    drivers: [
      {
        id: 'escpos',
        class: 'printer',
        name: 'ESC/POS',
        transports: ['tcp'],
        profiles: [{ id: 'generic', name: 'Any' }],
      },
    ],
  },
  'lease.acquire': lease,
  'lease.renew': lease,
  'lease.release': {},
  'job.submit': job,
  'job.get': job,
  'job.list': { jobs: [job], next: 'n1' },
  'job.cancel': job,
  'job.settle': job,
  'job.wait': job,
  'scale.read': weight,
  'pair.code': { code: '123456', expiresAt: at },
  'token.list': { tokens: [{ id: 't1', name: 'till 1', role: 'cashier', createdAt: at, lastUsedAt: null }] },
  'token.revoke': {},
  'hub.info': {
    name: 'Corner shop',
    hub: 'hub-1',
    version: '1.0.0',
    status: 'degraded',
    reasons: ['The disk is nearly full.'],
    startedAt: at,
    epoch: 'e1',
    seq: 9,
    clients: 2,
    demo: true,
  },
  'demo.order': {},
  'demo.paper': { svg: '<svg/>', revision: 2, drawerOpen: false },
}

export const eventExamples: { [T in EventTopic]: EventData<T> } = {
  'device.added': device,
  'device.changed': device,
  'device.removed': { id: 'printer-1' },
  scan: { code: '4006381333931', symbology: 'ean13', gs1: { '01': '04006381333931' } },
  'scale.weight': weight,
  'drawer.opened': { reason: 'sale' },
  'drawer.closed': {},
  'job.changed': job,
  'port.found': { url: 'serial:/dev/ttyUSB0', label: 'USB serial' },
  'port.lost': { url: 'serial:/dev/ttyUSB0' },
  'hub.health': { status: 'ready', reasons: [] },
  'demo.paper': { revision: 3 },
}
