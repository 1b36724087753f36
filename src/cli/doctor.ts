/** `tillbridge doctor`: looks at the box for what keeps hubs from working, with the reason and the way out. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemClock } from '../hub/clock.ts'
import { type Config, loadConfig } from '../hub/config.ts'
import { errorText } from '../protocol/errors.ts'
import { dataOf, openBooks } from './box.ts'
import { checkBox, checkPermissions, checkSetUp } from './doctor-box.ts'
import { checkPorts } from './doctor-ports.ts'
import type { Finding } from './finding.ts'
import { type Command, exitCodes } from './run.ts'
import { runningHub, runningUrl } from './run-file.ts'

const doctorLimits = { nodeMajorMin: 24, freeBytesMin: 200 * 1024 * 1024, answerMsMax: 5_000 } as const

export const doctor: Command = {
  summary: 'Check this box for what keeps a hub from working',
  usage: '[--config FILE]',
  options: { config: { type: 'string', help: 'configuration file to check' } },
  async run({ options, print }) {
    const data = dataOf(options)
    const config = typeof options.config === 'string' ? options.config : undefined
    const found = await findings(data, config)
    const marks = { ok: '✔', note: '•', bad: '✖' }
    const text = found
      .map(
        ({ check, result, message, fix }) =>
          `${marks[result]} ${check}: ${message}${fix === undefined ? '' : `\n    ${fix}`}`,
      )
      .join('\n')
    print({ findings: found }, text)
    return found.some(({ result }) => result === 'bad') ? exitCodes.failed : exitCodes.ok
  },
}

/** Everything that is wrong with the box, or worth knowing. Changes nothing on it but the form of the books. */
async function findings(data: string, config: string | undefined): Promise<Finding[]> {
  const pid = runningHub(data)?.pid
  const loaded = checkConfig(data, config)
  return [
    checkNode(),
    loaded.finding,
    checkData(data),
    ...checkPermissions(data),
    checkSpace(data),
    ...(await checkStore(data)),
    await checkHub(data),
    ...(await checkBox({ data, config: loaded.config, hubPid: pid, now: systemClock.now() })),
    checkUdevadm(),
    ...checkPorts({ hubPid: pid }),
  ]
}

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  const message = `Node ${process.versions.node}`
  return major >= doctorLimits.nodeMajorMin
    ? { check: 'runtime', result: 'ok', message }
    : {
        check: 'runtime',
        result: 'bad',
        message,
        fix: 'Start with npm start or npx tillbridge: they bring Node 26.',
      }
}

/** `config` is undefined for one that is broken. */
function checkConfig(
  data: string,
  named: string | undefined,
): { config: Config | undefined; finding: Finding } {
  const check = 'configuration'
  const bad = (message: string): Finding => ({ check, result: 'bad', message, fix: 'Mend the file.' })
  try {
    const { config, file, problem } = loadConfig({ data, config: named }, process.env)
    if (problem !== undefined) return { config, finding: bad(problem) }
    const message = file ?? 'no file; the defaults are in use'
    return { config, finding: { check, result: 'ok', message } }
  } catch (error) {
    return { config: undefined, finding: bad(errorText(error)) }
  }
}

/** The folder is not made here: `sudo tillbridge doctor` would make it root's, and keep the hub out of it. */
function checkData(data: string): Finding {
  if (!existsSync(data))
    return { check: 'data folder', result: 'note', message: `${data} is not there; the first start makes it` }
  try {
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK)
    return { check: 'data folder', result: 'ok', message: data }
  } catch (error) {
    return {
      check: 'data folder',
      result: 'bad',
      message: errorText(error),
      fix: `Give this user the folder ${data}.`,
    }
  }
}

function checkSpace(data: string): Finding {
  try {
    const { bavail, bsize } = statfsSync(nearest(data))
    const free = bavail * bsize
    const message = `${Math.floor(free / 1024 / 1024)} MiB free`
    return free >= doctorLimits.freeBytesMin
      ? { check: 'disk space', result: 'ok', message }
      : {
          check: 'disk space',
          result: 'bad',
          message,
          fix: 'Free some space: a full disk stops jobs from being recorded.',
        }
  } catch (error) {
    return { check: 'disk space', result: 'bad', message: errorText(error) }
  }
}

/** The folder, or the first one above it that is there. */
function nearest(folder: string): string {
  let path = resolve(folder)
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path)
  return path
}

async function checkStore(data: string): Promise<Finding[]> {
  if (!existsSync(data)) return [{ check: 'store', result: 'note', message: 'the first start makes it' }]
  try {
    const store = await openBooks(data)
    try {
      const { broken } = await store.ledger.verify()
      const paired = (await store.access.tokens()).length
      if (broken !== undefined)
        return [
          {
            check: 'store',
            result: 'bad',
            message: `the ledger is broken at entry ${broken.seq}: ${broken.reason}`,
            fix: 'Keep a copy of the folder and restore a backup: tillbridge restore FILE',
          },
        ]
      const clients = `${paired} paired ${paired === 1 ? 'client' : 'clients'}`
      return [{ check: 'store', result: 'ok', message: `whole; ${clients}` }, await checkSetUp(store)]
    } finally {
      await store.close()
    }
  } catch (error) {
    return [{ check: 'store', result: 'bad', message: errorText(error) }]
  }
}

async function checkHub(data: string): Promise<Finding> {
  const url = runningUrl(data)
  if (url === undefined)
    return { check: 'hub', result: 'note', message: 'is not running', fix: 'Start it: npm start' }
  try {
    const health = (await (
      await fetch(new URL('/api/v1/health', url), { signal: AbortSignal.timeout(doctorLimits.answerMsMax) })
    ).json()) as {
      status: string
      reasons?: string[]
    }
    return health.status === 'ready'
      ? { check: 'hub', result: 'ok', message: `ready at ${url}` }
      : { check: 'hub', result: 'bad', message: `${health.status}: ${(health.reasons ?? []).join(' ')}` }
  } catch (error) {
    return { check: 'hub', result: 'bad', message: `does not answer at ${url}: ${errorText(error)}` }
  }
}

function checkUdevadm(): Finding {
  const found = ['/usr/bin/udevadm', '/bin/udevadm', '/sbin/udevadm'].some((path) => existsSync(path))
  return found
    ? { check: 'udevadm', result: 'ok', message: 'found' }
    : {
        check: 'udevadm',
        result: 'note',
        message: 'missing: serial ports show without maker and model',
        fix: 'apt install udev',
      }
}
