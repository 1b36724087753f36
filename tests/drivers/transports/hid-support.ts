/** A box made of files with HID devices in it, and the handle that stands for node-hid. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HidHandle } from '../../../src/drivers/transports/hid.ts'
import { HubError } from '../../../src/protocol/errors.ts'

export interface FakeHid {
  vendorId?: string
  productId?: string
  name?: string
  phys?: string
  uniq?: string
  descriptor?: readonly number[]
  bus?: string
  /** Words of the USB device around it. */
  usb?: { manufacturer?: string; product?: string; serial?: string }
  /** Names of its input devices, each with a file `inhibited` unless `old`. */
  inputs?: readonly string[]
  old?: boolean
}

export class HidBox {
  readonly root = mkdtempSync(join(tmpdir(), 'tillbridge-hid-'))
  readonly dev = join(this.root, 'dev')
  readonly sys = join(this.root, 'sys')

  constructor() {
    mkdirSync(this.dev)
    mkdirSync(this.sys)
    onTestFinished(() => rmSync(this.root, { recursive: true }))
  }

  file(path: string, text: string | Uint8Array = ''): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  plug(node: string, hid: FakeHid = {}): void {
    const { vendorId = '0922', productId = '8003', bus = '0003' } = hid
    const usb = `sys/devices/usb1/${node}`
    const device = `${usb}/1-1:1.0/0003:${vendorId}:${productId}.0001`
    if (hid.usb !== undefined) {
      this.file(`${usb}/idVendor`, `${vendorId}\n`)
      for (const [name, text] of Object.entries(hid.usb)) this.file(`${usb}/${name}`, `${text}\n`)
    }
    this.file(
      `${device}/uevent`,
      [
        'DRIVER=hid-generic',
        `HID_ID=${bus}:0000${vendorId.toUpperCase()}:0000${productId.toUpperCase()}`,
        `HID_NAME=${hid.name ?? 'DYMO M10'}`,
        `HID_PHYS=${hid.phys ?? `usb-0000:00:14.0-${node}/input0`}`,
        `HID_UNIQ=${hid.uniq ?? ''}`,
        '',
      ].join('\n'),
    )
    if (hid.descriptor !== undefined)
      this.file(`${device}/report_descriptor`, Uint8Array.from(hid.descriptor))
    for (const input of hid.inputs ?? []) {
      this.file(`${device}/input/${input}/name`, 'keys\n')
      if (hid.old !== true) this.file(`${device}/input/${input}/inhibited`, '0\n')
    }
    mkdirSync(join(this.sys, 'class/hidraw', node), { recursive: true })
    symlinkSync(join(this.root, device), join(this.sys, 'class/hidraw', node, 'device'))
    this.file(`dev/${node}`)
  }

  unplug(node: string): void {
    rmSync(join(this.sys, 'class/hidraw', node), { recursive: true })
    rmSync(join(this.dev, node))
  }

  inhibited(node: string, input: string): string {
    return readFileSync(
      join(this.sys, 'class/hidraw', node, 'device/input', input, 'inhibited'),
      'utf8',
    ).trim()
  }
}

/** Stands for HIDAsync: what was written arrives a turn after the write settled, and errors are strings as there. */
export class FakeHandle implements HidHandle {
  readonly reports: Uint8Array[] = []
  readonly features: Uint8Array[] = []
  onWritten: (report: Uint8Array) => void = () => {}
  feature: Uint8Array = Uint8Array.of(1, 2)
  failure: string | undefined
  closed = false
  #stalled: (() => void)[] | undefined
  #data: ((report: Uint8Array) => void) | undefined
  #error: ((error: unknown) => void) | undefined

  on(
    event: 'data' | 'error',
    listener: ((report: Uint8Array) => void) & ((error: unknown) => void),
  ): unknown {
    if (event === 'data') this.#data = listener
    else this.#error = listener
    return this
  }

  async write(report: Buffer): Promise<number> {
    if (this.failure !== undefined) throw this.failure
    if (this.#stalled !== undefined) await new Promise<void>((resolve) => this.#stalled?.push(resolve))
    if (this.closed) throw new HubError('internal', { reason: 'closed' })
    setImmediate(() => {
      this.reports.push(new Uint8Array(report))
      this.onWritten(new Uint8Array(report))
    })
    return report.length
  }

  async sendFeatureReport(report: Buffer): Promise<number> {
    if (this.failure !== undefined) throw this.failure
    this.features.push(new Uint8Array(report))
    return report.length
  }

  async getFeatureReport(): Promise<Uint8Array> {
    if (this.failure !== undefined) throw this.failure
    return this.feature
  }

  async close(): Promise<void> {
    this.closed = true
    this.stall(false)
  }

  say(report: Uint8Array): void {
    if (!this.closed) this.#data?.(report)
  }

  stall(on: boolean): void {
    const waiting = this.#stalled ?? []
    this.#stalled = on ? (this.#stalled ?? []) : undefined
    if (!on) for (const resolve of waiting) resolve()
  }

  unplug(): void {
    this.#error?.('could not read from HID device: No such device')
  }
}
