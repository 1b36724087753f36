/** HID transports: the contract, what sysfs tells, and the keys of a device for the hub alone. */
import { chmodSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openHid } from '../../../src/drivers/transports/hid.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { type Transport, transportLimits } from '../../../src/drivers/transports/transport.ts'
import { Received, transportContract } from '../../contracts/transport.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { FakeHandle, HidBox } from './hid-support.ts'

const scale = [0x05, 0x8d, 0x09, 0x20, 0xa1, 0x01, 0xc0]

transportContract('hid', async () => {
  const box = new HidBox()
  box.plug('hidraw0', { descriptor: scale })
  const clock = new TestClock()
  const received = new Received()
  let handle = new FakeHandle()
  return {
    clock,
    open: () =>
      openHid(parsePortUrl('hid:/dev/hidraw0'), clock, {
        devFolder: box.dev,
        sysFolder: box.sys,
        async openHandle() {
          handle = new FakeHandle()
          handle.onWritten = (report) => received.push(report)
          return handle
        },
      }),
    peer: {
      write: (bytes) => handle.say(bytes),
      received: () => received.all(),
      until: (count) => received.until(count),
      stall: (on) => handle.stall(on),
      cut: () => handle.unplug(),
    },
    stop: async () => {},
  }
})

async function opened(
  box: HidBox,
  url = 'hid:/dev/hidraw0',
): Promise<{ transport: Transport; handle: FakeHandle }> {
  const handle = new FakeHandle()
  const options = { devFolder: box.dev, sysFolder: box.sys, openHandle: async () => handle }
  return { transport: await openHid(parsePortUrl(url), new TestClock(), options), handle }
}

describe('HID transport', () => {
  it('[HID1] tells what the device is, and takes and gives whole reports', async () => {
    const box = new HidBox()
    box.plug('hidraw0', {
      descriptor: scale,
      uniq: 'S1',
      usb: { manufacturer: 'DYMO', product: 'M10 10lb Postal Scale', serial: 'S1' },
    })
    const { transport, handle } = await opened(box)
    expect(transport.hid).toMatchObject({
      vendorId: 0x0922,
      productId: 0x8003,
      usagePage: 0x8d,
      usage: 0x20,
      maker: 'DYMO',
      product: 'M10 10lb Postal Scale',
      serial: 'S1',
      descriptor: Uint8Array.from(scale),
    })
    const pieces: Uint8Array[] = []
    transport.onBytes((bytes) => pieces.push(bytes))
    handle.say(Uint8Array.of(3, 4, 2))
    handle.say(Uint8Array.of(3, 5))
    await transport.write(Uint8Array.of(2, 1))
    await settle()
    expect(pieces).toEqual([Uint8Array.of(3, 4, 2), Uint8Array.of(3, 5)])
    expect(handle.reports).toEqual([Uint8Array.of(2, 1)])
    await transport.hid?.sendFeature(Uint8Array.of(0xfe, 1))
    expect(handle.features).toEqual([Uint8Array.of(0xfe, 1)])
    expect(await transport.hid?.getFeature(1, 64)).toEqual(Uint8Array.of(1, 2))
    await transport.close()
    expect(handle.closed).toBe(true)
  })

  it('[HID1] a link that udev made opens its device; without a descriptor there is no usage', async () => {
    const box = new HidBox()
    box.plug('hidraw3', { name: 'Scanner' })
    symlinkSync('hidraw3', join(box.dev, 'scanner'))
    const { transport } = await opened(box, 'hid:/dev/scanner')
    expect(transport.hid).toMatchObject({ usagePage: 0, usage: 0, product: 'Scanner', maker: '' })
    expect(transport.hid?.descriptor).toHaveLength(0)
  })

  it('[HID2] what cannot be opened is port_unavailable with the cure', async () => {
    const box = new HidBox()
    box.file('dev/null0')
    box.plug('hidraw0')
    const failing = (error: unknown) =>
      openHid(parsePortUrl('hid:/dev/hidraw0'), new TestClock(), {
        devFolder: box.dev,
        sysFolder: box.sys,
        openHandle: () => Promise.reject(error),
      })
    const cases: [Promise<Transport>, RegExp][] = [
      [opened(box, 'hid:/dev/hidraw7').then(({ transport }) => transport), /not plugged in/],
      [opened(box, 'hid:/dev/null0').then(({ transport }) => transport), /not a hidraw/],
      [failing('cannot open device with path: Permission denied'), /udev rules/],
      [failing('libusb-1.0.so.0: cannot open shared object file'), /libusb-1\.0-0/],
      [failing(''), /no reason/],
    ]
    // All fail at once, and each is looked at in its turn.
    for (const [opening] of cases) opening.catch(() => {})
    for (const [opening, reason] of cases)
      await expect(opening).rejects.toMatchObject({
        code: 'port_unavailable',
        context: { reason: expect.stringMatching(reason) },
      })
  })

  it('[HID2] a node that does not open is given up, and closed should it open late', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { inputs: ['input5'] })
    const clock = new TestClock()
    const { promise, resolve } = Promise.withResolvers<FakeHandle>()
    const opening = openHid(parsePortUrl('hid:/dev/hidraw0?exclusive=yes'), clock, {
      devFolder: box.dev,
      sysFolder: box.sys,
      openHandle: () => promise,
    })
    const ended = opening.catch((error: unknown) => error)
    await clock.advance(transportLimits.openMsMax)
    expect(await ended).toMatchObject({ code: 'port_unavailable' })
    expect(clock.pending).toBe(0)
    const handle = new FakeHandle()
    resolve(handle)
    while (!handle.closed) await settle()
    await settle()
    expect(box.inhibited('hidraw0', 'input5')).toBe('0')
  })

  it('[HID7] a device that is closed as soon as it has opened does no harm', async () => {
    const box = new HidBox()
    box.plug('hidraw0')
    const handle = new FakeHandle()
    let readingClosed: boolean | undefined
    // As HIDAsync does: it begins to read in the tick after, and throws into nowhere when it is closed.
    const on = handle.on.bind(handle)
    handle.on = (event, listener) => {
      if (event === 'data') process.nextTick(() => (readingClosed = handle.closed))
      return on(event, listener)
    }
    const options = { devFolder: box.dev, sysFolder: box.sys, openHandle: async () => handle }
    await openHid(parsePortUrl('hid:/dev/hidraw0'), new TestClock(), options).then((transport) =>
      transport.close(),
    )
    expect(handle.closed).toBe(true)
    expect(readingClosed).toBe(false)
  })

  it('[HID2] the real library says so of a node that is not there', async () => {
    const open = createOpenTransport(new TestClock(), new MemoryPorts())
    await expect(open(parsePortUrl('hid:/dev/hidraw999'))).rejects.toMatchObject({
      code: 'port_unavailable',
      context: { reason: 'it is not plugged in' },
    })
  })

  it('[HID3] unplugged: lost, with a reason, though the library throws strings', async () => {
    const box = new HidBox()
    box.plug('hidraw0')
    const { transport, handle } = await opened(box)
    handle.unplug()
    expect(await transport.closed).toEqual({ by: 'lost', reason: 'it was unplugged' })
    expect(handle.closed).toBe(true)
  })

  it('[HID4] a report that failed counts as gone, and features fail with a code', async () => {
    const box = new HidBox()
    box.plug('hidraw0')
    const { transport, handle } = await opened(box)
    handle.failure = 'could not write'
    await expect(transport.hid?.getFeature(1, 8)).rejects.toMatchObject({ code: 'answer_invalid' })
    await expect(transport.hid?.sendFeature(Uint8Array.of(1))).rejects.toMatchObject({
      code: 'answer_invalid',
    })
    await expect(transport.write(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'port_closed' })
    expect(transport.bytesWritten).toBe(3)
    await expect(transport.hid?.getFeature(1, 8)).rejects.toMatchObject({ code: 'port_closed' })
  })

  it('[HID4] a report that hangs when the port is closed counts as gone', async () => {
    const box = new HidBox()
    box.plug('hidraw0')
    const { transport, handle } = await opened(box)
    handle.stall(true)
    const write = transport.write(Uint8Array.of(1, 2, 3)).catch((error: unknown) => error)
    await settle()
    expect(transport.bytesWritten).toBe(0)
    await transport.close()
    expect(await write).toMatchObject({ code: 'port_closed' })
    expect(transport.bytesWritten).toBe(3)
  })

  it('[HID5] exclusive: all its input devices are silenced while it is open, and only then', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { inputs: ['input5', 'input6'] })
    box.plug('hidraw1', { inputs: ['input7'] })
    const all = () => [
      box.inhibited('hidraw0', 'input5'),
      box.inhibited('hidraw0', 'input6'),
      box.inhibited('hidraw1', 'input7'),
    ]
    const shared = await opened(box)
    expect(all()).toEqual(['0', '0', '0'])
    await shared.transport.close()
    const { transport } = await opened(box, 'hid:/dev/hidraw0?exclusive=yes')
    expect(all()).toEqual(['1', '1', '0'])
    await transport.close()
    expect(all()).toEqual(['0', '0', '0'])
  })

  it('[HID5] unplugged while exclusive: its files are gone, and closing goes well', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { inputs: ['input5'] })
    const { transport, handle } = await opened(box, 'hid:/dev/hidraw0?exclusive=yes')
    rmSync(join(box.sys, 'devices'), { recursive: true })
    handle.unplug()
    expect(await transport.closed).toMatchObject({ by: 'lost' })
  })

  it('[HID5] a device without input devices types nothing and needs nothing', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { descriptor: scale })
    const { transport } = await opened(box, 'hid:/dev/hidraw0?exclusive=yes')
    expect(transport.hid?.usagePage).toBe(0x8d)
    await transport.close()
  })

  it('[HID6] an old kernel: not opened, with the cure, and no file made', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { inputs: ['input5'], old: true })
    await expect(opened(box, 'hid:/dev/hidraw0?exclusive=yes')).rejects.toMatchObject({
      code: 'port_unavailable',
      context: { reason: expect.stringContaining('Linux 5.11') },
    })
    expect(() => box.inhibited('hidraw0', 'input5')).toThrow(/ENOENT/)
  })

  it('[HID6] half possible is not possible: what was silenced is freed, and the handle closed', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { inputs: ['input5', 'input6'] })
    rmSync(join(box.sys, 'class/hidraw/hidraw0/device/input/input6/inhibited'))
    const handle = new FakeHandle()
    const options = { devFolder: box.dev, sysFolder: box.sys, openHandle: async () => handle }
    const opening = openHid(parsePortUrl('hid:/dev/hidraw0?exclusive=yes'), new TestClock(), options)
    await expect(opening).rejects.toMatchObject({ code: 'port_unavailable' })
    expect(box.inhibited('hidraw0', 'input5')).toBe('0')
    expect(handle.closed).toBe(true)
  })

  it.skipIf(process.getuid?.() === 0)(
    '[HID6] not allowed: not opened, with the udev rule as the cure',
    async () => {
      const box = new HidBox()
      box.plug('hidraw0', { inputs: ['input5'] })
      chmodSync(join(box.sys, 'class/hidraw/hidraw0/device/input/input5/inhibited'), 0o400)
      await expect(opened(box, 'hid:/dev/hidraw0?exclusive=yes')).rejects.toMatchObject({
        code: 'port_unavailable',
        context: { reason: expect.stringContaining('udev rules') },
      })
    },
  )
})
