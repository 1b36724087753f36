/** The udev rules in the lab: udev takes every line, and the nodes of plugged devices belong to the hub's group. */
import { deepEqual, equal } from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHidPosScannerTwin } from '../../src/drivers/scanners/hid-pos-scanner/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import { until } from '../support/hub-process.ts'
import { Gadget, LabDevice } from './gadget.ts'
import type { LabHub } from './lab-hub.ts'
import type { LabRun } from './lab-run.ts'
import { labPrinter, noLibusbSerial } from './printer-checks.ts'

const labRules = [
  // A printer that libusb may not open, so that the hub has to go by usblp.
  `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{serial}=="${noLibusbSerial}*", OWNER="root", GROUP="root", MODE="0600"`,
  // What comes by uhid is below no USB device, so that the rules for makers do not reach it.
  'SUBSYSTEM=="hidraw", DEVPATH=="*/uhid/*", GROUP="tillbridge", MODE="0660"',
]

/** Rules for what the lab plays, beside those that are shipped. */
export function addLabRules(): void {
  mkdirSync('/run/udev/rules.d', { recursive: true })
  writeFileSync('/run/udev/rules.d/99-lab.rules', `${labRules.join('\n')}\n`)
  execFileSync('udevadm', ['control', '--reload'])
}

export async function rulesChecks(run: LabRun, hub: LabHub): Promise<void> {
  await run.check('rules: udev takes every line of the shipped file', async () => {
    const { stderr } = spawnSync('udevadm', ['test', '/class/mem/null'], { encoding: 'utf8' })
    equal(stderr.includes('70-tillbridge.rules'), true, 'udev reads it')
    const complaints = stderr
      .split('\n')
      .filter((line) => /70-tillbridge\.rules:\d+|nvalid|Unknown/.test(line))
    deepEqual(complaints, [])
  })

  await run.check('rules: a printer belongs to lp, a scanner and its keys to the hub', async (check) => {
    const printer = labPrinter(check)
    await hub.ready(await printer.plug(), ({ driver }) => driver === 'escpos')
    const usb = join('/sys/bus/usb/devices', deviceOf('LAB0001'))
    const number = (name: string) => readFileSync(join(usb, name), 'utf8').trim().padStart(3, '0')
    equal(groupOf(`/dev/bus/usb/${number('busnum')}/${number('devnum')}`), 'lp')
    const twin = createHidPosScannerTwin({ clock: systemClock })
    const ids = {
      vendorId: 0x0536,
      productId: 0x02e1,
      maker: 'Hand Held Products',
      product: 'Lab',
      serial: 'RULES1',
    }
    const { descriptor } = twin.faces.hid!
    const scanner = new LabDevice(
      check,
      new Gadget(4, ids, { kind: 'hid', descriptor, reportBytes: 64 }),
      twin,
    )
    await scanner.plug()
    const { url } = await hub.port(({ details }) => details?.vendorId === '0536', 'the scanner')
    await until(() => groupOf(url.slice('hid:'.length)) === 'tillbridge', 'the group of the scanner')
    equal(statSync(url.slice('hid:'.length)).mode & 0o777, 0o660)
  })
}

const groupOf = (node: string): string =>
  execFileSync('stat', ['-c', '%G', node], { encoding: 'utf8' }).trim()

function deviceOf(serial: string): string {
  const devices = '/sys/bus/usb/devices'
  const found = readdirSync(devices).find((name) => {
    try {
      return readFileSync(join(devices, name, 'serial'), 'utf8').trim() === serial
    } catch {
      return false
    }
  })
  return found ?? ''
}
