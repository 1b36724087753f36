/**
 * Pins of the box, by the tools of libgpiod: a pulse on one line, and the level of another. It is spoken to in lines of text
 * (`pulse MS`, `sense`) and answers in lines (`level 0`, `level 1`, `level none`, `pulsed`, `error TEXT`).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { errorText, HubError } from '../../protocol/errors.ts'
import { DelimiterFramer } from '../framing/delimiter.ts'
import { ByteTransport, type Wire } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import { type GpioTools, gpioToolsOf } from './gpio-tools.ts'
import type { PortAddress, Transport } from './transport.ts'

export const gpioLimits = {
  /** Longest pulse, in ms: a solenoid on for longer burns. */
  pulseMsMax: 200,
  /** How long a tool may take beyond its pulse, in ms. */
  toolMsMax: 1_500,
  /** Longest line of text that is taken, in bytes. */
  lineBytesMax: 64,
  /** Text of a tool that is kept for an error, in characters. */
  saidCharsMax: 400,
} as const

interface Ran {
  status: number | null
  output: string
  said: string
}

/** What the port needs of the place it runs in; a test has its own tools. */
export interface GpioOptions {
  /** Environment of the tools; PATH finds them. */
  env?: NodeJS.ProcessEnv
}

/**
 * Finds the tools, their version, the chip and its lines, and begins to watch the sense line. Throws HubError
 * `port_unavailable` when one of them is missing or busy.
 */
export async function openGpio(
  address: PortAddress,
  clock: TransportClock,
  { env = process.env }: GpioOptions = {},
): Promise<Transport> {
  const refused = (reason: string) => new HubError('port_unavailable', { port: address.url, reason })
  const [label = '', line = ''] = address.target.split('/')
  const run = (command: readonly string[]) => runTool(command, clock, gpioLimits.toolMsMax, env)
  try {
    const version = await run(['gpioset', '--version'])
    const tools = gpioToolsOf(version.output)
    if (tools === undefined) throw refused('gpioset is of a version that is not known; 1.6 and 2 are')
    const chip = chipOf(label, (await run(['gpiodetect'])).output)
    if (chip === undefined) throw refused(`there is no GPIO chip ${label}, or the hub may not use it`)
    const beyond = [line, address.options.sense].find(
      (name) => name !== undefined && Number(name) >= chip.lines,
    )
    if (beyond !== undefined) throw refused(`the chip has no line ${beyond}, only ${chip.lines}`)
    const pins = {
      chip: chip.name,
      line,
      activeLow: address.options.active === 'low',
      sense: address.options.sense,
      bias: address.options.bias,
    }
    const wire = new GpioWire({ clock, env, tools, pins })
    let level: string | undefined
    if (pins.sense !== undefined) {
      const got = await run(tools.get({ ...pins, sense: pins.sense }))
      level = got.status === 0 ? got.output.trim() : undefined
      if (level !== '0' && level !== '1') throw refused(got.said || 'the sense line cannot be read')
    }
    const transport = new ByteTransport(address.url, wire, clock)
    wire.start(transport, level)
    return transport
  } catch (error) {
    throw error instanceof HubError ? error : refused(explain(error))
  }
}

/** A chip out of what gpiodetect lists, `gpiochip0 [pinctrl-rp1] (54 lines)`, by its label or its name. */
export function chipOf(wanted: string, listed: string): { name: string; lines: number } | undefined {
  const chips = Array.from(
    listed.matchAll(/^(\S+) \[(.*)\] \((\d+) lines?\)$/gm),
    ([, name = '', label, lines]) => ({ name, label, lines: Number(lines) }),
  )
  const found = chips.find(({ label }) => label === wanted) ?? chips.find(({ name }) => name === wanted)
  return found === undefined ? undefined : { name: found.name, lines: found.lines }
}

interface Pins {
  chip: string
  line: string
  activeLow: boolean
  sense: string | undefined
  bias: string | undefined
}

class GpioWire implements Wire {
  readonly #clock: TransportClock
  readonly #env: NodeJS.ProcessEnv
  readonly #tools: GpioTools
  readonly #pins: Pins
  readonly #framer = new DelimiterFramer({ delimiters: [[0x0a]], frameBytesMax: gpioLimits.lineBytesMax })
  #transport: ByteTransport | undefined
  #level: string | undefined
  #monitor: ChildProcess | undefined
  #pulse: Promise<void> | undefined
  #released = false

  constructor(options: { clock: TransportClock; env: NodeJS.ProcessEnv; tools: GpioTools; pins: Pins }) {
    this.#clock = options.clock
    this.#env = options.env
    this.#tools = options.tools
    this.#pins = options.pins
  }

  /** `level`: of the sense line, as it was read before it is watched. */
  start(transport: ByteTransport, level: string | undefined): void {
    this.#transport = transport
    this.#level = level
    if (this.#pins.sense !== undefined) this.#watch(this.#pins.sense)
  }

  send(bytes: Uint8Array, handed: (count: number) => void): Promise<void> {
    // A pulse begins within this call, so that the bytes count as gone when it may have reached the pin.
    handed(bytes.length)
    for (const line of this.#framer.push(bytes)) this.#obey(new TextDecoder().decode(line))
    return Promise.resolve()
  }

  /** A pulse that has begun ends by itself, within its limit; it is waited for. */
  async release(): Promise<void> {
    this.#released = true
    await Promise.all([this.#endWatch(), this.#pulse])
  }

  /** The line is free for the next opening when gpiomon has ended. */
  async #endWatch(): Promise<void> {
    const monitor = this.#monitor
    if (monitor?.pid === undefined || monitor.exitCode !== null || monitor.signalCode !== null) return
    const { promise, resolve } = Promise.withResolvers<void>()
    monitor.once('exit', () => resolve())
    const cancel = this.#clock.after(gpioLimits.toolMsMax, () => monitor.kill('SIGKILL'))
    monitor.kill('SIGTERM')
    await promise
    cancel()
  }

  #obey(line: string): void {
    const [, ms] = /^pulse ([1-9]\d{0,4})$/.exec(line) ?? []
    if (line === 'sense') this.#say(`level ${this.#level ?? 'none'}`)
    else if (ms === undefined) this.#say('error unknown command')
    else if (Number(ms) > gpioLimits.pulseMsMax)
      this.#say(`error a pulse is at most ${gpioLimits.pulseMsMax} ms`)
    else if (this.#pulse !== undefined) this.#say('error a pulse is under way')
    else
      this.#pulse = this.#run(Number(ms)).finally(() => {
        this.#pulse = undefined
      })
  }

  async #run(ms: number): Promise<void> {
    try {
      for (const command of this.#tools.pulse(this.#pins, ms)) {
        const ran = await runTool(command, this.#clock, ms + gpioLimits.toolMsMax, this.#env)
        if (ran.status !== 0) throw new HubError('internal', { reason: ran.said })
      }
      this.#say('pulsed')
    } catch (error) {
      const text = error instanceof HubError ? String(error.context.reason) : explain(error)
      // Whatever happened, the line must not stay on.
      await runTool(this.#tools.off(this.#pins), this.#clock, gpioLimits.toolMsMax, this.#env).catch(() => {})
      this.#say(`error ${oneLine(text)}`)
    }
  }

  #watch(sense: string): void {
    const [program = '', ...args] = this.#tools.monitor({ ...this.#pins, sense })
    const ended = (reason: string) => {
      if (!this.#released) void this.#transport?.end({ by: 'lost', reason: oneLine(reason) })
    }
    const monitor = startTool(program, args, this.#env, (error) => ended(explain(error)))
    this.#monitor = monitor
    let said = ''
    monitor.stderr?.on('data', (text: Buffer) => {
      said = `${said}${text.toString()}`.slice(0, gpioLimits.saidCharsMax)
    })
    if (monitor.stdout !== null)
      createInterface(monitor.stdout).on('line', (line) => {
        const level = this.#tools.levelOf(line)
        if (level === undefined) return
        this.#level = level
        this.#say(`level ${level}`)
      })
    // `close` comes after the last line was read.
    monitor.once('close', () => ended(`the sense line is not watched any more: ${said || 'gpiomon ended'}`))
  }

  #say(line: string): void {
    this.#transport?.receive(new TextEncoder().encode(`${line}\n`))
  }
}

/** Runs a tool to its end; kills it after `msMax`. Rejects when it cannot be started or had to be killed. */
async function runTool(
  [program = '', ...args]: readonly string[],
  clock: TransportClock,
  msMax: number,
  env: NodeJS.ProcessEnv,
): Promise<Ran> {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>()
  const child = startTool(program, args, env, (error) => {
    cancel()
    reject(error)
  })
  let output = ''
  let said = ''
  const cancel = clock.after(msMax, () => {
    child.kill('SIGKILL')
    reject(new HubError('internal', { reason: `${program} did not end within ${msMax} ms` }))
  })
  child.stdout?.on('data', (text: Buffer) => {
    output = `${output}${text.toString()}`.slice(0, 16 * gpioLimits.saidCharsMax)
  })
  child.stderr?.on('data', (text: Buffer) => {
    said = `${said}${text.toString()}`.slice(0, gpioLimits.saidCharsMax)
  })
  child.once('close', (status) => {
    cancel()
    resolve({ status, output, said: oneLine(said) })
  })
  return promise
}

/** The error comes as an event, after the call; without descriptors left there are no streams either. */
function startTool(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onError: (error: Error) => void,
): ChildProcess {
  return spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }).on('error', onError)
}

const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ').slice(0, gpioLimits.saidCharsMax)

function explain(error: unknown): string {
  const text = errorText(error)
  return /ENOENT/.test(text) ? 'the tools of libgpiod are missing; install the package gpiod' : text
}
