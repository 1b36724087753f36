/** Stand-ins for the tools of libgpiod, in a folder of their own: they record how they were called and act on files. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface StandIn {
  env: NodeJS.ProcessEnv
  /** Command lines in the order in which they were started. */
  calls(): string[]
  /** What gpiomon prints from now on. */
  edge(line: string): void
  /** Process of gpiomon, once it watches. */
  monitor(): number | undefined
  /** The next calls of gpioset fail with this text on stderr; undefined: they work. */
  failSet(text: string | undefined): void
  /** gpioset never ends. */
  hang(on: boolean): void
  remove(): void
}

/** Only what the tools are documented to print is printed here; the pins are files. */
export function createStandIn(version: string, level = '0'): StandIn {
  const folder = mkdtempSync(join(tmpdir(), 'gpio-'))
  const file = (name: string) => join(folder, name)
  const tool = (name: string, body: string) => {
    const script = `#!/bin/sh\ncd '${folder}'\necho "${name} $*" >> calls\n${body}\n`
    writeFileSync(file(name), script)
    chmodSync(file(name), 0o755)
  }
  writeFileSync(file('level'), level)
  writeFileSync(file('edges'), '')
  tool(
    'gpioset',
    `[ "$1" = --version ] && { echo "gpioset (libgpiod) v${version}"; exit 0; }
[ -f fail ] && { cat fail >&2; exit 1; }
[ -f hang ] && exec sleep 60
exit 0`,
  )
  tool(
    'gpiodetect',
    'echo "gpiochip0 [pinctrl-rp1] (54 lines)"\necho "gpiochip4 [gpio-brcmstb@7d508500] (17 lines)"',
  )
  tool('gpioget', '[ -s level ] || { echo "gpioget: error reading line: busy" >&2; exit 1; }\ncat level')
  // tail passes lines on as they come; the shell ends it when it is told to end itself.
  tool(
    'gpiomon',
    `echo $$ > monitor
trap 'kill $reader; echo "gpiomon: chip was removed" >&2; exit 1' TERM
tail -n +1 -f edges &
reader=$!
touch watching
wait $reader`,
  )
  return {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    calls: () => (existsSync(file('calls')) ? readFileSync(file('calls'), 'utf8').trim().split('\n') : []),
    edge: (line) => writeFileSync(file('edges'), `${line}\n`, { flag: 'a' }),
    monitor: () => (existsSync(file('watching')) ? Number(readFileSync(file('monitor'), 'utf8')) : undefined),
    failSet: (text) => (text === undefined ? rmSync(file('fail')) : writeFileSync(file('fail'), text)),
    hang: (on) => (on ? writeFileSync(file('hang'), '') : rmSync(file('hang'))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
