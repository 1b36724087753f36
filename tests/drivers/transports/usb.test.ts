/** USB printers over libusb: the transport contract, and what is the kind's own, on a twin of libusb's endpoints. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { transportLimits } from '../../../src/drivers/transports/transport.ts'
import { chooseSetting, openUsb } from '../../../src/drivers/transports/usb.ts'
import { loadUsbHost, type UsbHost, type UsbSetting } from '../../../src/drivers/transports/usb-host.ts'
import { usbLimits, usbReasons } from '../../../src/drivers/transports/usb-wire.ts'
import { type Port, pattern, Received, transportContract } from '../../contracts/transport.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { hasSocat, openPty } from '../../support/pty.ts'
import { epson, nameless, UsbBox } from './usb-box.ts'
import { bulk, libusb, setting, UsbTwin } from './usb-twin.ts'

const url = 'usb:04b8:0e28/X5AB012345'
const out = 0x01
const into = 0x82

interface BenchOptions {
  settings?: readonly UsbSetting[]
  device?: typeof epson
  driver?: string
  url?: string
  isBusy?: (node: string) => Promise<boolean>
}

/** A box with one printer plugged in at 1-1. */
function bench(options: BenchOptions = {}) {
  const box = new UsbBox()
  const clock = new TestClock()
  const address = box.plug('1-1', options.device ?? epson)
  const twin = new UsbTwin(options.settings ?? [setting('07:01:02')], options.driver)
  const open = (which = options.url ?? url) =>
    openUsb(parsePortUrl(which), clock, {
      devFolder: box.dev,
      sysFolder: box.sys,
      loadHost: async () => twin.host(1, address),
      isBusy: options.isBusy ?? (async () => false),
    })
  return { box, clock, twin, open }
}

async function opened(options: BenchOptions = {}) {
  const all = bench(options)
  const transport = await all.open()
  onTestFinished(() => transport.close())
  return { ...all, transport }
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = (await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )) as { code: string; context: { reason: string } }
  expect(error).toMatchObject({ code: 'port_unavailable' })
  return error.context.reason
}

async function usbPort(): Promise<Port> {
  const { clock, twin, open } = bench({ driver: 'usblp' })
  return {
    open: () => open(),
    clock,
    peer: {
      write: (bytes) => twin.say(bytes),
      received: () => twin.received.all(),
      until: (count) => twin.received.until(count),
      stall: (on) => twin.stall(on),
      cut: () => twin.unplug(),
    },
    stop: async () => twin.unplug(),
  }
}

transportContract('usb', usbPort)

describe('opening a USB printer', () => {
  it('[USB1] what is not plugged in, and what the URL does not tell apart, is refused in words', async () => {
    const { box, open } = bench({ device: nameless, url: 'usb:0416:5011' })
    expect(await refusal(open(url))).toBe('it is not plugged in')
    box.plug('1-2.1', nameless)
    expect(await refusal(open())).toBe('2 such devices are plugged in; say which one: at=1-1, at=1-2.1')
    expect(await refusal(open('usb:0416:5011?at=1-3'))).toBe('it is not plugged in')
    const transport = await open('usb:0416:5011?at=1-1')
    await transport.close()
  })

  it('[USB1] a wrong serial number is another device', async () => {
    expect(await refusal(bench().open('usb:04b8:0e28/OTHER'))).toBe('it is not plugged in')
  })

  it('[USB2] chooses the bidirectional setting, and never IPP over USB', () => {
    const ipp = setting('07:01:04', { alternate: 1 })
    const plain = setting('07:01:02')
    const oneWay = setting('07:01:01', { alternate: 2, endpoints: [bulk(out)] })
    const vendor = setting('ff:00:00', { interface: 1 })
    const storage = setting('08:06:50', { interface: 2 })
    expect(chooseSetting([ipp, oneWay, plain])).toBe(plain)
    expect(chooseSetting([ipp, oneWay])).toBe(oneWay)
    expect(chooseSetting([storage, vendor, ipp])).toBe(vendor)
    expect(chooseSetting([vendor, oneWay, plain], 1)).toBe(vendor)
    expect(chooseSetting([ipp])).toMatch(/IPP over USB only/)
    expect(chooseSetting([storage])).toMatch(/no interface that takes print data/)
    expect(chooseSetting([storage], 2)).toBe(storage)
    expect(chooseSetting([plain], 3)).toBe('it has no interface 3')
    expect(chooseSetting([setting('07:01:02', { endpoints: [bulk(into)] })])).toMatch(/no interface/)
  })

  it('[USB2] a till printer whose class is its maker’s own is taken from usblp too', async () => {
    const device = {
      ...epson,
      idProduct: '0202',
      interfaces: [{ kind: 'ff:00:00', driver: 'usblp', lp: 'lp0' }],
    }
    const { twin } = await opened({
      device,
      driver: 'usblp',
      settings: [setting('ff:00:00')],
      url: 'usb:04b8:0202/X5AB012345',
    })
    expect(twin.log).toEqual(['open', 'auto-detach', 'claim 0'])
  })

  it('[USB2] claims that interface alone, and sets an alternate only where there is a choice', async () => {
    const one = await opened()
    expect(one.twin.log).toEqual(['open', 'claim 0'])
    const settings = [
      setting('03:00:00', { endpoints: [] }),
      setting('07:01:04', { interface: 1 }),
      setting('07:01:02', { interface: 1, alternate: 1 }),
    ]
    const many = await opened({ settings })
    expect(many.twin.log).toEqual(['open', 'claim 1', 'alternate 1.1'])
  })

  it('[USB3] usblp is sent away before, and comes back after the close', async () => {
    const { twin, transport } = await opened({ driver: 'usblp' })
    expect(twin.log).toEqual(['open', 'auto-detach', 'claim 0'])
    expect(twin.kernelDriver).toBe('detached')
    await transport.close()
    expect(twin.log.slice(3)).toEqual(['release 0', 'close'])
    expect(twin.kernelDriver).toBe('usblp')
  })

  it('[USB3] usblp comes back also when opening fails halfway', async () => {
    const settings = [setting('07:01:02'), setting('07:01:04', { alternate: 1 })]
    const { box, twin, open } = bench({ driver: 'usblp', settings })
    rmSync(join(box.dev, 'usb/lp0'))
    twin.refusals.set('alternate', libusb.other)
    await refusal(open())
    expect(twin.log).toEqual(['open', 'auto-detach', 'claim 0', 'alternate 0.0', 'release 0', 'close'])
    expect(twin.kernelDriver).toBe('usblp')
  })

  it('[USB3] a driver that made a port of its own keeps the device', async () => {
    const device = { ...epson, interfaces: [{ kind: 'ff:00:00', driver: 'ftdi_sio' }] }
    const { twin, open } = bench({ device, settings: [setting('ff:00:00')] })
    expect(await refusal(open())).toBe('the driver ftdi_sio of the system has it; use the port it made')
    expect(twin.log).toEqual([])
  })

  it('[USB10] a printer that another program prints to is left alone', async () => {
    const asked: string[] = []
    const isBusy = async (node: string) => asked.push(node) > 0
    const { box, twin, open } = bench({ driver: 'usblp', isBusy })
    expect(await refusal(open())).toMatch(/another program has .*\/usb\/lp0 open/)
    expect(asked).toEqual([join(box.dev, 'usb/lp0')])
    expect(twin.log).toEqual([])
  })

  it('[USB11] gives up after openMsMax, and closes what opens late', async () => {
    const { box, clock, twin } = bench()
    const { promise: slow, resolve } = Promise.withResolvers<UsbHost>()
    const opening = refusal(
      openUsb(parsePortUrl(url), clock, {
        devFolder: box.dev,
        sysFolder: box.sys,
        loadHost: () => slow,
        isBusy: async () => false,
      }),
    )
    await clock.advance(transportLimits.openMsMax)
    expect(await opening).toBe('it did not open within 5000 ms')
    resolve(twin.host(1, 2))
    while (!twin.log.includes('close')) await settle()
    expect(twin.log).toEqual(['open', 'claim 0', 'release 0', 'close'])
  })
})

describe('printing over USB', () => {
  it('[USB4] a piece counts as gone when it is handed on, and what did not go is taken back', async () => {
    const { twin, transport } = await opened()
    twin.takePackets(3)
    const write = transport.write(pattern(10_000)).catch((error: unknown) => error)
    await settle()
    expect(transport.bytesWritten).toBe(usbLimits.pieceBytes)
    expect(twin.received.all().length).toBe(3 * 512)
    twin.halt(out, 2)
    expect(await write).toMatchObject({ code: 'port_closed' })
    expect(transport.bytesWritten).toBe(3 * 512)
  })

  it('[USB4] when a one-way printer is pulled, one packet more counts as gone than was acknowledged', async () => {
    const settings = [setting('07:01:01', { endpoints: [bulk(out)] })]
    const { twin, transport } = await opened({ settings })
    twin.takePackets(3)
    const write = transport.write(pattern(10_000)).catch((error: unknown) => error)
    await settle()
    twin.unplug()
    expect(await write).toMatchObject({ code: 'port_closed' })
    expect(twin.received.all().length).toBe(3 * 512)
    expect(transport.bytesWritten).toBe(4 * 512)
  })

  it('[USB4] when we close in the middle of a piece, the whole piece counts as gone', async () => {
    const { twin, transport } = await opened()
    twin.takePackets(3)
    const write = transport.write(pattern(10_000)).catch((error: unknown) => error)
    await settle()
    await transport.close()
    expect(await write).toMatchObject({ code: 'port_closed' })
    expect([twin.received.all().length, transport.bytesWritten]).toEqual([3 * 512, usbLimits.pieceBytes])
  })

  it('[USB5] a stall is cleared once and printing goes on, no byte lost and none twice', async () => {
    const { twin, transport } = await opened()
    twin.takePackets(3)
    const write = transport.write(pattern(10_000))
    await settle()
    twin.halt(out)
    await settle()
    twin.takePackets(5)
    await settle()
    twin.halt(out)
    await settle()
    twin.stall(false)
    await write
    expect(Buffer.compare(twin.received.all(), pattern(10_000))).toBe(0)
    expect(transport.bytesWritten).toBe(10_000)
    expect(twin.log.filter((call) => call === 'clear 1')).toHaveLength(2)
  })

  it('[USB5] a stall that clearing does not mend loses the printer', async () => {
    const { twin, transport } = await opened()
    twin.halt(out, 2)
    await expect(transport.write(pattern(10))).rejects.toMatchObject({ code: 'port_closed' })
    expect(await transport.closed).toEqual({ by: 'lost', reason: usbReasons.stalled })
    expect(transport.bytesWritten).toBe(0)
    expect(twin.log).toEqual(['open', 'claim 0', 'clear 1', 'release 0', 'close'])
  })

  it('[USB5] clearing that is refused loses the printer', async () => {
    const { twin, transport } = await opened()
    twin.refusals.set('clear', libusb.noDevice)
    twin.halt(out)
    await expect(transport.write(pattern(10))).rejects.toMatchObject({ code: 'port_closed' })
    expect((await transport.closed).reason).toBe(usbReasons.gone)
  })

  it('[USB6] an answer that fills its packets exactly arrives at once', async () => {
    const { twin, transport } = await opened()
    const answers = new Received()
    transport.onBytes((bytes) => answers.push(bytes))
    twin.say(pattern(1024))
    for (let turn = 0; turn < 10; turn++) await settle()
    expect(answers.all()).toEqual(pattern(1024))
  })

  it('[USB6] a stalled read is cleared once; one that stays stalled loses the printer', async () => {
    const { twin, transport } = await opened()
    const answers = new Received()
    transport.onBytes((bytes) => answers.push(bytes))
    twin.halt(into)
    await settle()
    twin.say(pattern(5))
    expect(await answers.until(5)).toEqual(pattern(5))
    twin.halt(into, 2)
    expect(await transport.closed).toEqual({ by: 'lost', reason: usbReasons.stalled })
    expect(twin.log.filter((call) => call === 'clear 82')).toHaveLength(2)
  })

  it('[USB6] a printer that answers every read with nothing is asked twenty times a second, not more', async () => {
    const { twin, transport, clock } = await opened()
    const answers = new Received()
    transport.onBytes((bytes) => answers.push(bytes))
    twin.emptyAnswers = true
    twin.say(new Uint8Array([7]))
    await answers.until(1)
    for (let turn = 0; turn < 10; turn++) await settle()
    const before = twin.reads
    for (let time = 0; time < 1_000; time += usbLimits.emptyReadPauseMs) {
      await clock.advance(usbLimits.emptyReadPauseMs)
      for (let turn = 0; turn < 3; turn++) await settle()
    }
    expect(twin.reads - before).toBe(1_000 / usbLimits.emptyReadPauseMs)
    twin.say(Uint8Array.of(8))
    await clock.advance(usbLimits.emptyReadPauseMs)
    expect(await answers.until(2)).toEqual(Uint8Array.of(7, 8))
  })

  it('[USB6] a failed read is tried once more after a pause, then the printer is lost', async () => {
    const { twin, transport, clock } = await opened()
    const answers = new Received()
    transport.onBytes((bytes) => answers.push(bytes))
    twin.failNextReads.push('error')
    twin.say(pattern(5))
    await settle()
    twin.failNextReads.push('overflow')
    twin.say(pattern(5))
    expect(answers.all().length).toBe(0)
    await clock.advance(usbLimits.failedReadPauseMs)
    expect(await transport.closed).toEqual({ by: 'lost', reason: usbReasons.broken })
    const { twin: mended, transport: second, clock: time } = await opened()
    second.onBytes((bytes) => answers.push(bytes))
    mended.failNextReads.push('error')
    mended.say(pattern(5))
    await settle()
    await time.advance(usbLimits.failedReadPauseMs)
    expect(await answers.until(5)).toEqual(pattern(5))
  })

  it('[USB7] unplugging loses an idle printer at once', async () => {
    const { twin, transport } = await opened({ driver: 'usblp' })
    twin.unplug()
    expect(await transport.closed).toEqual({ by: 'lost', reason: usbReasons.gone })
    expect(twin.log.slice(-2)).toEqual(['release 0', 'close'])
  })

  it('[USB7] one without a way back is printed to, never read, and its going shows with the next write', async () => {
    const settings = [setting('07:01:01', { endpoints: [bulk(out)] })]
    const { twin, transport } = await opened({ settings })
    await transport.write(pattern(10))
    expect([twin.reads, twin.received.all().length]).toEqual([0, 10])
    twin.unplug()
    await expect(transport.write(pattern(10))).rejects.toMatchObject({ code: 'port_closed' })
    expect(await transport.closed).toEqual({ by: 'lost', reason: usbReasons.gone })
  })

  it('[USB8] closing takes back what is under way before it lets go', async () => {
    const { twin, transport } = await opened()
    twin.stall(true)
    const write = transport.write(pattern(100)).catch((error: unknown) => error)
    await settle()
    expect(twin.pending).toBe(2)
    await transport.close()
    expect(await write).toMatchObject({ code: 'port_closed' })
    expect([twin.pending, twin.log.at(-1)]).toEqual([0, 'close'])
    expect(await transport.closed).toMatchObject({ by: 'ours' })
  })

  it('[USB8] a system that does not give it back is waited for one second', async () => {
    const { twin, transport, clock } = await opened()
    twin.keepsCancelled = true
    let closed = false
    void transport.close().then(() => {
      closed = true
    })
    await clock.advance(usbLimits.releaseMsMax - 1)
    expect(closed).toBe(false)
    await clock.advance(1)
    expect(closed).toBe(true)
    expect(twin.log).toContain('release 0')
  })

  it('[USB8] closing ends the pause between two reads and leaves no timer', async () => {
    const { twin, transport, clock } = await opened()
    twin.emptyAnswers = true
    await transport.write(pattern(1))
    twin.say(Uint8Array.of(1))
    for (let turn = 0; turn < 5; turn++) await settle()
    expect(clock.pending).toBe(1)
    await transport.close()
    expect(clock.pending).toBe(0)
  })
})

/** A pty stands for /dev/usb/lp0: a real descriptor that blocks, polls and hangs up. */
async function lpBench(prepare: (twin: UsbTwin) => void, host?: () => Promise<UsbHost>) {
  const box = new UsbBox()
  const clock = new TestClock()
  const pty = await openPty()
  onTestFinished(() => pty.stop())
  const address = box.plug('1-1', {
    ...epson,
    interfaces: [{ kind: '07:01:02', driver: 'usblp', lp: 'lp999' }],
  })
  mkdirSync(join(box.root, 'lp/usb'), { recursive: true })
  symlinkSync(pty.path, join(box.root, 'lp/usb/lp999'))
  const twin = new UsbTwin([setting('07:01:02')], 'usblp')
  prepare(twin)
  const open = () =>
    openUsb(parsePortUrl(url), clock, {
      devFolder: join(box.root, 'lp'),
      sysFolder: box.sys,
      loadHost: host ?? (async () => twin.host(1, address)),
      isBusy: async () => false,
    })
  return { box, clock, pty, twin, open }
}

async function lpPort(): Promise<Port> {
  const { clock, pty, open } = await lpBench((twin) => twin.refusals.set('open', libusb.access))
  const received = new Received()
  pty.onBytes((bytes) => received.push(bytes))
  return {
    open,
    clock,
    peer: {
      write: (bytes) => pty.write(bytes),
      received: () => received.all(),
      until: (count) => received.until(count),
      stall: (on) => pty.stall(on),
      cut: () => pty.cut(),
    },
    stop: () => pty.stop(),
  }
}

describe.skipIf(!hasSocat())('with a pty for /dev/usb/lp', () => {
  transportContract('usblp', lpPort)

  it.each([
    ['may not open it', (twin: UsbTwin) => twin.refusals.set('open', libusb.access)],
    ['finds it taken', (twin: UsbTwin) => twin.refusals.set('claim', libusb.busy)],
    ['does not see it', (twin: UsbTwin) => twin.unplug()],
  ])('[USB9] where libusb %s, the kernel’s own node serves', async (_, prepare) => {
    const { pty, open } = await lpBench(prepare)
    const received = new Received()
    pty.onBytes((bytes) => received.push(bytes))
    const transport = await open()
    await transport.write(pattern(100))
    expect(await received.until(100)).toEqual(pattern(100))
    await transport.close()
  })

  it('[USB9] what usblp did not take at once is counted once, when it did', async () => {
    const { pty, open } = await lpBench((twin) => twin.refusals.set('open', libusb.access))
    const received = new Received()
    pty.onBytes((bytes) => received.push(bytes))
    const transport = await open()
    pty.stall(true)
    // A little first, so that the end of the system's buffer falls into the middle of a piece.
    const sizes = [200, transportLimits.writeBytesMax, transportLimits.writeBytesMax]
    const writes = sizes.map((size) => transport.write(pattern(size)))
    for (let turn = 0; turn < 100; turn++) await settle()
    const total = sizes.reduce((sum, size) => sum + size)
    expect(transport.bytesWritten).toBeLessThan(total)
    pty.stall(false)
    await Promise.all(writes)
    expect(transport.bytesWritten).toBe(total)
    expect((await received.until(total)).length).toBe(total)
    await transport.close()
  })

  it('[USB9] an answer that comes while the printer takes no data does not hold printing up', async () => {
    const { pty, open } = await lpBench((twin) => twin.refusals.set('open', libusb.access))
    const transport = await open()
    const answers = new Received()
    transport.onBytes((bytes) => answers.push(bytes))
    // Nobody takes what the far end has, so it reads no more; but it still speaks.
    const sizes = Array.from({ length: 8 }, () => transportLimits.writeBytesMax)
    const writes = sizes.map((size) => transport.write(pattern(size)))
    let before = -1
    while (before !== transport.bytesWritten) {
      before = transport.bytesWritten
      for (let turn = 0; turn < 100; turn++) await settle()
    }
    const total = sizes.reduce((sum, size) => sum + size)
    expect(transport.bytesWritten).toBeLessThan(total)
    for (let answer = 1; answer <= 5; answer++) {
      pty.write(Uint8Array.of(answer))
      await answers.until(answer)
      await settle()
    }
    const received = new Received()
    pty.onBytes((bytes) => received.push(bytes))
    await Promise.all(writes)
    expect((await received.until(total)).length).toBe(total)
    await transport.close()
  })

  it('[USB9] where there is no libusb for this box, the kernel’s own node serves', async () => {
    const { open } = await lpBench(
      () => {},
      () => Promise.reject(new Error('No native build was found')),
    )
    const transport = await open()
    await transport.close()
    expect(await transport.closed).toMatchObject({ by: 'ours' })
  })
})

describe('without libusb and without usblp', () => {
  it('[USB9] the library loads on this box, and does not see what is not there', async () => {
    expect((await loadUsbHost()).find(250, 127)).toBeUndefined()
  })

  it('[USB9] the reason says why neither way is open', async () => {
    const bare = { ...epson, interfaces: [{ kind: '07:01:02' }] }
    const busy = bench({ device: bare })
    busy.twin.refusals.set('claim', libusb.busy)
    expect(await refusal(busy.open())).toMatch(/another program holds it/)
    const denied = bench({ device: bare })
    denied.twin.refusals.set('open', libusb.access)
    expect(await refusal(denied.open())).toMatch(/udev rules/)
    const both = bench({ driver: 'usblp' })
    both.twin.refusals.set('open', libusb.access)
    rmSync(join(both.box.dev, 'usb/lp0'))
    expect(await refusal(both.open())).toMatch(/udev rules.*lp0: it is not plugged in/)
    const gone = bench({ driver: 'usblp' })
    gone.twin.refusals.set('open', libusb.noDevice)
    expect(await refusal(gone.open())).toBe(usbReasons.gone)
  })
})
