/** GPIO ports: which tools are called and how, by stand-ins on PATH; the real tools for how they read our options. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chipOf, gpioLimits, openGpio } from '../../../src/drivers/transports/gpio.ts'
import { gpioToolsOf } from '../../../src/drivers/transports/gpio-tools.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { TestClock } from '../../support/clock.ts'
import { createStandIn } from './gpio-stand-in.ts'

const versions = ['1.6.3', '2.2.1'] as const

async function opened(version: string, url: string, options: { level?: string; clock?: TestClock } = {}) {
  const tools = createStandIn(version, options.level)
  onTestFinished(() => tools.remove())
  const transport = await openGpio(parsePortUrl(url), options.clock ?? systemClock, { env: tools.env })
  onTestFinished(() => transport.close())
  let said = ''
  transport.onBytes((bytes) => {
    said += new TextDecoder().decode(bytes)
  })
  const send = (text: string) => transport.write(new TextEncoder().encode(text))
  /** Calls after the opening, the finding of version and chip left out. */
  const calls = () => tools.calls().slice(2)
  return { tools, transport, send, calls, said: () => said }
}

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: HubError) => `${error.code}: ${error.context.reason}`,
  )

describe.each(versions)('with the tools of version %s', (version) => {
  const two = version.startsWith('2')

  it('[GPIO1] a pulse has its time limit in the tool itself, and the line is off at the end', async () => {
    const { send, calls, said } = await opened(version, 'gpio:pinctrl-rp1/17')
    await send('pulse 120\n')
    await expect.poll(said).toBe('pulsed\n')
    expect(calls()).toEqual(
      two
        ? ['gpioset -t 120ms,0 -c gpiochip0 17=1']
        : ['gpioset --mode=time --usec=120000 gpiochip0 17=1', 'gpioset --mode=exit gpiochip0 17=0'],
    )
  })

  it('[GPIO2] an inverted relay board is told to the tools', async () => {
    const { send, calls, said } = await opened(version, 'gpio:gpiochip4/5?active=low')
    await send('pulse 50\n')
    await expect.poll(said).toBe('pulsed\n')
    expect(calls()).toEqual(
      two
        ? ['gpioset --active-low -t 50ms,0 -c gpiochip4 5=1']
        : [
            'gpioset --active-low --mode=time --usec=50000 gpiochip4 5=1',
            'gpioset --active-low --mode=exit gpiochip4 5=0',
          ],
    )
  })

  it('[GPIO3] the sense line is read once and then watched: changes come by themselves', async () => {
    const { tools, send, calls, said } = await opened(version, 'gpio:pinctrl-rp1/17?sense=22&bias=pull-up', {
      level: '1\n',
    })
    await send('sense\n')
    await expect.poll(said).toBe('level 1\n')
    tools.edge(two ? 'falling' : '0')
    await expect.poll(said).toBe('level 1\nlevel 0\n')
    tools.edge('noise')
    tools.edge(two ? 'rising' : '1')
    await expect.poll(said).toBe('level 1\nlevel 0\nlevel 1\n')
    await send('sense\n')
    await expect.poll(said).toBe('level 1\nlevel 0\nlevel 1\nlevel 1\n')
    expect(calls()).toEqual(
      two
        ? [
            'gpioget --bias=pull-up --numeric -c gpiochip0 22',
            'gpiomon --bias=pull-up --format=%E -c gpiochip0 22',
          ]
        : [
            'gpioget --bias=pull-up gpiochip0 22',
            'gpiomon --bias=pull-up --line-buffered --format=%e gpiochip0 22',
          ],
    )
  })

  it('[GPIO4] a pulse that fails is told with the words of the tool, and the line is switched off', async () => {
    const { tools, send, calls, said } = await opened(version, 'gpio:pinctrl-rp1/17')
    tools.failSet('gpioset: error setting the GPIO line values:\nDevice or resource busy')
    await send('pulse 100\n')
    await expect
      .poll(said)
      .toBe('error gpioset: error setting the GPIO line values: Device or resource busy\n')
    expect(calls().at(-1)).toMatch(/17=0$/)
    tools.failSet(undefined)
    await send('pulse 100\n')
    await expect.poll(said).toMatch(/\npulsed\n$/)
  })
})

describe('the language', () => {
  it('[GPIO5] a pulse of 200 ms is taken and one of 201 refused; without a sense line there is no level', async () => {
    const { send, said, calls } = await opened('2.2.1', 'gpio:pinctrl-rp1/17')
    await send('sense\npulse 201\npulse 0\npulse -5\npulse\n\nopen\n')
    const unknown = 'error unknown command\n'
    await expect.poll(said).toBe(`level none\nerror a pulse is at most 200 ms\n${unknown.repeat(4)}`)
    expect(calls()).toEqual([])
    await send(`pulse ${gpioLimits.pulseMsMax}\n`)
    await expect.poll(said).toMatch(/pulsed\n$/)
  })

  it('[GPIO5] a pulse during a pulse is refused', async () => {
    const { send, said, calls } = await opened('2.2.1', 'gpio:pinctrl-rp1/17')
    await send('pulse 100\npulse 100\n')
    await expect.poll(said).toBe('error a pulse is under way\npulsed\n')
    expect(calls()).toHaveLength(1)
  })

  it('[GPIO6] a tool that does not end is killed in time, and the line switched off', async () => {
    const clock = new TestClock()
    const tools = createStandIn('2.2.1')
    onTestFinished(() => tools.remove())
    const transport = await openGpio(parsePortUrl('gpio:pinctrl-rp1/17'), clock, { env: tools.env })
    let said = ''
    transport.onBytes((bytes) => {
      said += new TextDecoder().decode(bytes)
    })
    tools.hang(true)
    await transport.write(new TextEncoder().encode('pulse 100\n'))
    await expect.poll(() => tools.calls().length).toBe(3)
    tools.hang(false)
    await clock.advance(100 + gpioLimits.toolMsMax)
    await expect.poll(() => said).toBe('error gpioset did not end within 1600 ms\n')
    expect(tools.calls().at(-1)).toBe('gpioset -t 0 -c gpiochip0 17=0')
    await transport.close()
    expect(clock.pending).toBe(0)
  })

  it('[GPIO7] what cannot be opened says why', async () => {
    const tools = createStandIn('2.2.1', '')
    onTestFinished(() => tools.remove())
    const open = (url: string, env = tools.env) => refusal(openGpio(parsePortUrl(url), systemClock, { env }))
    expect(await open('gpio:pinctrl-rp1/17', { PATH: '/nowhere' })).toMatch(
      /port_unavailable: .*install the package gpiod/,
    )
    expect(await open('gpio:pinctrl-bcm2711/17')).toMatch(/port_unavailable: there is no GPIO chip/)
    expect(await open('gpio:pinctrl-rp1/54')).toMatch(/no line 54, only 54/)
    expect(await open('gpio:pinctrl-rp1/17?sense=60')).toMatch(/no line 60/)
    expect(await open('gpio:pinctrl-rp1/17?sense=22')).toMatch(/error reading line: busy/)
    const old = createStandIn('1.4.1')
    onTestFinished(() => old.remove())
    expect(await open('gpio:pinctrl-rp1/17', old.env)).toMatch(/version that is not known/)
  })

  it('[GPIO8] a watch that ends loses the port, with the reason; closing ends the watch', async () => {
    const { tools, transport } = await opened('1.6.3', 'gpio:pinctrl-rp1/17?sense=22')
    await expect.poll(() => tools.monitor()).toBeDefined()
    process.kill(tools.monitor() as number, 'SIGTERM')
    expect(await transport.closed).toEqual({
      by: 'lost',
      reason: 'the sense line is not watched any more: gpiomon: chip was removed',
    })
    const second = await opened('2.2.1', 'gpio:pinctrl-rp1/17?sense=22')
    await expect.poll(() => second.tools.monitor()).toBeDefined()
    await second.transport.close()
    expect(await second.transport.closed).toMatchObject({ by: 'ours' })
    const alive = () => {
      try {
        return process.kill(second.tools.monitor() as number, 0)
      } catch {
        return false
      }
    }
    await expect.poll(alive).toBe(false)
  })

  it('[GPIO8] a close waits until the watch has let go of its line', async () => {
    const { tools, transport } = await opened('2.2.1', 'gpio:pinctrl-rp1/17?sense=22')
    await expect.poll(() => tools.monitor()).toBeDefined()
    await transport.close()
    expect(() => process.kill(tools.monitor() as number, 0)).toThrow(/ESRCH/)
  })

  it('[GPIO7] a box that cannot start another program refuses, and lives on', async () => {
    const tools = createStandIn('2.2.1', '0')
    onTestFinished(() => tools.remove())
    const script = fileURLToPath(new URL('./no-descriptors.ts', import.meta.url))
    const ran = spawnSync('sh', ['-c', `ulimit -n 64; exec "${process.execPath}" "${script}"`], {
      encoding: 'utf8',
      env: { ...process.env, PATH: tools.env.PATH },
    })
    expect([ran.stdout, ran.stderr, ran.status]).toEqual(['begun\nrefused\nerror\nended\n', '', 0])
  })

  it('[GPIO9] a chip is found by its label, or by its name', () => {
    const listed =
      'gpiochip0 [pinctrl-bcm2835] (54 lines)\ngpiochip1 [gpiochip0] (8 lines)\ngpiochip2 [one] (1 line)\n'
    expect(chipOf('pinctrl-bcm2835', listed)).toEqual({ name: 'gpiochip0', lines: 54 })
    // A label goes before a name.
    expect(chipOf('gpiochip0', listed)).toEqual({ name: 'gpiochip1', lines: 8 })
    expect(chipOf('gpiochip2', listed)).toEqual({ name: 'gpiochip2', lines: 1 })
    expect(chipOf('gpiochip9', listed)).toBeUndefined()
    fc.assert(fc.property(fc.string(), (text) => chipOf('x', text) === undefined))
  })

  it('[GPIO3] a bias that is off has another name in each version, and none is given where none is wanted', () => {
    const pin = { chip: 'gpiochip0', sense: '22', bias: 'disabled' }
    const get = (version: string, bias: string | undefined) =>
      gpioToolsOf(`gpioset (libgpiod) v${version}`)?.get({ ...pin, bias })[1]
    expect(['1.6.3', '2.2.1'].map((version) => get(version, 'disabled'))).toEqual([
      '--bias=disable',
      '--bias=disabled',
    ])
    expect(['1.6.3', '2.2.1'].map((version) => get(version, undefined))).toEqual(['gpiochip0', '--numeric'])
  })

  it('[GPIO9] versions 1.5 and up and 2 are known', () => {
    const known = (said: string) => gpioToolsOf(said) !== undefined
    expect(known('gpioset (libgpiod) v1.5')).toBe(true)
    expect(known('gpioset (libgpiod) v2.0')).toBe(true)
    for (const said of ['gpioset (libgpiod) v1.4.4', 'gpioset (libgpiod) v3.0', '', 'v1.6'])
      expect(known(said)).toBe(false)
  })
})

const real = spawnSync('gpioset', ['--version'], { encoding: 'utf8' })

describe('the real tools', () => {
  it('[GPIO10] take our options: they complain of the chip that is not there, and of nothing else', () => {
    const tools = gpioToolsOf(real.stdout ?? '')
    if (tools === undefined) throw new HubError('internal', { reason: 'install the package gpiod' })
    const pin = { chip: 'gpiochip250', line: '17', activeLow: true, sense: '22', bias: 'pull-up' }
    for (const [program = '', ...args] of [
      ...tools.pulse(pin, 120),
      tools.off(pin),
      tools.get(pin),
      tools.monitor(pin),
    ]) {
      const ran = spawnSync(program, args, { encoding: 'utf8', timeout: 5_000 })
      expect([program, ran.status !== 0, ran.stderr]).toEqual([
        program,
        true,
        expect.stringMatching(/chip|No such file/),
      ])
      expect(ran.stderr).not.toMatch(/option|usage|invalid|unrecognized/i)
    }
    const wrong = spawnSync('gpioset', ['--no-such-option', 'gpiochip250', '17=1'], { encoding: 'utf8' })
    expect(wrong.stderr).toMatch(/option/)
  })
})
