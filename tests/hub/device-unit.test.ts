/** One device through everything that can happen to its port at once: rules D2, D4, D6 and D12 of docs/devices-lifecycle.md. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Driver, OpenDevice } from '../../src/drivers/driver.ts'
import { memoryPair } from '../../src/drivers/transports/memory.ts'
import type { PortAddress, Transport } from '../../src/drivers/transports/transport.ts'
import { DeviceUnit } from '../../src/hub/devices/device-unit.ts'
import { createLog } from '../../src/hub/log.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { DeviceRow } from '../../src/store/store.ts'
import { settle, TestClock } from '../support/clock.ts'
import { linePrinterProfile } from '../support/line-printer.ts'

const at = (place: string): PortAddress => ({
  kind: 'memory',
  url: `memory:${place}`,
  target: place,
  options: {},
})

/** A unit whose port opens, and whose device greets, when the test says so. */
class UnitBench {
  readonly clock = new TestClock()
  readonly opened: { place: string; transport: Transport; cut: () => void; open: boolean }[] = []
  readonly #opening: (() => void)[] = []
  readonly #greeting: ((error?: Error) => void)[] = []
  /** Devices that were started and not stopped. */
  readonly alive = new Set<string>()
  slow = true
  row: DeviceRow = {
    id: 'one',
    name: 'One',
    class: 'printer',
    driver: 'slow',
    profile: 'generic',
    port: 'memory:a',
    fingerprint: 'thing',
    settings: {},
    disabled: false,
    createdAt: 0,
  }
  readonly unit: DeviceUnit

  constructor(awaitsPort = false) {
    let ids = 0
    const driver: Driver = {
      id: 'slow',
      name: 'Slow',
      class: 'printer',
      transports: ['memory'],
      settings: z.strictObject({}),
      capabilities: ['printing'],
      open: ({ transport }) => this.#device(transport),
    }
    this.unit = new DeviceUnit({
      row: this.row,
      driver,
      profile: linePrinterProfile,
      settings: {},
      address: at('a'),
      demo: false,
      awaitsPort,
      tools: {
        clock: this.clock,
        log: createLog('silent'),
        newId: () => `id-${++ids}`,
        random: () => 0.5,
        openTransport: (address) => this.#openTransport(address),
        listener: { changed() {}, online() {}, scan() {}, weight() {}, drawer() {} },
      },
    })
  }

  get openPorts(): string[] {
    return this.opened.filter(({ open }) => open).map(({ place }) => place)
  }

  portOpens(): void {
    this.#opening.shift()?.()
  }

  greets(error?: Error): void {
    this.#greeting.shift()?.(error)
  }

  cableIsPulled(): void {
    this.opened.findLast(({ open }) => open)?.cut()
  }

  async switchOff(disabled: boolean): Promise<void> {
    this.row = { ...this.unit.row, disabled }
    await this.unit.update(this.row)
  }

  /** From now on nothing takes time, and everything that was pending goes on. */
  async calm(): Promise<void> {
    this.slow = false
    for (let turn = 0; turn < 20; turn++) {
      this.portOpens()
      this.greets()
      await this.clock.advance(5_000)
    }
  }

  async #openTransport(address: PortAddress): Promise<Transport> {
    const [transport, end] = memoryPair(address.target)
    const one = { place: address.target, transport, cut: () => end.close(), open: true }
    void transport.closed.then(() => {
      one.open = false
    })
    if (this.slow) await new Promise<void>((resolve) => this.#opening.push(resolve))
    this.opened.push(one)
    return this.slow ? slowToClose(transport) : transport
  }

  #device(transport: Transport): OpenDevice {
    let end = () => {}
    const name = `${transport.port} ${this.opened.length}`
    return {
      capabilities: ['printing'],
      start: async () => {
        this.alive.add(name)
        if (!this.slow) return
        await new Promise<void>((resolve, reject) => {
          this.#greeting.push((error) => (error === undefined ? resolve() : reject(error)))
          end = () => reject(new HubError('port_closed', { port: transport.port, reason: 'stopped' }))
        })
      },
      stop: async () => {
        this.alive.delete(name)
        end()
      },
    }
  }
}

/** The system takes a moment to let go of a port. */
function slowToClose(transport: Transport): Transport {
  const close = async () => {
    for (let turn = 0; turn < 3; turn++) await settle()
    await transport.close()
  }
  return {
    ...transport,
    port: transport.port,
    bytesWritten: 0,
    closed: transport.closed,
    close,
    write: (bytes) => transport.write(bytes),
    onBytes: (listener) => transport.onBytes(listener),
  }
}

const steps = [
  'lost',
  'a',
  'b',
  'off',
  'on',
  'reopen',
  'opens',
  'greets',
  'refuses',
  'pulled',
  'time',
  'turn',
] as const

async function take(bench: UnitBench, step: (typeof steps)[number]): Promise<void> {
  const { unit } = bench
  if (step === 'lost') unit.portLost()
  else if (step === 'a' || step === 'b') unit.portAppeared(at(step))
  else if (step === 'off' || step === 'on') void bench.switchOff(step === 'off')
  else if (step === 'reopen') unit.reopen()
  else if (step === 'opens') bench.portOpens()
  else if (step === 'greets') bench.greets()
  else if (step === 'refuses') bench.greets(new HubError('answer_invalid', { device: 'one', reason: 'no' }))
  else if (step === 'pulled') bench.cableIsPulled()
  else if (step === 'time') await bench.clock.advance(700)
  else await settle()
}

describe('a device whose port comes and goes', () => {
  it('[D2] [D4] [D6] whatever happened, it ends up open where it is, or nowhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...steps), { maxLength: 40 }),
        fc.boolean(),
        async (taken, awaitsPort) => {
          const bench = new UnitBench(awaitsPort)
          const { unit } = bench
          unit.start()
          for (const step of taken) {
            await take(bench, step)
            expect(bench.alive.size).toBeLessThanOrEqual(1)
          }
          await bench.calm()
          const wanted = !unit.row.disabled && !unit.portGone
          expect(bench.openPorts).toEqual(wanted ? [unit.port.replace('memory:', '')] : [])
          expect(unit.state).toBe(unit.row.disabled ? 'disabled' : wanted ? 'ready' : 'absent')
          if (!wanted && !unit.row.disabled)
            expect(unit.snapshot().faults).toMatchObject([{ code: 'port_unavailable' }])
          await unit.stop()
          await bench.calm()
          expect([bench.openPorts, bench.alive.size, bench.clock.pending]).toEqual([[], 0, 0])
        },
      ),
      { numRuns: 300 },
    )
  }, 60_000)

  it('[D12] a port that is being opened while its thing moves is closed again, and the right one is opened', async () => {
    const bench = new UnitBench()
    bench.unit.start()
    await bench.clock.advance(0)
    bench.unit.portAppeared(at('b'))
    bench.portOpens()
    await settle()
    await bench.calm()
    expect(bench.opened.map(({ place }) => place)).toEqual(['a', 'b'])
    expect(bench.openPorts).toEqual(['b'])
  })

  it('[D12] a thing that goes while a later attempt greets it is not taken for present', async () => {
    const bench = new UnitBench()
    bench.unit.start()
    await bench.clock.advance(0)
    bench.portOpens()
    await settle()
    bench.greets(new HubError('answer_timeout', { device: 'one', ms: 1 }))
    for (let turn = 0; turn < 5; turn++) await settle()
    await bench.clock.advance(1_000)
    bench.portOpens()
    await settle()
    expect(bench.openPorts).toEqual(['a'])
    bench.unit.portLost()
    bench.greets()
    await bench.calm()
    expect([bench.unit.state, bench.openPorts]).toEqual(['absent', []])
  })

  it('[D4] a device that is switched on again while the port is let go of is opened again', async () => {
    const bench = new UnitBench()
    bench.unit.start()
    await bench.clock.advance(0)
    await bench.switchOff(true)
    bench.portOpens()
    await settle()
    await bench.switchOff(false)
    await bench.clock.advance(0)
    await bench.calm()
    expect([bench.unit.state, bench.openPorts]).toEqual(['ready', ['a']])
  })

  it('[D2] one that is not plugged in says so when it is switched on', async () => {
    const bench = new UnitBench(true)
    bench.unit.start()
    await bench.switchOff(true)
    await bench.switchOff(false)
    expect(bench.unit.snapshot().faults).toMatchObject([{ message: 'It is not plugged in.' }])
  })
})
