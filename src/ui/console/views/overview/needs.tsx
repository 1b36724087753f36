/** Everything that waits for a person, the most urgent first, each with what to do; or the word that all is quiet. */
import type { ComponentChildren, JSX } from 'preact'
import type { Device, Fault } from '../../../../protocol/device.ts'
import type { Result } from '../../../../protocol/methods.ts'
import type { Tone } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon, type IconName } from '../../../parts/icon.tsx'
import { ageText, dateText } from '../../../parts/time.ts'
import { say, sayCount } from '../../../words/say.ts'
import { blockingFaults, faultAdvice, faultWord, isPage, thingWords } from '../../../words/things.ts'
import { isTechnician, networkChanged, useActions, useAsked, useConsole, useOrigins } from '../../context.ts'
import { isCandidate, usePorts } from '../../use-ports.ts'
import { Question } from '../jobs/question.tsx'

/** Of one kind; the rest is on the page that the link leads to. */
const shownMax = 3
/** A certificate that ends sooner is worth a word, in ms. */
const certificateMs = 14 * 24 * 60 * 60_000

type Origin = Result<'origin.list'>['origins'][number]

export function Needs(): JSX.Element {
  const { state, session, clock } = useConsole()
  const technician = isTechnician(session.role.value)
  usePorts()
  const origins = useOrigins(technician)
  const tls = useAsked('tls.info', {}, networkChanged, technician)
  const config = useAsked('config.get', {}, (event) => event.topic === 'hub.health', technician)
  const devices = state.deviceList.value
  const blocking = devices.flatMap((device) => blockingFaults(device).map((fault) => ({ device, fault })))
  const warnings = devices.flatMap((device) =>
    device.faults.filter((fault) => !fault.blocking).map((fault) => ({ device, fault })),
  )
  const unknown = state.unknownJobs.value
  const found = state.ports.value.filter((port) => isCandidate(port) && port.device === null)
  const seen = origins.answer.value?.origins.filter((origin) => origin.state === 'seen') ?? []
  const trouble = certificateTrouble(tls.answer.value, clock.read())
  const restart = config.answer.value?.restart ?? []
  const reasons = state.hub.value?.reasons ?? []
  const quiet = [blocking, warnings, unknown, found, seen, restart, reasons].every(
    (list) => list.length === 0,
  )
  const asking =
    technician &&
    [origins, tls, config].some(
      ({ answer, error }) => answer.value === undefined && error.value === undefined,
    )
  if (quiet && asking)
    // Nobody may read that all is well before everything has been asked.
    return (
      <p class="quiet" role="status">
        {say('common.loading')}
      </p>
    )
  if (quiet && trouble === undefined)
    return <AllQuiet absent={devices.filter(isAway)} none={devices.length === 0} />
  return (
    <section class="needs" aria-labelledby="needs">
      <h2 id="needs">{say('shell.needs')}</h2>
      {blocking.map(({ device, fault }) => (
        <FaultNeed key={`${device.id} ${fault.code}`} device={device} fault={fault} />
      ))}
      {unknown.slice(0, shownMax).map((job) => (
        <Question key={job.id} job={job} />
      ))}
      {unknown.length > shownMax && (
        <Need tone="doubt" icon="unknown" title={sayCount('shell.need.unknown', unknown.length - shownMax)}>
          <a class="button" href="#/jobs">
            {say('shell.need.look')}
          </a>
        </Need>
      )}
      {reasons.map((reason) => (
        <Need key={reason} tone="wait" icon="faulty" title={say('shell.need.degraded')} text={reason} />
      ))}
      {trouble !== undefined && (
        <Need tone="bad" icon="lock" title={say('shell.need.certificate')} text={trouble}>
          <a class="button" href="#/network">
            {say('shell.need.look')}
          </a>
        </Need>
      )}
      {found.length > 0 && (
        <Need
          tone="busy"
          icon="plug"
          title={sayCount('shell.need.found', found.length)}
          text={found
            .slice(0, shownMax)
            .map((port) => port.suggestion && thingWords(port.suggestion, state.drivers.value))
            .join('; ')}
        >
          <a class="button" href="#/devices">
            {say('shell.need.look')}
          </a>
        </Need>
      )}
      {seen.slice(0, shownMax).map((origin) => (
        <OriginNeed key={origin.origin} origin={origin} onDone={origins.ask} />
      ))}
      {seen.length > shownMax && (
        <Need tone="wait" icon="network" title={sayCount('shell.need.origins', seen.length - shownMax)}>
          <a class="button" href="#/network">
            {say('shell.need.look')}
          </a>
        </Need>
      )}
      {restart.length > 0 && <RestartNeed paths={restart} />}
      {warnings.map(({ device, fault }) => (
        <FaultNeed key={`${device.id} ${fault.code}`} device={device} fault={fault} />
      ))}
    </section>
  )
}

const isAway = (device: Device): boolean => device.state === 'absent' && !isPage(device)

function AllQuiet({ absent, none }: { absent: readonly Device[]; none: boolean }): JSX.Element {
  if (none)
    return (
      <section class="quiet" aria-labelledby="needs">
        <Icon name="plug" size={32} />
        <div>
          <h2 id="needs">{say('shell.quiet.empty')}</h2>
          <p>{say('shell.quiet.empty.todo')}</p>
        </div>
      </section>
    )
  return (
    <section class="quiet quiet-good" aria-labelledby="needs">
      <Icon name="ready" size={32} />
      <div>
        <h2 id="needs">{say('shell.quiet')}</h2>
        <p>
          {absent.length === 0
            ? say('shell.quiet.text')
            : say('shell.quiet.absent', { devices: absent.map(({ name }) => name).join(', ') })}
        </p>
      </div>
    </section>
  )
}

interface NeedProps {
  tone: Tone
  icon: IconName
  title: string
  text?: string | undefined
  children?: ComponentChildren
}

function Need({ tone, icon, title, text, children }: NeedProps): JSX.Element {
  return (
    <article class={`need tone-${tone}`}>
      <Icon name={icon} size={26} />
      <div class="need-text">
        <h3>{title}</h3>
        {text !== undefined && text !== '' && <p>{text}</p>}
      </div>
      {children !== undefined && <div class="actions">{children}</div>}
    </article>
  )
}

function FaultNeed({ device, fault }: { device: Device; fault: Fault }): JSX.Element {
  return (
    <Need
      tone={fault.blocking ? 'bad' : 'wait'}
      icon="faulty"
      title={say('shell.need.fault', { device: device.name, fault: faultWord(fault.code) })}
      text={faultAdvice(fault)}
    >
      <a
        class="button"
        href={`#/devices/${device.id}`}
        aria-label={say('shell.need.look_at', { name: device.name })}
      >
        {say('shell.need.look')}
      </a>
    </Need>
  )
}

function OriginNeed({ origin, onDone }: { origin: Origin; onDone: () => Promise<void> }): JSX.Element {
  const { clock } = useConsole()
  const { call } = useActions()
  const allow = async () => {
    await call(
      'origin.allow',
      { origin: origin.origin },
      say('shell.need.origin.allowed', { origin: origin.origin }),
    )
    await onDone()
  }
  const drop = async () => {
    await call('origin.remove', { origin: origin.origin })
    await onDone()
  }
  const age = origin.lastSeenAt === null ? '' : ageText(clock.now.value - Date.parse(origin.lastSeenAt))
  return (
    <Need
      tone="wait"
      icon="network"
      title={say('shell.need.origin', { origin: origin.origin })}
      text={say('shell.need.origin.text', { age, address: origin.lastSeenFrom ?? say('common.not_known') })}
    >
      <Button look="main" label={say('shell.need.allow_of', { origin: origin.origin })} onPress={allow}>
        {say('shell.need.allow')}
      </Button>
      <Button label={say('shell.need.ignore_of', { origin: origin.origin })} onPress={drop}>
        {say('shell.need.ignore')}
      </Button>
    </Need>
  )
}

function RestartNeed({ paths }: { paths: readonly string[] }): JSX.Element {
  const { call } = useActions()
  return (
    <Need tone="wait" icon="restart" title={say('shell.need.restart')} text={paths.join(', ')}>
      <a class="button" href="#/config">
        {say('shell.need.look')}
      </a>
      <Button onPress={() => call('hub.restart', {}, say('shell.need.restarting'))}>
        {say('shell.need.restart_now')}
      </Button>
    </Need>
  )
}

/** What is wrong with the certificate, or soon will be. `now` in ms since 1970. */
function certificateTrouble(tls: Result<'tls.info'> | undefined, now: number): string | undefined {
  if (tls === undefined) return undefined
  if (tls.problem !== null) return tls.problem
  if (tls.uncovered.length > 0) return say('shell.need.uncovered', { names: tls.uncovered.join(', ') })
  const end = tls.leaf?.notAfter
  if (end !== undefined && Date.parse(end) - now < certificateMs)
    return say('shell.need.ends', { date: dateText(end) })
  return undefined
}
