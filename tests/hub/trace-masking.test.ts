/** A trace as a technician gets it shows no card and no secret: rules MSK1 and MSK6 through the door of the hub. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Driver } from '../../src/drivers/driver.ts'
import { loadProfiles } from '../../src/drivers/profiles.ts'
import { dialog } from '../../src/drivers/scales/dialog/driver.ts'
import { serialScanner } from '../../src/drivers/scanners/serial-scanner/driver.ts'
import { HubBench } from '../support/hub-bench.ts'
import { profilesDir } from '../support/profiles-dir.ts'

const drivers = [dialog, serialScanner] as readonly Driver[]
const { profiles } = loadProfiles(profilesDir, drivers)
const card = '4111111111111111'
const shown = '411111******1111'

let bench: HubBench
afterEach(() => bench.end())

async function start(): Promise<void> {
  bench = await HubBench.start({
    drivers: drivers.map((driver) => ({
      driver,
      profiles: profiles.filter((each) => each.driver === driver.id),
    })),
  })
}

/** The trace from its beginning, as text: bytes as characters, everything else as JSON. */
async function traceOf(id: string): Promise<string> {
  const { entries } = await bench.call('device.trace', { id, after: 0 })
  return entries
    .map((entry) => ('hex' in entry ? Buffer.from(entry.hex, 'hex').toString() : JSON.stringify(entry)))
    .join('\n')
}

describe('a trace', () => {
  it('[MSK1] strikes a card number out of the bytes to a device', async () => {
    await start()
    const printer = await bench.printer('one')
    await bench.call('device.trace', { id: 'printer-1' })
    await bench.print('printer-1', 'a', `card ${card}`)
    await bench.settle()
    expect(printer.printed).toEqual(['a'])
    const text = await traceOf('printer-1')
    expect(text).toContain(`card ${shown}`)
    expect(text).not.toContain(card)
  })

  it('[MSK1] and out of the bytes from one, and of what its driver told', async () => {
    await start()
    let type = (_: string) => {}
    bench.ports.offer('scan', (end) => {
      type = (text) => end.write(Buffer.from(text))
    })
    await bench.call('device.add', { class: 'scanner', driver: 'serial-scanner', port: 'memory:scan' })
    await bench.clock.advance(100)
    await bench.call('device.trace', { id: 'scanner-1' })
    type(`${card}\r`)
    await bench.clock.advance(100)
    // Tills get the code as it is: what is struck out is the copy for technicians.
    expect(bench.events.find(({ topic }) => topic === 'scan')?.data).toMatchObject({ code: card })
    const text = await traceOf('scanner-1')
    expect(text).toContain(`${shown}\r`)
    expect(text).toContain(`"code":"${shown}"`)
    expect(text).not.toContain(card)
  })

  it('[MSK6] strikes secrets out of the settings in its header', async () => {
    await start()
    await bench.call('device.add', {
      class: 'scale',
      driver: 'dialog',
      port: 'memory:scale',
      settings: { polynomialSecret: '1ABCD' },
    })
    const { trace } = await bench.call('device.trace', { id: 'scale-1' })
    expect(trace.settings).toMatchObject({ polynomialSecret: '***' })
    expect(JSON.stringify(trace)).not.toContain('1ABCD')
  })
})
