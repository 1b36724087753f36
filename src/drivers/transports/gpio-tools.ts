/**
 * The tools of libgpiod as command lines: version 1.6 (Debian 12) and version 2 (Debian 13), which share names and little else.
 * Sources: `--help` of gpiod 1.6.3; the manual pages of gpiod 2.2.1.
 */

export interface OutputPin {
  /** `gpiochip0`. */
  chip: string
  line: string
  activeLow: boolean
}

export interface SensePin {
  chip: string
  sense: string
  bias: string | undefined
}

/** Command lines, program first. */
export interface GpioTools {
  /** One after the other: the line is on for `ms` and off at the end. */
  pulse(pin: OutputPin, ms: number): (readonly string[])[]
  off(pin: OutputPin): readonly string[]
  /** Prints 0 or 1. */
  get(pin: SensePin): readonly string[]
  /** Prints a line at each change. */
  monitor(pin: SensePin): readonly string[]
  /** The level that such a line tells. */
  levelOf(line: string): '0' | '1' | undefined
}

/** `said`: what `gpioset --version` prints. undefined: a version that nobody has tried. */
export function gpioToolsOf(said: string): GpioTools | undefined {
  const [, major, minor] = /libgpiod\)? v(\d+)\.(\d+)/.exec(said) ?? []
  if (major === '2') return version2
  // Options for bias came with 1.5.
  return major === '1' && Number(minor) >= 5 ? version1 : undefined
}

const version1: GpioTools = {
  // A line that was let go of may keep its level, so it is switched off for sure.
  pulse: (pin, ms) => [
    ['gpioset', ...low1(pin), '--mode=time', `--usec=${ms * 1_000}`, pin.chip, `${pin.line}=1`],
    version1.off(pin),
  ],
  off: (pin) => ['gpioset', ...low1(pin), '--mode=exit', pin.chip, `${pin.line}=0`],
  get: (pin) => ['gpioget', ...bias1(pin), pin.chip, pin.sense],
  monitor: (pin) => ['gpiomon', ...bias1(pin), '--line-buffered', '--format=%e', pin.chip, pin.sense],
  levelOf: (line) => (line === '0' || line === '1' ? line : undefined),
}

const low1 = ({ activeLow }: OutputPin): string[] => (activeLow ? ['--active-low'] : [])
const bias1 = ({ bias }: SensePin): string[] =>
  bias === undefined ? [] : [`--bias=${bias === 'disabled' ? 'disable' : bias}`]

const version2: GpioTools = {
  // On, off after `ms`, and the last period of 0 ends it.
  pulse: (pin, ms) => [['gpioset', ...low1(pin), '-t', `${ms}ms,0`, '-c', pin.chip, `${pin.line}=1`]],
  off: (pin) => ['gpioset', ...low1(pin), '-t', '0', '-c', pin.chip, `${pin.line}=0`],
  get: (pin) => ['gpioget', ...bias2(pin), '--numeric', '-c', pin.chip, pin.sense],
  monitor: (pin) => ['gpiomon', ...bias2(pin), '--format=%E', '-c', pin.chip, pin.sense],
  levelOf: (line) => ({ rising: '1', falling: '0' })[line] as '0' | '1' | undefined,
}

const bias2 = ({ bias }: SensePin): string[] => (bias === undefined ? [] : [`--bias=${bias}`])
