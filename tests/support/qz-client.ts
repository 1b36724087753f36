/** qz-tray as pages load it, unmodified: each call of `loadQz` is a page of its own with state of its own. */
import { createRequire } from 'node:module'
import { WebSocket } from 'ws'

const require = createRequire(import.meta.url)
/** The file that pages load. */
export const qzFile = require.resolve('qz-tray')

/** What the tests use of it. */
export interface Qz {
  version: string
  api: {
    setWebSocketType(type: unknown): void
    setPromiseType(promiser: (resolver: never) => unknown): void
    getVersion(): Promise<string>
  }
  security: {
    setCertificatePromise(handler: (resolve: (pem: string) => void) => void): void
    setSignaturePromise(factory: (text: string) => (resolve: (signature: string) => void) => void): void
    setSignatureAlgorithm(name: string): void
  }
  websocket: {
    connect(options: Record<string, unknown>): Promise<void>
    disconnect(): Promise<void>
    isActive(): boolean
    setClosedCallbacks(calls: (event: { code?: number; reason?: string }) => void): void
    getNetworkInfo(): Promise<unknown>
  }
  printers: {
    find(query?: string): Promise<string | string[]>
    getDefault(): Promise<string>
    details(): Promise<Record<string, unknown>[]>
    startListening(printers: string | string[] | null): Promise<void>
    getStatus(): Promise<void>
    stopListening(): Promise<void>
    clearQueue(options: unknown): Promise<void>
    setPrinterCallbacks(call: (event: QzStatus) => void): void
  }
  configs: { create(printer: unknown, options?: Record<string, unknown>): unknown }
  print(config: unknown, data: unknown[]): Promise<unknown>
  serial: {
    findPorts(): Promise<string[]>
    openPort(port: string, options?: unknown): Promise<void>
    sendData(port: string, data: unknown): Promise<void>
    closePort(port: string): Promise<void>
    setSerialCallbacks(call: (event: Record<string, unknown>) => void): void
  }
  networking: { device(): Promise<unknown>; devices(): Promise<unknown[]>; hostname(): Promise<string> }
  usb: { listDevices(): Promise<unknown> }
  hid: { listDevices(): Promise<unknown> }
  file: { list(path: string): Promise<unknown> }
  socket: { open(host: string, port: number): Promise<unknown> }
}

export interface QzStatus {
  type: string
  printerName: string
  eventType: string
  statusText: string
  severity: string
  message: string
  jobName?: string
}

/** `options`: of the WebSocket, as a browser would set them: its origin, the roots it trusts. */
export function loadQz(options: Record<string, unknown> = {}): Qz {
  delete require.cache[qzFile]
  const qz = require(qzFile) as Qz
  class PageSocket extends WebSocket {
    constructor(address: string) {
      super(address, options)
    }
  }
  qz.api.setWebSocketType(PageSocket)
  return qz
}
