/** Builds the hub out of its parts: the one place that says `new` to a service, and that knows everything. */
import { mkdirSync, readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildUi } from './cli/build-ui.ts'
import { removeRunFile, writeRunFile } from './cli/run-file.ts'
import { createRegistry } from './drivers/registry.ts'
import { systemClock } from './hub/clock.ts'
import { keepLastGood, loadConfig, type Overrides } from './hub/config.ts'
import { lockData } from './hub/data-lock.ts'
import { WebDoor } from './hub/doors/web/web-door.ts'
import { type Door, Hub } from './hub/hub.ts'
import { newId } from './hub/ids.ts'
import { createLog, type Log } from './hub/log.ts'
import { errorText } from './protocol/errors.ts'
import { collectGarbage } from './store/collect-garbage.ts'
import { openEventLog, openStore } from './store/open.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const uiDir = join(root, 'dist', 'ui')

/**
 * Runs the hub until SIGINT or SIGTERM. `onReady` gets the address once, and a pairing link when nobody is paired yet or
 * the demo runs.
 */
export async function runHub(
  overrides: Overrides,
  onReady: (url: string, pairUrl?: string) => void,
): Promise<void> {
  const { config, data, file, problem } = loadConfig(overrides, process.env)
  const log = createLog(config.log.level)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const unlock = lockData(data, log)
  const registry = createRegistry({
    profilesDir: join(root, 'config', 'profiles'),
    clock: systemClock,
    serial: config.discovery.serial,
    usb: config.discovery.usb,
    hid: config.discovery.hid,
    mdns: config.discovery.mdns,
  })
  let url = ''
  const hub = new Hub({
    config,
    version: version(),
    clock: systemClock,
    log,
    newId,
    random: Math.random,
    catalogue: registry,
    matchProfile: (words) => registry.matchProfile(words),
    suggest: (facts) => registry.suggest(facts),
    scanNetwork: (network) => registry.scanNetwork(network),
    teaching: registry.teaching,
    pagePorts: registry.pagePorts,
    picturesDir: join(data, 'display'),
    portSources: registry.portSources,
    // The twins are a third of the drivers' code: a box in a shop does without.
    demoDevices: config.demo.enabled ? (await import('./drivers/demo.ts')).demoDevices(systemClock) : [],
    demoPorts: registry.memoryPorts,
    openStore: () => openStore({ dir: data }),
    openEventLog: () => openEventLog({ dir: data, bootId: bootId(), newId, now: () => systemClock.now() }),
    createDoors: (api) => {
      const web = new WebDoor({
        hub: api,
        clock: systemClock,
        log,
        uiDir,
        picturesDir: join(data, 'display'),
      })
      const door: Door = {
        name: 'web',
        get clients() {
          return web.clients
        },
        async start() {
          url = (await web.start(config.http)).url
        },
        stop: () => web.stop(),
      }
      return [door]
    },
  })
  if (problem !== undefined) hub.status.report('config', problem)
  for (const [index, trouble] of registry.problems.entries()) {
    log.warn({ reason: trouble }, 'a profile is left out')
    hub.status.report(`profile:${index}`, trouble)
  }

  const stopped = stopOnSignal(log)
  await hub.start()
  writeRunFile(data, url, log)
  if (problem === undefined) keepCopy(file, data, log)
  onReady(url, await pairUrl(hub, url, config.demo.enabled, log))
  flushCompileCache()
  const cancelTidying = tidyMemoryOnce()
  if (overrides.build !== false) buildUi({ root, uiDir, log })
  await stopped
  cancelTidying()
  removeRunFile(data, log)
  await hub.stop()
  await registry.stop()
  unlock()
}

/** A disk that takes no code now is no reason not to serve; health tells of it. */
async function pairUrl(hub: Hub, url: string, demo: boolean, log: Log): Promise<string | undefined> {
  try {
    if (!demo && !(await hub.unpaired())) return undefined
    const code = await hub.setUpCode()
    return code === undefined ? undefined : `${url}/#code=${code}`
  } catch (error) {
    log.warn({ reason: errorText(error) }, 'no pairing code could be made')
    return undefined
  }
}

/** Settles at the first signal; a second one ends the process without ceremony. */
function stopOnSignal(log: Log): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1)
        asked = true
        log.info({ signal }, 'stopping')
        resolve()
      })
    }
  })
}

function keepCopy(file: string | undefined, data: string, log: Log): void {
  try {
    keepLastGood(file, data)
  } catch (error) {
    log.warn({ reason: errorText(error) }, 'no copy of the configuration could be kept')
  }
}

/** What starting left behind is given back once, so that a small box has the room; about 40 ms, when nothing happens yet. */
function tidyMemoryOnce(): () => void {
  const afterMs = 2_000
  return systemClock.after(afterMs, collectGarbage)
}

function version(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
}

/** Changes with each boot of the kernel: what was written since survives the end of a process, not of the machine. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return newId()
  }
}
