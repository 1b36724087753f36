/** Builds the hub out of its parts: the one place that says `new` to a service, and that knows everything. */
import { mkdirSync, readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { askDoctor } from './cli/ask-doctor.ts'
import { buildUi } from './cli/build-ui.ts'
import { removeRunFile, writeRunFile } from './cli/run-file.ts'
import { root, version } from './cli/version.ts'
import { Doors } from './doors.ts'
import { createRegistry } from './drivers/registry.ts'
import { LogBook } from './hub/care/log-book.ts'
import { putRestoredInPlace } from './hub/care/restore-steps.ts'
import { systemClock } from './hub/clock.ts'
import { dataFolder, keepLastGood, type LoadedConfig, loadConfig, type Overrides } from './hub/config.ts'
import { lockData } from './hub/data-lock.ts'
import { Hub } from './hub/hub.ts'
import { newId } from './hub/ids.ts'
import { createLog, type Log } from './hub/log.ts'
import { errorText } from './protocol/errors.ts'
import { collectGarbage } from './store/collect-garbage.ts'
import { checkBooks, copyBooks } from './store/copy.ts'
import { openEventLog, openStore } from './store/open.ts'

const uiDir = join(root, 'dist', 'ui')

/** What stays from one start of the hub to the next within the process. */
interface Process {
  data: string
  overrides: Overrides
  log: Log
  logBook: LogBook
  /** Where it listened; a port that was picked freely is kept when the hub starts again. */
  ports: { http: number; https: number }
  /** Settles at the signal to end. */
  stopped: Promise<'stop'>
  onReady: OnReady
}

/** What whoever starts the hub is told. */
export interface Ready {
  url: string
  /** Where https is served, when it is. */
  https?: string
  /** Where the first owner sets up the hub, with the code for it; only while there is none. */
  setup?: string
}

type OnReady = (ready: Ready) => void

/**
 * Runs the hub until SIGINT or SIGTERM, and again with the configuration read anew when it is told to restart. `onReady` is
 * called at each start.
 */
export async function runHub(overrides: Overrides, onReady: OnReady): Promise<void> {
  const data = dataFolder(overrides, process.env)
  const logBook = new LogBook()
  const log = createLog('info', logBook)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const unlock = lockData(data, log)
  const stopped = stopOnSignal(log)
  const around: Process = { data, overrides, log, logBook, ports: { http: 0, https: 0 }, stopped, onReady }
  /** The configuration of the start before, for the day that a new one does not come up. */
  let proven: LoadedConfig | undefined
  for (;;) {
    // Told to end while it was starting again.
    if ((await Promise.race([stopped, 'go on'])) === 'stop') break
    await putRestoredInPlace(data, log)
    const loaded = loadAgain(around, proven)
    try {
      if ((await runOnce(around, loaded)) === 'stop') break
      proven = loaded
    } catch (error) {
      if (proven === undefined || loaded === proven) throw error
      log.error({ reason: errorText(error) }, 'the hub did not start with the new configuration')
      proven = insteadOf(error, proven)
      if ((await runOnce(around, proven)) === 'stop') break
    }
  }
  unlock()
}

/** A file that was broken while the hub ran is no reason to end. */
function loadAgain({ overrides }: Process, proven: LoadedConfig | undefined): LoadedConfig {
  try {
    return loadConfig(overrides, process.env)
  } catch (error) {
    if (proven === undefined) throw error
    return insteadOf(error, proven)
  }
}

/** The configuration of the start before, with what is wrong with the new one. */
function insteadOf(error: unknown, proven: LoadedConfig): LoadedConfig {
  return { ...proven, problem: `${errorText(error)} The configuration of the start before is in use.` }
}

async function runOnce(around: Process, loaded: LoadedConfig): Promise<'stop' | 'restart'> {
  const { data, log, logBook, onReady, overrides, ports } = around
  const { config, file, problem } = loaded
  logBook.setLevel(config.log.level)
  const { promise: restarting, resolve: restart } = Promise.withResolvers<'restart'>()
  const registry = createRegistry({
    profilesDir: join(root, 'config', 'profiles'),
    clock: systemClock,
    serial: config.discovery.serial,
    usb: config.discovery.usb,
    hid: config.discovery.hid,
    mdns: config.discovery.mdns,
  })
  const doors = await Doors.load({ config, data, ports, uiDir, clock: systemClock, log })
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
    qrSvg: (text) => registry.qrSvg(text),
    pagePorts: registry.pagePorts,
    picturesDir: join(data, 'display'),
    portSources: registry.portSources,
    box: {
      data,
      configFile: file ?? join(data, 'tillbridge.toml'),
      overridden: loaded.overridden,
      logBook,
      load: () => loadConfig(overrides, process.env).config,
      copyBooks: (to) => copyBooks(data, to),
      checkBooks,
      findings: () => askDoctor(data, overrides.config),
      restart: () => restart('restart'),
    },
    // The twins are a third of the drivers' code: a box in a shop does without.
    demoDevices: config.demo.enabled ? (await import('./drivers/demo.ts')).demoDevices(systemClock) : [],
    demoPorts: registry.memoryPorts,
    openStore: () => openStore({ dir: data }),
    openEventLog: () => openEventLog({ dir: data, bootId: bootId(), newId, now: () => systemClock.now() }),
    createDoors: (api) => doors.open(api, hub.status),
  })
  if (problem !== undefined) hub.status.report('config', problem)
  for (const [index, trouble] of registry.problems.entries()) {
    log.warn({ reason: trouble }, 'a profile is left out')
    hub.status.report(`profile:${index}`, trouble)
  }

  try {
    await hub.start()
  } catch (error) {
    await hub.stop()
    await registry.stop()
    throw error
  }
  const { httpsPort, url } = await doors.settled()
  writeRunFile(data, url, log)
  if (problem === undefined) keepCopy(file, data, log)
  const code = hub.setUpCode()
  onReady({
    url,
    ...(httpsPort === null ? {} : { https: httpsOf(url, httpsPort) }),
    ...(code === undefined ? {} : { setup: `${url}/#setup=${code}` }),
  })
  flushCompileCache()
  const cancelTidying = tidyMemoryOnce()
  if (overrides.build !== false) buildUi({ root, uiDir, log })
  const end = await Promise.race([around.stopped, restarting])
  if (end === 'restart') log.info('starting again')
  // A certificate may have come after the hub was ready.
  ports.https = doors.httpsPort ?? ports.https
  cancelTidying()
  removeRunFile(data, log)
  await hub.stop()
  await registry.stop()
  return end
}

/** The same host over https. */
function httpsOf(url: string, port: number): string {
  const https = new URL(url)
  https.protocol = 'https:'
  https.port = String(port)
  return https.origin
}

/** Settles at the first signal; a second one ends the process without ceremony. */
function stopOnSignal(log: Log): Promise<'stop'> {
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1)
        asked = true
        log.info({ signal }, 'stopping')
        resolve('stop')
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

/** Changes with each boot of the kernel: what was written since survives the end of a process, not of the machine. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return newId()
  }
}
