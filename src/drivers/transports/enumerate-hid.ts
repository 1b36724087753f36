/** The HID devices of the box that may be scanners, scales or drawers: which there are, and when one comes or goes. */
import { join } from 'node:path'
import { parseHidDescriptor } from '../framing/hid-descriptor.ts'
import type { TransportClock } from './clock.ts'
import type { FoundPort } from './enumerate.ts'
import { type HidFacts, hidrawName, hidrawNodes, readHidFacts } from './hid-sysfs.ts'
import { isSetUp, udevSecondLookMs } from './udev.ts'
import { WatchedList } from './watch-folders.ts'

export interface HidPortsOptions {
  clock: TransportClock
  /** Where devices and the kernel's view of them are mounted; other folders in tests. */
  devFolder?: string
  sysFolder?: string
  /** Where udev keeps what it is done with. */
  runFolder?: string
}

export class HidPorts extends WatchedList<FoundPort> {
  constructor({ clock, devFolder = '/dev', sysFolder = '/sys', runFolder = '/run' }: HidPortsOptions) {
    super({
      clock,
      folders: () => [{ path: devFolder, required: true, matters: (name) => hidrawName.test(name) }],
      list: () => listHidPorts(sysFolder, runFolder),
      secondLookMs: udevSecondLookMs,
    })
  }
}

interface Usage {
  page: number
  usage: number
}

/** Pages of the HID Point of Sale Usage Tables: what a collection of one is, a shop has it for. */
const shopPages = new Set([0x8c, 0x8d, 0x8e])
const [desktop, consumer, digitizer] = [0x01, 0x0c, 0x0d]
/** Pointer, mouse, system control: on the desktop page. */
const deskUsages = new Set([0x01, 0x02, 0x80])
const keyboardUsage = 0x06

/** HID devices now, in the order of their nodes; mice, touch screens and volume keys are left out. [] without sysfs. */
export async function listHidPorts(sysFolder = '/sys', runFolder = '/run'): Promise<FoundPort[]> {
  const nodes = await hidrawNodes(sysFolder)
  const ready = await Promise.all(
    nodes.map((node) => isSetUp(runFolder, join(sysFolder, 'class/hidraw', node))),
  )
  const all = await Promise.all(
    nodes.filter((_, index) => ready[index]).map((node) => readHidFacts(sysFolder, node)),
  )
  const devices = all
    .filter((facts) => facts !== undefined)
    .map((facts) => ({ facts, usages: topUsages(facts.descriptor) }))
    .filter(({ usages }) => usages.length === 0 || !usages.every(isForDesks))
  const named = new Map<string, number>()
  for (const { facts } of devices) named.set(nameOf(facts), (named.get(nameOf(facts)) ?? 0) + 1)
  return devices.map(({ facts, usages }) => describe(facts, usages, (named.get(nameOf(facts)) ?? 0) > 1))
}

function topUsages(descriptor: Uint8Array): Usage[] {
  return parseHidDescriptor(descriptor)
    .collections.filter(({ type }) => type === 1)
    .map(({ page, usage }) => ({ page, usage }))
}

function isForDesks({ page, usage }: Usage): boolean {
  return page === consumer || page === digitizer || (page === desktop && deskUsages.has(usage))
}

/** The interface of a device that has several: a scanner may be a keyboard on one and a HID POS scanner on another. */
const interfaceOf = ({ phys }: HidFacts): string => /\/(input\d+)$/.exec(phys)?.[1] ?? ''

const nameOf = (facts: HidFacts): string => `${idsOf(facts)}-${facts.serial}/${interfaceOf(facts)}`

const idsOf = ({ vendorId, productId }: HidFacts): string => `${hex(vendorId, 4)}:${hex(productId, 4)}`

/**
 * A serial number is a lasting name as long as no other device wears the same one. Those, and devices without a number, are
 * named by the place they are plugged into.
 */
function describe(facts: HidFacts, usages: readonly Usage[], shared: boolean): FoundPort {
  const { node, bus, maker, product, serial, phys } = facts
  const isNumbered = /[^0\s]/.test(serial) && !shared
  const place = phys === '' ? node : phys
  const main = usages.find(({ page }) => shopPages.has(page)) ?? usages[0]
  const words = product.startsWith(maker) ? product : `${maker} ${product}`.trim()
  const details = {
    vendorId: hex(facts.vendorId, 4),
    productId: hex(facts.productId, 4),
    usagePage: main === undefined ? '' : hex(main.page, 2),
    usage: main === undefined ? '' : hex(main.usage, 2),
    maker,
    product,
    serial,
    phys,
    keyboard: usages.some(({ page, usage }) => page === desktop && usage === keyboardUsage) ? 'yes' : '',
    bus,
  }
  return {
    url: `hid:/dev/${node}`,
    fingerprint: isNumbered
      ? `hid:${idsOf(facts)}-${serial}${interfaceOf(facts) === '' ? '' : `/${interfaceOf(facts)}`}`
      : `hid:${idsOf(facts)}@${place}`,
    label: `${words === '' ? `HID device ${idsOf(facts)}` : words} (${node})`,
    details: Object.fromEntries(Object.entries(details).filter(([, text]) => text !== '')),
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
