/** The hub under test in the guest: an unprivileged process under the shipped udev rules, watched through its own client. */
import { ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { HubClient } from '../../src/protocol/client.ts'
import type { Device, PortRecord } from '../../src/protocol/device.ts'
import type { EventData, EventTopic } from '../../src/protocol/event.ts'
import type { Job, PrintPayload } from '../../src/protocol/job.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { type Check, spread } from './lab-run.ts'
import { Yardstick } from './yardstick.ts'

/** Ready so long after the plug at most, in a guest that has the host for itself. */
const readyMsMax = 2_000
const startsMax = 3
const dataFolder = '/run/data'
const classes = ['printer', 'scale', 'scanner', 'drawer', 'display']

interface Seen {
  at: number
  topic: EventTopic
  device: string | undefined
  data: unknown
}

/** What the kernel holds for the hub. */
export interface Footprint {
  descriptors: number
  threads: number
  residentMiB: number
}

export class LabHub {
  readonly hub: HubProcess
  readonly client: HubClient
  readonly yardstick = new Yardstick()
  readonly #seen: Seen[] = []

  private constructor(hub: HubProcess, client: HubClient) {
    this.hub = hub
    this.client = client
    this.yardstick.start()
    client.subscribe(['*'], (event) => {
      this.#seen.push({ at: performance.now(), topic: event.topic, device: event.device, data: event.data })
    })
  }

  /** As the user that the unit of systemd would give it: no right but those of the rules and its groups. */
  static async start(): Promise<LabHub> {
    mkdirSync(dataFolder, { recursive: true })
    writeFileSync(
      `${dataFolder}/tillbridge.toml`,
      `[discovery]\nautoAccept = ${JSON.stringify(classes)}\nmdns = false\n`,
    )
    execFileSync('chown', ['-R', 'tillbridge:tillbridge', dataFolder])
    const hub = await startHub()
    const token = await hub.token('technician', 'lab')
    return new LabHub(hub, await hub.client('technician', token))
  }

  /** The first event of a topic that arrived after `since` (performance.now()) and fits. */
  event<T extends EventTopic>(
    topic: T,
    since: number,
    fits: (data: EventData<T>, device: string | undefined) => boolean,
    msMax = 10_000,
  ): Promise<{ at: number; device: string | undefined; data: EventData<T> }> {
    return until(
      () => this.events(topic, since).find(({ data, device }) => fits(data, device)),
      `an event ${topic}`,
      msMax,
    )
  }

  events<T extends EventTopic>(
    topic: T,
    since: number,
  ): { at: number; device: string | undefined; data: EventData<T> }[] {
    return this.#seen.filter((seen) => seen.topic === topic && seen.at >= since) as never
  }

  async devices(): Promise<Device[]> {
    return (await this.client.call('device.list', {})).devices
  }

  async ports(): Promise<PortRecord[]> {
    return (await this.client.call('port.list', {})).ports
  }

  /** Waits for a port that fits. */
  port(fits: (port: PortRecord) => boolean, what: string): Promise<PortRecord> {
    return until(async () => (await this.ports()).find(fits), `the port of ${what}`)
  }

  /** The device that became ready after `since`, and how many ms that took. */
  async ready(
    since: number,
    fits: (device: Device) => boolean,
    msMax = 10_000,
  ): Promise<{ device: Device; ms: number }> {
    const isReady = (device: Device) => device.state === 'ready' && fits(device)
    const found = await until(
      () =>
        [...this.events('device.added', since), ...this.events('device.changed', since)]
          .sort((a, b) => a.at - b.at)
          .find(({ data }) => isReady(data)),
      'a device that is ready',
      msMax,
    ).catch(async (error: unknown) => {
      throw new Error(
        `${String(error)}; there are ${JSON.stringify(await this.devices())}, ${JSON.stringify(await this.ports())}`,
      )
    })
    return { device: found.data, ms: found.at - since }
  }

  /** Waits until a device is in a state; also when it is in it already. */
  async state(id: string, ...states: Device['state'][]): Promise<Device> {
    return until(
      async () => {
        const device = await this.client.call('device.get', { id })
        return states.includes(device.state) ? device : undefined
      },
      `${id} to be ${states.join(' or ')}`,
    )
  }

  submit(device: string, id: string, payload: PrintPayload): Promise<Job> {
    return this.client.submitJob({ id, device, kind: 'print', payload })
  }

  /** The job as it ended. */
  ended(id: string, msMax = 40_000): Promise<Job> {
    return until(
      async () => {
        const job = await this.client.call('job.wait', { id, ms: 2_000 })
        return ['pending', 'running'].includes(job.state) ? undefined : job
      },
      `the end of job ${id}`,
      msMax,
    )
  }

  /** Notes and checks times from plug to ready, all of them or (`most`) their middle, for how slow the guest is now. */
  inTime(check: Check, times: readonly number[], since: number, which: 'all' | 'most' = 'all'): void {
    const slowness = this.yardstick.slowness(since)
    const busy = slowness > 1.5 ? `, in a guest that is ${slowness.toFixed(1)} times as slow as alone` : ''
    check.note(`ready: ${spread(times)}${busy}`)
    const sorted = [...times].sort((a, b) => a - b)
    const judged = sorted[which === 'all' ? sorted.length - 1 : Math.floor(sorted.length / 2)] ?? Number.NaN
    ok(judged <= readyMsMax * slowness, `ready after ${judged.toFixed(0)} ms`)
  }

  footprint(): Footprint {
    const status = readFileSync(`/proc/${this.hub.pid}/status`, 'utf8')
    const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
    return {
      descriptors: readdirSync(`/proc/${this.hub.pid}/fd`).length,
      threads: number('Threads'),
      residentMiB: number('VmRSS') / 1024,
    }
  }

  /** Timers and handles that keep Node's loop, by kind, as /metrics tells them. */
  async resources(): Promise<Record<string, number>> {
    const text = await (await fetch(`${this.hub.url}/metrics`)).text()
    const found = text.matchAll(/^nodejs_active_(?:resources|handles|requests)\{type="(\w+)"\} (\d+)/gm)
    return Object.fromEntries([...found].map(([, type, count]) => [type, Number(count)]))
  }

  /** Forgets every device, so that the next check finds a hub as new. */
  async forget(): Promise<void> {
    for (const { id } of await this.devices()) await this.client.call('device.remove', { id })
    this.#seen.length = 0
  }

  /** The last lines that it logged since a moment, in ms since 1970. */
  logSince(at: number, linesMax = 40): string {
    const isRecent = (line: string) => !(Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '') < at)
    return this.hub.log().trimEnd().split('\n').filter(isRecent).slice(-linesMax).join('\n')
  }
}

/**
 * Node dies now and then while it starts in this emulation (a check in the books that V8 keeps of its machine code), and never
 * did outside of it. So a start that ends by a signal is told and tried again.
 */
async function startHub(): Promise<HubProcess> {
  for (let start = 1; ; start++) {
    try {
      return await HubProcess.start({
        dir: dataFolder,
        args: ['--log', 'debug'],
        through: ['setpriv', '--reuid=tillbridge', '--regid=tillbridge', '--init-groups', '--no-new-privs'],
      })
    } catch (error) {
      if (start === startsMax || !/ended with null/.test(String(error))) throw error
      console.log(`start ${start} of the hub died: ${String(error).slice(0, 400)}`)
    }
  }
}
